// Operations on tables.

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.KeyValueMapper;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Predicate;
import org.apache.kafka.streams.kstream.TableJoined;
import org.apache.kafka.streams.kstream.ValueJoiner;
import org.apache.kafka.streams.kstream.ValueMapper;
import org.apache.kafka.streams.kstream.ValueMapperWithKey;
import org.apache.kafka.streams.kstream.ValueTransformerWithKeySupplier;

@SuppressWarnings({"unchecked", "rawtypes"})
final class DslTables {
    private final DslTopology topology;
    private final JsonNode op;
    private final Named named;
    private final Materialized materialized;

    DslTables(DslTopology topology, JsonNode op) {
        this.topology = topology;
        this.op = op;
        this.named = DslTopology.named(op);
        this.materialized = SpecStores.materialized(op);
    }

    Object on(KTable table) {
        return switch (op.get("op").asText()) {
            case "filter" -> filter(table);
            case "filterNot" -> filterNot(table);
            case "mapValues" -> mapValues(table);
            case "groupBy" -> {
                final KeyValueMapper<Object, Object, KeyValue<Object, Object>> pair =
                    SpecFunctions.pair(op.get("fn"))::of;
                yield op.has("grouped")
                    ? table.groupBy(pair, DslStreams.grouped(op.get("grouped")))
                    : table.groupBy(pair);
            }
            case "join", "leftJoin", "outerJoin" -> join(table, (KTable) topology.value(op, "with"));
            case "toStream" -> toStream(table);
            case "suppress" -> table.suppress(SpecWindows.suppressed(op));
            case "transformValues" -> transformValues(table);
            default -> throw new IllegalArgumentException("no operation of tables " + op);
        };
    }

    private Object filter(KTable table) {
        final Predicate predicate = SpecFunctions.predicate(op.get("predicate"))::of;
        if (materialized == null) {
            return named == null ? table.filter(predicate) : table.filter(predicate, named);
        }
        return named == null ? table.filter(predicate, materialized) : table.filter(predicate, named, materialized);
    }

    private Object filterNot(KTable table) {
        final Predicate predicate = SpecFunctions.predicate(op.get("predicate"))::of;
        if (materialized == null) {
            return named == null ? table.filterNot(predicate) : table.filterNot(predicate, named);
        }
        return named == null
            ? table.filterNot(predicate, materialized)
            : table.filterNot(predicate, named, materialized);
    }

    private Object mapValues(KTable table) {
        final SpecFunctions.Of2<Object> value = SpecFunctions.value(op.get("fn"));
        if (SpecFunctions.isWithKey(op.get("fn"))) {
            final ValueMapperWithKey mapper = value::of;
            if (materialized == null) {
                return named == null ? table.mapValues(mapper) : table.mapValues(mapper, named);
            }
            return named == null
                ? table.mapValues(mapper, materialized)
                : table.mapValues(mapper, named, materialized);
        }
        final ValueMapper mapper = v -> value.of(null, v);
        if (materialized == null) {
            return named == null ? table.mapValues(mapper) : table.mapValues(mapper, named);
        }
        return named == null ? table.mapValues(mapper, materialized) : table.mapValues(mapper, named, materialized);
    }

    private Object toStream(KTable table) {
        if (!op.has("key")) {
            return named == null ? table.toStream() : table.toStream(named);
        }
        final KeyValueMapper key = SpecFunctions.key(op.get("key"))::of;
        return named == null ? table.toStream(key) : table.toStream(key, named);
    }

    private Object transformValues(KTable table) {
        final ValueTransformerWithKeySupplier supplier = SpecProcessors.transformer(op.get("processor"));
        final String[] stores = DslTopology.texts(op.get("stores"));
        if (materialized == null) {
            return named == null
                ? table.transformValues(supplier, stores)
                : table.transformValues(supplier, named, stores);
        }
        return named == null
            ? table.transformValues(supplier, materialized, stores)
            : table.transformValues(supplier, materialized, named, stores);
    }

    private Object join(KTable table, KTable other) {
        final SpecFunctions.Of3 given = SpecFunctions.joiner(op.get("joiner"));
        final ValueJoiner joiner = (left, right) -> given.of(null, left, right);
        if (!op.has("foreignKey")) {
            return joinByKey(table, other, joiner);
        }
        final SpecFunctions.Of2<Object> foreignKey = SpecFunctions.foreignKey(op.get("foreignKey"));
        final TableJoined joined = op.has("tableJoined") ? tableJoined(op.get("tableJoined")) : null;
        if (SpecFunctions.isWithKey(op.get("foreignKey"))) {
            final BiFunction extractor = foreignKey::of;
            return joinByForeignKey(table, other, extractor, joiner, joined);
        }
        final Function extractor = v -> foreignKey.of(null, v);
        return joinByForeignKey(table, other, extractor, joiner, joined);
    }

    private static TableJoined tableJoined(JsonNode given) {
        return given.has("name") ? TableJoined.as(given.get("name").asText()) : TableJoined.with(null, null);
    }

    private Object joinByKey(KTable table, KTable other, ValueJoiner joiner) {
        return switch (op.get("op").asText()) {
            case "join" -> materialized == null
                ? named == null ? table.join(other, joiner) : table.join(other, joiner, named)
                : named == null
                    ? table.join(other, joiner, materialized)
                    : table.join(other, joiner, named, materialized);
            case "leftJoin" -> materialized == null
                ? named == null ? table.leftJoin(other, joiner) : table.leftJoin(other, joiner, named)
                : named == null
                    ? table.leftJoin(other, joiner, materialized)
                    : table.leftJoin(other, joiner, named, materialized);
            default -> materialized == null
                ? named == null ? table.outerJoin(other, joiner) : table.outerJoin(other, joiner, named)
                : named == null
                    ? table.outerJoin(other, joiner, materialized)
                    : table.outerJoin(other, joiner, named, materialized);
        };
    }

    private Object joinByForeignKey(
        KTable table, KTable other, Function extractor, ValueJoiner joiner, TableJoined joined
    ) {
        if (op.get("op").asText().equals("join")) {
            return materialized == null
                ? joined == null
                    ? table.join(other, extractor, joiner)
                    : table.join(other, extractor, joiner, joined)
                : joined == null
                    ? table.join(other, extractor, joiner, materialized)
                    : table.join(other, extractor, joiner, joined, materialized);
        }
        return materialized == null
            ? joined == null
                ? table.leftJoin(other, extractor, joiner)
                : table.leftJoin(other, extractor, joiner, joined)
            : joined == null
                ? table.leftJoin(other, extractor, joiner, materialized)
                : table.leftJoin(other, extractor, joiner, joined, materialized);
    }

    private Object joinByForeignKey(
        KTable table, KTable other, BiFunction extractor, ValueJoiner joiner, TableJoined joined
    ) {
        if (op.get("op").asText().equals("join")) {
            return materialized == null
                ? joined == null
                    ? table.join(other, extractor, joiner)
                    : table.join(other, extractor, joiner, joined)
                : joined == null
                    ? table.join(other, extractor, joiner, materialized)
                    : table.join(other, extractor, joiner, joined, materialized);
        }
        return materialized == null
            ? joined == null
                ? table.leftJoin(other, extractor, joiner)
                : table.leftJoin(other, extractor, joiner, joined)
            : joined == null
                ? table.leftJoin(other, extractor, joiner, materialized)
                : table.leftJoin(other, extractor, joiner, joined, materialized);
    }
}
