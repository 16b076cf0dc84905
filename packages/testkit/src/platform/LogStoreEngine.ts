/**
 * The `StoreEngine` port on the `Disk` port: what takes the place of a native database where the disk is simulated.
 *
 * A database is a log of batches, each with a checksum, and maps in memory that are its fold. When most of the log is about
 * what is gone, it is written anew beside the old one, which it then replaces.
 *
 * Keeps true: a batch that is not there whole is not there at all, nor is any after it.
 *
 * @since 0.1.0
 */
import { BytesMap } from "@millrace/client/streams/engine/stores/BytesMap"
import { crc32c } from "@millrace/core/hash/Crc32c"
import { Disk, DiskError, type File, parentOf } from "@millrace/core/platform/Disk"
import {
  type StoreDatabase,
  StoreEngine,
  StoreEngineError,
  type StoreEntry,
  type StoreTable,
  type TableWrites
} from "@millrace/core/platform/StoreEngine"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Semaphore from "effect/Semaphore"

const logName = "store.log"
const newName = "store.new"
/** Length and checksum of a batch. */
const frameHeaderBytes = 8
/** A log is written anew when it is larger than this, and twice as large as what it holds. */
const compactionMinBytes = 64 * 1024

type Table = BytesMap<Uint8Array>

const engineError = (directory: string) => (cause: unknown): StoreEngineError =>
  new StoreEngineError({
    reason: cause instanceof DiskError && (cause.reason === "Locked" || cause.reason === "NoSpace")
      ? cause.reason
      : "Io",
    directory,
    detail: cause instanceof Error ? cause.message : String(cause),
    hint: "look at the disk",
    cause
  })

/** A batch as bytes: for each table its name, whether it is cleared, and its entries; lengths before all, -1 for null. */
const encode = (batch: ReadonlyArray<TableWrites>): Uint8Array => {
  const parts: Array<Uint8Array> = []
  const number = (value: number) => {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setInt32(0, value)
    parts.push(bytes)
  }
  const bytes = (value: Uint8Array | null) => {
    number(value === null ? -1 : value.length)
    if (value !== null) parts.push(value)
  }
  for (const { clear, entries, table } of batch) {
    const all = [...entries]
    bytes(new TextEncoder().encode(table))
    number(clear ? 1 : 0)
    number(all.length)
    for (const [key, value] of all) {
      bytes(key)
      bytes(value)
    }
  }
  const body = concat(parts)
  const header = new Uint8Array(frameHeaderBytes)
  const view = new DataView(header.buffer)
  view.setUint32(0, body.length)
  view.setUint32(4, crc32c(body, 0, body.length))
  return concat([header, body])
}

const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** The other way. */
function* decode(body: Uint8Array): Generator<TableWrites> {
  const view = new DataView(body.buffer, body.byteOffset, body.length)
  let at = 0
  const number = () => view.getInt32((at += 4) - 4)
  const bytes = (): Uint8Array | null => {
    const length = number()
    return length < 0 ? null : body.slice(at, at += length)
  }
  while (at < body.length) {
    const table = new TextDecoder().decode(bytes()!)
    const clear = number() === 1
    const entries: Array<readonly [Uint8Array, Uint8Array | null]> = []
    for (let left = number(); left > 0; left--) entries.push([bytes()!, bytes()])
    yield { table, clear, entries }
  }
}

class LogStoreDatabase implements StoreDatabase {
  readonly #tables = new Map<string, Table>()
  readonly #directory: string
  readonly #disk: Disk["Service"]
  readonly #turns = Semaphore.makeUnsafe(1)
  #file: File
  #size = 0

  constructor(disk: Disk["Service"], directory: string, file: File) {
    this.#disk = disk
    this.#directory = directory
    this.#file = file
  }

