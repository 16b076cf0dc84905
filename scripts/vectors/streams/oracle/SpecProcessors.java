// The processors that specs name: "twice", or {"proc": "ticker", "everyMs": 10}.

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.ValueTransformerWithKey;
import org.apache.kafka.streams.kstream.ValueTransformerWithKeySupplier;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.Punctuator;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;

@SuppressWarnings({"unchecked", "rawtypes"})
final class SpecProcessors {
    private SpecProcessors() {
    }

    /** A record that is processed, of either kind of processor. */
    private interface Flow {
        Object key();

        Object value();

        long timestamp();

        Headers headers();

        /** Forwards the record as it is. */
        void forward();

        void forwardValue(Object value);

        void forwardTimestamp(long timestamp);

        void forwardHeaders(Headers headers);
    }

    private interface Step {
        void process(Flow record);
    }

    private static String name(JsonNode processor) {
        return processor.isTextual() ? processor.asText() : processor.get("proc").asText();
    }

    private static Set<StoreBuilder<?>> ownStores(JsonNode processor) {
        if (!processor.has("ownStores")) {
            return null;
        }
        final Set<StoreBuilder<?>> stores = new HashSet<>();
        processor.get("ownStores").forEach(store -> stores.add(SpecStores.builder(store)));
        return stores;
    }

    static ProcessorSupplier supplier(JsonNode processor) {
        return new ProcessorSupplier() {
            @Override
            public Processor get() {
                return new Full(processor);
            }

            @Override
            public Set<StoreBuilder<?>> stores() {
                return ownStores(processor);
            }
        };
    }

    static FixedKeyProcessorSupplier fixedKeySupplier(JsonNode processor) {
        return new FixedKeyProcessorSupplier() {
            @Override
            public FixedKeyProcessor get() {
                return new FixedKey(processor);
            }

            @Override
            public Set<StoreBuilder<?>> stores() {
                return ownStores(processor);
            }
        };
    }

    /** What both kinds of processors do. */
    private static Step shared(JsonNode processor, ProcessingContext context) {
        return switch (name(processor)) {
            case "forward" -> Flow::forward;
            case "drop" -> record -> { };
            case "twice" -> record -> {
                record.forward();
                record.forwardValue(SpecFunctions.str(record.value()) + "'");
            };
            case "countPerKey" -> record -> {
                final KeyValueStore store = context.getStateStore(processor.get("store").asText());
                final Long known = (Long) store.get(record.key());
                final long count = known == null ? 1 : known + 1;
                store.put(record.key(), count);
                record.forwardValue(count);
            };
            case "dedup" -> record -> {
                final KeyValueStore store = context.getStateStore(processor.get("store").asText());
                if (!Objects.equals(store.get(record.key()), record.value())) {
                    store.put(record.key(), record.value());
                    record.forward();
                }
            };
            case "shiftTime" -> record ->
                record.forwardTimestamp(Math.max(0, record.timestamp() + processor.get("by").asLong()));
            case "mapValue" -> {
                final SpecFunctions.Of2<Object> value = SpecFunctions.value(processor.get("value"));
                yield record -> record.forwardValue(value.of(record.key(), record.value()));
            }
            case "meta" -> record -> record.forwardValue(meta(context, record.timestamp()));
            case "tagHeaders" -> record -> record.forwardHeaders(new RecordHeaders(record.headers())
                .add("seen", SpecFunctions.str(record.key()).getBytes(StandardCharsets.UTF_8)));
            case "joinStore" -> record -> {
                final KeyValueStore store = context.getStateStore(processor.get("store").asText());
                record.forwardValue(
                    SpecFunctions.str(record.value()) + "+" + StoreScript.show(store.get(record.key())));
            };
            default -> null;
        };
    }

    private static String meta(ProcessingContext context, long timestamp) {
        final String where = context.recordMetadata()
            .map(each -> ((RecordMetadata) each).topic() + "/" + ((RecordMetadata) each).partition() + "/"
                + ((RecordMetadata) each).offset())
            .map(Object::toString)
            .orElse("none");
        return where + "@" + timestamp + " stream=" + context.currentStreamTimeMs()
            + " wall=" + context.currentSystemTimeMs() + " task=" + context.taskId()
            + " app=" + context.applicationId();
    }

