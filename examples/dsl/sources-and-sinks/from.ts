/**
 * Reads a topic, or several with the same serdes, as one stream. Its keys may be null, and their type says so.
 *
 * Records of all partitions of a task are taken by their timestamps, the oldest first. `offsetReset` says where to begin
 * without a committed offset: `earliest`, `latest`, `none`, or `{ byDuration: "1 hour" }`, at the first record that is not
 * older; `name` names the node. The same topics named twice are
 * one node; two sources that share only some topics are refused.
 *
 * Kafka: `StreamsBuilder.stream`, `Consumed`; the serdes are the topic's.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const web = Topic.make("web", { key: Serde.string, value: Serde.string })
const mobile = Topic.make("mobile", { key: Serde.string, value: Serde.string })
const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })

const topology = Topology.make(
  KStream.from([web, mobile], { name: "all-clicks", offsetReset: "earliest" }).pipe(KStream.to(clicks))
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(web, { key: "ada", value: "/home" })
driver.pipe(mobile, { key: null, value: "/cart" })
assert.deepEqual(driver.read(clicks).map(({ key, value }) => [key, value]), [["ada", "/home"], [null, "/cart"]])
