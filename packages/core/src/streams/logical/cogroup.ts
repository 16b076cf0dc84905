/**
 * Grouped streams that are gathered into one table.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../serde/Erased.ts"
import type * as Windows from "../Windows.ts"
import type { Materialized } from "./materialized.ts"

/**
 * A grouped stream, alone or beside those that were cogrouped before it, and how its values are gathered.
 *
 * @since 0.1.0
 */
export interface Cogroup {
  readonly _tag: "Cogroup"
  readonly add: (aggregate: Erased, value: Erased, key: Erased) => Erased
}

/**
 * Cogrouped streams in windows.
 *
 * @since 0.1.0
 */
export interface CogroupWindowedBy {
  readonly _tag: "CogroupWindowedBy"
  readonly windows: Windows.Any
}

/**
 * A table of what cogrouped (perhaps windowed) streams gather.
 *
 * @since 0.1.0
 */
export interface CogroupAggregate {
  readonly _tag: "CogroupAggregate"
  readonly initial: () => Erased
  /** Of two sessions; undefined where there are none. */
  readonly merge: ((first: Erased, second: Erased, key: Erased) => Erased) | undefined
  readonly name: string | undefined
  readonly materialized: Materialized | undefined
}
