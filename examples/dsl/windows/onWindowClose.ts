/**
 * Emits one result for each window, when it and its grace have passed, instead of every update. No buffer is needed, unlike
 * with `suppress`. An app looks for windows that have closed once a second, the driver at each record.
 *
 * As in Kafka, a window is lost without a word if stream time leaps so far that the store forgets it before it is emitted:
 * give it a `retention` that is longer than such leaps.
 *
 * Kafka: `EmitStrategy.onWindowClose`.
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
const counts = Topic.make("counts", { key: Serde.windowed(Serde.string, 10), value: Serde.long })
const topology = Topology.make(
  KStream.from(clicks).pipe(
    KStream.groupByKey,
    KGroupedStream.windowedBy(TimeWindows.tumbling(10), { emit: "onWindowClose" }),
    TimeWindowedKStream.count({ retention: "1 hour" }),
    KTable.toStream,
    KStream.to(counts)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const timestamp of [1, 2, 500]) driver.pipe(clicks, { key: "ada", value: "/", timestamp })
assert.deepEqual(driver.read(counts).map(({ key, value }) => [key?.start, value]), [[0, 2]])
