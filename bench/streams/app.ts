/**
 * Word count and count by key on our runtime: the peer of bench/java/StreamsBench.java, with the same arguments:
 * program bootstrap guarantee applicationId input output cacheBytes commitIntervalMs stateDirectory
 */
import { StreamsApp } from "@millrace/client"
import { Kafka, KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { NodePlatform } from "@millrace/core/node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const [program, bootstrap, guarantee, applicationId, input, output, cacheBytes, commitIntervalMs, stateDirectory] =
  process
    .argv.slice(2)

let started = false
const lines = KStream.from(Topic.make(input!, { key: Serde.string, value: Serde.string })).pipe(
  KStream.peek(() => {
    if (started) return
    started = true
    console.log("started")
  })
)
const grouped = program === "word-count"
  ? lines.pipe(
    KStream.flatMapValues((line) => line.toLowerCase().match(/\p{L}+/gu) ?? [], Serde.string),
    KStream.groupBy((_key, word) => word, Serde.string)
  )
  : KStream.groupByKey(lines)

const topology = Topology.make(
  grouped.pipe(
    KGroupedStream.count({ as: "counts" }),
    KTable.toStream,
    KStream.to(Topic.make(output!, { key: Serde.string, value: Serde.long }))
  )
)

const app = StreamsApp.layer(topology, {
  applicationId: applicationId!,
  processingGuarantee: guarantee === "exactly_once_v2" ? "exactly_once" : "at_least_once",
  commitInterval: Number(commitIntervalMs),
  stateStoreCacheMaxBytes: Number(cacheBytes),
  stateDirectory: stateDirectory!
})

const platform = Layer.merge(Kafka.layer({ bootstrapServers: bootstrap! }), NodePlatform.layer)

NodePlatform.runMain(StreamsApp.launch(app).pipe(Effect.provide(platform)))
