/**
 * Gathers several grouped streams into one aggregate, each by a function of its own. The first function says the type; null
 * deletes the key. Streams whose key was changed go through repartition topics: give those groupings names.
 *
 * Kafka: `KGroupedStream.cogroup`, `CogroupedKStream.cogroup`, `CogroupedKStream.aggregate`.
 */
import assert from "node:assert/strict"
import { CogroupedKStream, KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const deposits = Topic.make("deposits", { key: Serde.string, value: Serde.long })
const withdrawals = Topic.make("withdrawals", { key: Serde.string, value: Serde.long })
const balances = Topic.make("balances", { key: Serde.string, value: Serde.long })
const topology = Topology.make(
  KStream.from(deposits).pipe(
    KStream.groupByKey,
    KGroupedStream.cogroup((sum: number, amount) => sum + amount),
    CogroupedKStream.cogroup(KStream.from(withdrawals).pipe(KStream.groupByKey), (sum, amount) => sum - amount),
    CogroupedKStream.aggregate({ initial: () => 0, value: Serde.long }),
    KTable.toStream,
    KStream.to(balances)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(deposits, { key: "ada", value: 10 })
driver.pipe(withdrawals, { key: "ada", value: 3 })
assert.deepEqual(driver.readTable(balances), new Map([["ada", 7]]))
