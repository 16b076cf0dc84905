/**
 * From the bytes of a fetch answer to the batches that are for the application.
 *
 * Keeps true: batches before the wanted offset, control batches and (read committed) batches of aborted transactions
 * are left out; the next offset is behind all complete batches, left out or not.
 *
 * @since 0.1.0
 */
import type * as Compression from "@millrace/core/records/Compression"
import * as ControlRecord from "@millrace/core/records/ControlRecord"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import { corruptBatch } from "@millrace/core/records/RecordError"
import * as Records from "@millrace/core/records/Records"

/**
 * An aborted transaction: the batches of `producerId` from `firstOffset` to its abort marker are void.
 *
 * @since 0.1.0
 */
export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

/**
 * What a fetch answer holds.
 *
 * @since 0.1.0
 */
export interface FetchedRecords {
  readonly batches: ReadonlyArray<number>
  readonly nextOffset: number
  readonly leaderEpoch: number
  readonly recordsCount: number
}

/**
 * Reads the batch headers. `aborted` is null unless read committed. Throws `RecordError`.
 *
 * @since 0.1.0
 */
export const readUnsafe = (
  bytes: Uint8Array,
  offset: number,
  aborted: ReadonlyArray<AbortedTransaction> | null,
  codecs: Compression.Codecs,
  checkCrcs: boolean
): FetchedRecords => {
  const filter = aborted === null || aborted.length === 0 ? undefined : new AbortFilter(aborted)
  const batches: Array<number> = []
  let nextOffset = offset
  let leaderEpoch = -1
  let recordsCount = 0
  for (let at = 0, size = 0; (size = Records.nextBatchUnsafe(bytes, at, bytes.length)) > 0; at += size) {
    const isCurrent = RecordBatch.magic(bytes, at) === RecordBatch.magicCurrent
    if (isCurrent && checkCrcs && !RecordBatch.isValidCrc(bytes, at, codecs.crc32c)) {
      throw corruptBatch(`the checksum of the batch at offset ${RecordBatch.baseOffset(bytes, at)} is wrong`)
    }
    const lastOffset = isCurrent ? RecordBatch.lastOffset(bytes, at) : RecordBatch.baseOffset(bytes, at)
    const isVoid = isCurrent && filter !== undefined && filter.isVoid(bytes, at)
    if (lastOffset < offset) continue
    nextOffset = lastOffset + 1
    if (isCurrent) leaderEpoch = RecordBatch.partitionLeaderEpoch(bytes, at)
    if (isVoid || (isCurrent && RecordBatch.isControl(bytes, at))) continue
    const count = isCurrent ? RecordBatch.recordsCount(bytes, at) : 1
    if (count === 0) continue
    batches.push(at)
    recordsCount += count
  }
  return { batches, nextOffset, leaderEpoch, recordsCount }
}

/** Knows, batch after batch, which producers are within an aborted transaction. */
class AbortFilter {
  readonly #starts: ReadonlyArray<AbortedTransaction>
  readonly #open = new Set<number>()
  #next = 0

  constructor(aborted: ReadonlyArray<AbortedTransaction>) {
    this.#starts = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  }

  isVoid(bytes: Uint8Array, at: number): boolean {
    const lastOffset = RecordBatch.lastOffset(bytes, at)
    while (this.#next < this.#starts.length && this.#starts[this.#next]!.firstOffset <= lastOffset) {
      this.#open.add(this.#starts[this.#next++]!.producerId)
    }
    const producerId = RecordBatch.producerId(bytes, at)
    if (RecordBatch.isControl(bytes, at)) {
      if (ControlRecord.parseBatchUnsafe(bytes, at)?.type === "ABORT") this.#open.delete(producerId)
      return true
    }
    return RecordBatch.isTransactional(bytes, at) && this.#open.has(producerId)
  }
}
