/**
 * Threads that come and go while an app works, and instances that are closed and cleaned up, on a simulated broker in virtual
 * time.
 */
import * as Admin from "@millrace/client/admin/Admin"
import * as Consumer from "@millrace/client/consumer/Consumer"
import type { StateRestoreListener } from "@millrace/client/streams/runtime/StateRestoreListener"
import * as StreamsApp from "@millrace/client/streams/runtime/StreamsApp"
import {
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
import { Disk } from "@millrace/core/platform/Disk"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { counting, options, produce, run, setUp, words, worldOf } from "./apps.ts"

const counts = Topic.make("counted", { key: Serde.string, value: Serde.long })

const toTopic = Topology.make(
  KStream.from(words).pipe(
    KStream.groupByKey,
    KGroupedStream.count({ as: "counts" }),
    KTable.toStream,
    KStream.to(counts)
  )
)

const setUpCounts = Effect.andThen(
  setUp,
  Effect.scoped(Effect.flatMap(Admin.make, (admin) => admin.createTopics([{ name: counts.name, partitions: 2 }])))
)

const keys = Array.from({ length: 10 }, (_, at) => `k${at}`)
const rounds = 22

/** The load: each key once in each round. */
const load = Effect.forEach(
  Array.from({ length: rounds }),
  () => Effect.andThen(produce(keys), Effect.sleep(400)),
  { discard: true }
)

const readCounts = (isolationLevel: "read_committed" | "read_uncommitted") =>
  Consumer.stream(counts, { groupId: "reader", autoOffsetReset: "earliest", isolationLevel }).pipe(
    Stream.map(({ key, value }) => [key!, value!] as const),
    Stream.timeout("20 seconds"),
    Stream.runCollect
  )

describe("threads that come and go", { timeout: 120_000 }, () => {
  for (const processingGuarantee of ["at_least_once", "exactly_once"] as const) {
    it(`leave the results as they would be with one, ${processingGuarantee}`, () => {
      const { addApp, isRunning, services, step, until, world } = worldOf(17)
      step("set up", setUpCounts)
      addApp("one", toTopic, { processingGuarantee, stateStoreCacheMaxBytes: 0 })
      until("running", isRunning("one"))
      let isLoaded = false
      world.addClient("load", Effect.andThen(load, Effect.sync(() => void (isLoaded = true)))).start()
      const app = services.get("one")!
      const names: Array<string | undefined> = []
      const note = (name: string | undefined) => void names.push(name)
      const changes = Effect.gen(function*() {
        for (let turn = 0; turn < 2; turn++) {
          note(yield* app.addStreamThread)
          note(yield* app.addStreamThread)
          yield* Effect.sleep(2500)
          note(yield* app.removeStreamThread())
          yield* Effect.sleep(1500)
          note(yield* app.removeStreamThread({ timeout: "10 seconds" }))
        }
      })
      step("changes", changes)
      until("loaded", Effect.sync(() => isLoaded))
      const numbers = names.map((name) => Number(name?.replace(/^.*-StreamThread-/, "")))
      assert.deepStrictEqual(numbers, [2, 3, 1, 2, 1, 2, 3, 1])
      assert.deepStrictEqual(run(app.localThreads).map(({ name }) => name), [names[5]])
      const found: Array<readonly [string, number]> = []
      const isolationLevel = processingGuarantee === "exactly_once" ? "read_committed" : "read_uncommitted"
      step("read", Effect.map(readCounts(isolationLevel), (all) => void found.push(...all)))
      for (const key of keys) {
        const seen = found.filter(([each]) => each === key).map(([, count]) => count)
        assert.deepStrictEqual(seen, Array.from({ length: rounds }, (_, at) => at + 1), key)
      }
      assert.deepStrictEqual(world.anomalies, [])
    })
  }

  it("count each record exactly once, though the instance is killed in between", () => {
    const { addApp, isRunning, services, step, until, world } = worldOf(101)
    step("set up", setUpCounts)
    const process = addApp("one", toTopic, { processingGuarantee: "exactly_once", stateStoreCacheMaxBytes: 0 })
    until("running", isRunning("one"))
    let isLoaded = false
    world.addClient("load", Effect.andThen(load, Effect.sync(() => void (isLoaded = true)))).start()
    const change = Effect.suspend(() => {
      const app = services.get("one")!
      const { length } = run(app.localThreads)
      return length < 3 && world.universe.random("threads").below(2) === 0
        ? app.addStreamThread
        : length > 1
        ? app.removeStreamThread()
        : Effect.undefined
    })
    world.addClient(
      "changes",
      Effect.forever(Effect.andThen(Effect.sleep(300), Effect.ignore(Effect.timeout(change, 2000)))),
      true
    ).start()
    step("work", Effect.sleep(3000))
    process.crash("kill")
    step("stand still", Effect.sleep(500))
    process.start()
    until("loaded", Effect.sync(() => isLoaded))
    const found: Array<readonly [string, number]> = []
    step("read", Effect.map(readCounts("read_committed"), (all) => void found.push(...all)))
    for (const key of keys) {
      const seen = found.filter(([each]) => each === key).map(([, count]) => count)
      assert.deepStrictEqual(seen, Array.from({ length: rounds }, (_, at) => at + 1), key)
    }
    assert.deepStrictEqual(world.anomalies, [])
  })

  it("split the cache anew, and lose nothing that it holds back", () => {
    const { addApp, isRunning, services, step, until, world } = worldOf(41)
    step("set up", setUpCounts)
    // no commit but when tasks are given up: what is not evicted stays in the cache
    addApp("one", toTopic, { commitInterval: "1 hour", stateStoreCacheMaxBytes: 1000 })
    until("running", isRunning("one"))
    const app = services.get("one")!
    step("produce", produce(keys))
    step("work", Effect.sleep(2000))
    const written = Effect.map(readCounts("read_uncommitted"), (all) => all.length)
    const lengths: Array<number> = []
    step("read", Effect.map(written, (length) => void lengths.push(length)))
    step("add", app.addStreamThread)
    step("add", app.addStreamThread)
    step("remove", app.removeStreamThread())
    step("remove", app.removeStreamThread())
    step("close", app.close())
    const last = new Map<string, number>()
    step("read all", Effect.map(readCounts("read_uncommitted"), (all) => all.forEach(([key, n]) => last.set(key, n))))
    assert.deepStrictEqual(last, new Map(keys.map((key) => [key, 1])))
    assert.isBelow(lengths[0]!, keys.length)
    assert.deepStrictEqual(world.anomalies, [])
  })

  it("may all go, and others take up the work", () => {
    const { addApp, isRunning, services, step, until, world } = worldOf(19)
    step("set up", setUp)
    addApp("one", counting)
    until("running", isRunning("one"))
    const app = services.get("one")!
    let last: string | undefined = "unknown"
    step(
      "remove",
      Effect.andThen(app.removeStreamThread(), app.removeStreamThread()).pipe(
        Effect.map((name) => void (last = name))
      )
    )
    assert.isUndefined(last)
    assert.deepStrictEqual(run(app.localThreads), [])
    assert.strictEqual(run(app.state), "RUNNING")
    step("produce", produce(["a", "a"]))
    step("add", app.addStreamThread)
    const count = Effect.map(app.keyValueStore<string, number>("counts"), (store) => store.get("a")?.value)
    until("counted", Effect.map(count, (found) => found === 2))
    step("close", app.close())
    step("add after the end", Effect.map(app.addStreamThread, (name) => void (last = name)))
    assert.isUndefined(last)
    assert.deepStrictEqual(world.anomalies, [])
  })

  it("that do not end in time are a failure of who waits, and end later", () => {
    const { addApp, isRunning, services, step, until, world } = worldOf(23)
    step("set up", setUp)
    const slow = Topology.make(KStream.from(words).pipe(KStream.foreachEffect(() => Effect.sleep("5 seconds"))))
    addApp("one", slow, { numStreamThreads: 2 })
    until("running", isRunning("one"))
    const app = services.get("one")!
    step("produce", produce(keys))
    step("work", Effect.sleep(1000))
    let reason = ""
    step(
      "remove",
      Effect.map(Effect.flip(app.removeStreamThread({ timeout: 500 })), (failure) => void (reason = failure.reason))
    )
    assert.strictEqual(reason, "Timeout")
    assert.lengthOf(run(app.localThreads), 2)
    until("gone", Effect.map(app.localThreads, (threads) => threads.length === 1))
    assert.deepStrictEqual(world.anomalies, [])
  })
})

describe("an instance that is closed", { timeout: 120_000 }, () => {
  const sessionTimeoutMs = 6000

  /** How long the tasks of an instance were nobody's after it was closed, in milliseconds. */
  const takeoverMs = (
    closing: StreamsApp.CloseOptions,
    more: (name: string) => Partial<StreamsApp.Options> = () => ({})
  ) => {
    const { addApp, isRunning, services, step, until, world } = worldOf(29)
    step("set up", setUp)
    for (const name of ["one", "two"]) addApp(name, counting, more(name))
    const tasksOf = (name: string) =>
      Effect.map(services.get(name)!.localThreads, (threads) => threads.flatMap((each) => each.activeTasks).length)
    until("started", Effect.sync(() => services.size === 2))
    until("shared", Effect.map(Effect.all([tasksOf("one"), tasksOf("two")]), ([one, two]) => one === 2 && two === 2))
    until("running", isRunning("two"))
    let isInTime = false
    step("close", Effect.map(services.get("one")!.close(closing), (inTime) => void (isInTime = inTime)))
    assert.isTrue(isInTime)
    const closedMs = world.universe.nowUs / 1000
    until("taken over", Effect.map(tasksOf("two"), (tasks) => tasks === 4))
    assert.deepStrictEqual(world.anomalies, [])
    return (world.universe.nowUs / 1000) - closedMs
  }
  const named = (name: string) => ({ groupInstanceId: name })

  it("leaves its group, so that others take its tasks at once, or remains until its session times out", () => {
    assert.isBelow(takeoverMs({}), sessionTimeoutMs / 2)
    assert.isBelow(takeoverMs({ groupMembershipOperation: "LEAVE_GROUP" }), sessionTimeoutMs / 2)
    assert.isAbove(takeoverMs({ groupMembershipOperation: "REMAIN_IN_GROUP" }), sessionTimeoutMs / 2)
  })

  it("remains if it has a groupInstanceId, unless it is told to leave", () => {
    assert.isAbove(takeoverMs({}, named), sessionTimeoutMs / 2)
    assert.isBelow(takeoverMs({ groupMembershipOperation: "LEAVE_GROUP" }, named), sessionTimeoutMs / 2)
  })

  it("and comes back under its groupInstanceId in time has its tasks again, and nobody else has noticed", () => {
    const { addApp, isRunning, services, step, until, world } = worldOf(31)
    step("set up", setUp)
    const one = addApp("one", counting, named("one"))
    addApp("two", counting, named("two"))
    const tasksOf = (name: string) =>
      Effect.map(services.get(name)!.localThreads, (threads) => threads.flatMap((each) => each.activeTasks).map(String))
    until("started", Effect.sync(() => services.size === 2))
    until("shared", Effect.map(tasksOf("two"), (tasks) => tasks.length === 2))
    until("running", isRunning("one"))
    const before = run(tasksOf("one"))
    const created = run(services.get("two")!.metrics).find(({ name }) => name === "task-created-total")?.value
    step("close", Effect.andThen(services.get("one")!.close(), Effect.sleep(100)))
    services.delete("one")
    one.start()
    until("back", Effect.sync(() => services.has("one")))
    until("at work", Effect.map(tasksOf("one"), (tasks) => tasks.length === 2))
    until("running", isRunning("one"))
    assert.deepStrictEqual(run(tasksOf("one")), before)
    const createdNow = run(services.get("two")!.metrics).find(({ name }) => name === "task-created-total")?.value
    assert.strictEqual(createdNow, created)
    assert.deepStrictEqual(world.anomalies, [])
  })
})

/** Apps that have no store but one of its kind. */
const kept = {
  keys: counting,
  windows: Topology.make(
    KStream.from(words).pipe(
      KStream.groupByKey,
      KGroupedStream.windowedBy(TimeWindows.tumbling("1 hour")),
      TimeWindowedKStream.count()
    )
  ),
  "windows in order of time": Topology.make(
    KStream.from(words).pipe(
      KStream.groupByKey,
      KGroupedStream.windowedBy(TimeWindows.tumbling("1 hour"), { emit: "onWindowClose" }),
      TimeWindowedKStream.count()
    )
  ),
  "sessions in order of time": Topology.make(
    KStream.from(words).pipe(
      KStream.groupByKey,
      KGroupedStream.windowedBy(SessionWindows.withGap("1 hour"), { emit: "onWindowClose" }),
      SessionWindowedKStream.count()
    )
  )
}

describe("an instance that is started again", { timeout: 120_000 }, () => {
  for (const [name, topology] of Object.entries(kept)) {
    it(`has its ${name} from its disk, or after it was cleaned up from the changelog`, () => {
      const { step, world } = worldOf(37)
      step("set up", setUp)
      let restored = 0
      const stateRestoreListener: StateRestoreListener = { onRestoreEnd: (_store, total) => void (restored += total) }
      /** Runs an instance until it has done all there is, and committed it; how many changes it restored. */
      const life = <A, E, R>(use: Effect.Effect<A, E, R>) =>
        Effect.scoped(Effect.gen(function*() {
          restored = 0
          yield* StreamsApp.make(topology, { ...options, stateRestoreListener })
          yield* Effect.sleep(2000)
          yield* use
          return restored
        }))
      const results: Array<unknown> = []
      step(
        "lives",
        Effect.gen(function*() {
          yield* produce(["a", "b", "a"])
          results.push(yield* life(Effect.void))
          results.push(
            yield* life(Effect.map(Effect.flip(StreamsApp.cleanUp(options)), ({ reason }) => results.push(reason)))
          )
          yield* StreamsApp.cleanUp(options)
          results.push(yield* Effect.flatMap(Disk, (disk) => disk.stat(`${options.stateDirectory}/stores`)))
          results.push((yield* life(Effect.void)) > 0)
        })
      )
      assert.deepStrictEqual(results, [0, "StateDirectory", 0, Option.none(), true])
      assert.deepStrictEqual(world.anomalies, [])
    })
  }
})
