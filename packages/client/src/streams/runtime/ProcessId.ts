/**
 * The identity of a process in its state directory: kept there, so that a restarted app takes over from its predecessor at
 * once (its transactional id fences it), and the directory itself, which one process holds at a time.
 *
 * Keeps true: the id on disk is the id in use; it is written completely or not at all.
 * Leaves to others: what else is in the directory.
 *
 * @since 0.1.0
 */
import * as Disk from "@millrace/core/platform/Disk"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

const fileName = "process.id"
const pattern = /^[0-9a-f]{32}$/

const makeId = Effect.gen(function*() {
  let id = ""
  for (let i = 0; i < 4; i++) {
    const word = yield* Random.nextIntBetween(0, 0xffffffff)
    id += word.toString(16).padStart(8, "0")
  }
  return id
})

/**
 * Writes and returns a new id: what continues under it is another process to the cluster.
 *
 * @since 0.1.0
 */
export const renew = Effect.fnUntraced(function*(directory: string) {
  const id = yield* makeId
  yield* Disk.writeFileAtomic(`${directory}/${fileName}`, new TextEncoder().encode(id))
  return id
})

/**
 * Holds the directory until the scope ends; fails (`Locked`) if another process does.
 *
 * @since 0.1.0
 */
export const hold = Effect.fnUntraced(function*(directory: string) {
  const disk = yield* Disk.Disk
  yield* disk.makeDirectory(directory)
  yield* disk.lock(`${directory}/lock`)
})

/**
 * Holds the directory until the scope ends, and gives its id, a new one if it has none.
 *
 * @since 0.1.0
 */
export const open = Effect.fnUntraced(function*(directory: string) {
  yield* hold(directory)
  const bytes = yield* Disk.readFile(`${directory}/${fileName}`).pipe(
    Effect.catchTag(
      "DiskError",
      (error) => error.reason === "NotFound" ? Effect.succeed(undefined) : Effect.fail(error)
    )
  )
  const id = bytes === undefined ? "" : new TextDecoder().decode(bytes)
  return pattern.test(id) ? id : yield* renew(directory)
})
