// Operations on grouped, cogrouped and windowed streams and on grouped tables.

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.kafka.streams.kstream.Aggregator;
import org.apache.kafka.streams.kstream.CogroupedKStream;
import org.apache.kafka.streams.kstream.EmitStrategy;
import org.apache.kafka.streams.kstream.Initializer;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KGroupedTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Merger;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Reducer;
import org.apache.kafka.streams.kstream.SessionWindowedCogroupedKStream;
import org.apache.kafka.streams.kstream.SessionWindowedKStream;
import org.apache.kafka.streams.kstream.TimeWindowedCogroupedKStream;
import org.apache.kafka.streams.kstream.TimeWindowedKStream;

@SuppressWarnings({"unchecked", "rawtypes"})
final class DslGroups {
    private final DslTopology topology;
    private final JsonNode op;
    private final Named named;
    private final Materialized materialized;

    DslGroups(DslTopology topology, JsonNode op) {
        this.topology = topology;
        this.op = op;
        this.named = DslTopology.named(op);
        this.materialized = SpecStores.materialized(op);
    }

    Object on(Object of) {
        if (of instanceof KGroupedStream grouped) {
            return onStream(grouped);
        } else if (of instanceof KGroupedTable grouped) {
            return onTable(grouped);
        } else if (of instanceof TimeWindowedKStream windowed) {
            return onTimeWindowed(windowed);
        } else if (of instanceof SessionWindowedKStream windowed) {
            return onSessionWindowed(windowed);
        } else if (of instanceof CogroupedKStream cogrouped) {
            return onCogrouped(cogrouped);
        } else if (of instanceof TimeWindowedCogroupedKStream windowed) {
            return onTimeWindowedCogrouped(windowed);
        }
        return onSessionWindowedCogrouped((SessionWindowedCogroupedKStream) of);
    }

    private IllegalArgumentException unknown() {
        return new IllegalArgumentException("no such operation of groups " + op);
    }

    private Reducer reducer(String field) {
        final SpecFunctions.Of3 binary = SpecFunctions.binary(op.get(field));
        return (aggregate, value) -> binary.of(null, aggregate, value);
    }

    private Aggregator aggregator(String field) {
        final SpecFunctions.Of3 binary = SpecFunctions.binary(op.get(field));
        return (key, value, aggregate) -> binary.of(key, aggregate, value);
    }

    private Initializer initializer() {
        final Object initial = SpecFunctions.initial(op.get("initializer"));
        return () -> initial;
    }

    private Merger merger() {
        return SpecFunctions.binary(op.get("merger"))::of;
    }

    /** Kafka has no overload with a name alone here. */
    private Materialized materializedOrEmpty() {
        return materialized == null ? Materialized.with(null, null) : materialized;
    }

    private Object onStream(KGroupedStream grouped) {
        return switch (op.get("op").asText()) {
            case "windowedBy" -> windowedBy(grouped);
            case "cogroup" -> grouped.cogroup(aggregator("aggregator"));
            case "count" -> materialized == null
                ? named == null ? grouped.count() : grouped.count(named)
                : named == null ? grouped.count(materialized) : grouped.count(named, materialized);
            case "reduce" -> named != null
                ? grouped.reduce(reducer("reducer"), named, materializedOrEmpty())
                : materialized == null
                    ? grouped.reduce(reducer("reducer"))
                    : grouped.reduce(reducer("reducer"), materialized);
            case "aggregate" -> named != null
                ? grouped.aggregate(initializer(), aggregator("aggregator"), named, materializedOrEmpty())
                : materialized == null
                    ? grouped.aggregate(initializer(), aggregator("aggregator"))
                    : grouped.aggregate(initializer(), aggregator("aggregator"), materialized);
            default -> throw unknown();
        };
    }

    private Object windowedBy(KGroupedStream grouped) {
        final JsonNode windows = op.get("windows");
        return switch (windows.get("type").asText()) {
            case "sliding" -> emitting(grouped.windowedBy(SpecWindows.sliding(windows)));
            case "session" -> emitting(grouped.windowedBy(SpecWindows.session(windows)));
            default -> emitting(grouped.windowedBy(SpecWindows.time(windows)));
        };
    }

    private EmitStrategy emit() {
        return op.get("emit").asText().equals("onWindowClose")
            ? EmitStrategy.onWindowClose()
            : EmitStrategy.onWindowUpdate();
    }

    private Object emitting(TimeWindowedKStream windowed) {
        return op.has("emit") ? windowed.emitStrategy(emit()) : windowed;
    }

    private Object emitting(SessionWindowedKStream windowed) {
        return op.has("emit") ? windowed.emitStrategy(emit()) : windowed;
    }

