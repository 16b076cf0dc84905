/**
 * Writes each record to the topic that is chosen for it, as a named node.
 *
 * Kafka: `Topology.addSink(String, TopicNameExtractor, ...)`.
 */
import assert from "node:assert/strict"
import { ProcessorApi, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const events = Topic.make("events", { key: Serde.string, value: Serde.string })
const serdes = { key: Serde.string, value: Serde.string }
const topology = Topology.make(
  ProcessorApi.dynamicSink(
    "by-key",
    ProcessorApi.source("events", events),
    ({ key }) => `events-of-${key ?? "nobody"}`,
    serdes
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(events, { key: "ada", value: "login" })
assert.deepEqual(driver.takeProduced().map(({ topic }) => topic), ["events-of-ada"])
