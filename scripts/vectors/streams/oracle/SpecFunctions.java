// The functions that specs name: "upper", or {"fn": "prefix", "with": "x"}.

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.processor.RecordContext;
import org.apache.kafka.streams.processor.TopicNameExtractor;

final class SpecFunctions {
    /** A function of a record's key and value. */
    interface Of2<R> {
        R of(Object key, Object value);
    }

    /** A function of a key and two values: reducers, aggregators, mergers, joiners. */
    interface Of3 {
        Object of(Object key, Object left, Object right);
    }

    private SpecFunctions() {
    }

    private static String name(JsonNode function) {
        return function.isTextual() ? function.asText() : function.get("fn").asText();
    }

    static boolean isWithKey(JsonNode function) {
        return function.path("withKey").asBoolean();
    }

    static String str(Object value) {
        if (value instanceof Windowed<?> windowed) {
            return str(windowed.key()) + "@" + windowed.window().start() + ".." + windowed.window().end();
        } else if (value instanceof Double || value instanceof Float) {
            final double number = ((Number) value).doubleValue();
            return number == Math.rint(number) && Math.abs(number) < 1e15 ? Long.toString((long) number) : value.toString();
        }
        return String.valueOf(value);
    }

    private static long charSum(Object text) {
        return ((String) text).chars().asLongStream().sum();
    }

    private static String first(Object text, int units) {
        final String given = (String) text;
        return given.substring(0, Math.min(units, given.length()));
    }

    private static List<Object> words(Object text) {
        return new ArrayList<>(Arrays.stream(((String) text).split(" ")).filter(word -> !word.isEmpty()).toList());
    }

    /** Throws if the value is the one that is refused. */
    static void throwIfEqual(JsonNode argument, Object value) {
        if (value != null && str(value).equals(argument.get("value").asText())) {
            throw new IllegalStateException("boom " + value);
        }
    }

    /** {@code (key, value) -> value}; the key is null unless the function asks for it. */
    static Of2<Object> value(JsonNode function) {
        final String with = function.path("with").asText();
        final int n = function.path("n").asInt();
        final Of2<Object> orNull = switch (name(function)) {
            case "upper" -> (k, v) -> ((String) v).toUpperCase(Locale.ROOT);
            case "lower" -> (k, v) -> ((String) v).toLowerCase(Locale.ROOT);
            case "length" -> (k, v) -> (long) ((String) v).length();
            case "charSum" -> (k, v) -> charSum(v);
            case "concat" -> (k, v) -> (String) v + with;
            case "prefix" -> (k, v) -> with + (String) v;
            case "toStr" -> (k, v) -> str(v);
            case "parseLong" -> (k, v) -> Long.parseLong((String) v);
            case "addLong" -> (k, v) -> (Long) v + n;
            case "mulLong" -> (k, v) -> (Long) v * n;
            case "modLong" -> (k, v) -> Math.floorMod((Long) v, (long) n);
            case "toDouble" -> (k, v) -> (Long) v / 4.0;
            case "toInt" -> (k, v) -> ((Long) v).intValue();
            case "nullIfLengthGt" -> (k, v) -> ((String) v).length() > n ? null : v;
            case "nullIfOdd" -> (k, v) -> (Long) v % 2 == 0 ? v : null;
            case "nullIfContains" -> (k, v) -> ((String) v).contains(function.get("s").asText()) ? null : v;
            case "truncate" -> (k, v) -> first(v, n);
            case "listOf" -> (k, v) -> words(v);
            default -> null;
        };
        return orNull != null ? (k, v) -> v == null ? null : orNull.of(k, v) : valueOfNull(function);
    }

    private static Of2<Object> valueOfNull(JsonNode function) {
        final String constant = function.path("v").asText();
        return switch (name(function)) {
            case "identity" -> (k, v) -> v;
            case "constNull" -> (k, v) -> null;
            case "constStr" -> (k, v) -> constant;
            case "nullTo" -> (k, v) -> v == null ? constant : v;
            case "keyValue" -> (k, v) -> str(isWithKey(function) ? k : null) + function.get("sep").asText() + str(v);
            case "throwIf" -> (k, v) -> {
                throwIfEqual(function, v);
                return v;
            };
            case "chain" -> {
                final List<Of2<Object>> steps = new ArrayList<>();
                function.get("fns").forEach(each -> steps.add(value(each)));
                yield (k, v) -> {
                    Object result = v;
                    for (final Of2<Object> step : steps) {
                        result = step.of(k, result);
                    }
                    return result;
                };
            }
            default -> throw new IllegalArgumentException("no value function " + function);
        };
    }

