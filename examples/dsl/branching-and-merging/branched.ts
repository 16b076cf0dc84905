/**
 * Names branches, and says in place what becomes of them: `transform` makes the part from the branch, `consume` ends it.
 * The name of the split begins the names of its branches.
 *
 * Kafka: `Branched.as`, `Branched.withFunction`, `Branched.withConsumer`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const amounts = Topic.make("amounts", { key: Serde.string, value: Serde.long })
const low = Topic.make("low", { key: Serde.string, value: Serde.string })
const high = Topic.make("high", { key: Serde.string, value: Serde.long })
const [small] = KStream.from(amounts).pipe(KStream.split(
  [{
    predicate: (amount) => amount < 100,
    name: "small",
    transform: KStream.mapValues((amount) => `${amount} cents`, Serde.string)
  }],
  { name: "by-size-", rest: { name: "large", consume: KStream.to(high) } }
))
const topology = Topology.make(KStream.to(small, low))

const driver = TopologyTestDriver.make(topology)
for (const value of [5, 500]) driver.pipe(amounts, { key: "a", value })
assert.deepEqual(driver.read(low).map(({ value }) => value), ["5 cents"])
assert.deepEqual(driver.read(high).map(({ value }) => value), [500])
assert.ok(Topology.describe(topology).includes("by-size-small"))
