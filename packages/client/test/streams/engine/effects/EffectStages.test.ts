import type { Output } from "@millrace/client/streams/engine/Flow"
import * as Task from "@millrace/client/streams/engine/Task"
import { TaskError } from "@millrace/client/streams/engine/TaskError"
import * as EffectFibers from "@millrace/client/streams/runtime/EffectFibers"
import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"

const input = Topic.make("input", { key: Serde.string, value: Serde.long })
const other = Topic.make("other", { key: Serde.string, value: Serde.long })
const output = Topic.make("output", { key: Serde.string, value: Serde.string })

interface Record {
  readonly topic: string
  readonly key: string
  readonly value: number
}

/** What effects do in virtual time: how long each takes, and what runs at once. */
class Work {
  running = 0
  runningMax = 0
  readonly keys = new Map<string | null, number>()
  sameKey = 0
  started = 0
  readonly delayOf: (value: number) => number
  readonly failsAt: number | undefined

  constructor(delayOf: (value: number) => number, failsAt: number | undefined) {
    this.delayOf = delayOf
    this.failsAt = failsAt
  }

  readonly run = (value: number, key: string | null): Effect.Effect<number, string> =>
    Effect.suspend(() => {
      this.started++
      this.runningMax = Math.max(this.runningMax, ++this.running)
      const same = (this.keys.get(key) ?? 0) + 1
      this.keys.set(key, same)
      if (key !== null && same > 1) this.sameKey++
      const end = Effect.sync(() => {
        this.running--
        this.keys.set(key, this.keys.get(key)! - 1)
      })
      const result = value === this.failsAt ? Effect.fail(`no ${value}`) : Effect.succeed(value * 10)
      return Effect.ensuring(Effect.delay(result, this.delayOf(value)), end)
    })
}

/** Takes records through one task, as the loop of an app does; gives what it wrote, in order, and how it failed. */
const run = Effect.fnUntraced(function*(
  topology: Topology.Topology<string, never>,
  records: ReadonlyArray<Record>,
  turn: number
) {
  const effects = yield* EffectFibers.make()
  const clock = yield* Clock.Clock
  const written: Array<string> = []
  const sink: Output = {
    partitionCount: () => 1,
    send: (topic, _partition, key, value) => {
      if (!topic.endsWith("-changelog")) {
        const text = value === null ? "null" : new TextDecoder().decode(value)
        written.push(`${new TextDecoder().decode(key ?? new Uint8Array())}=${text}`)
      }
    }
  }
  const task = Task.makeUnsafe({
    topology: Result.getOrThrow(Topology.resolve(topology, { applicationId: "app" })),
    subTopology: undefined,
    partition: 0,
    output: sink,
    currentTimeMillis: () => clock.currentTimeMillisUnsafe(),
    effects
  })
  records.forEach(({ key, topic, value }, offset) => {
    const queue = task.queueOf(topic)!
    let isTaken = false
    const record = {
      offset,
      timestamp: offset,
      key: () => key === "" ? null : Serde.string.serializeUnsafe(key),
      value: () => Serde.long.serializeUnsafe(value),
      headers: () => []
    }
    const cursor = () => ({ next: () => !isTaken && (isTaken = true), record })
    task.addUnsafe(queue, { cursor, nextOffset: offset + 1, leaderEpoch: 0, sizeInBytes: 1 })
  })
  let failure: TaskError | undefined
  let idle = 0
  while (failure === undefined && (task.group.hasRecords || task.waiting() > 0) && idle < 1000) {
    try {
      task.punctuateUnsafe()
      idle = task.processUnsafe(turn) > 0 ? 0 : idle + 1
    } catch (cause) {
      if (!(cause instanceof TaskError)) throw cause
      failure = cause
    }
    yield* TestClock.adjust(1)
  }
  const atEnd = written.length
  yield* TestClock.adjust("1 minute")
  task.close()
  return { written, failure, emittedLater: written.length - atEnd }
})

const Case = Schema.Struct({
  records: Schema.Array(Schema.Struct({
    key: Schema.Literals(["a", "b", "c", ""]),
    delayMs: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 })),
    isOther: Schema.Boolean
  })),
  concurrency: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 5 })),
  turn: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 })),
  failsAt: Schema.Int.check(Schema.isBetween({ minimum: -40, maximum: 20 }))
})
type Case = typeof Case.Type

const recordsOf = (given: Case): ReadonlyArray<Record> =>
  given.records.map(({ isOther, key }, index) => ({ topic: isOther ? "other" : "input", key, value: index }))
const delayOf = (given: Case) => (value: number) => given.records[value % 1000]?.delayMs ?? 0

const text = (value: number) => `${value}`

