import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import * as limits from "../../../src/limits.ts"
import { Shard } from "../../../src/coordination/shard/Shard.ts"
import { answer, complete, nothing, type Ticket } from "../../../src/coordination/shard/ShardDecision.ts"
import type { ShardError } from "../../../src/coordination/shard/ShardError.ts"
import type { ShardMachine } from "../../../src/coordination/shard/ShardMachine.ts"
import * as ShardRuntime from "../../../src/coordination/shard/ShardRuntime.ts"
import { type UndoLog, UndoMap } from "../../../src/coordination/shard/UndoLog.ts"
import { MemoryShardLog, refused } from "../MemoryShardLog.ts"

/** A shard of counters: additions are stored; who waits for a counter, and how many have asked, is not. */
interface Counters {
  readonly counts: UndoMap<string, number>
  readonly waiting: UndoMap<string, Ticket<number>>
  readonly ends: UndoMap<number, boolean>
}
type Event =
  | { readonly type: "Added"; readonly name: string; readonly by: number }
  | { readonly type: "Waiting"; readonly name: string; readonly ticket: Ticket<number> | null }
type Timer = { readonly name: string }
type Action = string
type CounterShard = Shard<Counters, Event, Timer, Action>

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const machine: ShardMachine<Counters, Event, Timer, Action> = {
  name: "counter",
  empty: (undo: UndoLog) => ({ counts: new UndoMap(undo), waiting: new UndoMap(undo), ends: new UndoMap(undo) }),
  encode: (event) =>
    event.type === "Added"
      ? { key: encoder.encode(event.name), value: encoder.encode(String(event.by)) }
      : null,
  decode: ({ key, value }) =>
    value === null ? null : { type: "Added", name: decoder.decode(key!), by: Number(decoder.decode(value)) },
  apply: (state, event) => {
    if (event.type === "Added") state.counts.set(event.name, (state.counts.get(event.name) ?? 0) + event.by)
    else if (event.ticket === null) state.waiting.delete(event.name)
    else state.waiting.set(event.name, event.ticket)
  },
  applyMarker: (state, marker) => state.ends.set(marker.producerId, marker.committed),
  loaded: () => nothing,
  fired: (_state, { name }) => ({ ...nothing, events: [{ type: "Added", name, by: 100 }] })
}

const add = (shard: CounterShard, name: string, by: number, producerId = -1) =>
  shard.submit<number>(
    (state, _now, ticket) => ({
      ...answer(ticket, (state.counts.get(name) ?? 0) + by),
      events: [{ type: "Added", name, by }]
    }),
    producerId < 0 ? null : { producerId, producerEpoch: 0 }
  )

const get = (shard: CounterShard, name: string) =>
  shard.submit<number>((state, _now, ticket) => answer(ticket, state.counts.get(name) ?? 0))

/** Waits until somebody calls `wake`. */
const wait = (shard: CounterShard, name: string) =>
  shard.submit<number>((_state, _now, ticket) => ({ ...nothing, events: [{ type: "Waiting", name, ticket }] }))

const wake = (shard: CounterShard, name: string, by: number) =>
  shard.submit<void>((state, _now, ticket) => ({
    ...nothing,
    events: [{ type: "Added", name, by }, { type: "Waiting", name, ticket: null }],
    completions: [complete(state.waiting.get(name)!, by), complete(ticket, undefined)]
  }))

const settle = TestClock.adjust(0)

const start = Effect.fnUntraced(function*(log: MemoryShardLog) {
  const performed: Array<string> = []
  const shard: CounterShard = new Shard({
    machine,
    partition: 0,
    leaderEpoch: 0,
    log,
    perform: (action) => Effect.sync(() => performed.push(action))
  })
  const fiber = yield* Effect.forkScoped(shard.run)
  yield* settle
  return { shard, fiber, performed }
})

const codeOf = <A>(result: Result.Result<A, ShardError>) =>
  Result.isFailure(result) ? [result.failure.reason, result.failure.code] : "success"