    /** A processor that may change keys. */
    private static final class Full implements Processor {
        private final JsonNode processor;
        private ProcessorContext context;
        private Step step;
        private long seen;
        private long fired;

        Full(JsonNode processor) {
            this.processor = processor;
        }

        @Override
        public void init(ProcessorContext given) {
            context = given;
            final Step known = shared(processor, given);
            step = known == null ? own() : known;
        }

        @Override
        public void process(Record record) {
            seen++;
            step.process(new FullFlow(context, record));
        }

        private KeyValueStore store() {
            return (KeyValueStore) context.getStateStore(processor.get("store").asText());
        }

        private Cancellable schedule(Punctuator punctuator) {
            final Duration every = Duration.ofMillis(processor.get("everyMs").asLong());
            final PunctuationType type = processor.path("on").asText().equals("wall")
                ? PunctuationType.WALL_CLOCK_TIME
                : PunctuationType.STREAM_TIME;
            return processor.has("startMs")
                ? context.schedule(Instant.ofEpochMilli(processor.get("startMs").asLong()), every, type, punctuator)
                : context.schedule(every, type, punctuator);
        }

        private void tick(long timestamp) {
            fired++;
            final String value =
                timestamp + " seen=" + seen + " fired=" + fired + " " + meta(context, timestamp);
            context.forward(new Record<>("tick", value, timestamp));
        }

        private Step own() {
            switch (name(processor)) {
                case "buffer" -> {
                    schedule(this::flush);
                    return record -> {
                        final Object old = store().get(record.key());
                        store().put(record.key(), (old == null ? "" : old) + SpecFunctions.str(record.value()));
                    };
                }
                case "ticker" -> {
                    final long last = processor.path("cancelAfter").asLong(-1);
                    final Cancellable[] scheduled = new Cancellable[1];
                    scheduled[0] = schedule(timestamp -> {
                        tick(timestamp);
                        if (fired == last) {
                            scheduled[0].cancel();
                        }
                    });
                    return record -> { };
                }
                case "passTicker" -> {
                    schedule(this::tick);
                    return Flow::forward;
                }
                case "throwOnPunctuate" -> {
                    schedule(timestamp -> {
                        throw new IllegalStateException("boom punctuate");
                    });
                    return Flow::forward;
                }
                default -> {
                    return ofRecords();
                }
            }
        }

        private Step ofRecords() {
            return switch (name(processor)) {
                case "mutateHeaders" -> record -> {
                    record.headers().add("mut", Long.toString(seen).getBytes(StandardCharsets.UTF_8));
                    record.forward();
                };
                case "dropHeaders" -> record -> record.forwardHeaders(new RecordHeaders());
                case "rekey" -> {
                    final SpecFunctions.Of2<Object> key = SpecFunctions.key(processor.get("key"));
                    yield record -> context.forward(new Record<>(
                        key.of(record.key(), record.value()), record.value(), record.timestamp(), record.headers()));
                }
                case "toChild" -> this::toChild;
                case "storeUpdate" -> record -> update(record, record.value());
                case "storeUpdateUpper" -> record ->
                    update(record, record.value() == null ? null : ((String) record.value()).toUpperCase());
                case "throwIf" -> record -> {
                    SpecFunctions.throwIfEqual(processor, record.value());
                    record.forward();
                };
                case "commit" -> record -> {
                    context.commit();
                    record.forward();
                };
                case "script" -> record -> record.forwardValue(StoreScript.run(
                    context.getStateStore(processor.get("store").asText()),
                    record.key(), (String) record.value(), record.timestamp(), record.headers()));
                default -> throw new IllegalArgumentException("no processor " + processor);
            };
        }

