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
import {
  type StoreDatabase,
  StoreEngine,
  StoreEngineError,
  type StoreEntry,
  type StoreTable,
  type TableWrites
} from "../StoreEngine.ts"
import { headBytes, headOf, KeyBucket } from "./KeyBucket.ts"

/** Tables of one database. */
const tablesMax = 10_000

/** Put before each key, because LMDB's may not be empty. */
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

type Table = Database<Uint8Array, Uint8Array>

const keyOf = (key: Uint8Array): Buffer => {
  const bytes = Buffer.allocUnsafe(key.length + 1)
  bytes[0] = keyStart
  bytes.set(key, 1)
  return bytes
}

/** The key of the entry that has a key's value, or has it in its bucket. */
const placeOf = (key: Uint8Array): Buffer => keyOf(key.length < headBytes ? key : headOf(key))

const get = (table: Table, key: Uint8Array): Uint8Array | undefined => {
  const value = table.getBinary(keyOf(key))
  return value === undefined ? undefined : plain(value)
}

const bucketOf = (table: Table, key: Uint8Array): KeyBucket => {
  const head = headOf(key)
  return new KeyBucket(head, get(table, head))
}

const store = (table: Table, key: Uint8Array, value: Uint8Array | null): void => {
  if (value === null) table.removeSync(keyOf(key))
  else table.putSync(keyOf(key), value)
}

/** Puts entries, and each bucket once for all of its entries that follow each other. */
const storeAll = (table: Table, entries: TableWrites["entries"]): void => {
  let bucket: KeyBucket | undefined
  const closeBucket = () => {
    if (bucket !== undefined) store(table, bucket.head, bucket.encoded() ?? null)
  }
  for (const [key, value] of entries) {
    if (key.length < headBytes) {
      store(table, key, value)
      continue
    }
    if (bucket?.isOf(key) !== true) {
      closeBucket()
      bucket = bucketOf(table, key)
    }
    bucket.set(key, value)
  }
  closeBucket()
}

class NodeStoreDatabase implements StoreDatabase {
  readonly #root: RootDatabase<Uint8Array, Uint8Array>
  readonly #tables = new Map<string, Table>()
  readonly #fail: (cause: unknown) => StoreEngineError

  constructor(root: RootDatabase<Uint8Array, Uint8Array>, directory: string) {
    this.#root = root
    this.#fail = engineError(directory)
  }

  readonly tableUnsafe = (name: string): StoreTable => {
    const table = this.#open(name)
    return {
      name,
      getUnsafe: (key) => this.#read(() => key.length < headBytes ? get(table, key) : bucketOf(table, key).get(key)),
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
            storeAll(database, entries)
          }
        })
      },
      catch: this.#fail
    })

  #open(name: string): Table {
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

  *#range(
    table: Table,
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
    reverse: boolean
  ): Generator<StoreEntry> {
    // going back, LMDB leaves out its first key unless it is told to go there
    const lowest = from === undefined && reverse ? noBytes : from
    const [start, end] = reverse ? [to, lowest] : [lowest, to]
    const range = this.#read(() =>
      table.getRange({
        ...(start === undefined ? {} : { start: placeOf(start) }),
        ...(end === undefined ? {} : { end: placeOf(end), inclusiveEnd: true }),
        reverse
      })
    )
    for (const entry of range) {
      const [key, value] = [plain(entry.key.subarray(1)), plain(entry.value)]
      if (key.length < headBytes) yield [key, value]
      else yield* new KeyBucket(key, value).range(from, to, reverse)
    }
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
