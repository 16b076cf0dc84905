/**
 * One run of `bench streams`: an app of one of the runtimes as a process of its own, watched until it has committed all of
 * its input or its time is over, and a look at its sink.
 */
import { Admin, Consumer, Producer } from "@millrace/client"
import { Serde, Topic } from "@millrace/core"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as NodeChild from "node:child_process"
import * as NodeFs from "node:fs"
import * as NodePath from "node:path"
import { fresh } from "../../compat/lib/harness.ts"
import { classPath } from "../../compat/lib/java.ts"
import { endsOf, finished } from "../lib/progress.ts"
import { cpuSeconds } from "../lib/report.ts"
import type { Given, Program } from "./programs.ts"

/** Who runs a program. */
export type Runtime = "millrace" | "kafka-streams"

/** Both runtimes' names of them. */
export type Guarantee = "exactly_once_v2" | "at_least_once"

/** Where apps run. */
export interface Place {
  readonly bootstrap: string
  /** For states, classes and what apps complain of. */
  readonly directory: string
  readonly atMostMs: number
}

/** What a run took, and how far it came: to the end if nothing is left. */
export interface Measured {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly left: number
  readonly total: number
  readonly sinkRecords: number
}

/** Why a run gave nothing. */
export class RunFailed extends Data.TaggedError("RunFailed")<{ readonly message: string }> {
  constructor(message: string) {
    super({ message })
  }
}

const partitions = [0, 1, 2, 3]
const recordsPerSend = 1000
const cacheBytes = 10 * 1024 * 1024
const commitIntervalMs = 100
const startMaxMs = 60_000

/** Writes the inputs of a program, what has no key evenly over the partitions; gives their topics. */
export const preload = Effect.fnUntraced(function*(program: Program) {
  const admin = yield* Admin.make
  const producer = yield* Producer.make({ linger: "5 millis", batchSize: 65_536 })
  const topics = program.inputs.map(() => fresh(`bench-${program.name}`))
  yield* admin.createTopics(topics.map((name) => ({ name, partitions: partitions.length })))
  for (const [at, given] of program.inputs.entries()) {
    const records = given().map((record: Given, index) =>
      record.key === null ? { ...record, partition: index % partitions.length } : record
    )
    const topic = Topic.make(topics[at]!, { key: Serde.string, value: Serde.string })
    for (let from = 0; from < records.length; from += recordsPerSend) {
      yield* producer.enqueueAll(topic, records.slice(from, from + recordsPerSend))
    }
  }
  yield* producer.flush
  return topics
}, Effect.scoped)

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

/** Reads the sink to its end; fails unless it becomes right. Gives the number of records in it. */
const verify = Effect.fnUntraced(function*(
  admin: Admin.Admin["Service"],
  name: string,
  { expected, name: program, sinkRecords, value }: Program
) {
  const wanted = expected()
  const values = new Map<string, string | number>()
  const open = new Map<number, number>()
  for (const { offset, partition } of yield* endsOf(admin, [name], partitions)) open.set(partition, offset - 1)
  let records = 0
  const sink = Topic.make<string, string | number>(name, { key: Serde.string, value: value as Serde.Any })
  yield* Consumer.batches(sink, {
    partitions,
    autoOffsetReset: "earliest",
    isolationLevel: "read_committed"
  }).pipe(
    Stream.takeUntil((batch) => {
      records += batch.records.length
      for (const { key, value } of batch.records) if (key !== null) values.set(key, value)
      // the last record of a partition is a marker, or the next batch
      if (batch.nextOffset >= (open.get(batch.partition) ?? 0)) open.delete(batch.partition)
      return open.size === 0 && isSame(lastOf(values), wanted)
    }),
    Stream.runDrain,
    Effect.timeout("60 seconds"),
    Effect.mapError(() => new RunFailed(`the sink of ${program} is wrong: ${records} records, ${values.size} keys`))
  )
  if (sinkRecords !== undefined && records !== sinkRecords) {
    return yield* Effect.fail(new RunFailed(`the sink of ${program} has ${records} records, expected ${sinkRecords}`))
  }
  return records
})