describe("Shard", () => {
  it.effect("answers when it is committed, and lets the next decision see it before", () =>
    Effect.gen(function*() {
      const log = new MemoryShardLog()
      const { shard } = yield* start(log)
      log.automatic = false
      const first = yield* Effect.forkChild(add(shard, "a", 1))
      yield* settle
      const second = yield* Effect.forkChild(add(shard, "a", 2))
      yield* settle
      const read = yield* Effect.forkChild(get(shard, "a"))
      yield* settle
      assert.deepStrictEqual([first, second, read].map((fiber) => fiber.pollUnsafe()), [
        undefined,
        undefined,
        undefined
      ])
      log.commit(1)
      yield* settle
      assert.strictEqual(yield* Fiber.join(first), 1)
      assert.strictEqual(second.pollUnsafe(), undefined)
      assert.strictEqual(read.pollUnsafe(), undefined)
      log.commit()
      assert.strictEqual(yield* Fiber.join(second), 3)
      assert.strictEqual(yield* Fiber.join(read), 3)
    }))

  it.effect("writes concurrent decisions as one batch", () =>
    Effect.gen(function*() {
      const log = new MemoryShardLog()
      const { shard } = yield* start(log)
      const answers = yield* Effect.all([1, 2, 3, 4].map((by) => add(shard, "a", by)), { concurrency: 4 })
      assert.deepStrictEqual(answers, [1, 3, 6, 10])
      assert.deepStrictEqual(log.batches.map((batch) => batch.records.length), [4])
    }))

  it.effect("cuts large batches between decisions, never within one", () =>
    Effect.gen(function*() {
      const log = new MemoryShardLog()
      const { shard } = yield* start(log)
      const name = "n".repeat(200_000)
      yield* Effect.all(Array.from({ length: 12 }, () => add(shard, name, 1)), { concurrency: 12 })
      assert.isAbove(log.batches.length, 1)
      for (const { records } of log.batches) assert.isBelow(records.length * 200_000, limits.shardBatchMaxBytes)
      yield* shard.submit<void>((_state, _now, ticket) => ({
        ...answer(ticket, undefined),
        events: Array.from({ length: 12 }, () => ({ type: "Added", name, by: 1 }) as const)
      }))
      assert.strictEqual(log.batches.at(-1)!.records.length, 12)
      yield* shard.submit<void>((_state, _now, ticket) => ({
        ...answer(ticket, undefined),
        events: Array.from({ length: 12 }, () => ({ type: "Added", name, by: 1 }) as const),
        splittable: true
      }))
      assert.isBelow(log.batches.at(-1)!.records.length, 12)
      assert.strictEqual(yield* get(shard, name), 36)
    }))

  it.effect("takes back what the log refuses", () =>
    Effect.gen(function*() {
      const log = new MemoryShardLog()
      const { shard } = yield* start(log)
      yield* add(shard, "a", 1)
      log.refuse = () => refused(ErrorCode.NOT_ENOUGH_REPLICAS)
      assert.deepStrictEqual(codeOf(yield* Effect.result(add(shard, "a", 5))), [
        "Log",
        ErrorCode.COORDINATOR_NOT_AVAILABLE
      ])
      log.refuse = () => null
      assert.strictEqual(yield* get(shard, "a"), 1)
      assert.strictEqual(yield* add(shard, "a", 1), 2)
      assert.strictEqual(log.replays, 1)
    }))

  it.effect("refuses a transaction's batch without harm to its neighbours", () =>
    Effect.gen(function*() {
      const log = new MemoryShardLog()
      const { shard } = yield* start(log)
      log.refuse = (what) =>
        "records" in what && what.producer?.producerId === 7 ? refused(ErrorCode.INVALID_PRODUCER_EPOCH) : null
      const results = yield* Effect.all(
        [add(shard, "a", 1), add(shard, "a", 10, 7), add(shard, "a", 100), add(shard, "a", 1000, 8)].map(Effect.result),
        { concurrency: 4 }
      )
      assert.deepStrictEqual(results.map(codeOf), [
        "success",
        ["Log", ErrorCode.INVALID_PRODUCER_EPOCH],
        "success",
        "success"
      ])
      assert.strictEqual(yield* get(shard, "a"), 1101)
      assert.deepStrictEqual(log.batches.map(({ producer }) => producer?.producerId ?? null), [null, null, 8])
    }))

  it.effect("forgets everything and reads again when the log may have lost something", () =>
    Effect.gen(function*() {
      const log = new MemoryShardLog()
      const { shard } = yield* start(log)
      yield* add(shard, "a", 1)
      log.automatic = false
      const fibers: Array<Fiber.Fiber<number, ShardError>> = []
      for (const by of [10, 100, 1000]) {
        fibers.push(yield* Effect.forkChild(add(shard, "a", by)))
        yield* settle
      }
      const parked = yield* Effect.forkChild(wait(shard, "a"))
      yield* settle
      // The first of the three stays in the log, though nobody was told so.
      log.fail(1)
      for (const fiber of [...fibers, parked]) {
        assert.deepStrictEqual(codeOf(yield* Effect.result(Fiber.join(fiber))), ["Log", ErrorCode.NOT_COORDINATOR])
      }
      log.automatic = true
      yield* settle
      assert.strictEqual(log.replays, 2)
      assert.strictEqual(yield* get(shard, "a"), 11)
    }))

  it.effect("says that it is loading until its log is committed, and tries again when it cannot be read", () =>
    Effect.gen(function*() {
      const log = new MemoryShardLog()
      yield* log.append({
        records: [{ key: encoder.encode("a"), value: encoder.encode("5") }],
        timestamp: 0,
        producer: null
      })
      log.committed = 0
      log.replayFails = 2
      const { shard } = yield* start(log)
      assert.deepStrictEqual(codeOf(yield* Effect.result(get(shard, "a"))), [
        "Loading",
        ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
      ])
      yield* TestClock.adjust(3 * limits.shardRetryBackoffMs)
      assert.strictEqual(log.replays, 3)
      assert.deepStrictEqual(codeOf(yield* Effect.result(get(shard, "a"))), [
        "Loading",
        ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
      ])
      log.commit()
      yield* settle
      assert.strictEqual(yield* get(shard, "a"), 5)
    }))

  it.effect("fires timers in virtual time, and again when the log refused what they decided", () =>
    Effect.gen(function*() {
      const log = new MemoryShardLog()
      const { shard } = yield* start(log)
      yield* shard.submit<void>((_state, now, ticket) => ({
        ...answer(ticket, undefined),
        timers: [
          { key: "t", set: { at: now + 5000, timer: { name: "a" } } },
          { key: "u", set: { at: now + 6000, timer: { name: "a" } } },
          { key: "u", set: null }
        ]
      }))
      yield* TestClock.adjust(4999)
      assert.strictEqual(yield* get(shard, "a"), 0)
      log.refuse = () => refused(ErrorCode.NOT_ENOUGH_REPLICAS)
      yield* TestClock.adjust(1)
      log.refuse = () => null
      assert.strictEqual(yield* get(shard, "a"), 0)
      yield* TestClock.adjust(limits.shardRetryBackoffMs)
      assert.strictEqual(yield* get(shard, "a"), 100)
      yield* TestClock.adjust(60_000)
      assert.strictEqual(yield* get(shard, "a"), 100)
    }))

  it.effect("answers a parked request by a later decision, and only when that is committed", () =>
    Effect.gen(function*() {
      const log = new MemoryShardLog()
      const { shard } = yield* start(log)
      const parked = yield* Effect.forkChild(wait(shard, "a"))
      yield* settle
      log.refuse = () => refused(ErrorCode.NOT_ENOUGH_REPLICAS)
      assert.isTrue(Result.isFailure(yield* Effect.result(wake(shard, "a", 3))))
      assert.strictEqual(parked.pollUnsafe(), undefined)
      log.refuse = () => null
      log.automatic = false
      const waking = yield* Effect.forkChild(wake(shard, "a", 4))
      yield* settle
      assert.strictEqual(parked.pollUnsafe(), undefined)
      log.commit()
      yield* Fiber.join(waking)
      assert.strictEqual(yield* Fiber.join(parked), 4)
    }))

  it.effect("performs actions once their decision is committed", () =>
    Effect.gen(function*() {
      const log = new MemoryShardLog()
      const { performed, shard } = yield* start(log)
      log.automatic = false
      const fiber = yield* Effect.forkChild(shard.submit<void>((_state, _now, ticket) => ({
        ...answer(ticket, undefined),
        events: [{ type: "Added", name: "a", by: 1 }],
        actions: ["done"]
      })))
      yield* settle
      assert.deepStrictEqual(performed, [])
      log.commit()
      yield* Fiber.join(fiber)
      yield* settle
      assert.deepStrictEqual(performed, ["done"])
    }))

  it.effect("survives a decision that throws", () =>
    Effect.gen(function*() {
      const { shard } = yield* start(new MemoryShardLog())
      const failing = shard.submit<void>((state, _now, ticket) => {
        if (state.counts.size === 0) throw new Error("a bug")
        return answer(ticket, undefined)
      })
      assert.deepStrictEqual(codeOf(yield* Effect.result(failing)), ["Defect", ErrorCode.UNKNOWN_SERVER_ERROR])
      assert.strictEqual(yield* add(shard, "a", 1), 1)
      yield* failing
    }))

  it.effect("writes markers alone and applies them", () =>
    Effect.gen(function*() {
      const log = new MemoryShardLog()
      const { shard } = yield* start(log)
      const marker = { producerId: 5, producerEpoch: 1, committed: true, coordinatorEpoch: 0, transactionVersion: 2 }
      yield* shard.appendMarker(marker)
      assert.deepStrictEqual(log.entries.map((entry) => entry.type), ["marker"])
      assert.isTrue(yield* shard.submit<boolean>((state, _now, ticket) => answer(ticket, state.ends.get(5)!)))
    }))

  it.effect("answers everybody when it ends, and bounds who waits", () =>
    Effect.gen(function*() {
      const { fiber, shard } = yield* start(new MemoryShardLog())
      const parked = yield* Effect.forEach(
        Array.from({ length: limits.shardRequestsMax }, (_, index) => `w${index}`),
        (name) => Effect.forkChild(wait(shard, name))
      )
      yield* settle
      assert.deepStrictEqual(codeOf(yield* Effect.result(get(shard, "a"))), [
        "Busy",
        ErrorCode.COORDINATOR_NOT_AVAILABLE
      ])
      yield* Fiber.interrupt(fiber)
      for (const waiter of parked) {
        assert.deepStrictEqual(codeOf(yield* Effect.result(Fiber.join(waiter))), [
          "NotOwner",
          ErrorCode.NOT_COORDINATOR
        ])
      }
      assert.deepStrictEqual(codeOf(yield* Effect.result(get(shard, "a"))), ["NotOwner", ErrorCode.NOT_COORDINATOR])
    }))

  const ints = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 })))

  it.effect.prop(
    "never loses what it acknowledged, and is always a fold of its log",
    [ints],
    ([ns]) =>
      Effect.scoped(Effect.gen(function*() {
        const log = new MemoryShardLog()
        const { shard } = yield* start(log)
        let acknowledged = 0
        let asked = 0
        const open: Array<Fiber.Fiber<unknown, ShardError>> = []
        for (const n of ns) {
          const by = 1 + (n % 1000)
          switch (Math.floor(n / 1000) % 8) {
            case 0:
              log.automatic = !log.automatic
              break
            case 1:
              log.commit()
              break
            case 2:
              log.fail(n % 3)
              break
            case 3:
              log.refuse = n % 2 === 0 ? () => refused(ErrorCode.NOT_ENOUGH_REPLICAS) : () => null
              break
            case 4:
              yield* TestClock.adjust(n % 200)
              break
            default:
              asked += by
              open.push(
                yield* Effect.forkChild(Effect.map(add(shard, "a", by, n % 5 === 0 ? n : -1), () => acknowledged += by))
              )
              if (n % 2 === 0) yield* settle
          }
        }
        log.automatic = true
        log.refuse = () => null
        yield* settle
        log.commit()
        yield* TestClock.adjust(limits.shardRetryBackoffMaxMs)
        for (const fiber of open) assert.isDefined(fiber.pollUnsafe(), "somebody waits for ever")
        const total = yield* get(shard, "a")
        const stored = log.batches.flatMap(({ records }) => records).reduce(
          (sum, { value }) => sum + Number(decoder.decode(value!)),
          0
        )
        assert.strictEqual(total, stored)
        assert.isAtMost(acknowledged, total)
        assert.isAtMost(total, asked)
      })),
    { arbitrary: { seed: 1, runs: 150 } }
  )
})

describe("ShardRuntime", () => {
  it.effect("keeps a shard for each partition that is led here, by its newest epoch", () =>
    Effect.gen(function*() {
      const runtime = yield* ShardRuntime.make({ machine, perform: () => Effect.void })
      const log = new MemoryShardLog()
      yield* runtime.elected(3, 5, log)
      yield* runtime.elected(1, 0, new MemoryShardLog())
      yield* settle
      assert.deepStrictEqual(runtime.shards().map(({ partition }) => partition), [1, 3])
      yield* add(yield* runtime.shard(3), "a", 1)
      yield* runtime.elected(3, 4, new MemoryShardLog())
      assert.strictEqual(yield* get(yield* runtime.shard(3), "a"), 1)
      yield* runtime.elected(3, 6, log)
      yield* settle
      assert.strictEqual((yield* runtime.shard(3)).leaderEpoch, 6)
      assert.strictEqual(yield* get(yield* runtime.shard(3), "a"), 1)
      yield* runtime.resigned(3)
      assert.deepStrictEqual(codeOf(yield* Effect.result(runtime.shard(3))), ["NotOwner", ErrorCode.NOT_COORDINATOR])
    }))
})
