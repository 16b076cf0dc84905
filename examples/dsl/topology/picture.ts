/**
 * Draws a topology: sub-topologies, processors, stores, and the topics between them, as Mermaid, or as an SVG that stands alone.
 * The same topology gives the same picture.
 *
 * Kafka has no pictures.
 */
import assert from "node:assert/strict"
import { KStream, Serde, Topic, Topology } from "@millrace/core"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const copied = Topic.make("copied", { key: Serde.string, value: Serde.string })
const topology = Topology.make(KStream.from(words).pipe(KStream.to(copied)))

const lines = Topology.toMermaid(topology).split("\n")
assert.match(lines[0]!, /^flowchart/)
assert.ok(lines.some((line) => line.includes("KSTREAM-SINK-0000000001")))

assert.match(Topology.toSvg(topology), /^<svg .*<\/svg>\s*$/s)
