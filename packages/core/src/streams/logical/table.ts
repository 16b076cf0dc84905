/**
 * Operators on tables.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../serde/Erased.ts"
import type * as Suppressed from "../Suppressed.ts"
import type { Materialized, Serdes } from "./materialized.ts"

/**
 * A table without what the predicate refuses.
 *
 * @since 0.1.0
 */
export interface TableFilter {
  readonly _tag: "TableFilter"
  readonly predicate: (value: Erased, key: Erased) => boolean
  readonly negate: boolean
  readonly name: string | undefined
  readonly materialized: Materialized | undefined
}

/**
 * A table with new values.
 *
 * @since 0.1.0
 */
export interface TableMapValues {
  readonly _tag: "TableMapValues"
  readonly f: (value: Erased, key: Erased) => Erased
  readonly name: string | undefined
  readonly materialized: Materialized | undefined
}

/**
 * A table's updates as a stream.
 *
 * @since 0.1.0
 */
export interface ToStream {
  readonly _tag: "ToStream"
  readonly name: string | undefined
}

/**
 * A table whose updates are held back.
 *
 * @since 0.1.0
 */
export interface Suppress extends Serdes {
  readonly _tag: "Suppress"
  readonly suppressed: Suppressed.Any
}
