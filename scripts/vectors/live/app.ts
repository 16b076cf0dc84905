/**
 * Runs the application of a vector on whatever broker there is: writes its input, lets it work until nothing is left to
 * do, and reads what it left.
 */
import { Admin, Producer, StreamsApp } from "@millrace/client"
import * as Cluster from "@millrace/client/cluster/Cluster"
import * as ConsumerEngine from "@millrace/client/consumer/ConsumerEngine"
import { ChunkCursor } from "@millrace/client/consumer/RecordChunk"
import { Serde, Topic } from "@millrace/core"
import * as Murmur2 from "@millrace/core/hash/Murmur2"
import type { RecordHeader } from "@millrace/core/records/RecordCursor"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { build, resolveOptions } from "../streams/build.ts"
import { exceptionHandlers, fromJson, headerBytes } from "../streams/execute.ts"
import { type LiveSpec, same, serdesOf } from "./spec.ts"

/** The id that all applications of vectors have. */
export const applicationId = "app"

/** A record as it was read. */
export interface Read {
  readonly partition: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly timestamp: number
  readonly headers: ReadonlyArray<RecordHeader>
}

/** Nothing was left to do for this time: the application is done. */
const quietMs = 1_000
const lookMs = 100
const runMaxMs = 60_000

/** All that can be read of a topic, committed records only. */
export const readTopic = Effect.fnUntraced(function*(topic: string, count: number) {
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
        const headers = record.headers().map((each) => ({ key: each.key, value: each.value?.slice() ?? null }))
        records.push({ partition: chunk.partition, key, value, timestamp: record.timestamp, headers })
      }
    }
  }
  return records
}, Effect.scoped)

/** Creates the topics of a vector. */
export const createTopics = Effect.fnUntraced(function*(spec: LiveSpec) {
  const admin = yield* Admin.make
  const topics = Object.entries(spec.partitions)
  yield* admin.createTopics(
    topics.map(([name, partitions]) => ({ name, partitions, configs: { "retention.ms": "-1" } }))
  )
}, Effect.scoped)

/** A key or value of an input, as bytes. */
export const bytesOf = (serde: Serde.Any, json: unknown, hex: string | undefined): Uint8Array | null =>
  hex === undefined ? Serde.toBytesUnsafe(serde, fromJson(serde, json)) : Buffer.from(hex, "hex")

/** Writes the input, in its order. */
export const feed = Effect.fnUntraced(function*(spec: LiveSpec) {
  const producer = yield* Producer.make()
  for (const { headers = [], key, keyHex, partition, timestamp, topic, value, valueHex } of spec.inputs) {
    const serdes = serdesOf(spec, topic)
    const keyBytes = bytesOf(serdes.key, key, keyHex)
    if (partition !== undefined && keyBytes !== null) {
      const chosen = Murmur2.partitionForKey(keyBytes, spec.partitions[topic]!)
      yield* same("the partition that the default partitioner chooses", chosen, partition)
    }
    yield* producer.enqueue(Topic.make(topic, { key: Serde.bytes, value: Serde.bytes }), {
      key: keyBytes,
      value: bytesOf(serdes.value, value, valueHex),
      timestamp,
      headers: headers.map(([name, text]) => ({ key: name, value: headerBytes(text) }))
    })
  }
  yield* producer.flush
}, Effect.scoped)

/** Kafka's two throttles, by which an application emits at most once a second what waits for time to pass. */
const emitIntervalOf = ({ config }: LiveSpec): number => {
  const given = config["__emit.interval.ms.kstreams.windowed.aggregation__"]
    ?? config["__emit.interval.ms.kstreams.outer.join.spurious.results.fix__"]
  return given === undefined ? 1000 : Number(given)
}

const appOf = (spec: LiveSpec, stateDirectory: string) =>
  StreamsApp.layer(build(spec), {
    ...resolveOptions(spec),
    ...exceptionHandlers(spec.config),
    applicationId,
    processingGuarantee: spec.config["processing.guarantee"] === "exactly_once_v2" ? "exactly_once" : "at_least_once",
    commitInterval: "100 millis",
    stateStoreCacheMaxBytes: Number(spec.config["statestore.cache.max.bytes"] ?? 0),
    maxTaskIdle: "2 seconds",
    emitInterval: emitIntervalOf(spec),
    repartitionPurgeInterval: "1 hour",
    stateDirectory
  })

/** Runs the application until nothing is left to do; fails as it does, or when it does not come to an end. */
export const runApp = Effect.fnUntraced(function*(spec: LiveSpec, stateDirectory: string) {
  const scope = yield* Scope.make()
  const run = Effect.gen(function*() {
    const app = yield* Scope.provide(Layer.build(appOf(spec, stateDirectory)), scope)
    const running = Context.get(app, StreamsApp.StreamsApp)
    const admin = yield* Admin.make
    const isDone = Effect.gen(function*() {
      let before = ""
      for (let quiet = 0; quiet < quietMs; quiet += lookMs) {
        yield* Effect.sleep(lookMs)
        const lags = [...(yield* running.lag).values()]
        const committed = JSON.stringify(yield* admin.listConsumerGroupOffsets(applicationId))
        const isAtWork = (yield* running.state) !== "RUNNING" || lags.length === 0 || lags.some((left) => left > 0)
        if (isAtWork || committed !== before) quiet = 0
        before = committed
      }
    })
    yield* Effect.raceFirst(isDone, running.await)
  })
  yield* Effect.ensuring(Effect.timeout(run, runMaxMs), Scope.close(scope, Exit.void))
}, Effect.scoped)

/** Deletes all topics and the group of an earlier vector, and waits until they are gone. */
export const cleanUp = Effect.gen(function*() {
  const admin = yield* Admin.make
  const left = Effect.map(
    admin.listTopics,
    (topics) => topics.map((topic) => topic.name).filter((name) => !name.startsWith("__"))
  )
  const names = yield* left
  if (names.length > 0) yield* admin.deleteTopics(names)
  yield* Effect.ignore(admin.deleteGroups([applicationId]))
  while ((yield* left).length > 0) yield* Effect.sleep(lookMs)
}).pipe(Effect.scoped)
