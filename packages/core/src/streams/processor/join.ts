/**
 * Processors that join.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../serde/Erased.ts"
import type { JoinWindows } from "../JoinWindows.ts"
import type { TableView } from "./table.ts"

/**
 * record → record: joined with the table's value at this moment. A null value is dropped and counted. Inner: so is a null
 * key; nothing for a key that the table lacks. Left: a null key, or a key that the table lacks, joins null. The timestamp
 * is the record's. A versioned table gives what it held at the timestamp.
 *
 * @since 0.1.0
 */
export interface StreamTableJoin {
  readonly _tag: "StreamTableJoin"
  readonly table: TableView
  readonly join: (left: Erased, right: Erased, key: Erased) => Erased
  readonly left: boolean
  /** The store that holds records back for a time of grace; undefined: each is joined when it comes. */
  readonly buffer: string | undefined
}

/**
 * record → record: joined with what a global table holds, at this moment, for the key that `mapKey` makes of the record. A
 * null value is dropped and counted. Inner: so is a record whose key for the table is null; nothing for a key that the
 * table lacks. Left: both join null. Key and timestamp are the record's.
 *
 * @since 0.1.0
 */
export interface StreamGlobalTableJoin {
  readonly _tag: "StreamGlobalTableJoin"
  readonly table: TableView
  readonly mapKey: (key: Erased, value: Erased) => Erased
  readonly join: (left: Erased, right: Erased, key: Erased) => Erased
  readonly left: boolean
}

/**
 * record → the same record, and then it is put into the store of its side, so that it never meets itself; a null key is not
 * put. A null value takes a sequence number and is logged, but nothing is kept of it.
 *
 * @since 0.1.0
 */
export interface JoinWindow {
  readonly _tag: "JoinWindow"
  readonly store: string
}

/**
 * record → record: one side of a join of two streams, joined with each record of the other side that the windows let meet,
 * the earliest first. A null value, or a null key of a side that is not kept, is dropped and counted. A record that is kept
 * and meets none waits in `unmatched` (of both sides, by time) until no partner can come any more; without that store it
 * joins null at once, and so does a null key. `name`: that of the join, whose two sides share their stream time.
 *
 * @since 0.1.0
 */
export interface StreamJoin {
  readonly _tag: "StreamJoin"
  readonly name: string
  readonly side: "Left" | "Right"
  readonly other: string
  readonly unmatched: string | undefined
  readonly windows: JoinWindows
  readonly join: (left: Erased, right: Erased, key: Erased) => Erased
  readonly keepsOwn: boolean
}

/**
 * record → record: both sides of a join of a stream with itself over one store, with the results of two in their order.
 *
 * @since 0.1.0
 */
export interface StreamSelfJoin {
  readonly _tag: "StreamSelfJoin"
  readonly store: string
  readonly windows: JoinWindows
  readonly join: (left: Erased, right: Erased, key: Erased) => Erased
}

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
  /** Its own table is versioned: what is not the latest of its key is dropped and counted. */
  readonly isVersioned: boolean
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
