/**
 * Joins.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../serde/Erased.ts"
import type * as Serde from "../../serde/Serde.ts"
import type { JoinWindows } from "../JoinWindows.ts"
import type { JoinKind, StoreType } from "../ResolvedTopology.ts"
import type { LogConfig, Materialized, Serdes } from "./materialized.ts"

/**
 * A stream's values joined with a table's.
 *
 * @since 0.1.0
 */
export interface StreamTableJoin extends Serdes {
  readonly _tag: "StreamTableJoin"
  /** How long records wait for a versioned table to be complete; undefined: not at all. */
  readonly graceMs: number | undefined
  readonly join: (left: Erased, right: Erased, key: Erased) => Erased
  readonly left: boolean
  readonly name: string | undefined
}

/**
 * A stream's values joined with a global table's, by a key of the table that is made of each record.
 *
 * @since 0.1.0
 */
export interface StreamGlobalTableJoin {
  readonly _tag: "StreamGlobalTableJoin"
  readonly mapKey: (key: Erased, value: Erased) => Erased
  readonly join: (left: Erased, right: Erased, key: Erased) => Erased
  readonly left: boolean
  readonly name: string | undefined
}

/**
 * The values of two streams joined: of records with equal keys, as far apart as the windows say. `kind` says which side a
 * result needs: both, the left, or any. `thisStore` and `otherStore` are what the author said of the stores of the sides.
 *
 * @since 0.1.0
 */
export interface StreamStreamJoin extends Serdes {
  readonly _tag: "StreamStreamJoin"
  readonly join: (left: Erased, right: Erased, key: Erased) => Erased
  readonly kind: JoinKind
  readonly windows: JoinWindows
  readonly otherValue: Serde.Any | undefined
  readonly name: string | undefined
  readonly storeName: string | undefined
  readonly storeType: StoreType | undefined
  readonly thisStore: JoinStore | undefined
  readonly otherStore: JoinStore | undefined
  readonly logConfig: LogConfig
}

/**
 * The store of one side of a join of streams.
 *
 * @since 0.1.0
 */
export interface JoinStore {
  readonly as: string
  readonly storeType?: StoreType | undefined
}

/**
 * The values of two tables joined, by equal keys. `kind` says which side a result needs: both, the left, or any.
 *
 * @since 0.1.0
 */
export interface TableTableJoin {
  readonly _tag: "TableTableJoin"
  readonly join: (left: Erased, right: Erased, key: Erased) => Erased
  readonly kind: JoinKind
  readonly name: string | undefined
  readonly materialized: Materialized | undefined
}

/**
 * The values of two tables joined, by a key of the right one that is made of each row of the left one.
 *
 * @since 0.1.0
 */
export interface ForeignKeyJoin {
  readonly _tag: "ForeignKeyJoin"
  readonly foreignKey: (value: Erased, key: Erased) => Erased
  readonly join: (left: Erased, right: Erased, key: Erased) => Erased
  readonly left: boolean
  /** Which partition a primary key is in, and which a foreign one; undefined: as Kafka's default partitioner says. */
  readonly partition: KeyPartition | undefined
  readonly otherPartition: KeyPartition | undefined
  readonly name: string | undefined
  readonly materialized: Materialized | undefined
}

/**
 * Chooses the partition of a key among so many.
 *
 * @since 0.1.0
 */
export type KeyPartition = (key: Erased, partitions: number) => number
