// A topology of named nodes: the Processor API.

import com.fasterxml.jackson.databind.JsonNode;
import java.util.regex.Pattern;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.TimestampExtractor;

@SuppressWarnings({"unchecked", "rawtypes"})
final class NamedTopology {
    private NamedTopology() {
    }

    private static Deserializer deserializer(JsonNode op, String field) {
        final Serde serde = SpecSerdes.serde(op.get(field));
        return serde == null ? null : serde.deserializer();
    }

    private static Serializer serializer(JsonNode op, String field) {
        final Serde serde = SpecSerdes.serde(op.get(field));
        return serde == null ? null : serde.serializer();
    }

    /** Takes one operation to the topology. */
    static void add(Topology topology, JsonNode op) {
        final String name = DslTopology.text(op, "name");
        final String[] parents = DslTopology.texts(op.get("parents"));
        switch (op.get("op").asText()) {
            case "addSource" -> addSource(topology, op);
            case "addProcessor" ->
                topology.addProcessor(name, SpecProcessors.supplier(op.get("processor")), parents);
            case "addStateStore" -> topology.addStateStore(
                SpecStores.builder(op.get("store")), DslTopology.texts(op.get("processors")));
            case "connect" -> topology.connectProcessorAndStateStores(
                op.get("processor").asText(), DslTopology.texts(op.get("stores")));
            case "addSink" -> {
                if (op.has("topicFn")) {
                    topology.addSink(name, SpecFunctions.topic(op.get("topicFn")),
                        serializer(op, "key"), serializer(op, "value"), parents);
                } else {
                    topology.addSink(name, op.get("topic").asText(),
                        serializer(op, "key"), serializer(op, "value"), parents);
                }
            }
            case "addGlobalStore" -> topology.addGlobalStore(SpecStores.builder(op.get("store")),
                op.get("sourceName").asText(), deserializer(op, "key"), deserializer(op, "value"),
                op.get("topic").asText(), op.get("processorName").asText(),
                SpecProcessors.supplier(op.get("processor")));
            case "addReadOnlyStateStore" -> topology.addReadOnlyStateStore(SpecStores.builder(op.get("store")),
                op.get("sourceName").asText(), deserializer(op, "key"), deserializer(op, "value"),
                op.get("topic").asText(), op.get("processorName").asText(),
                SpecProcessors.supplier(op.get("processor")));
            default -> throw new IllegalArgumentException("no operation of the Processor API " + op);
        }
    }

    private static void addSource(Topology topology, JsonNode op) {
        final String name = op.get("name").asText();
        final TimestampExtractor extractor = op.has("timestampExtractor")
            ? DslTopology.timestampExtractor(op.get("timestampExtractor").asText())
            : null;
        final Deserializer key = deserializer(op, "key");
        final Deserializer value = deserializer(op, "value");
        if (op.has("pattern")) {
            topology.addSource((AutoOffsetReset) null, name, extractor, key, value,
                Pattern.compile(op.get("pattern").asText()));
        } else {
            topology.addSource((AutoOffsetReset) null, name, extractor, key, value,
                DslTopology.texts(op.get("topics")));
        }
    }
}
