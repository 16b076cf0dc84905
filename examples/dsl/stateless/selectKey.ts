/**
 * Makes a new key of each record. The value stays; what then groups or joins goes through a repartition topic. A null key is
 * allowed until something needs one.
 *
 * Kafka: `KStream.selectKey`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const byFirst = Topic.make("by-first", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(words).pipe(KStream.selectKey((_key, word) => word[0] ?? null, Serde.string), KStream.to(byFirst))
)

const driver = TopologyTestDriver.make(topology)
for (const value of ["to", ""]) driver.pipe(words, { key: "a", value })
assert.deepEqual(driver.read(byFirst).map(({ key, value }) => [key, value]), [["t", "to"], [null, ""]])
