/**
 * Stream apps on our runtime beside Kafka Streams with one thread: stateless, counting in memory and on disk, few and many
 * keys, windows, joins.
 *
 * Fair by construction: the same topologies on the same broker, of the same preloaded input (4 partitions), each run from
 * nothing: a new application, new topics, a new state directory. A round runs every contender once, one after the other,
 * and the medians over the rounds are told. Measured from the first record that the app sees until the commit of the last
 * input and repartition record, as the committed offsets show it; the sink is then read and has to be right. Commits every
 * 100 ms, with exactly-once (where that is the default of both) and without; record caches at Kafka's default (10 MiB) on
 * both sides.
 * Flags: --broker millrace|kafka|both (both), --bootstrap H:P, --rounds N (5), --records N (1000000),
 * --only NAME[,NAME…] (contenders), --program NAME[,NAME…].
 */
import * as Consumer from "@millrace/client/consumer/Consumer"
import * as Producer from "@millrace/client/producer/Producer"
import { Kafka, Serde, Topic } from "@millrace/core"
import { NodePlatform } from "@millrace/core/node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as NodeChild from "node:child_process"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"
import { fresh, option, singleBroker, startBroker, waitFor } from "../compat/lib/harness.ts"
import { classPath } from "../compat/lib/java.ts"
import { startKafka } from "../compat/lib/kafka.ts"
import { type Admin, withAdmin } from "../compat/lib/ledger.ts"
import { type Given, type Program, programsOf } from "./streams/programs.ts"
import { cpuSeconds, median, printTable, report } from "./lib/report.ts"

type Guarantee = "exactly_once_v2" | "at_least_once"

interface Contender {
  readonly name: string
  readonly runtime: "millrace" | "kafka-streams"
  readonly guarantee: Guarantee
}

const contendersOf = (guarantee: Guarantee, short: string): ReadonlyArray<Contender> => [
  { name: `millrace ${short}`, runtime: "millrace", guarantee },
  { name: `kafka streams ${short}`, runtime: "kafka-streams", guarantee }
]
const contenders = [...contendersOf("exactly_once_v2", "eos"), ...contendersOf("at_least_once", "alos")]
  .filter(({ name }) => option("only")?.split(",").includes(name) ?? true)
const cacheBytes = 10 * 1024 * 1024
const commitIntervalMs = "100"

const rounds = Number(option("rounds") ?? 5)
const recordsCount = Number(option("records") ?? 1_000_000)
const programs = programsOf(recordsCount).filter(({ name }) => option("program")?.split(",").includes(name) ?? true)
const partitions = 4
const recordsPerSend = 1000
const pollMs = 50
const settledMs = 1500
const runAtMostMs = 180_000
const directory = NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "millrace-bench-streams-"))

const run = <A, E>(
  bootstrap: string,
  effect: Effect.Effect<A, E, Layer.Success<typeof NodePlatform.layer> | Kafka.Kafka>
): Promise<A> =>
  Effect.runPromise(
    Effect.provide(effect, Layer.merge(Kafka.layer({ bootstrapServers: bootstrap }), NodePlatform.layer))
  )

/** Writes an input, what has no key evenly over the partitions. */
const preload = (bootstrap: string, given: ReadonlyArray<Given>, topic: string): Promise<void> => {
  const records = given.map((record, index) =>
    record.key === null ? { ...record, partition: index % partitions } : record
  )
  const typed = Topic.make(topic, { key: Serde.string, value: Serde.string })
  return run(
    bootstrap,
    Effect.scoped(Effect.gen(function*() {
      const producer = yield* Producer.make({ linger: "5 millis", batchSize: 65_536 })
      for (let at = 0; at < records.length; at += recordsPerSend) {
        yield* producer.enqueueAll(typed, records.slice(at, at + recordsPerSend))
      }
      yield* producer.flush
    }))
  )
}

/** The last values of a sink; those of a window are told by their word, summed up. */
const lastOf = (values: ReadonlyMap<string, string | number>): Map<string, string> => {
  const last = new Map<string, string>()
  for (const [key, value] of values) {
    const [word, start] = key.split("@")
    last.set(word!, start === undefined ? String(value) : String(Number(last.get(word!) ?? 0) + Number(value)))
  }
  return last
}

