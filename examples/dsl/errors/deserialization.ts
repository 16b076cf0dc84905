/**
 * Decides what becomes of a record whose bytes are none of its serde's: the app fails (the default), or the record is dropped
 * and counted. A null where the topic has none is dropped and counted without a handler; a handler is asked about it.
 *
 * A handler is told where the record was read, and its bytes. Options of the app and of the driver are the same.
 *
 * Kafka: `deserialization.exception.handler`, `LogAndContinueExceptionHandler`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const numbers = Topic.make("numbers", { key: Serde.string, value: Serde.long })
const copied = Topic.make("copied", { key: Serde.string, value: Serde.long })
const topology = Topology.make(KStream.from(numbers).pipe(KStream.to(copied)))

const strict = TopologyTestDriver.make(topology)
const lenient = TopologyTestDriver.make(topology, {
  deserializationExceptionHandler: ({ topic }) => topic === "numbers" ? "continue" : "fail"
})
const bytes = { key: null, value: Uint8Array.of(1, 2) }
lenient.pipeBytes("numbers", bytes)
assert.equal(lenient.droppedRecords(), 1)
assert.throws(() => strict.pipeBytes("numbers", bytes), { _tag: "TaskError", reason: "Deserialize" })
