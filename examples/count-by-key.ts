/**
 * Counts the records of each key of topic `events` into topic `event-counts`, exactly once: `app count-by-key`.
 */
import { StreamsApp } from "@millrace/client"
import { Kafka, KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { NodePlatform } from "@millrace/core/node"
import { Effect, Layer } from "effect"

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

export const App = StreamsApp.layer(countByKey, { applicationId: "count-by-key", processingGuarantee: "exactly_once" })

if (import.meta.main) {
  NodePlatform.runMain(
    StreamsApp.launch(App).pipe(Effect.provide(Layer.mergeAll(Kafka.layerConfig, NodePlatform.layer)))
  )
}
