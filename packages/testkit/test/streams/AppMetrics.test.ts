/**
 * The metrics of apps on a simulated broker, in virtual time.
 */
import * as Definitions from "@millrace/client/streams/engine/metrics/Definitions"
import type { Metric } from "@millrace/client/streams/engine/metrics/Metric"
import { nameOf } from "@millrace/client/streams/engine/metrics/Metric"
import type { RecordingLevel } from "@millrace/client/streams/engine/metrics/RecordingLevel"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as NodeFs from "node:fs"
import * as NodePath from "node:path"
import { counting, produce, type Service, setUp, worldOf } from "./apps.ts"

const keys = ["a", "b", "c", "d", "e", "f", "g"]

/** What `ask` answers of an app with two threads, when it has counted all keys three times. */
const askedAt = <A>(
  seed: number,
  metricsRecordingLevel: RecordingLevel,
  ask: (app: Service) => Effect.Effect<A>
): A => {
  const { addApp, isRunning, services, step, until, world } = worldOf(seed)
  step("set up", setUp)
  addApp("one", counting, { numStreamThreads: 2, metricsRecordingLevel })
  until("running", isRunning("one"))
  step("produce", produce([...keys, ...keys, ...keys]))
  const app = services.get("one")!
  const isCounted = Effect.map(
    app.keyValueStore<string, number>("counts"),
    (store) => keys.every((key) => store.get(key)?.value === 3)
  )
  until("counted", Effect.catch(isCounted, () => Effect.succeed(false)))
  step("let all be committed", Effect.sleep(2000))
  const answers: Array<A> = []
  step("look", Effect.map(ask(app), (answer) => void answers.push(answer)))
  assert.deepStrictEqual(world.anomalies, [])
  return answers[0]!
}

const metricsAt = (seed: number, level: RecordingLevel): ReadonlyArray<Metric> =>
  askedAt(seed, level, ({ metrics }) => metrics)

const sumOf = (metrics: ReadonlyArray<Metric>, group: string, name: string): number =>
  metrics.reduce((sum, each) => each.group === group && each.name === name ? sum + Number(each.value) : sum, 0)

const fixture = NodePath.join(import.meta.dirname, "../metrics/kafka/names.tsv")

/** Group and name of what Kafka Streams tells of clients, threads and state updaters. */
const namesOfKafka = NodeFs.readFileSync(fixture, "utf8").trim().split("\n")
  .map((line) => line.split("\t"))
  .filter(([group]) => /^stream-(metrics|thread-metrics|state-updater-metrics)$/.test(group!))
  .map(([group, _tags, name]) => `${group} ${name}`)
  .filter((name) => !name.endsWith(" checkpoint-ratio"))

// worlds take seconds where machines are busy
describe("metrics of an app", { timeout: 60_000 }, () => {
  it("have all of Kafka Streams' names for the instance and its threads, and no names but the defined ones", () => {
    const metrics = metricsAt(3, "trace")
    const names = new Set(metrics.map(({ group, name }) => `${group} ${name}`))
    const defined = new Map(
      Definitions.all.flatMap((each) => each.statistics.map((statistic) => [nameOf(each, statistic), each] as const))
    )
    const ofApp = [...names].filter((name) => /^stream-(metrics|thread-metrics|state-updater-metrics) /.test(name))
    assert.sameMembers(ofApp, namesOfKafka)
    for (const { group, name } of metrics) {
      assert.isTrue(Definitions.all.some((each) => each.group === group && defined.has(name)), `${group} ${name}`)
    }
  })

  it("count each record once: in its topic, its source, its task and its thread", () => {
    const metrics = metricsAt(5, "debug")
    const consumed = sumOf(metrics, "stream-topic-metrics", "records-consumed-total")
    assert.strictEqual(consumed, 3 * keys.length)
    assert.strictEqual(sumOf(metrics, "stream-processor-node-metrics", "process-total"), consumed)
    assert.strictEqual(sumOf(metrics, "stream-task-metrics", "process-total"), consumed)
    assert.strictEqual(sumOf(metrics, "stream-thread-metrics", "process-total"), consumed)
    assert.strictEqual(sumOf(metrics, "stream-task-metrics", "dropped-records-total"), 0)
    assert.strictEqual(sumOf(metrics, "stream-task-metrics", "active-buffer-count"), 0)
    const created = sumOf(metrics, "stream-thread-metrics", "task-created-total")
    assert.strictEqual(created - sumOf(metrics, "stream-thread-metrics", "task-closed-total"), 4)
    assert.strictEqual(sumOf(metrics, "stream-state-metrics", "estimate-num-keys"), keys.length)
    for (const ratio of ["poll-ratio", "process-ratio", "commit-ratio", "punctuate-ratio"]) {
      const shares = metrics.filter(({ group, name }) => group === "stream-thread-metrics" && name === ratio)
      for (const { value } of shares) assert.isTrue(Number(value) >= 0 && Number(value) <= 1, `${ratio} ${value}`)
    }
  })

  it("go with what threads say of their tasks: all is committed, up to the ends", () => {
    const threads = askedAt(9, "info", ({ localThreads }) => localThreads)
    assert.lengthOf(threads, 2)
    let committed = 0
    let ends = 0
    for (const { activeTasks, tasks } of threads) {
      assert.deepStrictEqual(tasks.map(({ taskId }) => taskId), [...activeTasks])
      for (const { committedOffsets, endOffsets, timeCurrentIdlingStarted, topicPartitions } of tasks) {
        assert.lengthOf(topicPartitions, 1)
        for (const offset of committedOffsets.values()) committed += offset
        for (const offset of endOffsets.values()) ends += offset
        assert.isUndefined(timeCurrentIdlingStarted)
      }
    }
    assert.deepStrictEqual([committed, ends], [3 * keys.length, 3 * keys.length])
  })

  it("leave out at a level what is measured at finer ones", () => {
    const levelOf = new Map(
      Definitions.all.flatMap((each) =>
        each.statistics.map((statistic) => [`${each.group} ${nameOf(each, statistic)}`, each.level] as const)
      )
    )
    const told = new Set(metricsAt(7, "info").map(({ group, name }) => levelOf.get(`${group} ${name}`)))
    assert.deepStrictEqual([...told], ["info"])
  })
})