const isSame = (found: ReadonlyMap<string, string>, expected: ReadonlyMap<string, string>): boolean =>
  found.size === expected.size && [...expected].every(([key, value]) => found.get(key) === value)

/** Reads the sink to its end; fails unless it is right. Gives the number of records in it. */
const verify = (bootstrap: string, topic: string, { expected, name, sinkRecords, value }: Program): Promise<number> => {
  const wanted = expected()
  const values = new Map<string, string | number>()
  let records = 0
  const sink = Topic.make<string, string | number>(topic, { key: Serde.string, value: value as Serde.Any })
  return run(
    bootstrap,
    Consumer.batches(sink, {
      partitions: Array.from({ length: partitions }, (_, partition) => partition),
      autoOffsetReset: "earliest",
      isolationLevel: "read_committed"
    }).pipe(
      Stream.takeUntil((batch) => {
        records += batch.records.length
        for (const { key, value } of batch.records) if (key !== null) values.set(key, value)
        return records >= (sinkRecords ?? wanted.size) && isSame(lastOf(values), wanted)
      }),
      Stream.runDrain,
      Effect.timeout("60 seconds")
    )
  ).then(() => {
    if (sinkRecords !== undefined && records !== sinkRecords) {
      throw new Error(`the sink of ${name} has ${records} records, expected ${sinkRecords}`)
    }
    return records
  })
}

const startApp = (contender: Contender, arguments_: ReadonlyArray<string>): NodeChild.ChildProcess => {
  const [command, ...rest] = contender.runtime === "millrace"
    ? [process.execPath, ...process.execArgv, NodePath.join(import.meta.dirname, "streams", "app.ts")]
    : ["java", "-Xmx1g", "-cp", `${NodePath.join(directory, "classes")}:${classPath()}`, "StreamsBench"]
  return NodeChild.spawn(command!, [...rest, ...arguments_], {
    stdio: ["ignore", "pipe", NodeFs.openSync(NodePath.join(directory, "stderr"), "a")]
  })
}

interface Progress {
  /** Offsets still to be committed, over all partitions; markers of transactions need not be. */
  readonly left: number
  readonly state: string
}

/** How far the group is in its topics, undefined while some are not there yet. */
const progressOf = async (
  admin: Admin,
  groupId: string,
  topics: ReadonlyArray<string>,
  slack: number
): Promise<Progress | undefined> => {
  try {
    const committed = await admin.fetchOffsets({ groupId, topics: [...topics] })
    let left = 0
    let state = ""
    for (const topic of topics) {
      for (const { high, partition } of await admin.fetchTopicOffsets(topic)) {
        const offset = Number(
          committed.find((one) => one.topic === topic)?.partitions.find((one) => one.partition === partition)?.offset
            ?? -1
        )
        state += `${offset}/${high} `
        left += Math.max(0, Number(high) - slack - Math.max(0, offset))
      }
    }
    return { left, state }
  } catch {
    return undefined
  }
}

interface Measured {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly sinkRecords: number
}

