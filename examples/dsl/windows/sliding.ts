/**
 * Makes a window for each set of records that are at most so far apart: it begins or ends at a record, both ends included.
 *
 * Kafka: `SlidingWindows.ofTimeDifferenceAndGrace`, `TimeWindowedKStream.aggregate`.
 */
import assert from "node:assert/strict"
import {
  KGroupedStream,
  KStream,
  KTable,
  Serde,
  SlidingWindows,
  TimeWindowedKStream,
  Topic,
  Topology
} from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const texts = Topic.make("texts", { key: Serde.windowed(Serde.string, 10), value: Serde.string })
const topology = Topology.make(
  KStream.from(words).pipe(
    KStream.groupByKey,
    KGroupedStream.windowedBy(SlidingWindows.ofTimeDifference(10, { grace: 100 })),
    TimeWindowedKStream.aggregate({ initial: () => "", add: (text, word) => text + word, value: Serde.string }),
    KTable.toStream,
    KStream.to(texts)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(words, { key: "k", value: "a", timestamp: 100 })
driver.pipe(words, { key: "k", value: "b", timestamp: 105 })
assert.deepEqual([...driver.readTable(texts)].map(([{ end, start }, text]) => [start, end, text]), [
  [90, 100, "a"],
  [101, 111, "b"],
  [95, 105, "ab"]
])
