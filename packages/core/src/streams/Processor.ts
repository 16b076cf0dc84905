/**
 * What a topology does to its records: each kind of processor as data, with what it takes and what it gives.
 *
 * @since 0.1.0
 */
import type {
  Branch,
  Effectful,
  Filter,
  FlatMap,
  FlatMapValues,
  ForEach,
  Map,
  MapValues,
  NullKeyFilter,
  PassThrough,
  Peek,
  SelectKey
} from "./processor/stateless.ts"
import type {
  SessionAggregate,
  SlidingAggregate,
  StreamAggregate,
  StreamReduce,
  TableAggregate,
  TableGroupBy,
  TableReduce,
  WindowedAggregate
} from "./processor/aggregation.ts"
import type { TableFilter, TableMapValues, TableSource, TableSuppress, TableToStream } from "./processor/table.ts"
import type {
  ForeignKeyNotify,
  ForeignKeyReceive,
  ForeignKeyRespond,
  ForeignKeyResult,
  ForeignKeySubscribe
} from "./processor/foreignKey.ts"
import type {
  JoinWindow,
  StreamGlobalTableJoin,
  StreamJoin,
  StreamSelfJoin,
  StreamTableJoin,
  TableJoin,
  TableJoinMerge
} from "./processor/join.ts"
import type { Process, ProcessValues, TableTransformValues } from "./processor/process.ts"

export type * from "./processor/aggregation.ts"
export type * from "./processor/foreignKey.ts"
export type * from "./processor/join.ts"
export type * from "./processor/process.ts"
export type * from "./processor/stateless.ts"
export type * from "./processor/table.ts"

/**
 * All kinds of processors. User functions are held as they were given; a function that takes `(value, key)` or
 * `(key, value)` says so by its type.
 *
 * @since 0.1.0
 */
export type Processor =
  | Filter
  | NullKeyFilter
  | Map
  | SelectKey
  | MapValues
  | FlatMap
  | FlatMapValues
  | Peek
  | ForEach
  | PassThrough
  | Branch
  | Effectful
  | StreamAggregate
  | StreamReduce
  | WindowedAggregate
  | SlidingAggregate
  | SessionAggregate
  | TableSource
  | TableFilter
  | TableMapValues
  | TableTransformValues
  | TableToStream
  | TableGroupBy
  | TableAggregate
  | TableReduce
  | TableSuppress
  | JoinWindow
  | StreamJoin
  | StreamSelfJoin
  | StreamTableJoin
  | StreamGlobalTableJoin
  | TableJoin
  | TableJoinMerge
  | ForeignKeySubscribe
  | ForeignKeyReceive
  | ForeignKeyRespond
  | ForeignKeyNotify
  | ForeignKeyResult
  | Process
  | ProcessValues
