/**
 * Reads null values as values, if the topic's serde is `Serde.nullable`. Without it a stream skips records whose value is
 * null, and counts them; a handler for deserialisation is asked about them. For a table null is always a deletion.
 *
 * Kafka: hands every null to the program.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const maybe = Topic.make("maybe", { key: Serde.string, value: Serde.nullable(Serde.string) })
const strict = Topic.make("strict", { key: Serde.string, value: Serde.string })
const seen = Topic.make("seen", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(maybe).pipe(KStream.mapValues((value) => value ?? "nothing"), KStream.to(seen)),
  KStream.from(strict).pipe(KStream.mapValues((value) => value.toUpperCase()), KStream.to(seen))
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(maybe, { key: "a", value: null })
driver.pipe(strict, { key: "a", value: null })
driver.pipe(strict, { key: "a", value: "something" })
assert.deepEqual(driver.read(seen).map(({ value }) => value), ["nothing", "SOMETHING"])
assert.equal(driver.droppedRecords(), 1)
