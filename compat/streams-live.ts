/**
 * `compat streams-live [--vectors DIR] [--only TEXT] [--bootstrap HOST:PORT]`: applications that ran on Kafka Streams and
 * Apache Kafka, run by us.
 *
 * Each vector is a topology, its input, and what a real application left on the broker: internal topics and their settings,
 * sinks, changelogs, records per repartition partition, committed offsets. Ours must leave the same. Each runs on a fresh
 * embedded broker of ours, or on the given one (whose topics are then deleted). What the DSL or the runtime does not have
 * is counted and named.
 */
import { Admin, Producer, StreamsApp } from "@millrace/client"
import * as Cluster from "@millrace/client/cluster/Cluster"
import * as ConsumerEngine from "@millrace/client/consumer/ConsumerEngine"
import { ChunkCursor } from "@millrace/client/consumer/RecordChunk"
import { Kafka, Serde, Topic, type Topology } from "@millrace/core"
import { NodePlatform } from "@millrace/core/node"
import * as Murmur2 from "@millrace/core/hash/Murmur2"
import type { Disk } from "@millrace/core/platform/Disk"
import type { Network } from "@millrace/core/platform/Network"
import type { Compression } from "@millrace/core/records/Compression"
import { Broker } from "@millrace/server"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"
import { isDeepStrictEqual } from "node:util"
import { build, resolveOptions } from "../scripts/vectors/streams/build.ts"
import { serde } from "../scripts/vectors/streams/operators/scope.ts"
import { type Spec, Unsupported } from "../scripts/vectors/streams/spec.ts"
import { fromJson, type Header, headerBytes, headerText, toJson } from "../scripts/vectors/streams/execute.ts"
import { specsOf } from "../scripts/vectors/streams.ts"
import { option } from "./lib/harness.ts"

interface Input {
  readonly topic: string
  readonly key: unknown
  readonly value: unknown
  readonly timestamp: number
  readonly partition: number
  readonly headers?: ReadonlyArray<Header>
}

interface SinkRecord {
  readonly value: unknown
  readonly timestamp?: number
  readonly partition: number
  readonly headers?: ReadonlyArray<Header>
}

/** What is new in these vectors. */
interface LiveSpec extends Spec {
  readonly partitions: Readonly<Record<string, number>>
  readonly inputs: ReadonlyArray<Input>
  readonly internalTopics?: ReadonlyArray<{ readonly name: string }>
  readonly sinks?: Readonly<
    Record<string, ReadonlyArray<SinkRecord & { key: unknown; records?: ReadonlyArray<SinkRecord> }>>
  >
  readonly finalOnly?: boolean
  readonly changelogs?: Readonly<Record<string, ReadonlyArray<{ readonly timestamp?: number }>>>
  readonly repartitionCounts?: Readonly<Record<string, ReadonlyArray<number>>>
  readonly committed?: Readonly<Record<string, ReadonlyArray<number | null>>>
}

interface Read {
  readonly partition: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly timestamp: number
  readonly headers: ReadonlyArray<Header>
}

const quietMs = 1_000
const runMaxMs = 60_000

const serdesOf = (spec: LiveSpec, topic: string) => {
  const { key = "string", value = "string" } = spec.serdes[topic] ?? {}
  return { key: serde(key), value: serde(value) }
}

const hex = (bytes: Uint8Array | null) => bytes === null ? null : Buffer.from(bytes).toString("hex")

class Mismatch extends Error {}
class Refused extends Error {}

const same = (what: string, found: unknown, expected: unknown): void => {
  const [ours, theirs] = [JSON.parse(JSON.stringify(found ?? null)), JSON.parse(JSON.stringify(expected ?? null))]
  if (isDeepStrictEqual(ours, theirs)) return
  throw new Mismatch(
    `${what}: found ${JSON.stringify(ours).slice(0, 500)}, expected ${JSON.stringify(theirs).slice(0, 500)}`
  )
}

/** All that can be read of a topic, read committed. */
const readTopic = Effect.fnUntraced(function*(topic: string, count: number) {
  const cluster = yield* Cluster.current
  const consumer = yield* ConsumerEngine.make(cluster, {
    autoOffsetReset: "earliest",
    isolationLevel: "read_committed"
  })
  const partitions = Array.from({ length: count }, (_, partition) => ({ topic, partition }))
  yield* consumer.assign(partitions)
  const ends = yield* consumer.endOffsets(partitions)
  const records: Array<Read> = []
  const isDone = () => ends.every((end) => (consumer.position(end) ?? -1) >= end.offset)
  while (!isDone()) {
    for (const chunk of yield* consumer.poll(100)) {
      const cursor = new ChunkCursor(chunk)
      while (cursor.next()) {
        const { record } = cursor
        const [key, value] = [record.key()?.slice() ?? null, record.value()?.slice() ?? null]
        const headers = record.headers().map((
          each
        ): Header => [each.key, each.value === null ? null : headerText(each.value)])
        records.push({ partition: chunk.partition, key, value, timestamp: record.timestamp, headers })
      }
    }
  }
  return records
}, Effect.scoped)

