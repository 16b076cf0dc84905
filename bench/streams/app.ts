/**
 * The programs of `bench streams` on our runtime: the peer of bench/java/StreamsBench.java, with the same arguments:
 * program bootstrap guarantee applicationId inputs output cacheBytes commitIntervalMs stateDirectory
 */
import { StreamsApp } from "@millrace/client"
import {
  JoinWindows,
  Kafka,
  KGroupedStream,
  KStream,
  KTable,
  Serde,
  TimeWindowedKStream,
  TimeWindows,
  Topic,
  Topology
} from "@millrace/core"
import { NodePlatform } from "@millrace/core/node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const [program, bootstrap, guarantee, applicationId, inputs, output, cacheBytes, commitIntervalMs, stateDirectory] =
  process.argv.slice(2)

const [first, second] = inputs!.split(",").map((name) => Topic.make(name, { key: Serde.string, value: Serde.string }))
const texts = Topic.make(output!, { key: Serde.string, value: Serde.string })
const counts = Topic.make(output!, { key: Serde.string, value: Serde.long })

let started = false
const input = KStream.from(first!).pipe(
  KStream.peek(() => {
    if (started) return
    started = true
    console.log("started")
  })
)

/**
 * What is joined has the same timestamp. The window is short because Kafka Streams' stores in memory walk over all
 * timestamps in it for each record.
 */
const joinWindow = JoinWindows.ofTimeDifference("1 second")

const minutes = TimeWindows.tumbling("1 minute", { grace: "1 day" })

const countByKey = (storeType: "memory" | "persistent") =>
  input.pipe(
    KStream.groupByKey,
    KGroupedStream.count({ as: "counts", storeType }),
    KTable.toStream,
    KStream.to(counts)
  )

const joined = () =>
  input.pipe(
    KStream.join(KStream.from(second!), (left, right) => `${left}+${right}`, joinWindow),
    KStream.to(texts)
  )

const sinks = {
  "map": () =>
    input.pipe(
      KStream.mapValues((value) => value.toUpperCase(), Serde.string),
      KStream.filter((value) => value.length > 0),
      KStream.to(texts)
    ),
  "word-count": () =>
    input.pipe(
      KStream.flatMapValues((line) => line.toLowerCase().match(/\p{L}+/gu) ?? [], Serde.string),
      KStream.groupBy((_key, word) => word, Serde.string),
      KGroupedStream.count({ as: "counts", storeType: "memory" }),
      KTable.toStream,
      KStream.to(counts)
    ),
  "count-by-key": () => countByKey("memory"),
  "count-by-key-on-disk": () => countByKey("persistent"),
  "count-10k-keys": () => countByKey("memory"),
  "count-1m-keys": () => countByKey("memory"),
  "windowed-count": () =>
    input.pipe(
      KStream.groupByKey,
      KGroupedStream.windowedBy(minutes),
      TimeWindowedKStream.count({ as: "counts", storeType: "memory" }),
      KTable.toStream,
      KStream.map((window, count) => [`${window.key}@${window.start}`, count] as const, {
        key: Serde.string,
        value: Serde.long
      }),
      KStream.to(counts)
    ),
  "stream-join": () => joined(),
  "stream-join-on-disk": () => joined(),
  "table-join": () =>
    input.pipe(
      KStream.toTable({ as: "left", storeType: "memory" }),
      KTable.join(KTable.from(second!, { as: "right", storeType: "memory" }), (left, right) => `${left}+${right}`),
      KTable.toStream,
      KStream.to(texts)
    )
}

const topology = Topology.make(sinks[program as keyof typeof sinks]())

const app = StreamsApp.layer(topology, {
  applicationId: applicationId!,
  processingGuarantee: guarantee === "exactly_once_v2" ? "exactly_once" : "at_least_once",
  commitInterval: Number(commitIntervalMs),
  stateStoreCacheMaxBytes: Number(cacheBytes),
  stateDirectory: stateDirectory!,
  storeType: program === "stream-join" ? "memory" : "persistent"
})

const platform = Layer.merge(Kafka.layer({ bootstrapServers: bootstrap! }), NodePlatform.layer)

NodePlatform.runMain(StreamsApp.launch(app).pipe(Effect.provide(platform)))
