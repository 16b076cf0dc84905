/**
 * Runs the steps of a streams vector in the test driver and compares what Kafka's own driver answered: records in the order
 * in which they were produced, changelogs byte for byte, final stores, dropped records, and where it failed.
 */
import type { Headers } from "@millrace/client/streams/engine/Flow"
import { TaskError } from "@millrace/client/streams/engine/TaskError"
import type { TaskStore } from "@millrace/client/streams/engine/TaskStores"
import * as Serde from "@millrace/core/serde/Serde"
import type { ResolvedTopology } from "@millrace/core/streams/ResolvedTopology"
import type { Erased } from "@millrace/core/serde/Erased"
import type * as ForeignKey from "@millrace/core/serde/ForeignKey"
import type { SidedKey, SidedValue } from "@millrace/core/serde/JoinSide"
import type { Windowed } from "@millrace/core/serde/Windowed"
import * as TopologyTestDriver from "@millrace/testkit/driver/TopologyTestDriver"
import { isDeepStrictEqual } from "node:util"

/** A header of a record: name, and text, null or hexadecimal bytes. */
export type Header = readonly [string, string | null | { readonly hex: string }]

/** A record that is fed. */
interface Feed {
  readonly topic: string
  readonly key?: unknown
  readonly keyHex?: string | undefined
  readonly value?: unknown
  readonly valueHex?: string | undefined
  readonly timestamp: number
  readonly headers?: ReadonlyArray<Header> | undefined
}

/** The part of a vector that this needs; the rest says what to build. */
export interface ExecutableSpec {
  readonly name: string
  readonly config: Readonly<Record<string, string>>
  readonly serdes: Readonly<Record<string, { readonly key: string; readonly value: string }>>
  readonly wallClockStartMs?: number
  readonly steps: ReadonlyArray<{ readonly in?: Feed; readonly advanceWallClockMs?: number }>
  readonly results: ReadonlyArray<ReadonlyArray<Readonly<Record<string, unknown>>>>
  readonly effects?: ReadonlyArray<ReadonlyArray<unknown>>
  readonly stores?: Readonly<
    Record<
      string,
      {
        readonly kind: string
        readonly entries?: ReadonlyArray<unknown>
        readonly numRecords?: number
        readonly unreadable?: boolean
      }
    >
  >
  readonly metrics?: { readonly "dropped-records-total": number }
  readonly error?: { readonly at: number | "build" | "run"; readonly class: string }
}

/** How Kafka writes the end of a window that has none, as JSON gives it to us. */
const longMax = Number("9223372036854775807")

const endOf = (end: number): number => end === Infinity ? longMax : end

/** How values of the vectors' JSON are made of ours. */
export const toJson = (value: unknown): unknown => {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value)
  if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString("hex") }
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value === "object" && value !== null && "start" in value && "end" in value && "key" in value) {
    return { key: toJson(value.key), start: value.start, end: endOf(value.end as number) }
  }
  return value
}

/** The other way; the serde decides what a number or text means. */
export const fromJson = (serde: Serde.Any, json: unknown): unknown => {
  if (json === null || json === undefined) return null
  if (serde.name === "int64") return BigInt(json as number | string)
  if (serde.name === "double" || serde.name === "float") return Number(json)
  if (serde.name === "bytes") return Buffer.from((json as { hex: string }).hex, "hex")
  if (Array.isArray(json)) return json
  return json
}

const hexOf = (bytes: Uint8Array | string | null) => bytes === null ? null : Buffer.from(bytes).toString("hex")

/** The bytes of a header's value. */
export const headerBytes = (value: Header[1]): Uint8Array | null =>
  value === null ? null : typeof value === "string" ? Buffer.from(value) : Buffer.from(value.hex, "hex")

/** A header's value as the vectors have it: text where it is text. */
export const headerText = (bytes: Uint8Array): Header[1] => {
  const text = Buffer.from(bytes).toString("utf8")
  return Buffer.compare(Buffer.from(text), bytes) === 0 ? text : { hex: Buffer.from(bytes).toString("hex") }
}

const headersOf = (given: unknown) =>
  ((given ?? []) as ReadonlyArray<Header>).map(([name, value]) => [name, hexOf(headerBytes(value))])

const bytesOf = (serde: Serde.Any, json: unknown, hex: string | undefined): Uint8Array | null =>
  hex !== undefined ? Buffer.from(hex, "hex") : Serde.toBytesUnsafe(serde, fromJson(serde, json))

