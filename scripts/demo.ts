/**
 * `npx -y pnpm@12 demo [--input FILE]`: a broker, a text line by line, the word count of `examples/word-count.ts`
 * exactly once, and the result.
 *
 * Exits with 0 when the counts equal a count made without any broker. The broker is durable: it keeps its data in a
 * temporary directory, which is removed at the end.
 */
import { Admin, Cluster, Consumer, Producer, StreamsApp } from "@millrace/client"
import { NodePlatform } from "@millrace/core/node"
import { Broker } from "@millrace/server"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"
import { counts, lines, wordCount } from "../examples/word-count.ts"
import { readArguments } from "./arguments.ts"

class DemoFailed extends Data.TaggedError("DemoFailed")<{ readonly message: string }> {}

const shownWords = 20
const countedWithin = "10 minutes"
const linesPerSend = 1_000

const readInput = (): { readonly name: string; readonly lines: ReadonlyArray<string> } => {
  const given = readArguments(["input"], "demo [--input FILE]").get("input")?.at(-1)
  const path = given === undefined
    ? NodePath.join(import.meta.dirname, "..", "ARCHITECTURE.md")
    : NodePath.resolve(process.env["INIT_CWD"] ?? process.cwd(), given)
  if (!NodeFs.existsSync(path)) {
    console.error(`demo: there is no file ${path}`)
    process.exit(1)
  }
  const text = NodeFs.readFileSync(path, "utf8")
  return { name: NodePath.basename(path), lines: text.split(/\r?\n/).filter((line) => line !== "") }
}

/** The same count without streams: what the app's answer has to equal. */
const countWords = (text: ReadonlyArray<string>): Map<string, number> => {
  const expected = new Map<string, number>()
  for (const line of text) {
    for (const [word] of line.toLowerCase().matchAll(/\p{L}+/gu)) expected.set(word, (expected.get(word) ?? 0) + 1)
  }
  return expected
}

const ingest = Effect.fnUntraced(function*(text: ReadonlyArray<string>) {
  const producer = yield* Producer.make({ linger: "5 millis" })
  for (let at = 0; at < text.length; at += linesPerSend) {
    yield* producer.sendAll(lines, text.slice(at, at + linesPerSend).map((value) => ({ key: null, value })))
  }
})

/** Reads the sink, committed transactions only, until it holds `total` words. */
const readCounts = (total: number) => {
  const found = new Map<string, number>()
  let sum = 0
  return Consumer.stream(counts, { groupId: "demo", isolationLevel: "read_committed", autoOffsetReset: "earliest" })
    .pipe(
      Stream.takeUntil(({ key, value }) => {
        if (key === null) return false
        sum += value - (found.get(key) ?? 0)
        found.set(key, value)
        return sum >= total
      }),
      Stream.runDrain,
      Effect.as(found)
    )
}

const mismatchOf = (found: ReadonlyMap<string, number>, expected: ReadonlyMap<string, number>): string | undefined => {
  for (const word of new Set([...found.keys(), ...expected.keys()])) {
    if (found.get(word) !== expected.get(word)) {
      return `"${word}" was counted ${found.get(word) ?? 0} times and is there ${expected.get(word) ?? 0} times`
    }
  }
  return undefined
}

const print = (found: ReadonlyMap<string, number>): void => {
  const ranked = [...found].sort(([left, count], [right, other]) => other - count || (left < right ? -1 : 1))
  for (const [word, count] of ranked.slice(0, shownWords)) console.log(`${word}\t${count}`)
}

const demo = Effect.gen(function*() {
  const input = readInput()
  const expected = countWords(input.lines)
  const total = [...expected.values()].reduce((sum, count) => sum + count, 0)
  const started = performance.now()
  const admin = yield* Admin.make
  yield* admin.createTopics([{ name: "lines", partitions: 2 }, { name: "counts", partitions: 2 }])
  console.log(`a broker is up; ${input.name} goes into topic lines, ${input.lines.length} lines`)
  yield* ingest(input.lines)
  console.log("the app counts its words, exactly once")
  const app = StreamsApp.layer(wordCount, { applicationId: "word-count", processingGuarantee: "exactly_once" })
  const appFailed = Effect.andThen(
    StreamsApp.launch(app),
    Effect.fail(new DemoFailed({ message: "the app has stopped" }))
  )
  const found = total === 0 ? new Map<string, number>() : yield* Effect.raceFirst(readCounts(total), appFailed).pipe(
    Effect.timeoutOrElse({
      duration: countedWithin,
      orElse: () => Effect.fail(new DemoFailed({ message: `not counted within ${countedWithin}` }))
    })
  )
  const mismatch = mismatchOf(found, expected)
  if (mismatch !== undefined) return yield* new DemoFailed({ message: mismatch })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${total} words, ${expected.size} different, in ${seconds} s; the same as counted without streams`)
  print(found)
})

const directory = NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "millrace-demo-"))
process.on("exit", () => NodeFs.rmSync(directory, { recursive: true, force: true }))

NodePlatform.runMain(demo.pipe(
  Effect.scoped,
  Effect.provide(
    Cluster.layer.pipe(
      Layer.provideMerge(Broker.layerEmbedded({ directory })),
      Layer.provideMerge(NodePlatform.layer)
    )
  )
))
