/**
 * Cogroups in windows of time, sliding or unlimited. Each stream closes windows by its own time. All updates are emitted.
 *
 * Kafka: `CogroupedKStream.windowedBy(Windows)`, `TimeWindowedCogroupedKStream.aggregate`.
 */
import assert from "node:assert/strict"
import {
  CogroupedKStream,
  KGroupedStream,
  KStream,
  KTable,
  Serde,
  TimeWindowedCogroupedKStream,
  TimeWindows,
  Topic,
  Topology
} from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const views = Topic.make("views", { key: Serde.string, value: Serde.string })
const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const scores = Topic.make("scores", { key: Serde.windowed(Serde.string, 60_000), value: Serde.long })
const topology = Topology.make(
  KStream.from(views).pipe(
    KStream.groupByKey,
    KGroupedStream.cogroup((sum: number) => sum + 1),
    CogroupedKStream.cogroup(KStream.from(clicks).pipe(KStream.groupByKey), (sum) => sum + 10),
    CogroupedKStream.windowedBy(TimeWindows.tumbling("1 minute")),
    TimeWindowedCogroupedKStream.aggregate({ initial: () => 0, value: Serde.long }),
    KTable.toStream,
    KStream.to(scores)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(views, { key: "ad", value: "", timestamp: 1 })
driver.pipe(clicks, { key: "ad", value: "", timestamp: 2 })
driver.pipe(views, { key: "ad", value: "", timestamp: 60_000 })
assert.deepEqual([...driver.readTable(scores)].map(([{ start }, score]) => [start, score]), [[0, 11], [60_000, 1]])
