// The timestamp extractor of specs: the text after the last @ of the value; "p" is the partition's time.

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

public final class ValueAt implements TimestampExtractor {
    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
        if (!(record.value() instanceof String text) || !text.contains("@")) {
            return record.timestamp();
        }
        final String at = text.substring(text.lastIndexOf('@') + 1);
        return at.equals("p") ? partitionTime : Long.parseLong(at);
    }
}
