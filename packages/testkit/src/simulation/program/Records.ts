/**
 * The records that a simulated program sends: generated from the seed, planned in time, kept as bytes.
 *
 * Keeps true: the same seed gives the same records at the same times; leaving one out changes no other.
 * Leaves to others: sending them (`Production`), which can be left out (`Shrink`).
 *
 * @since 0.1.0
 */
import type { ProducerRecord } from "@millrace/client/producer/TypedAppend"
import type { RecordHeader } from "@millrace/core/records/RecordCursor"
import * as Serde from "@millrace/core/serde/Serde"
import type * as Topic from "@millrace/core/streams/Topic"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as limits from "../../limits.ts"
import { epochMs } from "../ProcessClock.ts"
import { Seeded } from "../Seeded.ts"
import { SimulationError } from "./SimulationError.ts"

/**
 * Where records come from: an arbitrary of records, or of lists of them; the records themselves; or a function that makes
 * them by chance.
 *
 * @since 0.1.0
 */
export type Source<K, V> =
  | Arbitrary.Arbitrary<ProducerRecord<K, V>>
  | Arbitrary.Arbitrary<ReadonlyArray<ProducerRecord<K, V>>>
  | Iterable<ProducerRecord<K, V>>
  | ((random: Seeded) => Iterable<ProducerRecord<K, V>>)

/**
 * A record that is to be sent.
 *
 * @since 0.1.0
 */
export interface PlannedRecord {
  /** Which call of `produce`, and which of its records: what a smaller plan keeps. */
  readonly call: number
  readonly index: number
  /** When it is sent, in milliseconds after the call. */
  readonly atMs: number
  readonly timestamp: number
  readonly partition: number | undefined
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: ReadonlyArray<RecordHeader>
}

/**
 * What one call of `produce` is asked for.
 *
 * @since 0.1.0
 */
export interface Options<K, V> {
  readonly seed: number
  readonly call: number
  readonly topic: Topic.Topic<K, V>
  readonly source: Source<K, V>
  /** How many, where the source gives single records. */
  readonly count: number | undefined
  /** Over how much time they are sent, in milliseconds. */
  readonly spreadMs: number
}

const isFunction = (source: unknown): source is (random: Seeded) => Iterable<unknown> => typeof source === "function"

/** What a value is generated from: so many times, and it can be shrunk by the same way. */
const sampling = (seed: string) => ({ runs: 1, seed, maxDiscards: 1000, size: 20 })

const sample = <A>(arbitrary: Arbitrary.Arbitrary<A>, seed: string): A => {
  let found: { readonly value: A } | undefined
  Effect.runSync(Arbitrary.checkEffect(arbitrary, (value) => {
    found ??= { value }
    return true
  }, sampling(seed)))
  if (found !== undefined) return found.value
  throw new SimulationError({
    reason: "Generation",
    detail: "an arbitrary gave no value",
    hint: "let its filters pass more of what they are given"
  })
}

const seedOf = (seed: number, call: number, index: number): string => `${seed}/produce/${call}/${index}`

/** An arbitrary of lists gives all at once, one of records as many as are wanted. */
const sampleAll = <K, V>(
  arbitrary: Arbitrary.Arbitrary<ProducerRecord<K, V> | ReadonlyArray<ProducerRecord<K, V>>>,
  { call, count, seed }: Options<K, V>
): ReadonlyArray<ProducerRecord<K, V>> => {
  const first = sample(arbitrary, seedOf(seed, call, 0))
  if (isList(first)) return first
  const random = new Seeded(`${seed}/count/${call}`)
  const wanted = count ?? random.between(1, limits.generatedRecordsMax)
  const records: Array<ProducerRecord<K, V>> = []
  for (let index = 0; index < wanted; index++) {
    const next = index === 0 ? first : sample(arbitrary, seedOf(seed, call, index))
    if (!isList(next)) records.push(next)
  }
  return records
}

const isList = <A>(value: A | ReadonlyArray<A>): value is ReadonlyArray<A> => Array.isArray(value)

const recordsOf = <K, V>(options: Options<K, V>): ReadonlyArray<ProducerRecord<K, V>> => {
  const { call, seed, source } = options
  if (Arbitrary.isArbitrary(source)) {
    return sampleAll(source as Arbitrary.Arbitrary<ProducerRecord<K, V> | ReadonlyArray<ProducerRecord<K, V>>>, options)
  }
  if (isFunction(source)) return [...source(new Seeded(seedOf(seed, call, 0)))] as Array<ProducerRecord<K, V>>
  return [...source]
}

/**
 * Plans the records of one call; throws `SerdeError` for what the topic cannot hold, `SimulationError` for too many.
 *
 * @since 0.1.0
 */
export const plan = <K, V>(options: Options<K, V>): ReadonlyArray<PlannedRecord> => {
  const { call, seed, spreadMs, topic } = options
  const records = recordsOf(options)
  if (records.length > limits.producedRecordsMax) {
    throw new SimulationError({
      reason: "Generation",
      detail: `${records.length} records for ${topic.name} are too many`,
      hint: `give at most ${limits.producedRecordsMax} to one call of produce`
    })
  }
  const random = new Seeded(`${seed}/times/${call}`)
  const pauseMaxMs = Math.floor(2 * spreadMs / Math.max(1, records.length))
  let atMs = 0
  return records.map((record, index) => {
    const planned: PlannedRecord = {
      call,
      index,
      atMs,
      timestamp: record.timestamp ?? epochMs + call * spreadMs + atMs,
      partition: record.partition,
      key: Serde.toBytesUnsafe(topic.key, record.key),
      value: Serde.toBytesUnsafe(topic.value, record.value),
      headers: record.headers ?? []
    }
    // Some come at once, as they do.
    atMs += random.chance(0.3) ? 0 : random.between(0, pauseMaxMs)
    return planned
  })
}

/**
 * Looks for a simpler value in place of one that an arbitrary of single records gave: the simplest for which `isFailing`
 * still holds; undefined if there is none, or the source is none.
 *
 * @since 0.1.0
 */
export const simplify = <K, V>(
  options: Options<K, V>,
  record: PlannedRecord,
  isFailing: (simpler: PlannedRecord) => boolean,
  attemptsMax: number
): PlannedRecord | undefined => {
  const { source, topic } = options
  if (!Arbitrary.isArbitrary(source)) return undefined
  let best: PlannedRecord | undefined
  let isFirst = true
  const property = (value: ProducerRecord<K, V> | ReadonlyArray<ProducerRecord<K, V>>): boolean => {
    if (isList(value)) return true
    // The first is the value as it was generated: that it fails is known.
    if (isFirst) {
      isFirst = false
      return false
    }
    const simpler: PlannedRecord = {
      ...record,
      key: Serde.toBytesUnsafe(topic.key, value.key),
      value: Serde.toBytesUnsafe(topic.value, value.value)
    }
    if (!isFailing(simpler)) return true
    best = simpler
    return false
  }
  const arbitrary = source as Arbitrary.Arbitrary<ProducerRecord<K, V> | ReadonlyArray<ProducerRecord<K, V>>>
  const settings = { ...sampling(seedOf(options.seed, record.call, record.index)), maxShrinks: attemptsMax }
  Effect.runSync(Arbitrary.checkEffect(arbitrary, property, settings))
  return best
}
