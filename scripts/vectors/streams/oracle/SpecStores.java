// State stores as specs write them: suppliers, builders, and the parameter object Materialized.

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;
import org.apache.kafka.streams.state.DslStoreSuppliers;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.SessionBytesStoreSupplier;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.StoreSupplier;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.VersionedBytesStoreSupplier;
import org.apache.kafka.streams.state.WindowBytesStoreSupplier;

@SuppressWarnings({"unchecked", "rawtypes"})
final class SpecStores {
    private SpecStores() {
    }

    private static Duration millis(JsonNode store, String field) {
        return Duration.ofMillis(store.get(field).asLong());
    }

    /** The factory of Stores that the field "supplier" names, with its arguments. */
    static StoreSupplier supplier(JsonNode store) {
        final String name = store.get("name").asText();
        final boolean duplicates = store.path("retainDuplicates").asBoolean();
        return switch (store.get("supplier").asText()) {
            case "persistentKeyValue" -> Stores.persistentKeyValueStore(name);
            case "persistentTimestampedKeyValue" -> Stores.persistentTimestampedKeyValueStore(name);
            case "persistentTimestampedKeyValueWithHeaders" ->
                Stores.persistentTimestampedKeyValueStoreWithHeaders(name);
            case "inMemoryKeyValue" -> Stores.inMemoryKeyValueStore(name);
            case "lru" -> Stores.lruMap(name, store.get("maxEntries").asInt());
            case "persistentVersionedKeyValue" -> store.has("segmentIntervalMs")
                ? Stores.persistentVersionedKeyValueStore(
                    name, millis(store, "historyRetentionMs"), millis(store, "segmentIntervalMs"))
                : Stores.persistentVersionedKeyValueStore(name, millis(store, "historyRetentionMs"));
            case "persistentWindow" -> Stores.persistentWindowStore(
                name, millis(store, "retentionMs"), millis(store, "windowSizeMs"), duplicates);
            case "persistentTimestampedWindow" -> Stores.persistentTimestampedWindowStore(
                name, millis(store, "retentionMs"), millis(store, "windowSizeMs"), duplicates);
            case "persistentTimestampedWindowWithHeaders" -> Stores.persistentTimestampedWindowStoreWithHeaders(
                name, millis(store, "retentionMs"), millis(store, "windowSizeMs"), duplicates);
            case "inMemoryWindow" -> Stores.inMemoryWindowStore(
                name, millis(store, "retentionMs"), millis(store, "windowSizeMs"), duplicates);
            case "persistentSession" -> Stores.persistentSessionStore(name, millis(store, "retentionMs"));
            case "persistentSessionWithHeaders" ->
                Stores.persistentSessionStoreWithHeaders(name, millis(store, "retentionMs"));
            case "inMemorySession" -> Stores.inMemorySessionStore(name, millis(store, "retentionMs"));
            default -> throw new IllegalArgumentException("no supplier " + store);
        };
    }

    static StoreBuilder builder(JsonNode store) {
        final Serde key = SpecSerdes.serdeOr(store.get("key"), Serdes.String());
        final Serde value = SpecSerdes.serdeOr(store.get("value"), Serdes.String());
        final StoreSupplier supplier = supplier(store);
        final StoreBuilder builder = switch (store.get("kind").asText()) {
            case "kv" -> Stores.keyValueStoreBuilder((KeyValueBytesStoreSupplier) supplier, key, value);
            case "timestampedKv" ->
                Stores.timestampedKeyValueStoreBuilder((KeyValueBytesStoreSupplier) supplier, key, value);
            case "timestampedKvWithHeaders" ->
                Stores.timestampedKeyValueStoreWithHeadersBuilder((KeyValueBytesStoreSupplier) supplier, key, value);
            case "versioned" ->
                Stores.versionedKeyValueStoreBuilder((VersionedBytesStoreSupplier) supplier, key, value);
            case "window" -> Stores.windowStoreBuilder((WindowBytesStoreSupplier) supplier, key, value);
            case "timestampedWindow" ->
                Stores.timestampedWindowStoreBuilder((WindowBytesStoreSupplier) supplier, key, value);
            case "timestampedWindowWithHeaders" ->
                Stores.timestampedWindowStoreWithHeadersBuilder((WindowBytesStoreSupplier) supplier, key, value);
            case "session" -> Stores.sessionStoreBuilder((SessionBytesStoreSupplier) supplier, key, value);
            case "sessionWithHeaders" ->
                Stores.sessionStoreWithHeadersBuilder((SessionBytesStoreSupplier) supplier, key, value);
            default -> throw new IllegalArgumentException("no kind of store " + store);
        };
        if (store.has("caching")) {
            if (store.get("caching").asBoolean()) {
                builder.withCachingEnabled();
            } else {
                builder.withCachingDisabled();
            }
        }
        if (store.has("logging") && !store.get("logging").asBoolean()) {
            builder.withLoggingDisabled();
        }
        return builder;
    }

    static DslStoreSuppliers storeType(JsonNode name) {
        return name.asText().equals("inMemory")
            ? BuiltInDslStoreSuppliers.IN_MEMORY
            : BuiltInDslStoreSuppliers.ROCKS_DB;
    }

    /** The parameter object; null if the operation has none. */
    static Materialized materialized(JsonNode operation) {
        final JsonNode given = operation.get("materialized");
        return given == null ? null : withOptions(unadorned(given), given);
    }

    private static Materialized unadorned(JsonNode given) {
        if (!given.has("supplier")) {
            return given.has("name") ? Materialized.as(given.get("name").asText()) : Materialized.with(null, null);
        }
        final StoreSupplier supplier = supplier(given);
        if (supplier instanceof WindowBytesStoreSupplier windows) {
            return Materialized.as(windows);
        }
        return supplier instanceof SessionBytesStoreSupplier sessions
            ? Materialized.as(sessions)
            : Materialized.as((KeyValueBytesStoreSupplier) supplier);
    }

    private static Materialized withOptions(Materialized materialized, JsonNode given) {
        Materialized result = materialized;
        if (given.has("key")) {
            result = result.withKeySerde(SpecSerdes.serde(given.get("key")));
        }
        if (given.has("value")) {
            result = result.withValueSerde(SpecSerdes.serde(given.get("value")));
        }
        if (given.has("storeType")) {
            result = result.withStoreType(storeType(given.get("storeType")));
        }
        if (given.has("retentionMs") && !given.has("supplier")) {
            result = result.withRetention(millis(given, "retentionMs"));
        }
        if (given.has("caching")) {
            result = given.get("caching").asBoolean() ? result.withCachingEnabled() : result.withCachingDisabled();
        }
        if (given.has("logging")) {
            result = given.get("logging").asBoolean() ? result.withLoggingEnabled(Map.of()) : result.withLoggingDisabled();
        }
        return result;
    }
}
