/**
 * The topics of a driver with partitions: logs in memory, with transactions as far as readers see them.
 *
 * Keeps true: offsets are dense; who reads committed records sees none of an aborted transaction, and nothing at or beyond
 * the first record of one that is open.
 * Leaves to others: who writes and reads.
 *
 * @since 0.1.0
 */
import { murmur2Range } from "@millrace/core/hash/Murmur2"
import type { RecordHeader } from "@millrace/core/records/RecordCursor"

/**
 * A transaction, as the records that belong to it know it.
 *
 * @since 0.1.0
 */
export interface Transaction {
  state: "open" | "committed" | "aborted"
}

/**
 * A record of a log. Without a transaction it is there at once.
 *
 * @since 0.1.0
 */
export interface LogRecord {
  readonly offset: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly timestamp: number
  readonly headers: ReadonlyArray<RecordHeader>
  readonly transaction: Transaction | undefined
}

/**
 * What is appended.
 *
 * @since 0.1.0
 */
export type NewRecord = Omit<LogRecord, "offset">

/**
 * What a reader gets: records, and where it goes on.
 *
 * @since 0.1.0
 */
export interface Slice {
  readonly records: ReadonlyArray<LogRecord>
  readonly nextOffset: number
}

/**
 * One topic.
 *
 * @since 0.1.0
 */
export class TopicLog {
  readonly name: string
  readonly #partitions: ReadonlyArray<Array<LogRecord>>
  #turn = 0

  constructor(name: string, partitions: number) {
    this.name = name
    this.#partitions = Array.from({ length: partitions }, () => [])
  }

  get partitionCount(): number {
    return this.#partitions.length
  }

  /** The partition that the default partitioner chooses; null keys take turns. */
  partitionOf(key: Uint8Array | null): number {
    const count = this.#partitions.length
    return key === null ? this.#turn++ % count : (murmur2Range(key, 0, key.length) & 0x7fffffff) % count
  }

  append(partition: number, record: NewRecord): void {
    const log = this.#partitions[partition]!
    log.push({ ...record, offset: log.length })
  }

  /** The records from `offset` on that can be read now; with `committed`, as a reader of committed records sees them. */
  read(partition: number, offset: number, committed: boolean): Slice {
    const log = this.#partitions[partition]!
    const records: Array<LogRecord> = []
    let at = offset
    for (; at < log.length; at++) {
      const record = log[at]!
      const state = committed ? record.transaction?.state : undefined
      if (state === "open") break
      if (state !== "aborted") records.push(record)
    }
    return { records, nextOffset: at }
  }
}
