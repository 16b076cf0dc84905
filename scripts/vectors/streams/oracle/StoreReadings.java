// What stores hold in the end, as specs write it.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.foreignkeyjoin.SubscriptionWrapper;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.query.MultiVersionedKeyQuery;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.state.AggregationWithHeaders;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.SessionStoreWithHeaders;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.apache.kafka.streams.state.TimestampedKeyValueStoreWithHeaders;
import org.apache.kafka.streams.state.TimestampedWindowStore;
import org.apache.kafka.streams.state.TimestampedWindowStoreWithHeaders;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.apache.kafka.streams.state.ValueTimestampHeaders;
import org.apache.kafka.streams.state.VersionedKeyValueStore;
import org.apache.kafka.streams.state.VersionedRecord;
import org.apache.kafka.streams.state.VersionedRecordIterator;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.internals.LeftOrRightValue;
import org.apache.kafka.streams.state.internals.TimeOrderedKeyValueBuffer;
import org.apache.kafka.streams.state.internals.TimestampedKeyAndJoinSide;

@SuppressWarnings({"unchecked", "rawtypes"})
final class StoreReadings {
    private StoreReadings() {
    }

    /**
     * The store's kind and entries; versioned stores are asked for the keys that were input. The stores of joins are
     * always ones with headers to Kafka, whatever is asked for: {@code hasHeaders} says whether it was.
     */
    static ObjectNode read(StateStore store, boolean hasHeaders, Iterable<String> inputKeys) {
        final ObjectNode node = of(store, inputKeys);
        return hasHeaders ? node : withoutHeaders(node);
    }

    private static ObjectNode withoutHeaders(ObjectNode node) {
        final String kind = node.get("kind").asText();
        if (!kind.endsWith("WithHeaders")) {
            return node;
        }
        final boolean isWindow = kind.startsWith("timestampedWindow");
        node.put("kind", isWindow ? "window" : kind.substring(0, kind.length() - "WithHeaders".length()));
        for (final JsonNode entry : node.path("entries")) {
            ((ObjectNode) entry).remove("headers");
            if (isWindow) {
                ((ObjectNode) entry).remove("timestamp");
            }
        }
        return node;
    }

    private static ObjectNode of(StateStore store, Iterable<String> inputKeys) {
        final ObjectNode node = SpecSerdes.JSON.objectNode().put("kind", kind(store));
        if (store instanceof TimeOrderedKeyValueBuffer buffer) {
            return node.put("numRecords", buffer.numRecords());
        } else if (store instanceof VersionedKeyValueStore) {
            node.set("entries", versions(store, inputKeys));
        } else if (store instanceof SessionStore sessions) {
            node.set("entries", entries(sessions.findSessions(null, null, 0, Long.MAX_VALUE), BY_SESSION));
        } else if (store instanceof WindowStore windows) {
            return windows(windows, node);
        } else if (store instanceof KeyValueStore kv) {
            node.set("entries", entries(kv.all(), null));
        }
        return node;
    }

    private static String kind(StateStore store) {
        if (store instanceof VersionedKeyValueStore) {
            return "versioned";
        } else if (store instanceof TimestampedKeyValueStoreWithHeaders) {
            return "timestampedKvWithHeaders";
        } else if (store instanceof TimestampedKeyValueStore) {
            return "timestampedKv";
        } else if (store instanceof TimestampedWindowStoreWithHeaders) {
            return "timestampedWindowWithHeaders";
        } else if (store instanceof TimestampedWindowStore) {
            return "timestampedWindow";
        } else if (store instanceof SessionStoreWithHeaders) {
            return "sessionWithHeaders";
        } else if (store instanceof SessionStore) {
            return "session";
        } else if (store instanceof WindowStore) {
            return "window";
        } else if (store instanceof KeyValueStore) {
            return "kv";
        }
        return store instanceof TimeOrderedKeyValueBuffer ? "buffer" : "other";
    }

    private static final Comparator<KeyValue<Object, Object>> BY_START =
        Comparator.comparingLong(entry -> ((Windowed<?>) entry.key).window().start());

    private static final Comparator<KeyValue<Object, Object>> BY_SESSION = BY_START
        .thenComparingLong(entry -> ((Windowed<?>) entry.key).window().end())
        .thenComparing(entry -> String.valueOf(((Windowed<?>) entry.key).key()));

