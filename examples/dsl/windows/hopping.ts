/**
 * Makes a new window every `advance`, so that windows overlap and a record is in several of them.
 *
 * Kafka: `TimeWindows.advanceBy`, `TimeWindowedKStream.reduce`.
 */
import assert from "node:assert/strict"
import {
  KGroupedStream,
  KStream,
  KTable,
  Serde,
  TimeWindowedKStream,
  TimeWindows,
  Topic,
  Topology
} from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const bids = Topic.make("bids", { key: Serde.string, value: Serde.long })
const highest = Topic.make("highest", { key: Serde.windowed(Serde.string, 10), value: Serde.long })
const topology = Topology.make(
  KStream.from(bids).pipe(
    KStream.groupByKey,
    KGroupedStream.windowedBy(TimeWindows.hopping(10, { advance: 5 })),
    TimeWindowedKStream.reduce((a, b) => Math.max(a, b)),
    KTable.toStream,
    KStream.to(highest)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(bids, { key: "vase", value: 3, timestamp: 7 })
driver.pipe(bids, { key: "vase", value: 9, timestamp: 12 })
assert.deepEqual([...driver.readTable(highest)].map(([{ start }, bid]) => [start, bid]), [[0, 3], [5, 9], [10, 9]])
