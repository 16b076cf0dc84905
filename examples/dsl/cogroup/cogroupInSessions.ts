/**
 * Cogroups in sessions. `merge` makes one aggregate of two sessions that a record joins, the earlier first.
 *
 * Kafka: `CogroupedKStream.windowedBy(SessionWindows)`, `SessionWindowedCogroupedKStream.aggregate`.
 */
import assert from "node:assert/strict"
import {
  CogroupedKStream,
  KGroupedStream,
  KStream,
  KTable,
  Serde,
  SessionWindowedCogroupedKStream,
  SessionWindows,
  Topic,
  Topology
} from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const views = Topic.make("views", { key: Serde.string, value: Serde.string })
const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const visits = Topic.make("visits", { key: Serde.sessionWindowed(Serde.string), value: Serde.long })
const topology = Topology.make(
  KStream.from(views).pipe(
    KStream.groupByKey,
    KGroupedStream.cogroup((sum: number) => sum + 1),
    CogroupedKStream.cogroup(KStream.from(clicks).pipe(KStream.groupByKey), (sum) => sum + 10),
    CogroupedKStream.windowedBy(SessionWindows.withGap("1 minute")),
    SessionWindowedCogroupedKStream.aggregate({ initial: () => 0, merge: (a, b) => a + b, value: Serde.long }),
    KTable.toStream,
    KStream.to(visits)
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(views, { key: "ada", value: "", timestamp: 0 })
driver.pipe(clicks, { key: "ada", value: "", timestamp: 50_000 })
assert.deepEqual([...driver.readTable(visits)].map(([{ end, start }, score]) => [start, end, score]), [[0, 50_000, 11]])
