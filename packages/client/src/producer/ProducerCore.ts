/**
 * The producer that all others are made of: bytes in, batches out.
 *
 * Keeps true: records of one partition are written in the order in which they were appended; with idempotence, each
 * of them once. Nothing fails silently: what could not be written fails `flush`, or its own acknowledgement.
 * Leaves to others: serdes, transactions.
 *
 * @since 0.1.0
 */
import type { RecordHeader } from "@millrace/core/records/RecordCursor"
import type * as Effect from "effect/Effect"
import type { ProducerError } from "./ProducerError.ts"

export type { RecordHeader }

/**
 * Told once of the fate of each record that was appended with it, for many records at a time. `tokens` are what was
 * given with the records, in their order.
 *
 * @since 0.1.0
 */
export interface Acknowledgement {
  /** The records have consecutive offsets from `offset` on (-1 if the broker does not tell). */
  readonly onWritten: (topic: string, partition: number, offset: number, tokens: ReadonlyArray<number>) => void
  readonly onFailed: (error: ProducerError, tokens: ReadonlyArray<number>) => void
}

/**
 * A producer of bytes.
 *
 * @since 0.1.0
 */
export interface ProducerCore {
  /** Makes topics known: without it `appendUnsafe` does not know their partitions. Fails if one does not exist. */
  readonly prepare: (topics: ReadonlyArray<string>) => Effect.Effect<void, ProducerError>
  /** Whether a topic is known already. */
  readonly isPrepared: (topic: string) => boolean
  /** The number of partitions of a known topic, 0 of another. */
  readonly partitionCount: (topic: string) => number
  /** The offset after the last record of a partition that was acknowledged; -1 if none was, or the broker does not tell. */
  readonly writtenEnd: (topic: string, partition: number) => number
  /**
   * Copies a record into its batch, at once and without an Effect; strings are written as UTF-8. `partition` -1: by
   * the key's murmur2 hash, and without key wherever the sticky partitioner is. `timestamp` -1: now.
   * Throws `ProducerError` if the topic is not known, the partition does not exist, the record is too large, or the
   * producer cannot go on. Does not wait for room: await `room` between chunks of work.
   */
  readonly appendUnsafe: (
    topic: string,
    partition: number,
    timestamp: number,
    key: Uint8Array | string | null,
    value: Uint8Array | string | null,
    headers?: ReadonlyArray<RecordHeader>,
    acknowledgement?: Acknowledgement,
    token?: number
  ) => void
  /** Whether there is room now. */
  readonly hasRoom: () => boolean
  /** Waits until less than `bufferMemory` is buffered; at most `maxBlock`. */
  readonly room: Effect.Effect<void, ProducerError>
  /**
   * Sends what is buffered, without linger, and waits for all of it. Fails with the first failure of a record without
   * an acknowledgement since the last flush.
   */
  readonly flush: Effect.Effect<void, ProducerError>
}
