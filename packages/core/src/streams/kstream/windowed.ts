/**
 * What grouped streams in windows have in common, whether the windows are of time or sessions.
 *
 * @since 0.1.0
 */
import { dual } from "effect/Function"
import type { Erased } from "../../serde/Erased.ts"
import type { Windowed } from "../../serde/Windowed.ts"
import type * as Known from "../Known.ts"
import * as LogicalNode from "../LogicalNode.ts"
import * as Options from "../Options.ts"
import * as Values from "../Values.ts"

type Tag = "TimeWindowedKStream" | "SessionWindowedKStream"

/**
 * The table of what is gathered in each window.
 *
 * @since 0.1.0
 */
export const gathered = <K, A, E, R>(
  self: Values.WindowedKStream<Tag, K, Erased, E, R>,
  gather: LogicalNode.Gather,
  options: Options.Given
): Values.KTable<Windowed<K>, A, E, R, Known.All> =>
  Values.table(
    LogicalNode.make(
      { _tag: "Aggregate", gather, name: options.name, materialized: Options.materialized(options) },
      self.node
    )
  )

/**
 * Counts the records of windowed streams of the kind `T`.
 *
 * @since 0.1.0
 */
export interface Count<T extends Tag> {
  (options?: Options.WindowStore & Options.Named): <K, V, E, R>(
    self: Values.WindowedKStream<T, K, V, E, R>
  ) => Values.KTable<Windowed<K>, number, E, R, Known.All>
  <K, V, E, R>(
    self: Values.WindowedKStream<T, K, V, E, R>,
    options?: Options.WindowStore & Options.Named
  ): Values.KTable<Windowed<K>, number, E, R, Known.All>
}

/**
 * `Count` of one kind.
 *
 * @since 0.1.0
 */
export const count = <T extends Tag>(tag: T): Count<T> =>
  dual(Values.isFirst(tag), <K, V, E, R>(
    self: Values.WindowedKStream<T, K, V, E, R>,
    options: Options.WindowStore & Options.Named = {}
  ): Values.KTable<Windowed<K>, number, E, R, Known.All> => gathered(self, { _tag: "Count" }, options))

/**
 * Reduces the values of windowed streams of the kind `T`.
 *
 * @since 0.1.0
 */
export interface Reduce<T extends Tag> {
  <V>(
    f: (aggregate: NonNullable<V>, value: V) => V | null,
    options?: Options.WindowStore & Options.Named
  ): <K, E, R>(
    self: Values.WindowedKStream<T, K, V, E, R>
  ) => Values.KTable<Windowed<K>, NonNullable<V>, E, R, Known.All>
  <K, V, E, R>(
    self: Values.WindowedKStream<T, K, V, E, R>,
    f: (aggregate: NonNullable<V>, value: V) => V | null,
    options?: Options.WindowStore & Options.Named
  ): Values.KTable<Windowed<K>, NonNullable<V>, E, R, Known.All>
}

/**
 * `Reduce` of one kind.
 *
 * @since 0.1.0
 */
export const reduce = <T extends Tag>(tag: T): Reduce<T> =>
  dual(Values.isFirst(tag), <K, V, E, R>(
    self: Values.WindowedKStream<T, K, V, E, R>,
    f: (aggregate: NonNullable<V>, value: V) => V | null,
    options: Options.WindowStore & Options.Named = {}
  ): Values.KTable<Windowed<K>, NonNullable<V>, E, R, Known.All> =>
    gathered(self, { _tag: "Reduce", reduce: f }, options))
