import java.nio.file.Files;
import java.time.*;
import java.util.*;
import java.util.stream.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.metrics.*;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.state.*;

/**
 * What Kafka Streams tells by metrics: of small topologies in its own test driver, and of an app on a broker.
 *
 * java -cp 'LIB/*' KafkaMetrics.java driver CACHE_BYTES      the lines of driver.tsv, for 0 and 10485760
 * java -cp 'LIB/*' KafkaMetrics.java names HOST:PORT         the lines of names.tsv; the broker has topics in and out
 *
 * LIB has the jars of kafka-streams and kafka-streams-test-utils 4.3.1.
 */
public class KafkaMetrics {
  static Serde<String> S = Serdes.String();
  static Serde<Long> L = Serdes.Long();
  interface Case { void build(StreamsBuilder b); }
  static Map<String, Case> cases = new LinkedHashMap<>();
  static {
    cases.put("count", b -> b.stream("in", Consumed.with(S, S)).filter((k, v) -> !v.equals("x")).groupByKey().count(Materialized.as("counts")).toStream().to("out", Produced.with(S, L)));
    cases.put("countMemory", b -> b.stream("in", Consumed.with(S, S)).groupByKey().count(Materialized.<String, Long>as(Stores.inMemoryKeyValueStore("counts")).withCachingDisabled()).toStream().to("out", Produced.with(S, L)));
    cases.put("lru", b -> b.stream("in", Consumed.with(S, S)).groupByKey().count(Materialized.<String, Long>as(Stores.lruMap("counts", 10)).withCachingDisabled()).toStream().to("out", Produced.with(S, L)));
    cases.put("repartition", b -> b.stream("in", Consumed.with(S, S)).groupBy((k, v) -> v, Grouped.with("by", S, S)).count(Materialized.as("counts")).toStream().to("out", Produced.with(S, L)));
    cases.put("windowed", b -> b.stream("in", Consumed.with(S, S)).groupByKey().windowedBy(TimeWindows.ofSizeWithNoGrace(Duration.ofMillis(10))).count(Materialized.as("counts")).toStream((w, v) -> w.key()).to("out", Produced.with(S, L)));
    cases.put("windowedMemory", b -> b.stream("in", Consumed.with(S, S)).groupByKey().windowedBy(TimeWindows.ofSizeWithNoGrace(Duration.ofMillis(10))).count(Materialized.<String, Long>as(Stores.inMemoryWindowStore("counts", Duration.ofMillis(10), Duration.ofMillis(10), false))).toStream((w, v) -> w.key()).to("out", Produced.with(S, L)));
    cases.put("emitFinal", b -> b.stream("in", Consumed.with(S, S)).groupByKey().windowedBy(TimeWindows.ofSizeWithNoGrace(Duration.ofMillis(10))).emitStrategy(EmitStrategy.onWindowClose()).count(Materialized.as("counts")).toStream((w, v) -> w.key()).to("out", Produced.with(S, L)));
    cases.put("sliding", b -> b.stream("in", Consumed.with(S, S)).groupByKey().windowedBy(SlidingWindows.ofTimeDifferenceWithNoGrace(Duration.ofMillis(10))).count(Materialized.as("counts")).toStream((w, v) -> w.key()).to("out", Produced.with(S, L)));
    cases.put("session", b -> b.stream("in", Consumed.with(S, S)).groupByKey().windowedBy(SessionWindows.ofInactivityGapWithNoGrace(Duration.ofMillis(10))).count(Materialized.as("counts")).toStream((w, v) -> w.key()).to("out", Produced.with(S, L)));
    cases.put("sessionFinal", b -> b.stream("in", Consumed.with(S, S)).groupByKey().windowedBy(SessionWindows.ofInactivityGapWithNoGrace(Duration.ofMillis(10))).emitStrategy(EmitStrategy.onWindowClose()).count(Materialized.as("counts")).toStream((w, v) -> w.key()).to("out", Produced.with(S, L)));
    cases.put("suppress", b -> b.stream("in", Consumed.with(S, S)).groupByKey().windowedBy(TimeWindows.ofSizeWithNoGrace(Duration.ofMillis(10))).count(Materialized.as("counts")).suppress(Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded()).withName("held")).toStream((w, v) -> w.key()).to("out", Produced.with(S, L)));
    cases.put("table", b -> b.table("in", Consumed.with(S, S), Materialized.as("rows")).mapValues(v -> v + "!", Materialized.<String, String, KeyValueStore<Bytes, byte[]>>as("mapped").withKeySerde(S).withValueSerde(S)).toStream().to("out", Produced.with(S, S)));
    cases.put("versioned", b -> b.table("in", Consumed.with(S, S), Materialized.as(Stores.persistentVersionedKeyValueStore("rows", Duration.ofMillis(1000)))).toStream().to("out", Produced.with(S, S)));
    cases.put("join", b -> b.stream("in", Consumed.with(S, S)).leftJoin(b.stream("other", Consumed.with(S, S)), (x, y) -> x + y, JoinWindows.ofTimeDifferenceWithNoGrace(Duration.ofMillis(10)), StreamJoined.with(S, S, S).withName("j").withStoreName("j")).to("out", Produced.with(S, S)));
    cases.put("streamTable", b -> b.stream("in", Consumed.with(S, S)).join(b.table("other", Consumed.with(S, S), Materialized.as("rows")), (x, y) -> x + y).to("out", Produced.with(S, S)));
    cases.put("foreignKey", b -> b.table("in", Consumed.with(S, S), Materialized.as("left")).join(b.table("other", Consumed.with(S, S), Materialized.as("right")), v -> v, (x, y) -> x + y, Materialized.as("joined")).toStream().to("out", Produced.with(S, S)));
    cases.put("global", b -> b.stream("in", Consumed.with(S, S)).join(b.globalTable("other", Consumed.with(S, S), Materialized.as("rows")), (k, v) -> k, (x, y) -> x + y).to("out", Produced.with(S, S)));
    cases.put("branches", b -> { KStream<String, String> s = b.stream("in", Consumed.with(S, S)); s.filter((k, v) -> v.equals("a")).to("out", Produced.with(S, S)); s.foreach((k, v) -> {}); });
  }
  /** Names the tags, without those that are the same everywhere. */
  static String tags(MetricName name, boolean withValues) {
    return new TreeMap<>(name.tags()).entrySet().stream().filter(each -> !withValues || !each.getKey().equals("thread-id"))
      .map(each -> withValues ? each.getKey() + "=" + each.getValue() : each.getKey().replaceFirst("^.*-state-id$", "state-id"))
      .distinct().collect(Collectors.joining(","));
  }
  /** Whether a metric has told something. */
  static boolean isTold(Metric metric) {
    String value = String.valueOf(metric.metricValue());
    return !value.equals("NaN") && !value.equals("0.0") && !value.equals("0");
  }
  /** RocksDB's own, and times that were measured: they differ from run to run. */
  static boolean isLeftOut(MetricName name) {
    return name.name().matches("(block-cache|bytes-(read|written)|cur-size|estimate|mem-?table|num-(deletes|entries|immutable|live)|size-all).*") || name.name().matches(".*(latency|duration|-ratio|write-stall).*") && !name.name().startsWith("hit-ratio")
      && !(name.name().startsWith("record-e2e") && name.group().equals("stream-processor-node-metrics"));
  }
  interface Use { void of(TopologyTestDriver driver); }
  static void run(String label, String level, String cacheBytes, Use use) throws Exception {
    StreamsBuilder builder = new StreamsBuilder();
    cases.get(label).build(builder);
    Properties p = new Properties();
    p.put("application.id", "app"); p.put("bootstrap.servers", "x:1"); p.put("metrics.recording.level", level);
    p.put("default.key.serde", Serdes.StringSerde.class); p.put("default.value.serde", Serdes.StringSerde.class);
    p.put("state.dir", Files.createTempDirectory("kafka-metrics").toString());
    p.put("__emit.interval.ms.kstreams.windowed.aggregation__", 0L);
    p.put("statestore.cache.max.bytes", cacheBytes);
    Topology topology = builder.build();
    try (TopologyTestDriver driver = new TopologyTestDriver(topology, p, Instant.ofEpochMilli(1000))) {
      if (topology.describe().toString().contains("other")) pipe(driver, "other", "a", "z", 95);
      pipe(driver, "in", "a", "a", 100);
      pipe(driver, "in", "b", "b", 103);
      pipe(driver, "in", "a", "x", 104);
      pipe(driver, "in", null, "n", 105);
      driver.advanceWallClockTime(Duration.ofMillis(500));
      pipe(driver, "in", "a", "late", 90);
      pipe(driver, "in", "a", "a", 130);
      pipe(driver, "in", "a", "a", 131);
      use.of(driver);
    }
  }
  static void pipe(TopologyTestDriver driver, String topic, String key, String value, long timestamp) {
    driver.createInputTopic(topic, new StringSerializer(), new StringSerializer()).pipeInput(key, value, timestamp);
  }
  static Stream<Map.Entry<MetricName, Metric>> streams(Map<MetricName, ? extends Metric> metrics) {
    return metrics.entrySet().stream().map(e -> Map.<MetricName, Metric>entry(e.getKey(), e.getValue())).filter(e -> e.getKey().group().startsWith("stream-"));
  }
  /** The coarsest level at which a metric has told something, by group, tags and name. */
  static Map<String, String> names = new TreeMap<>();
  static void note(Map<MetricName, ? extends Metric> metrics, String level) {
    streams(metrics).forEach(each -> {
      MetricName name = each.getKey();
      String line = String.join("\t", name.group(), tags(name, false), name.name());
      names.merge(line, isTold(each.getValue()) ? level : "?", (known, now) -> known.equals("?") ? now : known);
    });
  }
  public static void main(String[] args) throws Exception {
    if (args[0].equals("driver")) {
      for (String label : cases.keySet()) run(label, "TRACE", args[1], driver ->
        streams(driver.metrics()).filter(e -> isTold(e.getValue()) && !isLeftOut(e.getKey())).map(e -> String.join("\t", args[1], label,
          e.getKey().group(), tags(e.getKey(), true), e.getKey().name(), String.valueOf(e.getValue().metricValue()))).sorted().forEach(System.out::println));
      return;
    }
    for (String level : List.of("INFO", "DEBUG", "TRACE")) {
      for (String label : cases.keySet()) run(label, level, "10485760", driver -> note(driver.metrics(), level.toLowerCase()));
      StreamsBuilder builder = new StreamsBuilder();
      cases.get("repartition").build(builder);
      Properties p = new Properties();
      p.put("application.id", "metrics-" + level); p.put("bootstrap.servers", args[1]); p.put("metrics.recording.level", level);
      p.put("state.dir", Files.createTempDirectory("kafka-metrics").toString());
      p.put("commit.interval.ms", "500");
      try (KafkaStreams app = new KafkaStreams(builder.build(), p)) {
        app.start();
        Thread.sleep(10000);
        note(app.metrics(), level.toLowerCase());
      }
    }
    names.forEach((line, level) -> System.out.println(line + "\t" + level));
  }
}
