import * as Delivery from "@millrace/client/streams/runtime/Delivery"
import * as limits from "@millrace/client/limits"
import * as EffectFibers from "@millrace/client/streams/runtime/EffectFibers"
import { GroupPlan } from "@millrace/client/streams/runtime/GroupPlan"
import { Restorer } from "@millrace/client/streams/runtime/Restorer"
import { ThreadMeasures } from "@millrace/client/streams/runtime/metrics/ThreadMeasures"
import { StreamsError } from "@millrace/client/streams/runtime/StreamsError"
import * as StreamsLoop from "@millrace/client/streams/runtime/StreamsLoop"
import { RecordCache } from "@millrace/client/streams/engine/stores/cache/RecordCache"
import { Turns } from "@millrace/client/streams/runtime/queries/Turns"
import { TaskManager } from "@millrace/client/streams/runtime/TaskManager"
import {
  KGroupedStream,
  KStream,
  KTable,
  Serde,
  TimeWindowedKStream,
  TimeWindows,
  Topic,
  Topology
} from "@millrace/core"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { FakeCluster, type Fault } from "./FakeCluster.ts"

const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
const counts = Topic.make("counts", { key: Serde.string, value: Serde.long })

const wordCount = Topology.make(
  KStream.from(lines).pipe(
    KStream.flatMapValues((line) => line.split(" "), Serde.string),
    KStream.groupBy((_key, word) => word, Serde.string),
    KGroupedStream.count({ as: "counts" }),
    KTable.toStream,
    KStream.to(counts)
  )
)
const resolved = (topology: Topology.Topology<never, never>) =>
  Result.getOrThrow(Topology.resolve(topology, { applicationId: "app" }))

const partitionCounts = new Map([["lines", 2], ["app-counts-repartition", 3], ["app-counts-changelog", 3], [
  "counts",
  1
]])

