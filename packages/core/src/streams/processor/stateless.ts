/**
 * What a processor does to single records of a stream.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { RecordTime } from "../logical/stateless.ts"
import type { Erased } from "../../serde/Erased.ts"
import type * as Serde from "../../serde/Serde.ts"

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
 * record → what the operator of that name gives for the result of the effect. Results leave in input order; never two
 * effects of one key at once.
 *
 * @since 0.1.0
 */
export interface Effectful {
  readonly _tag: "Effectful"
  readonly operator: "Filter" | "MapValues" | "FlatMapValues" | "Process" | "Peek" | "ForEach"
  readonly f: (value: Erased, key: Erased, at: RecordTime) => Effect.Effect<Erased, Erased, Erased>
  /** How many of its effects may run at once in one task; undefined: as many as the runtime says. */
  readonly concurrency: number | undefined
  /** Tells keys apart that are objects; undefined: no two of them are taken at once. */
  readonly key: Serde.Any | undefined
}
