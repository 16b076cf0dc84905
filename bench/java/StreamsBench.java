// Word count and count by key on Kafka Streams, with one thread: the peer of bench/streams/app.ts.
// Arguments: program bootstrap guarantee applicationId input output cacheBytes commitIntervalMs stateDirectory

import java.util.Arrays;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.Stores;

public final class StreamsBench {
    private static final Pattern NO_LETTERS = Pattern.compile("[^\\p{L}]+");

    public static void main(String[] words) throws InterruptedException {
        final Properties settings = new Properties();
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, words[1]);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, words[2]);
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, words[3]);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, words[6]);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, words[7]);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, words[8]);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");

        final AtomicBoolean started = new AtomicBoolean();
        final StreamsBuilder builder = new StreamsBuilder();
        final KStream<String, String> input = builder
            .stream(words[4], Consumed.with(Serdes.String(), Serdes.String()))
            .peek((key, value) -> {
                if (!started.get() && started.compareAndSet(false, true)) {
                    System.out.println("started");
                }
            });
        final KGroupedStream<String, String> grouped = words[0].equals("word-count")
            ? input
                .flatMapValues(line -> Arrays.stream(NO_LETTERS.split(line.toLowerCase(Locale.ROOT)))
                    .filter(word -> !word.isEmpty())
                    .toList())
                .groupBy((key, word) -> word, Grouped.with(Serdes.String(), Serdes.String()))
            : input.groupByKey(Grouped.with(Serdes.String(), Serdes.String()));
        grouped
            .count(Materialized
                .<String, Long>as(Stores.inMemoryKeyValueStore("counts"))
                .withKeySerde(Serdes.String())
                .withValueSerde(Serdes.Long()))
            .toStream()
            .to(words[5], Produced.with(Serdes.String(), Serdes.Long()));

        final KafkaStreams streams = new KafkaStreams(builder.build(), settings);
        final CountDownLatch stop = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(stop::countDown));
        streams.start();
        stop.await();
    }
}
