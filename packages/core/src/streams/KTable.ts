/**
 * A table: the newest value of each key, as a changing thing.
 *
 * What it keeps true: a table is a value, the one used twice is one node; its keys and values are never null (a null value
 * is a deletion).
 *
 * @since 0.1.0
 */
import { dual } from "effect/Function"
import type * as Serde from "../serde/Serde.ts"
import type * as Known from "./Known.ts"
import * as LogicalNode from "./LogicalNode.ts"
import * as Options from "./Options.ts"
import type { Suppressed } from "./Suppressed.ts"
import type * as Topic from "./Topic.ts"
import * as Values from "./Values.ts"

export type {
  /**
   * See `Values`.
   *
   * @since 0.1.0
   */
  KTable
} from "./Values.ts"

export * from "./ktable/joins.ts"
export * from "./ktable/transforming.ts"

/**
 * A topic as a table. Records without key are dropped, null values delete. It has a store if it is named with `as`, joined
 * or grouped.
 *
 * @since 0.1.0
 */
export const from = <K, V>(
  topic: Topic.Topic<K, V>,
  options: Options.Source<K, V> & Options.TableStore = {}
): Values.KTable<NonNullable<K>, NonNullable<V>, never, never, Known.All> =>
  Values.table(LogicalNode.make({
    _tag: "TableSource",
    topics: [topic.name],
    key: topic.key,
    value: topic.value,
    timestampExtractor: Options.timestampExtractor(options.timestamp),
    offsetReset: Options.offsetReset(options.offsetReset),
    name: options.name,
    materialized: Options.materialized(options)
  }))

/**
 * A store's name, and how the store is kept; it needs both serdes.
 *
 * @since 0.1.0
 */
export type NamedStore = Options.TableStore & Options.Named & { readonly as: string }

const filtered = <K, V, E, R, S>(
  self: Values.KTable<K, V, E, R, S>,
  predicate: (value: V, key: K) => boolean,
  negate: boolean,
  options: Options.Given
): Values.KTable<K, V, E, R, S> =>
  Values.table(LogicalNode.make(
    { _tag: "TableFilter", predicate, negate, name: options.name, materialized: Options.materialized(options) },
    self.node
  ))

interface FilterOf {
  <K, V>(
    predicate: (value: V, key: K) => boolean,
    options: NamedStore
  ): <E, R, S extends Known.Both>(self: Values.KTable<K, V, E, R, S>) => Values.KTable<K, V, E, R, S>
  <K, V>(
    predicate: (value: V, key: K) => boolean,
    options?: Options.Named
  ): <E, R, S>(self: Values.KTable<K, V, E, R, S>) => Values.KTable<K, V, E, R, S>
  <K, V, E, R, S extends Known.Both>(
    self: Values.KTable<K, V, E, R, S>,
    predicate: (value: V, key: K) => boolean,
    options: NamedStore
  ): Values.KTable<K, V, E, R, S>
  <K, V, E, R, S>(
    self: Values.KTable<K, V, E, R, S>,
    predicate: (value: V, key: K) => boolean,
    options?: Options.Named
  ): Values.KTable<K, V, E, R, S>
}

/**
 * Without the keys whose value the predicate refuses; they are deleted from the result when they were in it.
 *
 * @since 0.1.0
 */
export const filter: FilterOf = dual(Values.isFirst("KTable"), <K, V, E, R, S>(
  self: Values.KTable<K, V, E, R, S>,
  predicate: (value: V, key: K) => boolean,
  options: Options.Given = {}
): Values.KTable<K, V, E, R, S> => filtered(self, predicate, false, options))

/**
 * Without the keys whose value the predicate accepts.
 *
 * @since 0.1.0
 */
export const filterNot: FilterOf = dual(Values.isFirst("KTable"), <K, V, E, R, S>(
  self: Values.KTable<K, V, E, R, S>,
  predicate: (value: V, key: K) => boolean,
  options: Options.Given = {}
): Values.KTable<K, V, E, R, S> => filtered(self, predicate, true, options))

/**
 * A new value for each key; null leaves the key out. Without a serde the result cannot be stored or sent.
 *
 * @since 0.1.0
 */
export const mapValues: {
  <K, V, E, R, S, V2>(
    self: Values.KTable<K, V, E, R, S>,
    f: (value: V, key: K) => V2,
    options?: Options.Plain
  ): Values.KTable<K, NonNullable<V2>, E, R, Known.DropValue<S>>
  <K, V, E, R, S, V2>(
    self: Values.KTable<K, V, E, R, S>,
    f: (value: V, key: K) => NoInfer<V2> | null,
    options: Options.WithValue<V2, Options.TableStore & Options.Named>
  ): Values.KTable<K, V2, E, R, S & Known.ValueSerde>
  <K, V, V2>(
    f: (value: V, key: K) => V2,
    options?: Options.Plain
  ): <E, R, S>(self: Values.KTable<K, V, E, R, S>) => Values.KTable<K, NonNullable<V2>, E, R, Known.DropValue<S>>
  <K, V, V2>(
    f: (value: V, key: K) => NoInfer<V2> | null,
    options: Options.WithValue<V2, Options.TableStore & Options.Named>
  ): <E, R, S>(self: Values.KTable<K, V, E, R, S>) => Values.KTable<K, V2, E, R, S & Known.ValueSerde>
} = dual(Values.isFirst("KTable"), <K, V, E, R, S, V2>(
  self: Values.KTable<K, V, E, R, S>,
  f: (value: V, key: K) => V2,
  options?: Serde.Any | Options.Given
): Values.KTable<K, V2, E, R, S> => {
  const wishes = Options.given(options, "value")
  const materialized = Options.materialized(wishes)
  return Values.table(LogicalNode.make({ _tag: "TableMapValues", f, name: wishes.name, materialized }, self.node))
})

