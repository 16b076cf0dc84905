/**
 * Joins a stream with itself: each record meets itself and its neighbours in time. With `optimization: "all"` (or
 * `single.store.self.join`) an inner one keeps one store instead of two.
 *
 * Kafka: `KStream.join` with itself, `StreamsConfig.SINGLE_STORE_SELF_JOIN`.
 */
import assert from "node:assert/strict"
import { JoinWindows, KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const events = Topic.make("events", { key: Serde.string, value: Serde.string })
const pairs = Topic.make("pairs", { key: Serde.string, value: Serde.string })
const stream = KStream.from(events)
const topology = Topology.make(
  KStream.join(stream, stream, (a, b) => a + b, JoinWindows.ofTimeDifference(10)).pipe(KStream.to(pairs))
)

const driver = TopologyTestDriver.make(topology, { optimization: "all" })
driver.pipe(events, { key: "k", value: "a", timestamp: 0 })
driver.pipe(events, { key: "k", value: "b", timestamp: 5 })
assert.deepEqual(driver.read(pairs).map(({ value }) => value).sort(), ["aa", "ab", "ba", "bb"])
assert.equal(driver.stores.size, 1)
