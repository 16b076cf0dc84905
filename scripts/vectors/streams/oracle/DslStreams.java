// Operations on streams.

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.Branched;
import org.apache.kafka.streams.kstream.BranchedKStream;
import org.apache.kafka.streams.kstream.GlobalKTable;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.KeyValueMapper;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Predicate;
import org.apache.kafka.streams.kstream.Printed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.ValueJoiner;
import org.apache.kafka.streams.kstream.ValueJoinerWithKey;
import org.apache.kafka.streams.kstream.ValueMapper;
import org.apache.kafka.streams.kstream.ValueMapperWithKey;
import org.apache.kafka.streams.state.WindowBytesStoreSupplier;

@SuppressWarnings({"unchecked", "rawtypes"})
final class DslStreams {
    private final DslTopology topology;
    private final JsonNode op;
    private final Named named;

    DslStreams(DslTopology topology, JsonNode op) {
        this.topology = topology;
        this.op = op;
        this.named = DslTopology.named(op);
    }

    private String text(String field) {
        return DslTopology.text(op, field);
    }

    Object on(KStream stream) {
        return switch (op.get("op").asText()) {
            case "filter" -> {
                final Predicate predicate = SpecFunctions.predicate(op.get("predicate"))::of;
                yield named == null ? stream.filter(predicate) : stream.filter(predicate, named);
            }
            case "filterNot" -> {
                final Predicate predicate = SpecFunctions.predicate(op.get("predicate"))::of;
                yield named == null ? stream.filterNot(predicate) : stream.filterNot(predicate, named);
            }
            case "mapValues" -> mapValues(stream);
            case "map" -> {
                final KeyValueMapper<Object, Object, KeyValue<Object, Object>> pair =
                    SpecFunctions.pair(op.get("fn"))::of;
                yield named == null ? stream.map(pair) : stream.map(pair, named);
            }
            case "flatMap" -> {
                final KeyValueMapper<Object, Object, List<KeyValue<Object, Object>>> pairs =
                    SpecFunctions.pairs(op.get("fn"))::of;
                yield named == null ? stream.flatMap(pairs) : stream.flatMap(pairs, named);
            }
            case "flatMapValues" -> flatMapValues(stream);
            case "selectKey" -> {
                final KeyValueMapper key = SpecFunctions.key(op.get("fn"))::of;
                yield named == null ? stream.selectKey(key) : stream.selectKey(key, named);
            }
            case "peek" -> named == null
                ? stream.peek(topology.effect(op))
                : stream.peek(topology.effect(op), named);
            case "foreach" -> {
                if (named == null) {
                    stream.foreach(topology.effect(op));
                } else {
                    stream.foreach(topology.effect(op), named);
                }
                yield null;
            }
            case "print" -> {
                final Printed printed = Printed.toFile("/dev/null");
                stream.print(named == null ? printed : printed.withName(text("name")));
                yield null;
            }
            case "merge" -> {
                final KStream other = (KStream) topology.value(op, "with");
                yield named == null ? stream.merge(other) : stream.merge(other, named);
            }
            case "split" -> split(stream);
            case "repartition" -> op.has("repartitioned")
                ? stream.repartition(repartitioned(op.get("repartitioned")))
                : stream.repartition();
            case "toTable" -> toTable(stream);
            case "groupByKey" -> op.has("grouped")
                ? stream.groupByKey(grouped(op.get("grouped")))
                : stream.groupByKey();
            case "groupBy" -> {
                final KeyValueMapper key = SpecFunctions.key(op.get("fn"))::of;
                yield op.has("grouped") ? stream.groupBy(key, grouped(op.get("grouped"))) : stream.groupBy(key);
            }
            case "join", "leftJoin", "outerJoin" -> join(stream, topology.value(op, "with"));
            case "process" -> named == null
                ? stream.process(SpecProcessors.supplier(op.get("processor")), stores())
                : stream.process(SpecProcessors.supplier(op.get("processor")), named, stores());
            case "processValues" -> named == null
                ? stream.processValues(SpecProcessors.fixedKeySupplier(op.get("processor")), stores())
                : stream.processValues(SpecProcessors.fixedKeySupplier(op.get("processor")), named, stores());
            case "to" -> to(stream);
            default -> throw new IllegalArgumentException("no operation of streams " + op);
        };
    }

    private String[] stores() {
        return DslTopology.texts(op.get("stores"));
    }

