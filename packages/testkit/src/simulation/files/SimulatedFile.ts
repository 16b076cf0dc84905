/**
 * An open file of Effect's `FileSystem` on a simulated disk: the file with a cursor.
 *
 * Keeps true: in append mode each write goes to the end, whoever else appends to it in this process.
 *
 * @since 0.1.0
 */
import type { Disk, File } from "@millrace/core/platform/Disk"
import * as ByteSize from "effect/ByteSize"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import type * as Semaphore from "effect/Semaphore"
import { failed, mapped, refused } from "./FileErrors.ts"

/**
 * How a file is open.
 *
 * @since 0.1.0
 */
export interface Access {
  readonly reads: boolean
  readonly writes: boolean
  readonly appends: boolean
}

/**
 * What is known of a file or directory: no times, and of permissions what everybody has.
 *
 * @since 0.1.0
 */
export const infoOf = (kind: "file" | "directory", sizeBytes: number): FileSystem.File.Info => ({
  type: kind === "file" ? "File" : "Directory",
  mtime: Option.none(),
  atime: Option.none(),
  birthtime: Option.none(),
  dev: 0n,
  ino: Option.none(),
  mode: kind === "file" ? 0o644 : 0o755,
  nlink: Option.none(),
  uid: Option.none(),
  gid: Option.none(),
  rdev: Option.none(),
  size: ByteSize.bytes(sizeBytes),
  blksize: Option.none(),
  blocks: Option.none()
})

/**
 * A file that is open. `appending` is held by who appends to any file.
 *
 * @since 0.1.0
 */
export const make = (file: File, access: Access, appending: Semaphore.Semaphore): FileSystem.File => {
  let cursor = 0
  const { path } = file
  const ifOpenFor = <A>(
    method: string,
    allowed: boolean,
    effect: Effect.Effect<A, PlatformError>
  ): Effect.Effect<A, PlatformError> =>
    allowed ? effect : Effect.fail(failed(method, path, "BadResource", "the file is not open for this"))

  const read = (buffer: Uint8Array, options?: FileSystem.File.ReadOptions) =>
    ifOpenFor(
      "read",
      access.reads,
      Effect.suspend(() => {
        const position = options?.position
        if (position !== undefined && position < 0n) return Effect.fail(refused("read", "a negative position"))
        const at = position === undefined ? cursor : Number(position)
        return Effect.map(mapped("read", path, file.read(buffer, at)), (length) => {
          if (position === undefined) cursor = at + length
          return length
        })
      })
    )

  const writeAt = (buffer: Uint8Array, position: number) => mapped("write", path, file.write([buffer], position))
  const append = (buffer: Uint8Array) =>
    appending.withPermit(Effect.flatMap(mapped("write", path, file.size), (end) => writeAt(buffer, end)))
  const writeAll = (buffer: Uint8Array) =>
    ifOpenFor(
      "write",
      access.writes,
      Effect.suspend(() =>
        access.appends
          ? append(buffer)
          : Effect.map(writeAt(buffer, cursor), () => {
            cursor += buffer.length
          })
      )
    )

  return {
    [FileSystem.FileTypeId]: FileSystem.FileTypeId,
    stat: Effect.map(mapped("stat", path, file.size), (size) => infoOf("file", size)),
    seek: (offset, from) =>
      Effect.suspend(() => {
        const next = Number(offset) + (from === "start" ? 0 : cursor)
        if (next < 0) return Effect.fail(refused("seek", "a place before the start of the file"))
        cursor = next
        return Effect.succeed(BigInt(next))
      }),
    sync: mapped("sync", path, file.sync),
    read,
    readAlloc: (size, options) =>
      Effect.suspend(() => {
        const buffer = new Uint8Array(size)
        return Effect.map(
          read(buffer, options),
          (length) => length === 0 ? Option.none() : Option.some(buffer.subarray(0, length))
        )
      }),
    truncate: (length = 0) =>
      ifOpenFor(
        "truncate",
        access.writes,
        Effect.map(mapped("truncate", path, file.truncate(length)), () => {
          if (!access.appends) cursor = Math.min(cursor, length)
        })
      ),
    write: (buffer) => Effect.as(writeAll(buffer), buffer.length),
    writeAll
  }
}

/**
 * A directory that is open: to make the names in it durable.
 *
 * @since 0.1.0
 */
export const ofDirectory = (disk: Disk["Service"], path: string): FileSystem.File => {
  const isDirectory = (method: string) => Effect.fail(failed(method, path, "BadResource", "it is a directory"))
  return {
    [FileSystem.FileTypeId]: FileSystem.FileTypeId,
    stat: Effect.succeed(infoOf("directory", 0)),
    seek: () => isDirectory("seek"),
    sync: mapped("sync", path, disk.syncDirectory(path)),
    read: () => isDirectory("read"),
    readAlloc: () => isDirectory("read"),
    truncate: () => isDirectory("truncate"),
    write: () => isDirectory("write"),
    writeAll: () => isDirectory("write")
  }
}
