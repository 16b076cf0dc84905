/**
 * A stream: records, one after the other.
 *
 * What it keeps true: a stream is a value, the one used twice is one node; functions that make a new key take
 * `(key, value)`, all others `(value, key)`.
 *
 * @since 0.1.0
 */
import { dual } from "effect/Function"
import type { Erased } from "../serde/Erased.ts"
import type * as Serde from "../serde/Serde.ts"
import type * as Known from "./Known.ts"
import * as LogicalNode from "./LogicalNode.ts"
import * as Options from "./Options.ts"
import type * as Topic from "./Topic.ts"
import * as Values from "./Values.ts"
import { stateless } from "./kstream/stateless.ts"

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

export * from "./kstream/branching.ts"
export * from "./kstream/effects.ts"
export * from "./kstream/joins.ts"
export * from "./kstream/processing.ts"
export * from "./kstream/regrouping.ts"
export * from "./kstream/topics.ts"

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
    offsetReset: Options.offsetReset(options.offsetReset),
    name: options.name
  }))
}

interface FilterOf {
  <K, V, V2 extends V>(
    predicate: (value: V, key: K) => value is V2,
    options?: Options.Named
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V2, E, R, S>
  <K, V>(
    predicate: (value: V, key: K) => boolean,
    options?: Options.Named
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V, E, R, S>
  <K, V, E, R, S, V2 extends V>(
    self: Values.KStream<K, V, E, R, S>,
    predicate: (value: V, key: K) => value is V2,
    options?: Options.Named
  ): Values.KStream<K, V2, E, R, S>
  <K, V, E, R, S>(
    self: Values.KStream<K, V, E, R, S>,
    predicate: (value: V, key: K) => boolean,
    options?: Options.Named
  ): Values.KStream<K, V, E, R, S>
}

/**
 * Only the records that satisfy the predicate; one that narrows the type of the values narrows the stream.
 *
 * @since 0.1.0
 */
export const filter: FilterOf = dual(isStream, <K, V, E, R, S>(
  self: Values.KStream<K, V, E, R, S>,
  predicate: (value: V, key: K) => boolean,
  options?: Options.Named
): Values.KStream<K, V, E, R, S> => stateless(self, { _tag: "Filter", predicate, negate: false }, options))

interface FilterNotOf {
  <K, V, V2 extends V>(
    predicate: (value: V, key: K) => value is V2,
    options?: Options.Named
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, Exclude<V, V2>, E, R, S>
  <K, V>(
    predicate: (value: V, key: K) => boolean,
    options?: Options.Named
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V, E, R, S>
  <K, V, E, R, S, V2 extends V>(
    self: Values.KStream<K, V, E, R, S>,
    predicate: (value: V, key: K) => value is V2,
    options?: Options.Named
  ): Values.KStream<K, Exclude<V, V2>, E, R, S>
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
    options: Options.KeyAndValue<K2, V2>
  ): Values.KStream<K2 | null, V2, E, R, Known.Both>
  <K, V, K2, V2>(
    f: (key: K, value: V) => readonly [K2, V2],
    options?: Options.Plain
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K2, V2, E, R, unknown>
  <K, V, K2, V2>(
    f: (key: K, value: V) => readonly [NoInfer<K2> | null, NoInfer<V2>],
    options: Options.KeyAndValue<K2, V2>
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
    options: Options.KeyAndValue<K2, V2>
  ): Values.KStream<K2 | null, V2, E, R, Known.Both>
  <K, V, K2, V2>(
    f: (key: K, value: V) => Iterable<readonly [K2, V2]>,
    options?: Options.Plain
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K2, V2, E, R, unknown>
  <K, V, K2, V2>(
    f: (key: K, value: V) => Iterable<readonly [NoInfer<K2> | null, NoInfer<V2>]>,
    options: Options.KeyAndValue<K2, V2>
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
 * The end of the stream: a topic, whose serdes write it.
 *
 * @since 0.1.0
 */
export const to: {
  <K, V, E, R>(
    self: Values.KStream<NoInfer<K> | null, NoInfer<V>, E, R, unknown>,
    topic: Topic.Topic<K, V>,
    options?: Options.Produced<NoInfer<K> | null, NoInfer<V>>
  ): Values.Sink<E, R>
  <K, V>(
    topic: Topic.Topic<K, V>,
    options?: Options.Produced<NoInfer<K> | null, NoInfer<V>>
  ): <E, R>(self: Values.KStream<NoInfer<K> | null, NoInfer<V>, E, R, unknown>) => Values.Sink<E, R>
} = dual(isStream, <K, V, E, R>(
  self: Values.KStream<K | null, V, E, R, unknown>,
  topic: Topic.Topic<K, V>,
  options: Options.Produced<K | null, V> = {}
): Values.Sink<E, R> => {
  const { key, name: topicName, value } = topic
  const { name, streamPartitioner } = options
  const operation = { _tag: "Sink", topic: topicName, key, value, name, streamPartitioner } as const
  return Values.sink(LogicalNode.make(operation, self.node))
})
