/**
 * Processors that gather the values of a grouped stream or table.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../serde/Erased.ts"
import type { SessionWindows } from "../SessionWindows.ts"
import type { SlidingWindows } from "../SlidingWindows.ts"
import type { TimeWindows } from "../TimeWindows.ts"
import type { UnlimitedWindows } from "../UnlimitedWindows.ts"

/**
 * record → Change. A null key or value is dropped and counted. `aggregate = add(stored ?? initial(), value, key)`, stored
 * with (and forwarded at) the greater of the record's and the stored timestamp; null deletes. `store` is `KeyValue`.
 *
 * @since 0.1.0
 */
export interface StreamAggregate {
  readonly _tag: "StreamAggregate"
  readonly store: string
  readonly initial: () => Erased
  readonly add: (aggregate: Erased, value: Erased, key: Erased) => Erased
  readonly sendOldValues: boolean
}

/**
 * record → Change, as `StreamAggregate`; the first value of a key is its aggregate as it is.
 *
 * @since 0.1.0
 */
export interface StreamReduce {
  readonly _tag: "StreamReduce"
  readonly store: string
  readonly reduce: (aggregate: Erased, value: Erased) => Erased
  readonly sendOldValues: boolean
}

/**
 * record → Change keyed by `Windowed`. A null key is dropped and counted (a null value is not). The processor keeps its
 * own stream time (the greatest timestamp of a record with a key, updated first); each window that holds the timestamp
 * and whose end > stream time - grace takes the record, in order of start; the others count as dropped ("expired").
 * Per window as `StreamAggregate`, on a `Window` store, timestamp the greater of both. `OnWindowClose` emits nothing on
 * updates (streams-semantics §4).
 *
 * @since 0.1.0
 */
export interface WindowedAggregate {
  readonly _tag: "WindowedAggregate"
  readonly store: string
  readonly windows: TimeWindows | UnlimitedWindows
  readonly emit: "OnWindowUpdate" | "OnWindowClose"
  readonly initial: () => Erased
  readonly add: (aggregate: Erased, value: Erased, key: Erased) => Erased
  readonly sendOldValues: boolean
}

/**
 * record → Change keyed by `Windowed`. A null key or value is dropped and counted. Each record is in the window that ends
 * with it, in those of later records that reach back to it, and opens one right after each earlier record that it is near
 * enough to (streams-semantics §4). A window's stored timestamp is that of its last record.
 *
 * @since 0.1.0
 */
export interface SlidingAggregate {
  readonly _tag: "SlidingAggregate"
  readonly store: string
  readonly windows: SlidingWindows
  readonly emit: "OnWindowUpdate" | "OnWindowClose"
  readonly initial: () => Erased
  readonly add: (aggregate: Erased, value: Erased, key: Erased) => Erased
  readonly sendOldValues: boolean
}

/**
 * record → Change keyed by `Windowed`. A null key is dropped and counted. The record and all sessions of its key that are
 * at most the gap away become one session, unless it is closed (end < stream time - grace - gap: counted as dropped). The
 * sessions that it replaces are removed and forwarded as deletions first. `store` is `Session`; the timestamp is the
 * session's end.
 *
 * @since 0.1.0
 */
export interface SessionAggregate {
  readonly _tag: "SessionAggregate"
  readonly store: string
  readonly windows: SessionWindows
  readonly emit: "OnWindowUpdate" | "OnWindowClose"
  readonly initial: () => Erased
  readonly add: (aggregate: Erased, value: Erased, key: Erased) => Erased
  readonly merge: (first: Erased, second: Erased, key: Erased) => Erased
  readonly sendOldValues: boolean
}

/**
 * Change → record whose value is a Change, under a new key and value from `f` (not asked for a null side). If both sides
 * have one key: one record with both. Else first `(old key, Change(null, old))`, then `(new key, Change(new, null))`,
 * leaving out null sides and null keys. `f` on the old side needs the old value, so the parent has `sendOldValues`.
 *
 * @since 0.1.0
 */
export interface TableGroupBy {
  readonly _tag: "TableGroupBy"
  /** The sides travel apart even if both have one key. */
  readonly splits: boolean
  /** Below a versioned table: what is not the latest of its key is left out. */
  readonly isVersioned: boolean
  readonly f: (key: Erased, value: Erased) => readonly [Erased, Erased]
}

/**
 * record whose value is a Change → Change. A null key fails (Kafka throws). `aggregate` = stored; if old ≠ null and
 * stored ≠ null: `remove(aggregate, old, key)`; then if new ≠ null: `add(aggregate ?? initial(), new, key)` (initial only
 * when nothing was stored). Null deletes. Timestamp the greater of both.
 *
 * @since 0.1.0
 */
export interface TableAggregate {
  readonly _tag: "TableAggregate"
  readonly store: string
  readonly initial: () => Erased
  readonly add: (aggregate: Erased, value: Erased, key: Erased) => Erased
  readonly remove: (aggregate: Erased, value: Erased, key: Erased) => Erased
  readonly sendOldValues: boolean
}

/**
 * record whose value is a Change → Change, as `TableAggregate`; with nothing stored the new value is the aggregate.
 *
 * @since 0.1.0
 */
export interface TableReduce {
  readonly _tag: "TableReduce"
  readonly store: string
  readonly add: (aggregate: Erased, value: Erased) => Erased
  readonly remove: (aggregate: Erased, value: Erased) => Erased
  readonly sendOldValues: boolean
}
