/**
 * Stream apps on our runtime beside Kafka Streams with one thread: stateless, counting in memory and on disk, few and many
 * keys, windows, joins; at least once and exactly once; on our broker and on Apache Kafka.
 *
 * Fair by construction: the same topologies on the same broker, of the same preloaded input (4 partitions), each run from
 * nothing: a new application, new topics, a new state directory. A round runs both apps, one after the other, and the
 * medians over the rounds are told. Measured from the first record that the app sees until the commit of the last input and
 * repartition record, as the committed offsets show it; the sink is then read and has to be right. CPU seconds are those of
 * the app's process, all threads, user and system: they say more than wall time on a machine that has other work, whose
 * load average is told. Commits every 100 ms; record caches at Kafka's default (10 MiB) on both sides. An app that does not
 * end in time is told with how much of its input it had committed.
 * Flags: --broker millrace|kafka|both (both), --bootstrap H:P, --rounds N (3), --records N (300000), --only PROGRAM[,…],
 * --guarantee eos|alos (both), --app millrace|kafka-streams (both), --timeout SECONDS (120).
 */
import { Cluster } from "@millrace/client"
import { Kafka } from "@millrace/core"
import { NodePlatform } from "@millrace/core/node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NodeChild from "node:child_process"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"
import { option, singleBroker, startBroker } from "../compat/lib/harness.ts"
import { classPath } from "../compat/lib/java.ts"
import { startKafka } from "../compat/lib/kafka.ts"
import { median, printTable, report } from "./lib/report.ts"
import { type Guarantee, measure, type Measured, type Place, preload, type Runtime } from "./streams/measure.ts"
import { type Program, programsOf } from "./streams/programs.ts"

const chosen = <A extends string>(flag: string, names: ReadonlyArray<A>): ReadonlyArray<A> => {
  const asked = option(flag)?.split(",") ?? names
  const unknown = asked.find((name) => !names.includes(name as A))
  if (unknown === undefined) return names.filter((name) => asked.includes(name))
  console.error(`--${flag} ${unknown} is not known: there are ${names.join(", ")}`)
  process.exit(2)
}

const rounds = Number(option("rounds") ?? 3)
const recordsCount = Number(option("records") ?? 300_000)
const atMostMs = Number(option("timeout") ?? 120) * 1000
const hourMs = 3_600_000
/** Of the day: brokers delete what is older than their retention. */
const startMs = (Math.floor(Date.now() / hourMs) - 1) * hourMs
const all = programsOf(recordsCount, startMs)
const programs = chosen("only", all.map(({ name }) => name)).map((name) => all.find((one) => one.name === name)!)
const guarantees = { eos: "exactly_once_v2", alos: "at_least_once" } as const satisfies Record<string, Guarantee>
const asked = chosen("guarantee", ["eos", "alos"])
const runtimes: ReadonlyArray<Runtime> = chosen("app", ["millrace", "kafka-streams"])
const brokers = chosen("broker", ["millrace", "kafka", "both"])
const directory = NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "millrace-bench-streams-"))

interface Results {
  readonly runs: Array<Measured>
  readonly loads: Array<number>
  /** What became of runs that have no result. */
  readonly failures: Array<string>
}

const shareOf = ({ left, total }: Measured): string => `${Math.floor(100 * (total - left) / total)} %`

/** Runs a program once and keeps what was measured, or why nothing was. */
const runOnce = Effect.fnUntraced(function*(
  place: Place,
  program: Program,
  runtime: Runtime,
  guarantee: Guarantee,
  inputs: ReadonlyArray<string>,
  { failures, loads, runs }: Results
) {
  loads.push(NodeOs.loadavg()[0]!)
  const label = `${program.name} ${runtime} ${guarantee}`
  yield* measure(place, program, runtime, guarantee, inputs).pipe(
    Effect.match({
      onFailure: (cause) => {
        failures.push("failed")
        console.error(`${label} failed: ${cause.message}`)
      },
      onSuccess: (measured) => {
        if (measured.left > 0) failures.push(`${shareOf(measured)} after ${atMostMs / 1000} s`)
        else runs.push(measured)
        console.error(`${label}: ${measured.seconds.toFixed(2)} s, ${shareOf(measured)}`)
      }
    })
  )
})

