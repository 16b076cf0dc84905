/**
 * Holds the updates of a windowed table back until its windows and their grace have passed: one final result for each window
 * and key. What is held back is kept in a store with a changelog, so both serdes must be known.
 *
 * Stream time closes windows: the last result waits for a later record.
 *
 * Kafka: `Suppressed.untilWindowCloses(BufferConfig.unbounded())`.
 */
import assert from "node:assert/strict"
import {
  KGroupedStream,
  KStream,
  KTable,
  Serde,
  Suppressed,
  TimeWindowedKStream,
  TimeWindows,
  Topic,
  Topology
} from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const counts = Topic.make("counts", { key: Serde.windowed(Serde.string, 10), value: Serde.long })
const topology = Topology.make(
  KStream.from(clicks).pipe(
    KStream.groupByKey,
    KGroupedStream.windowedBy(TimeWindows.tumbling(10, { grace: 5 })),
    TimeWindowedKStream.count(),
    KTable.suppress(Suppressed.untilWindowCloses()),
    KTable.toStream,
    KStream.to(counts)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const timestamp of [1, 12, 2, 15]) driver.pipe(clicks, { key: "ada", value: "/", timestamp })
assert.deepEqual(driver.read(counts).map(({ key, value }) => [key?.start, value]), [[0, 2]])
