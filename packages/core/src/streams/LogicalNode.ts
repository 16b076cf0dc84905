/**
 * The nodes of a topology as its author made them: one per operator, plain data, never changed.
 *
 * What it keeps true: a node's inputs were made before it, so sorting by `sequence` gives the order in which the author's
 * program made them; Kafka numbers its names in that order, and so do we.
 * What it leaves to others: names, stores, topics. They are found when a topology is resolved.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { Erased } from "../serde/Erased.ts"
import type * as Serde from "../serde/Serde.ts"
import type { JoinKind, OffsetReset, StoreType, TimestampExtractor } from "./ResolvedTopology.ts"
import type * as Suppressed from "./Suppressed.ts"
import type * as Windows from "./Windows.ts"

/**
 * One operator, and the operators that it reads.
 *
 * @since 0.1.0
 */
export interface LogicalNode {
  /** Grows with each node that the program makes; only its order within one topology means anything. */
  readonly sequence: number
  readonly operation: Operation
  readonly inputs: ReadonlyArray<LogicalNode>
  /** Nodes that belong to this one, and are in each topology that it is in: the parts of a split. */
  readonly parts: ReadonlyArray<LogicalNode>
}

let made = 0

/**
 * A new node.
 *
 * @since 0.1.0
 */
export const make = (operation: Operation, ...inputs: ReadonlyArray<LogicalNode>): LogicalNode => ({
  sequence: made++,
  operation,
  inputs,
  parts: []
})

/**
 * A new split of `input`, with its parts.
 *
 * @since 0.1.0
 */
export const makeSplit = (operation: Split, input: LogicalNode): LogicalNode => {
  const parts: Array<LogicalNode> = []
  const chooser: LogicalNode = { ...make(operation, input), parts }
  const count = operation.branches.length + (operation.otherwise === undefined ? 0 : 1)
  for (let index = 0; index < count; index++) parts.push(make({ _tag: "BranchOf", index }, chooser))
  return chooser
}

/**
 * Serdes as far as they were given.
 *
 * @since 0.1.0
 */
export interface Serdes {
  readonly key: Serde.Any | undefined
  readonly value: Serde.Any | undefined
}

/**
 * How a result is kept in a store. `as`: the store's name, by which it can be queried.
 *
 * @since 0.1.0
 */
export interface Materialized extends Serdes {
  readonly as: string | undefined
  readonly storeType: StoreType | undefined
  readonly retentionMs: number | undefined
  readonly caching: boolean
  readonly logging: boolean
}

/**
 * All operators. `name` is the name that the author gave to the processor, if any.
 *
 * @since 0.1.0
 */
export type Operation =
  | StreamSource
  | TableSource
  | Stateless
  | Merge
  | Split
  | BranchOf
  | Repartition
  | ToTable
  | GroupByKey
  | GroupBy
  | WindowedBy
  | Aggregate
  | TableFilter
  | TableMapValues
  | TableGroupBy
  | TableAggregate
  | ToStream
  | Suppress
  | StreamTableJoin
  | TableTableJoin
  | Sink

/**
 * What a source reads and how.
 *
 * @since 0.1.0
 */
export interface SourceOptions {
  readonly topics: ReadonlyArray<string>
  readonly key: Serde.Any
  readonly value: Serde.Any
  readonly timestampExtractor: TimestampExtractor
  readonly offsetReset: OffsetReset | undefined
  readonly name: string | undefined
}

/**
 * Reads topics as a stream.
 *
 * @since 0.1.0
 */
export interface StreamSource extends SourceOptions {
  readonly _tag: "StreamSource"
}

/**
 * Reads one topic as a table.
 *
 * @since 0.1.0
 */
export interface TableSource extends SourceOptions {
  readonly _tag: "TableSource"
  readonly materialized: Materialized | undefined
}

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
    readonly _tag: "FilterEffect"
    readonly f: (value: Erased, key: Erased) => Effect.Effect<boolean, Erased, Erased>
  }
  | {
    readonly _tag: "MapValuesEffect"
    readonly f: (value: Erased, key: Erased) => Effect.Effect<Erased, Erased, Erased>
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
export interface Suppress {
  readonly _tag: "Suppress"
  readonly suppressed: Suppressed.Any
}

/**
 * A stream's values joined with a table's.
 *
 * @since 0.1.0
 */
export interface StreamTableJoin extends Serdes {
  readonly _tag: "StreamTableJoin"
  readonly join: (left: Erased, right: Erased, key: Erased) => Erased
  readonly left: boolean
  readonly name: string | undefined
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
 * A stream into a topic.
 *
 * @since 0.1.0
 */
export interface Sink {
  readonly _tag: "Sink"
  readonly topic: string
  readonly key: Serde.Any
  readonly value: Serde.Any
  readonly name: string | undefined
}
