/**
 * Makes a new key and a new value of each record. What then groups, joins or becomes a table goes through a repartition topic,
 * hence needs both serdes.
 *
 * Kafka: `KStream.map`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const byLength = Topic.make("by-length", { key: Serde.int, value: Serde.string })
const topology = Topology.make(
  KStream.from(words).pipe(
    KStream.map((_key, word) => [word.length, word.toUpperCase()], { key: Serde.int, value: Serde.string }),
    KStream.to(byLength)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(words, { key: "a", value: "to" })
assert.deepEqual(driver.read(byLength).map(({ key, value }) => [key, value]), [[2, "TO"]])
