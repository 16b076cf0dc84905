/**
 * Queries of apps on a simulated broker, in virtual time: by positions, and of other instances while tasks move.
 */
import * as Producer from "@millrace/client/producer/Producer"
import * as Position from "@millrace/client/streams/Position"
import * as Query from "@millrace/client/streams/runtime/queries/Query"
import type { QueryFailure, QueryOptions } from "@millrace/client/streams/runtime/StreamsApp"
import { KGroupedStream, KStream, KTable, Serde, Topology } from "@millrace/core"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { counting, produce, run, type Service, setUp, words, worldOf } from "./apps.ts"

const counts = Query.keyValueStore<string, number>("counts")

const keys = Array.from({ length: 24 }, (_, at) => `key-${at}`)

/** The whole table, as one instance tells it. */
const table = (app: Service, options?: QueryOptions) =>
  Effect.map(
    Stream.runCollect(app.queryMany(counts.range(), options)),
    (entries) => new Map(entries.map(({ key, value }) => [key, value]))
  )

/** Why an effect failed. */
const failureOf = <A>(effect: Effect.Effect<A, QueryFailure>) =>
  Effect.map(Effect.flip(effect), (failure) => failure._tag === "NotUpToBound" ? failure._tag : failure.reason)

describe("queries", { timeout: 60_000 }, () => {
  it("find what one has written by its position, long before it is committed", () => {
    const { addApp, isRunning, services, step, until, world } = worldOf(21)
    step("set up", setUp)
    addApp("one", counting, { commitInterval: "5 minutes" })
    until("running", isRunning("one"))
    const app = services.get("one")!
    let tooEarly = 0
    const written = new Map<string, number>()
    const writeAndRead = Effect.gen(function*() {
      const producer = yield* Producer.make()
      for (let round = 0; round < 40; round++) {
        const key = keys[(round * 7) % 5]!
        const count = (written.get(key) ?? 0) + 1
        written.set(key, count)
        const bound = Position.of(yield* producer.send(words, { key, value: key }))
        const early = yield* Effect.result(app.query(counts.get(key), { bound }))
        if (early._tag === "Failure") {
          assert.strictEqual(early.failure._tag, "NotUpToBound")
          tooEarly++
        } else assert.strictEqual(early.success.value?.value, count)
        const { isActive, position, value } = yield* app.query(counts.get(key), { bound, waitUpTo: "10 seconds" })
        assert.strictEqual(value?.value, count)
        assert.isTrue(isActive && Position.covers(position, bound))
      }
    })
    step("write and read", Effect.scoped(writeAndRead))
    assert.isAbove(tooEarly, 0)
    assert.deepStrictEqual(world.anomalies, [])
  })

  it("say what is wrong with them at once, and that a bound is not reached when its time is up", () => {
    const { addApp, isRunning, services, step, until, world } = worldOf(22)
    step("set up", setUp)
    addApp("one", counting)
    until("running", isRunning("one"))
    const app = services.get("one")!
    const ask = Effect.gen(function*() {
      const [record] = yield* produce(["a"])
      const { offset, ...rest } = record!
      const never = Position.of({ ...rest, offset: offset + 1000 })
      const options = { waitUpTo: "3 seconds" } as const
      const failures = yield* Effect.all([
        failureOf(app.query(Query.keyValueStore<string, number>("count").get("a"))),
        failureOf(app.query(Query.windowStore<string, number>("counts").get("a", 0))),
        failureOf(app.query(Query.keyValueStore<number, number>("counts").get(1))),
        failureOf(app.query(counts.get("a"), { partition: 4 })),
        failureOf(app.query(counts.get("a"), { bound: Position.of({ topic: "other", partition: 0, offset: 1 }) })),
        failureOf(app.query(counts.get("a"), { bound: never, ...options })),
        failureOf(app.query(counts.get("a"), { bound: never, instances: "local", ...options }))
      ])
      assert.deepStrictEqual(failures, [
        "UnknownStore",
        "UnknownQueryType",
        "Serialization",
        "UnknownPartition",
        "InvalidBound",
        "NotUpToBound",
        "NotUpToBound"
      ])
      // a bound of another partition says nothing of this one
      const elsewhere = Position.of({ ...rest, partition: (rest.partition + 1) % 4, offset: 1000 })
      const found = yield* app.query(counts.get("a"), {
        bound: Position.merge(Position.of(record!), elsewhere),
        ...options
      })
      assert.strictEqual(found.value?.value, 1)
      yield* app.close()
      assert.strictEqual(yield* failureOf(app.query(counts.get("a"))), "NotRunning")
    })
    step("ask", ask)
    assert.deepStrictEqual(world.anomalies, [])
  })

  it("have the same answers from every instance, exactly once, while one joins and one loses its power", () => {
    for (const seed of [31, 32]) {
      const { addApp, isRunning, services, step, until, world } = worldOf(seed)
      step("set up", setUp)
      const more = { processingGuarantee: "exactly_once", numStandbyReplicas: 1 } as const
      addApp("one", counting, { ...more, applicationServer: "one:1" })
      until("one runs", isRunning("one"))
      let bound = Position.empty
      const expected = new Map<string, number>()
      const write = (some: ReadonlyArray<string>) =>
        Effect.map(produce(some), (records) => {
          for (const key of some) expected.set(key, (expected.get(key) ?? 0) + 1)
          bound = Position.merge(bound, Position.fromComponents(records))
        })
      const hosts = new Set<string | undefined>()
      /** Asks an instance for every key, and for all at once. */
      const askAll = (name: string) =>
        Effect.gen(function*() {
          const app = services.get(name)!
          const options = { bound, waitUpTo: "60 seconds", timeout: "60 seconds" } as const
          for (const key of keys) {
            const { host, value } = yield* app.query(counts.get(key), options)
            assert.strictEqual(value?.value, expected.get(key), `${key}, asked of ${name}, answered by ${host}`)
            hosts.add(host)
          }
          assert.deepStrictEqual(new Map([...(yield* table(app, options))].sort()), new Map([...expected].sort()))
        })
      step("write", write([...keys, ...keys]))
      addApp("two", counting, { ...more, applicationServer: "two:2" })
      step("ask while two joins", askAll("one"))
      until("two runs", isRunning("two"))
      step("write again", write(keys))
      step("ask one", askAll("one"))
      step("ask two", askAll("two"))
      assert.sameMembers([...hosts], [undefined, "one:1", "two:2"])
      step("write before the crash", write(keys.slice(0, 9)))
      world.process("one").crash("power")
      services.delete("one")
      step("ask two while one is away", askAll("two"))
      assert.deepStrictEqual(world.anomalies, [])
    }
  })

  it("are answered by copies where stale reads are allowed, up to a bound that only commits can tell of", () => {
    const { addApp, isRunning, services, step, until, world } = worldOf(41)
    step("set up", setUp)
    const more = { numStandbyReplicas: 1, probingRebalanceInterval: "2 seconds", acceptableRecoveryLag: 0 } as const
    addApp("one", counting, { ...more, applicationServer: "one:1" })
    addApp("two", counting, { ...more, applicationServer: "two:2" })
    const tasksOf = (name: string) => run(services.get(name)!.localThreads)
    const isShared = Effect.sync(() =>
      ["one", "two"].every((name) =>
        tasksOf(name)[0]!.activeTasks.length === 2 && tasksOf(name)[0]!.standbyTasks.length === 2
      )
    )
    until("shared", Effect.flatMap(isRunning("one"), (isUp) => isUp ? isShared : Effect.succeed(false)))
    const ask = Effect.gen(function*() {
      const bound = Position.fromComponents(yield* produce(keys))
      const app = services.get("two")!
      let copies = 0
      for (const key of keys) {
        const options = { bound, waitUpTo: "20 seconds", instances: "local", staleReads: true } as const
        const { isActive, partition, position, value } = yield* app.query(counts.get(key), options)
        assert.strictEqual(value?.value, 1)
        if (isActive) continue
        copies++
        assert.isTrue(Position.covers(position, bound, partition))
        assert.strictEqual(yield* failureOf(app.query(counts.get(key), { instances: "local" })), "NotActive")
      }
      assert.isAbove(copies, 0)
    })
    step("ask", ask)
    assert.deepStrictEqual(world.anomalies, [])
  })

  it("see no more of a store below a cache than has been passed on, and no less than that", () => {
    const { addApp, isRunning, services, step, until, world } = worldOf(51)
    step("set up", setUp)
    const below = Topology.make(
      KStream.from(words).pipe(
        KStream.groupByKey,
        KGroupedStream.count({ as: "counts" }),
        KTable.mapValues((count) => count * 10, { as: "tens", value: Serde.long })
      )
    )
    addApp("one", below, { commitInterval: "2 seconds" })
    until("running", isRunning("one"))
    const app = services.get("one")!
    const tens = Query.keyValueStore<string, number>("tens")
    const ask = Effect.gen(function*() {
      for (let round = 1; round <= 5; round++) {
        const bound = Position.fromComponents(yield* produce(["a"]))
        const waiting = { bound, waitUpTo: "20 seconds" } as const
        assert.strictEqual((yield* app.query(counts.get("a"), waiting)).value?.value, round)
        const early = yield* Effect.result(app.query(tens.get("a"), { bound }))
        if (early._tag === "Success") assert.strictEqual(early.success.value?.value, round * 10)
        assert.strictEqual((yield* app.query(tens.get("a"), waiting)).value?.value, round * 10)
      }
    })
    step("ask", ask)
    assert.deepStrictEqual(world.anomalies, [])
  })
})