    private Object mapValues(KStream stream) {
        final SpecFunctions.Of2<Object> value = SpecFunctions.value(op.get("fn"));
        if (SpecFunctions.isWithKey(op.get("fn"))) {
            final ValueMapperWithKey mapper = value::of;
            return named == null ? stream.mapValues(mapper) : stream.mapValues(mapper, named);
        }
        final ValueMapper mapper = v -> value.of(null, v);
        return named == null ? stream.mapValues(mapper) : stream.mapValues(mapper, named);
    }

    private Object flatMapValues(KStream stream) {
        final SpecFunctions.Of2<List<Object>> values = SpecFunctions.values(op.get("fn"));
        if (SpecFunctions.isWithKey(op.get("fn"))) {
            final ValueMapperWithKey<Object, Object, List<Object>> mapper = values::of;
            return named == null ? stream.flatMapValues(mapper) : stream.flatMapValues(mapper, named);
        }
        final ValueMapper<Object, List<Object>> mapper = v -> values.of(null, v);
        return named == null ? stream.flatMapValues(mapper) : stream.flatMapValues(mapper, named);
    }

    private Object split(KStream stream) {
        BranchedKStream split = named == null ? stream.split() : stream.split(named);
        for (final JsonNode branch : op.get("branches")) {
            final Predicate predicate = SpecFunctions.predicate(branch.get("predicate"))::of;
            final Branched branched = branched(branch);
            split = branched == null ? split.branch(predicate) : split.branch(predicate, branched);
        }
        final Map<String, KStream> branches = rest(split);
        branches.forEach((name, branch) -> topology.put(text("id") + "." + name, branch));
        return null;
    }

    private Map<String, KStream> rest(BranchedKStream split) {
        if (!op.has("default")) {
            return split.noDefaultBranch();
        }
        final Branched branched = branched(op.get("default"));
        return branched == null ? split.defaultBranch() : split.defaultBranch(branched);
    }

    private static Branched branched(JsonNode branch) {
        final String name = DslTopology.text(branch, "name");
        if (branch.has("apply")) {
            final SpecFunctions.Of2<Object> value = SpecFunctions.value(branch.get("apply"));
            final ValueMapperWithKey mapper = value::of;
            return Branched.withFunction(each -> each.mapValues(mapper), name);
        } else if (branch.has("consumeTo")) {
            return Branched.withConsumer(each -> each.to(branch.get("consumeTo").asText()), name);
        }
        return name == null ? null : Branched.as(name);
    }

    static Grouped grouped(JsonNode given) {
        return Grouped.with(DslTopology.text(given, "name"),
            SpecSerdes.serde(given.get("key")), SpecSerdes.serde(given.get("value")));
    }

    private static Repartitioned repartitioned(JsonNode given) {
        Repartitioned result =
            Repartitioned.with(SpecSerdes.serde(given.get("key")), SpecSerdes.serde(given.get("value")));
        if (given.has("name")) {
            result = result.withName(given.get("name").asText());
        }
        return given.has("partitions") ? result.withNumberOfPartitions(given.get("partitions").asInt()) : result;
    }

    private Object toTable(KStream stream) {
        final Materialized materialized = SpecStores.materialized(op);
        if (materialized == null) {
            return named == null ? stream.toTable() : stream.toTable(named);
        }
        return named == null ? stream.toTable(materialized) : stream.toTable(named, materialized);
    }

    private Object join(KStream stream, Object other) {
        final SpecFunctions.Of3 joiner = SpecFunctions.joiner(op.get("joiner"));
        final ValueJoinerWithKey withKey = joiner::of;
        final ValueJoiner withoutKey = (left, right) -> joiner.of(null, left, right);
        final boolean isWithKey = SpecFunctions.isWithKey(op.get("joiner"));
        if (other instanceof KStream stream2) {
            final JoinWindows windows = SpecWindows.join(op.get("windows"));
            final StreamJoined joined = streamJoined(op.get("streamJoined"));
            return isWithKey
                ? joinStreams(stream, stream2, withKey, windows, joined)
                : joinStreams(stream, stream2, withoutKey, windows, joined);
        } else if (other instanceof GlobalKTable table) {
            final KeyValueMapper key = SpecFunctions.key(op.get("keyMapper"))::of;
            return isWithKey ? joinGlobal(stream, table, key, withKey) : joinGlobal(stream, table, key, withoutKey);
        }
        return isWithKey
            ? joinTable(stream, (KTable) other, withKey)
            : joinTable(stream, (KTable) other, withoutKey);
    }

    private boolean isLeft() {
        return text("op").equals("leftJoin");
    }

