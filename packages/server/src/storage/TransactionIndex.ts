/**
 * The aborted transactions that end in a segment, in the order of their end: entries of 34 bytes.
 *
 * Leaves to others: which transactions are aborted (`ProducerState`), which segments to ask (`PartitionLog`).
 *
 * @since 0.1.0
 */
import type { Disk } from "@millrace/core/platform/Disk"
import { readInt64, writeInt16, writeInt64 } from "@millrace/core/records/Int64"
import { IndexFile } from "./IndexFile.ts"

const entryBytes = 34
const version = 0

/**
 * An aborted transaction: its producer, first offset, the offset of its abort marker, and the last stable offset
 * once that marker was written.
 *
 * @since 0.1.0
 */
export interface AbortedTransactionEntry {
  readonly producerId: number
  readonly firstOffset: number
  readonly lastOffset: number
  readonly lastStableOffset: number
}

/**
 * The transaction index of one segment; its file exists only if a transaction was aborted.
 *
 * @since 0.1.0
 */
export class TransactionIndex {
  readonly file: IndexFile

  constructor(disk: Disk["Service"], path: string, fresh: boolean) {
    this.file = new IndexFile(disk, path, entryBytes, fresh)
  }

  append(entry: AbortedTransactionEntry): void {
    const at = this.file.reserve()
    writeInt16(this.file.entries, at, version)
    writeInt64(this.file.entries, at + 2, entry.producerId)
    writeInt64(this.file.entries, at + 10, entry.firstOffset)
    writeInt64(this.file.entries, at + 18, entry.lastOffset)
    writeInt64(this.file.entries, at + 26, entry.lastStableOffset)
  }

  #entryAt(number: number): AbortedTransactionEntry {
    const at = number * entryBytes
    const entries = this.file.entries
    return {
      producerId: readInt64(entries, at + 2),
      firstOffset: readInt64(entries, at + 10),
      lastOffset: readInt64(entries, at + 18),
      lastStableOffset: readInt64(entries, at + 26)
    }
  }

  /**
   * Adds to `found` what overlaps `[from, to)`; true if no later segment can hold more.
   */
  collect(from: number, to: number, found: Array<AbortedTransactionEntry>): boolean {
    for (let number = 0; number < this.file.count; number++) {
      const entry = this.#entryAt(number)
      if (entry.lastOffset >= from && entry.firstOffset < to) found.push(entry)
      if (entry.lastStableOffset >= to) return true
    }
    return false
  }

  /** Forgets transactions that end at or above `offset`. */
  truncateTo(offset: number): void {
    let count = this.file.count
    while (count > 0 && this.#entryAt(count - 1).lastOffset >= offset) count--
    this.file.cut(count)
  }
}