const measure = async (
  bootstrap: string,
  program: Program,
  contender: Contender,
  inputs: ReadonlyArray<string>
): Promise<Measured> => {
  const applicationId = fresh(`bench-${contender.runtime}`)
  const output = `${applicationId}-out`
  const topics = program.repartitions ? [...inputs, `${applicationId}-counts-repartition`] : inputs
  const slack = contender.guarantee === "exactly_once_v2" ? 1 : 0
  return withAdmin(bootstrap, async (admin) => {
    await admin.createTopics({ topics: [{ topic: output, numPartitions: partitions }] })
    const { guarantee } = contender
    const state = NodePath.join(directory, applicationId)
    const child = startApp(contender, [
      program.name,
      bootstrap,
      guarantee,
      applicationId,
      inputs.join(","),
      output,
      String(cacheBytes),
      commitIntervalMs,
      state
    ])
    const pid = child.pid!
    try {
      let from = 0
      let cpuFrom = 0
      child.stdout!.on("data", () => {
        if (from > 0) return
        from = performance.now()
        cpuFrom = cpuSeconds(pid)
      })
      let last = { state: "", at: 0, cpu: 0 }
      await waitFor(`${contender.name} to finish ${program.name} (${last.state})`, async () => {
        if (child.exitCode !== null) throw new Error(`${contender.name} ended: ${errors()}`)
        if (from === 0) return undefined
        const now = { at: performance.now(), cpu: cpuSeconds(pid) }
        const progress = await progressOf(admin, applicationId, topics, slack)
        if (progress === undefined) return undefined
        if (progress.state !== last.state) last = { state: progress.state, ...now }
        await new Promise((resolve) => setTimeout(resolve, pollMs))
        return progress.left === 0 && now.at - last.at > settledMs ? true : undefined
      }, runAtMostMs)
      child.kill("SIGKILL")
      const sinkRecords = await verify(bootstrap, output, program)
      return { seconds: (last.at - from) / 1000, cpuSeconds: last.cpu - cpuFrom, sinkRecords }
    } finally {
      child.kill("SIGKILL")
      await admin.deleteTopics({ topics: [output] })
      NodeFs.rmSync(state, { recursive: true, force: true })
    }
  })
}

const errors = (): string => NodeFs.readFileSync(NodePath.join(directory, "stderr"), "utf8").slice(-2000)

const compileJava = (): void => {
  const source = NodePath.join(import.meta.dirname, "java", "StreamsBench.java")
  const { status } = NodeChild.spawnSync(
    "javac",
    ["-cp", classPath(), "-d", NodePath.join(directory, "classes"), source],
    { stdio: "inherit" }
  )
  if (status !== 0) throw new Error("StreamsBench.java does not compile")
}

const measureOn = async (broker: string, bootstrap: string): Promise<void> => {
  for (const program of programs) {
    const inputs = program.inputs.map(() => fresh(`bench-${program.name}`))
    await withAdmin(
      bootstrap,
      (admin) => admin.createTopics({ topics: inputs.map((topic) => ({ topic, numPartitions: partitions })) })
    )
    for (const [at, records] of program.inputs.entries()) await preload(bootstrap, records(), inputs[at]!)
    const results = new Map<string, Array<Measured>>()
    for (let round = 0; round < rounds; round++) {
      for (const contender of contenders) {
        try {
          const measured = await measure(bootstrap, program, contender, inputs)
          console.error(`${broker} ${program.name} ${contender.name}: ${measured.seconds.toFixed(2)} s`)
          results.set(contender.name, [...results.get(contender.name) ?? [], measured])
        } catch (cause) {
          console.error(
            `${contender.name} failed ${program.name}: ${cause instanceof Error ? cause.message : String(cause)}`
          )
        }
      }
    }
    for (const [app, measured] of results) {
      report({
        broker,
        program: program.name,
        app,
        "records/s": Math.round(recordsCount / median(measured.map(({ seconds }) => seconds))),
        "seconds": median(measured.map(({ seconds }) => seconds)),
        "app CPU s": median(measured.map((one) => one.cpuSeconds)),
        "sink records": median(measured.map((one) => one.sinkRecords)),
        rounds: measured.length
      })
    }
  }
}

try {
  if (contenders.some(({ runtime }) => runtime === "kafka-streams")) compileJava()
  const given = option("bootstrap")
  const asked = option("broker") ?? "both"
  if (given !== undefined) await measureOn(given, given)
  if (given === undefined && asked !== "kafka") {
    const broker = await startBroker(NodePath.join(directory, "millrace"), 0, singleBroker, ["--durability", "os"])
    await measureOn("millrace", broker.bootstrap)
    await broker.kill("SIGTERM")
  }
  if (given === undefined && asked !== "millrace") {
    const kafka = await startKafka(NodePath.join(directory, "kafka"), 19_592)
    await measureOn("kafka", kafka.bootstrap)
    await kafka.stop()
  }
} finally {
  NodeFs.rmSync(directory, { recursive: true, force: true })
}
printTable()
process.exit(0)
