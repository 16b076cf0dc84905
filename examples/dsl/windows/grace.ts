/**
 * Says how long after its end a window still takes records. Without grace, none: a record whose windows have all closed, by
 * stream time, is dropped and counted.
 *
 * Kafka: `TimeWindows.ofSizeAndGrace`; the deprecated default of 24 hours is not here.
 */
import assert from "node:assert/strict"
import { KGroupedStream, KStream, Serde, TimeWindowedKStream, TimeWindows, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(clicks).pipe(
    KStream.groupByKey,
    KGroupedStream.windowedBy(TimeWindows.tumbling(10, { grace: 5 })),
    TimeWindowedKStream.count({ as: "counts" })
  )
)

const driver = TopologyTestDriver.make(topology)
for (const timestamp of [1, 14, 2, 15, 3]) driver.pipe(clicks, { key: "ada", value: "/", timestamp })
assert.equal(driver.windowStore("counts").get("ada", 0)?.value, 2)
assert.equal(driver.droppedRecords(), 1)
