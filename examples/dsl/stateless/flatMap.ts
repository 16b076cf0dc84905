/**
 * Makes any number of records, with new keys and values, of each record. What then groups or joins goes through a repartition
 * topic.
 *
 * Kafka: `KStream.flatMap`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
const letters = Topic.make("letters", { key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KStream.from(lines).pipe(
    KStream.flatMap((_key, line) => [...line].map((letter, index) => [letter, index] as const)),
    KStream.to(letters)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(lines, { key: null, value: "be" })
assert.deepEqual(driver.read(letters).map(({ key, value }) => [key, value]), [["b", 0], ["e", 1]])
