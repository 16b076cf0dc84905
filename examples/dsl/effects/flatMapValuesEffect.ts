/**
 * Makes any number of values of each value by an effect.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"
import { Effect } from "effect"

const orders = Topic.make("orders", { key: Serde.string, value: Serde.string })
const items = Topic.make("items", { key: Serde.string, value: Serde.string })
const itemsOf = (order: string) => Effect.succeed([`${order}-tea`, `${order}-cup`])
const topology = Topology.make(KStream.from(orders).pipe(KStream.flatMapValuesEffect(itemsOf), KStream.to(items)))

const driver = TopologyTestDriver.make(topology)
driver.pipe(orders, { key: "ada", value: "1" })
assert.deepEqual(driver.read(items).map(({ value }) => value), ["1-tea", "1-cup"])
