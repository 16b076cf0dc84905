// A topology through the DSL: one method for each operation that specs have.

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.ForeachAction;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.processor.FailOnInvalidTimestamp;
import org.apache.kafka.streams.processor.LogAndSkipOnInvalidTimestamp;
import org.apache.kafka.streams.processor.TimestampExtractor;
import org.apache.kafka.streams.processor.UsePartitionTimeOnInvalidTimestamp;

@SuppressWarnings({"unchecked", "rawtypes", "deprecation"})
final class DslTopology {
    /** What peek and foreach tell. */
    interface Effects {
        void add(String label, Object key, Object value);
    }

    private final StreamsBuilder builder;
    private final Effects effects;
    private final Map<String, Object> values = new HashMap<>();

    DslTopology(StreamsBuilder builder, Effects effects) {
        this.builder = builder;
        this.effects = effects;
    }

    /** Takes one operation to the builder; its result is known by its id from then on. */
    void add(JsonNode op) {
        final Object result = result(op);
        if (op.has("id")) {
            values.put(op.get("id").asText(), result);
        }
    }

    private Object result(JsonNode op) {
        return switch (op.get("op").asText()) {
            case "stream" -> stream(op);
            case "table" -> table(op);
            case "globalTable" -> globalTable(op);
            case "addStateStore" -> builder.addStateStore(SpecStores.builder(op.get("store")));
            case "addGlobalStore" -> builder.addGlobalStore(SpecStores.builder(op.get("store")), text(op, "topic"),
                consumed(op), SpecProcessors.supplier(op.get("processor")));
            default -> ofKind(op, value(op, "of"));
        };
    }

    private Object ofKind(JsonNode op, Object of) {
        if (of instanceof KStream stream) {
            return new DslStreams(this, op).on(stream);
        } else if (of instanceof KTable table) {
            return new DslTables(this, op).on(table);
        }
        return new DslGroups(this, op).on(of);
    }

    Object value(JsonNode op, String field) {
        final String id = op.get(field).asText();
        if (!values.containsKey(id)) {
            throw new IllegalStateException("no value called " + id);
        }
        return values.get(id);
    }

    void put(String id, Object value) {
        values.put(id, value);
    }

    static String text(JsonNode op, String field) {
        return op.has(field) ? op.get(field).asText() : null;
    }

    static Named named(JsonNode op) {
        return op.has("name") ? Named.as(text(op, "name")) : null;
    }

    static String[] texts(JsonNode list) {
        final List<String> texts = new ArrayList<>();
        if (list != null) {
            list.forEach(each -> texts.add(each.asText()));
        }
        return texts.toArray(String[]::new);
    }

    ForeachAction<Object, Object> effect(JsonNode op) {
        final String label = op.has("label") ? text(op, "label") : text(op, "id");
        return (key, value) -> effects.add(label == null ? "" : label, key, value);
    }

    private static Consumed consumed(JsonNode op) {
        Consumed consumed = Consumed.with(SpecSerdes.serde(op.get("key")), SpecSerdes.serde(op.get("value")));
        if (op.has("timestampExtractor")) {
            consumed = consumed.withTimestampExtractor(timestampExtractor(text(op, "timestampExtractor")));
        }
        if (op.has("offsetReset")) {
            consumed = consumed.withOffsetResetPolicy(offsetReset(text(op, "offsetReset")));
        }
        return op.has("name") ? consumed.withName(text(op, "name")) : consumed;
    }

    private static AutoOffsetReset offsetReset(String name) {
        return switch (name) {
            case "earliest" -> AutoOffsetReset.earliest();
            case "latest" -> AutoOffsetReset.latest();
            default -> AutoOffsetReset.none();
        };
    }

    static TimestampExtractor timestampExtractor(String name) {
        return switch (name) {
            case "failOnInvalid" -> new FailOnInvalidTimestamp();
            case "logAndSkip" -> new LogAndSkipOnInvalidTimestamp();
            case "usePartitionTime" -> new UsePartitionTimeOnInvalidTimestamp();
            case "valueAt" -> new ValueAt();
            default -> throw new IllegalArgumentException("no timestamp extractor " + name);
        };
    }

    private Object stream(JsonNode op) {
        final Consumed consumed = consumed(op);
        if (op.has("pattern")) {
            return builder.stream(Pattern.compile(text(op, "pattern")), consumed);
        }
        return op.has("topics")
            ? builder.stream(List.of(texts(op.get("topics"))), consumed)
            : builder.stream(text(op, "topic"), consumed);
    }

    private Object table(JsonNode op) {
        final Materialized materialized = SpecStores.materialized(op);
        return materialized == null
            ? builder.table(text(op, "topic"), consumed(op))
            : builder.table(text(op, "topic"), consumed(op), materialized);
    }

    private Object globalTable(JsonNode op) {
        final Materialized materialized = SpecStores.materialized(op);
        return materialized == null
            ? builder.globalTable(text(op, "topic"), consumed(op))
            : builder.globalTable(text(op, "topic"), consumed(op), materialized);
    }
}
