/**
 * Errors of Effect's `FileSystem`, made of errors of a simulated disk.
 *
 * @since 0.1.0
 */
import { DiskError } from "@millrace/core/platform/Disk"
import * as Effect from "effect/Effect"
import * as PlatformError from "effect/PlatformError"

const module = "FileSystem"

/** As Effect's file systems name what went wrong. */
const tags: { readonly [Reason in DiskError["reason"]]: PlatformError.SystemErrorTag } = {
  NotFound: "NotFound",
  AlreadyExists: "AlreadyExists",
  NoSpace: "Unknown",
  Locked: "Busy",
  Closed: "BadResource",
  Io: "Unknown"
}

/**
 * The error of a call of `method` for `path`.
 *
 * @since 0.1.0
 */
export const failed = (
  method: string,
  path: string,
  _tag: PlatformError.SystemErrorTag,
  description: string
): PlatformError.PlatformError =>
  PlatformError.systemError({ module, method, _tag, description, pathOrDescriptor: path })

/**
 * The error of arguments that a simulated disk can't take.
 *
 * @since 0.1.0
 */
export const refused = (method: string, description: string): PlatformError.PlatformError =>
  PlatformError.badArgument({ module, method, description })

/**
 * Gives errors of the disk as errors of the file system.
 *
 * @since 0.1.0
 */
export const mapped = <A, R>(
  method: string,
  path: string,
  effect: Effect.Effect<A, PlatformError.PlatformError | DiskError, R>
): Effect.Effect<A, PlatformError.PlatformError, R> =>
  Effect.mapError(
    effect,
    (error) => error instanceof DiskError ? failed(method, path, tags[error.reason], error.message) : error
  )
