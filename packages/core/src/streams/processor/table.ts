/**
 * Processors of tables, and how tables are looked up.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../serde/Erased.ts"
import type { ValueTransformerSupplier } from "../ProcessorSupplier.ts"
import type * as Suppressed from "../Suppressed.ts"

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
 * record → Change: a stream becomes a table. A null key is dropped and counted; a null value deletes. With a store: old =
 * get, put (also out of order: offset order wins), forward; without: forward with `oldValue: null`. The timestamp is the
 * record's. A versioned store takes an update where its timestamp says; what it refuses is counted and not forwarded.
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
 * old value is that of the store if there is one, else the old side filtered) nothing is forwarded if both are null, unless
 * it `isVersioned`: below a versioned table a deletion more may be one of the past.
 *
 * @since 0.1.0
 */
export interface TableFilter {
  readonly _tag: "TableFilter"
  readonly predicate: (value: Erased, key: Erased) => boolean
  readonly negate: boolean
  readonly store: string | undefined
  readonly sendOldValues: boolean
  readonly isVersioned: boolean
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
  | {
    readonly _tag: "TransformValues"
    readonly of: TableView
    readonly processor: string
    readonly supplier: ValueTransformerSupplier<Erased, Erased, Erased, Erased>
  }
  | { readonly _tag: "Suppress"; readonly of: TableView; readonly store: string }
  | {
    readonly _tag: "Join"
    readonly left: TableView
    readonly right: TableView
    readonly kind: JoinKind
    readonly join: (left: Erased, right: Erased, key: Erased) => Erased
  }

/**
 * Which sides of a join a result needs: both, the left one, or any.
 *
 * @since 0.1.0
 */
export type JoinKind = "Inner" | "Left" | "Outer"
