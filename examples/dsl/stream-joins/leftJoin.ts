/**
 * Joins as `join`, and keeps each record of the left stream that meets none: it leaves with null for the right value, when
 * nothing can meet it any more. A record without key leaves at once.
 *
 * Kafka: `KStream.leftJoin(KStream)`.
 */
import assert from "node:assert/strict"
import { JoinWindows, KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const ads = Topic.make("ads", { key: Serde.string, value: Serde.string })
const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const pairs = Topic.make("pairs", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(ads).pipe(
    KStream.leftJoin(KStream.from(clicks), (ad, click) => `${ad}+${click}`, JoinWindows.ofTimeDifference(10)),
    KStream.to(pairs)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(ads, { key: "ada", value: "tea", timestamp: 0 })
driver.pipe(clicks, { key: "bob", value: "buy", timestamp: 11 })
assert.deepEqual(driver.read(pairs).map(({ key, value }) => [key, value]), [["ada", "tea+null"]])
