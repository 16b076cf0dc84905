/**
 * One run of a Nexmark query: a broker in this process, the events in its topics, the app, and a look at its results.
 *
 * Arguments: the query's name and the number of events. Prints what was measured, as JSON; fails if a result is wrong.
 */
import { Admin, Cluster, Consumer, Producer, StreamsApp } from "@millrace/client"
import { NodePlatform } from "@millrace/core/node"
import { Broker } from "@millrace/server"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as NodeAssert from "node:assert"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"
import { events as eventsOf } from "../../examples/nexmark/generator.ts"
import { recordOf } from "../../examples/nexmark/model.ts"
import { endsOf, finished } from "../lib/progress.ts"
import { type Answer, finalOf, queries, type Query } from "../../examples/nexmark/queries.ts"

/** What a run took, and how much went in and out. */
export interface Measured {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly inputRecords: number
  readonly outputRecords: number
}

const partitions = [0, 1, 2, 3]
const recordsPerSend = 1000
const runAtMostMs = 300_000
/** Every partition gets a bid in less: windows that ended so long before the last event have closed on all. */
const closedAfterMs = 10_000

const cpuSeconds = (): number => {
  const { system, user } = process.cpuUsage()
  return (user + system) / 1e6
}

const withoutExpiry = (name: string) => ({ name, partitions: partitions.length, configs: { "retention.ms": "-1" } })

/** Writes the events that the query reads. */
const preload = Effect.fnUntraced(function*(records: ReadonlyArray<ReturnType<typeof recordOf>>) {
  const producer = yield* Producer.make({ linger: "5 millis", batchSize: 65_536 })
  for (let at = 0; at < records.length; at += recordsPerSend) {
    const part = Map.groupBy(records.slice(at, at + recordsPerSend), ({ topic }) => topic)
    for (const [topic, all] of part) yield* producer.enqueueAll(topic, all)
  }
  yield* producer.flush
})

/** All results: each partition ends with the marker of a transaction. */
const read = Effect.fnUntraced(function*(admin: Admin.Admin["Service"], query: Query) {
  const ends = yield* endsOf(admin, [query.results.name], partitions)
  const open = new Map(ends.filter(({ offset }) => offset > 0).map(({ offset, partition }) => [partition, offset - 1]))
  const found: Array<Answer> = []
  if (open.size === 0) return found
  yield* Consumer.batches(query.results, {
    partitions,
    autoOffsetReset: "earliest",
    isolationLevel: "read_committed"
  }).pipe(
    Stream.takeUntil((batch) => {
      for (const { key, value } of batch.records) found.push([key, value])
      if (batch.nextOffset >= (open.get(batch.partition) ?? 0)) open.delete(batch.partition)
      return open.size === 0
    }),
    Stream.runDrain,
    Effect.timeout("60 seconds")
  )
  return found
})

const byKey = (answers: Iterable<Answer>): Array<Answer> => [...answers].sort(([one], [other]) => one - other)

const measure = Effect.fnUntraced(function*(query: Query, count: number) {
  const events = eventsOf(count, { seed: 16, eventsPerSecond: 1000 })
  const records = events.filter(({ _tag }) => query.reads.includes(_tag)).map(recordOf)
  const inputs = [...new Set(records.map(({ topic }) => topic.name))]
  const admin = yield* Admin.make
  yield* admin.createTopics([...inputs, query.results.name].map(withoutExpiry))
  yield* Effect.scoped(preload(records))

  const applicationId = `nexmark-${query.name}-app`
  const app = StreamsApp.layer(query.topology, {
    applicationId,
    processingGuarantee: "exactly_once",
    commitInterval: "100 millis",
    stateDirectory: NodePath.join(directory, "state")
  })
  const { from, to } = yield* Effect.scoped(Effect.gen(function*() {
    const { changes } = Context.get(yield* Layer.build(app), StreamsApp.StreamsApp)
    yield* changes.pipe(Stream.takeUntil((state) => state === "RUNNING"), Stream.runDrain)
    const from = { at: performance.now(), cpuSeconds: cpuSeconds() }
    return {
      from,
      to: yield* finished(admin, { applicationId, inputs, partitions, cpuSeconds, atMostMs: runAtMostMs })
    }
  }))
  NodeAssert.equal(to.left, 0, `${to.left} of ${to.total} records are not done after ${runAtMostMs} ms`)

  const found = yield* read(admin, query)
  const final = (answers: Iterable<Answer>) =>
    byKey(finalOf(query, answers, recordOf(events.at(-1)!).timestamp - closedAfterMs))
  const answers = query.answers === "table" ? new Map(found) : found
  NodeAssert.deepStrictEqual(final(answers), final(query.expected(events)))
  const measured: Measured = {
    seconds: (to.at - from.at) / 1000,
    cpuSeconds: to.cpuSeconds - from.cpuSeconds,
    inputRecords: records.length,
    outputRecords: found.length
  }
  console.log(JSON.stringify(measured))
})

const [name, count] = process.argv.slice(2)
const directory = NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "millrace-nexmark-"))
process.on("exit", () => NodeFs.rmSync(directory, { recursive: true, force: true }))
const broker = Broker.layerEmbedded({ directory: NodePath.join(directory, "broker"), durability: { kind: "os" } })

NodePlatform.runMain(
  measure(queries.find((query) => query.name === name)!, Number(count)).pipe(
    Effect.scoped,
    Effect.provide(Cluster.layer.pipe(Layer.provideMerge(broker), Layer.provideMerge(NodePlatform.layer)))
  )
)
