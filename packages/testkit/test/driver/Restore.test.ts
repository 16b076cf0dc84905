import * as Flow from "@millrace/client/streams/engine/Flow"
import { DiskMap } from "@millrace/client/streams/engine/stores/DiskMap"
import { type AnyStore, noLog } from "@millrace/client/streams/engine/stores/StateStore"
import * as TaskStores from "@millrace/client/streams/engine/TaskStores"
import {
  JoinWindows,
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
import { MemoryDisk, TopologyTestDriver } from "@millrace/testkit"
import * as LogStoreEngine from "@millrace/testkit/platform/LogStoreEngine"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const votes = Topic.make("votes", { key: Serde.string, value: Serde.string })

const ballots = KStream.from(votes)
const versions = KStream.from(votes).pipe(
  KStream.toTable({ as: "versions", versioned: { historyRetention: 50, segmentInterval: 10 } })
)

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
  KStream.from(votes).pipe(KStream.join(versions, (vote, version) => vote + version, { name: "late", grace: 15 })),
  KStream.from(votes).pipe(
    KStream.toTable({ as: "latest" }),
    KTable.groupBy((voter, choice) => [choice, voter] as const, { key: Serde.string, value: Serde.string }),
    KGroupedTable.count({ as: "tally" })
  ),
  ballots.pipe(
    KStream.outerJoin(
      KStream.filter(ballots, (choice) => choice === "x"),
      (own, other) => `${own}${other}`,
      JoinWindows.ofTimeDifference(10, { grace: 5 }),
      { storeName: "joined" }
    )
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
      return [...store.fetchRange(undefined, undefined, 0, 1_000)].map(({ key, stored, windowStart }) => [
        windowStart,
        [...key],
        [...stored.value],
        stored.timestamp
      ])
    case "session":
      return [...store.findRange(undefined, undefined, 0, 1_000)].map(({ key, session }) => [
        [...key],
        session.start,
        session.end,
        [...session.value]
      ])
    case "versioned":
      return ["a", "b", "c"].map((key) => [...store.versions(Serde.string.serializeUnsafe(key))])
    case "joinBuffer": {
      const waiting: Array<unknown> = [store.count]
      const late = { topic: "votes", partition: 0, offset: 0, timestamp: 1_000, headers: [] }
      store.put(new Uint8Array(1), new Uint8Array(1), late)
      store.release(({ key, source, value }) => waiting.push([...key], source, [...value]))
      return waiting
    }
    case "suppressBuffer": {
      const held: Array<unknown> = [store.sizeBytes]
      for (let { first } = store; first !== undefined; { first } = store) {
        held.push(first)
        store.removeFirst()
      }
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
      assert.sameMembers([...driver.stores.keys()], [
        "windows",
        "sessions",
        "held-store",
        "versions",
        "late-Buffer",
        "latest",
        "tally",
        "joined-outer-this-join-store",
        "joined-outer-other-join-store",
        "joined-outer-shared-join-store"
      ])
      for (const [name, { definition, store }] of driver.stores) {
        const restored = TaskStores.makeStore(definition, noLog, Flow.makeContext()).store
        for (const { key, timestamp, topic, value } of produced) {
          if (topic === `app-${name}-changelog`) restored.restore(key!, value, timestamp)
        }
        assert.deepStrictEqual(contents(restored), contents(store), name)
      }
    }), { arbitrary: { runs: 100, seed: "streams" } })

  it.effect.prop("restore each store on disk to what it was, also from where a commit left it", [
    Schema.Array(Vote).check(Schema.isMinLength(5), Schema.isMaxLength(40)),
    Schema.Literals([0.25, 0.5, 0.75])
  ], ([given, share]) =>
    Effect.gen(function*() {
      const database = yield* LogStoreEngine.make(MemoryDisk.make().disk).open("stores")
      const driver = TopologyTestDriver.make(topology)
      for (const { choice, timestamp, voter } of given) driver.pipe(votes, { key: voter, value: choice, timestamp })
      const produced = driver.takeProduced()
      for (const [name, { definition, store }] of driver.stores) {
        if (store.kind === "suppressBuffer" || store.kind === "joinBuffer") continue
        const changes = produced.filter(({ topic }) => topic === `app-${name}-changelog`)
        const committed = Math.floor(changes.length * share)
        const open = (map: DiskMap) => TaskStores.makeStore(definition, noLog, Flow.makeContext(), () => map).store
        const map = new DiskMap(database.tableUnsafe(name))
        const before = open(map)
        for (const { key, timestamp, value } of changes.slice(0, committed)) before.restore(key!, value, timestamp)
        const writes = map.writes()
        if (writes !== undefined) yield* database.write([writes])
        const after = open(new DiskMap(database.tableUnsafe(name)))
        for (const { key, timestamp, value } of changes.slice(committed)) after.restore(key!, value, timestamp)
        assert.deepStrictEqual(contents(after), contents(store), name)
      }
    }).pipe(Effect.scoped), { arbitrary: { runs: 30, seed: "streams" } })
})
