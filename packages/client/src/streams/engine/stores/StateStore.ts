/**
 * What a processor keeps between records: stores of bytes behind one interface, so that a store on disk can take the
 * place of one in memory, and the log that each change is written to.
 *
 * Keeps true: iteration is in the order of unsigned key bytes; a value and its timestamp change together; what is put is
 * logged under Kafka's changelog format (plain value, the timestamp in the record; a window's key is the key, its start
 * as int64 and a sequence number as int32).
 * Leaves to others: serdes (processors), which topic the log is (tasks), how long it is kept (topic configs).
 *
 * @since 0.1.0
 */
import type { Headers, Origin } from "../Flow.ts"

/**
 * A stored value, its timestamp (milliseconds) and headers, which only some stores are given. It belongs to the store: read it before the next put of its key.
 *
 * @since 0.1.0
 */
export interface Stored {
  readonly value: Uint8Array
  readonly timestamp: number
  readonly headers?: Headers | undefined
}

/**
 * Where changes are logged to; `value` null is a deletion.
 *
 * @since 0.1.0
 */
export interface ChangeLog {
  readonly append: (key: Uint8Array, value: Uint8Array | null, timestamp: number, headers?: Headers) => void
}

/**
 * How the cache of a store is used.
 *
 * @since 0.1.0
 */
export interface CacheUse {
  /** What all entries take. */
  readonly sizeBytes: number
  /** Is told the share of reads that the cache has answered, after each that it has; undefined: nobody asks. */
  onHit: ((ratio: number) => void) | undefined
}

/**
 * What all stores have. A restore replays the changelog in order and logs nothing.
 *
 * @since 0.1.0
 */
export interface StateStore {
  readonly name: string
  /** Applies one record of the changelog. */
  readonly restore: (key: Uint8Array, value: Uint8Array | null, timestamp: number, headers?: Headers) => void
  /** Writes out what is held back, and passes it on; nothing for stores that write through. */
  readonly flush: () => void
  /** Whether a cache holds something back. */
  readonly isDirty?: boolean
  /** The cache before the store, if there is one. */
  readonly cache?: CacheUse
  /** Forgets all contents. */
  readonly wipe: () => void
  readonly close: () => void
}

/**
 * What is put under a key.
 *
 * @since 0.1.0
 */
export interface Put {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
  readonly timestamp: number
  readonly headers: Headers
}

/**
 * Keys to values with timestamps.
 *
 * @since 0.1.0
 */
export interface KeyValueStore extends StateStore {
  readonly kind: "keyValue"
  readonly get: (key: Uint8Array) => Stored | undefined
  /** `get` for those who only look: it leaves a cache as it is. Undefined: `get` does. */
  readonly peek?: (key: Uint8Array) => Stored | undefined
  /** Takes over `value`; null deletes. `headers`: those of the record that it comes from. */
  readonly put: (key: Uint8Array, value: Uint8Array | null, timestamp: number, headers?: Headers) => void
  /** Puts several at once, where that is not the same as one after the other. */
  readonly putAll?: ((entries: ReadonlyArray<Put>) => void) | undefined
  /** Entries from `from` to `to`, both included; undefined is no bound. */
  readonly range: (
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
    reverse?: boolean
  ) => Iterable<readonly [Uint8Array, Stored]>
  readonly approximateNumEntries: number
}

/**
 * One entry of a window store.
 *
 * @since 0.1.0
 */
export interface WindowEntry {
  readonly key: Uint8Array
  readonly windowStart: number
  readonly stored: Stored
}

/**
 * Whose window it is, and when that starts.
 *
 * @since 0.1.0
 */
export type WindowPlace = Pick<WindowEntry, "key" | "windowStart">

/**
 * Keys and window starts to values with timestamps. What starts at or before (largest start put − retention) is gone.
 *
 * @since 0.1.0
 */
export interface WindowStore extends StateStore {
  readonly kind: "window"
  readonly get: (key: Uint8Array, windowStart: number) => Stored | undefined
  /**
   * Takes over `value`; null deletes. False if the window has expired and nothing was kept. `headers` are logged with it, where
   * the store is one of records.
   */
  readonly put: (
    key: Uint8Array,
    value: Uint8Array | null,
    windowStart: number,
    timestamp: number,
    headers?: Headers
  ) => boolean
  /** Windows of one key that start from `from` to `to`, both included, the earliest first (`reverse`: the latest). */
  readonly fetch: (key: Uint8Array, from: number, to: number, reverse?: boolean) => Iterable<WindowEntry>
  /**
   * Windows of the keys from `keyFrom` to `keyTo` (undefined: no bound) that start from `from` to `to`, all included, in the
   * order of the store. `after`: only those that follow a place, in the direction of reading, where windows have one value.
   */
  readonly fetchRange: (
    keyFrom: Uint8Array | undefined,
    keyTo: Uint8Array | undefined,
    from: number,
    to: number,
    reverse?: boolean,
    after?: WindowPlace
  ) => Iterable<WindowEntry>
  /** The order of the store; the windows of a key are in it by start. */
  readonly compare: (a: WindowPlace, b: WindowPlace) => number
}

/**
 * A value as it was from its timestamp until `validTo`; undefined: it is the latest.
 *
 * @since 0.1.0
 */
export interface VersionedRecord extends Stored {
  readonly validTo?: number
}

