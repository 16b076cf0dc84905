/**
 * Counts the words of topic `lines` into topic `counts`, exactly once.
 *
 * Run it on any Kafka with `KAFKA_BOOTSTRAP_SERVERS=… npx -y pnpm@12 app word-count`, or `node examples/word-count.ts`.
 */
import { StreamsApp } from "@millrace/client"
import { Kafka, KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { NodePlatform } from "@millrace/core/node"
import { Effect, Layer } from "effect"

export const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
export const counts = Topic.make("counts", { key: Serde.string, value: Serde.long })

export const wordCount = Topology.make(
  KStream.from(lines).pipe(
    KStream.flatMapValues((line) => line.toLowerCase().match(/\p{L}+/gu) ?? [], Serde.string),
    KStream.groupBy((_key, word) => word, Serde.string),
    KGroupedStream.count({ as: "counts" }),
    KTable.toStream,
    KStream.to(counts)
  )
)

export const App = StreamsApp.layer(wordCount, { applicationId: "word-count", processingGuarantee: "exactly_once" })

if (import.meta.main) {
  NodePlatform.runMain(
    StreamsApp.launch(App).pipe(Effect.provide(Layer.mergeAll(Kafka.layerConfig, NodePlatform.layer)))
  )
}
