// Feeds a spec's steps to a driver and notes what comes of them.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.TopologyTestDriver;

@SuppressWarnings({"unchecked", "rawtypes"})
final class SpecRun {
    private static final String STACKTRACE = "__streams.errors.stacktrace";
    private static final Pattern OF_JOIN = Pattern.compile(
        ".*(THIS|OTHER)-\\d+-store|.*-(this|other)-join-store|.*(SUBSCRIPTION-STATE-STORE-\\d+|-subscription-store)");
    private static final Pattern DECLARED = Pattern.compile("WithHeaders\"");
    /** Some topologies double what they read again and again: who makes them need not have their answers. */
    private static final long MUCH = 20_000_000;
    private static final Field OUTPUTS = field("outputRecordsByTopic");
    private static final Field PRODUCER = field("producer");
    private static final Method PIPE = pipe();

    private final ObjectNode spec;
    private final TopologyTestDriver driver;
    /** What peek and foreach have told since the step began. */
    private final ArrayNode effects;
    private final List<ProducerRecord<byte[], byte[]>> produced = new ArrayList<>();
    /** How many bytes the records so far have. */
    private long produces = 0;

    SpecRun(ObjectNode spec, TopologyTestDriver driver, ArrayNode effects) {
        this.spec = spec;
        this.driver = driver;
        this.effects = effects;
        listen();
    }

    void run() {
        final ArrayNode results = spec.putArray("results");
        final ArrayNode allEffects = SpecSerdes.JSON.arrayNode();
        boolean hasEffects = false;
        RuntimeException failure = null;
        for (int at = 0; at < spec.get("steps").size() && failure == null; at++) {
            effects.removeAll();
            try {
                take(spec.get("steps").get(at));
            } catch (final RuntimeException error) {
                failure = error;
                produced.addAll(history());
                spec.set("error", StreamsOracle.error(at, error));
            }
            results.add(records());
            allEffects.add(effects.deepCopy());
            hasEffects |= !effects.isEmpty();
            if (produces > MUCH) {
                spec.put("isTooMuch", true);
                break;
            }
        }
        if (hasEffects) {
            spec.set("effects", allEffects);
        }
        if (failure == null) {
            readStores();
        }
        try {
            driver.close();
        } catch (final RuntimeException ignored) {
            // a task that has failed may fail once more at what it still holds
        }
    }

    private void take(JsonNode step) {
        if (step.has("in")) {
            pipe(step.get("in"));
        } else {
            driver.advanceWallClockTime(Duration.ofMillis(step.get("advanceWallClockMs").asLong()));
        }
    }

    private void pipe(JsonNode in) {
        final String topic = in.get("topic").asText();
        final JsonNode serdes = spec.get("serdes").path(topic);
        final byte[] key = bytes(topic, serdes.path("key").asText("string"), in.get("key"), in.get("keyHex"));
        final byte[] value = bytes(topic, serdes.path("value").asText("string"), in.get("value"), in.get("valueHex"));
        try {
            PIPE.invoke(driver, topic, in.get("timestamp").asLong(), key, value, SpecSerdes.headersOf(in.get("headers")));
        } catch (final InvocationTargetException error) {
            throw (RuntimeException) error.getCause();
        } catch (final IllegalAccessException error) {
            throw new IllegalStateException(error);
        }
    }

    private static byte[] bytes(String topic, String serde, JsonNode json, JsonNode hex) {
        return hex != null
            ? SpecSerdes.bytes(hex.asText())
            : SpecSerdes.serde(serde).serializer().serialize(topic, SpecSerdes.fromJson(serde, json));
    }

