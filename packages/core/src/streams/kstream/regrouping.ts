/**
 * Streams that are moved to other partitions, grouped, or made tables.
 *
 * @since 0.1.0
 */
import { dual } from "effect/Function"
import type { Erased } from "../../serde/Erased.ts"
import type * as Serde from "../../serde/Serde.ts"
import type * as Known from "../Known.ts"
import * as LogicalNode from "../LogicalNode.ts"
import * as Options from "../Options.ts"
import * as Values from "../Values.ts"

const isStream = Values.isFirst("KStream")

/**
 * What a repartition may be told.
 *
 * @since 0.1.0
 */
export interface Repartitioned<in K, in V> extends Options.Produced<K, V> {
  /** How many partitions its topic has; by default as many as the topics that the stream comes from. */
  readonly partitions?: number | undefined
}

/** Without a partitioner of its own. */
interface PlainRepartitioned extends Options.Plain {
  readonly partitions?: number | undefined
  readonly streamPartitioner?: undefined
}

/**
 * The stream through a topic of its own, by its keys. Records without key are dropped.
 *
 * @since 0.1.0
 */
export const repartition: {
  <K, V>(
    options: Repartitioned<NoInfer<K> | null, NoInfer<V>> & Options.KeyAndValue<K, V>
  ): <E, R, S>(self: Values.KStream<NoInfer<K> | null, NoInfer<V>, E, R, S>) => Values.KStream<K, V, E, R, Known.All>
  (
    options?: PlainRepartitioned
  ): <K, V, E, R, S extends Known.Both>(
    self: Values.KStream<K, V, E, R, S>
  ) => Values.KStream<NonNullable<K>, V, E, R, Known.All>
  <K, V>(
    options: Repartitioned<K, V> & Options.Plain
  ): <E, R, S extends Known.Both>(
    self: Values.KStream<K, V, E, R, S>
  ) => Values.KStream<NonNullable<K>, V, E, R, Known.All>
  <K, V, E, R, S>(
    self: Values.KStream<NoInfer<K> | null, NoInfer<V>, E, R, S>,
    options: Repartitioned<NoInfer<K> | null, NoInfer<V>> & Options.KeyAndValue<K, V>
  ): Values.KStream<K, V, E, R, Known.All>
  <K, V, E, R, S extends Known.Both>(
    self: Values.KStream<K, V, E, R, S>,
    options?: Repartitioned<NoInfer<K>, NoInfer<V>> & Options.Plain
  ): Values.KStream<NonNullable<K>, V, E, R, Known.All>
} = dual(isStream, <K, V, E, R, S>(
  self: Values.KStream<K, V, E, R, S>,
  options: Repartitioned<Erased, Erased> & Options.Given = {}
): Values.KStream<Erased, Erased, E, R, Known.All> => {
  const { key, name, partitions, streamPartitioner, value } = options
  const operation = { _tag: "Repartition", key, value, name, partitions, streamPartitioner } as const
  return Values.stream(LogicalNode.make(operation, self.node))
})

/**
 * Grouped by the present key; records without key are dropped. See `groupByKeyAs` for a name.
 *
 * @since 0.1.0
 */
export const groupByKey = <K, V, E, R, S extends Known.Groupable>(
  self: Values.KStream<K, V, E, R, S>
): Values.KGroupedStream<NonNullable<K>, V, E, R> =>
  Values.grouped(LogicalNode.make({ _tag: "GroupByKey", key: undefined, value: undefined, name: undefined }, self.node))

/**
 * Grouped by the present key, with a name for the repartition topic, or with serdes that are not known.
 *
 * @since 0.1.0
 */
export const groupByKeyAs: {
  <K, V>(
    options: Options.KeyAndValue<K, V>
  ): <E, R, S>(self: Values.KStream<NoInfer<K> | null, NoInfer<V>, E, R, S>) => Values.KGroupedStream<K, V, E, R>
  (
    name: string
  ): <K, V, E, R, S extends Known.Groupable>(
    self: Values.KStream<K, V, E, R, S>
  ) => Values.KGroupedStream<NonNullable<K>, V, E, R>
  <K, V, E, R, S>(
    self: Values.KStream<NoInfer<K> | null, NoInfer<V>, E, R, S>,
    options: Options.KeyAndValue<K, V>
  ): Values.KGroupedStream<K, V, E, R>
  <K, V, E, R, S extends Known.Groupable>(
    self: Values.KStream<K, V, E, R, S>,
    name: string
  ): Values.KGroupedStream<NonNullable<K>, V, E, R>
} = dual(2, <K, V, E, R, S>(
  self: Values.KStream<K, V, E, R, S>,
  options: string | Options.Given
): Values.KGroupedStream<Erased, Erased, E, R> => {
  const { key, name, value }: Options.Given = typeof options === "string" ? { name: options } : options
  return Values.grouped(LogicalNode.make({ _tag: "GroupByKey", key, value, name }, self.node))
})

/**
 * Grouped by a new key; records for which it is null are dropped.
 *
 * @since 0.1.0
 */
export const groupBy: {
  <K, V, E, R, S extends Known.ValueSerde, K2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (key: K, value: V) => NoInfer<K2> | null,
    options: Options.WithKey<K2, Options.Named>
  ): Values.KGroupedStream<K2, V, E, R>
  <K, V, E, R, S, K2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (key: K, value: V) => NoInfer<K2> | null,
    options: Options.KeyAndValue<K2, V>
  ): Values.KGroupedStream<K2, V, E, R>
  <K, V, K2>(
    f: (key: K, value: V) => NoInfer<K2> | null,
    options: Options.WithKey<K2, Options.Named>
  ): <E, R, S extends Known.ValueSerde>(self: Values.KStream<K, V, E, R, S>) => Values.KGroupedStream<K2, V, E, R>
  <K, V, K2>(
    f: (key: K, value: V) => NoInfer<K2> | null,
    options: Options.KeyAndValue<K2, V>
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KGroupedStream<K2, V, E, R>
} = dual(3, <K, V, E, R, S, K2>(
  self: Values.KStream<K, V, E, R, S>,
  f: (key: K, value: V) => K2 | null,
  options: Serde.Any | Options.Given
): Values.KGroupedStream<K2, V, E, R> => {
  const { key, name, value } = Options.given(options, "key")
  return Values.grouped(LogicalNode.make({ _tag: "GroupBy", f, key, value, name }, self.node))
})

/**
 * The newest value of each key. Records without key are dropped, null values delete. It has a store if it is named with
 * `as`, joined or grouped.
 *
 * @since 0.1.0
 */
export const toTable: {
  (
    options?: Options.TableStore & Options.Named
  ): <K, V, E, R, S extends Known.Both>(
    self: Values.KStream<K, V, E, R, S>
  ) => Values.KTable<NonNullable<K>, NonNullable<V>, E, R, Known.All>
  <K, V, E, R, S extends Known.Both>(
    self: Values.KStream<K, V, E, R, S>,
    options?: Options.TableStore & Options.Named
  ): Values.KTable<NonNullable<K>, NonNullable<V>, E, R, Known.All>
} = dual(isStream, <K, V, E, R, S>(
  self: Values.KStream<K, V, E, R, S>,
  options: Options.Given = {}
): Values.KTable<NonNullable<K>, NonNullable<V>, E, R, Known.All> => {
  const materialized = Options.materialized(options)
  return Values.table(LogicalNode.make({ _tag: "ToTable", name: options.name, materialized }, self.node))
})
