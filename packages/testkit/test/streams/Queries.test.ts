/**
 * Queries of apps on a simulated broker, in virtual time: by positions, and of other instances while tasks move.
 */
import * as Admin from "@millrace/client/admin/Admin"
import * as Producer from "@millrace/client/producer/Producer"
import * as Position from "@millrace/client/streams/Position"
import * as Query from "@millrace/client/streams/runtime/queries/Query"
import type { AnswerInfo } from "@millrace/client/streams/runtime/queries/QueryRouter"
import type { QueryFailure, QueryOptions } from "@millrace/client/streams/runtime/StreamsApp"
import {
  GlobalKTable,
  KGroupedStream,
  KStream,
  KTable,
  Serde,
  SessionWindowedKStream,
  SessionWindows,
  TimeWindowedKStream,
  TimeWindows,
  Topic,
  Topology
} from "@millrace/core"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { counting, produce, run, type Service, setUp, words, worldOf } from "./apps.ts"

const counts = Query.keyValueStore<string, number>("counts")

const keys = Array.from({ length: 24 }, (_, at) => `key-${at}`)

const prices = Topic.make("prices", { key: Serde.string, value: Serde.long })
const names = Topic.make("names", { key: Serde.string, value: Serde.string })

/** Makes the topics of tables. */
const createTables = Effect.scoped(
  Effect.flatMap(
    Admin.make,
    (admin) => admin.createTopics([prices, names].map(({ name }) => ({ name, partitions: 4 })))
  )
)

