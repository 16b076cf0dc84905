import * as StoreReader from "@millrace/client/streams/engine/stores/StoreReader"
import { RecordCache } from "@millrace/client/streams/engine/stores/cache/RecordCache"
import * as Task from "@millrace/client/streams/engine/Task"
import * as Position from "@millrace/client/streams/Position"
import * as EffectFibers from "@millrace/client/streams/runtime/EffectFibers"
import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"

const input = Topic.make("input", { key: Serde.string, value: Serde.string })

/** A store, and two below it; effects that take time are above all, and above the last, if they take any. */
const topologyOf = (delayMs: number) => {
  const stream = KStream.from(input)
  const wait = () => Effect.delay(Effect.succeed(true), delayMs)
  const counts = (delayMs === 0 ? stream : stream.pipe(KStream.filterEffect(wait))).pipe(
    KStream.groupByKey,
    KGroupedStream.count({ as: "counts" })
  )
  const changes = counts.pipe(KTable.toStream)
  return Topology.make(
    counts.pipe(KTable.mapValues((count) => count * 10, { as: "tens", value: Serde.long })),
    (delayMs === 0 ? changes : changes.pipe(KStream.filterEffect(wait))).pipe(KStream.toTable({ as: "last" }))
  )
}

const keys = ["a", "b", "c"] as const
const Small = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 }))
const Step = Schema.Union([
  Schema.Struct({ _tag: Schema.Literal("add"), keys: Schema.Array(Schema.Literals(keys)) }),
  Schema.Struct({ _tag: Schema.Literal("process"), count: Small }),
  Schema.Struct({ _tag: Schema.Literal("wait"), ms: Small }),
  Schema.Struct({ _tag: Schema.Literal("flush") })
])

const begin = 7

describe("TaskPosition", () => {
  it.effect.prop(
    "never says that a record is in a store which is not, and says so of all when nothing is held back",
    [Schema.Array(Step), Schema.Literals([0, 3]), Schema.Literals([0, 150, 1_000_000])],
    ([steps, delayMs, cacheBytes]) =>
      Effect.scoped(Effect.gen(function*() {
        const clock = yield* Clock.Clock
        const task = Task.makeUnsafe({
          topology: Result.getOrThrow(Topology.resolve(topologyOf(delayMs), { applicationId: "app" })),
          subTopology: undefined,
          partition: 0,
          output: { send: () => {}, partitionCount: () => 1 },
          currentTimeMillis: () => clock.currentTimeMillisUnsafe(),
          effects: yield* EffectFibers.make(),
          cache: RecordCache.ofSize(cacheBytes)
        })
        task.beginAt(() => begin)
        const log: Array<string> = []
        const add = (key: string) => {
          const offset = begin + log.push(key) - 1
          let isTaken = false
          const record = {
            offset,
            timestamp: offset,
            key: () => Serde.string.serializeUnsafe(key),
            value: () => Serde.string.serializeUnsafe("v"),
            headers: () => []
          }
          const cursor = () => ({ next: () => !isTaken && (isTaken = true), record })
          task.addUnsafe(task.queueOf("input")!, { cursor, nextOffset: offset + 1, leaderEpoch: 0, sizeInBytes: 1 })
        }
        const offsetOf = (store: string) => Position.offsetOf(task.positionOf(store), "input", 0)!
        const countOf = (store: string, key: string) =>
          StoreReader.keyValue<string, number>(task.stores.get(store)!)!.get(key)?.value ?? 0
        const before = new Map<string, number>()
        const check = () => {
          for (const [store, factor] of [["counts", 1], ["tens", 10], ["last", 1]] as const) {
            const offset = offsetOf(store)
            assert.isAtLeast(offset, before.get(store) ?? begin - 1, `${store} goes back`)
            before.set(store, offset)
            const upTo = log.slice(0, offset + 1 - begin)
            for (const key of keys) {
              const least = upTo.filter((each) => each === key).length * factor
              assert.isAtLeast(countOf(store, key), least, `${store} of ${key} at ${offset}`)
            }
          }
        }
        assert.strictEqual(offsetOf("counts"), begin - 1)
        for (const step of steps) {
          if (step._tag === "add") step.keys.forEach(add)
          else if (step._tag === "process") task.processUnsafe(step.count)
          else if (step._tag === "wait") yield* TestClock.adjust(step.ms)
          else task.flushUnsafe()
          check()
        }
        while (task.group.hasRecords || task.waiting() > 0) {
          task.processUnsafe(10)
          yield* TestClock.adjust(1)
          check()
        }
        assert.strictEqual(offsetOf("counts"), begin + log.length - 1)
        task.flushUnsafe()
        assert.strictEqual(offsetOf("tens"), begin + log.length - 1)
        while (task.waiting() > 0) {
          yield* TestClock.adjust(1)
          check()
          task.settleUnsafe()
          task.flushUnsafe()
        }
        assert.strictEqual(offsetOf("last"), begin + log.length - 1)
      })),
    { arbitrary: { runs: 150 } }
  )
})
