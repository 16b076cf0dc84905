/**
 * Effect's `Path` in a simulated process, whose working directory is `/`: that of the process which runs the simulation may
 * be another on another machine.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"

const posix = Effect.runSync(Effect.provide(Path.Path, Path.layer))

/**
 * Paths of a simulated machine.
 *
 * @since 0.1.0
 */
export const path: Path.Path = Path.make({ ...posix, resolve: (...segments) => posix.resolve("/", ...segments) })

/**
 * A path as the disk has it: without what leads nowhere, and relative to the root, which is `.`.
 *
 * @since 0.1.0
 */
export const onDisk = (text: string): string => path.resolve(text).slice(1) || "."
