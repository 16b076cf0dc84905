/**
 * The record cache of an instance: what stores hold back in memory until a commit, within a limit that they share.
 *
 * Keeps true, as Kafka: an entry that does not fit makes its own store give up the entries used longest ago; when one of
 * those was not passed on yet, all that the store has not passed on is, in the order in which it was last put.
 * Leaves to others: finding entries by key, and what passing on means (the caching stores).
 *
 * @since 0.1.0
 */
import { type Context, type Headers, noHeaders } from "../../Flow.ts"
import { equalBytes, ownBytes } from "../BytesMap.ts"
import type { CacheUse, StateStore, Stored } from "../StateStore.ts"

/** What gives up its entry that was used longest ago. */
interface Evictable {
  readonly evictOldest: () => void
}

/**
 * The limit that the stores of an instance share, and how much of it is used.
 *
 * @since 0.1.0
 */
export class RecordCache {
  /** May change; when it becomes less, `shrink` is to be called. */
  maxBytes: number
  sizeBytes = 0
  private readonly stores = new Set<Evictable>()

  /** At most `maxBytes` are held, reckoned as Kafka reckons them. */
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** Lets the stores give up entries in turns, those used longest ago, until the rest fits; whether any had to. */
  shrink(): boolean {
    if (this.sizeBytes <= this.maxBytes) return false
    let before = Number.POSITIVE_INFINITY
    while (this.sizeBytes > this.maxBytes && this.sizeBytes < before) {
      before = this.sizeBytes
      for (const store of this.stores) if (this.sizeBytes > this.maxBytes) store.evictOldest()
    }
    return true
  }

  /** Notes a store that begins to share the limit, or ends to. */
  join(store: Evictable): void {
    this.stores.add(store)
  }

  leave(store: Evictable): void {
    this.stores.delete(store)
  }

  /** A cache of that size; none (undefined) for 0. */
  static ofSize(maxBytes: number): RecordCache | undefined {
    return maxBytes > 0 ? new RecordCache(maxBytes) : undefined
  }
}

/** What Kafka adds to each entry: three references, a flag, timestamp, offset and partition. */
const overheadBytes = 24 + 1 + 8 + 8 + 4

/**
 * An entry. `value` null: the key is deleted. Where the record came from that made it is kept for those who get the change.
 *
 * @since 0.1.0
 */
export abstract class CacheEntry {
  value: Uint8Array | null = null
  /** That of the value, or of the deletion; milliseconds. */
  timestamp = -1
  headers: Headers = noHeaders
  topic = ""
  partition = -1
  offset = -1
  rawKey: Uint8Array | null = null
  rawValue: Uint8Array | null = null
  sizeBytes = 0
  newer: CacheEntry | undefined = undefined
  older: CacheEntry | undefined = undefined
  isDirty = false
  /** Those that were put next after it, and before it, and are dirty as well. */
  putAfter: CacheEntry | undefined = undefined
  putBefore: CacheEntry | undefined = undefined

  /** The size of the key in the cache. */
  abstract readonly keyBytes: number

  /** Whether it is in the cache, and has not left it. */
  get isHeld(): boolean {
    return this.sizeBytes > 0
  }
}

/**
 * The entry, if it holds a value; it changes with the next put of its place, as any stored value.
 *
 * @since 0.1.0
 */
export const shown = (entry: CacheEntry): Stored | undefined => entry.value === null ? undefined : entry as Stored

/** The bytes as an array that owns its memory: `held` if it is the same. */
const sharedBytes = (bytes: Uint8Array, held: Uint8Array | null): Uint8Array =>
  held !== null && equalBytes(bytes, held) ? held : ownBytes(bytes)

/**
 * What a caching store does for its part of the cache.
 *
 * @since 0.1.0
 */
export interface CacheOwner<E extends CacheEntry> {
  /** Writes an entry to the store below, and passes it on. */
  readonly pass: (entry: E) => void
  /** Forgets where an entry is. */
  readonly forget: (entry: E) => void
  /** What a value takes beside its own bytes: its timestamp, where it has one. */
  readonly valueOverheadBytes: number
}

/**
 * One store's part of the cache.
 *
 * @since 0.1.0
 */
export class StoreCache<E extends CacheEntry> implements CacheUse {
  private readonly cache: RecordCache
  private readonly owner: CacheOwner<E>
  private newest: CacheEntry | undefined = undefined
  private oldest: CacheEntry | undefined = undefined
  /** The ends of the list of those that were not passed on yet, in the order in which they were last put. */
  private firstPut: CacheEntry | undefined = undefined
  private lastPut: CacheEntry | undefined = undefined
  sizeBytes = 0
  onHit: ((ratio: number) => void) | undefined = undefined
  private hits = 0
  private misses = 0
  /** How much of it the shared cache knows of. */
  private countedBytes = 0

  constructor(cache: RecordCache, owner: CacheOwner<E>) {
    this.cache = cache
    this.owner = owner
    cache.join(this)
  }

  /** Notes that an entry was read. */
  hit(entry: E): void {
    this.touch(entry)
    this.noteHit()
  }

  /** Entries as a scan comes to them, which uses them. */
  *scanned(entries: Iterable<E>): Generator<E> {
    for (const entry of entries) {
      if (entry.isHeld) this.hit(entry)
      else this.miss()
      yield entry
    }
  }

  /** Notes that there was no entry to read. */
  miss(): void {
    this.misses++
  }

