/**
 * What a topology does to its records: each kind of processor as data, with what it takes and what it gives.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { Erased } from "../serde/Erased.ts"
import type * as Suppressed from "./Suppressed.ts"
import type { SessionWindows } from "./SessionWindows.ts"
import type { SlidingWindows } from "./SlidingWindows.ts"
import type { TimeWindows } from "./TimeWindows.ts"
import type { UnlimitedWindows } from "./UnlimitedWindows.ts"

/**
 * What flows where a table flows: a key's new value (null: deleted), and its old one where a node below needs it.
 *
 * @since 0.1.0
 */
export interface Change<out V> {
  readonly newValue: V | null
  readonly oldValue: V | null
  /** False only below versioned stores, for an update that is older than what the store holds. */
  readonly isLatest: boolean
}

/**
 * All kinds of processors. User functions are held as they were given; a function that takes `(value, key)` or
 * `(key, value)` says so by its type.
 *
 * @since 0.1.0
 */
export type Processor =
  | Filter
  | NullKeyFilter
  | Map
  | SelectKey
  | MapValues
  | FlatMap
  | FlatMapValues
  | Peek
  | ForEach
  | PassThrough
  | Branch
  | FilterEffect
  | MapValuesEffect
  | StreamAggregate
  | StreamReduce
  | WindowedAggregate
  | SlidingAggregate
  | SessionAggregate
  | TableSource
  | TableFilter
  | TableMapValues
  | TableToStream
  | TableGroupBy
  | TableAggregate
  | TableReduce
  | TableSuppress
  | StreamTableJoin
  | TableJoin
  | TableJoinMerge

/**
 * record → record: forwards what satisfies the predicate (`negate`: what does not).
 *
 * @since 0.1.0
 */
export interface Filter {
  readonly _tag: "Filter"
  readonly predicate: (value: Erased, key: Erased) => boolean
  readonly negate: boolean
}

/**
 * record → record: drops null keys before a repartition. `relaxed`: it stands before a left or outer join, and lets all
 * pass (kafka-surprises 27). Drops are not counted as dropped records.
 *
 * @since 0.1.0
 */
export interface NullKeyFilter {
  readonly _tag: "NullKeyFilter"
  readonly relaxed: boolean
}

/**
 * record → record: a new key and value.
 *
 * @since 0.1.0
 */
export interface Map {
  readonly _tag: "Map"
  readonly f: (key: Erased, value: Erased) => readonly [Erased, Erased]
}

/**
 * record → record: a new key.
 *
 * @since 0.1.0
 */
export interface SelectKey {
  readonly _tag: "SelectKey"
  readonly f: (key: Erased, value: Erased) => Erased
}

/**
 * record → record: a new value.
 *
 * @since 0.1.0
 */
export interface MapValues {
  readonly _tag: "MapValues"
  readonly f: (value: Erased, key: Erased) => Erased
}

/**
 * record → any number of records.
 *
 * @since 0.1.0
 */
export interface FlatMap {
  readonly _tag: "FlatMap"
  readonly f: (key: Erased, value: Erased) => Iterable<readonly [Erased, Erased]>
}

/**
 * record → any number of records with its key.
 *
 * @since 0.1.0
 */
export interface FlatMapValues {
  readonly _tag: "FlatMapValues"
  readonly f: (value: Erased, key: Erased) => Iterable<Erased>
}

/**
 * record → the same record, after `f` has seen it.
 *
 * @since 0.1.0
 */
export interface Peek {
  readonly _tag: "Peek"
  readonly f: (value: Erased, key: Erased) => void
}

/**
 * record → nothing; `f` sees it.
 *
 * @since 0.1.0
 */
export interface ForEach {
  readonly _tag: "ForEach"
  readonly f: (value: Erased, key: Erased) => void
}

/**
 * record → the same record (a merge, a branch).
 *
 * @since 0.1.0
 */
export interface PassThrough {
  readonly _tag: "PassThrough"
}

/**
 * record → the same record, to one child only: that of the first predicate that holds, else `otherwise`, else nowhere.
 *
 * @since 0.1.0
 */
export interface Branch {
  readonly _tag: "Branch"
  readonly branches: ReadonlyArray<
    { readonly predicate: (value: Erased, key: Erased) => boolean; readonly child: string }
  >
  readonly otherwise: string | undefined
}

/**
 * record → record: a filter whose answer is an effect. Results leave in input order; never two of one key at once.
 *
 * @since 0.1.0
 */
export interface FilterEffect {
  readonly _tag: "FilterEffect"
  readonly f: (value: Erased, key: Erased) => Effect.Effect<boolean, Erased, Erased>
}

