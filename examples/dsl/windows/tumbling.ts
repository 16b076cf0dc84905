/**
 * Counts, reduces or gathers the records of each key in windows that follow one another, aligned at the epoch. The result is a
 * table whose keys are windows: `{ key, start, end }`, the end excluded. In windows a null value counts, as in Kafka.
 *
 * A windowed key is partitioned by its inner key. Its serde is `Serde.windowed`, which is told the size.
 *
 * Kafka: `TimeWindows.ofSizeWithNoGrace`, `TimeWindowedKStream.count`.
 */
import assert from "node:assert/strict"
import {
  KGroupedStream,
  KStream,
  KTable,
  Serde,
  TimeWindowedKStream,
  TimeWindows,
  Topic,
  Topology
} from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const counts = Topic.make("counts", { key: Serde.windowed(Serde.string, 60_000), value: Serde.long })
const topology = Topology.make(
  KStream.from(clicks).pipe(
    KStream.groupByKey,
    KGroupedStream.windowedBy(TimeWindows.tumbling("1 minute")),
    TimeWindowedKStream.count({ as: "clicks-per-minute", retention: "1 hour" }),
    KTable.toStream,
    KStream.to(counts)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const timestamp of [0, 59_999, 60_000]) driver.pipe(clicks, { key: "ada", value: "/", timestamp })
assert.deepEqual([...driver.readTable(counts)].map(([{ end, key, start }, count]) => [key, start, end, count]), [
  ["ada", 0, 60_000, 2],
  ["ada", 60_000, 120_000, 1]
])