/** Numbers that look random, from a seed. */
const numbers = (seed: number) => {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Turns of all other fibers. */
const turnsOf = (turns: number) =>
  Effect.forEach(Array.from({ length: turns }), () => Effect.yieldNow, { discard: true })

/** The same with effects before and after, which take longer for some records than for others. */
const wordCountByEffects = (() => {
  return Topology.make(
    KStream.from(lines).pipe(
      KStream.flatMapValuesEffect((line) => Effect.as(turnsOf((line.length * 7) % 5), line.split(" ")), Serde.string),
      KStream.groupBy((_key, word) => word, Serde.string),
      KGroupedStream.count({ as: "counts" }),
      KTable.toStream,
      KStream.filterEffect((count) => Effect.as(turnsOf((count * 7) % 5), true)),
      KStream.to(counts)
    )
  )
})()

/** Time that passes only when it is told to, and waiting takes none; or `waiting` turns for any wait. */
class Time implements Clock.Clock {
  ms = 0
  private readonly waiting: number
  constructor(waiting: number) {
    this.waiting = waiting
  }
  currentTimeMillisUnsafe() {
    return this.ms
  }
  currentTimeNanosUnsafe() {
    return BigInt(this.ms) * 1_000_000n
  }
  monotonicTimeNanosUnsafe() {
    return this.currentTimeNanosUnsafe()
  }
  readonly currentTimeMillis = Effect.sync(() => this.ms)
  readonly currentTimeNanos = Effect.sync(() => this.currentTimeNanosUnsafe())
  readonly monotonicTimeNanos = this.currentTimeNanos
  sleep(duration: Duration.Duration) {
    if (this.waiting === 0) return Effect.void
    return Effect.andThen(turnsOf(this.waiting), Effect.sync(() => void (this.ms += Duration.toMillis(duration))))
  }
}

/** What the sink holds, in order, as `word=count`. */
const sinkOf = (cluster: FakeCluster) =>
  cluster.log({ topic: "counts", partition: 0 }).map(({ key, value }) =>
    `${Serde.string.deserializeUnsafe(key!)}=${Serde.long.deserializeUnsafe(value!)}`
  )

/** The sum of the last counts of all words. */
const countedIn = (sink: ReadonlyArray<string>) => {
  const last = new Map(sink.map((each) => [each.slice(0, 1), Number(each.slice(2))]))
  return [...last.values()].reduce((sum, count) => sum + count, 0)
}

/** Runs the app on the cluster until it has counted `records` words, or for `turnsMax` polls. */
const run = (cluster: FakeCluster, records: number, turnsMax: number, app = wordCount, cache?: RecordCache) => {
  const topology = resolved(app)
  const time = new Time(app === wordCount ? 0 : 20)
  return Effect.scoped(Effect.gen(function*() {
    const delivery = yield* Delivery.exactlyOnce("app", () => {
      const producer = cluster.producer()
      return Effect.as(producer.init, producer)
    })
    const effects = yield* EffectFibers.make()
    const tasks = new TaskManager({
      topology,
      effects,
      output: delivery.output,
      maxTaskIdleMs: 0,
      emitIntervalMs: 1000,
      cache,
      currentTimeMillis: () => 0
    })
    const status = { state: "CREATED" as StreamsLoop.State, isStopping: false, isPaused: false }
    const loop = StreamsLoop.make({
      applicationId: "app",
      status,
      tasks,
      delivery,
      plan: new GroupPlan(),
      restorer: new Restorer(cluster.consumer()),
      purge: { begin: () => {}, afterCommit: () => Effect.void },
      turns: new Turns(),
      measures: new ThreadMeasures(0),
      effects,
      effectsWaitMaxMs: 1_000,
      offsetResetOf: () => "earliest",
      // every third poll
      commitIntervalMs: 3,
      pollMs: 1000
    })
    const consumer = cluster.consumer<StreamsError>(loop.listener)
    let turns = 0
    const watched = {
      ...consumer,
      poll: (maxWaitMs: number) => {
        time.ms++
        status.isStopping = ++turns > turnsMax || countedIn(sinkOf(cluster)) >= records
        return consumer.poll(maxWaitMs)
      }
    }
    yield* watched.subscribe(topology.subTopologies.flatMap((each) => each.sourceTopics))
    yield* loop.run(watched)
  })).pipe(Effect.provideService(Clock.Clock, time))
}

const Case = Schema.Struct({
  seed: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 })),
  lines: Schema.Array(Schema.Array(Schema.Literals(["a", "b", "c"])))
})

const faults: Readonly<Record<"commit" | "append" | "poll", ReadonlyArray<Fault>>> = {
  commit: ["commitAborted", "commitUnknown"],
  append: ["appendRefused"],
  poll: ["partitionsLost"]
}

const filled = (given: ReadonlyArray<ReadonlyArray<string>>, fault: FakeCluster["fault"]) => {
  const cluster = new FakeCluster(partitionCounts, fault)
  let words = 0
  given.filter((line) => line.length > 0).forEach((line, index) => {
    const value = Serde.string.serializeUnsafe(line.join(" "))
    cluster.log({ topic: "lines", partition: index % 2 }).push({ key: null, value, timestamp: index })
    words += line.length
  })
  return { cluster, words }
}

/** For each word its counts, in the order in which they were written. */
const perWord = (sink: ReadonlyArray<string>) =>
  Object.fromEntries(
    ["a", "b", "c"].map((word) => [
      word,
      sink.filter((each) => each.startsWith(word)).map((each) => Number(each.slice(2)))
    ])
  )

