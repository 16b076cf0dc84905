/**
 * The nodes of a topology as its author made them: one per operator, plain data, never changed.
 *
 * What it keeps true: a node's inputs were made before it, so sorting by `sequence` gives the order in which the author's
 * program made them; Kafka numbers its names in that order, and so do we.
 * What it leaves to others: names, stores, topics. They are found when a topology is resolved.
 *
 * @since 0.1.0
 */
import type { GlobalTableSource, Sink, StreamSource, TableSource } from "./logical/edges.ts"
import type { Cogroup, CogroupAggregate, CogroupWindowedBy } from "./logical/cogroup.ts"
import type { BranchOf, Merge, Repartition, Split, Stateless, ToTable } from "./logical/stateless.ts"
import type { Aggregate, GroupBy, GroupByKey, TableAggregate, TableGroupBy, WindowedBy } from "./logical/grouping.ts"
import type { Suppress, TableFilter, TableMapValues, ToStream } from "./logical/table.ts"
import type {
  ForeignKeyJoin,
  StreamGlobalTableJoin,
  StreamStreamJoin,
  StreamTableJoin,
  TableTableJoin
} from "./logical/join.ts"
import type {
  ConnectStore,
  GlobalStore,
  NamedProcessor,
  NamedSink,
  NamedSource,
  Process,
  ProcessValues,
  ReadOnlyStateStore,
  TableTransformValues
} from "./logical/process.ts"

export type * from "./logical/cogroup.ts"
export type * from "./logical/edges.ts"
export type * from "./logical/grouping.ts"
export type * from "./logical/join.ts"
export type * from "./logical/materialized.ts"
export type * from "./logical/process.ts"
export type * from "./logical/stateless.ts"
export type * from "./logical/store.ts"
export type * from "./logical/table.ts"

/**
 * All operators. `name` is the name that the author gave to the processor, if any.
 *
 * @since 0.1.0
 */
export type Operation =
  | StreamSource
  | TableSource
  | GlobalTableSource
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
  | Cogroup
  | CogroupWindowedBy
  | CogroupAggregate
  | TableFilter
  | TableMapValues
  | TableTransformValues
  | TableGroupBy
  | TableAggregate
  | ToStream
  | Suppress
  | StreamStreamJoin
  | StreamTableJoin
  | StreamGlobalTableJoin
  | TableTableJoin
  | ForeignKeyJoin
  | Sink
  | Process
  | ProcessValues
  | GlobalStore
  | ReadOnlyStateStore
  | NamedSource
  | NamedProcessor
  | NamedSink
  | ConnectStore

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
 * A new split of `input`, with its parts. `use` is called with each part as it is made, so that what it makes of the part is
 * numbered before the next part; what it gives back belongs to the split.
 *
 * @since 0.1.0
 */
export const makeSplit = (
  operation: Split,
  input: LogicalNode,
  use: (part: LogicalNode, index: number) => ReadonlyArray<LogicalNode>
): LogicalNode => {
  const parts: Array<LogicalNode> = []
  const chooser: LogicalNode = { ...make(operation, input), parts }
  const count = operation.branches.length + (operation.otherwise === undefined ? 0 : 1)
  for (let index = 0; index < count; index++) {
    const part = make({ _tag: "BranchOf", index }, chooser)
    parts.push(part, ...use(part, index))
  }
  return chooser
}
