/**
 * Says how far the other record may be before and after, each on its own; a negative one leaves a gap. `grace` keeps windows
 * open for records that are late; it decides when unmatched records leave, and how long records are kept.
 *
 * Kafka: `JoinWindows.before`, `JoinWindows.after`, `JoinWindows.ofTimeDifferenceAndGrace`.
 */
import assert from "node:assert/strict"
import { JoinWindows, KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const ads = Topic.make("ads", { key: Serde.string, value: Serde.string })
const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const pairs = Topic.make("pairs", { key: Serde.string, value: Serde.string })
const windows = JoinWindows.ofTimeDifference(0, { after: "1 minute", grace: "10 seconds" })
const topology = Topology.make(
  KStream.from(ads).pipe(
    KStream.join(KStream.from(clicks), (ad, click) => `${ad}+${click}`, windows, { storeName: "ads-clicks" }),
    KStream.to(pairs)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(clicks, { key: "ada", value: "before", timestamp: 999 })
driver.pipe(ads, { key: "ada", value: "tea", timestamp: 1000 })
driver.pipe(clicks, { key: "ada", value: "after", timestamp: 61_000 })
assert.deepEqual(driver.read(pairs).map(({ value }) => value), ["tea+after"])
