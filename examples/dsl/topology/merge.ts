/**
 * Makes one topology of several, to be run by one app. The nodes of the first are numbered first, whatever was imported first.
 * `make` takes sinks, streams and tables, and keeps all that they are made from; streams are values, and the one that is used
 * twice is one node.
 *
 * Kafka: one `StreamsBuilder` that is handed around.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const upper = Topic.make("upper", { key: Serde.string, value: Serde.string })
const lower = Topic.make("lower", { key: Serde.string, value: Serde.string })
const shout = Topology.make(
  KStream.from(words).pipe(KStream.mapValues((word) => word.toUpperCase()), KStream.to(upper))
)
const hush = Topology.make(KStream.from(words).pipe(KStream.mapValues((word) => word.toLowerCase()), KStream.to(lower)))
const topology = Topology.merge(shout, hush)

const driver = TopologyTestDriver.make(topology)
driver.pipe(words, { key: null, value: "To" })
assert.deepEqual([driver.read(upper), driver.read(lower)].map(([record]) => record?.value), ["TO", "to"])
