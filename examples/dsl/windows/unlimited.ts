/**
 * One window for all records from a time on. It never ends, and is never dropped.
 *
 * Kafka: `UnlimitedWindows.of().startOn`.
 */
import assert from "node:assert/strict"
import { KGroupedStream, KStream, Serde, TimeWindowedKStream, Topic, Topology, UnlimitedWindows } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(clicks).pipe(
    KStream.groupByKey,
    KGroupedStream.windowedBy(UnlimitedWindows.from(1000)),
    TimeWindowedKStream.count({ as: "since" })
  )
)

const driver = TopologyTestDriver.make(topology)
for (const timestamp of [999, 1000, 5000]) driver.pipe(clicks, { key: "ada", value: "/", timestamp })
assert.deepEqual(driver.windowStore("since").get("ada", 1000), { value: 2, timestamp: 5000 })
