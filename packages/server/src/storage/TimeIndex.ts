/**
 * From a timestamp to an offset at or before the first record that late: entries of 12 bytes (the largest timestamp
 * so far, and the last offset of its batch less the segment's base).
 *
 * Keeps true: timestamps ascend strictly and offsets do not descend, so the last entry tells the largest timestamp
 * of all that came before it.
 *
 * @since 0.1.0
 */
import type { Disk } from "@millrace/core/platform/Disk"
import { readInt32, readInt64, writeInt32, writeInt64 } from "@millrace/core/records/Int64"
import { IndexFile } from "./IndexFile.ts"

const entryBytes = 12

/**
 * The time index of one segment.
 *
 * @since 0.1.0
 */
export class TimeIndex {
  readonly file: IndexFile
  readonly #baseOffset: number

  constructor(disk: Disk["Service"], path: string, baseOffset: number, fresh: boolean) {
    this.file = new IndexFile(disk, path, entryBytes, fresh)
    this.#baseOffset = baseOffset
  }

  #timestampAt(entry: number): number {
    return readInt64(this.file.entries, entry * entryBytes)
  }

  #offsetAt(entry: number): number {
    return this.#baseOffset + readInt32(this.file.entries, entry * entryBytes + 8)
  }

  /** The largest timestamp, -1 if there is no entry. */
  get lastTimestamp(): number {
    return this.file.count === 0 ? -1 : this.#timestampAt(this.file.count - 1)
  }

  /** The offset that goes with the largest timestamp, the segment's base if there is no entry. */
  get lastOffset(): number {
    return this.file.count === 0 ? this.#baseOffset : this.#offsetAt(this.file.count - 1)
  }

  /** Adds an entry if its timestamp is beyond the last one. */
  maybeAppend(timestamp: number, offset: number): void {
    if (timestamp <= this.lastTimestamp || offset < this.lastOffset) return
    const at = this.file.reserve()
    writeInt64(this.file.entries, at, timestamp)
    writeInt32(this.file.entries, at + 8, offset - this.#baseOffset)
  }

  /** Whether only the entry that is written at the roll still fits within `maxBytes`. */
  isFull(maxBytes: number): boolean {
    return this.file.count >= Math.floor(maxBytes / entryBytes) - 1
  }

  /** An offset at or before every record with `timestamp` or a later one. */
  offsetBefore(timestamp: number): number {
    let low = 0
    let high = this.file.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#timestampAt(middle) <= timestamp) low = middle + 1
      else high = middle
    }
    return low === 0 ? this.#baseOffset : this.#offsetAt(low - 1)
  }

  /** Forgets entries at or above `offset`. */
  truncateTo(offset: number): void {
    let count = this.file.count
    while (count > 0 && this.#offsetAt(count - 1) >= offset) count--
    this.file.cut(count)
  }
}
