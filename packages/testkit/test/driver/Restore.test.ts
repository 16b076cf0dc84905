import * as InMemoryKeyValueStore from "@millrace/client/streams/engine/stores/InMemoryKeyValueStore"
import * as InMemorySessionStore from "@millrace/client/streams/engine/stores/InMemorySessionStore"
import * as InMemoryWindowStore from "@millrace/client/streams/engine/stores/InMemoryWindowStore"
import * as SuppressBuffer from "@millrace/client/streams/engine/stores/SuppressBuffer"
import { type AnyStore, noLog } from "@millrace/client/streams/engine/stores/StateStore"
import {
  KGroupedStream,
  KGroupedTable,
  KStream,
  KTable,
  Serde,
  SessionWindowedKStream,
  SessionWindows,
  Suppressed,
  TimeWindowedKStream,
  TimeWindows,
  Topic,
  Topology
} from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const votes = Topic.make("votes", { key: Serde.string, value: Serde.string })

/** Stores of every kind that is logged. */
const topology = Topology.make(
  KStream.from(votes).pipe(
    KStream.groupByKey,
    KGroupedStream.windowedBy(TimeWindows.hopping(20, { advance: 10, grace: 15 })),
    TimeWindowedKStream.count({ as: "windows" })
  ),
  KStream.from(votes).pipe(
    KStream.groupByKey,
    KGroupedStream.windowedBy(SessionWindows.withGap(7, { grace: 15 })),
    SessionWindowedKStream.count({ as: "sessions" }),
    KTable.suppress(Suppressed.untilWindowCloses({ name: "held" }))
  ),
  KStream.from(votes).pipe(
    KStream.toTable({ as: "latest" }),
    KTable.groupBy((voter, choice) => [choice, voter] as const, { key: Serde.string, value: Serde.string }),
    KGroupedTable.count({ as: "tally" })
  )
)

const Vote = Schema.Struct({
  voter: Schema.Literals(["a", "b", "c"]),
  choice: Schema.NullOr(Schema.Literals(["x", "y"])),
  timestamp: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 120 }))
})

const contents = (store: AnyStore): unknown => {
  switch (store.kind) {
    case "keyValue":
      return [...store.range(undefined, undefined)].map(([key, { timestamp, value }]) => [
        [...key],
        [...value],
        timestamp
      ])
    case "window":
      return [...store.fetchAll(0, 1_000)].map(({ key, stored, windowStart }) => [
        windowStart,
        [...key],
        [...stored.value],
        stored.timestamp
      ])
    case "session":
      return [...store.all()].map(({ key, session }) => [[...key], session.start, session.end, [...session.value]])
    case "suppressBuffer": {
      const held: Array<unknown> = [store.sizeBytes]
      for (let first = store.takeFirst(); first !== undefined; first = store.takeFirst()) held.push(first)
      return JSON.parse(JSON.stringify(held))
    }
  }
}

describe("changelogs", () => {
  it.effect.prop("restore each store to what it was", [Schema.Array(Vote)], ([given]) =>
    Effect.sync(() => {
      const driver = TopologyTestDriver.make(topology)
      for (const { choice, timestamp, voter } of given) driver.pipe(votes, { key: voter, value: choice, timestamp })
      const produced = driver.takeProduced()
      assert.sameMembers([...driver.stores.keys()], ["windows", "sessions", "held-store", "latest", "tally"])
      for (const [name, { definition, store }] of driver.stores) {
        const restored = definition._tag === "Window"
          ? InMemoryWindowStore.make(name, definition.retentionMs, noLog)
          : definition._tag === "Session"
          ? InMemorySessionStore.make(name, definition.retentionMs, undefined, noLog)
          : definition._tag === "SuppressBuffer"
          ? SuppressBuffer.make(name, noLog)
          : InMemoryKeyValueStore.make(name, noLog)
        for (const { key, timestamp, topic, value } of produced) {
          if (topic === `app-${name}-changelog`) restored.restore(key!, value, timestamp)
        }
        assert.deepStrictEqual(contents(restored), contents(store), name)
      }
    }), { arbitrary: { runs: 100, seed: "streams" } })
})
