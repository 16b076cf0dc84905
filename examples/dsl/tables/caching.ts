/**
 * Holds a table's updates back until a commit, so that many changes of a key leave as one, and are logged as one. Apps do so
 * by default, within `stateStoreCacheMaxBytes` (10 MiB); `caching: false` turns it off for a store, and a test driver has to be
 * asked.
 *
 * Kafka: `statestore.cache.max.bytes`, `Materialized.withCachingDisabled`.
 */
import assert from "node:assert/strict"
import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
const counts = Topic.make("counts", { key: Serde.string, value: Serde.long })
const words = KStream.from(lines).pipe(
  KStream.flatMapValues((line) => line.split(" "), Serde.string),
  KStream.groupByKey
)
const counting = (caching: boolean) =>
  TopologyTestDriver.make(
    Topology.make(words.pipe(KGroupedStream.count({ as: "counts", caching }), KTable.toStream, KStream.to(counts))),
    { stateStoreCacheMaxBytes: 1_000_000 }
  )

const [cached, uncached] = [counting(true), counting(false)]
for (const driver of [cached, uncached]) driver.pipe(lines, { key: "a", value: "to be or" })
assert.deepEqual(cached.read(counts).map(({ value }) => value), [3])
assert.deepEqual(uncached.read(counts).map(({ value }) => value), [1, 2, 3])
