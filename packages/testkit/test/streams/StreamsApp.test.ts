/**
 * Apps on a simulated broker, in virtual time: what an instance says of itself, and how it ends.
 */
import * as Admin from "@millrace/client/admin/Admin"
import { GlobalStore, KGroupedStream, KStream, KTable, Serde, StateStore, Topic, Topology } from "@millrace/core"
import type * as StreamsApp from "@millrace/client/streams/runtime/StreamsApp"
import type { StateRestoreListener } from "@millrace/client/streams/runtime/StateRestoreListener"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { counting, produce, run, setUp, words, worldOf } from "./apps.ts"

const names = Topic.make("names", { key: Serde.string, value: Serde.string })
const allNames = StateStore.keyValue({ name: "all-names", key: Serde.string, value: Serde.string })
const makeNames = Effect.scoped(
  Effect.flatMap(Admin.make, (admin) => admin.createTopics([{ name: names.name, partitions: 1 }]))
)

// worlds take seconds where machines are busy
describe("StreamsApp", { timeout: 60_000 }, () => {
  it("says which threads have which tasks, and which instance has which key; a standby takes over what was counted", () => {
    const { addApp, isRunning, services, states, step, until, world } = worldOf(5)
    step("set up", setUp)
    const more = { numStandbyReplicas: 1, probingRebalanceInterval: "2 seconds", acceptableRecoveryLag: 0 } as const
    addApp("one", counting, { ...more, numStreamThreads: 2, applicationServer: "one:1" })
    addApp("two", counting, { ...more, numStreamThreads: 2, applicationServer: "two:2" })
    const tasksOf = (name: string) => run(services.get(name)!.localThreads)
    const settled = Effect.sync(() => {
      const threads = [...tasksOf("one"), ...tasksOf("two")]
      return threads.length === 4 &&
        threads.every((each) =>
          each.activeTasks.length === 1 && each.standbyTasks.length === 1 && each.state === "RUNNING"
        )
    })
    until("settled", Effect.flatMap(isRunning("one"), (isUp) => isUp ? settled : Effect.succeed(false)))
    const keys = ["a", "b", "c", "d", "e", "f", "g"]
    step("produce", produce([...keys, ...keys]))
    const countOf = (name: string, key: string) =>
      Effect.map(services.get(name)!.keyValueStore<string, number>("counts"), (store) => store.get(key)?.value ?? 0)
    const hostOf = (key: string) =>
      Effect.map(services.get("one")!.metadataForKey("counts", key, Serde.string), (found) => found.activeHost.host)
    const allCounted = (wanted: number) =>
      Effect.map(
        Effect.forEach(keys, (key) => Effect.flatMap(hostOf(key), (host) => countOf(host, key))),
        (counts) => counts.every((count) => count === wanted)
      )
    until("counted where the metadata says", allCounted(2))
    assert.sameMembers(run(services.get("two")!.metadataForAllClients).map((each) => each.host), ["one", "two"])
    const lagOfStores = Effect.map(services.get("two")!.localStorePartitionLags, (lags) => lags.get("counts")!)
    until(
      "all partitions are here, caught up",
      Effect.map(lagOfStores, (lags) => lags.size === 4 && [...lags.values()].every((each) => each.offsetLag === 0))
    )
    // what is not committed is counted again
    step("let all be committed", Effect.sleep(2000))

    world.process("one").crash("power")
    services.delete("one")
    until("two has all", Effect.sync(() => tasksOf("two").flatMap((each) => each.activeTasks).length === 4))
    until("two runs", isRunning("two"))
    step("produce again", produce(keys))
    const counted = Effect.map(
      Effect.forEach(keys, (key) => countOf("two", key)),
      (counts) => counts.every((count) => count === 3)
    )
    until("counted on", counted)
    const metrics = run(services.get("two")!.metrics)
    const sumOf = (group: string, name: string) =>
      metrics.reduce((sum, each) => each.group === group && each.name === name ? sum + Number(each.value) : sum, 0)
    assert.strictEqual(sumOf("stream-metrics", "alive-stream-threads"), 2)
    assert.isAtLeast(sumOf("stream-thread-metrics", "process-total"), keys.length)
    assert.isAbove(sumOf("stream-thread-metrics", "poll-total"), 10)
    assert.isAbove(sumOf("stream-state-metrics", "estimate-num-keys"), 0)
    assert.strictEqual(sumOf("stream-task-metrics", "dropped-records-total"), 0)
    step("close", Effect.andThen(services.get("two")!.close(), Effect.sleep(100)))
    assert.deepStrictEqual(states.get("two")!.slice(-2), ["PENDING_SHUTDOWN", "NOT_RUNNING"])
    assert.deepStrictEqual(world.anomalies, [])
  })

  it("tells where a key is by a partitioner where the app has one, and that global stores are here", () => {
    const { addApp, isRunning, services, step, until } = worldOf(6)
    step("set up", setUp)
    step("names", makeNames)
    const byLength = (key: string, numPartitions: number) => key.length % numPartitions
    const topology = Topology.make(
      KStream.from(words).pipe(
        KStream.repartition({
          name: "by-length",
          partitions: 4,
          streamPartitioner: (_topic, key, _value, numPartitions) => byLength(key ?? "", numPartitions)
        }),
        KStream.groupByKey,
        KGroupedStream.count({ as: "counts" })
      ),
      KStream.from(words).pipe(KStream.groupByKey, KGroupedStream.count({ as: "plain" })),
      GlobalStore.from(names, { store: allNames, processor: { stores: [allNames], init: () => () => {} } })
    )
    addApp("one", topology, { applicationServer: "one:1" })
    until("one runs", isRunning("one"))
    const one = services.get("one")!
    const found = run(one.metadataForKey("counts", "abc", byLength))
    assert.deepStrictEqual(found, { activeHost: { host: "one", port: 1 }, standbyHosts: [], partition: 3 })
    assert.strictEqual(run(one.metadataForKey("all-names", "abc", Serde.string)).partition, -1)
    const refused = (store: string, by: Parameters<typeof one.metadataForKey<string>>[2]) =>
      run(Effect.flip(one.metadataForKey(store, "abc", by))).detail
    assert.match(refused("counts", Serde.string), /streamPartitioner/)
    assert.match(refused("counts", () => 4), /chose 4 of 4/)
    assert.match(refused("none", Serde.string), /no store none/)
    assert.match(run(Effect.flip(one.metadataForKey("plain", 0.5, Serde.long))).detail, /0.5/)
  })

  it("gives tasks to whom an assignor of the app's own says, and stops with an answer that cannot be", () => {
    const { addApp, ends, isRunning, services, step, until } = worldOf(7)
    step("set up", setUp)
    /** All that is active to the first process, all copies to the others. */
    const allToFirst: StreamsApp.TaskAssignor = ({ clients, statefulTasks, tasks }) => {
      const ids = clients.map(({ processId }) => processId).sort()
      const gives = (isFirst: boolean) => isFirst ? { active: tasks } : { active: [], standby: statefulTasks }
      return { processes: new Map(ids.map((processId, index) => [processId, gives(index === 0)])) }
    }
    for (const name of ["one", "two"]) {
      addApp(name, counting, { taskAssignor: allToFirst, applicationServer: `${name}:1` })
    }
    const tasksOf = (name: string) => {
      const threads = run(services.get(name)!.localThreads)
      return [threads.flatMap((each) => each.activeTasks).length, threads.flatMap((each) => each.standbyTasks).length]
    }
    until("both run", Effect.zipWith(isRunning("one"), isRunning("two"), (a, b) => a && b))
    until(
      "one has all, the other copies",
      Effect.sync(() => [tasksOf("one"), tasksOf("two")].sort().join() === "0,4,4,0")
    )
    addApp("three", counting, { applicationId: "nobody", taskAssignor: () => ({ processes: new Map() }) })
    until("three has stopped", Effect.sync(() => ends.has("three")))
    assert.strictEqual(ends.get("three")!.reason, "Settings")
    assert.match(ends.get("three")!.detail, /nobody has 0_0, 0_1, 0_2, 0_3/)
  })

  it("keeps standbys of tables whose changelog is their topic, as far as is committed; they take over from there", () => {
    const { addApp, isRunning, services, step, until, world } = worldOf(43)
    step("set up", setUp)
    const rows = Topology.make(KTable.from(words, { as: "rows" }))
    const starts = new Map<string, Array<number>>()
    for (const name of ["one", "two"]) {
      starts.set(name, [])
      const stateRestoreListener: StateRestoreListener = {
        onRestoreStart: (_store, from) => void starts.get(name)!.push(from)
      }
      const more = {
        optimization: "all",
        numStandbyReplicas: 1,
        acceptableRecoveryLag: 0,
        stateRestoreListener
      } as const
      addApp(name, rows, { ...more, probingRebalanceInterval: "2 seconds" })
    }
    const keys = Array.from({ length: 40 }, (_, at) => `k${at}`)
    const threadOf = (name: string) => run(services.get(name)!.localThreads)[0]!
    until("started", Effect.sync(() => services.size === 2))
    until("running", isRunning("two"))
    until(
      "settled",
      Effect.sync(() =>
        ["one", "two"].every((name) => {
          const { activeTasks, standbyTasks } = threadOf(name)
          return activeTasks.length === 2 && standbyTasks.length === 2
        })
      )
    )
    step("produce", produce(keys))
    step("work", Effect.sleep(3000))
    starts.set("two", [])
    world.process("one").crash("kill")
    const all = Effect.map(
      services.get("two")!.keyValueStore<string, string>("rows"),
      (store) => [...store.range()].length
    )
    until("taken over", Effect.sync(() => threadOf("two").activeTasks.length === 4))
    until("complete", Effect.map(all, (length) => length === keys.length))
    assert.lengthOf(starts.get("two")!, 2)
    for (const from of starts.get("two")!) assert.isAbove(from, 0)
    assert.deepStrictEqual(world.anomalies, [])
  })

  it("processes nothing while it is paused", () => {
    const { addApp, isRunning, services, step, until, world } = worldOf(7)
    step("set up", setUp)
    addApp("one", counting)
    until("running", isRunning("one"))
    const app = services.get("one")!
    run(app.pause)
    step("produce", produce(["a", "a"]))
    step("wait", Effect.sleep(20_000))
    const count = Effect.map(app.keyValueStore<string, number>("counts"), (store) => store.get("a")?.value)
    assert.isUndefined(run(count))
    assert.isTrue(run(app.isPaused))
    assert.strictEqual(run(app.state), "RUNNING")
    run(app.resume)
    until("counted", Effect.map(count, (found) => found === 2))
    assert.deepStrictEqual(world.anomalies, [])
  })

  it("replaces a thread that failed: the record is processed again", () => {
    const { addApp, isRunning, services, step, until, world } = worldOf(11)
    step("set up", setUp)
    let failures = 0
    const failing = Topology.make(
      KStream.from(words).pipe(
        KStream.peek((value) => {
          if (value === "bad" && failures++ < 2) throw new Error("not yet")
        }),
        KStream.groupByKey,
        KGroupedStream.count({ as: "counts" })
      )
    )
    addApp("one", failing, { uncaughtExceptionHandler: "replaceThread", processingGuarantee: "exactly_once" })
    until("running", isRunning("one"))
    step("produce", produce(["a", "bad", "a"]))
    const counts = Effect.suspend(() =>
      Effect.map(
        services.get("one")!.keyValueStore<string, number>("counts"),
        (store) => [store.get("a")?.value, store.get("bad")?.value].join()
      )
    )
    until("counted", Effect.map(counts, (found) => found === "2,1"))
    assert.strictEqual(failures, 3)
    assert.deepStrictEqual(world.anomalies, [])
  })

  it("stops with its failure, or has all instances stop", () => {
    for (const response of ["shutdownClient", "shutdownApplication"] as const) {
      const { addApp, ends, services, states, step, until, world } = worldOf(13)
      step("set up", setUp)
      const failing = Topology.make(KStream.from(words).pipe(KStream.foreachEffect(() => Effect.fail("poison"))))
      addApp("one", failing, { uncaughtExceptionHandler: response })
      addApp("two", failing, { uncaughtExceptionHandler: response })
      const isSharing = (name: string) =>
        Effect.suspend(() =>
          Effect.map(services.get(name)!.localThreads, ([thread]) => thread?.activeTasks.length === 2)
        )
      until("started", Effect.sync(() => services.size === 2))
      until("running", isSharing("one"))
      until("both", isSharing("two"))
      step("produce", produce(["a"]))
      const wanted = response === "shutdownClient" ? 1 : 2
      until("ended", Effect.sync(() => ends.size >= wanted))
      const reasons = [...ends.values()].map((each) => each.reason).sort()
      if (response === "shutdownApplication") assert.deepStrictEqual(reasons, ["Effect", "ShutdownRequested"])
      const [failed] = [...ends].find(([, each]) => each.reason === "Effect")!
      assert.strictEqual(ends.get(failed)!.error, "poison")
      assert.strictEqual(run(services.get(failed)!.state), "ERROR")
      assert.strictEqual(states.get(failed)!.at(-1), "ERROR")
      assert.deepStrictEqual(world.anomalies, [])
    }
  })
})
