/**
 * Counts the records of each key of topic `events` into topic `event-counts`, exactly once: `app count-by-key`.
 */
import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"

export const events = Topic.make("events", { key: Serde.string, value: Serde.bytes })
export const eventCounts = Topic.make("event-counts", { key: Serde.string, value: Serde.long })

export const countByKey = Topology.make(
  KStream.from(events).pipe(
    KStream.groupByKey,
    KGroupedStream.count({ as: "event-counts" }),
    KTable.toStream,
    KStream.to(eventCounts)
  )
)
