/**
 * What a processor is given to work with: its stores, time, the record under way, and the way down to its children.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type { RecordHeader } from "../records/RecordCursor.ts"
import type * as StateStore from "./StateStore.ts"

/**
 * A record on its way through processors. The headers are the record's own: if they are changed in place, all that get the
 * record afterwards see it; a record with other headers is a new one.
 *
 * @since 0.1.0
 */
export interface ProcessorRecord<out K, out V> {
  readonly key: K
  readonly value: V
  /** Milliseconds since the epoch, not negative. */
  readonly timestamp: number
  readonly headers: Array<RecordHeader>
}

/**
 * A record whose key cannot be changed: a new one is made from it by `withValue`, `withTimestamp` or `withHeaders`.
 *
 * @since 0.1.0
 */
export class FixedKeyRecord<out K, out V> implements ProcessorRecord<K, V> {
  readonly key: K
  readonly value: V
  readonly timestamp: number
  readonly headers: Array<RecordHeader>

  constructor(key: K, value: V, timestamp: number, headers: Array<RecordHeader>) {
    this.key = key
    this.value = value
    this.timestamp = timestamp
    this.headers = headers
  }

  /** The same record with another value. */
  withValue<V2>(value: V2): FixedKeyRecord<K, V2> {
    return new FixedKeyRecord(this.key, value, this.timestamp, this.headers)
  }

  /** The same record at another time. */
  withTimestamp(timestamp: number): FixedKeyRecord<K, V> {
    return new FixedKeyRecord(this.key, this.value, timestamp, this.headers)
  }

  /** The same record with other headers. */
  withHeaders(headers: ReadonlyArray<RecordHeader>): FixedKeyRecord<K, V> {
    return new FixedKeyRecord(this.key, this.value, this.timestamp, [...headers])
  }
}

/**
 * Where the record under way was read. In a punctuation: no topic, partition and offset -1.
 *
 * @since 0.1.0
 */
export interface RecordMetadata {
  readonly topic: string | null
  readonly partition: number
  readonly offset: number
}

/**
 * When a punctuation is due. `stream-time`: by the timestamps of records; from 0 on, so with the first record, and then at
 * each multiple of the interval that a record reaches. `wall-clock-time`: from one interval after it was scheduled.
 * Intervals that were missed are made up for by one call.
 *
 * @since 0.1.0
 */
export interface PunctuationSchedule {
  /** At least one millisecond. */
  readonly interval: Duration.Input
  readonly type: "stream-time" | "wall-clock-time"
  /** When it is due first, in milliseconds since the epoch, instead. */
  readonly startMs?: number | undefined
}

/**
 * A scheduled punctuation, which can be cancelled, also while it runs.
 *
 * @since 0.1.0
 */
export interface Cancellable {
  readonly cancel: () => void
}

/**
 * What every kind of processor is given. `H`: the handles of its stores.
 *
 * @since 0.1.0
 */
export interface ProcessingContext<in H = never> {
  readonly applicationId: string
  /** `<sub-topology>_<partition>`. */
  readonly taskId: string
  /** Opens a store that the processor names among its stores; throws `ProcessorError`. */
  readonly getStateStore: <S extends H>(store: S) => StateStore.Opened<S>
  /** Calls `punctuate` with the time, in milliseconds, whenever it is due; throws `ProcessorError`. */
  readonly schedule: (schedule: PunctuationSchedule, punctuate: (timestamp: number) => void) => Cancellable
  /** Asks for a commit, as soon as the record under way is done. */
  readonly commit: () => void
  /** Undefined while processors are initialized. */
  readonly recordMetadata: () => RecordMetadata | undefined
  /** The greatest timestamp that the task has taken; -1 before the first record. */
  readonly currentStreamTimeMs: () => number
  readonly currentSystemTimeMs: () => number
}

/**
 * What a processor is given that forwards records of key `K` and value `V`.
 *
 * @since 0.1.0
 */
export interface ProcessorContext<in K, in V, in H = never> extends ProcessingContext<H> {
  /** Hands a record to all children, or to the one of that name, and comes back when they are done. */
  readonly forward: (record: ForwardedRecord<K, V>, child?: string) => void
}

/**
 * What can be forwarded. Without headers: none.
 *
 * @since 0.1.0
 */
export interface ForwardedRecord<out K, out V> {
  readonly key: K
  readonly value: V
  readonly timestamp: number
  readonly headers?: ReadonlyArray<RecordHeader> | undefined
}

/**
 * What a processor is given that leaves keys as they are.
 *
 * @since 0.1.0
 */
export interface FixedKeyProcessorContext<in K, in V, in H = never> extends ProcessingContext<H> {
  /** Hands a record to all children, or to the one of that name, and comes back when they are done. */
  readonly forward: (record: FixedKeyRecord<K, V>, child?: string) => void
}
