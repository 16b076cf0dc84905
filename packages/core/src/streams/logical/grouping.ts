/**
 * Grouped streams and tables, and what gathers their values.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../serde/Erased.ts"
import type * as Windows from "../Windows.ts"
import type { Materialized, Serdes } from "./materialized.ts"

/**
 * A stream grouped by its key. `name` is that of its repartition topic.
 *
 * @since 0.1.0
 */
export interface GroupByKey extends Serdes {
  readonly _tag: "GroupByKey"
  readonly name: string | undefined
}

/**
 * A stream grouped by a new key.
 *
 * @since 0.1.0
 */
export interface GroupBy extends Serdes {
  readonly _tag: "GroupBy"
  readonly f: (key: Erased, value: Erased) => Erased
  readonly name: string | undefined
}

/**
 * A grouped stream in windows.
 *
 * @since 0.1.0
 */
export interface WindowedBy {
  readonly _tag: "WindowedBy"
  readonly windows: Windows.Any
  readonly emit: "OnWindowUpdate" | "OnWindowClose"
}

/**
 * How values are gathered.
 *
 * @since 0.1.0
 */
export type Gather =
  | { readonly _tag: "Count" }
  | { readonly _tag: "Reduce"; readonly reduce: (aggregate: Erased, value: Erased) => Erased }
  | {
    readonly _tag: "Aggregate"
    readonly initial: () => Erased
    readonly add: (aggregate: Erased, value: Erased, key: Erased) => Erased
    /** Of two sessions; undefined where there are none. */
    readonly merge?: (first: Erased, second: Erased, key: Erased) => Erased
  }

/**
 * A table of what a grouped (perhaps windowed) stream gathers.
 *
 * @since 0.1.0
 */
export interface Aggregate {
  readonly _tag: "Aggregate"
  readonly gather: Gather
  readonly name: string | undefined
  readonly materialized: Materialized | undefined
}

/**
 * A table grouped by a new key.
 *
 * @since 0.1.0
 */
export interface TableGroupBy extends Serdes {
  readonly _tag: "TableGroupBy"
  readonly f: (key: Erased, value: Erased) => readonly [Erased, Erased]
  readonly name: string | undefined
}

/**
 * How the values of a grouped table are gathered: added when they come, removed when they are replaced or deleted.
 *
 * @since 0.1.0
 */
export type TableGather =
  | { readonly _tag: "Count" }
  | {
    readonly _tag: "Reduce"
    readonly add: (aggregate: Erased, value: Erased) => Erased
    readonly remove: (aggregate: Erased, value: Erased) => Erased
  }
  | {
    readonly _tag: "Aggregate"
    readonly initial: () => Erased
    readonly add: (aggregate: Erased, value: Erased, key: Erased) => Erased
    readonly remove: (aggregate: Erased, value: Erased, key: Erased) => Erased
  }

/**
 * A table of what a grouped table gathers.
 *
 * @since 0.1.0
 */
export interface TableAggregate {
  readonly _tag: "TableAggregate"
  readonly gather: TableGather
  readonly name: string | undefined
  readonly materialized: Materialized | undefined
}
