/**
 * Kafka's small text files: a version, a count, then one line per entry.
 *
 * Keeps true: a file is replaced as a whole, durably; a missing one reads as empty.
 *
 * @since 0.1.0
 */
import type { DiskError } from "@millrace/core/platform/Disk"
import { Disk, readFile, writeFileAtomic } from "@millrace/core/platform/Disk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { corruptFile, type StorageError } from "./StorageError.ts"

const version = 0

/**
 * The text of a checkpoint with these lines.
 *
 * @since 0.1.0
 */
export const format = (lines: ReadonlyArray<string>): string => [version, lines.length, ...lines, ""].join("\n")

/**
 * The lines of a checkpoint.
 *
 * @since 0.1.0
 */
export const parse = (path: string, text: string): Result.Result<ReadonlyArray<string>, StorageError> => {
  if (text.trim() === "") return Result.succeed([])
  const [first, second, ...rest] = text.split("\n").map((line) => line.trim()).filter((line) => line !== "")
  if (Number(first) !== version) return Result.fail(corruptFile(path, `unknown version ${first}`))
  if (Number(second) !== rest.length) {
    return Result.fail(corruptFile(path, `${second} entries announced, ${rest.length} found`))
  }
  return Result.succeed(rest)
}

/**
 * Reads a text file; undefined if there is none.
 *
 * @since 0.1.0
 */
export const readText = Effect.fnUntraced(function*(path: string) {
  const disk = yield* Disk
  if (Option.isNone(yield* disk.stat(path))) return undefined
  return new TextDecoder().decode(yield* readFile(path))
})

/**
 * Replaces a text file, durably.
 *
 * @since 0.1.0
 */
export const writeText = (path: string, text: string): Effect.Effect<void, DiskError, Disk> =>
  writeFileAtomic(path, new TextEncoder().encode(text))

/**
 * Reads the lines of a checkpoint.
 *
 * @since 0.1.0
 */
export const readLines = Effect.fnUntraced(function*(path: string) {
  const text = yield* readText(path)
  return text === undefined ? [] : yield* Effect.fromResult(parse(path, text))
})

/**
 * The name of a partition's directory, and its key in a checkpoint of offsets.
 *
 * @since 0.1.0
 */
export const partitionName = (topic: string, partition: number): string => `${topic}-${partition}`

/**
 * Reads a checkpoint of offsets: offsets by `partitionName`.
 *
 * @since 0.1.0
 */
export const readOffsets = Effect.fnUntraced(function*(path: string) {
  const offsets = new Map<string, number>()
  for (const line of yield* readLines(path)) {
    const [topic, partition, offset] = line.split(/\s+/)
    if (topic === undefined || !/^\d+$/.test(partition ?? "") || !/^\d+$/.test(offset ?? "")) {
      return yield* corruptFile(path, `unreadable line: ${line}`)
    }
    offsets.set(partitionName(topic, Number(partition)), Number(offset))
  }
  return offsets
})

/**
 * An offset of a partition, as a line of a checkpoint.
 *
 * @since 0.1.0
 */
export interface PartitionOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/**
 * The text of a checkpoint of offsets.
 *
 * @since 0.1.0
 */
export const formatOffsets = (offsets: ReadonlyArray<PartitionOffset>): string =>
  format(offsets.map(({ topic, partition, offset }) => `${topic} ${partition} ${offset}`))