    /** The windows of a join of size 0 cannot be made: Kafka's own iteration fails. */
    private static ObjectNode windows(WindowStore windows, ObjectNode node) {
        try {
            node.set("entries", entries(windows.all(), BY_START));
        } catch (final IllegalArgumentException noWindow) {
            node.put("unreadable", true);
        }
        return node;
    }

    private static ArrayNode entries(KeyValueIterator iterator, Comparator<KeyValue<Object, Object>> order) {
        final List<KeyValue<Object, Object>> all = new ArrayList<>();
        try (iterator) {
            while (iterator.hasNext()) {
                all.add((KeyValue<Object, Object>) iterator.next());
            }
        }
        if (order != null) {
            all.sort(order);
        }
        final ArrayNode entries = SpecSerdes.JSON.arrayNode();
        all.forEach(entry -> entries.add(entry(entry.key, entry.value)));
        return entries;
    }

    private static ObjectNode entry(Object key, Object value) {
        final ObjectNode node = SpecSerdes.JSON.objectNode();
        node.set("key", key(key));
        if (value instanceof ValueAndTimestamp<?> stamped) {
            node.set("value", value(stamped.value()));
            return node.put("timestamp", stamped.timestamp());
        } else if (value instanceof ValueTimestampHeaders<?> stamped) {
            node.set("value", value(stamped.value()));
            node.put("timestamp", stamped.timestamp());
            return node.set("headers", SpecSerdes.headersJson(stamped.headers()));
        } else if (value instanceof AggregationWithHeaders<?> aggregation) {
            node.set("value", value(aggregation.aggregation()));
            return node.set("headers", SpecSerdes.headersJson(aggregation.headers()));
        }
        return node.set("value", value(value));
    }

    private static JsonNode key(Object key) {
        if (!(key instanceof TimestampedKeyAndJoinSide<?> sided)) {
            return SpecSerdes.toJson(key);
        }
        final ObjectNode node = SpecSerdes.JSON.objectNode();
        node.set("key", SpecSerdes.toJson(sided.key()));
        return node.put("timestamp", sided.timestamp()).put("leftSide", sided.isLeftSide());
    }

    private static JsonNode value(Object value) {
        if (value instanceof LeftOrRightValue<?, ?> sided) {
            final ObjectNode node = SpecSerdes.JSON.objectNode();
            return sided.leftValue() != null
                ? node.set("left", SpecSerdes.toJson(sided.leftValue()))
                : node.set("right", SpecSerdes.toJson(sided.rightValue()));
        } else if (value instanceof SubscriptionWrapper<?> subscription) {
            final ObjectNode node = SpecSerdes.JSON.objectNode()
                .put("instruction", subscription.instruction().toString())
                .put("hash", hash(subscription.hash()));
            node.set("primaryKey", SpecSerdes.toJson(subscription.primaryKey()));
            return node.put("primaryPartition", subscription.primaryPartition())
                .put("version", subscription.version());
        }
        return SpecSerdes.toJson(value);
    }

    private static String hash(long[] hash) {
        return hash == null
            ? null
            : SpecSerdes.hex(ByteBuffer.allocate(16).putLong(hash[0]).putLong(hash[1]).array());
    }

    private static ArrayNode versions(StateStore store, Iterable<String> inputKeys) {
        final TreeSet<String> keys = new TreeSet<>();
        inputKeys.forEach(keys::add);
        final ArrayNode entries = SpecSerdes.JSON.arrayNode();
        for (final String key : keys) {
            final ArrayNode versions = versionsOf(store, key);
            if (!versions.isEmpty()) {
                entries.addObject().put("key", key).set("versions", versions);
            }
        }
        return entries;
    }

    private static ArrayNode versionsOf(StateStore store, String key) {
        final ArrayNode versions = SpecSerdes.JSON.arrayNode();
        final QueryResult<VersionedRecordIterator<Object>> result = store.query(
            MultiVersionedKeyQuery.<Object, Object>withKey(key).withAscendingTimestamps(),
            PositionBound.unbounded(),
            new QueryConfig(false));
        try (VersionedRecordIterator<Object> iterator = result.getResult()) {
            while (iterator.hasNext()) {
                final VersionedRecord<Object> version = iterator.next();
                final ObjectNode node = versions.addObject();
                node.set("value", SpecSerdes.toJson(version.value()));
                node.put("validFrom", version.timestamp());
                version.validTo().ifPresent(to -> node.put("validTo", to));
            }
        }
        return versions;
    }
}
