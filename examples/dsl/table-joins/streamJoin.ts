/**
 * Joins each record of a stream with what a table holds for its key at that moment. Records without key, and those whose key
 * the table lacks, are dropped. Updates of the table emit nothing. The result has the record's timestamp.
 *
 * Both must have equal numbers of partitions; a stream whose key was changed goes through a repartition topic.
 *
 * Kafka: `KStream.join(KTable)`, `Joined`.
 */
import assert from "node:assert/strict"
import { KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const names = Topic.make("names", { key: Serde.string, value: Serde.string })
const named = Topic.make("named", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(clicks).pipe(
    KStream.join(KTable.from(names), (page, name) => `${name}: ${page}`),
    KStream.to(named)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(clicks, { key: "1", value: "/too-early" })
driver.pipe(names, { key: "1", value: "Ada" })
driver.pipe(clicks, { key: "1", value: "/home" })
assert.deepEqual(driver.read(named).map(({ value }) => value), ["Ada: /home"])