/**
 * record → record: a new value, made by an effect. Results leave in input order; never two of one key at once.
 *
 * @since 0.1.0
 */
export interface MapValuesEffect {
  readonly _tag: "MapValuesEffect"
  readonly f: (value: Erased, key: Erased) => Effect.Effect<Erased, Erased, Erased>
}

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
 * record → Change: a stream becomes a table. A null key is dropped and counted; a null value deletes. With a store: old =
 * get, put (also out of order: offset order wins), forward; without: forward with `oldValue: null`. The timestamp is the
 * record's.
 *
 * @since 0.1.0
 */
export interface TableSource {
  readonly _tag: "TableSource"
  readonly store: string | undefined
  readonly sendOldValues: boolean
}

/**
 * Change → Change: each side is kept if the predicate holds (`negate`: does not), else null. With `sendOldValues` (whose
 * old value is that of the store if there is one, else the old side filtered) nothing is forwarded if both are null.
 *
 * @since 0.1.0
 */
export interface TableFilter {
  readonly _tag: "TableFilter"
  readonly predicate: (value: Erased, key: Erased) => boolean
  readonly negate: boolean
  readonly store: string | undefined
  readonly sendOldValues: boolean
}

/**
 * Change → Change: a new value for each side; null stays null, unasked. With a store the old value comes from it.
 *
 * @since 0.1.0
 */
export interface TableMapValues {
  readonly _tag: "TableMapValues"
  readonly f: (value: Erased, key: Erased) => Erased
  readonly store: string | undefined
  readonly sendOldValues: boolean
}

/**
 * Change → record: the new value (null: a tombstone).
 *
 * @since 0.1.0
 */
export interface TableToStream {
  readonly _tag: "TableToStream"
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

/**
 * Change → Change, held back (streams-semantics §6). `graceMs` is that of the windows above, for `WindowCloses`.
 *
 * @since 0.1.0
 */
export interface TableSuppress {
  readonly _tag: "TableSuppress"
  readonly store: string
  readonly suppressed: Suppressed.Any
  readonly graceMs: number | undefined
  readonly sendOldValues: boolean
}

/**
 * record → record: joined with the table's value at this moment. A null value is dropped and counted. Inner: so is a null
 * key; nothing for a key that the table lacks. Left: a null key, or a key that the table lacks, joins null. The timestamp
 * is the record's.
 *
 * @since 0.1.0
 */
export interface StreamTableJoin {
  readonly _tag: "StreamTableJoin"
  readonly table: TableView
  readonly join: (left: Erased, right: Erased, key: Erased) => Erased
  readonly left: boolean
}

/**
 * Which sides of a join a result needs: both, the left one, or any.
 *
 * @since 0.1.0
 */
export type JoinKind = "Inner" | "Left" | "Outer"

/**
 * Change → Change: one side of a join of two tables, joined with what the other table holds. A null key is dropped and
 * counted. Without a value of the other side nothing is forwarded, unless it `keepsOwn` and one side of the change is
 * there; a null side of the change gives null, unless it `keepsOther` and the other value is there. `flipped`: the change
 * is the right argument of `join`. The timestamp is the greater of both.
 *
 * @since 0.1.0
 */
export interface TableJoin {
  readonly _tag: "TableJoin"
  readonly other: TableView
  readonly join: (left: Erased, right: Erased, key: Erased) => Erased
  readonly flipped: boolean
  readonly keepsOwn: boolean
  readonly keepsOther: boolean
  readonly sendOldValues: boolean
}

/**
 * Change → Change: what both sides of a join of tables give, put into the store if there is one.
 *
 * @since 0.1.0
 */
export interface TableJoinMerge {
  readonly _tag: "TableJoinMerge"
  readonly store: string | undefined
  readonly sendOldValues: boolean
}

/**
 * How to look up a table's value by key, with its timestamp: in a store, or through the views of what has none.
 *
 * @since 0.1.0
 */
export type TableView =
  | { readonly _tag: "Store"; readonly store: string }
  | {
    readonly _tag: "Filter"
    readonly of: TableView
    readonly predicate: (value: Erased, key: Erased) => boolean
    readonly negate: boolean
  }
  | { readonly _tag: "MapValues"; readonly of: TableView; readonly f: (value: Erased, key: Erased) => Erased }
  | { readonly _tag: "Suppress"; readonly of: TableView; readonly store: string }
  | {
    readonly _tag: "Join"
    readonly left: TableView
    readonly right: TableView
    readonly kind: JoinKind
    readonly join: (left: Erased, right: Erased, key: Erased) => Erased
  }
