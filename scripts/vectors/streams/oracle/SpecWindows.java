// Windows, and what is told of suppressions and joins of windows, as specs write them.

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.SlidingWindows;
import org.apache.kafka.streams.kstream.Suppressed;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.UnlimitedWindows;
import org.apache.kafka.streams.kstream.Windows;

@SuppressWarnings({"unchecked", "rawtypes", "deprecation"})
final class SpecWindows {
    private SpecWindows() {
    }

    static Duration millis(JsonNode of, String field) {
        return Duration.ofMillis(of.get(field).asLong());
    }

    static SlidingWindows sliding(JsonNode windows) {
        return windows.has("graceMs")
            ? SlidingWindows.ofTimeDifferenceAndGrace(millis(windows, "diffMs"), millis(windows, "graceMs"))
            : SlidingWindows.ofTimeDifferenceWithNoGrace(millis(windows, "diffMs"));
    }

    static SessionWindows session(JsonNode windows) {
        return windows.has("graceMs")
            ? SessionWindows.ofInactivityGapAndGrace(millis(windows, "gapMs"), millis(windows, "graceMs"))
            : SessionWindows.ofInactivityGapWithNoGrace(millis(windows, "gapMs"));
    }

    static Windows time(JsonNode windows) {
        if (windows.get("type").asText().equals("unlimited")) {
            final UnlimitedWindows unlimited = UnlimitedWindows.of();
            return windows.has("startMs")
                ? unlimited.startOn(Instant.ofEpochMilli(windows.get("startMs").asLong()))
                : unlimited;
        }
        final TimeWindows tumbling = windows.has("graceMs")
            ? TimeWindows.ofSizeAndGrace(millis(windows, "sizeMs"), millis(windows, "graceMs"))
            : TimeWindows.ofSizeWithNoGrace(millis(windows, "sizeMs"));
        return windows.has("advanceMs") ? tumbling.advanceBy(millis(windows, "advanceMs")) : tumbling;
    }

    static JoinWindows join(JsonNode windows) {
        JoinWindows result = base(windows);
        if (windows.has("beforeMs")) {
            result = result.before(millis(windows, "beforeMs"));
        }
        if (windows.has("afterMs")) {
            result = result.after(millis(windows, "afterMs"));
        }
        return result;
    }

    private static JoinWindows base(JsonNode windows) {
        final Duration difference = millis(windows, "diffMs");
        if (windows.path("legacy").asBoolean()) {
            final JoinWindows legacy = JoinWindows.of(difference);
            return windows.has("graceMs") ? legacy.grace(millis(windows, "graceMs")) : legacy;
        }
        return windows.has("graceMs")
            ? JoinWindows.ofTimeDifferenceAndGrace(difference, millis(windows, "graceMs"))
            : JoinWindows.ofTimeDifferenceWithNoGrace(difference);
    }

    static Suppressed suppressed(JsonNode operation) {
        final JsonNode buffer = operation.path("buffer");
        final Suppressed result;
        if (operation.get("until").asText().equals("windowCloses")) {
            final Suppressed.StrictBufferConfig strict =
                isBounded(buffer) ? bounded(buffer).shutDownWhenFull() : Suppressed.BufferConfig.unbounded();
            result = Suppressed.untilWindowCloses((Suppressed.StrictBufferConfig) withLogging(strict, buffer));
        } else {
            result = Suppressed.untilTimeLimit(millis(operation, "ms"), withLogging(eager(buffer), buffer));
        }
        return operation.has("name") ? result.withName(operation.get("name").asText()) : result;
    }

    private static boolean isBounded(JsonNode buffer) {
        return buffer.has("maxRecords") || buffer.has("maxBytes");
    }

    private static Suppressed.EagerBufferConfig bounded(JsonNode buffer) {
        if (!buffer.has("maxRecords")) {
            return Suppressed.BufferConfig.maxBytes(buffer.get("maxBytes").asLong());
        }
        final Suppressed.EagerBufferConfig records =
            Suppressed.BufferConfig.maxRecords(buffer.get("maxRecords").asLong());
        return buffer.has("maxBytes") ? records.withMaxBytes(buffer.get("maxBytes").asLong()) : records;
    }

    private static Suppressed.BufferConfig eager(JsonNode buffer) {
        if (!isBounded(buffer)) {
            return Suppressed.BufferConfig.unbounded();
        }
        final Suppressed.EagerBufferConfig eager = bounded(buffer);
        return switch (buffer.path("full").asText()) {
            case "shutDown" -> eager.shutDownWhenFull();
            case "emitEarly" -> eager.emitEarlyWhenFull();
            default -> eager;
        };
    }

    private static Suppressed.BufferConfig withLogging(Suppressed.BufferConfig config, JsonNode buffer) {
        return buffer.has("logging") && !buffer.get("logging").asBoolean() ? config.withLoggingDisabled() : config;
    }
}
