/**
 * Our word count, exactly once, killed (`kill -9`) and started again ten times while lines come in.
 *
 * The sink, read committed, must then hold for each word the counts 1, 2, 3 … once each and in order, which is what a single
 * clean run writes. Then two instances share the work, and in turns one of them is killed or closed. A foreign client reads
 * the sink too, as a witness. Runs on a broker of ours; on Apache Kafka with `--kafka` (one is started) or
 * `--bootstrap HOST:PORT` (the topics `lines` and `counts` must not be there). `--kills N`, `--turns N`, `--lines N` change
 * the size.
 */
import * as Consumer from "@millrace/client/consumer/Consumer"
import * as Producer from "@millrace/client/producer/Producer"
import * as Kafka from "@millrace/core/Kafka"
import { NodePlatform } from "@millrace/core/node"
import type { Disk } from "@millrace/core/platform/Disk"
import type { Network } from "@millrace/core/platform/Network"
import type { Compression } from "@millrace/core/records/Compression"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as NodeChild from "node:child_process"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"
import { counts, lines } from "../examples/word-count.ts"
import { check, finish, option, same, singleBroker, startBroker, waitFor } from "./lib/harness.ts"
import { startKafka } from "./lib/kafka.ts"
import { type Read, readAll, withAdmin } from "./lib/ledger.ts"

const root = NodePath.join(import.meta.dirname, "..")
const kills = Number(option("kills") ?? 10)
const turns = Number(option("turns") ?? 4)
const lineCount = Number(option("lines") ?? 20_000)
const wordsPerLine = 8
const vocabulary = 400
const linesPerSend = 100

/** The same text in each run: a few hundred words, some of them often. */
const text = Array.from({ length: lineCount }, (_, line) =>
  Array.from({ length: wordsPerLine }, (_, at) => {
    const mixed = Math.imul(line * wordsPerLine + at + 1, 0x9e3779b1) >>> 0
    const word = Math.min(mixed % vocabulary, (mixed >>> 12) % vocabulary)
    return `w${String.fromCharCode(97 + (word % 26), 97 + Math.floor(word / 26))}`
  }).join(" "))

const expected = new Map<string, number>()
for (const line of text) for (const word of line.split(" ")) expected.set(word, (expected.get(word) ?? 0) + 1)
const total = lineCount * wordsPerLine

interface App {
  readonly kill: (signal: NodeJS.Signals) => Promise<number | null>
}

/** Instances that run: none of them outlives this program or disturbs the next check. */
const running = new Set<NodeChild.ChildProcess>()

const endAll = (): void => {
  for (const child of running) child.kill("SIGKILL")
}

process.on("exit", endAll)

const startApp = (bootstrap: string, stateDirectory: string): App => {
  const child = NodeChild.spawn(process.execPath, [NodePath.join(root, "scripts/app.ts"), "word-count"], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      KAFKA_BOOTSTRAP_SERVERS: bootstrap,
      KAFKA_STREAMS_SESSION_TIMEOUT_MS: "6000",
      // each count is to be seen
      KAFKA_STREAMS_STATESTORE_CACHE_MAX_BYTES: "0",
      KAFKA_STREAMS_TRANSACTION_TIMEOUT_MS: "10000",
      MILLRACE_STATE_DIR: stateDirectory
    }
  })
  running.add(child)
  const ended = new Promise<number | null>((resolve) =>
    child.on("exit", (code) => {
      running.delete(child)
      resolve(code)
    })
  )
  return {
    kill: async (signal) => {
      if (child.exitCode !== null) throw new Error(`the app ended by itself with ${child.exitCode}`)
      child.kill(signal)
      return ended
    }
  }
}

/** What the sink holds so far, and what is wrong with it. */
interface Sink {
  readonly seen: Map<string, number>
  records: number
  readonly wrong: Array<string>
}

/** Reads the sink, read committed, for as long as the returned `stop` is not called. */
const watchSink = (run: Run): { readonly stop: () => Promise<void> } => {
  const controller = new AbortController()
  const reading = Consumer.stream(counts, {
    groupId: `witness-${process.pid}`,
    isolationLevel: "read_committed",
    autoOffsetReset: "earliest"
  }).pipe(
    Stream.runForEach(({ key, value }) =>
      Effect.sync(() => {
        const word = key ?? ""
        const before = sink.seen.get(word) ?? 0
        if (value !== before + 1) sink.wrong.push(`${word}: ${value} after ${before}`)
        sink.seen.set(word, value)
        sink.records++
      })
    )
  )
  const done = run(reading, controller.signal)
  return {
    stop: async () => {
      controller.abort()
      await done.catch(() => {})
    }
  }
}

type Needs = Kafka.Kafka | Network | Disk | Compression

type Run = <A, E>(effect: Effect.Effect<A, E, Needs>, signal?: AbortSignal) => Promise<A>

const runWith = (bootstrap: string): Run => (effect, signal) =>
  Effect.runPromise(
    Effect.provide(effect, Layer.mergeAll(Kafka.layer({ bootstrapServers: bootstrap }), NodePlatform.layer)),
    signal === undefined ? {} : { signal }
  )

