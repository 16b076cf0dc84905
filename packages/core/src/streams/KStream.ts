/**
 * A stream: records, one after the other.
 *
 * What it keeps true: a stream is a value, the one used twice is one node; functions that make a new key take
 * `(key, value)`, all others `(value, key)`.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import type { Erased } from "../serde/Erased.ts"
import type * as Serde from "../serde/Serde.ts"
import type * as Known from "./Known.ts"
import * as LogicalNode from "./LogicalNode.ts"
import * as Options from "./Options.ts"
import type * as Topic from "./Topic.ts"
import type * as Topology from "./Topology.ts"
import * as Values from "./Values.ts"

export type {
  /**
   * See `Values`.
   *
   * @since 0.1.0
   */
  KStream,
  /**
   * See `Values`.
   *
   * @since 0.1.0
   */
  Sink
} from "./Values.ts"

const isStream = Values.isFirst("KStream")

/**
 * A topic, or several with the same serdes, as a stream. A null value is one only if the value serde is nullable; otherwise
 * it goes to the deserialisation handler.
 *
 * @since 0.1.0
 */
export const from = <K, V>(
  topics: Topic.Topic<K, V> | readonly [Topic.Topic<K, V>, ...ReadonlyArray<Topic.Topic<K, V>>],
  options: Options.Source<K, V> = {}
): Values.KStream<K | null, V, never, never, Known.All> => {
  const all = "_tag" in topics ? [topics] as const : topics
  return Values.stream(LogicalNode.make({
    _tag: "StreamSource",
    topics: all.map((topic) => topic.name),
    key: all[0].key,
    value: all[0].value,
    timestampExtractor: Options.timestampExtractor(options.timestamp),
    offsetReset: options.offsetReset,
    name: options.name
  }))
}

const stateless = <K, V, E, R, S>(
  self: Topology.Part<Erased, Erased>,
  step: LogicalNode.StatelessStep,
  options: Options.Given = {}
): Values.KStream<K, V, E, R, S> =>
  Values.stream(
    LogicalNode.make({ _tag: "Stateless", step, serdes: Options.serdes(options), name: options.name }, self.node)
  )

