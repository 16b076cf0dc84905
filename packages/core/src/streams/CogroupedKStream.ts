/**
 * Several grouped streams on their way to one table: each with a function of its own that adds to what all of them gather.
 *
 * @since 0.1.0
 */
import { dual } from "effect/Function"
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
  CogroupedKStream
} from "./Values.ts"

/**
 * One more grouped stream; null from `add` deletes the key's aggregate. Those whose key was changed go through topics, which
 * need names of their own: give each grouping a `name`.
 *
 * @since 0.1.0
 */
export const cogroup: {
  <K, V, E2, R2, A>(
    grouped: Values.KGroupedStream<K, V, E2, R2>,
    add: (aggregate: A, value: V, key: K) => NoInfer<A> | null
  ): <E, R>(
    self: Values.CogroupedKStream<NoInfer<K>, A, E, R>
  ) => Values.CogroupedKStream<K, A, E | E2, R | R2>
  <K, A, E, R, V, E2, R2>(
    self: Values.CogroupedKStream<K, A, E, R>,
    grouped: Values.KGroupedStream<NoInfer<K>, V, E2, R2>,
    add: (aggregate: NoInfer<A>, value: V, key: K) => NoInfer<A> | null
  ): Values.CogroupedKStream<K, A, E | E2, R | R2>
} = dual(3, <K, A, E, R, V, E2, R2>(
  self: Values.CogroupedKStream<K, A, E, R>,
  grouped: Values.KGroupedStream<K, V, E2, R2>,
  add: (aggregate: A, value: V, key: K) => A | null
): Values.CogroupedKStream<K, A, E | E2, R | R2> =>
  Values.cogrouped(LogicalNode.make({ _tag: "Cogroup", add }, self.node, grouped.node)))

/**
 * What an aggregation needs: where it begins, and the serde of its result.
 *
 * @since 0.1.0
 */
export interface AggregateOptions<A> extends Options.TableStore, Options.Named {
  readonly initial: () => NoInfer<A> | null
  readonly value: Serde.Serde<A>
}

/**
 * What the streams gather, by key. Null values do not count.
 *
 * @since 0.1.0
 */
export const aggregate: {
  <A>(
    options: AggregateOptions<A>
  ): <K, E, R>(self: Values.CogroupedKStream<K, A, E, R>) => Values.KTable<K, A, E, R, Known.All>
  <K, A, E, R>(
    self: Values.CogroupedKStream<K, A, E, R>,
    options: AggregateOptions<A>
  ): Values.KTable<K, A, E, R, Known.All>
} = dual(2, <K, A, E, R>(
  self: Values.CogroupedKStream<K, A, E, R>,
  options: AggregateOptions<A>
): Values.KTable<K, A, E, R, Known.All> => {
  const { initial, name } = options
  const materialized = Options.materialized(options)
  return Values.table(
    LogicalNode.make({ _tag: "CogroupAggregate", initial, merge: undefined, name, materialized }, self.node)
  )
})

/**
 * The same, in windows: of time, sliding or unlimited, or in sessions. Each stream has a time of its own, by which windows
 * close for it; all updates are emitted.
 *
 * @since 0.1.0
 */
export const windowedBy: {
  (
    windows: SessionWindows
  ): <K, A, E, R>(
    self: Values.CogroupedKStream<K, A, E, R>
  ) => Values.SessionWindowedCogroupedKStream<K, A, E, R>
  (
    windows: Windows.Fixed
  ): <K, A, E, R>(self: Values.CogroupedKStream<K, A, E, R>) => Values.TimeWindowedCogroupedKStream<K, A, E, R>
  <K, A, E, R>(
    self: Values.CogroupedKStream<K, A, E, R>,
    windows: SessionWindows
  ): Values.SessionWindowedCogroupedKStream<K, A, E, R>
  <K, A, E, R>(
    self: Values.CogroupedKStream<K, A, E, R>,
    windows: Windows.Fixed
  ): Values.TimeWindowedCogroupedKStream<K, A, E, R>
} = dual(2, <K, A, E, R>(
  self: Values.CogroupedKStream<K, A, E, R>,
  windows: Windows.Any
): Values.TimeWindowedCogroupedKStream<K, A, E, R> | Values.SessionWindowedCogroupedKStream<K, A, E, R> => {
  const node = LogicalNode.make({ _tag: "CogroupWindowedBy", windows }, self.node)
  return windows._tag === "SessionWindows" ? Values.sessionWindowedCogrouped(node) : Values.timeWindowedCogrouped(node)
})