        private void flush(long timestamp) {
            try (KeyValueIterator entries = store().all()) {
                while (entries.hasNext()) {
                    final KeyValue entry = (KeyValue) entries.next();
                    context.forward(new Record<>(entry.key, entry.value, timestamp));
                    store().delete(entry.key);
                }
            }
        }

        private void update(Flow record, Object value) {
            final KeyValueStore store = store();
            store.put(record.key(), StoreScript.stamped(store, value, record.timestamp(), record.headers()));
        }

        private void toChild(Flow record) {
            for (final JsonNode child : processor.get("children")) {
                if (SpecFunctions.str(record.value()).startsWith(child.get("prefix").asText())) {
                    context.forward(((FullFlow) record).record, child.get("child").asText());
                    return;
                }
            }
            if (!processor.path("elseDrop").asBoolean()) {
                record.forward();
            }
        }
    }

    private record FullFlow(ProcessorContext context, Record record) implements Flow {
        @Override
        public Object key() {
            return record.key();
        }

        @Override
        public Object value() {
            return record.value();
        }

        @Override
        public long timestamp() {
            return record.timestamp();
        }

        @Override
        public Headers headers() {
            return record.headers();
        }

        @Override
        public void forward() {
            context.forward(record);
        }

        @Override
        public void forwardValue(Object value) {
            context.forward(record.withValue(value));
        }

        @Override
        public void forwardTimestamp(long timestamp) {
            context.forward(record.withTimestamp(timestamp));
        }

        @Override
        public void forwardHeaders(Headers headers) {
            context.forward(record.withHeaders(headers));
        }
    }

    /** A processor whose keys stay. */
    private static final class FixedKey implements FixedKeyProcessor {
        private final JsonNode processor;
        private FixedKeyProcessorContext context;
        private Step step;

        FixedKey(JsonNode processor) {
            this.processor = processor;
        }

        @Override
        public void init(FixedKeyProcessorContext given) {
            context = given;
            step = Objects.requireNonNull(shared(processor, given), () -> "no fixed key processor " + processor);
        }

        @Override
        public void process(FixedKeyRecord record) {
            step.process(new FixedKeyFlow(context, record));
        }
    }

    private record FixedKeyFlow(FixedKeyProcessorContext context, FixedKeyRecord record) implements Flow {
        @Override
        public Object key() {
            return record.key();
        }

        @Override
        public Object value() {
            return record.value();
        }

        @Override
        public long timestamp() {
            return record.timestamp();
        }

        @Override
        public Headers headers() {
            return record.headers();
        }

        @Override
        public void forward() {
            context.forward(record);
        }

        @Override
        public void forwardValue(Object value) {
            context.forward(record.withValue(value));
        }

        @Override
        public void forwardTimestamp(long timestamp) {
            context.forward(record.withTimestamp(timestamp));
        }

        @Override
        public void forwardHeaders(Headers headers) {
            context.forward(record.withHeaders(headers));
        }
    }

    /** The supplier of a transformer of a table's values. */
    static ValueTransformerWithKeySupplier transformer(JsonNode processor) {
        return new ValueTransformerWithKeySupplier() {
            @Override
            public ValueTransformerWithKey get() {
                return new Transformer(processor);
            }

            @Override
            public Set<StoreBuilder<?>> stores() {
                return ownStores(processor);
            }
        };
    }

    private static final class Transformer implements ValueTransformerWithKey {
        private final JsonNode processor;
        private org.apache.kafka.streams.processor.ProcessorContext context;

        Transformer(JsonNode processor) {
            this.processor = processor;
        }

        @Override
        public void init(org.apache.kafka.streams.processor.ProcessorContext given) {
            context = given;
        }

        @Override
        public Object transform(Object key, Object value) {
            if (name(processor).equals("mapValue")) {
                return SpecFunctions.value(processor.get("value")).of(key, value);
            }
            final KeyValueStore store = context.getStateStore(processor.get("store").asText());
            final Long known = (Long) store.get(key);
            final long count = known == null ? 1 : known + 1;
            store.put(key, count);
            return value == null ? null : SpecFunctions.str(value) + "#" + count;
        }

        @Override
        public void close() {
        }
    }
}
