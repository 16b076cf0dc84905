/**
 * Keeps what was dropped in a topic: the source record's raw key and value, with headers that say what happened and where, as
 * Kafka names them. A handler may give dead letters of its own instead.
 *
 * Kafka: `errors.dead.letter.queue.topic.name` (KIP-1034).
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const parsed = Topic.make("parsed", { key: Serde.string, value: Serde.long })
const dead = Topic.make("dead", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(words).pipe(KStream.mapValues((word) => Number(BigInt(word))), KStream.to(parsed))
)

const driver = TopologyTestDriver.make(topology, {
  processingExceptionHandler: "continue",
  deadLetterQueueTopic: "dead"
})
driver.pipe(words, { key: "a", value: "one" })
const [letter] = driver.read(dead)
assert.equal(letter?.value, "one")
assert.ok(letter.headers.some(({ key }) => key === "__streams.errors.exception"))
