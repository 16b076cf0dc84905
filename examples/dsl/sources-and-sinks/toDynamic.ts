/**
 * Writes each record to the topic that is chosen for it, by the serdes that are given. The topics must exist. The function
 * sees the record, its timestamp and headers, and where its source record was read.
 *
 * Kafka: `KStream.to(TopicNameExtractor)`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const serdes = { key: Serde.string, value: Serde.string }
const events = Topic.make("events", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(events).pipe(KStream.toDynamic(({ key }) => `events-of-${key ?? "nobody"}`, serdes))
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(events, { key: "ada", value: "login" })
driver.pipe(events, { key: null, value: "ping" })
assert.deepEqual(driver.takeProduced().map(({ topic }) => topic), ["events-of-ada", "events-of-nobody"])
