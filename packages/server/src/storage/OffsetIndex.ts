/**
 * From an offset to a place in the segment's file at or before it: one entry of 8 bytes (offset less the segment's
 * base, position) per some kilobytes of log.
 *
 * Keeps true: entries ascend in offset and position; an entry holds the last offset of a batch and where it begins.
 *
 * @since 0.1.0
 */
import type { Disk } from "@millrace/core/platform/Disk"
import { readInt32, writeInt32 } from "@millrace/core/records/Int64"
import { IndexFile } from "./IndexFile.ts"

const entryBytes = 8

/**
 * The offset index of one segment.
 *
 * @since 0.1.0
 */
export class OffsetIndex {
  readonly file: IndexFile
  readonly #baseOffset: number

  constructor(disk: Disk["Service"], path: string, baseOffset: number, fresh: boolean) {
    this.file = new IndexFile(disk, path, entryBytes, fresh)
    this.#baseOffset = baseOffset
  }

  #offsetAt(entry: number): number {
    return this.#baseOffset + readInt32(this.file.entries, entry * entryBytes)
  }

  #positionAt(entry: number): number {
    return readInt32(this.file.entries, entry * entryBytes + 4)
  }

  append(offset: number, position: number): void {
    const at = this.file.reserve()
    writeInt32(this.file.entries, at, offset - this.#baseOffset)
    writeInt32(this.file.entries, at + 4, position)
  }

  /** Whether there is no room for another entry within `maxBytes`. */
  isFull(maxBytes: number): boolean {
    return this.file.count >= Math.floor(maxBytes / entryBytes)
  }

  /** The number of the last entry at or below `offset`, -1 if there is none. */
  #floor(offset: number): number {
    let low = 0
    let high = this.file.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#offsetAt(middle) <= offset) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  /** A position from which a scan forward finds the batch with `offset`. */
  positionBefore(offset: number): number {
    const entry = this.#floor(offset)
    return entry < 0 ? 0 : this.#positionAt(entry)
  }

  /** The offset of the first entry whose position is `position` or later. */
  offsetFrom(position: number): number | undefined {
    let low = 0
    let high = this.file.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#positionAt(middle) < position) low = middle + 1
      else high = middle
    }
    return low === this.file.count ? undefined : this.#offsetAt(low)
  }

  /** Forgets entries at or above `offset`. */
  truncateTo(offset: number): void {
    this.file.cut(this.#floor(offset - 1) + 1)
  }

  /** Whether the entries can belong to a log file of `size` bytes. */
  isSane(size: number): boolean {
    const count = this.file.count
    return count === 0 || (this.#offsetAt(count - 1) >= this.#baseOffset && this.#positionAt(count - 1) < size)
  }
}
