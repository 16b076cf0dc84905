/**
 * Gathers the records of each key that follow one another closely: a session ends when nothing came for longer than the gap.
 * A record that joins two sessions makes one of them by `merge`; the older ones are deleted from the table. Both ends are
 * included.
 *
 * Kafka: `SessionWindows.ofInactivityGapAndGrace`, `SessionWindowedKStream.aggregate`, `SessionWindowedKStream.count`.
 */
import assert from "node:assert/strict"
import {
  KGroupedStream,
  KStream,
  KTable,
  Serde,
  SessionWindowedKStream,
  SessionWindows,
  Topic,
  Topology
} from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const visits = Topic.make("visits", { key: Serde.sessionWindowed(Serde.string), value: Serde.string })
const grouped = KStream.from(clicks).pipe(
  KStream.groupByKey,
  KGroupedStream.windowedBy(SessionWindows.withGap(10, { grace: 100 }))
)
const topology = Topology.make(
  grouped.pipe(
    SessionWindowedKStream.aggregate({
      initial: () => "",
      add: (pages, page) => pages + page,
      merge: (first, second) => first + second,
      value: Serde.string
    }),
    KTable.toStream,
    KStream.to(visits)
  ),
  grouped.pipe(SessionWindowedKStream.count({ as: "clicks-per-visit" }))
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(clicks, { key: "ada", value: "/a", timestamp: 0 })
driver.pipe(clicks, { key: "ada", value: "/b", timestamp: 15 })
driver.pipe(clicks, { key: "ada", value: "/c", timestamp: 8 })
assert.deepEqual([...driver.readTable(visits)].map(([{ end, start }, pages]) => [start, end, pages]), [
  [0, 15, "/a/b/c"]
])
assert.deepEqual([...driver.sessionStore("clicks-per-visit").fetch("ada")].map(({ value }) => value), [3])
