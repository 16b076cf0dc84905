/**
 * A grouped stream in session windows, on its way to a table of sessions.
 *
 * @since 0.1.0
 */
import { dual } from "effect/Function"
import type * as Serde from "../serde/Serde.ts"
import type { Windowed } from "../serde/Windowed.ts"
import type * as Known from "./Known.ts"
import type * as Options from "./Options.ts"
import * as WindowedKStream from "./kstream/windowed.ts"
import type * as Values from "./Values.ts"

export type {
  /**
   * See `Values`.
   *
   * @since 0.1.0
   */
  SessionWindowedKStream
} from "./Values.ts"

/**
 * How many records each key had in each session. A null value counts, as in Kafka.
 *
 * @since 0.1.0
 */
export const count: WindowedKStream.Count<"SessionWindowedKStream"> = WindowedKStream.count("SessionWindowedKStream")

/**
 * The values of each key in each session, two made one (null: none), the oldest first.
 *
 * @since 0.1.0
 */
export const reduce: WindowedKStream.Reduce<"SessionWindowedKStream"> = WindowedKStream.reduce("SessionWindowedKStream")

/**
 * What an aggregation needs: where it begins, how it takes a value (null: the session's aggregate is deleted), what becomes
 * of two sessions that a record joins, the earlier first, and the serde of its result.
 *
 * @since 0.1.0
 */
export interface AggregateOptions<K, V, A> extends Options.WindowStore, Options.Named {
  readonly initial: () => NoInfer<A> | null
  readonly add: (aggregate: NoInfer<A>, value: V, key: K) => NoInfer<A> | null
  readonly merge: (first: NoInfer<A>, second: NoInfer<A>, key: K) => NoInfer<A> | null
  readonly value: Serde.Serde<A>
}

/**
 * Whatever is gathered from the values of each key in each session.
 *
 * @since 0.1.0
 */
export const aggregate: {
  <K, V, A>(
    options: AggregateOptions<K, V, A>
  ): <E, R>(self: Values.SessionWindowedKStream<K, V, E, R>) => Values.KTable<Windowed<K>, A, E, R, Known.All>
  <K, V, E, R, A>(
    self: Values.SessionWindowedKStream<K, V, E, R>,
    options: AggregateOptions<K, V, A>
  ): Values.KTable<Windowed<K>, A, E, R, Known.All>
} = dual(2, <K, V, E, R, A>(
  self: Values.SessionWindowedKStream<K, V, E, R>,
  options: AggregateOptions<K, V, A>
): Values.KTable<Windowed<K>, A, E, R, Known.All> => {
  const { add, initial, merge } = options
  return WindowedKStream.gathered(self, { _tag: "Aggregate", initial, add, merge }, options)
})