  private noteHit(): void {
    this.hits++
    this.onHit?.(this.hits / (this.hits + this.misses))
  }

  private touch(entry: E): void {
    if (this.newest === entry) return
    this.unlink(entry)
    this.link(entry)
  }

  /** Takes in a value that the store below has as well; may make others leave. */
  read(entry: E, value: Uint8Array, timestamp: number): void {
    entry.value = value
    entry.timestamp = timestamp
    this.link(entry)
    this.resize(entry)
    this.account()
    this.evict()
  }

  /** Sets an entry that is new (`isNew`) or here already; may make others leave. */
  write(
    entry: E,
    isNew: boolean,
    value: Uint8Array | null,
    timestamp: number,
    headers: Headers,
    context: Context
  ): void {
    entry.value = value === null ? null : ownBytes(value)
    entry.timestamp = timestamp
    entry.headers = headers
    entry.topic = context.topic
    entry.partition = context.partition
    entry.offset = context.offset
    entry.rawKey = context.rawKey === null ? null : ownBytes(context.rawKey)
    entry.rawValue = context.rawValue === null ? null : sharedBytes(context.rawValue, entry.value)
    if (isNew) this.link(entry)
    else this.touch(entry)
    this.noteWritten(entry)
    this.resize(entry)
    this.account()
    this.evict()
  }

  /** Passes on what was not passed on yet. */
  flush(): void {
    if (this.firstPut === undefined) return
    this.passAll(undefined)
    this.account()
  }

  /** Whether something was not passed on yet. */
  get isDirty(): boolean {
    return this.firstPut !== undefined
  }

  /** What the store that is cached does when `inner` below it does the same; `forget` forgets its entries. */
  lifecycle(inner: StateStore, forget: () => void): Pick<StateStore, "flush" | "wipe" | "close"> {
    const clear = () => {
      this.clear()
      forget()
    }
    return {
      flush: () => {
        this.flush()
        inner.flush()
      },
      wipe: () => {
        clear()
        inner.wipe()
      },
      close: () => {
        clear()
        this.cache.leave(this)
        inner.close()
      }
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.sizeBytes = 0
    this.account()
    this.newest = undefined
    this.oldest = undefined
    this.firstPut = undefined
    this.lastPut = undefined
  }

  /** As Kafka, only when all is done: what is evicted counts while it is passed on. */
  private account(): void {
    this.cache.sizeBytes += this.sizeBytes - this.countedBytes
    this.countedBytes = this.sizeBytes
  }

  private evict(): void {
    // if nothing is left here, another store holds the rest
    while (this.cache.sizeBytes > this.cache.maxBytes && this.oldest !== undefined) this.evictOldest()
  }

  /** Gives up the entry used longest ago, if there is one; what was not passed on yet is. */
  evictOldest(): void {
    const entry = this.oldest as E | undefined
    if (entry === undefined) return
    this.remove(entry)
    if (entry.isDirty) this.passAll(entry)
    this.account()
  }

  private passAll(evicted: E | undefined): void {
    const entries: Array<E> = []
    if (evicted !== undefined) {
      this.noteClean(evicted)
      entries.push(evicted)
    }
    while (this.firstPut !== undefined) {
      const entry = this.firstPut as E
      this.noteClean(entry)
      entries.push(entry)
      // as Kafka: what is flushed was found
      this.noteHit()
    }
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!
      this.owner.pass(entry)
      // only what is to be passed on needs the record that made it
      if (!entry.isDirty) {
        entry.rawKey = null
        entry.rawValue = null
      }
    }
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!
      if (entry.value === null && !entry.isDirty && entry.isHeld) this.remove(entry)
    }
  }

  private noteWritten(entry: E): void {
    if (entry.isDirty) this.noteClean(entry)
    entry.isDirty = true
    entry.putBefore = this.lastPut
    if (this.lastPut === undefined) this.firstPut = entry
    else this.lastPut.putAfter = entry
    this.lastPut = entry
  }

  private noteClean(entry: E): void {
    const { putAfter, putBefore } = entry
    if (putAfter === undefined) this.lastPut = putBefore
    else putAfter.putBefore = putBefore
    if (putBefore === undefined) this.firstPut = putAfter
    else putBefore.putAfter = putAfter
    entry.putAfter = undefined
    entry.putBefore = undefined
    entry.isDirty = false
  }

  private remove(entry: E): void {
    this.unlink(entry)
    this.sizeBytes -= entry.sizeBytes
    entry.sizeBytes = 0
    this.owner.forget(entry)
  }

  private resize(entry: E): void {
    const { value } = entry
    let sizeBytes = entry.keyBytes + overheadBytes + entry.topic.length
    if (value !== null) sizeBytes += value.length + this.owner.valueOverheadBytes
    for (let i = 0; i < entry.headers.length; i++) {
      const header = entry.headers[i]!
      sizeBytes += header.key.length + (header.value?.length ?? 0)
    }
    this.sizeBytes += sizeBytes - entry.sizeBytes
    entry.sizeBytes = sizeBytes
  }

  private link(entry: CacheEntry): void {
    entry.older = this.newest
    entry.newer = undefined
    if (this.newest === undefined) this.oldest = entry
    else this.newest.newer = entry
    this.newest = entry
  }

  private unlink(entry: CacheEntry): void {
    const { newer, older } = entry
    if (newer === undefined) this.newest = older
    else newer.older = older
    if (older === undefined) this.oldest = newer
    else older.newer = newer
    entry.newer = undefined
    entry.older = undefined
  }
}
