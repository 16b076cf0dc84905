/**
 * Walks over the batches of a file in blocks, handing each to a visitor.
 *
 * Keeps true: it ends at the first place where no whole batch begins before `end`; that place is `position`.
 * Leaves to others: whether a batch is sound (the visitor), which reads leave the event loop (the caller says).
 *
 * @since 0.1.0
 */
import { DiskError, type File } from "@millrace/core/platform/Disk"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Effect from "effect/Effect"

/**
 * Sees the batch at `at` of `bytes`, which begins at `position` of the file. With false the walk ends before it.
 *
 * @since 0.1.0
 */
export type Visit = (bytes: Uint8Array, at: number, position: number) => boolean

/**
 * What to walk over: bytes `from` to `end` of the file. `whole`: the visitor needs the records too, not only headers.
 *
 * @since 0.1.0
 */
export interface Range {
  readonly from: number
  readonly end: number
  readonly whole: boolean
  readonly blockBytes: number
}

/**
 * A walk under way.
 *
 * @since 0.1.0
 */
export class BatchScan {
  /** Where the next batch begins. */
  position: number
  /** Whether the place at `position` can hold no batch: too short, or with an impossible length or magic. */
  atBadBatch = false
  done = false
  block: Uint8Array
  readonly #range: Range
  readonly #visit: Visit

  constructor(range: Range, visit: Visit) {
    this.position = range.from
    this.#range = range
    this.#visit = visit
    this.block = new Uint8Array(Math.max(0, Math.min(range.blockBytes, range.end - range.from)))
    if (range.end - range.from < RecordBatch.headerSizeBytes) this.#finish(range.end > range.from)
  }

  #finish(bad: boolean): void {
    this.done = true
    this.atBadBatch = bad
  }

  /** Takes `length` bytes, which `block` now holds, from `position`. */
  take(length: number): void {
    const { end, whole } = this.#range
    let at = 0
    while (at + RecordBatch.headerSizeBytes <= length) {
      const size = RecordBatch.sizeInBytes(this.block, at)
      const left = end - this.position
      if (RecordBatch.magic(this.block, at) > RecordBatch.magicCurrent) return this.#finish(true)
      if (size < RecordBatch.headerSizeBytes || size > left) return this.#finish(true)
      if (whole && at + size > length) break
      if (!this.#visit(this.block, at, this.position)) return this.#finish(false)
      this.position += size
      at += size
    }
    this.#prepare(length, at)
  }

  /** Makes the block fit what comes next, or ends. */
  #prepare(length: number, at: number): void {
    const left = this.#range.end - this.position
    if (left < RecordBatch.headerSizeBytes) return this.#finish(left > 0)
    if (at > 0) {
      if (left < this.block.length) this.block = this.block.subarray(0, left)
      return
    }
    // Nothing was consumed: the batch is larger than the block, or the file shorter than it should be.
    if (length < this.block.length) return this.#finish(true)
    this.block = new Uint8Array(RecordBatch.sizeInBytes(this.block, 0))
  }
}

const asDiskError = (cause: unknown): DiskError => {
  if (cause instanceof DiskError) return cause
  throw cause
}

/**
 * Runs a walk on `file`: `near` reads without leaving the event loop.
 *
 * @since 0.1.0
 */
export const run = (
  file: File,
  near: boolean,
  range: Range,
  visit: Visit
): Effect.Effect<BatchScan, DiskError> =>
  Effect.suspend(() => {
    const scan = new BatchScan(range, visit)
    return near
      ? Effect.try({
        try: () => {
          while (!scan.done) scan.take(file.readUnsafe(scan.block, scan.position))
          return scan
        },
        catch: asDiskError
      })
      : Effect.as(
        Effect.whileLoop({
          while: () => !scan.done,
          body: () => file.read(scan.block, scan.position),
          step: (length) => scan.take(length)
        }),
        scan
      )
  })

/**
 * Gives memory for at least so many bytes.
 *
 * @since 0.1.0
 */
export type Allocate = (size: number) => Uint8Array

const allocateNew: Allocate = (size) => new Uint8Array(size)

/**
 * Reads `length` bytes at `position`, fewer at the end of the file: `near` without leaving the event loop.
 *
 * @since 0.1.0
 */
export const readBytes = (
  file: File,
  near: boolean,
  position: number,
  length: number,
  allocate: Allocate = allocateNew
): Effect.Effect<Uint8Array, DiskError> =>
  Effect.suspend(() => {
    const bytes = allocate(length).subarray(0, length)
    const taken = (count: number) => count === length ? bytes : bytes.subarray(0, count)
    return near
      ? Effect.try({ try: () => taken(file.readUnsafe(bytes, position)), catch: asDiskError })
      : Effect.map(file.read(bytes, position), taken)
  })
