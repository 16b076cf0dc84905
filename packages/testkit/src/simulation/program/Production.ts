/**
 * One call of `sim.produce`: its records on their way into a topic.
 *
 * Keeps true: records are sent at their times and in their order, each once; when each was acknowledged, and where, is kept.
 * Leaves to others: which records (`Records`), when the call ends (`Run`).
 *
 * @since 0.1.0
 */
import * as Producer from "@millrace/client/producer/Producer"
import * as Serde from "@millrace/core/serde/Serde"
import * as Topic from "@millrace/core/streams/Topic"
import * as Effect from "effect/Effect"
import * as Records from "./Records.ts"

/**
 * Where a record was acknowledged, and when, in milliseconds since the beginning.
 *
 * @since 0.1.0
 */
export interface Acknowledged {
  readonly partition: number
  readonly offset: number
  readonly atMs: number
}

/**
 * The records of one call.
 *
 * @since 0.1.0
 */
export interface Production {
  /** The process that sends them. */
  readonly name: string
  readonly topic: string
  readonly records: ReadonlyArray<Records.PlannedRecord>
  readonly acknowledged: Map<Records.PlannedRecord, Acknowledged>
  /** Those that the broker does not take, and why. */
  readonly refused: Array<{ readonly record: Records.PlannedRecord; readonly detail: string }>
  /** When the call began, in milliseconds since the beginning. */
  startMs: number
  /** All that may be sent now has an answer. */
  readonly isDone: boolean
  /** Lets a record be sent, or all. */
  readonly release: (record?: Records.PlannedRecord) => void
  /** Those that may be sent, and are not yet. */
  readonly waiting: Array<Records.PlannedRecord>
  /** A record for people. */
  readonly show: (record: Pick<Records.PlannedRecord, "key" | "value">) => string
  /** Looks for a simpler value in place of a record's. */
  readonly simplify: (
    record: Records.PlannedRecord,
    isFailing: (simpler: Records.PlannedRecord) => boolean,
    attemptsMax: number
  ) => Records.PlannedRecord | undefined
}

const showBytes = <A>(serde: Serde.Serde<A>, bytes: Uint8Array | null): string =>
  bytes === null ?
    "null" :
    JSON.stringify(serde.deserializeUnsafe(bytes), (_key, value) => typeof value === "bigint" ? `${value}n` : value)

/**
 * Plans a call. `records` are sent in place of those that the source gives.
 *
 * @since 0.1.0
 */
export const make = <K, V>(
  options: Records.Options<K, V> & { readonly records: ReadonlyArray<Records.PlannedRecord> | undefined }
): Production => {
  const { call, topic } = options
  const records = options.records ?? Records.plan(options)
  const acknowledged = new Map<Records.PlannedRecord, Acknowledged>()
  const refused: Array<{ readonly record: Records.PlannedRecord; readonly detail: string }> = []
  const waiting: Array<Records.PlannedRecord> = []
  let released = 0
  return {
    name: `producer-${call + 1}`,
    topic: topic.name,
    records,
    acknowledged,
    refused,
    waiting,
    startMs: 0,
    get isDone() {
      return acknowledged.size + refused.length >= released
    },
    release: (record) => {
      const some = record === undefined ? records : [record]
      released += some.length
      waiting.push(...some)
    },
    show: ({ key, value }) => `${showBytes(topic.key, key)}: ${showBytes(topic.value, value)}`,
    simplify: (record, isFailing, attemptsMax) => Records.simplify(options, record, isFailing, attemptsMax)
  }
}

/** Longer than any fault lasts: a record that is sent is acknowledged in the end, or something is wrong. */
const producerOptions: Producer.Options = { deliveryTimeout: "5 minutes", maxBlock: "5 minutes" }
/** How often a sender with nothing to do looks for more, in milliseconds. */
const idleMs = 20

const bytesOf = (name: string) => Topic.make(name, { key: Serde.bytes, value: Serde.bytes })

/**
 * What the process of a call does: sends what may be sent, when it is due, or at once if it is hasty.
 *
 * @since 0.1.0
 */
export const send = (production: Production, nowMs: () => number, isHasty: boolean) =>
  Effect.gen(function*() {
    const { acknowledged, refused, waiting } = production
    const topic = bytesOf(production.topic)
    const producer = yield* Producer.make(producerOptions)
    const isDue = ({ atMs }: Records.PlannedRecord) => isHasty || production.startMs + atMs <= nowMs()
    for (;;) {
      const due: Array<Records.PlannedRecord> = []
      while (waiting.length > 0 && isDue(waiting[0]!)) due.push(waiting.shift()!)
      if (due.length === 0) {
        yield* Effect.sleep(idleMs)
        continue
      }
      // All at once, so that they are written in this order.
      yield* Effect.match(producer.sendAll(topic, due), {
        onFailure: ({ message }) => {
          for (const record of due) refused.push({ record, detail: message })
        },
        onSuccess: (places) =>
          places.forEach(({ offset, partition }, at) => {
            acknowledged.set(due[at]!, { offset, partition, atMs: nowMs() })
          })
      })
    }
  }).pipe(Effect.scoped)

/**
 * All that was produced, with its topic, in order of time.
 *
 * @since 0.1.0
 */
export const produced = (
  productions: ReadonlyArray<Production>
): ReadonlyArray<Records.PlannedRecord & { readonly topic: string }> =>
  productions.flatMap(({ records, topic }) => records.map((record) => ({ ...record, topic })))
    .sort((left, right) => left.timestamp - right.timestamp)
