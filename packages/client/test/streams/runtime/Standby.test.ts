import type { ConsumerCore } from "@millrace/client/consumer/ConsumerCore"
import * as StoreReader from "@millrace/client/streams/engine/stores/StoreReader"
import * as EffectFibers from "@millrace/client/streams/runtime/EffectFibers"
import { Restorer } from "@millrace/client/streams/runtime/Restorer"
import { TaskManager } from "@millrace/client/streams/runtime/TaskManager"
import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { FakeCluster } from "./FakeCluster.ts"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const topology = Result.getOrThrow(Topology.resolve(
  Topology.make(KStream.from(words).pipe(KStream.groupByKey, KGroupedStream.count({ as: "counts" }))),
  { applicationId: "app" }
))
const changelog = { topic: "app-counts-changelog", partition: 0 }

/** The consumer, and how many records it has read. */
const counted = (consumer: ConsumerCore) => {
  const seen = { records: 0 }
  const poll = (maxWaitMs: number) =>
    Effect.map(consumer.poll(maxWaitMs), (chunks) => {
      for (const chunk of chunks) seen.records += chunk.recordsCount
      return chunks
    })
  return { consumer: { ...consumer, poll }, seen }
}

describe("a standby", () => {
  it.effect("keeps up with the changelog, and goes on where it was when it becomes active", () =>
    Effect.gen(function*() {
      const cluster = new FakeCluster(new Map([["words", 1], [changelog.topic, 1]]), () => "none")
      const log = (key: string, count: number) =>
        cluster.log(changelog).push({
          key: Serde.string.serializeUnsafe(key),
          value: Serde.long.serializeUnsafe(count),
          timestamp: count
        })
      for (let count = 1; count <= 50; count++) log("a", count)
      const tasks = new TaskManager({
        topology,
        effects: yield* EffectFibers.make(),
        output: { send: () => {}, partitionCount: () => 1 },
        maxTaskIdleMs: 0,
        emitIntervalMs: 0,
        currentTimeMillis: () => 0
      })
      const { consumer, seen } = counted(cluster.consumer())
      const heard: Array<string> = []
      const ofStandby: Array<string> = []
      const restorer = new Restorer(consumer, undefined, {
        restore: {
          onRestoreStart: ({ store }, from, to) => void heard.push(`${store} from ${from} to ${to}`),
          onBatchRestored: (_store, end, count) => void heard.push(`${count} before ${end}`),
          onRestoreEnd: (_store, total) => void heard.push(`${total} in all`)
        },
        standby: {
          onUpdateStart: ({ store }, from) => void ofStandby.push(`${store} from ${from}`),
          onBatchLoaded: (_store, task, last, count, end) =>
            void ofStandby.push(`${task}: ${count} to ${last} of ${end}`),
          onUpdateSuspended: ({ store }, last, end, why) => void ofStandby.push(`${store} at ${last} of ${end}: ${why}`)
        }
      })
      const advance = Effect.forEach(Array.from({ length: 60 }), () => restorer.advance(0), { discard: true })
      restorer.follow(tasks.addStandbyUnsafe("0_0"))
      assert.strictEqual(restorer.size, 0)
      yield* advance
      assert.strictEqual(restorer.offsetSum("0_0"), 50)
      log("a", 51)
      yield* advance
      assert.strictEqual(seen.records, 51)

      log("a", 52)
      log("b", 1)
      tasks.addUnsafe([{ topic: "words", partition: 0 }])
      const managed = tasks.tasks.get("0_0")!
      assert.strictEqual(tasks.standbys.size, 0)
      restorer.begin(managed, () => 0)
      assert.strictEqual(restorer.offsetSum("0_0"), 51)
      yield* advance
      assert.strictEqual(managed.state, "running")
      assert.strictEqual(seen.records, 53)
      assert.deepStrictEqual(heard, ["counts from 51 to 53", "2 before 53", "2 in all"])
      assert.deepStrictEqual(ofStandby[0], "counts from 0")
      assert.deepStrictEqual(ofStandby.slice(-2), ["0_0: 1 to 50 of 51", "counts at 50 of 53: PROMOTED"])
      const loaded = ofStandby.slice(1, -1).map((line) => Number(/: (\d+) to/.exec(line)![1]))
      assert.strictEqual(loaded.reduce((sum, count) => sum + count, 0), 51)
      assert.isFalse(restorer.isReading)
      const reader = StoreReader.keyValue<string, number>(managed.task.stores.get("counts")!)!
      assert.deepStrictEqual([reader.get("a")?.value, reader.get("b")?.value], [52, 1])
    }))

  it.effect("of a table that has no changelog but its topic reads as far as its task has committed, and no further", () =>
    Effect.gen(function*() {
      const table = Result.getOrThrow(Topology.resolve(
        Topology.make(KTable.from(words, { as: "rows" })),
        { applicationId: "app", optimization: "all" }
      ))
      const source = { topic: "words", partition: 0 }
      const cluster = new FakeCluster(new Map([["words", 1]]), () => "none")
      for (let at = 0; at < 10; at++) {
        const [key, value] = [`k${at % 4}`, `${at}`].map((text) => Serde.string.serializeUnsafe(text))
        cluster.log(source).push({ key: key!, value: value!, timestamp: at })
      }
      const tasks = new TaskManager({
        topology: table,
        effects: yield* EffectFibers.make(),
        output: { send: () => {}, partitionCount: () => 1 },
        maxTaskIdleMs: 0,
        emitIntervalMs: 0,
        currentTimeMillis: () => 0
      })
      const { consumer, seen } = counted(cluster.consumer())
      const heard: Array<string> = []
      const restorer = new Restorer(consumer, undefined, {
        restore: { onRestoreStart: ({ store }, from, to) => void heard.push(`${store} from ${from} to ${to}`) }
      })
      const advance = Effect.forEach(Array.from({ length: 10 }), () => restorer.advance(0), { discard: true })
      const standby = tasks.addStandbyUnsafe("0_0")
      restorer.follow(standby)
      yield* advance
      assert.strictEqual(seen.records, 0)
      assert.deepStrictEqual(restorer.bounded.map(({ partition, topic }) => ({ topic, partition })), [source])
      const rows = () =>
        [...StoreReader.keyValue<string, string>(standby.stores.get("rows")!)!.range()].map(({ value: row }) => row)
      for (
        const [offset, held] of [[5, ["4", "1", "2", "3"]], [4, ["4", "1", "2", "3"]], [7, [
          "4",
          "5",
          "6",
          "3"
        ]]] as const
      ) {
        restorer.raise([{ ...source, offset }])
        yield* advance
        assert.deepStrictEqual(rows(), [...held])
        assert.strictEqual(restorer.offsetSum("0_0"), Math.max(5, offset))
      }
      tasks.addUnsafe([source])
      const managed = tasks.tasks.get("0_0")!
      restorer.begin(managed, () => 9)
      yield* advance
      assert.strictEqual(managed.state, "running")
      assert.deepStrictEqual(heard, ["rows from 7 to 9"])
      assert.deepStrictEqual(rows(), ["8", "5", "6", "7"])
    }))

  it.effect("is forgotten with what it held", () =>
    Effect.gen(function*() {
      const cluster = new FakeCluster(new Map([["words", 1], [changelog.topic, 1]]), () => "none")
      const tasks = new TaskManager({
        topology,
        effects: yield* EffectFibers.make(),
        output: { send: () => {}, partitionCount: () => 1 },
        maxTaskIdleMs: 0,
        emitIntervalMs: 0,
        currentTimeMillis: () => 0
      })
      const why: Array<string> = []
      const restorer = new Restorer(cluster.consumer(), undefined, {
        standby: { onUpdateSuspended: (_store, _last, _end, reason) => void why.push(reason) }
      })
      restorer.follow(tasks.addStandbyUnsafe("0_0"))
      yield* restorer.advance(0)
      restorer.forget("0_0")
      tasks.removeStandby("0_0")
      assert.deepStrictEqual([restorer.isReading, tasks.standbys.size], [false, 0])
      assert.deepStrictEqual(why, ["MIGRATED"])
    }))
})
