/**
 * Operators on single records of a stream.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { RecordHeader } from "../../records/RecordCursor.ts"
import type { Erased } from "../../serde/Erased.ts"
import type { StreamPartitioner } from "../ResolvedTopology.ts"
import type { Materialized, Serdes } from "./materialized.ts"

/**
 * An operator on single records of a stream. `serdes`: those that it was given for what it makes.
 *
 * @since 0.1.0
 */
export interface Stateless {
  readonly _tag: "Stateless"
  readonly step: StatelessStep
  readonly serdes: Serdes
  readonly name: string | undefined
}

/**
 * What a stateless operator does to a record.
 *
 * @since 0.1.0
 */
export type StatelessStep =
  | { readonly _tag: "Filter"; readonly predicate: (value: Erased, key: Erased) => boolean; readonly negate: boolean }
  | { readonly _tag: "Map"; readonly f: (key: Erased, value: Erased) => readonly [Erased, Erased] }
  | { readonly _tag: "MapValues"; readonly f: (value: Erased, key: Erased) => Erased }
  | { readonly _tag: "FlatMap"; readonly f: (key: Erased, value: Erased) => Iterable<readonly [Erased, Erased]> }
  | { readonly _tag: "FlatMapValues"; readonly f: (value: Erased, key: Erased) => Iterable<Erased> }
  | { readonly _tag: "SelectKey"; readonly f: (key: Erased, value: Erased) => Erased }
  | { readonly _tag: "Peek"; readonly f: (value: Erased, key: Erased) => void }
  | { readonly _tag: "ForEach"; readonly f: (value: Erased, key: Erased) => void }
  | {
    readonly _tag: "Print"
    readonly to: (line: string) => void
    /** The stream's name if undefined. */
    readonly label: string | undefined
    readonly format: (key: Erased, value: Erased) => string
  }
  | Effectful

/**
 * What a record has besides key and value.
 *
 * @since 0.1.0
 */
export interface RecordTime {
  readonly timestamp: number
  readonly headers: ReadonlyArray<RecordHeader>
}

/**
 * What an effectful operator does to a record: what its twin does, with the result of the effect.
 *
 * @since 0.1.0
 */
export interface Effectful {
  readonly _tag: "Effectful"
  readonly operator: "Filter" | "MapValues" | "FlatMapValues" | "Process" | "Peek" | "ForEach"
  readonly f: (value: Erased, key: Erased, at: RecordTime) => Effect.Effect<Erased, Erased, Erased>
  /** How many of its effects may run at once in one task; undefined: as many as the runtime says. */
  readonly concurrency: number | undefined
}

/**
 * Two streams as one.
 *
 * @since 0.1.0
 */
export interface Merge {
  readonly _tag: "Merge"
  readonly name: string | undefined
}

/**
 * A stream in parts, each the input of a `BranchOf`.
 *
 * @since 0.1.0
 */
export interface Split {
  readonly _tag: "Split"
  readonly branches: ReadonlyArray<{
    readonly predicate: (value: Erased, key: Erased) => boolean
    readonly name: string | undefined
  }>
  /** Where what no predicate takes goes; undefined: nowhere. */
  readonly otherwise: { readonly name: string | undefined } | undefined
  readonly name: string | undefined
}

/**
 * One part of a split; `index` beyond the branches is the rest.
 *
 * @since 0.1.0
 */
export interface BranchOf {
  readonly _tag: "BranchOf"
  readonly index: number
}

/**
 * A stream through a topic of its own.
 *
 * @since 0.1.0
 */
export interface Repartition extends Serdes {
  readonly _tag: "Repartition"
  readonly name: string | undefined
  readonly partitions: number | undefined
  readonly streamPartitioner: StreamPartitioner<Erased, Erased> | undefined
}

/**
 * A stream as a table.
 *
 * @since 0.1.0
 */
export interface ToTable {
  readonly _tag: "ToTable"
  readonly name: string | undefined
  readonly materialized: Materialized | undefined
}