    private static Field field(String name) {
        try {
            final Field field = TopologyTestDriver.class.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (final ReflectiveOperationException error) {
            throw new IllegalStateException(error);
        }
    }

    /** Takes negative timestamps, which input topics refuse. */
    private static Method pipe() {
        try {
            final Method pipe = TopologyTestDriver.class.getDeclaredMethod(
                "pipeRecord", String.class, long.class, byte[].class, byte[].class, Headers.class);
            pipe.setAccessible(true);
            return pipe;
        } catch (final ReflectiveOperationException error) {
            throw new IllegalStateException(error);
        }
    }

    /** The driver keeps records topic by topic: the order over all topics is noted as they come. */
    private void listen() {
        final Queue<ProducerRecord<byte[], byte[]>> inOrder = new LinkedList<>() {
            @Override
            public boolean add(ProducerRecord<byte[], byte[]> record) {
                return produced.add(record);
            }
        };
        try {
            OUTPUTS.set(driver, new HashMap<String, Queue<ProducerRecord<byte[], byte[]>>>() {
                @Override
                public Queue<ProducerRecord<byte[], byte[]>> computeIfAbsent(
                    String topic, Function<? super String, ? extends Queue<ProducerRecord<byte[], byte[]>>> make
                ) {
                    return inOrder;
                }
            });
        } catch (final IllegalAccessException error) {
            throw new IllegalStateException(error);
        }
    }

    /** What was sent and not yet taken up by the driver. */
    private List<ProducerRecord<byte[], byte[]>> history() {
        try {
            return ((MockProducer<byte[], byte[]>) PRODUCER.get(driver)).history();
        } catch (final IllegalAccessException error) {
            throw new IllegalStateException(error);
        }
    }

    private ArrayNode records() {
        final ArrayNode records = SpecSerdes.JSON.arrayNode();
        for (final ProducerRecord<byte[], byte[]> record : produced) {
            records.add(recordJson(record));
            produces += 100 + (record.value() == null ? 0 : record.value().length);
        }
        produced.clear();
        return records;
    }

    private ObjectNode recordJson(ProducerRecord<byte[], byte[]> record) {
        final ObjectNode node = SpecSerdes.JSON.objectNode().put("topic", record.topic());
        if (record.topic().startsWith("app-")) {
            node.put("internal", true)
                .put("keyHex", SpecSerdes.hex(record.key()))
                .put("valueHex", SpecSerdes.hex(record.value()));
        } else {
            putKeyAndValue(node, record);
        }
        node.put("timestamp", record.timestamp());
        if (record.partition() != null) {
            node.put("partition", record.partition());
        }
        final ArrayNode headers = SpecSerdes.headersJson(record.headers());
        for (final JsonNode header : headers) {
            if (header.get(0).asText().equals(STACKTRACE)) {
                ((ArrayNode) header).set(1, SpecSerdes.JSON.textNode("<stacktrace>"));
            }
        }
        if (!headers.isEmpty()) {
            node.set("headers", headers);
        }
        return node;
    }

    private void putKeyAndValue(ObjectNode node, ProducerRecord<byte[], byte[]> record) {
        final boolean isDeadLetter =
            record.topic().equals(spec.get("config").path("errors.dead.letter.queue.topic.name").asText(null));
        final String otherwise = isDeadLetter ? "bytearray" : "string";
        final JsonNode serdes = spec.get("serdes").path(record.topic());
        final String key = serdes.path("key").asText(otherwise);
        node.set("key", read(record.topic(), key, record.key()));
        if (SpecSerdes.isWindowed(key)) {
            node.put("keyHex", SpecSerdes.hex(record.key()));
        }
        node.set("value", read(record.topic(), serdes.path("value").asText(otherwise), record.value()));
    }

    private static JsonNode read(String topic, String serde, byte[] bytes) {
        return SpecSerdes.toJson(SpecSerdes.serde(serde).deserializer().deserialize(topic, bytes));
    }

    private void readStores() {
        final List<String> keys = new ArrayList<>();
        for (final JsonNode step : spec.get("steps")) {
            if (step.path("in").path("key").isTextual()) {
                keys.add(step.get("in").get("key").asText());
            }
        }
        final ObjectNode stores = spec.putObject("stores");
        new TreeMap<>(driver.getAllStateStores()).forEach((name, store) -> {
            if (store != null) {
                stores.set(name, StoreReadings.read(store, hasHeaders(name), keys));
            }
        });
        spec.putObject("metrics").put("dropped-records-total", dropped());
    }

    private long dropped() {
        long dropped = 0;
        for (final Map.Entry<MetricName, ? extends Metric> metric : driver.metrics().entrySet()) {
            if (metric.getKey().name().equals("dropped-records-total")) {
                dropped += ((Number) metric.getValue().metricValue()).longValue();
            }
        }
        return dropped;
    }

    /** Whether headers were asked for: for this store, or for all but those of joins. */
    private boolean hasHeaders(String name) {
        final boolean isFormat = spec.get("config").path("dsl.store.format").asText().equals("HEADERS");
        return isFormat && !isOfJoin(name) || DECLARED.matcher(spec.get("topology").toString()).find();
    }

    private boolean isOfJoin(String name) {
        for (final JsonNode op : spec.get("topology")) {
            final JsonNode joined = op.path("streamJoined");
            if (joined.path("thisStore").path("name").asText().equals(name)
                || joined.path("otherStore").path("name").asText().equals(name)) {
                return true;
            }
        }
        return OF_JOIN.matcher(name).matches();
    }
}
