/**
 * The `Disk` port: files with positional reads and writes, and the syncs that durability is made of.
 *
 * Keeps true: a write is visible to later reads at once, but survives a crash of the machine only after
 * `File.sync` (contents) and `syncDirectory` (names) have succeeded. A failed sync means that the
 * unsynced bytes may be gone: it is never retried by the port.
 * Leaves to others: formats, caching, which path belongs to whom.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"

/**
 * What went wrong at the disk: `reason` says what a caller can do about it.
 *
 * @since 0.1.0
 */
export class DiskError extends Data.TaggedError("DiskError")<{
  readonly reason: "NotFound" | "AlreadyExists" | "NoSpace" | "Locked" | "Closed" | "Io"
  readonly operation: string
  readonly path: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `disk ${this.operation} failed: ${this.reason} (${this.path})`
  }
}

/**
 * An open file. Positions and sizes are in bytes. Reads are safe beside writes; writers take turns.
 *
 * @since 0.1.0
 */
export interface File {
  readonly path: string
  /**
   * Reads at `position` into `target` without leaving the event loop, for small reads near the tail.
   * Returns the bytes read, fewer than asked only at the end of the file; throws `DiskError`.
   */
  readonly readUnsafe: (target: Uint8Array, position: number) => number
  /** Reads at `position` into `target`, off the event loop. Fewer bytes than asked only at the end of the file. */
  readonly read: (target: Uint8Array, position: number) => Effect.Effect<number, DiskError>
  /** Writes all chunks, one after the other, from `position` on. */
  readonly write: (chunks: ReadonlyArray<Uint8Array>, position: number) => Effect.Effect<void, DiskError>
  /** Makes the contents durable (fdatasync). */
  readonly sync: Effect.Effect<void, DiskError>
  /** Cuts or extends (with zeros) to `size` bytes. */
  readonly truncate: (size: number) => Effect.Effect<void, DiskError>
  readonly size: Effect.Effect<number, DiskError>
  /** Closes the file; closing twice does nothing. */
  readonly close: Effect.Effect<void>
}

/**
 * What a path holds. `modifiedMs` is milliseconds since the epoch.
 *
 * @since 0.1.0
 */
export interface Entry {
  readonly kind: "file" | "directory"
  readonly size: number
  readonly modifiedMs: number
}

/**
 * How to open: `read` needs the file, `write` makes it if it is missing, `create` fails if it is there.
 *
 * @since 0.1.0
 */
export type OpenMode = "read" | "write" | "create"

/**
 * The disk of one process. Paths are absolute or relative to what the implementation calls its root, with `/`.
 *
 * @since 0.1.0
 */
export class Disk extends Context.Service<Disk, {
  readonly open: (path: string, mode: OpenMode) => Effect.Effect<File, DiskError>
  /** Names (not paths) in a directory, sorted. */
  readonly list: (directory: string) => Effect.Effect<ReadonlyArray<string>, DiskError>
  readonly stat: (path: string) => Effect.Effect<Option.Option<Entry>, DiskError>
  /** Makes the directory and its parents; does nothing if it is there. */
  readonly makeDirectory: (path: string) => Effect.Effect<void, DiskError>
  /** Removes a file, or a directory with all that is in it; does nothing if it is missing. */
  readonly remove: (path: string) => Effect.Effect<void, DiskError>
  /** Renames atomically, replacing a file that is there. */
  readonly rename: (from: string, to: string) => Effect.Effect<void, DiskError>
  /** Makes the names in a directory durable. */
  readonly syncDirectory: (path: string) => Effect.Effect<void, DiskError>
  /** Holds `path` for this process until the scope ends; `Locked` if another living process holds it. */
  readonly lock: (path: string) => Effect.Effect<void, DiskError, Scope.Scope>
}>()("@millrace/core/platform/Disk") {}

/**
 * The parent of a path, and the path's parts joined.
 *
 * @since 0.1.0
 */
export const parentOf = (path: string): string => {
  const slash = path.lastIndexOf("/")
  return slash < 0 ? "." : slash === 0 ? "/" : path.slice(0, slash)
}

/**
 * Reads a whole file.
 *
 * @since 0.1.0
 */
export const readFile = Effect.fnUntraced(function*(path: string) {
  const disk = yield* Disk
  return yield* Effect.acquireUseRelease(
    disk.open(path, "read"),
    Effect.fnUntraced(function*(file) {
      const bytes = new Uint8Array(yield* file.size)
      const length = yield* file.read(bytes, 0)
      return length === bytes.length ? bytes : bytes.subarray(0, length)
    }),
    (file) => file.close
  )
})

/**
 * Replaces a file as a whole: after a crash it holds either the old bytes or the new ones.
 *
 * @since 0.1.0
 */
export const writeFileAtomic = Effect.fnUntraced(function*(path: string, bytes: Uint8Array) {
  const disk = yield* Disk
  const temporary = `${path}.tmp`
  yield* disk.remove(temporary)
  yield* Effect.acquireUseRelease(
    disk.open(temporary, "create"),
    (file) => Effect.andThen(file.write([bytes], 0), file.sync),
    (file) => file.close
  )
  yield* disk.rename(temporary, path)
  yield* disk.syncDirectory(parentOf(path))
})