/**
 * The table's updates as a stream. A deletion is a record whose value is null, a tombstone where it is sent; the type does
 * not say so, hence filter out null before functions that look at the values of a table that deletes.
 *
 * @since 0.1.0
 */
export const toStream = <K, V, E, R, S>(self: Values.KTable<K, V, E, R, S>): Values.KStream<K, V, E, R, S> =>
  toStreamNamed(self, undefined)

/**
 * The table's updates as a stream, under a name.
 *
 * @since 0.1.0
 */
export const toStreamAs: {
  (name: string): <K, V, E, R, S>(self: Values.KTable<K, V, E, R, S>) => Values.KStream<K, V, E, R, S>
  <K, V, E, R, S>(self: Values.KTable<K, V, E, R, S>, name: string): Values.KStream<K, V, E, R, S>
} = dual(
  2,
  <K, V, E, R, S>(self: Values.KTable<K, V, E, R, S>, name: string): Values.KStream<K, V, E, R, S> =>
    toStreamNamed(self, name)
)

const toStreamNamed = <K, V, E, R, S>(
  self: Values.KTable<K, V, E, R, S>,
  name: string | undefined
): Values.KStream<K, V, E, R, S> => Values.stream(LogicalNode.make({ _tag: "ToStream", name }, self.node))

/**
 * Grouped by new keys (null leaves the record out), with new values. Both need serdes: they go through a topic.
 *
 * @since 0.1.0
 */
export const groupBy: {
  <K, V, K2, V2>(
    f: (key: K, value: V) => readonly [NoInfer<K2> | null, NoInfer<V2>],
    options: { readonly key: Serde.Serde<K2>; readonly value: Serde.Serde<V2> } & Options.Named
  ): <E, R, S>(self: Values.KTable<K, V, E, R, S>) => Values.KGroupedTable<K2, V2, E, R>
  <K, V, E, R, S, K2, V2>(
    self: Values.KTable<K, V, E, R, S>,
    f: (key: K, value: V) => readonly [NoInfer<K2> | null, NoInfer<V2>],
    options: { readonly key: Serde.Serde<K2>; readonly value: Serde.Serde<V2> } & Options.Named
  ): Values.KGroupedTable<K2, V2, E, R>
} = dual(3, <K, V, E, R, S, K2, V2>(
  self: Values.KTable<K, V, E, R, S>,
  f: (key: K, value: V) => readonly [K2 | null, V2],
  options: { readonly key: Serde.Serde<K2>; readonly value: Serde.Serde<V2> } & Options.Named
): Values.KGroupedTable<K2, V2, E, R> => {
  const { key, name, value } = options
  return Values.groupedTable(LogicalNode.make({ _tag: "TableGroupBy", f, key, value, name }, self.node))
})

/**
 * Holds updates back, until a window closes or for a time. What is held back is kept in a store, so both serdes must be known,
 * or are given here.
 *
 * @since 0.1.0
 */
export const suppress: {
  <K>(
    suppressed: Suppressed<K>
  ): <K2 extends K, V, E, R, S extends Known.Both>(self: Values.KTable<K2, V, E, R, S>) => Values.KTable<K2, V, E, R, S>
  <K, K2 extends K, V>(
    suppressed: Suppressed<K>,
    serdes: { readonly key: Serde.Serde<K2>; readonly value: Serde.Serde<V> }
  ): <E, R, S>(
    self: Values.KTable<NoInfer<K2>, NoInfer<V>, E, R, S>
  ) => Values.KTable<K2, V, E, R, S & Known.Both>
  <K2 extends K, V, E, R, S extends Known.Both, K>(
    self: Values.KTable<K2, V, E, R, S>,
    suppressed: Suppressed<K>
  ): Values.KTable<K2, V, E, R, S>
  <K2 extends K, V, E, R, S, K>(
    self: Values.KTable<K2, V, E, R, S>,
    suppressed: Suppressed<K>,
    serdes: { readonly key: Serde.Serde<NoInfer<K2>>; readonly value: Serde.Serde<NoInfer<V>> }
  ): Values.KTable<K2, V, E, R, S & Known.Both>
} = dual(
  Values.isFirst("KTable"),
  <K, V, E, R, S>(
    self: Values.KTable<K, V, E, R, S>,
    suppressed: Suppressed<K>,
    serdes: Options.Given = {}
  ): Values.KTable<K, V, E, R, S> =>
    Values.table(LogicalNode.make({ _tag: "Suppress", suppressed, ...Options.serdes(serdes) }, self.node))
)