/** Sends the lines of one part of the text, one part for each kill or close and one for the end, over about two seconds. */
const feed = (part: number) =>
  Effect.scoped(Effect.gen(function*() {
    const producer = yield* Producer.make({ linger: 5 })
    const size = Math.ceil(text.length / (kills + turns + 1))
    const some = text.slice(part * size, (part + 1) * size)
    for (let at = 0; at < some.length; at += linesPerSend) {
      yield* producer.sendAll(lines, some.slice(at, at + linesPerSend).map((value) => ({ key: null, value })))
      yield* Effect.sleep((2000 * linesPerSend) / size)
    }
  }))

const createTopics = (bootstrap: string): Promise<boolean> =>
  withAdmin(bootstrap, (admin) =>
    admin.createTopics({
      topics: [{ topic: lines.name, numPartitions: 3 }, { topic: counts.name, numPartitions: 2 }]
    }))

/** What a foreign client finds in the sink: every count of every word, once and in order. */
const witness = async (bootstrap: string): Promise<void> => {
  const read = await readAll(bootstrap, counts.name, (records) => records.length >= total)
  read.sort((left: Read, right: Read) => left.partition - right.partition || left.offset - right.offset)
  const last = new Map<string, number>()
  for (const { key, offset, partition, value } of read) {
    const word = String(key)
    const count = Number(value!.readBigInt64BE())
    if (count !== (last.get(word) ?? 0) + 1) {
      throw new Error(`${word} is ${count} after ${last.get(word) ?? 0}, in partition ${partition} at ${offset}`)
    }
    last.set(word, count)
  }
  same([...last].sort(), [...expected].sort(), "the final counts")
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const sink: Sink = { seen: new Map(), records: 0, wrong: [] }

const progress = (what: string, before: number) =>
  waitFor(`progress ${what}`, () => sink.records > before ? true : undefined, 60_000)

/** One instance, killed in mid-stream and started again. */
const killing = async (run: Run, bootstrap: string, stateDirectory: string): Promise<void> => {
  for (let kill = 0; kill < kills; kill++) {
    const app = startApp(bootstrap, stateDirectory)
    const before = sink.records
    const feeding = run(feed(kill))
    await progress(`after kill ${kill}`, before)
    await pause(100 + (kill * 377) % 1300)
    await app.kill("SIGKILL")
    console.log(`kill ${kill + 1}: ${sink.records} of ${total} records in the sink`)
    await feeding
  }
  same(sink.wrong.slice(0, 5), [], "counts out of order")
}

/** Two instances: in turns one of them is killed, or closed in order, while the other one goes on. */
const sharing = async (run: Run, bootstrap: string, stateDirectory: string): Promise<void> => {
  const start = (instance: number) => startApp(bootstrap, `${stateDirectory}-${instance}`)
  const apps = [start(0), start(1)]
  for (let turn = 0; turn < turns; turn++) {
    const feeding = run(feed(kills + turn))
    await progress(`in turn ${turn}`, sink.records)
    await pause(500 + (turn * 377) % 1300)
    const signal = turn % 2 === 0 ? "SIGKILL" : "SIGTERM"
    const code = await apps[turn % 2]!.kill(signal)
    if (signal === "SIGTERM") same(code, 0, "the exit code of a closed instance")
    await feeding
    await progress("of the other instance", sink.records - 1)
    apps[turn % 2] = start(turn % 2)
    console.log(`${signal} ${turn + 1}: ${sink.records} of ${total} records in the sink`)
  }
  await run(feed(kills + turns))
  await waitFor("all words to be counted", () => sink.records >= total ? true : undefined, 120_000)
  await pause(2000)
  for (const app of apps) same(await app.kill("SIGTERM"), 0, "the app's exit code")
  same(sink.wrong.slice(0, 5), [], "counts out of order")
  same([...sink.seen].sort(), [...expected].sort(), "the final counts")
  same(sink.records, total, "records in the sink")
}

interface Running {
  readonly bootstrap: string
  readonly stop: () => Promise<void>
}

/** The broker that the command line asks for. */
const startIt = async (directory: string): Promise<Running> => {
  const given = option("bootstrap")
  if (given !== undefined) return { bootstrap: given, stop: async () => {} }
  if (process.argv.includes("--kafka")) return startKafka(NodePath.join(directory, "kafka"), 39_392)
  const broker = await startBroker(NodePath.join(directory, "broker"), 0, singleBroker)
  return { bootstrap: broker.bootstrap, stop: () => broker.kill("SIGTERM") }
}

const directory = NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "millrace-kill-app-"))
const broker = await startIt(directory)
try {
  await createTopics(broker.bootstrap)
  const run = runWith(broker.bootstrap)
  const watch = watchSink(run)
  const state = NodePath.join(directory, "state")
  await check(`one instance, killed ${kills} times`, () => killing(run, broker.bootstrap, state))
  endAll()
  await check(
    `two instances, killed or closed ${turns} times, count every word once`,
    () => sharing(run, broker.bootstrap, state)
  )
  await watch.stop()
  await check("a foreign client finds every count of every word once and in order", () => witness(broker.bootstrap))
} finally {
  await broker.stop()
  NodeFs.rmSync(directory, { recursive: true, force: true })
}
finish()