interface FilterOf {
  <K, V, V2 extends V>(
    predicate: (value: V, key: K) => value is V2,
    options?: Options.Named
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V2, E, R, S>
  <K, V>(
    predicate: (value: V, key: K) => boolean,
    options?: Options.Named
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V, E, R, S>
  <K, V, E, R, S>(
    self: Values.KStream<K, V, E, R, S>,
    predicate: (value: V, key: K) => boolean,
    options?: Options.Named
  ): Values.KStream<K, V, E, R, S>
}

/**
 * Only the records that satisfy the predicate.
 *
 * @since 0.1.0
 */
export const filter: FilterOf = dual(isStream, <K, V, E, R, S>(
  self: Values.KStream<K, V, E, R, S>,
  predicate: (value: V, key: K) => boolean,
  options?: Options.Named
): Values.KStream<K, V, E, R, S> => stateless(self, { _tag: "Filter", predicate, negate: false }, options))

interface FilterNotOf {
  <K, V>(
    predicate: (value: V, key: K) => boolean,
    options?: Options.Named
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V, E, R, S>
  <K, V, E, R, S>(
    self: Values.KStream<K, V, E, R, S>,
    predicate: (value: V, key: K) => boolean,
    options?: Options.Named
  ): Values.KStream<K, V, E, R, S>
}

/**
 * Only the records that do not satisfy the predicate.
 *
 * @since 0.1.0
 */
export const filterNot: FilterNotOf = dual(isStream, <K, V, E, R, S>(
  self: Values.KStream<K, V, E, R, S>,
  predicate: (value: V, key: K) => boolean,
  options?: Options.Named
): Values.KStream<K, V, E, R, S> => stateless(self, { _tag: "Filter", predicate, negate: true }, options))

/**
 * Only the records for which the effect answers true. Effects run at least once, bounded in number, never two of one key
 * at a time; records stay in order.
 *
 * @since 0.1.0
 */
export const filterEffect: {
  <K, V, E2, R2>(
    predicate: (value: V, key: K) => Effect.Effect<boolean, E2, R2>,
    options?: Options.Named
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V, E | E2, R | R2, S>
  <K, V, E, R, S, E2, R2>(
    self: Values.KStream<K, V, E, R, S>,
    predicate: (value: V, key: K) => Effect.Effect<boolean, E2, R2>,
    options?: Options.Named
  ): Values.KStream<K, V, E | E2, R | R2, S>
} = dual(isStream, <K, V, E, R, S, E2, R2>(
  self: Values.KStream<K, V, E, R, S>,
  predicate: (value: V, key: K) => Effect.Effect<boolean, E2, R2>,
  options?: Options.Named
): Values.KStream<K, V, E | E2, R | R2, S> => stateless(self, { _tag: "FilterEffect", f: predicate }, options))

/**
 * A new value for each record. Without a serde the result cannot be stored or moved between partitions.
 *
 * @since 0.1.0
 */
export const mapValues: {
  <K, V, E, R, S, V2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (value: V, key: K) => V2,
    options?: Options.Plain
  ): Values.KStream<K, V2, E, R, Known.DropValue<S>>
  <K, V, E, R, S, V2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (value: V, key: K) => NoInfer<V2>,
    options: Options.WithValue<V2, Options.Named>
  ): Values.KStream<K, V2, E, R, S & Known.ValueSerde>
  <K, V, V2>(
    f: (value: V, key: K) => V2,
    options?: Options.Plain
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V2, E, R, Known.DropValue<S>>
  <K, V, V2>(
    f: (value: V, key: K) => NoInfer<V2>,
    options: Options.WithValue<V2, Options.Named>
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V2, E, R, S & Known.ValueSerde>
} = dual(isStream, <K, V, E, R, S, V2>(
  self: Values.KStream<K, V, E, R, S>,
  f: (value: V, key: K) => V2,
  options?: Serde.Any | Options.Given
): Values.KStream<K, V2, E, R, S> => stateless(self, { _tag: "MapValues", f }, Options.given(options, "value")))

/**
 * A new value for each record, made by an effect. Effects run at least once, bounded in number, never two of one key at a
 * time; records stay in order.
 *
 * @since 0.1.0
 */
export const mapValuesEffect: {
  <K, V, E, R, S, V2, E2, R2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (value: V, key: K) => Effect.Effect<V2, E2, R2>,
    options?: Options.Plain
  ): Values.KStream<K, V2, E | E2, R | R2, Known.DropValue<S>>
  <K, V, E, R, S, V2, E2, R2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (value: V, key: K) => Effect.Effect<NoInfer<V2>, E2, R2>,
    options: Options.WithValue<V2, Options.Named>
  ): Values.KStream<K, V2, E | E2, R | R2, S & Known.ValueSerde>
  <K, V, V2, E2, R2>(
    f: (value: V, key: K) => Effect.Effect<V2, E2, R2>,
    options?: Options.Plain
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V2, E | E2, R | R2, Known.DropValue<S>>
  <K, V, V2, E2, R2>(
    f: (value: V, key: K) => Effect.Effect<NoInfer<V2>, E2, R2>,
    options: Options.WithValue<V2, Options.Named>
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V2, E | E2, R | R2, S & Known.ValueSerde>
} = dual(isStream, <K, V, E, R, S, V2, E2, R2>(
  self: Values.KStream<K, V, E, R, S>,
  f: (value: V, key: K) => Effect.Effect<V2, E2, R2>,
  options?: Serde.Any | Options.Given
): Values.KStream<K, V2, E | E2, R | R2, S> =>
  stateless(self, { _tag: "MapValuesEffect", f }, Options.given(options, "value")))

/**
 * Any number of new values for each record. Without a serde the result cannot be stored or moved between partitions.
 *
 * @since 0.1.0
 */
export const flatMapValues: {
  <K, V, E, R, S, V2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (value: V, key: K) => Iterable<V2>,
    options?: Options.Plain
  ): Values.KStream<K, V2, E, R, Known.DropValue<S>>
  <K, V, E, R, S, V2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (value: V, key: K) => Iterable<NoInfer<V2>>,
    options: Options.WithValue<V2, Options.Named>
  ): Values.KStream<K, V2, E, R, S & Known.ValueSerde>
  <K, V, V2>(
    f: (value: V, key: K) => Iterable<V2>,
    options?: Options.Plain
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V2, E, R, Known.DropValue<S>>
  <K, V, V2>(
    f: (value: V, key: K) => Iterable<NoInfer<V2>>,
    options: Options.WithValue<V2, Options.Named>
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V2, E, R, S & Known.ValueSerde>
} = dual(isStream, <K, V, E, R, S, V2>(
  self: Values.KStream<K, V, E, R, S>,
  f: (value: V, key: K) => Iterable<V2>,
  options?: Serde.Any | Options.Given
): Values.KStream<K, V2, E, R, S> => stateless(self, { _tag: "FlatMapValues", f }, Options.given(options, "value")))

/**
 * Serdes of the keys and values that an operator makes.
 *
 * @since 0.1.0
 */
export interface Serdes<K, V> extends Options.Named {
  readonly key: Serde.Serde<K>
  readonly value: Serde.Serde<V>
}

/**
 * A new key and value for each record. Without serdes the result cannot be stored or moved between partitions.
 *
 * @since 0.1.0
 */
export const map: {
  <K, V, E, R, S, K2, V2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (key: K, value: V) => readonly [K2, V2],
    options?: Options.Plain
  ): Values.KStream<K2, V2, E, R, unknown>
  <K, V, E, R, S, K2, V2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (key: K, value: V) => readonly [NoInfer<K2> | null, NoInfer<V2>],
    options: Serdes<K2, V2>
  ): Values.KStream<K2 | null, V2, E, R, Known.Both>
  <K, V, K2, V2>(
    f: (key: K, value: V) => readonly [K2, V2],
    options?: Options.Plain
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K2, V2, E, R, unknown>
  <K, V, K2, V2>(
    f: (key: K, value: V) => readonly [NoInfer<K2> | null, NoInfer<V2>],
    options: Serdes<K2, V2>
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K2 | null, V2, E, R, Known.Both>
} = dual(isStream, <K, V, E, R, S, K2, V2>(
  self: Values.KStream<K, V, E, R, S>,
  f: (key: K, value: V) => readonly [K2, V2],
  options?: Options.Given
): Values.KStream<K2, V2, E, R, Erased> => stateless(self, { _tag: "Map", f }, options))

/**
 * Any number of new keys and values for each record. Without serdes the result cannot be stored or moved between
 * partitions.
 *
 * @since 0.1.0
 */
export const flatMap: {
  <K, V, E, R, S, K2, V2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (key: K, value: V) => Iterable<readonly [K2, V2]>,
    options?: Options.Plain
  ): Values.KStream<K2, V2, E, R, unknown>
  <K, V, E, R, S, K2, V2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (key: K, value: V) => Iterable<readonly [NoInfer<K2> | null, NoInfer<V2>]>,
    options: Serdes<K2, V2>
  ): Values.KStream<K2 | null, V2, E, R, Known.Both>
  <K, V, K2, V2>(
    f: (key: K, value: V) => Iterable<readonly [K2, V2]>,
    options?: Options.Plain
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K2, V2, E, R, unknown>
  <K, V, K2, V2>(
    f: (key: K, value: V) => Iterable<readonly [NoInfer<K2> | null, NoInfer<V2>]>,
    options: Serdes<K2, V2>
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K2 | null, V2, E, R, Known.Both>
} = dual(isStream, <K, V, E, R, S, K2, V2>(
  self: Values.KStream<K, V, E, R, S>,
  f: (key: K, value: V) => Iterable<readonly [K2, V2]>,
  options?: Options.Given
): Values.KStream<K2, V2, E, R, Erased> => stateless(self, { _tag: "FlatMap", f }, options))

/**
 * A new key for each record. Without a serde the result cannot be stored or moved between partitions.
 *
 * @since 0.1.0
 */
export const selectKey: {
  <K, V, E, R, S, K2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (key: K, value: V) => K2,
    options?: Options.Plain
  ): Values.KStream<K2, V, E, R, Known.DropKey<S>>
  <K, V, E, R, S, K2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (key: K, value: V) => NoInfer<K2> | null,
    options: Options.WithKey<K2, Options.Named>
  ): Values.KStream<K2 | null, V, E, R, Known.KeySerde & Known.DropKey<S>>
  <K, V, K2>(
    f: (key: K, value: V) => K2,
    options?: Options.Plain
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K2, V, E, R, Known.DropKey<S>>
  <K, V, K2>(
    f: (key: K, value: V) => NoInfer<K2> | null,
    options: Options.WithKey<K2, Options.Named>
  ): <E, R, S>(
    self: Values.KStream<K, V, E, R, S>
  ) => Values.KStream<K2 | null, V, E, R, Known.KeySerde & Known.DropKey<S>>
} = dual(isStream, <K, V, E, R, S, K2>(
  self: Values.KStream<K, V, E, R, S>,
  f: (key: K, value: V) => K2,
  options?: Serde.Any | Options.Given
): Values.KStream<K2, V, E, R, Erased> => stateless(self, { _tag: "SelectKey", f }, Options.given(options, "key")))

/**
 * The same stream; `f` sees each record.
 *
 * @since 0.1.0
 */
export const peek: {
  <K, V>(
    f: (value: V, key: K) => void,
    options?: Options.Named
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V, E, R, S>
  <K, V, E, R, S>(
    self: Values.KStream<K, V, E, R, S>,
    f: (value: V, key: K) => void,
    options?: Options.Named
  ): Values.KStream<K, V, E, R, S>
} = dual(isStream, <K, V, E, R, S>(
  self: Values.KStream<K, V, E, R, S>,
  f: (value: V, key: K) => void,
  options?: Options.Named
): Values.KStream<K, V, E, R, S> => stateless(self, { _tag: "Peek", f }, options))

/**
 * The end of the stream; `f` sees each record.
 *
 * @since 0.1.0
 */
export const foreach: {
  <K, V>(
    f: (value: V, key: K) => void,
    options?: Options.Named
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.Sink<E, R>
  <K, V, E, R, S>(
    self: Values.KStream<K, V, E, R, S>,
    f: (value: V, key: K) => void,
    options?: Options.Named
  ): Values.Sink<E, R>
} = dual(isStream, <K, V, E, R, S>(
  self: Values.KStream<K, V, E, R, S>,
  f: (value: V, key: K) => void,
  options?: Options.Named
): Values.Sink<E, R> => Values.sink(stateless(self, { _tag: "ForEach", f }, options).node))

/**
 * The records of both streams, in no particular order. What is known of both is known of the result.
 *
 * @since 0.1.0
 */
export const merge: {
  <K, V, E2, R2, S2>(
    that: Values.KStream<K, V, E2, R2, S2>,
    options?: Options.Named
  ): <E, R, S>(
    self: Values.KStream<NoInfer<K>, NoInfer<V>, E, R, S>
  ) => Values.KStream<K, V, E | E2, R | R2, S | S2>
  <K, V, E, R, S, E2, R2, S2>(
    self: Values.KStream<NoInfer<K>, NoInfer<V>, E, R, S>,
    that: Values.KStream<K, V, E2, R2, S2>,
    options?: Options.Named
  ): Values.KStream<K, V, E | E2, R | R2, S | S2>
} = dual((args) => isStream(args) && typeof args[1] === "object" && args[1] !== null && args[1]._tag === "KStream", <
  K,
  V,
  E,
  R,
  S,
  E2,
  R2,
  S2
>(
  self: Values.KStream<K, V, E, R, S>,
  that: Values.KStream<K, V, E2, R2, S2>,
  options: Options.Named = {}
): Values.KStream<K, V, E | E2, R | R2, S | S2> =>
  Values.stream(LogicalNode.make({ _tag: "Merge", name: options.name }, self.node, that.node)))

/**
 * A condition, alone or with a name for its branch.
 *
 * @since 0.1.0
 */
export type BranchOf<K, V> =
  | ((value: V, key: K) => boolean)
  | { readonly predicate: (value: V, key: K) => boolean; readonly name: string }

/**
 * The stream in parts: each record goes to the branch of the first predicate that it satisfies, and else to the rest. The
 * rest is the last part if `rest` asks for it (true, or a name); if not, those records are dropped.
 *
 * @since 0.1.0
 */
export const split: {
  <K, V, E, R, S, B extends ReadonlyArray<unknown>, const O extends SplitOptions = {}>(
    self: Values.KStream<K, V, E, R, S>,
    branches: readonly [...{ readonly [I in keyof B]: BranchOf<K, V> }],
    options?: O
  ): Parts<B, O, Values.KStream<K, V, E, R, S>>
  <K, V, B extends ReadonlyArray<unknown>, const O extends SplitOptions = {}>(
    branches: readonly [...{ readonly [I in keyof B]: BranchOf<K, V> }],
    options?: O
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Parts<B, O, Values.KStream<K, V, E, R, S>>
} = dual(isStream, <K, V, E, R, S>(
  self: Values.KStream<K, V, E, R, S>,
  branches: ReadonlyArray<BranchOf<K, V>>,
  options: SplitOptions = {}
): ReadonlyArray<Values.KStream<K, V, E, R, S>> => {
  const { name, rest } = options
  const otherwise = rest === undefined || rest === false ? undefined : { name: rest === true ? undefined : rest }
  const named = branches.map((branch) => typeof branch === "function" ? { predicate: branch, name: undefined } : branch)
  const chooser = LogicalNode.makeSplit({ _tag: "Split", branches: named, otherwise, name }, self.node)
  return chooser.parts.map((part) => Values.stream<K, V, E, R, S>(part))
})

/**
 * Options of a split; `name` begins the names of its branches.
 *
 * @since 0.1.0
 */
export interface SplitOptions extends Options.Named {
  readonly rest?: boolean | string | undefined
}

/**
 * A stream for each branch, and one for the rest if it was asked for.
 *
 * @since 0.1.0
 */
export type Parts<B extends ReadonlyArray<unknown>, O, S> = O extends { readonly rest: true | string }
  ? readonly [...{ readonly [I in keyof B]: S }, S]
  : { readonly [I in keyof B]: S }

/**
 * What a repartition may be told.
 *
 * @since 0.1.0
 */
export interface RepartitionOptions extends Options.Named {
  /** How many partitions its topic has; by default as many as the topics that the stream comes from. */
  readonly partitions?: number | undefined
}

/**
 * The stream through a topic of its own, by its keys. Records without key are dropped.
 *
 * @since 0.1.0
 */
export const repartition: {
  <K, V>(
    options: RepartitionOptions & { readonly key: Serde.Serde<K>; readonly value: Serde.Serde<V> }
  ): <E, R, S>(self: Values.KStream<NoInfer<K> | null, NoInfer<V>, E, R, S>) => Values.KStream<K, V, E, R, Known.All>
  (
    options?: RepartitionOptions
  ): <K, V, E, R, S extends Known.Both>(
    self: Values.KStream<K, V, E, R, S>
  ) => Values.KStream<NonNullable<K>, V, E, R, Known.All>
  <K, V, E, R, S>(
    self: Values.KStream<NoInfer<K> | null, NoInfer<V>, E, R, S>,
    options: RepartitionOptions & { readonly key: Serde.Serde<K>; readonly value: Serde.Serde<V> }
  ): Values.KStream<K, V, E, R, Known.All>
  <K, V, E, R, S extends Known.Both>(
    self: Values.KStream<K, V, E, R, S>,
    options?: RepartitionOptions
  ): Values.KStream<NonNullable<K>, V, E, R, Known.All>
} = dual(isStream, <K, V, E, R, S>(
  self: Values.KStream<K, V, E, R, S>,
  options: RepartitionOptions & Options.Given = {}
): Values.KStream<Erased, Erased, E, R, Known.All> => {
  const { key, name, partitions, value } = options
  return Values.stream(LogicalNode.make({ _tag: "Repartition", key, value, name, partitions }, self.node))
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
    options: Serdes<K, V>
  ): <E, R, S>(self: Values.KStream<NoInfer<K> | null, NoInfer<V>, E, R, S>) => Values.KGroupedStream<K, V, E, R>
  (
    name: string
  ): <K, V, E, R, S extends Known.Groupable>(
    self: Values.KStream<K, V, E, R, S>
  ) => Values.KGroupedStream<NonNullable<K>, V, E, R>
  <K, V, E, R, S>(
    self: Values.KStream<NoInfer<K> | null, NoInfer<V>, E, R, S>,
    options: Serdes<K, V>
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
    options: Serdes<K2, V>
  ): Values.KGroupedStream<K2, V, E, R>
  <K, V, K2>(
    f: (key: K, value: V) => NoInfer<K2> | null,
    options: Options.WithKey<K2, Options.Named>
  ): <E, R, S extends Known.ValueSerde>(self: Values.KStream<K, V, E, R, S>) => Values.KGroupedStream<K2, V, E, R>
  <K, V, K2>(
    f: (key: K, value: V) => NoInfer<K2> | null,
    options: Serdes<K2, V>
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
 * Serdes of the stream, if records must move to other partitions and the serdes are not known; and a name.
 *
 * @since 0.1.0
 */
export type JoinOptions<K, V> = Options.Named | Serdes<K, V>

interface JoinTable<N> {
  <K, V, V2, E2, R2, S2, VO>(
    table: Values.KTable<K, V2, E2, R2, S2>,
    f: (left: V, right: V2 | N, key: K | N) => VO,
    options?: Options.Plain
  ): <E, R, S extends Known.Joinable>(
    self: Values.KStream<NoInfer<K> | null, V, E, R, S>
  ) => Values.KStream<K | N, VO, E | E2, R | R2, Known.DropValue<S> & Known.Partitioned>
  <K, V, V2, E2, R2, S2, VO>(
    table: Values.KTable<K, V2, E2, R2, S2>,
    f: (left: V, right: V2 | N, key: K | N) => VO,
    options: Serdes<NoInfer<K>, NoInfer<V>>
  ): <E, R, S>(
    self: Values.KStream<NoInfer<K> | null, V, E, R, S>
  ) => Values.KStream<K | N, VO, E | E2, R | R2, Known.KeySerde & Known.Partitioned>
  <K, V, E, R, S extends Known.Joinable, V2, E2, R2, S2, VO>(
    self: Values.KStream<NoInfer<K> | null, V, E, R, S>,
    table: Values.KTable<K, V2, E2, R2, S2>,
    f: (left: V, right: V2 | N, key: K | N) => VO,
    options?: Options.Plain
  ): Values.KStream<K | N, VO, E | E2, R | R2, Known.DropValue<S> & Known.Partitioned>
  <K, V, E, R, S, V2, E2, R2, S2, VO>(
    self: Values.KStream<NoInfer<K> | null, V, E, R, S>,
    table: Values.KTable<K, V2, E2, R2, S2>,
    f: (left: V, right: V2 | N, key: K | N) => VO,
    options: Serdes<NoInfer<K>, NoInfer<V>>
  ): Values.KStream<K | N, VO, E | E2, R | R2, Known.KeySerde & Known.Partitioned>
}

const joined = (left: boolean) =>
(
  self: Topology.Part<Erased, Erased>,
  table: Topology.Part<Erased, Erased>,
  join: (left: Erased, right: Erased, key: Erased) => Erased,
  options: Options.Given = {}
): Values.KStream<Erased, Erased, Erased, Erased, Erased> => {
  const { key, name, value } = options
  return Values.stream(
    LogicalNode.make({ _tag: "StreamTableJoin", join, left, key, value, name }, self.node, table.node)
  )
}

/**
 * Each record joined with what the table holds for its key at that moment. Records without key, and those whose key the
 * table lacks, are dropped.
 *
 * @since 0.1.0
 */
export const join: JoinTable<never> = dual(isStream, joined(false))

/**
 * Each record joined with what the table holds for its key at that moment, or with null.
 *
 * @since 0.1.0
 */
export const leftJoin: JoinTable<null> = dual(isStream, joined(true))

/**
 * The newest value of each key. Records without key are dropped, null values delete. It has a store if it is named with
 * `as`, joined or grouped.
 *
 * @since 0.1.0
 */
export const toTable: {
  (
    options?: Options.Store & Options.Named
  ): <K, V, E, R, S extends Known.Both>(
    self: Values.KStream<K, V, E, R, S>
  ) => Values.KTable<NonNullable<K>, NonNullable<V>, E, R, Known.All>
  <K, V, E, R, S extends Known.Both>(
    self: Values.KStream<K, V, E, R, S>,
    options?: Options.Store & Options.Named
  ): Values.KTable<NonNullable<K>, NonNullable<V>, E, R, Known.All>
} = dual(isStream, <K, V, E, R, S>(
  self: Values.KStream<K, V, E, R, S>,
  options: Options.Given = {}
): Values.KTable<NonNullable<K>, NonNullable<V>, E, R, Known.All> => {
  const materialized = Options.materialized(options)
  return Values.table(LogicalNode.make({ _tag: "ToTable", name: options.name, materialized }, self.node))
})

/**
 * The end of the stream: a topic, whose serdes write it.
 *
 * @since 0.1.0
 */
export const to: {
  <K, V>(
    topic: Topic.Topic<K, V>,
    options?: Options.Named
  ): <E, R>(self: Values.KStream<NoInfer<K> | null, NoInfer<V>, E, R, unknown>) => Values.Sink<E, R>
  <K, V, E, R>(
    self: Values.KStream<NoInfer<K> | null, NoInfer<V>, E, R, unknown>,
    topic: Topic.Topic<K, V>,
    options?: Options.Named
  ): Values.Sink<E, R>
} = dual(isStream, <K, V, E, R>(
  self: Values.KStream<K | null, V, E, R, unknown>,
  topic: Topic.Topic<K, V>,
  options: Options.Named = {}
): Values.Sink<E, R> => {
  const { key, name, value } = topic
  return Values.sink(LogicalNode.make({ _tag: "Sink", topic: name, key, value, name: options.name }, self.node))
})