    private Object joinStreams(
        KStream one, KStream other, ValueJoiner joiner, JoinWindows windows, StreamJoined joined
    ) {
        return switch (text("op")) {
            case "join" -> joined == null
                ? one.join(other, joiner, windows)
                : one.join(other, joiner, windows, joined);
            case "leftJoin" -> joined == null
                ? one.leftJoin(other, joiner, windows)
                : one.leftJoin(other, joiner, windows, joined);
            default -> joined == null
                ? one.outerJoin(other, joiner, windows)
                : one.outerJoin(other, joiner, windows, joined);
        };
    }

    private Object joinStreams(
        KStream one, KStream other, ValueJoinerWithKey joiner, JoinWindows windows, StreamJoined joined
    ) {
        return switch (text("op")) {
            case "join" -> joined == null
                ? one.join(other, joiner, windows)
                : one.join(other, joiner, windows, joined);
            case "leftJoin" -> joined == null
                ? one.leftJoin(other, joiner, windows)
                : one.leftJoin(other, joiner, windows, joined);
            default -> joined == null
                ? one.outerJoin(other, joiner, windows)
                : one.outerJoin(other, joiner, windows, joined);
        };
    }

    private static StreamJoined streamJoined(JsonNode given) {
        if (given == null) {
            return null;
        }
        StreamJoined joined = StreamJoined.with(SpecSerdes.serde(given.get("key")),
            SpecSerdes.serde(given.get("value")), SpecSerdes.serde(given.get("otherValue")));
        if (given.has("name")) {
            joined = joined.withName(given.get("name").asText());
        }
        if (given.has("storeName")) {
            joined = joined.withStoreName(given.get("storeName").asText());
        }
        if (given.has("storeType")) {
            joined = joined.withDslStoreSuppliers(SpecStores.storeType(given.get("storeType")));
        }
        if (given.has("thisStore")) {
            joined = joined.withThisStoreSupplier(
                (WindowBytesStoreSupplier) SpecStores.supplier(given.get("thisStore")));
        }
        if (given.has("otherStore")) {
            joined = joined.withOtherStoreSupplier(
                (WindowBytesStoreSupplier) SpecStores.supplier(given.get("otherStore")));
        }
        return given.has("logging") && !given.get("logging").asBoolean() ? joined.withLoggingDisabled() : joined;
    }

    private Object joinGlobal(KStream stream, GlobalKTable table, KeyValueMapper key, ValueJoiner joiner) {
        if (isLeft()) {
            return named == null
                ? stream.leftJoin(table, key, joiner)
                : stream.leftJoin(table, key, joiner, named);
        }
        return named == null ? stream.join(table, key, joiner) : stream.join(table, key, joiner, named);
    }

    private Object joinGlobal(KStream stream, GlobalKTable table, KeyValueMapper key, ValueJoinerWithKey joiner) {
        if (isLeft()) {
            return named == null
                ? stream.leftJoin(table, key, joiner)
                : stream.leftJoin(table, key, joiner, named);
        }
        return named == null ? stream.join(table, key, joiner) : stream.join(table, key, joiner, named);
    }

    private Object joinTable(KStream stream, KTable table, ValueJoiner joiner) {
        final Joined joined = joined(op.get("joined"));
        if (isLeft()) {
            return joined == null ? stream.leftJoin(table, joiner) : stream.leftJoin(table, joiner, joined);
        }
        return joined == null ? stream.join(table, joiner) : stream.join(table, joiner, joined);
    }

    private Object joinTable(KStream stream, KTable table, ValueJoinerWithKey joiner) {
        final Joined joined = joined(op.get("joined"));
        if (isLeft()) {
            return joined == null ? stream.leftJoin(table, joiner) : stream.leftJoin(table, joiner, joined);
        }
        return joined == null ? stream.join(table, joiner) : stream.join(table, joiner, joined);
    }

    private static Joined joined(JsonNode given) {
        if (given == null) {
            return null;
        }
        final Joined joined = Joined.with(
            SpecSerdes.serde(given.get("key")),
            SpecSerdes.serde(given.get("value")),
            SpecSerdes.serde(given.get("otherValue")),
            DslTopology.text(given, "name"));
        return given.has("graceMs") ? joined.withGracePeriod(SpecWindows.millis(given, "graceMs")) : joined;
    }

    private Object to(KStream stream) {
        final Produced produced = produced();
        if (op.has("topicFn")) {
            stream.to(SpecFunctions.topic(op.get("topicFn")), produced);
        } else {
            stream.to(text("topic"), produced);
        }
        return null;
    }

    private Produced produced() {
        final Produced produced =
            Produced.with(SpecSerdes.serde(op.get("key")), SpecSerdes.serde(op.get("value")));
        return op.has("name") ? produced.withName(text("name")) : produced;
    }
}
