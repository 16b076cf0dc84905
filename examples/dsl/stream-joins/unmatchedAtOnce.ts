/**
 * Lets unmatched records of a left or outer join leave at once, also if a partner comes later, and keeps windows open for 24
 * hours. For topologies that were written so; it is deprecated in Kafka.
 *
 * Kafka: `JoinWindows.of`.
 */
import assert from "node:assert/strict"
import { JoinWindows, KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const ads = Topic.make("ads", { key: Serde.string, value: Serde.string })
const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const pairs = Topic.make("pairs", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(ads).pipe(
    KStream.leftJoin(KStream.from(clicks), (ad, click) => `${ad}+${click}`, JoinWindows.of("1 minute")),
    KStream.to(pairs)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(ads, { key: "ada", value: "tea", timestamp: 0 })
driver.pipe(clicks, { key: "ada", value: "buy", timestamp: 5 })
assert.deepEqual(driver.read(pairs).map(({ value }) => value), ["tea+null", "tea+buy"])
