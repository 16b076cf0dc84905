// Reads specs of stream vectors, one in each line, and writes them again with what Kafka's own TopologyTestDriver answers:
// the topology's text, the records that each step produced, final stores, dropped records, and where it failed.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.errors.LogAndFailExceptionHandler;
import org.apache.kafka.streams.errors.LogAndFailProcessingExceptionHandler;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;

public final class StreamsOracle {
    /** Fields that are answers. */
    private static final List<String> ANSWERS =
        List.of("describe", "results", "effects", "stores", "metrics", "error");

    private StreamsOracle() {
    }

    public static void main(String[] words) throws IOException {
        final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                final ObjectNode spec = (ObjectNode) SpecSerdes.MAPPER.readTree(line);
                spec.remove(ANSWERS);
                answer(spec);
                out.println(SpecSerdes.MAPPER.writeValueAsString(spec));
            }
        }
    }

    private static void answer(ObjectNode spec) throws IOException {
        final Path stateDirectory = Files.createTempDirectory("oracle");
        try {
            answer(spec, stateDirectory);
        } finally {
            try (Stream<Path> files = Files.walk(stateDirectory)) {
                files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
            }
        }
    }

    private static void answer(ObjectNode spec, Path stateDirectory) {
        final Properties config = config(spec.get("config"), stateDirectory);
        final ArrayNode effects = SpecSerdes.JSON.arrayNode();
        final Topology topology;
        try {
            topology = topology(spec, config, effects);
            spec.put("describe", topology.describe().toString());
        } catch (final RuntimeException error) {
            spec.set("error", error("build", error));
            return;
        }
        if (!spec.path("describeOnly").asBoolean()) {
            run(spec, topology, config, effects);
        }
    }

    private static void run(ObjectNode spec, Topology topology, Properties config, ArrayNode effects) {
        final Instant start = Instant.ofEpochMilli(spec.path("wallClockStartMs").asLong());
        final SpecRun run;
        try {
            run = new SpecRun(spec, new TopologyTestDriver(topology, config, start), effects);
        } catch (final RuntimeException error) {
            spec.set("error", error("run", error));
            return;
        }
        run.run();
    }

    /** Where it failed: "build", "run" (the driver could not be made) or a step; and the exceptions, one in the other. */
    static ObjectNode error(Object at, Throwable error) {
        final ObjectNode node = SpecSerdes.JSON.objectNode();
        return node.putPOJO("at", at).setAll(classes(error));
    }

    private static ObjectNode classes(Throwable error) {
        final ObjectNode node = SpecSerdes.JSON.objectNode()
            .put("class", error.getClass().getName())
            .put("message", error.getMessage());
        if (error.getCause() != null) {
            node.set("cause", classes(error.getCause()));
        }
        return node;
    }

    private static Topology topology(ObjectNode spec, Properties config, ArrayNode effects) {
        final TopologyConfig topologyConfig = new TopologyConfig(new StreamsConfig(config));
        if (spec.path("lowLevel").asBoolean()) {
            final Topology topology = new Topology(topologyConfig);
            spec.get("topology").forEach(op -> NamedTopology.add(topology, op));
            return topology;
        }
        final StreamsBuilder builder = new StreamsBuilder(topologyConfig);
        final DslTopology dsl = new DslTopology(builder, (label, key, value) -> {
            final ObjectNode effect = effects.addObject().put("label", label);
            effect.set("key", SpecSerdes.toJson(key));
            effect.set("value", SpecSerdes.toJson(value));
        });
        spec.get("topology").forEach(dsl::add);
        return builder.build(config);
    }

    private static Properties config(JsonNode given, Path stateDirectory) {
        final Properties config = new Properties();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, "app");
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:1");
        config.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        config.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
        config.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory.toString());
        given.fields().forEachRemaining(field -> config.put(field.getKey(), setting(field.getKey(), field.getValue())));
        return config;
    }

    /** A setting; classes have short names in specs. */
    private static Object setting(String name, JsonNode value) {
        final boolean goesOn = value.asText().equals("continue");
        return switch (name) {
            case StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG ->
                goesOn ? LogAndContinueExceptionHandler.class : LogAndFailExceptionHandler.class;
            case StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG ->
                goesOn ? LogAndContinueProcessingExceptionHandler.class : LogAndFailProcessingExceptionHandler.class;
            case StreamsConfig.DEFAULT_TIMESTAMP_EXTRACTOR_CLASS_CONFIG ->
                DslTopology.timestampExtractor(value.asText()).getClass();
            case StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG -> value.asText().equals("inMemory")
                ? BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers.class
                : BuiltInDslStoreSuppliers.RocksDBDslStoreSuppliers.class;
            default -> value.isBoolean() ? value.asBoolean() : value.isNumber() ? value.asLong() : value.asText();
        };
    }
}