const feed = Effect.fnUntraced(function*(spec: LiveSpec) {
  const producer = yield* Producer.make()
  for (const { headers = [], key, partition, timestamp, topic, value } of spec.inputs) {
    const serdes = serdesOf(spec, topic)
    const keyBytes = Serde.toBytesUnsafe(serdes.key, fromJson(serdes.key, key))!
    // the default partitioner must have chosen the partition that Kafka's chose
    same("partition of an input", Murmur2.partitionForKey(keyBytes, spec.partitions[topic]!), partition)
    yield* producer.enqueue(Topic.make(topic, { key: Serde.bytes, value: Serde.bytes }), {
      key: keyBytes,
      value: Serde.toBytesUnsafe(serdes.value, fromJson(serdes.value, value)),
      timestamp,
      headers: headers.map(([name, text]) => ({ key: name, value: headerBytes(text) }))
    })
  }
  yield* producer.flush
}, Effect.scoped)

/** Runs the app until nothing is left to do; fails as the app does. */
const runApp = Effect.fnUntraced(function*(spec: LiveSpec, directory: string) {
  const scope = yield* Scope.make()
  const topology = build(spec) as Topology.Topology
  const app = StreamsApp.layer(topology, {
    ...resolveOptions(spec),
    applicationId: "app",
    processingGuarantee: spec.config["processing.guarantee"] === "at_least_once" ? "at_least_once" : "exactly_once",
    commitInterval: "100 millis",
    maxTaskIdle: "2 seconds",
    repartitionPurgeInterval: "1 hour",
    stateDirectory: NodePath.join(directory, "state")
  })
  const run = Effect.gen(function*() {
    const running = Context.get(yield* Scope.provide(Layer.build(app), scope), StreamsApp.StreamsApp)
    const admin = yield* Admin.make
    const isQuiet = Effect.gen(function*() {
      let before = ""
      for (let quiet = 0; quiet < quietMs; quiet += 100) {
        yield* Effect.sleep("100 millis")
        const lags = [...(yield* running.lag).values()]
        const committed = JSON.stringify(yield* admin.listConsumerGroupOffsets("app"))
        if (committed !== before || lags.length === 0 || lags.some((left) => left > 0)) quiet = 0
        before = committed
      }
    })
    yield* Effect.raceFirst(isQuiet, running.await)
  })
  yield* Effect.ensuring(Effect.timeout(run, runMaxMs), Scope.close(scope, Exit.void))
}, Effect.scoped)

const compareSinks = Effect.fnUntraced(function*(spec: LiveSpec) {
  for (const [topic, expected] of Object.entries(spec.sinks ?? {})) {
    const serdes = serdesOf(spec, topic)
    const byKey = new Map<string, Array<SinkRecord & { readonly key: unknown }>>()
    for (const { headers, key, partition, timestamp, value } of yield* readTopic(topic, spec.partitions[topic]!)) {
      const record = {
        key: toJson(Serde.fromBytesUnsafe(serdes.key, key)),
        value: toJson(Serde.fromBytesUnsafe(serdes.value, value)),
        timestamp,
        partition,
        ...(headers.length === 0 ? {} : { headers })
      }
      byKey.set(`${hex(key)}`, [...(byKey.get(`${hex(key)}`) ?? []), record])
    }
    for (const entry of expected) {
      const name = JSON.stringify(entry.key)
      const found = [...byKey.values()].find((records) => JSON.stringify(records[0]!.key) === name) ?? []
      if (spec.finalOnly === true) {
        const last = found.at(-1)
        const { value, partition } = entry
        same(`last of ${name} in ${topic}`, [last?.value, last?.partition], [value, partition])
        if (entry.timestamp !== undefined) {
          same(`last timestamp of ${name} in ${topic}`, last?.timestamp, entry.timestamp)
        }
      } else {
        const records = found.map(({ key: _, ...record }) => record)
        same(`records of ${name} in ${topic}`, records, entry.records)
      }
    }
    const living = [...byKey.values()].filter((records) => spec.finalOnly !== true || records.at(-1)!.value !== null)
    same(`keys in ${topic}`, living.length, expected.length)
  }
})

const compareChangelogs = Effect.fnUntraced(function*(spec: LiveSpec, counts: ReadonlyMap<string, number>) {
  for (const [topic, expected] of Object.entries(spec.changelogs ?? {})) {
    const last = new Map<string, Read>()
    for (const record of yield* readTopic(topic, counts.get(topic)!)) {
      last.set(`${record.partition}:${hex(record.key)}`, record)
    }
    const found = [...last.values()].filter((record) => record.value !== null)
      .sort((a, b) => a.partition - b.partition || Buffer.compare(a.key!, b.key!))
      .map(({ key, partition, timestamp, value }, index) => ({
        partition,
        keyHex: hex(key),
        valueHex: hex(value),
        ...(expected[index]?.timestamp === undefined ? {} : { timestamp })
      }))
    same(`changelog ${topic}`, found, expected)
  }
})

