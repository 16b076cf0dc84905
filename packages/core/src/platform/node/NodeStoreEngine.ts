/**
 * The `StoreEngine` port on LMDB: a memory-mapped B+ tree with copy-on-write pages.
 *
 * Keeps true: a batch is one transaction, and transactions reach the disk in their order.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Database, RootDatabase } from "lmdb"
import * as NodeFs from "node:fs"
import * as NodeModule from "node:module"
import * as NodePath from "node:path"
import { type StoreDatabase, StoreEngine, StoreEngineError, type StoreEntry, type StoreTable } from "../StoreEngine.ts"

/** Tables of one database. */
const tablesMax = 10_000

/** The longest key, in bytes: what LMDB can hold, less the byte that is put before each key because none may be empty. */
const keyMaxBytes = 1977

const keyStart = 0

const noBytes = new Uint8Array(0)

const reasonOf = (cause: unknown): StoreEngineError["reason"] => {
  const text = cause instanceof Error ? cause.message : String(cause)
  if (/ENOSPC|No space|MDB_MAP_FULL/.test(text)) return "NoSpace"
  if (/MDB_(CORRUPTED|INVALID|PAGE_NOTFOUND|VERSION_MISMATCH|PANIC)/.test(text)) return "Corrupt"
  if (/EAGAIN|EBUSY|Resource temporarily unavailable/.test(text)) return "Locked"
  return "Io"
}

const engineError = (directory: string) => (cause: unknown): StoreEngineError => {
  if (cause instanceof StoreEngineError) return cause
  const reason = reasonOf(cause)
  return new StoreEngineError({
    reason,
    directory,
    detail: `the database failed: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: reason === "Corrupt" ? "delete the directory: state comes back from the changelogs" : "look at the disk",
    cause
  })
}

/** LMDB takes some milliseconds and megabytes to load, so only those who open a database do. */
const lmdb = (): typeof import("lmdb") => NodeModule.createRequire(import.meta.url)("lmdb")

/** The same bytes, not as a `Buffer`, whose slices are views. */
const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)

class NodeStoreDatabase implements StoreDatabase {
  readonly #root: RootDatabase<Uint8Array, Uint8Array>
  readonly #directory: string
  readonly #tables = new Map<string, Database<Uint8Array, Uint8Array>>()
  readonly #fail: (cause: unknown) => StoreEngineError

  constructor(root: RootDatabase<Uint8Array, Uint8Array>, directory: string) {
    this.#root = root
    this.#directory = directory
    this.#fail = engineError(directory)
  }

  readonly tableUnsafe = (name: string): StoreTable => {
    const table = this.#open(name)
    return {
      name,
      getUnsafe: (key) => {
        const value = this.#read(() => table.getBinary(this.#keyOf(key)))
        return value === undefined ? undefined : plain(value)
      },
      rangeUnsafe: (from, to, reverse = false) => this.#range(table, from, to, reverse),
      sizeUnsafe: () => this.#read(() => (table.getStats() as { readonly entryCount: number }).entryCount)
    }
  }

  readonly write: StoreDatabase["write"] = (batch) =>
    Effect.try({
      try: () => {
        const opened = batch.map((writes) => ({ ...writes, database: this.#open(writes.table) }))
        this.#root.transactionSync(() => {
          for (const { clear, database, entries } of opened) {
            if (clear) database.clearSync()
            for (const [key, value] of entries) {
              if (value === null) database.removeSync(this.#keyOf(key))
              else database.putSync(this.#keyOf(key), value)
            }
          }
        })
      },
      catch: this.#fail
    })

  #open(name: string): Database<Uint8Array, Uint8Array> {
    const known = this.#tables.get(name)
    if (known !== undefined) return known
    const table = this.#read(() => this.#root.openDB<Uint8Array, Uint8Array>(name, options))
    this.#tables.set(name, table)
    return table
  }

  #read<A>(read: () => A): A {
    try {
      return read()
    } catch (cause) {
      throw this.#fail(cause)
    }
  }

  #keyOf(key: Uint8Array): Buffer {
    if (key.length > keyMaxBytes) {
      throw new StoreEngineError({
        reason: "KeyTooLarge",
        directory: this.#directory,
        detail: `a key of ${key.length} bytes is longer than ${keyMaxBytes}`,
        hint: "use shorter keys, or keep this store in memory"
      })
    }
    const bytes = Buffer.allocUnsafe(key.length + 1)
    bytes[0] = keyStart
    bytes.set(key, 1)
    return bytes
  }

  *#range(
    table: Database<Uint8Array, Uint8Array>,
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
    reverse: boolean
  ): Generator<StoreEntry> {
    // going back, LMDB leaves out its first key unless it is told to go there
    const lowest = from === undefined && reverse ? noBytes : from
    const [start, end] = reverse ? [to, lowest] : [lowest, to]
    const range = this.#read(() =>
      table.getRange({
        ...(start === undefined ? {} : { start: this.#keyOf(start) }),
        ...(end === undefined ? {} : { end: this.#keyOf(end), inclusiveEnd: true }),
        reverse
      })
    )
    for (const { key, value } of range) yield [plain(key.subarray(1)), plain(value)]
  }
}

const options = { encoding: "binary", keyEncoding: "binary" } as const

const open = (directory: string): StoreDatabase & { readonly close: () => Promise<void> } => {
  NodeFs.mkdirSync(directory, { recursive: true })
  const path = NodePath.join(directory, "data.mdb")
  const root = lmdb().open<Uint8Array, Uint8Array>({ path, maxDbs: tablesMax, noSubdir: true, ...options })
  const database = new NodeStoreDatabase(root, directory)
  return { tableUnsafe: database.tableUnsafe, write: database.write, close: () => root.close() }
}

/**
 * The engine of this machine.
 *
 * @since 0.1.0
 */
export const layer: Layer.Layer<StoreEngine> = Layer.succeed(StoreEngine, {
  open: (directory) =>
    Effect.acquireRelease(
      Effect.try({ try: () => open(directory), catch: engineError(directory) }),
      (database) => Effect.promise(database.close)
    )
})