/** A produced record in the vectors' form, headers as hexadecimal. */
const resultOf = (
  record: TopologyTestDriver.ProducedRecord,
  expected: Readonly<Record<string, unknown>> | undefined,
  serdesOf: (topic: string) => { readonly key: Serde.Any; readonly value: Serde.Any }
) => {
  const { headers, key, partition, timestamp, topic, value } = record
  const shared = {
    topic,
    timestamp: expected?.timestamp === null ? null : timestamp,
    headers: headers.map((header) => [header.key, hexOf(header.value)]),
    partition
  }
  if (topic.startsWith("app-")) return { ...shared, keyHex: hexOf(key), valueHex: hexOf(value) }
  const serdes = serdesOf(topic)
  return {
    ...shared,
    key: toJson(Serde.fromBytesUnsafe(serdes.key, key)),
    value: toJson(Serde.fromBytesUnsafe(serdes.value, value)),
    ...(serdes.key.partitionSuffixBytes > 0 ? { keyHex: hexOf(key) } : {})
  }
}

const expectedOf = ({ internal: _, ...record }: Readonly<Record<string, unknown>>) => ({
  ...record,
  partition: record["partition"],
  headers: headersOf(record["headers"])
})

/**
 * What a buffer logs at a commit has no order of its own (Kafka's is that of a hash table), and its timestamps are the wall
 * clock's, which the vectors leave out: such records, one after the other, are compared in the order of their keys.
 */
const inOrder = <R extends Readonly<Record<string, unknown>>>(records: ReadonlyArray<R>): ReadonlyArray<R> => {
  const ordered: Array<R> = []
  let run: Array<R> = []
  const text = (record: R) => `${record["topic"]} ${record["keyHex"]}`
  const endRun = () => {
    ordered.push(...run.sort((a, b) => text(a) < text(b) ? -1 : 1))
    run = []
  }
  for (const record of records) {
    if (record["timestamp"] === null) {
      run.push(record)
    } else {
      endRun()
      ordered.push(record)
    }
  }
  endRun()
  return ordered
}

const handlerOf = (name: string | undefined) => name === "continue" ? "continue" : "fail"

/** What becomes of records that fail, as a spec says. */
export const exceptionHandlers = (config: ExecutableSpec["config"]) => ({
  deserializationExceptionHandler: handlerOf(config["deserialization.exception.handler"]),
  processingExceptionHandler: handlerOf(config["processing.exception.handler"]),
  deadLetterQueueTopic: config["errors.dead.letter.queue.topic.name"]
} as const)

/**
 * The bytes of a dead letter. Its stack is our own, and so are the words of our serdes and the name and words of what the
 * library itself refuses (what a spec's functions throw is not).
 */
const deadLetter = (record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const headers = record["headers"] as ReadonlyArray<readonly [string, string | null]>
  const isOf = (text: string) =>
    headers.some(([name, value]) => name === "__streams.errors.exception" && value === hexOf(text))
  const isUsers = isOf("java.lang.IllegalStateException")
  const isSerde = isOf("org.apache.kafka.common.errors.SerializationException")
  const masked = (name: string) =>
    name === "__streams.errors.stacktrace"
    || (!isUsers && name === "__streams.errors.message")
    || (!isUsers && !isSerde && name === "__streams.errors.exception")
  return { ...record, headers: headers.map(([name, value]) => [name, masked(name) ? null : value]) }
}

const show = (value: unknown) => JSON.stringify(value)?.slice(0, 400)

const shownHeaders = (headers: Headers = []) =>
  headers.map(({ key, value }) => [key, value === null ? null : headerText(value)])

/** The entries of a store that keeps headers, in its own order. */
const entriesWithHeaders = ({ definition, store }: TaskStore): unknown => {
  const key = (bytes: Uint8Array) => toJson(definition.key.deserializeUnsafe(bytes))
  const valueOf = ({ headers, value }: { readonly headers?: Headers | undefined; readonly value: Uint8Array }) => ({
    value: toJson(definition.value.deserializeUnsafe(value)),
    // a cache knows the headers of the record behind an entry; they are no part of it where the store keeps none
    headers: shownHeaders("format" in definition && definition.format === "WithHeaders" ? headers : [])
  })
  switch (store.kind) {
    case "keyValue":
      return [...store.range(undefined, undefined)].map(([bytes, stored]) => {
        const { headers, value } = valueOf(stored)
        return { key: key(bytes), value, timestamp: stored.timestamp, headers }
      })
    case "window":
      return [...store.fetchRange(undefined, undefined, 0, Number.MAX_SAFE_INTEGER)].sort((a, b) =>
        a.windowStart - b.windowStart
      )
        .map(({ key: bytes, stored, windowStart: start }) => {
          const { headers, value } = valueOf(stored)
          const end = start + (definition._tag === "Window" ? definition.windowSizeMs : 0)
          return { key: { key: key(bytes), start, end: endOf(end) }, value, timestamp: stored.timestamp, headers }
        })
    case "session":
      return [...store.findRange(undefined, undefined, 0, Number.MAX_SAFE_INTEGER)]
        .map(({ key: bytes, session }) => ({
          key: { key: key(bytes), start: session.start, end: session.end },
          ...valueOf(session)
        }))
        .sort(({ key: a }, { key: b }) =>
          a.start - b.start || a.end - b.end || (String(a.key) < String(b.key) ? -1 : 1)
        )
    default:
      return undefined
  }
}

