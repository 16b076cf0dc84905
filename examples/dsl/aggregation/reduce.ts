/**
 * Makes one value of all values of each key, two at a time, the oldest first; the first value is the first result. A null value
 * does not count, a result of null deletes the key.
 *
 * Kafka: `KGroupedStream.reduce`.
 */
import assert from "node:assert/strict"
import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const bids = Topic.make("bids", { key: Serde.string, value: Serde.long })
const highest = Topic.make("highest", { key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KStream.from(bids).pipe(
    KStream.groupByKey,
    KGroupedStream.reduce((a, b) => Math.max(a, b)),
    KTable.toStream,
    KStream.to(highest)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const value of [3, 9, 5]) driver.pipe(bids, { key: "vase", value })
assert.deepEqual(driver.readTable(highest), new Map([["vase", 9]]))