    /** {@code (key, value) -> key}. */
    static Of2<Object> key(JsonNode function) {
        final int n = function.path("n").asInt();
        return switch (name(function)) {
            case "keyIdentity" -> (k, v) -> k;
            case "value" -> (k, v) -> v;
            case "valueStr" -> (k, v) -> v == null ? null : str(v);
            case "constKey" -> (k, v) -> function.get("v").asText();
            case "nullKey" -> (k, v) -> null;
            case "valuePrefix" -> (k, v) -> v == null ? null : first(v, n);
            case "keyPrefix" -> (k, v) -> k == null ? null : first(k, n);
            case "keyConcat" -> (k, v) -> k == null ? null : (String) k + function.get("with").asText();
            case "charMod" -> (k, v) -> k == null ? null : "g" + charSum(k) % n;
            case "valueCharMod" -> (k, v) -> v == null ? null : "g" + charSum(v) % n;
            case "valueMod" -> (k, v) -> v == null ? null : "m" + Math.floorMod((Long) v, (long) n);
            case "windowToString" -> (k, v) -> str(k);
            case "windowKey" -> (k, v) -> ((Windowed<?>) k).key();
            case "nullIfValueContains" ->
                (k, v) -> v != null && ((String) v).contains(function.get("s").asText()) ? null : k;
            case "throwIfValue" -> (k, v) -> {
                throwIfEqual(function, v);
                return k;
            };
            default -> throw new IllegalArgumentException("no key function " + function);
        };
    }

    /** {@code (key, value) -> (key, value)}. */
    static Of2<KeyValue<Object, Object>> pair(JsonNode function) {
        if (name(function).equals("swap")) {
            return (k, v) -> KeyValue.pair(v, k);
        }
        final Of2<Object> key = function.has("key") ? key(function.get("key")) : (k, v) -> k;
        final Of2<Object> value = function.has("value") ? withKey(function.get("value")) : (k, v) -> v;
        return (k, v) -> KeyValue.pair(key.of(k, v), value.of(k, v));
    }

    private static Of2<Object> withKey(JsonNode function) {
        if (!name(function).equals("keyValue")) {
            return value(function);
        }
        return (k, v) -> str(k) + function.get("sep").asText() + str(v);
    }

    /** {@code (key, value) -> values}. */
    static Of2<List<Object>> values(JsonNode function) {
        return switch (name(function)) {
            case "splitWords" -> (k, v) -> v == null ? List.of() : words(v);
            case "repeat" -> (k, v) ->
                IntStream.range(0, function.get("n").asInt()).mapToObj(i -> (Object) (str(v) + "#" + i)).toList();
            case "none" -> (k, v) -> List.of();
            case "same" -> (k, v) -> Arrays.asList(v);
            default -> throw new IllegalArgumentException("no values function " + function);
        };
    }

    /** {@code (key, value) -> (key, value)s}. */
    static Of2<List<KeyValue<Object, Object>>> pairs(JsonNode function) {
        return switch (name(function)) {
            case "wordsAsKeys" -> (k, v) ->
                v == null ? List.of() : words(v).stream().map(word -> KeyValue.pair(word, k)).toList();
            case "bothWays" -> (k, v) -> List.of(KeyValue.pair(k, v), KeyValue.pair(v, k));
            default -> {
                final Of2<List<Object>> values = values(function);
                yield (k, v) -> values.of(k, v).stream().map(each -> KeyValue.pair(k, each)).toList();
            }
        };
    }

    static Of2<Boolean> predicate(JsonNode function) {
        final int n = function.path("n").asInt();
        return switch (name(function)) {
            case "always" -> (k, v) -> true;
            case "never" -> (k, v) -> false;
            case "keyNotNull" -> (k, v) -> k != null;
            case "valueNotNull" -> (k, v) -> v != null;
            case "keyIn" -> {
                final List<String> keys =
                    StreamSupport.stream(function.get("keys").spliterator(), false).map(JsonNode::asText).toList();
                yield (k, v) -> k != null && keys.contains(k);
            }
            case "valueLengthGt" -> (k, v) -> v != null && ((String) v).length() > n;
            case "valueContains" -> (k, v) -> v != null && ((String) v).contains(function.get("s").asText());
            case "valueEven" -> (k, v) -> v != null && ((Number) v).longValue() % 2 == 0;
            case "valueGt" -> (k, v) -> v != null && ((Number) v).longValue() > n;
            case "not" -> {
                final Of2<Boolean> refused = predicate(function.get("of"));
                yield (k, v) -> !refused.of(k, v);
            }
            case "throwIfValue" -> (k, v) -> {
                throwIfEqual(function, v);
                return true;
            };
            default -> throw new IllegalArgumentException("no predicate " + function);
        };
    }

    private static String concat(Object aggregate, Object value) {
        return (aggregate == null ? "" : (String) aggregate) + str(value);
    }