const compare = Effect.fnUntraced(function*(spec: LiveSpec) {
  const admin = yield* Admin.make
  const topics = (yield* admin.listTopics).filter((topic) => topic.name.startsWith("app-"))
  const counts = new Map(topics.map(({ name, partitions }) => [name, partitions.length]))
  const names = [...counts.keys()].sort()
  const configs = yield* admin.describeConfigs(names.map((name) => ({ type: "topic", name })))
  const internal = names.map((name) => {
    const entries = configs.find((config) => config.name === name)!.entries.filter((entry) => entry.source === "topic")
    return {
      name,
      partitions: counts.get(name),
      config: Object.fromEntries(entries.map((entry) => [entry.name, entry.value]))
    }
  })
  const expected = (spec.internalTopics ?? []).toSorted((a, b) => a.name < b.name ? -1 : 1)
  same("internal topics", internal, expected)
  yield* compareSinks(spec)
  yield* compareChangelogs(spec, counts)
  for (const [topic, expected] of Object.entries(spec.repartitionCounts ?? {})) {
    const found = expected.map(() => 0)
    for (const { partition } of yield* readTopic(topic, expected.length)) found[partition]!++
    same(`records in ${topic}`, found, expected)
  }
  const committed = yield* admin.listConsumerGroupOffsets("app")
  for (const [topic, expected] of Object.entries(spec.committed ?? {})) {
    const found = expected.map((_, partition) =>
      committed.find((each) => each.topic === topic && each.partition === partition)?.offset ?? null
    )
    same(`committed of ${topic}`, found, expected)
  }
}, Effect.scoped)

/** What became of a vector: nothing to say, or what is missing, or what is wrong. */
const runSpec = Effect.fnUntraced(function*(spec: LiveSpec, directory: string) {
  const admin = yield* Admin.make
  const topics = Object.entries(spec.partitions)
  yield* admin.createTopics(
    topics.map(([name, partitions]) => ({ name, partitions, configs: { "retention.ms": "-1" } }))
  )
  yield* feed(spec)
  const outcome = yield* Effect.result(runApp(spec, directory))
  if (outcome._tag === "Success") {
    if (spec.error !== undefined) throw new Mismatch(`no failure, where Kafka says ${spec.error.class}`)
    return yield* compare(spec)
  }
  const failure = outcome.failure
  if (failure._tag === "StreamsError" && failure.reason === "Unsupported") throw new Unsupported(failure.detail)
  if (spec.error !== undefined) return
  // Kafka looks at partition counts only if there is a repartition topic, and then joins what does not belong together
  if (failure._tag === "StreamsError" && failure.reason === "Topology") throw new Refused(failure.detail)
  throw new Mismatch(String(failure))
}, Effect.scoped)

const cleanUp = Effect.fnUntraced(function*() {
  const admin = yield* Admin.make
  const names = (yield* admin.listTopics).map((topic) => topic.name).filter((name) => !name.startsWith("__"))
  if (names.length > 0) yield* admin.deleteTopics(names)
  yield* Effect.ignore(admin.deleteGroups(["app"]))
  yield* Effect.sleep("1 second")
}, Effect.scoped)

const bootstrap = option("bootstrap")
const only = option("only") ?? ""
const directory = option("vectors") ?? NodePath.join(import.meta.dirname, "..", "vectors", "streams-live")
const tally = { passed: 0, failed: 0 }
const missing = new Map<string, number>()

for (const spec of specsOf(directory) as Iterable<LiveSpec>) {
  if (!spec.name.includes(only)) continue
  const temporary = NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "millrace-live-"))
  const cluster: Layer.Layer<Kafka.Kafka, unknown, Disk | Network | Compression> = bootstrap === undefined
    ? Broker.layerEmbedded({
      directory: NodePath.join(temporary, "data"),
      durability: { kind: "os" },
      config: { "group.initial.rebalance.delay.ms": "0" }
    })
    : Kafka.layer({ bootstrapServers: bootstrap })
  const program = Effect.andThen(bootstrap === undefined ? Effect.void : cleanUp(), runSpec(spec, temporary))
  try {
    if (spec.error?.at !== "build") build(spec)
    await Effect.runPromise(Effect.provide(program, Layer.provideMerge(cluster, NodePlatform.layer)))
    tally.passed++
  } catch (cause) {
    if (cause instanceof Unsupported) {
      missing.set(cause.what, (missing.get(cause.what) ?? 0) + 1)
    } else if (cause instanceof Refused) {
      console.log(`refused, and better so: ${spec.name}: ${cause.message}`)
    } else {
      tally.failed++
      console.log(`FAIL  ${spec.name}: ${cause instanceof Mismatch ? cause.message : String(cause)}`)
    }
  } finally {
    NodeFs.rmSync(temporary, { recursive: true, force: true })
  }
}
for (const [what, count] of missing) console.log(`not there yet: ${what} ×${count}`)
console.log(`${tally.passed} passed, ${tally.failed} failed`)
process.exitCode = tally.failed === 0 ? 0 : 1