/** Stores of every kind. */
const everyKind = (() => {
  const grouped = KStream.from(words).pipe(KStream.groupByKey)
  return Topology.make(
    grouped.pipe(KGroupedStream.count({ as: "counts" })),
    grouped.pipe(
      KGroupedStream.windowedBy(TimeWindows.tumbling("1 minute")),
      TimeWindowedKStream.count({ as: "per-minute", retention: "1 hour" })
    ),
    grouped.pipe(
      KGroupedStream.windowedBy(SessionWindows.withGap("1 minute")),
      SessionWindowedKStream.count({ as: "visits", retention: "1 hour" })
    ),
    KTable.from(prices, { as: "prices", versioned: { historyRetention: "1 hour" } }),
    KStream.from(words).pipe(
      KStream.join(GlobalKTable.from(names, { as: "names" }), (key) => key, (_, name) => name),
      KStream.repartition({ ...words, name: "moved", streamPartitioner: () => 1 }),
      KStream.groupByKey,
      KGroupedStream.count({ as: "moved" })
    )
  )
})()

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

  it("tell exactly what follows from the records up to their position, whatever crashes, and never go back", () => {
    for (const seed of [61]) {
      const { addApp, isRunning, services, step, until, world } = worldOf(seed)
      step("set up", setUp)
      const more = { processingGuarantee: "exactly_once", numStandbyReplicas: 1, commitInterval: "1 second" } as const
      for (const name of ["one", "two"]) addApp(name, counting, { ...more, applicationServer: `${name}:1` })
      until("one runs", isRunning("one"))
      const log: Array<Position.Component & { readonly key: string }> = []
      let isDone = false
      const writing = Effect.gen(function*() {
        const producer = yield* Producer.make()
        for (let at = 0; !isDone; at++) {
          const key = keys[(at * 7) % keys.length]!
          log.push({ ...(yield* producer.send(words, { key, value: key })), key })
          yield* Effect.sleep(30)
        }
      })
      const answers: Array<AnswerInfo & { readonly key: string; readonly count: number }> = []
      const asking = Effect.gen(function*() {
        let seen = Position.empty
        for (let at = 0; !isDone; at++) {
          yield* Effect.sleep(20)
          const key = keys[(at * 5) % keys.length]!
          const name = at % 3 === 0 ? "one" : "two"
          const app = services.get(name)
          if (app === undefined) continue
          const staleReads = at % 4 === 0
          const bound = at % 8 === 0 ? Position.empty : seen
          const answer = yield* app.query(counts.get(key), { bound, waitUpTo: "60 seconds", staleReads })
          // an instance that has died meanwhile says nothing
          if (services.get(name) !== app) continue
          assert.isTrue(Position.covers(answer.position, bound, answer.partition))
          seen = Position.merge(seen, answer.position)
          answers.push({ ...answer, key, count: answer.value?.value ?? 0 })
        }
      })
      world.addClient("writer", Effect.scoped(writing)).start()
      world.addClient("asker", asking).start()
      for (const name of ["two", "broker", "one"]) {
        step("go on", Effect.sleep(8000))
        world.process(name).crash("power")
        services.delete(name)
        step("be away", Effect.sleep(3000))
        world.process(name).start()
        until(`${name} is back`, isRunning(name === "broker" ? "one" : name))
      }
      isDone = true
      step("end", Effect.sleep(5000))
      assert.isAbove(answers.length, 100)
      assert.isAbove(answers.filter(({ host }) => host !== undefined).length, 10)
      assert.isAbove(answers.filter(({ isActive }) => !isActive).length, 5)
      for (const { count, isActive, key, partition, position } of answers) {
        const upTo = Position.offsetOf(position, words.name, partition) ?? -1
        const records = log.filter((each) => each.key === key && each.offset <= upTo).length
        // a copy may have more than it can tell
        if (isActive) assert.strictEqual(count, records, `${key} at ${upTo}`)
        else assert.isAtLeast(count, records, `a copy of ${key} at ${upTo}`)
      }
      assert.deepStrictEqual(world.anomalies, [])
    }
  })

  it("find in stores of every kind what their instances' own readers do, page by page", () => {
    const { addApp, ends, isRunning, services, step, until, world } = worldOf(71)
    step("set up", Effect.andThen(setUp, createTables))
    for (const name of ["one", "two"]) addApp(name, everyKind, { applicationServer: `${name}:1` })
    const isShared = Effect.sync(() =>
      ["one", "two"].every((name) => run(services.get(name)!.localThreads)[0]!.activeTasks.length > 2)
    )
    until("shared", Effect.flatMap(isRunning("one"), (isUp) => isUp ? isShared : Effect.succeed(false)))
    assert.strictEqual(ends.size, 0)
    const many = Array.from({ length: 30 }, (_, at) => `key-${at}`)
    const ofNames = Query.keyValueStore<string, string>("names")
    const write = Effect.scoped(Effect.gen(function*() {
      const producer = yield* Producer.make()
      const named: Array<Position.Component> = []
      for (const key of many) named.push(yield* producer.send(names, { key, value: `name of ${key}` }))
      const isNamed = { bound: Position.fromComponents(named), waitUpTo: "30 seconds" } as const
      for (const app of services.values()) yield* app.query(ofNames.get("key-7"), isNamed)
      const places: Array<Position.Component> = []
      for (const [at, key] of [...many, ...many, ...many].entries()) {
        places.push(yield* producer.send(words, { key, value: key, timestamp: at * 10_000 }))
        yield* producer.send(prices, { key, value: at, timestamp: at * 10_000 })
      }
      return Position.fromComponents(places)
    }))
    const ask = Effect.gen(function*() {
      const bound = yield* write
      const apps = [services.get("one")!, services.get("two")!]
      const waiting = { bound, waitUpTo: "30 seconds" } as const
      /** What all instances' own readers find of it, and what each finds by asking. */
      const same = <A>(
        what: string,
        query: Query.Many<A>,
        own: (app: Service) => Effect.Effect<Iterable<A>, unknown>,
        options: QueryOptions = waiting
      ) =>
        Effect.gen(function*() {
          const asked = yield* Effect.forEach(apps, (app) => Stream.runCollect(app.queryMany(query, options)))
          const found = yield* Effect.forEach(apps, own)
          const texts = (entries: Iterable<A>) => Array.from(entries, (entry) => JSON.stringify(entry))
          assert.deepStrictEqual(texts(asked[0]!), texts(asked[1]!), what)
          assert.isAbove(asked[0]!.length, 0, what)
          assert.sameMembers(texts(asked[0]!), texts(found.flatMap((entries) => [...entries])), what)
        })
      const ofKeyValue = Query.keyValueStore<string, number>("counts")
      const counted = (app: Service) => app.keyValueStore<string, number>("counts")
      yield* same("all", ofKeyValue.range(), (app) => Effect.map(counted(app), (store) => store.range()))
      yield* same(
        "some",
        ofKeyValue.range("key-2", "key-4"),
        (app) => Effect.map(counted(app), (store) => store.range("key-2", "key-4"))
      )
      yield* same(
        "reverse",
        ofKeyValue.reverseRange(),
        (app) => Effect.map(counted(app), (store) => store.reverseRange())
      )
      yield* same(
        "prefix",
        ofKeyValue.prefixScan("key-1", Serde.string),
        (app) => Effect.map(counted(app), (store) => store.prefixScan("key-1", Serde.string))
      )
      const ofWindows = Query.windowStore<string, number>("per-minute")
      const windows = (app: Service) => app.windowStore<string, number>("per-minute")
      yield* same(
        "windows",
        ofWindows.fetchAll(0, 10_000_000),
        (app) => Effect.map(windows(app), (store) => store.fetchAll(0, 10_000_000))
      )
      yield* same(
        "windows of keys",
        ofWindows.fetchRange("key-1", "key-3", 0, 900_000),
        (app) => Effect.map(windows(app), (store) => store.fetchRange("key-1", "key-3", 0, 900_000))
      )
      yield* same(
        "windows of a key",
        ofWindows.backwardFetch("key-7", 0, Number.POSITIVE_INFINITY),
        (app) => Effect.map(windows(app), (store) => store.backwardFetch("key-7", 0, Number.POSITIVE_INFINITY))
      )
      const ofSessions = Query.sessionStore<string, number>("visits")
      const sessions = (app: Service) => app.sessionStore<string, number>("visits")
      yield* same("sessions", ofSessions.all(), (app) => Effect.map(sessions(app), (store) => store.all()))
      yield* same(
        "sessions of a key",
        ofSessions.fetch("key-7"),
        (app) => Effect.map(sessions(app), (store) => store.fetch("key-7"))
      )
      const ofPrices = Query.versionedStore<string, number>("prices")
      yield* same(
        "versions",
        ofPrices.versions("key-7"),
        (app) => Effect.map(app.versionedStore<string, number>("prices"), (store) => store.versions("key-7")),
        {}
      )
      for (const app of apps) {
        const old = yield* app.query(ofPrices.get("key-7", 700_000))
        assert.deepStrictEqual(old.value, { value: 67, timestamp: 670_000, validTo: undefined })
        assert.strictEqual((yield* app.query(ofPrices.get("key-7"))).value?.validTo, undefined)
        assert.strictEqual((yield* app.query(ofWindows.get("key-7", 660_000), waiting)).value?.value, 1)
        const named = yield* app.query(ofNames.get("key-7"))
        assert.deepStrictEqual([named.value?.value, named.host, named.partition], ["name of key-7", undefined, -1])
        // whoever chooses partitions himself may have put the key in any
        const moved = yield* app.query(Query.keyValueStore<string, number>("moved").get("key-7"))
        assert.deepStrictEqual([moved.value?.value, moved.partition], [3, 1])
        const own = yield* Stream.runCollect(app.queryMany(ofKeyValue.range(), { instances: "local" }))
        const read = [...(yield* counted(app)).range()]
        assert.isAbove(read.length, 0)
        assert.sameMembers(own.map(({ key }) => key), read.map(({ key }) => key))
        const pages = yield* Stream.runCollect(app.queryPages(ofKeyValue.range(), waiting))
        assert.deepStrictEqual(pages.map(({ partition }) => partition), [0, 1, 2, 3])
      }
    })
    step("ask", ask)
    assert.deepStrictEqual(world.anomalies, [])
  })

  it("are answered by copies where stale reads are allowed, up to a bound that only commits can tell of", () => {
    const { addApp, isRunning, services, step, until, world } = worldOf(41)
    step("set up", setUp)
    const more = { numStandbyReplicas: 1, probingRebalanceInterval: "2 seconds", acceptableRecoveryLag: 0 } as const
    addApp("one", counting, { ...more, applicationServer: "one:1" })
    addApp("two", counting, { ...more, metricsRecordingLevel: "debug", applicationServer: "two:2" })
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
      const standbys = new Set<string>(tasksOf("two")[0]!.standbyTasks)
      const ofCopies = (yield* app.metrics).filter(({ group, tags }) =>
        group === "stream-state-metrics" && standbys.has(tags["task-id"]!)
      )
      const told = (name: string) =>
        ofCopies.reduce((sum, each) => each.name === name ? sum + Number(each.value) : sum, 0)
      assert.strictEqual(told("estimate-num-keys"), copies)
      assert.isAbove(told("get-rate"), 0)
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