describe("EffectStages", () => {
  it.effect.prop(
    "keeps order, keys apart and the bound, and stops at a failure",
    [Case],
    ([given]) =>
      Effect.gen(function*() {
        const work = new Work(delayOf(given), given.failsAt)
        const stream = KStream.merge(KStream.from(input), KStream.from(other)).pipe(
          KStream.mapValuesEffect(work.run, { value: Serde.long, concurrency: given.concurrency }),
          KStream.mapValues(text, Serde.string),
          KStream.to(output)
        )
        const records = recordsOf(given)
        const { emittedLater, failure, written } = yield* run(Topology.make(stream), records, given.turn)
        const fails = records.some(({ value }) => value === given.failsAt)
        const until = fails ? records.slice(0, given.failsAt) : records
        assert.deepStrictEqual(written, until.map(({ key, value }) => `${key}=${value * 10}`))
        assert.strictEqual(emittedLater, 0)
        assert.strictEqual(failure?.cause, fails ? `no ${given.failsAt}` : undefined)
        assert.strictEqual(failure?.offset, fails ? given.failsAt : undefined)
        assert.isAtMost(work.runningMax, given.concurrency)
        assert.strictEqual(work.sameKey, 0)
        assert.strictEqual(work.running, 0)
      }),
    { arbitrary: { runs: 60, seed: "effects" } }
  )

  it.effect.prop(
    "answers as if effects took no time, whatever lies around them",
    [Case],
    ([given]) =>
      Effect.gen(function*() {
        const topologyOf = (work: Work) => {
          const slow = KStream.from(input).pipe(
            KStream.filterEffect((value, key) => Effect.map(work.run(value, key), (each) => each % 30 !== 0)),
            KStream.flatMapValuesEffect(
              (value, key) => Effect.map(work.run(value, key), (each) => [each, each + 1]),
              Serde.long
            )
          )
          const table = KStream.from(other).pipe(
            KStream.filter((_value, key) => key !== null),
            KStream.groupByKey,
            KGroupedStream.count()
          )
          const joined = slow.pipe(
            KStream.leftJoin(table, (value, count) => `${value} beside ${count}`, {
              key: Serde.string,
              value: Serde.long
            })
          )
          const both = KStream.merge(joined, KStream.from(other).pipe(KStream.mapValues(text)))
          return Topology.make(
            both.pipe(KStream.peekEffect((_value, key) => work.run(7, key)), KStream.to(output)),
            table.pipe(KTable.toStream, KStream.foreachEffect((value, key) => work.run(value, key)))
          )
        }
        const records = recordsOf(given)
        const delayed = new Work(delayOf(given), undefined)
        const atOnce = new Work(() => 0, undefined)
        const expected = yield* run(topologyOf(atOnce), records, 1)
        const found = yield* run(topologyOf(delayed), records, given.turn)
        assert.deepStrictEqual(found.written, expected.written)
        assert.strictEqual(delayed.started, atOnce.started)
        assert.strictEqual(delayed.sameKey, 0)
      }),
    { arbitrary: { runs: 40, seed: "twins" } }
  )

  it.effect("passes on records with keys, timestamps and headers of their own", () =>
    Effect.gen(function*() {
      const topology = Topology.make(
        KStream.from(input).pipe(
          KStream.processEffect(
            ({ headers, key, timestamp, value }) =>
              Effect.succeed([
                { key: `${key}!`, value: `${value} at ${timestamp} with ${headers.length}` },
                { key: null, value: "nobody's", timestamp: 9 }
              ]),
            { key: Serde.string, value: Serde.string }
          ),
          KStream.to(output)
        )
      )
      const records = [{ topic: "input", key: "a", value: 7 }]
      const { written } = yield* run(topology, records, 1)
      assert.deepStrictEqual(written, ["a!=7 at 0 with 0", "=nobody's"])
    }))

  it.effect("punctuates in time, when no effect runs", () =>
    Effect.gen(function*() {
      const work = new Work(() => 7, undefined)
      const running: Array<number> = []
      const startedBefore: Array<number> = []
      const topology = Topology.make(
        KStream.from(input).pipe(
          KStream.mapValuesEffect(work.run, { value: Serde.long, concurrency: 3 }),
          KStream.process({
            init: (context) => {
              context.schedule({ interval: "20 millis", type: "wall-clock-time" }, () => {
                running.push(work.running)
                startedBefore.push(work.started)
              })
              return () => {}
            }
          })
        )
      )
      const records = Array.from({ length: 60 }, (_, value) => ({ topic: "input", key: `${value}`, value }))
      yield* run(topology, records, 2)
      assert.deepStrictEqual(new Set(running), new Set([0]))
      assert.isAtLeast(startedBefore.filter((started) => started < 60).length, 2)
    }))

  it.effect("runs different keys at once", () =>
    Effect.gen(function*() {
      const work = new Work(() => 10, undefined)
      const topology = Topology.make(KStream.from(input).pipe(KStream.foreachEffect(work.run, { concurrency: 3 })))
      const records = ["a", "b", "c", "d", "e"].map((key, value) => ({ topic: "input", key, value }))
      yield* run(topology, records, 10)
      assert.strictEqual(work.runningMax, 3)
    }))
})
