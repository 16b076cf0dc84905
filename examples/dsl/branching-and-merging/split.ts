/**
 * Gives each record to the branch of the first predicate that it satisfies: a stream for each. With `rest` there is one more,
 * for what no branch takes; without it those records are dropped.
 *
 * Kafka: `KStream.split`, `BranchedKStream`; parts are a tuple here, not a map by name.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const amounts = Topic.make("amounts", { key: Serde.string, value: Serde.long })
const low = Topic.make("low", { key: Serde.string, value: Serde.long })
const high = Topic.make("high", { key: Serde.string, value: Serde.long })
const [small, others] = KStream.from(amounts).pipe(KStream.split([(amount) => amount < 100], { rest: true }))
const topology = Topology.make(KStream.to(small, low), KStream.to(others, high))

const driver = TopologyTestDriver.make(topology)
for (const value of [5, 500]) driver.pipe(amounts, { key: "a", value })
assert.deepEqual(driver.read(low).map(({ value }) => value), [5])
assert.deepEqual(driver.read(high).map(({ value }) => value), [500])
