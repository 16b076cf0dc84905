// The programs of `bench streams` on Kafka Streams, with one thread: the peer of bench/streams/app.ts.
// Arguments: program bootstrap guarantee applicationId inputs output cacheBytes commitIntervalMs stateDirectory

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

public final class StreamsBench {
    private static final Pattern NO_LETTERS = Pattern.compile("[^\\p{L}]+");
    private static final Serde<String> TEXT = Serdes.String();
    private static final Serde<Long> COUNT = Serdes.Long();
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration DAY = Duration.ofDays(1);

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

        final StreamsBuilder builder = new StreamsBuilder();
        build(builder, words[0], words[4].split(","), words[5]);
        final KafkaStreams streams = new KafkaStreams(builder.build(), settings);
        final CountDownLatch stop = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(stop::countDown));
        streams.start();
        stop.await();
    }

    private static void build(StreamsBuilder builder, String program, String[] inputs, String output) {
        final AtomicBoolean started = new AtomicBoolean();
        final KStream<String, String> input = builder
            .stream(inputs[0], Consumed.with(TEXT, TEXT))
            .peek((key, value) -> {
                if (!started.get() && started.compareAndSet(false, true)) {
                    System.out.println("started");
                }
            });
        final Produced<String, String> texts = Produced.with(TEXT, TEXT);
        final Produced<String, Long> counts = Produced.with(TEXT, COUNT);
        switch (program) {
            case "map" -> input
                .mapValues(value -> value.toUpperCase(Locale.ROOT))
                .filter((key, value) -> !value.isEmpty())
                .to(output, texts);
            case "word-count" -> count(input
                .flatMapValues(line -> Arrays.stream(NO_LETTERS.split(line.toLowerCase(Locale.ROOT)))
                    .filter(word -> !word.isEmpty())
                    .toList())
                .groupBy((key, word) -> word, Grouped.with(TEXT, TEXT)), false)
                .toStream()
                .to(output, counts);
            case "windowed-count" -> input
                .groupByKey(Grouped.with(TEXT, TEXT))
                .windowedBy(TimeWindows.ofSizeAndGrace(MINUTE, DAY))
                .count(Materialized
                    .<String, Long>as(Stores.inMemoryWindowStore("counts", MINUTE.plus(DAY), MINUTE, false))
                    .withKeySerde(TEXT)
                    .withValueSerde(COUNT))
                .toStream()
                .map((window, count) -> KeyValue.pair(window.key() + "@" + window.window().start(), count))
                .to(output, counts);
            case "stream-join", "stream-join-on-disk" -> input
                .join(
                    builder.stream(inputs[1], Consumed.with(TEXT, TEXT)),
                    (left, right) -> left + "+" + right,
                    JoinWindows.ofTimeDifferenceWithNoGrace(SECOND),
                    StreamJoined.with(TEXT, TEXT, TEXT).withDslStoreSuppliers(program.endsWith("on-disk")
                        ? BuiltInDslStoreSuppliers.ROCKS_DB
                        : BuiltInDslStoreSuppliers.IN_MEMORY))
                .to(output, texts);
            case "table-join" -> {
                final KTable<String, String> left = input.toTable(inMemory("left"));
                final KTable<String, String> right =
                    builder.table(inputs[1], Consumed.with(TEXT, TEXT), inMemory("right"));
                left.join(right, (one, other) -> one + "+" + other).toStream().to(output, texts);
            }
            default -> count(input.groupByKey(Grouped.with(TEXT, TEXT)), program.equals("count-by-key-on-disk"))
                .toStream()
                .to(output, counts);
        }
    }

    private static KTable<String, Long> count(KGroupedStream<String, String> grouped, boolean isOnDisk) {
        return grouped.count(Materialized
            .<String, Long>as(isOnDisk
                ? Stores.persistentTimestampedKeyValueStore("counts")
                : Stores.inMemoryKeyValueStore("counts"))
            .withKeySerde(TEXT)
            .withValueSerde(COUNT));
    }

    private static Materialized<String, String, KeyValueStore<Bytes, byte[]>> inMemory(String name) {
        return Materialized.<String, String>as(Stores.inMemoryKeyValueStore(name))
            .withKeySerde(TEXT)
            .withValueSerde(TEXT);
    }
}
