// Serdes by the names that specs have for them, and keys and values as specs write them in JSON.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.WindowedSerdes;

@SuppressWarnings({"unchecked", "rawtypes"})
final class SpecSerdes {
    static final ObjectMapper MAPPER = new ObjectMapper();
    static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final HexFormat HEX = HexFormat.of();
    private static final long SAFE = (1L << 53) - 1;

    private SpecSerdes() {
    }

    /** The serde of that name; null if the field is absent. */
    static Serde serde(JsonNode name) {
        return name == null || name.isNull() ? null : serde(name.asText());
    }

    static Serde serdeOr(JsonNode name, Serde otherwise) {
        final Serde given = serde(name);
        return given == null ? otherwise : given;
    }

    static Serde serde(String name) {
        final String[] parts = name.split(":", 2);
        return switch (parts[0]) {
            case "string" -> Serdes.String();
            case "long" -> Serdes.Long();
            case "int" -> Serdes.Integer();
            case "short" -> Serdes.Short();
            case "double" -> Serdes.Double();
            case "float" -> Serdes.Float();
            case "bool" -> Serdes.Boolean();
            case "uuid" -> Serdes.UUID();
            case "bytes" -> Serdes.Bytes();
            case "bytearray" -> Serdes.ByteArray();
            case "list" -> Serdes.ListSerde(ArrayList.class, serde(parts[1]));
            case "session" -> new WindowedSerdes.SessionWindowedSerde(serde(parts[1]));
            case "windowed" -> {
                final int colon = parts[1].lastIndexOf(':');
                yield new WindowedSerdes.TimeWindowedSerde(
                    serde(parts[1].substring(0, colon)), Long.parseLong(parts[1].substring(colon + 1)));
            }
            default -> throw new IllegalArgumentException("no serde called " + name);
        };
    }

    static boolean isWindowed(String name) {
        return name.startsWith("windowed:") || name.startsWith("session:");
    }

    /** The key or value that a spec writes so. */
    static Object fromJson(String serde, JsonNode json) {
        if (json == null || json.isNull()) {
            return null;
        }
        return switch (serde.split(":", 2)[0]) {
            case "string" -> json.asText();
            case "long" -> json.isTextual() ? Long.valueOf(json.asText()) : Long.valueOf(json.asLong());
            case "int" -> json.asInt();
            case "short" -> (short) json.asInt();
            case "double" -> json.isTextual() ? Double.valueOf(json.asText()) : Double.valueOf(json.asDouble());
            case "float" -> json.isTextual() ? Float.valueOf(json.asText()) : Float.valueOf((float) json.asDouble());
            case "bool" -> json.asBoolean();
            case "uuid" -> UUID.fromString(json.asText());
            case "bytes" -> Bytes.wrap(bytes(json.get("hex").asText()));
            case "bytearray" -> bytes(json.get("hex").asText());
            case "list" -> {
                final List<Object> list = new ArrayList<>();
                json.forEach(each -> list.add(fromJson(serde.split(":", 2)[1], each)));
                yield list;
            }
            default -> throw new IllegalArgumentException("no inputs of " + serde);
        };
    }

    static JsonNode toJson(Object value) {
        if (value == null) {
            return JSON.nullNode();
        } else if (value instanceof Long number) {
            return -SAFE <= number && number <= SAFE ? JSON.numberNode(number) : JSON.textNode(number.toString());
        } else if (value instanceof Integer || value instanceof Short) {
            return JSON.numberNode(((Number) value).intValue());
        } else if (value instanceof Double || value instanceof Float) {
            final double number = ((Number) value).doubleValue();
            return Double.isFinite(number) ? JSON.numberNode(number) : JSON.textNode(Double.toString(number));
        } else if (value instanceof Boolean flag) {
            return JSON.booleanNode(flag);
        } else if (value instanceof Bytes wrapped) {
            return hexNode(wrapped.get());
        } else if (value instanceof byte[] raw) {
            return hexNode(raw);
        } else if (value instanceof Windowed<?> windowed) {
            final ObjectNode node = JSON.objectNode();
            node.set("key", toJson(windowed.key()));
            return node.put("start", windowed.window().start()).put("end", windowed.window().end());
        } else if (value instanceof List<?> list) {
            final ArrayNode node = JSON.arrayNode();
            list.forEach(each -> node.add(toJson(each)));
            return node;
        }
        return JSON.textNode(value.toString());
    }

    private static JsonNode hexNode(byte[] bytes) {
        return JSON.objectNode().put("hex", hex(bytes));
    }

    static String hex(byte[] bytes) {
        return bytes == null ? null : HEX.formatHex(bytes);
    }

    static byte[] bytes(String hex) {
        return HEX.parseHex(hex);
    }

    /** Headers as a list of name and text, null, or hexadecimal bytes where the value is no text. */
    static ArrayNode headersJson(Headers headers) {
        final ArrayNode list = JSON.arrayNode();
        for (final Header header : headers) {
            list.addArray().add(header.key()).add(headerJson(header.value()));
        }
        return list;
    }

    private static JsonNode headerJson(byte[] value) {
        if (value == null) {
            return JSON.nullNode();
        }
        final String text = new String(value, StandardCharsets.UTF_8);
        return Arrays.equals(text.getBytes(StandardCharsets.UTF_8), value) ? JSON.textNode(text) : hexNode(value);
    }

    static Headers headersOf(JsonNode list) {
        final Headers headers = new RecordHeaders();
        if (list != null) {
            for (final JsonNode header : list) {
                final JsonNode value = header.get(1);
                headers.add(header.get(0).asText(), value.isNull() ? null
                    : value.isTextual() ? value.asText().getBytes(StandardCharsets.UTF_8)
                    : bytes(value.get("hex").asText()));
            }
        }
        return headers;
    }
}
