/**
 * Rewrites a topology as Kafka does: tables' topics serve as their changelogs, repartitions of one stream become one, an inner
 * join of a stream with itself keeps one store. `all`, or some of `reuse.ktable.source.topics`,
 * `merge.repartition.topics`, `single.store.self.join`. An app keeps its names only if this option stays the same.
 *
 * Kafka: `topology.optimization`.
 */
import assert from "node:assert/strict"
import { KGroupedStream, KStream, Serde, Topic, Topology } from "@millrace/core"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const byWord = KStream.from(words).pipe(KStream.selectKey((_key, word) => word, Serde.string))
const topology = Topology.make(
  byWord.pipe(KStream.groupByKey, KGroupedStream.count()),
  byWord.pipe(KStream.groupByKey, KGroupedStream.reduce((a, b) => a + b))
)

const repartitions = (optimization: "none" | "all") =>
  new Set(Topology.describe(topology, { optimization }).match(/topics: \[\S+-repartition\]/g)).size
assert.equal(repartitions("none"), 2)
assert.equal(repartitions("all"), 1)
