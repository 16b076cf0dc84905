/**
 * Cogrouped streams in windows of time, on their way to a table of windows.
 *
 * @since 0.1.0
 */
import { dual } from "effect/Function"
import type * as Serde from "../serde/Serde.ts"
import type { Windowed } from "../serde/Windowed.ts"
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
  TimeWindowedCogroupedKStream
} from "./Values.ts"

/**
 * What an aggregation needs: where each window begins, and the serde of its result.
 *
 * @since 0.1.0
 */
export interface AggregateOptions<A> extends Options.WindowStore, Options.Named {
  readonly initial: () => NoInfer<A> | null
  readonly value: Serde.Serde<A>
}

/**
 * What the streams gather, by key and window.
 *
 * @since 0.1.0
 */
export const aggregate: {
  <A>(
    options: AggregateOptions<A>
  ): <K, E, R>(
    self: Values.TimeWindowedCogroupedKStream<K, A, E, R>
  ) => Values.KTable<Windowed<K>, A, E, R, Known.All>
  <K, A, E, R>(
    self: Values.TimeWindowedCogroupedKStream<K, A, E, R>,
    options: AggregateOptions<A>
  ): Values.KTable<Windowed<K>, A, E, R, Known.All>
} = dual(2, <K, A, E, R>(
  self: Values.TimeWindowedCogroupedKStream<K, A, E, R>,
  options: AggregateOptions<A>
): Values.KTable<Windowed<K>, A, E, R, Known.All> => {
  const { initial, name } = options
  const materialized = Options.materialized(options)
  return Values.table(
    LogicalNode.make({ _tag: "CogroupAggregate", initial, merge: undefined, name, materialized }, self.node)
  )
})
