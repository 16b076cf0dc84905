/**
 * Holds the updates of a table back until so much stream time has passed since the first that waits: then the newest leaves.
 *
 * Kafka: `Suppressed.untilTimeLimit`.
 */
import assert from "node:assert/strict"
import { KGroupedStream, KStream, KTable, Serde, Suppressed, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const counts = Topic.make("counts", { key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KStream.from(clicks).pipe(
    KStream.groupByKey,
    KGroupedStream.count(),
    KTable.suppress(Suppressed.untilTimeLimit(10)),
    KTable.toStream,
    KStream.to(counts)
  )
)

const driver = TopologyTestDriver.make(topology)
for (const timestamp of [0, 5, 10]) driver.pipe(clicks, { key: "ada", value: "/", timestamp })
assert.deepEqual(driver.read(counts).map(({ value }) => value), [3])