    private Object onTable(KGroupedTable grouped) {
        return switch (op.get("op").asText()) {
            case "count" -> materialized == null
                ? named == null ? grouped.count() : grouped.count(named)
                : named == null ? grouped.count(materialized) : grouped.count(named, materialized);
            case "reduce" -> named != null
                ? grouped.reduce(reducer("adder"), reducer("subtractor"), named, materializedOrEmpty())
                : materialized == null
                    ? grouped.reduce(reducer("adder"), reducer("subtractor"))
                    : grouped.reduce(reducer("adder"), reducer("subtractor"), materialized);
            case "aggregate" -> aggregateTable(grouped);
            default -> throw unknown();
        };
    }

    private Object aggregateTable(KGroupedTable grouped) {
        final Aggregator adder = aggregator("adder");
        final Aggregator subtractor = aggregator("subtractor");
        if (materialized == null) {
            return named == null
                ? grouped.aggregate(initializer(), adder, subtractor)
                : grouped.aggregate(initializer(), adder, subtractor, named);
        }
        return named == null
            ? grouped.aggregate(initializer(), adder, subtractor, materialized)
            : grouped.aggregate(initializer(), adder, subtractor, named, materialized);
    }

    private Object onTimeWindowed(TimeWindowedKStream windowed) {
        return switch (op.get("op").asText()) {
            case "count" -> materialized == null
                ? named == null ? windowed.count() : windowed.count(named)
                : named == null ? windowed.count(materialized) : windowed.count(named, materialized);
            case "reduce" -> materialized == null
                ? named == null ? windowed.reduce(reducer("reducer")) : windowed.reduce(reducer("reducer"), named)
                : named == null
                    ? windowed.reduce(reducer("reducer"), materialized)
                    : windowed.reduce(reducer("reducer"), named, materialized);
            case "aggregate" -> materialized == null
                ? named == null
                    ? windowed.aggregate(initializer(), aggregator("aggregator"))
                    : windowed.aggregate(initializer(), aggregator("aggregator"), named)
                : named == null
                    ? windowed.aggregate(initializer(), aggregator("aggregator"), materialized)
                    : windowed.aggregate(initializer(), aggregator("aggregator"), named, materialized);
            default -> throw unknown();
        };
    }

    private Object onSessionWindowed(SessionWindowedKStream windowed) {
        return switch (op.get("op").asText()) {
            case "count" -> materialized == null
                ? named == null ? windowed.count() : windowed.count(named)
                : named == null ? windowed.count(materialized) : windowed.count(named, materialized);
            case "reduce" -> materialized == null
                ? named == null ? windowed.reduce(reducer("reducer")) : windowed.reduce(reducer("reducer"), named)
                : named == null
                    ? windowed.reduce(reducer("reducer"), materialized)
                    : windowed.reduce(reducer("reducer"), named, materialized);
            case "aggregate" -> materialized == null
                ? named == null
                    ? windowed.aggregate(initializer(), aggregator("aggregator"), merger())
                    : windowed.aggregate(initializer(), aggregator("aggregator"), merger(), named)
                : named == null
                    ? windowed.aggregate(initializer(), aggregator("aggregator"), merger(), materialized)
                    : windowed.aggregate(initializer(), aggregator("aggregator"), merger(), named, materialized);
            default -> throw unknown();
        };
    }

    private Object onCogrouped(CogroupedKStream cogrouped) {
        return switch (op.get("op").asText()) {
            case "cogroup" ->
                cogrouped.cogroup((KGroupedStream) topology.value(op, "with"), aggregator("aggregator"));
            case "windowedBy" -> switch (op.get("windows").get("type").asText()) {
                case "sliding" -> cogrouped.windowedBy(SpecWindows.sliding(op.get("windows")));
                case "session" -> cogrouped.windowedBy(SpecWindows.session(op.get("windows")));
                default -> cogrouped.windowedBy(SpecWindows.time(op.get("windows")));
            };
            case "aggregate" -> materialized == null
                ? named == null ? cogrouped.aggregate(initializer()) : cogrouped.aggregate(initializer(), named)
                : named == null
                    ? cogrouped.aggregate(initializer(), materialized)
                    : cogrouped.aggregate(initializer(), named, materialized);
            default -> throw unknown();
        };
    }

    private Object onTimeWindowedCogrouped(TimeWindowedCogroupedKStream windowed) {
        if (materialized == null) {
            return named == null ? windowed.aggregate(initializer()) : windowed.aggregate(initializer(), named);
        }
        return named == null
            ? windowed.aggregate(initializer(), materialized)
            : windowed.aggregate(initializer(), named, materialized);
    }

    private Object onSessionWindowedCogrouped(SessionWindowedCogroupedKStream windowed) {
        if (materialized == null) {
            return named == null
                ? windowed.aggregate(initializer(), merger())
                : windowed.aggregate(initializer(), merger(), named);
        }
        return named == null
            ? windowed.aggregate(initializer(), merger(), materialized)
            : windowed.aggregate(initializer(), merger(), named, materialized);
    }
}
