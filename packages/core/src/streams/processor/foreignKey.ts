/**
 * The processors of a foreign-key join of tables: the left side subscribes, the right side answers, and the left side joins
 * what comes back (`serde/ForeignKey`).
 *
 * @since 0.1.0
 */
import type { Erased } from "../../serde/Erased.ts"
import type * as Serde from "../../serde/Serde.ts"
import type { TableView } from "./table.ts"

/**
 * Change of the left table → (foreign key, Subscription). If the foreign key changed, the old one is unsubscribed first.
 * Inner: a null foreign key is dropped and counted. Left: it subscribes under null, and so does a deletion, to be answered.
 * If the left table `isVersioned`, what is not the latest of its key is dropped and counted.
 *
 * @since 0.1.0
 */
export interface ForeignKeySubscribe {
  readonly _tag: "ForeignKeySubscribe"
  readonly foreignKey: (value: Erased, key: Erased) => Erased
  readonly foreignKeySerde: Serde.Any
  readonly valueSerde: Serde.Any
  readonly left: boolean
  readonly isVersioned: boolean
}

/**
 * (foreign key, Subscription) → the same, after it was put into the store or taken out of it, as it says. One without foreign
 * key is not stored; it is dropped and counted unless it is to be answered in any case.
 *
 * @since 0.1.0
 */
export interface ForeignKeyReceive {
  readonly _tag: "ForeignKeyReceive"
  readonly store: string
}

/**
 * (foreign key, Subscription) → (primary key, Response), if it asks for one: with what the right table holds at this moment.
 * The timestamp is the greater of both.
 *
 * @since 0.1.0
 */
export interface ForeignKeyRespond {
  readonly _tag: "ForeignKeyRespond"
  readonly table: TableView
}

/**
 * Change of the right table → (primary key, Response) for each subscription to its key, in the order of their bytes. A null key
 * is dropped and counted, and so is what is not the latest of its key if the table `isVersioned`.
 *
 * @since 0.1.0
 */
export interface ForeignKeyNotify {
  readonly _tag: "ForeignKeyNotify"
  readonly store: string
  readonly foreignKeySerde: Serde.Any
  readonly isVersioned: boolean
}

/**
 * (primary key, Response) → record: joined with the left table's value of this moment, null for none. An answer to another
 * value than that is dropped and counted.
 *
 * @since 0.1.0
 */
export interface ForeignKeyResult {
  readonly _tag: "ForeignKeyResult"
  readonly table: TableView
  readonly valueSerde: Serde.Any
  readonly join: (left: Erased, right: Erased, key: Erased) => Erased
  readonly left: boolean
}
