/**
 * Decides what becomes of a record that a sink cannot serialise, or that is too large to be sent: the app fails (the default),
 * or the record is dropped and counted. At least once, it decides of records that the broker refuses as well, as too large for
 * their topic or invalid; with exactly-once, those end the transaction, and the app.
 *
 * Kafka: `production.exception.handler`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const ratios = Topic.make("ratios", { key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KStream.from(words).pipe(KStream.mapValues((word) => word.length / 2), KStream.to(ratios))
)

const driver = TopologyTestDriver.make(topology, { productionExceptionHandler: "continue" })
for (const value of ["a", "to"]) driver.pipe(words, { key: null, value })
assert.deepEqual(driver.read(ratios).map(({ value }) => value), [1])
assert.equal(driver.droppedRecords(), 1)
