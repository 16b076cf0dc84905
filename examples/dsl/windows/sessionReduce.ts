/**
 * Makes one value of all values of each key in each session, also of those of two sessions that become one.
 *
 * Kafka: `SessionWindowedKStream.reduce`.
 */
import assert from "node:assert/strict"
import {
  KGroupedStream,
  KStream,
  KTable,
  Serde,
  SessionWindowedKStream,
  SessionWindows,
  Topic,
  Topology
} from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const bids = Topic.make("bids", { key: Serde.string, value: Serde.long })
const highest = Topic.make("highest", { key: Serde.sessionWindowed(Serde.string), value: Serde.long })
const topology = Topology.make(
  KStream.from(bids).pipe(
    KStream.groupByKey,
    KGroupedStream.windowedBy(SessionWindows.withGap("5 minutes")),
    SessionWindowedKStream.reduce((a, b) => Math.max(a, b)),
    KTable.toStream,
    KStream.to(highest)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(bids, { key: "vase", value: 9, timestamp: 0 })
driver.pipe(bids, { key: "vase", value: 3, timestamp: 60_000 })
driver.pipe(bids, { key: "vase", value: 4, timestamp: 600_000 })
assert.deepEqual([...driver.readTable(highest)].map(([{ start }, bid]) => [start, bid]), [[0, 9], [600_000, 4]])