const storeOf = (driver: TopologyTestDriver.TopologyTestDriver, name: string, kind: string): unknown => {
  const withHeaders = kind.endsWith("WithHeaders") ? driver.stores.get(name) : undefined
  if (withHeaders !== undefined) return entriesWithHeaders(withHeaders)
  if (kind === "timestampedKv" || kind === "kv") {
    const bytesOf = driver.stores.get(name)?.definition.key.serializeUnsafe
    return [...driver.keyValueStore<unknown, Erased>(name).range()].flatMap(({ key, timestamp, value }) => {
      if (isSided(key)) return unmatchedOf(key, value)
      if (isCombined(key)) return [{ key: toJson(bytesOf?.(key)), value: subscriptionOf(value), timestamp }]
      return [{ key: toJson(key), value: toJson(value), ...(kind === "kv" ? {} : { timestamp }) }]
    })
  }
  if (kind === "session") {
    return [...driver.sessionStore(name).all()]
      .map(({ key, value }) => ({ key: toJson(key) as Windowed<unknown>, value: toJson(value) }))
      .sort(({ key: a }, { key: b }) => a.start - b.start || a.end - b.end || (String(a.key) < String(b.key) ? -1 : 1))
  }
  if (kind === "buffer") {
    const buffer = driver.stores.get(name)?.store
    return buffer?.kind === "suppressBuffer" || buffer?.kind === "joinBuffer" ? buffer.count : undefined
  }
  return [...driver.windowStore(name).fetchAll(0, Number.MAX_SAFE_INTEGER)]
    .sort(({ key: a }, { key: b }) => a.start - b.start)
    .map(({ key, timestamp, value }) => ({
      key: toJson(key),
      value: toJson(value),
      ...(kind === "window" ? {} : { timestamp })
    }))
}

/** What a join of streams keeps alone: Kafka shows the values of a key one by one. */
const unmatchedOf = (key: SidedKey<unknown>, values: ReadonlyArray<SidedValue<unknown, unknown>>) =>
  values.map((value) => ({
    key: { ...key, key: toJson(key.key) },
    value: value.left === undefined ? { right: toJson(value.right) } : { left: toJson(value.left) }
  }))