/**
 * What a put of what nothing follows gives (Kafka's `PUT_RETURN_CODE_VALID_TO_UNDEFINED`).
 *
 * @since 0.1.0
 */
export const validToUndefined = -1

/**
 * What a put gives that was refused, because it is older than the history that is retained (Java's `Long.MIN_VALUE`).
 *
 * @since 0.1.0
 */
export const notPut = -(2 ** 63)

/**
 * Keys to values by time.
 *
 * @since 0.1.0
 */
export interface VersionedStore extends StateStore {
  readonly kind: "versioned"
  /** The latest value, or the one that was valid at a time; nothing if the history of that time is not retained. */
  readonly get: (key: Uint8Array, asOf?: number) => VersionedRecord | undefined
  /** What the store has of a key, the oldest first. */
  readonly versions: (key: Uint8Array) => Iterable<VersionedRecord>
  /** Takes over `value`; null deletes. Until when it is valid, `validToUndefined`, or `notPut`. */
  readonly put: (key: Uint8Array, value: Uint8Array | null, timestamp: number) => number
  /** What the last put gave. */
  readonly lastPut: number
}

/**
 * A session and its value.
 *
 * @since 0.1.0
 */
export interface Session {
  readonly start: number
  readonly end: number
  readonly value: Uint8Array
  readonly headers?: Headers | undefined
}

/**
 * A session of a key.
 *
 * @since 0.1.0
 */
export interface SessionEntry {
  readonly key: Uint8Array
  readonly session: Session
}

/**
 * Whose session it is, from when to when.
 *
 * @since 0.1.0
 */
export interface SessionPlace {
  readonly key: Uint8Array
  readonly session: Pick<Session, "start" | "end">
}

/**
 * Keys and sessions to values.
 *
 * @since 0.1.0
 */
export interface SessionStore extends StateStore {
  readonly kind: "session"
  /** Sessions of a key that end at `earliestEnd` or later and start at `latestStart` or earlier, in the order of the store. */
  readonly find: (key: Uint8Array, earliestEnd: number, latestStart: number) => ReadonlyArray<Session>
  /** Takes over `value`; null deletes. False if the session has expired and nothing was kept. */
  readonly put: (
    key: Uint8Array,
    start: number,
    end: number,
    value: Uint8Array | null,
    timestamp: number,
    headers?: Headers
  ) => boolean
  /** Deletes as a put of null does; but in memory, no time goes on by it. */
  readonly remove: (key: Uint8Array, start: number, end: number, timestamp: number, headers?: Headers) => void
  /**
   * As `find`, for the keys from `keyFrom` to `keyTo` (both included; undefined: no bound), in the order of the store. `after`:
   * only those that follow a place. To be read before the store changes.
   */
  readonly findRange: (
    keyFrom: Uint8Array | undefined,
    keyTo: Uint8Array | undefined,
    earliestEnd: number,
    latestStart: number,
    after?: SessionPlace
  ) => Iterable<SessionEntry>
  /** The order of the store; the sessions of a key are in it by end. */
  readonly compare: (a: SessionPlace, b: SessionPlace) => number
  /** Sessions of all keys that end from `from` to `to`, both included, by end. */
  readonly endedBetween: (from: number, to: number) => ReadonlyArray<SessionEntry>
  /** The order of `endedBetween`. */
  readonly compareEnded: (a: SessionPlace, b: SessionPlace) => number
}

/**
 * A change that is held back. `prior` is the key's value before the first change that was, `source` the record that made
 * this one.
 *
 * @since 0.1.0
 */
export interface Held {
  readonly prior: Uint8Array | null
  readonly old: Uint8Array | null
  readonly newValue: Uint8Array | null
  /** The bytes of the source record are known only until a restart. */
  readonly source: Origin & { readonly timestamp: number; readonly headers: Headers }
}

/**
 * Changes that are held back, by the time of their first and then by key.
 *
 * @since 0.1.0
 */
export interface SuppressBuffer extends StateStore {
  readonly kind: "suppressBuffer"
  readonly count: number
  readonly sizeBytes: number
  /** The time of the first change; infinite if there is none. */
  readonly firstTime: number
  readonly get: (key: Uint8Array) => Held | undefined
  readonly put: (time: number, key: Uint8Array, held: Held) => void
  /** What would leave first; undefined if there is nothing. */
  readonly first: { readonly key: Uint8Array; readonly held: Held } | undefined
  readonly removeFirst: () => void
}

/**
 * A record of a stream that waits to be joined, and where it came from.
 *
 * @since 0.1.0
 */
export interface Buffered {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly source: Held["source"]
}

/**
 * Records that wait until what they are joined with is complete, by time, key and order of arrival.
 *
 * @since 0.1.0
 */
export interface JoinBuffer extends StateStore {
  readonly kind: "joinBuffer"
  readonly count: number
  /** False if the record is later than the grace: it is not kept. */
  readonly put: (key: Uint8Array, value: Uint8Array, source: Held["source"]) => boolean
  /** Gives each record that has waited for the grace to `join`, the oldest first, and forgets it. */
  readonly release: (join: (record: Buffered) => void) => void
}

/**
 * A store of any kind.
 *
 * @since 0.1.0
 */
export type AnyStore = KeyValueStore | VersionedStore | WindowStore | SessionStore | SuppressBuffer | JoinBuffer

/**
 * A log for stores that have none.
 *
 * @since 0.1.0
 */
export const noLog: ChangeLog = { append: () => {} }
