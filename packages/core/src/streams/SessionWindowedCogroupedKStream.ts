/**
 * Cogrouped streams in session windows, on their way to a table of sessions.
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
  SessionWindowedCogroupedKStream
} from "./Values.ts"

/**
 * What an aggregation needs: where each session begins, how two become one, and the serde of its result.
 *
 * @since 0.1.0
 */
export interface AggregateOptions<K, A> extends Options.WindowStore, Options.Named {
  readonly initial: () => NoInfer<A> | null
  readonly merge: (first: NoInfer<A>, second: NoInfer<A>, key: K) => NoInfer<A> | null
  readonly value: Serde.Serde<A>
}

/**
 * What the streams gather, by key and session.
 *
 * @since 0.1.0
 */
export const aggregate: {
  <K, A>(
    options: AggregateOptions<K, A>
  ): <E, R>(
    self: Values.SessionWindowedCogroupedKStream<K, A, E, R>
  ) => Values.KTable<Windowed<K>, A, E, R, Known.All>
  <K, A, E, R>(
    self: Values.SessionWindowedCogroupedKStream<K, A, E, R>,
    options: AggregateOptions<K, A>
  ): Values.KTable<Windowed<K>, A, E, R, Known.All>
} = dual(2, <K, A, E, R>(
  self: Values.SessionWindowedCogroupedKStream<K, A, E, R>,
  options: AggregateOptions<K, A>
): Values.KTable<Windowed<K>, A, E, R, Known.All> => {
  const { initial, merge, name } = options
  const materialized = Options.materialized(options)
  return Values.table(LogicalNode.make({ _tag: "CogroupAggregate", initial, merge, name, materialized }, self.node))
})
