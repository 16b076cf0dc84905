/**
 * Telling rot from a torn write, in logs whose every batch was durable before the next was written (`isSerial`).
 *
 * Keeps true: of such a log nothing is cut off that was acknowledged. A crash can have torn its last batch only, so a bad
 * batch with a sound one behind it, or an end before what a checkpoint says was durable, is damage: opening fails, and a
 * copy of the log can be put in its place. Logs of partitions are not like that: many batches are written between two
 * syncs, so a crash may well leave a bad one before good ones, and they end there, as Kafka's do.
 * Leaves to others: the cutting (`LogLoader`). A last batch that rotted can't be told from one that was torn.
 *
 * @since 0.1.0
 */
import type { File } from "@millrace/core/platform/Disk"
import type { Crc32c } from "@millrace/core/hash/Crc32c"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Effect from "effect/Effect"
import { recoveryBlockBytes } from "../limits.ts"
import * as BatchScan from "./BatchScan.ts"
import { corruptFile, type StorageError } from "./StorageError.ts"

/**
 * What is known of a log that is being opened.
 *
 * @since 0.1.0
 */
export interface KnownLog {
  readonly directory: string
  readonly isSerial: boolean
  readonly recoveryPoint: number
}

/**
 * Fails if the log ends before what was durable.
 *
 * @since 0.1.0
 */
export const refuseShort = (log: KnownLog, endOffset: number): Effect.Effect<void, StorageError> =>
  log.isSerial && endOffset < log.recoveryPoint
    ? Effect.fail(damaged(log.directory, `it ends at offset ${endOffset}, but was durable up to ${log.recoveryPoint}`))
    : Effect.void

/**
 * Fails if the bytes from `from` to `end` of a file, which are to be cut off, hold a sound batch.
 *
 * @since 0.1.0
 */
export const refuseSound = Effect.fnUntraced(function*(
  log: KnownLog,
  file: File,
  { end, from }: { readonly from: number; readonly end: number },
  crc32c: Crc32c
) {
  if (!log.isSerial) return
  const sound = yield* findBatch(file, from, end, crc32c)
  if (sound !== undefined) {
    return yield* damaged(file.path, `there is no sound batch at byte ${from}, but one at ${sound}`)
  }
})

const damaged = (path: string, detail: string): StorageError =>
  corruptFile(path, `acknowledged records are damaged: ${detail}; put a sound copy of the log in its place`)

/** Where the first sound batch begins; its neighbours may be damaged, so any byte may be its first. */
const findBatch = Effect.fnUntraced(function*(file: File, from: number, end: number, crc32c: Crc32c) {
  const overlapBytes = RecordBatch.headerSizeBytes - 1
  for (let position = from; position < end; position += recoveryBlockBytes) {
    const length = Math.min(recoveryBlockBytes + overlapBytes, end - position)
    const block = yield* BatchScan.readBytes(file, false, position, length)
    for (let at = 0; at + RecordBatch.headerSizeBytes <= block.length; at++) {
      if (!mayBegin(block, at, end - position - at)) continue
      const batch = yield* BatchScan.readBytes(file, false, position + at, RecordBatch.sizeInBytes(block, at))
      if (RecordBatch.isValidCrc(batch, 0, crc32c)) return position + at
    }
  }
  return undefined
})

const mayBegin = (bytes: Uint8Array, at: number, left: number): boolean => {
  if (RecordBatch.magic(bytes, at) !== RecordBatch.magicCurrent) return false
  const size = RecordBatch.sizeInBytes(bytes, at)
  return size >= RecordBatch.headerSizeBytes && size <= left
}