const medianOf = (runs: ReadonlyArray<Measured>, of: (run: Measured) => number): number | "" =>
  runs.length === 0 ? "" : median(runs.map(of))

/** By how much the peer takes longer; empty if either has no result. */
const timesPeer = (own: number | "", peer: number | ""): number | "" =>
  own === "" || peer === "" ? "" : Number((peer / own).toFixed(2))

const tell = (
  broker: string,
  program: Program,
  guarantee: string,
  results: ReadonlyMap<Runtime, Results>
): void => {
  const peer = results.get("kafka-streams")?.runs ?? []
  for (const [app, { failures, loads, runs }] of results) {
    const seconds = medianOf(runs, (run) => run.seconds)
    const cpu = medianOf(runs, (run) => run.cpuSeconds)
    const isOurs = app === "millrace"
    report({
      broker,
      program: program.name,
      guarantee,
      app,
      "records/s": seconds === "" ? "" : Math.round(recordsCount / seconds),
      seconds,
      "CPU s": cpu,
      "times peer": isOurs ? timesPeer(seconds, medianOf(peer, (run) => run.seconds)) : "",
      "times peer, CPU": isOurs ? timesPeer(cpu, medianOf(peer, (run) => run.cpuSeconds)) : "",
      "sink records": medianOf(runs, (run) => run.sinkRecords),
      rounds: runs.length,
      load: median(loads),
      "not ended": failures.join("; ")
    })
  }
}

const measureOn = Effect.fnUntraced(function*(broker: string, bootstrap: string) {
  const place: Place = { bootstrap, directory, atMostMs }
  for (const program of programs) {
    const inputs = yield* preload(program)
    for (const guarantee of asked) {
      const results = new Map(
        runtimes.map((runtime): [Runtime, Results] => [runtime, { runs: [], loads: [], failures: [] }])
      )
      for (let round = 0; round < rounds; round++) {
        for (const [runtime, kept] of results) {
          yield* runOnce(place, program, runtime, guarantees[guarantee], inputs, kept)
        }
      }
      tell(broker, program, guarantee, results)
    }
  }
})

const runOn = (broker: string, bootstrap: string): Promise<void> => {
  const kafka = Kafka.layer({ bootstrapServers: bootstrap })
  const platform = Layer.provideMerge(Cluster.layer, Layer.merge(kafka, NodePlatform.layer))
  return Effect.runPromise(Effect.provide(measureOn(broker, bootstrap), platform))
}

const compileJava = (): void => {
  const source = NodePath.join(import.meta.dirname, "java", "StreamsBench.java")
  const { status } = NodeChild.spawnSync(
    "javac",
    ["-cp", classPath(), "-d", NodePath.join(directory, "classes"), source],
    { stdio: "inherit" }
  )
  if (status !== 0) throw new Error("StreamsBench.java does not compile")
}

try {
  if (runtimes.includes("kafka-streams")) compileJava()
  const given = option("bootstrap")
  if (given !== undefined) await runOn(given, given)
  else if (brokers.includes("millrace") || brokers.includes("both")) {
    const broker = await startBroker(NodePath.join(directory, "millrace"), 0, singleBroker, ["--durability", "os"])
    await runOn("millrace", broker.bootstrap)
    await broker.kill("SIGTERM")
  }
  if (given === undefined && (brokers.includes("kafka") || brokers.includes("both"))) {
    const kafka = await startKafka(NodePath.join(directory, "kafka"), 19_592)
    await runOn("kafka", kafka.bootstrap)
    await kafka.stop()
  }
} finally {
  NodeFs.rmSync(directory, { recursive: true, force: true })
}
printTable()
process.exit(0)
