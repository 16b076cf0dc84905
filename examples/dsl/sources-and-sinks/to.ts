/**
 * Writes a stream to a topic, by the topic's serdes, with each record's timestamp and headers. The end of a stream, and a part
 * of the topology. A null key is written as it is; the partition is the default partitioner's, unless there is another one.
 *
 * A stream whose types are not those of the topic does not compile.
 *
 * Kafka: `KStream.to`, `Produced`; the serdes are the topic's.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
const lengths = Topic.make("lengths", { key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KStream.from(lines).pipe(KStream.mapValues((line) => line.length), KStream.to(lengths, { name: "write-lengths" }))
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(lines, { key: "a", value: "to be", timestamp: 7 })
assert.deepEqual(driver.read(lengths), [{ key: "a", value: 5, timestamp: 7, headers: [] }])