    private static String removeFirst(String aggregate, String text) {
        final int at = aggregate.indexOf(text);
        return at < 0 ? aggregate + "!" + text : aggregate.substring(0, at) + aggregate.substring(at + text.length());
    }

    /** {@code (key, aggregate, value) -> aggregate}: reducers (whose key is null), aggregators, mergers. */
    static Of3 binary(JsonNode function) {
        return switch (name(function)) {
            case "sum" -> (k, a, v) -> (Long) a + (Long) v;
            case "minus" -> (k, a, v) -> (Long) a - (Long) v;
            case "max" -> (k, a, v) -> Math.max((Long) a, (Long) v);
            case "min" -> (k, a, v) -> Math.min((Long) a, (Long) v);
            case "concat" -> (k, a, v) -> concat(a, v);
            case "removeFirst" -> (k, a, v) -> removeFirst((String) a, str(v));
            case "first" -> (k, a, v) -> a;
            case "last" -> (k, a, v) -> v;
            case "sumNullAtZero" -> (k, a, v) -> (Long) a + (Long) v == 0 ? null : (Object) ((Long) a + (Long) v);
            case "concatOrNull" -> (k, a, v) ->
                Objects.equals(v, function.get("on").asText()) ? null : concat(a, v);
            case "throwOn" -> (k, a, v) -> {
                throwIfEqual(function, v);
                return concat(a, v);
            };
            case "concatKV" -> (k, a, v) -> (a == null ? "" : (String) a) + str(k) + ":" + str(v) + ",";
            case "inc" -> (k, a, v) -> (Long) a + 1;
            case "dec" -> (k, a, v) -> (Long) a - 1;
            case "addLength" -> (k, a, v) -> (Long) a + (v == null ? 0 : ((String) v).length());
            case "tag" -> (k, a, v) -> (a == null ? "" : (String) a) + function.get("with").asText() + str(v);
            case "null" -> (k, a, v) -> null;
            default -> throw new IllegalArgumentException("no binary function " + function);
        };
    }

    static Object initial(JsonNode function) {
        return switch (name(function)) {
            case "zero" -> 0L;
            case "one" -> 1L;
            case "empty" -> "";
            case "null" -> null;
            default -> throw new IllegalArgumentException("no initializer " + function);
        };
    }

    static Of3 joiner(JsonNode function) {
        return switch (name(function)) {
            case "concatBoth" -> (k, l, r) -> both(l, r);
            case "keyConcatBoth" -> (k, l, r) -> str(isWithKey(function) ? k : null) + ":" + both(l, r);
            case "sumLongs" -> (k, l, r) -> (l == null ? 0 : (Long) l) + (r == null ? 0 : (Long) r);
            case "left" -> (k, l, r) -> l;
            case "right" -> (k, l, r) -> r;
            case "nullJoin" -> (k, l, r) -> null;
            case "nullIfContains" -> (k, l, r) ->
                both(l, r).contains(function.get("s").asText()) ? null : both(l, r);
            case "throwIfRight" -> (k, l, r) -> {
                throwIfEqual(function, r);
                return both(l, r);
            };
            default -> throw new IllegalArgumentException("no joiner " + function);
        };
    }

    private static String both(Object left, Object right) {
        return str(left) + "+" + str(right);
    }

    static Of2<Object> foreignKey(JsonNode function) {
        return switch (name(function)) {
            case "beforePipe" -> (k, v) -> beforePipe(v);
            case "keyAndBeforePipe" -> (k, v) -> beforePipe(v) == null ? null : first(k, 1) + beforePipe(v);
            case "valueFk" -> (k, v) -> v;
            default -> throw new IllegalArgumentException("no foreign key " + function);
        };
    }

    private static String beforePipe(Object value) {
        final int at = ((String) value).indexOf('|');
        return at < 0 ? null : ((String) value).substring(0, at);
    }

    /** A topic function; its text is that of the topology, too. */
    static TopicNameExtractor<Object, Object> topic(JsonNode function) {
        return new TopicNameExtractor<>() {
            @Override
            public String extract(Object key, Object value, RecordContext context) {
                return topicOf(name(function), key, value, context);
            }

            @Override
            public String toString() {
                return "<extractor>";
            }
        };
    }

    private static String topicOf(String name, Object key, Object value, RecordContext context) {
        return switch (name) {
            case "byKey" -> "out-" + str(key);
            case "byValuePrefix" ->
                value == null || str(value).isEmpty() ? "out-null" : "out-" + str(value).charAt(0);
            case "bySource" -> "from-" + context.topic() + "-" + context.offset() % 2;
            case "byHeader" -> {
                final Header last = context.headers().lastHeader("to");
                yield last == null ? "out-none" : new String(last.value(), StandardCharsets.UTF_8);
            }
            default -> throw new IllegalArgumentException("no topic function " + name);
        };
    }
}