  /** Folds the log, and cuts off what is not whole. */
  readonly load = Effect.gen({ self: this }, function*() {
    const bytes = new Uint8Array(yield* this.#file.size)
    yield* this.#file.read(bytes, 0)
    const view = new DataView(bytes.buffer)
    while (this.#size + frameHeaderBytes <= bytes.length) {
      const start = this.#size + frameHeaderBytes
      const end = start + view.getUint32(this.#size)
      if (end > bytes.length) break
      const body = bytes.subarray(start, end)
      if (crc32c(body, 0, body.length) !== view.getUint32(this.#size + 4)) break
      for (const writes of decode(body)) this.#apply(writes)
      this.#size = end
    }
    if (this.#size < bytes.length) yield* this.#file.truncate(this.#size)
  })

  #apply({ clear, entries, table: name }: TableWrites): void {
    const table = this.#table(name)
    if (clear) table.clear()
    for (const [key, value] of entries) {
      if (value === null) table.delete(key)
      else table.set(key, value.slice())
    }
  }

  #table(name: string): Table {
    const known = this.#tables.get(name)
    if (known !== undefined) return known
    const table: Table = new BytesMap()
    this.#tables.set(name, table)
    return table
  }

  /** Writes the log anew if most of it is about what is gone. */
  *#compact() {
    if (this.#size < compactionMinBytes) return
    const whole = encode(
      [...this.#tables].map(([table, entries]) => ({
        table,
        clear: true,
        entries: entries.range(undefined, undefined)
      }))
    )
    if (this.#size < 2 * whole.length) return
    const [from, to] = [`${this.#directory}/${newName}`, `${this.#directory}/${logName}`]
    yield* this.#disk.remove(from)
    const file = yield* this.#disk.open(from, "create")
    yield* file.write([whole], 0)
    yield* file.sync
    yield* this.#disk.rename(from, to)
    yield* this.#disk.syncDirectory(this.#directory)
    yield* this.#file.close
    this.#file = file
    this.#size = whole.length
  }

  readonly tableUnsafe = (name: string): StoreTable => {
    const table = this.#table(name)
    return {
      name,
      getUnsafe: (key) => table.get(key)?.slice(),
      rangeUnsafe: (from, to, reverse) =>
        Array.from(table.range(from, to, reverse), ([key, value]): StoreEntry => [key.slice(), value.slice()]),
      sizeUnsafe: () => table.size
    }
  }

  readonly write: StoreDatabase["write"] = (batch) =>
    Effect.gen({ self: this }, function*() {
      const frame = encode(batch)
      yield* this.#file.write([frame], this.#size)
      yield* this.#file.sync
      this.#size += frame.length
      for (const writes of decode(frame.subarray(frameHeaderBytes))) this.#apply(writes)
      yield* this.#compact()
    }).pipe(this.#turns.withPermits(1), Effect.mapError(engineError(this.#directory)))

  readonly close = Effect.suspend(() => this.#file.close)
}

const open = Effect.fnUntraced(function*(disk: Disk["Service"], directory: string) {
  yield* disk.makeDirectory(directory)
  yield* disk.syncDirectory(parentOf(directory))
  yield* disk.lock(`${directory}/lock`)
  const path = `${directory}/${logName}`
  const isNew = Option.isNone(yield* disk.stat(path))
  const file = yield* disk.open(path, "write")
  if (isNew) yield* disk.syncDirectory(directory)
  const database = new LogStoreDatabase(disk, directory, file)
  yield* Effect.addFinalizer(() => database.close)
  yield* database.load
  return database
})

/**
 * The engine on a disk.
 *
 * @since 0.1.0
 */
export const make = (disk: Disk["Service"]): StoreEngine["Service"] => ({
  open: (directory) => Effect.mapError(open(disk, directory), engineError(directory))
})

/**
 * The engine on the process's disk.
 *
 * @since 0.1.0
 */
export const layer: Layer.Layer<StoreEngine, never, Disk> = Layer.effect(StoreEngine, Effect.map(Disk, make))