/** A subscription of a foreign-key join: Kafka's names, bytes as hexadecimal text; one without partition is of version 0. */
const subscriptionOf = (value: ForeignKey.Subscription<unknown>) => ({
  instruction: value.instruction.replace(/(?<=.)[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
  hash: hexOf(value.hash),
  primaryKey: toJson(value.primaryKey),
  primaryPartition: value.primaryPartition,
  version: value.primaryPartition === null ? 0 : 1
})

const isCombined = (key: unknown): boolean => typeof key === "object" && key !== null && "foreignKey" in key

const isSided = (key: unknown): key is SidedKey<unknown> => typeof key === "object" && key !== null && "leftSide" in key

/** What a versioned store has of the keys that were an input key; deletions show as gaps. */
const versionsOf = (driver: TopologyTestDriver.TopologyTestDriver, name: string, spec: ExecutableSpec): unknown => {
  const store = driver.versionedStore(name)
  const keys = new Set(spec.steps.map((step) => step.in?.key).filter((key) => typeof key === "string"))
  return [...keys].sort().flatMap((key) => {
    const versions = [...store.versions(key)].map(({ timestamp, validTo, value }) => ({
      value: toJson(value),
      validFrom: timestamp,
      validTo
    }))
    return versions.length === 0 ? [] : [{ key, versions }]
  })
}

/** Serdes of topics by name; dead letters are bytes. */
const serdesBy = (spec: ExecutableSpec, serdeOf: (name: string) => Serde.Any) => (topic: string) => {
  const raw = { key: "bytes", value: "bytes" }
  const isDeadLetters = topic === exceptionHandlers(spec.config).deadLetterQueueTopic
  const { key = "string", value = "string" } = isDeadLetters ? raw : spec.serdes[topic] ?? {}
  return { key: serdeOf(key), value: serdeOf(value) }
}

/** The driver for a spec's topology. */
const driverOf = (spec: ExecutableSpec, topology: ResolvedTopology) =>
  TopologyTestDriver.fromResolved(topology, {
    wallClockMs: spec.wallClockStartMs,
    stateStoreCacheMaxBytes: Number(spec.config["statestore.cache.max.bytes"] ?? 0),
    emitIntervalMs: Number(spec.config["__emit.interval.ms.kstreams.windowed.aggregation__"] ?? 0),
    joinEmitIntervalMs: Number(spec.config["__emit.interval.ms.kstreams.outer.join.spurious.results.fix__"] ?? 0),
    ...exceptionHandlers(spec.config)
  })

const pipe = (
  driver: TopologyTestDriver.TopologyTestDriver,
  { headers = [], key, keyHex, timestamp, topic, value, valueHex }: Feed,
  serdes: { readonly key: Serde.Any; readonly value: Serde.Any }
) =>
  driver.pipeBytes(topic, {
    key: bytesOf(serdes.key, key, keyHex),
    value: bytesOf(serdes.value, value, valueHex),
    timestamp,
    headers: headers.map(([name, text]) => ({ key: name, value: headerBytes(text) }))
  })

/** What the driver gives for this input, in the vectors' form, internal topics left out; undefined if it fails. */
export const outputsOf = (
  spec: ExecutableSpec,
  topology: ResolvedTopology,
  serdeOf: (name: string) => Serde.Any,
  inputs: ReadonlyArray<Feed>
): ReadonlyArray<Readonly<Record<string, unknown>>> | undefined => {
  const serdesOf = serdesBy(spec, serdeOf)
  try {
    const driver = driverOf(spec, topology)
    for (const input of inputs) pipe(driver, input, serdesOf(input.topic))
    return driver.takeProduced().filter(({ topic }) => !topic.startsWith("app-")).map((record) => ({
      ...resultOf(record, undefined, serdesOf),
      headers: record.headers.map(({ key, value }) => [key, value === null ? null : headerText(value)])
    }))
  } catch (cause) {
    if (cause instanceof TaskError || cause instanceof TopologyTestDriver.DriverError) return undefined
    throw cause
  }
}

/**
 * Runs the steps; undefined if all is as expected, else what is not. `effects` collects what the functions of the topology
 * showed; it is emptied before each step.
 */
export const execute = (
  spec: ExecutableSpec,
  topology: ResolvedTopology,
  serdeOf: (name: string) => Serde.Any,
  effects: Array<unknown>
): string | undefined => {
  const { deadLetterQueueTopic } = exceptionHandlers(spec.config)
  const serdesOf = serdesBy(spec, serdeOf)
  const driver = driverOf(spec, topology)
  for (const [index, step] of spec.steps.entries()) {
    effects.length = 0
    let failure: unknown
    try {
      if (step.in !== undefined) pipe(driver, step.in, serdesOf(step.in.topic))
      if (step.advanceWallClockMs !== undefined) driver.advanceWallClock(step.advanceWallClockMs)
    } catch (cause) {
      failure = cause
    }
    const comparable = (record: Readonly<Record<string, unknown>>) =>
      record["topic"] === deadLetterQueueTopic ? deadLetter(record) : record
    const expected = inOrder((spec.results[index] ?? []).map(expectedOf).map(comparable))
    const produced = driver.takeProduced().map((record, at) => resultOf(record, expected[at], serdesOf))
    const found = inOrder(produced.map(comparable))
    if (!isDeepStrictEqual(JSON.parse(JSON.stringify(found)), JSON.parse(JSON.stringify(expected)))) {
      return `step ${index} ${show(step)}: expected ${show(expected)}, found ${show(found)}${
        failure === undefined ? "" : ` (${failure})`
      }`
    }
    const shown = spec.effects?.[index]
    if (shown !== undefined && !isDeepStrictEqual(effects, shown)) {
      return `step ${index}: expected effects ${show(shown)}, found ${show(effects)}`
    }
    const fails = spec.error?.at === index
    if (fails !== (failure !== undefined)) {
      return `step ${index}: expected ${show(spec.error)}, found ${failure ?? "no failure"}`
    }
    if (failure !== undefined) {
      const isTyped = failure instanceof TaskError || failure instanceof TopologyTestDriver.DriverError
      return isTyped ? undefined : `step ${index}: an untyped failure ${failure}`
    }
  }
  for (const [name, { entries, kind, numRecords, unreadable = false }] of Object.entries(spec.stores ?? {})) {
    if (unreadable) continue
    const found = kind === "versioned" ? versionsOf(driver, name, spec) : storeOf(driver, name, kind)
    const expected = kind === "buffer" ? numRecords : entries
    if (!isDeepStrictEqual(JSON.parse(JSON.stringify(found)), expected)) {
      return `store ${name}: expected ${show(expected)}, found ${show(found)}`
    }
  }
  const dropped = spec.metrics?.["dropped-records-total"]
  return dropped === undefined || dropped === driver.droppedRecords()
    ? undefined
    : `expected ${dropped} dropped records, found ${driver.droppedRecords()}`
}
