/**
 * Joins each pair of records of two streams that have one key and are at most so far apart in time, both ends included. The
 * result has the later of their timestamps. Records without key or value are dropped.
 *
 * Both streams are kept in stores for as long as the windows ask for; both serdes of both must be known or given. They must
 * have equal numbers of partitions; one whose key was changed goes through a repartition topic.
 *
 * Kafka: `KStream.join(KStream)`, `JoinWindows.ofTimeDifferenceWithNoGrace`, `StreamJoined`.
 */
import assert from "node:assert/strict"
import { JoinWindows, KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const ads = Topic.make("ads", { key: Serde.string, value: Serde.string })
const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const pairs = Topic.make("pairs", { key: Serde.string, value: Serde.string })
const topology = Topology.make(
  KStream.from(ads).pipe(
    KStream.join(KStream.from(clicks), (ad, click) => `${ad}+${click}`, JoinWindows.ofTimeDifference("10 seconds")),
    KStream.to(pairs)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(ads, { key: "ada", value: "tea", timestamp: 1000 })
driver.pipe(clicks, { key: "ada", value: "buy", timestamp: 5000 })
driver.pipe(clicks, { key: "ada", value: "late", timestamp: 20_000 })
assert.deepEqual(driver.read(pairs).map(({ timestamp, value }) => [value, timestamp]), [["tea+buy", 5000]])