// hundreds of runs of an app take seconds where machines are busy
describe("StreamsLoop", { timeout: 60_000 }, () => {
  const countsOnce = (app: typeof wordCount, faultsMax: number, cache?: RecordCache) => (given: typeof Case.Type) =>
    Effect.gen(function*() {
      const next = numbers(given.seed)
      let seen = 0
      const { cluster, words } = filled(given.lines, (at) => {
        // faults stop after a while, so that the app can finish
        if (seen >= faultsMax || next() > (at === "append" ? 0.03 : 0.2)) return "none"
        seen++
        const some = faults[at]
        return some[Math.floor(next() * some.length)]!
      })
      yield* run(cluster, words, 5_000, app, cache)
      const sink = sinkOf(cluster)
      assert.strictEqual(countedIn(sink), words)
      if (cache !== undefined) return
      assert.strictEqual(sink.length, words)
      for (const [word, numbersOf] of Object.entries(perWord(sink))) {
        assert.deepStrictEqual(numbersOf, numbersOf.map((_, index) => index + 1), word)
      }
    })

  it.effect.prop(
    "counts every word once, whatever fails on the way",
    [Case],
    ([given]) => countsOnce(wordCount, 30)(given),
    { arbitrary: { runs: 100, seed: "streams" } }
  )

  it.effect.prop(
    "holds counts back in a small cache, and loses none",
    [Case],
    ([given]) => countsOnce(wordCount, limits.transactionFailuresMax, new RecordCache(200))(given),
    { arbitrary: { runs: 100, seed: "cache" } }
  )

  it.effect.prop(
    "counts every word once with effects on the way: a commit waits for them",
    [Case],
    ([given]) => countsOnce(wordCountByEffects, limits.transactionFailuresMax)(given),
    { arbitrary: { runs: 40, seed: "effects" } }
  )

  it.effect("stops when effects do not end, and when one fails", () =>
    Effect.gen(function*() {
      const appOf = (effect: Effect.Effect<string, string>) =>
        Topology.make(KStream.from(lines).pipe(KStream.foreachEffect(() => effect))) as typeof wordCount
      const endless = filled([["a"]], () => "none").cluster
      const stuck = yield* Effect.flip(run(endless, 1, 1_000, appOf(Effect.never)))
      assert.strictEqual(stuck.reason, "Effect")
      const failing = filled([["a"]], () => "none").cluster
      const failed = yield* Effect.flip(run(failing, 1, 1_000, appOf(Effect.fail("no"))))
      assert.instanceOf(failed, StreamsError)
      assert.deepStrictEqual([failed.reason, failed.error], ["Effect", "no"])
      assert.deepStrictEqual([...failing.committed], [])
    }))

  it.effect("restores what it had counted before it was stopped", () =>
    Effect.gen(function*() {
      const { cluster } = filled([["a", "b", "a"], ["a"]], () => "none")
      yield* run(cluster, 4, 1_000)
      cluster.log({ topic: "lines", partition: 0 }).push({
        key: null,
        value: Serde.string.serializeUnsafe("a b"),
        timestamp: 9
      })
      yield* run(cluster, 6, 1_000)
      assert.deepStrictEqual(perWord(sinkOf(cluster)), { a: [1, 2, 3, 4], b: [1, 2], c: [] })
    }))

  it.effect("emits closed windows once, before and after a restart", () =>
    Effect.gen(function*() {
      const closed = Topology.make(
        KStream.from(lines).pipe(
          KStream.groupBy(() => "all", Serde.string),
          KGroupedStream.windowedBy(TimeWindows.tumbling(10), { emit: "onWindowClose" }),
          TimeWindowedKStream.count({ as: "counts", retention: 1000 }),
          KTable.toStream,
          KStream.map((key, count) => [`${key.start}`, count] as const, { key: Serde.string, value: Serde.long }),
          KStream.to(counts)
        )
      )
      const { cluster } = filled([["a"]], () => "none")
      const say = (timestamp: number) =>
        cluster.log({ topic: "lines", partition: 0 }).push({
          key: null,
          value: Serde.string.serializeUnsafe("a"),
          timestamp
        })
      say(12)
      say(25)
      yield* run(cluster, 2, 1_000, closed)
      say(31)
      yield* run(cluster, 3, 1_000, closed)
      say(45)
      yield* run(cluster, 9, 50, closed)
      assert.deepStrictEqual(sinkOf(cluster), ["0=1", "10=1", "20=1", "30=1"])
    }))

  it.effect("stops when every transaction is lost", () =>
    Effect.gen(function*() {
      const { cluster } = filled([["a"]], (at) => at === "commit" ? "commitAborted" : "none")
      const failure = yield* Effect.flip(run(cluster, 1, 100_000))
      assert.strictEqual(failure.reason, "Transaction")
      assert.deepStrictEqual(sinkOf(cluster), [])
    }))
})
