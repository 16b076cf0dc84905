/**
 * A stream grouped by key, on its way to a table.
 *
 * @since 0.1.0
 */
import { dual } from "effect/Function"
import type { Erased } from "../serde/Erased.ts"
import type * as Serde from "../serde/Serde.ts"
import type * as Known from "./Known.ts"
import * as LogicalNode from "./LogicalNode.ts"
import * as Options from "./Options.ts"
import type { SessionWindows } from "./SessionWindows.ts"
import * as Values from "./Values.ts"
import type * as Windows from "./Windows.ts"

export type {
  /**
   * See `Values`.
   *
   * @since 0.1.0
   */
  KGroupedStream
} from "./Values.ts"

const aggregated = <K, A, E, R>(
  self: Values.KGroupedStream<K, Erased, E, R>,
  gather: LogicalNode.Gather,
  options: Options.Given
): Values.KTable<K, A, E, R, Known.All> =>
  Values.table(
    LogicalNode.make(
      { _tag: "Aggregate", gather, name: options.name, materialized: Options.materialized(options) },
      self.node
    )
  )

/**
 * How many records each key had. A null value does not count.
 *
 * @since 0.1.0
 */
export const count: {
  (options?: Options.TableStore & Options.Named): <K, V, E, R>(
    self: Values.KGroupedStream<K, V, E, R>
  ) => Values.KTable<K, number, E, R, Known.All>
  <K, V, E, R>(
    self: Values.KGroupedStream<K, V, E, R>,
    options?: Options.TableStore & Options.Named
  ): Values.KTable<K, number, E, R, Known.All>
} = dual(Values.isFirst("KGroupedStream"), <K, V, E, R>(
  self: Values.KGroupedStream<K, V, E, R>,
  options: Options.TableStore & Options.Named = {}
): Values.KTable<K, number, E, R, Known.All> => aggregated(self, { _tag: "Count" }, options))

/**
 * The values of each key, two made one (null: none), the oldest first. A null value does not count.
 *
 * @since 0.1.0
 */
export const reduce: {
  <V>(
    f: (aggregate: NonNullable<V>, value: NonNullable<V>) => NonNullable<V> | null,
    options?: Options.TableStore & Options.Named
  ): <K, E, R>(self: Values.KGroupedStream<K, V, E, R>) => Values.KTable<K, NonNullable<V>, E, R, Known.All>
  <K, V, E, R>(
    self: Values.KGroupedStream<K, V, E, R>,
    f: (aggregate: NonNullable<V>, value: NonNullable<V>) => NonNullable<V> | null,
    options?: Options.TableStore & Options.Named
  ): Values.KTable<K, NonNullable<V>, E, R, Known.All>
} = dual(Values.isFirst("KGroupedStream"), <K, V, E, R>(
  self: Values.KGroupedStream<K, V, E, R>,
  f: (aggregate: NonNullable<V>, value: NonNullable<V>) => NonNullable<V> | null,
  options: Options.TableStore & Options.Named = {}
): Values.KTable<K, NonNullable<V>, E, R, Known.All> => aggregated(self, { _tag: "Reduce", reduce: f }, options))

/**
 * What an aggregation needs: where it begins, how it takes a value (null: the key's aggregate is deleted), and the serde of
 * its result.
 *
 * @since 0.1.0
 */
export interface AggregateOptions<K, V, A> extends Options.TableStore, Options.Named {
  readonly initial: () => NoInfer<A> | null
  readonly add: (aggregate: NoInfer<A>, value: NonNullable<V>, key: K) => NoInfer<A> | null
  readonly value: Serde.Serde<A>
}

/**
 * Whatever is gathered from the values of each key. A null value does not count.
 *
 * @since 0.1.0
 */
export const aggregate: {
  <K, V, A>(
    options: AggregateOptions<K, V, A>
  ): <E, R>(self: Values.KGroupedStream<K, V, E, R>) => Values.KTable<K, A, E, R, Known.All>
  <K, V, E, R, A>(
    self: Values.KGroupedStream<K, V, E, R>,
    options: AggregateOptions<K, V, A>
  ): Values.KTable<K, A, E, R, Known.All>
} = dual(2, <K, V, E, R, A>(
  self: Values.KGroupedStream<K, V, E, R>,
  options: AggregateOptions<K, V, A>
): Values.KTable<K, A, E, R, Known.All> => {
  const { add, initial } = options
  return aggregated(self, { _tag: "Aggregate", initial, add }, options)
})

/**
 * The first of several grouped streams that are gathered into one aggregate, of the type that `add` takes; null from `add`
 * deletes the key's aggregate.
 *
 * @since 0.1.0
 */
export const cogroup: {
  <K, V, A>(
    add: (aggregate: A, value: V, key: K) => NoInfer<A> | null
  ): <E, R>(self: Values.KGroupedStream<K, V, E, R>) => Values.CogroupedKStream<K, A, E, R>
  <K, V, E, R, A>(
    self: Values.KGroupedStream<K, V, E, R>,
    add: (aggregate: A, value: V, key: K) => NoInfer<A> | null
  ): Values.CogroupedKStream<K, A, E, R>
} = dual(2, <K, V, E, R, A>(
  self: Values.KGroupedStream<K, V, E, R>,
  add: (aggregate: A, value: V, key: K) => A | null
): Values.CogroupedKStream<K, A, E, R> => Values.cogrouped(LogicalNode.make({ _tag: "Cogroup", add }, self.node)))

/**
 * The same, in windows: of time, sliding or unlimited, or in sessions.
 *
 * @since 0.1.0
 */
export const windowedBy: {
  (
    windows: SessionWindows,
    options?: WindowedByOptions
  ): <K, V, E, R>(self: Values.KGroupedStream<K, V, E, R>) => Values.SessionWindowedKStream<K, V, E, R>
  (
    windows: Windows.Fixed,
    options?: WindowedByOptions
  ): <K, V, E, R>(self: Values.KGroupedStream<K, V, E, R>) => Values.TimeWindowedKStream<K, V, E, R>
  <K, V, E, R>(
    self: Values.KGroupedStream<K, V, E, R>,
    windows: SessionWindows,
    options?: WindowedByOptions
  ): Values.SessionWindowedKStream<K, V, E, R>
  <K, V, E, R>(
    self: Values.KGroupedStream<K, V, E, R>,
    windows: Windows.Fixed,
    options?: WindowedByOptions
  ): Values.TimeWindowedKStream<K, V, E, R>
} = dual(Values.isFirst("KGroupedStream"), <K, V, E, R>(
  self: Values.KGroupedStream<K, V, E, R>,
  windows: Windows.Any,
  options?: WindowedByOptions
): Values.TimeWindowedKStream<K, V, E, R> | Values.SessionWindowedKStream<K, V, E, R> => {
  const emit = options?.emit === "onWindowClose" ? "OnWindowClose" : "OnWindowUpdate"
  const node = LogicalNode.make({ _tag: "WindowedBy", windows, emit }, self.node)
  return windows._tag === "SessionWindows" ? Values.sessionWindowed(node) : Values.timeWindowed(node)
})

/**
 * When a windowed aggregation emits: each update, or one result when the window has closed.
 *
 * @since 0.1.0
 */
export interface WindowedByOptions {
  readonly emit?: "onWindowUpdate" | "onWindowClose" | undefined
}
