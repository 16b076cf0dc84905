/**
 * A table grouped by new keys, on its way to a table of what they have in common.
 *
 * @since 0.1.0
 */
import { dual } from "effect/Function"
import type { Erased } from "../serde/Erased.ts"
import type * as Serde from "../serde/Serde.ts"
import type * as Known from "./Known.ts"
import * as LogicalNode from "./LogicalNode.ts"
import * as Options from "./Options.ts"
import * as Values from "./Values.ts"

export type {
  /**
   * See `Values`.
   *
   * @since 0.1.0
   */
  KGroupedTable
} from "./Values.ts"

const aggregated = <K, A, E, R>(
  self: Values.KGroupedTable<K, Erased, E, R>,
  gather: LogicalNode.TableGather,
  options: Options.Given
): Values.KTable<K, A, E, R, Known.All> =>
  Values.table(
    LogicalNode.make(
      { _tag: "TableAggregate", gather, name: options.name, materialized: Options.materialized(options) },
      self.node
    )
  )

/**
 * How many entries each key has.
 *
 * @since 0.1.0
 */
export const count: {
  (options?: Options.TableStore & Options.Named): <K, V, E, R>(
    self: Values.KGroupedTable<K, V, E, R>
  ) => Values.KTable<K, number, E, R, Known.All>
  <K, V, E, R>(
    self: Values.KGroupedTable<K, V, E, R>,
    options?: Options.TableStore & Options.Named
  ): Values.KTable<K, number, E, R, Known.All>
} = dual(Values.isFirst("KGroupedTable"), <K, V, E, R>(
  self: Values.KGroupedTable<K, V, E, R>,
  options: Options.TableStore & Options.Named = {}
): Values.KTable<K, number, E, R, Known.All> => aggregated(self, { _tag: "Count" }, options))

/**
 * How a value is added when it comes, and removed when it is replaced or deleted.
 *
 * @since 0.1.0
 */
export interface ReduceOptions<V> extends Options.TableStore, Options.Named {
  readonly add: (aggregate: V, value: V) => V | null
  readonly remove: (aggregate: V, value: V) => V | null
}

/**
 * The values of each key, two made one.
 *
 * @since 0.1.0
 */
export const reduce: {
  <V>(
    options: ReduceOptions<V>
  ): <K, E, R>(self: Values.KGroupedTable<K, V, E, R>) => Values.KTable<K, NonNullable<V>, E, R, Known.All>
  <K, V, E, R>(
    self: Values.KGroupedTable<K, V, E, R>,
    options: ReduceOptions<V>
  ): Values.KTable<K, NonNullable<V>, E, R, Known.All>
} = dual(2, <K, V, E, R>(
  self: Values.KGroupedTable<K, V, E, R>,
  options: ReduceOptions<V>
): Values.KTable<K, NonNullable<V>, E, R, Known.All> => {
  const { add, remove } = options
  return aggregated(self, { _tag: "Reduce", add, remove }, options)
})

/**
 * Where an aggregate begins, how a value is added and removed (null: the key's aggregate is deleted), and the serde of the
 * result.
 *
 * @since 0.1.0
 */
export interface AggregateOptions<K, V, A> extends Options.TableStore, Options.Named {
  readonly initial: () => NoInfer<A> | null
  readonly add: (aggregate: NoInfer<A>, value: V, key: K) => NoInfer<A> | null
  readonly remove: (aggregate: NoInfer<A>, value: V, key: K) => NoInfer<A> | null
  readonly value: Serde.Serde<A>
}

/**
 * Whatever is gathered from the values of each key.
 *
 * @since 0.1.0
 */
export const aggregate: {
  <K, V, A>(
    options: AggregateOptions<K, V, A>
  ): <E, R>(self: Values.KGroupedTable<K, V, E, R>) => Values.KTable<K, A, E, R, Known.All>
  <K, V, E, R, A>(
    self: Values.KGroupedTable<K, V, E, R>,
    options: AggregateOptions<K, V, A>
  ): Values.KTable<K, A, E, R, Known.All>
} = dual(2, <K, V, E, R, A>(
  self: Values.KGroupedTable<K, V, E, R>,
  options: AggregateOptions<K, V, A>
): Values.KTable<K, A, E, R, Known.All> => {
  const { add, initial, remove } = options
  return aggregated(self, { _tag: "Aggregate", initial, add, remove }, options)
})
