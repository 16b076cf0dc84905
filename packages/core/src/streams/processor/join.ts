/**
 * Processors that join.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../serde/Erased.ts"
import type { TableView } from "./table.ts"

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
