/**
 * Decides what becomes of a record for which a function of the topology throws: the app fails (the default), or the record is
 * dropped at that node and counted. What the same record has done before stays.
 *
 * Effects that fail are not asked about: their failures are typed, and the topology's own.
 *
 * Kafka: `processing.exception.handler`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const parsed = Topic.make("parsed", { key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KStream.from(words).pipe(KStream.mapValues((word) => Number(BigInt(word)), { name: "parse" }), KStream.to(parsed))
)

const driver = TopologyTestDriver.make(topology, {
  processingExceptionHandler: ({ processorNodeId }, _record, error) =>
    processorNodeId === "parse" && error instanceof SyntaxError ? "continue" : "fail"
})
for (const value of ["1", "one", "2"]) driver.pipe(words, { key: null, value })
assert.deepEqual(driver.read(parsed).map(({ value }) => value), [1, 2])
