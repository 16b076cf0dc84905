/**
 * Prints a topology byte for byte as Kafka does, by the options with which an app would resolve it. Throws `TopologyError` if it
 * cannot be resolved.
 *
 * Kafka: `Topology.describe`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const copied = Topic.make("copied", { key: Serde.string, value: Serde.string })
const topology = Topology.make(KStream.from(words).pipe(KStream.to(copied)))

assert.equal(
  Topology.describe(topology),
  `Topologies:
   Sub-topology: 0
    Source: KSTREAM-SOURCE-0000000000 (topics: [words])
      --> KSTREAM-SINK-0000000001
    Sink: KSTREAM-SINK-0000000001 (topic: copied)
      <-- KSTREAM-SOURCE-0000000000

`
)