const complaintsOf = (directory: string): string => NodePath.join(directory, "stderr")

/** A process that runs an app; it is killed when the scope ends. */
const startApp = ({ directory }: Place, runtime: Runtime, words: ReadonlyArray<string>) => {
  const [command, ...rest] = runtime === "millrace"
    ? [process.execPath, ...process.execArgv, NodePath.join(import.meta.dirname, "app.ts")]
    : ["java", "-Xmx1g", "-cp", `${NodePath.join(directory, "classes")}:${classPath()}`, "StreamsBench"]
  const start = Effect.sync(() => {
    const child = NodeChild.spawn(command!, [...rest, ...words], {
      stdio: ["ignore", "pipe", NodeFs.openSync(complaintsOf(directory), "w")]
    })
    const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()))
    const started = new Promise<void>((resolve) => child.stdout!.once("data", () => resolve()))
    return { child, ended, started }
  })
  const kill = ({ child, ended }: Effect.Success<typeof start>) =>
    Effect.promise(() => {
      child.kill("SIGKILL")
      return ended
    })
  return Effect.acquireRelease(start, kill)
}

/** Fails when the app has ended by itself. */
const brokenOff = (directory: string, ended: Promise<void>) =>
  Effect.flatMap(
    Effect.promise(() => ended),
    () => Effect.fail(new RunFailed(`it ended: ${NodeFs.readFileSync(complaintsOf(directory), "utf8").slice(-2000)}`))
  )

/** Runs a program from nothing: a new application, new topics, a new state directory. */
export const measure = Effect.fnUntraced(function*(
  place: Place,
  program: Program,
  runtime: Runtime,
  guarantee: Guarantee,
  inputs: ReadonlyArray<string>
) {
  const { atMostMs, bootstrap, directory } = place
  const admin = yield* Admin.make
  const applicationId = fresh(`bench-${runtime}`)
  const output = `out-of-${applicationId}`
  const state = NodePath.join(directory, applicationId)
  yield* admin.createTopics([{ name: output, partitions: partitions.length }])
  yield* Effect.addFinalizer(() =>
    Effect.gen(function*() {
      NodeFs.rmSync(state, { recursive: true, force: true })
      const own = (yield* admin.listTopics).map(({ name }) => name).filter((name) => name.startsWith(applicationId))
      yield* admin.deleteTopics([output, ...own])
    }).pipe(Effect.ignore)
  )
  const words = [
    program.name,
    bootstrap,
    guarantee,
    applicationId,
    inputs.join(","),
    output,
    String(cacheBytes),
    String(commitIntervalMs),
    state
  ]
  const { from, to } = yield* Effect.scoped(Effect.gen(function*() {
    const { child, ended, started } = yield* startApp(place, runtime, words)
    const cpu = () => cpuSeconds(child.pid!)
    const run = Effect.gen(function*() {
      yield* Effect.promise(() => started).pipe(
        Effect.timeout(startMaxMs),
        Effect.mapError(() => new RunFailed(`it has read nothing after ${startMaxMs} ms`))
      )
      const from = { at: performance.now(), cpuSeconds: cpu() }
      return { from, to: yield* finished(admin, { applicationId, inputs, partitions, cpuSeconds: cpu, atMostMs }) }
    })
    return yield* Effect.raceFirst(run, brokenOff(directory, ended))
  }))
  const measured: Measured = {
    seconds: (to.at - from.at) / 1000,
    cpuSeconds: to.cpuSeconds - from.cpuSeconds,
    left: to.left,
    total: to.total,
    sinkRecords: to.left > 0 ? 0 : yield* verify(admin, output, program)
  }
  return measured
}, Effect.scoped)
