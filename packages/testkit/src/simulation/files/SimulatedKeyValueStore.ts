/**
 * Effect's `KeyValueStore` in a simulated process: values on the disk of its machine, each in a file of its own.
 *
 * Keeps true: what was set is there after any crash, whole; what was not yet set, for sure or not, is the old value or the
 * new one. `KeyValueStore.layerFileSystem`, in its place, promises neither.
 * Leaves to others: what goes wrong, and when (`SimulatedDisk`).
 *
 * @since 0.1.0
 */
import { Disk, readFile, writeFileAtomic } from "@millrace/core/platform/Disk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import * as Semaphore from "effect/Semaphore"

const directory = "key-value-store"

/** Any text makes a name, in which no dot is: that of a file that is being written has one. */
const fileOf = (key: string): string => `${directory}/${encodeURIComponent(JSON.stringify(key)).replaceAll(".", "%2E")}`

const keyOf = (name: string): string => JSON.parse(decodeURIComponent(name)) as string

const isKey = (name: string): boolean => !name.includes(".")

/**
 * The store of the processes on a machine with this disk.
 *
 * @since 0.1.0
 */
export const make = (disk: Disk["Service"]): KeyValueStore.KeyValueStore => {
  const writing = Semaphore.makeUnsafe(1)
  const attempt = <A>(method: string, key: string | undefined, use: Effect.Effect<A, unknown, Disk>) =>
    Effect.provideService(use, Disk, disk).pipe(
      Effect.mapError((cause) =>
        new KeyValueStore.KeyValueStoreError({
          method,
          message: `the store failed to ${method}`,
          cause,
          ...(key !== undefined && { key })
        })
      )
    )

  const get = (method: string, key: string) =>
    attempt(
      method,
      key,
      Effect.flatMap(disk.stat(fileOf(key)), (entry) => Option.isNone(entry) ? Effect.undefined : readFile(fileOf(key)))
    )

  const names = Effect.gen(function*() {
    yield* disk.makeDirectory(directory)
    return (yield* disk.list(directory)).filter(isKey)
  })

  return KeyValueStore.make({
    get: (key) => Effect.map(get("get", key), (bytes) => bytes && new TextDecoder().decode(bytes)),
    getUint8Array: (key) => get("getUint8Array", key),
    set: (key, value) =>
      writing.withPermit(attempt(
        "set",
        key,
        Effect.gen(function*() {
          yield* disk.makeDirectory(directory)
          yield* disk.syncDirectory(".")
          yield* writeFileAtomic(fileOf(key), typeof value === "string" ? new TextEncoder().encode(value) : value)
        })
      )),
    remove: (key) =>
      writing.withPermit(attempt(
        "remove",
        key,
        Effect.gen(function*() {
          if (Option.isNone(yield* disk.stat(fileOf(key)))) return
          yield* disk.remove(fileOf(key))
          yield* disk.syncDirectory(directory)
        })
      )),
    clear: writing.withPermit(attempt(
      "clear",
      undefined,
      Effect.gen(function*() {
        for (const name of yield* names) yield* disk.remove(`${directory}/${name}`)
        yield* disk.syncDirectory(directory)
      })
    )),
    size: attempt("size", undefined, Effect.map(names, (all) => all.length)),
    keys: attempt("keys", undefined, Effect.map(names, (all) => all.map(keyOf)))
  })
}
