// The commands that specs give to a store, and the text of its answers.

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.SessionWindow;
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
import org.apache.kafka.streams.state.WindowStore;

@SuppressWarnings({"unchecked", "rawtypes"})
final class StoreScript {
    private final Object store;
    private final Object key;
    private final long timestamp;
    private final Headers headers;
    private final String[] words;

    private StoreScript(Object store, Object key, long timestamp, Headers headers, String command) {
        this.store = store;
        this.key = key;
        this.timestamp = timestamp;
        this.headers = headers;
        this.words = command.split(" ");
    }

    /** Runs the command that is a record's value. */
    static String run(Object store, Object key, String command, long timestamp, Headers headers) {
        if (command == null) {
            return "null";
        }
        try {
            return new StoreScript(store, key, timestamp, headers, command).answer();
        } catch (final NullPointerException | IllegalArgumentException | UnsupportedOperationException error) {
            return "error " + error.getClass().getSimpleName();
        }
    }

    private String answer() {
        if (store instanceof VersionedKeyValueStore versioned) {
            return ofVersions(versioned);
        } else if (store instanceof SessionStore sessions) {
            return ofSessions(sessions);
        } else if (store instanceof WindowStore windows) {
            return ofWindows(windows);
        }
        return ofKeys((KeyValueStore) store);
    }

    private String word(int at) {
        return at >= words.length || words[at].equals("-") ? null : words[at];
    }

    private long number(int at) {
        return Long.parseLong(words[at]);
    }

    private boolean has(int at) {
        return at < words.length;
    }

    private String ofKeys(KeyValueStore kv) {
        switch (words[0]) {
            case "put" -> kv.put(key, stamped(store, word(1), timestamp, headers));
            case "putAll" -> {
                final List<KeyValue> entries = new ArrayList<>();
                for (final String pair : Arrays.asList(words).subList(1, words.length)) {
                    final String[] parts = pair.split("=");
                    final String value = parts[1].equals("-") ? null : parts[1];
                    entries.add(KeyValue.pair(parts[0], stamped(store, value, timestamp, headers)));
                }
                kv.putAll(entries);
            }
            case "pia" -> {
                return show(kv.putIfAbsent(key, stamped(store, word(1), timestamp, headers)));
            }
            case "get" -> {
                return show(kv.get(key));
            }
            case "del" -> {
                return show(kv.delete(key));
            }
            case "range" -> {
                return list(kv.range(word(1), word(2)));
            }
            case "rrange" -> {
                return list(kv.reverseRange(word(1), word(2)));
            }
            case "all" -> {
                return list(kv.all());
            }
            case "rall" -> {
                return list(kv.reverseAll());
            }
            case "prefix" -> {
                return list(kv.prefixScan(word(1), new StringSerializer()));
            }
            case "approx" -> {
                return Long.toString(kv.approximateNumEntries());
            }
            default -> throw new IllegalStateException("no command " + words[0]);
        }
        return "ok";
    }

    private String ofWindows(WindowStore windows) {
        return switch (words[0]) {
            case "put" -> {
                windows.put(key, stamped(store, word(1), timestamp, headers), has(2) ? number(2) : timestamp);
                yield "ok";
            }
            case "get" -> show(windows.fetch(key, number(1)));
            case "fetch" -> list(windows.fetch(key, number(1), number(2)));
            case "bfetch" -> list(windows.backwardFetch(key, number(1), number(2)));
            case "krange" -> list(windows.fetch(word(1), word(2), number(3), number(4)));
            case "bkrange" -> list(windows.backwardFetch(word(1), word(2), number(3), number(4)));
            case "fetchAll" -> list(windows.fetchAll(number(1), number(2)));
            case "bfetchAll" -> list(windows.backwardFetchAll(number(1), number(2)));
            case "all" -> list(windows.all());
            case "ball" -> list(windows.backwardAll());
            default -> throw new IllegalStateException("no command " + words[0]);
        };
    }

    private Windowed<Object> session(int start, int end) {
        return new Windowed<>(key, new SessionWindow(number(start), number(end)));
    }

    private String ofSessions(SessionStore sessions) {
        return switch (words[0]) {
            case "put" -> {
                sessions.put(session(2, 3), aggregation(store, word(1), headers));
                yield "ok";
            }
            case "remove" -> {
                sessions.remove(session(1, 2));
                yield "ok";
            }
            case "get" -> show(sessions.fetchSession(key, number(1), number(2)));
            case "find" -> list(sessions.findSessions(key, number(1), number(2)));
            case "bfind" -> list(sessions.backwardFindSessions(key, number(1), number(2)));
            case "krange" -> list(sessions.findSessions(word(1), word(2), number(3), number(4)));
            case "bkrange" -> list(sessions.backwardFindSessions(word(1), word(2), number(3), number(4)));
            case "fetch" -> list(sessions.fetch(key));
            case "bfetch" -> list(sessions.backwardFetch(key));
            case "fetchk" -> list(sessions.fetch(word(1), word(2)));
            case "bfetchk" -> list(sessions.backwardFetch(word(1), word(2)));
            default -> throw new IllegalStateException("no command " + words[0]);
        };
    }

    private String ofVersions(VersionedKeyValueStore versions) {
        return switch (words[0]) {
            case "put" -> Long.toString(versions.put(key, word(1), has(2) ? number(2) : timestamp));
            case "del" -> show(versions.delete(key, has(1) ? number(1) : timestamp));
            case "get" -> show(has(1) ? versions.get(key, number(1)) : versions.get(key));
            default -> throw new IllegalStateException("no command " + words[0]);
        };
    }

    /** A value as this store takes it. */
    static Object stamped(Object store, Object value, long timestamp, Headers headers) {
        if (store instanceof TimestampedKeyValueStore || store instanceof TimestampedWindowStore) {
            return ValueAndTimestamp.make(value, timestamp);
        }
        return store instanceof TimestampedKeyValueStoreWithHeaders || store instanceof TimestampedWindowStoreWithHeaders
            ? ValueTimestampHeaders.make(value, timestamp, new RecordHeaders(headers))
            : value;
    }

    private static Object aggregation(Object store, Object value, Headers headers) {
        return store instanceof SessionStoreWithHeaders
            ? AggregationWithHeaders.make(value, new RecordHeaders(headers))
            : value;
    }

    static String show(Object stored) {
        if (stored instanceof ValueAndTimestamp<?> stamped) {
            return SpecFunctions.str(stamped.value()) + "@" + stamped.timestamp();
        } else if (stored instanceof ValueTimestampHeaders<?> stamped) {
            return SpecFunctions.str(stamped.value()) + "@" + stamped.timestamp()
                + SpecSerdes.headersJson(stamped.headers());
        } else if (stored instanceof AggregationWithHeaders<?> aggregation) {
            return SpecFunctions.str(aggregation.aggregation()) + SpecSerdes.headersJson(aggregation.headers());
        } else if (stored instanceof VersionedRecord<?> version) {
            return SpecFunctions.str(version.value()) + "@" + version.timestamp() + ".."
                + (version.validTo().isPresent() ? version.validTo().get() : "");
        }
        return SpecFunctions.str(stored);
    }

    private static String list(KeyValueIterator iterator) {
        final List<String> shown = new ArrayList<>();
        try (iterator) {
            while (iterator.hasNext()) {
                final KeyValue entry = (KeyValue) iterator.next();
                shown.add(SpecFunctions.str(entry.key) + "=" + show(entry.value));
            }
        }
        return "[" + String.join(",", shown) + "]";
    }
}
