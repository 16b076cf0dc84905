/**
 * Operators of a stream whose functions are effects: what they need and how they fail is part of the topology's type.
 *
 * What they keep true: at most `concurrency` effects of an operator run at once, and never two of one key in a task; results
 * leave in the order in which a task took its records; all have left before the task commits or punctuates. The answer is
 * that of running them one after the other. An effect runs at least once: it is not part of a transaction, and a failure ends
 * the app before anything that came after it leaves.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import type { RecordHeader } from "../../records/RecordCursor.ts"
import type { Erased } from "../../serde/Erased.ts"
import type * as Serde from "../../serde/Serde.ts"
import type * as Known from "../Known.ts"
import type * as LogicalNode from "../LogicalNode.ts"
import * as Options from "../Options.ts"
import * as Values from "../Values.ts"
import { stateless } from "./stateless.ts"

const isStream = Values.isFirst("KStream")

/**
 * How effects run. `concurrency`: how many at most of this operator in one task (16).
 *
 * @since 0.1.0
 */
export interface Concurrent {
  readonly concurrency?: number | undefined
}

const step = (
  operator: LogicalNode.Effectful["operator"],
  f: LogicalNode.Effectful["f"],
  { concurrency }: Concurrent = {}
): LogicalNode.Effectful => ({ _tag: "Effectful", operator, f, concurrency })

/** An operator that leaves records as they are; `A` is what its effect answers. */
interface Keeping<A> {
  <K, V, E2, R2>(
    f: (value: V, key: K) => Effect.Effect<A, E2, R2>,
    options?: Options.Named & Concurrent
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V, E | E2, R | R2, S>
  <K, V, E, R, S, E2, R2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (value: V, key: K) => Effect.Effect<A, E2, R2>,
    options?: Options.Named & Concurrent
  ): Values.KStream<K, V, E | E2, R | R2, S>
}

const keeping = <A>(operator: "Filter" | "Peek"): Keeping<A> =>
  dual(isStream, <K, V, E, R, S, E2, R2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (value: V, key: K) => Effect.Effect<A, E2, R2>,
    options?: Options.Named & Concurrent
  ): Values.KStream<K, V, E | E2, R | R2, S> => stateless(self, step(operator, f, options), options))

/**
 * Only the records for which the effect answers true.
 *
 * @since 0.1.0
 */
export const filterEffect: Keeping<boolean> = keeping("Filter")

interface MapValuesEffectOf {
  <K, V, E, R, S, V2, E2, R2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (value: V, key: K) => Effect.Effect<V2, E2, R2>,
    options?: Options.Plain & Concurrent
  ): Values.KStream<K, V2, E | E2, R | R2, Known.DropValue<S>>
  <K, V, E, R, S, V2, E2, R2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (value: V, key: K) => Effect.Effect<NoInfer<V2>, E2, R2>,
    options: Options.WithValue<V2, Options.Named & Concurrent>
  ): Values.KStream<K, V2, E | E2, R | R2, S & Known.ValueSerde>
  <K, V, V2, E2, R2>(
    f: (value: V, key: K) => Effect.Effect<V2, E2, R2>,
    options?: Options.Plain & Concurrent
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V2, E | E2, R | R2, Known.DropValue<S>>
  <K, V, V2, E2, R2>(
    f: (value: V, key: K) => Effect.Effect<NoInfer<V2>, E2, R2>,
    options: Options.WithValue<V2, Options.Named & Concurrent>
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V2, E | E2, R | R2, S & Known.ValueSerde>
}

type ValueOptions = Serde.Any | (Options.Given & Concurrent)

const concurrent = (options: ValueOptions | undefined): Concurrent =>
  options === undefined || !("concurrency" in options) ? {} : options

/**
 * A new value for each record. Without a serde the result cannot be stored or moved between partitions.
 *
 * @since 0.1.0
 */
export const mapValuesEffect: MapValuesEffectOf = dual(isStream, <K, V, E, R, S, V2, E2, R2>(
  self: Values.KStream<K, V, E, R, S>,
  f: (value: V, key: K) => Effect.Effect<V2, E2, R2>,
  options?: ValueOptions
): Values.KStream<K, V2, E | E2, R | R2, S> =>
  stateless(self, step("MapValues", f, concurrent(options)), Options.given(options, "value")))

interface FlatMapValuesEffectOf {
  <K, V, E, R, S, V2, E2, R2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (value: V, key: K) => Effect.Effect<Iterable<V2>, E2, R2>,
    options?: Options.Plain & Concurrent
  ): Values.KStream<K, V2, E | E2, R | R2, Known.DropValue<S>>
  <K, V, E, R, S, V2, E2, R2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (value: V, key: K) => Effect.Effect<Iterable<NoInfer<V2>>, E2, R2>,
    options: Options.WithValue<V2, Options.Named & Concurrent>
  ): Values.KStream<K, V2, E | E2, R | R2, S & Known.ValueSerde>
  <K, V, V2, E2, R2>(
    f: (value: V, key: K) => Effect.Effect<Iterable<V2>, E2, R2>,
    options?: Options.Plain & Concurrent
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V2, E | E2, R | R2, Known.DropValue<S>>
  <K, V, V2, E2, R2>(
    f: (value: V, key: K) => Effect.Effect<Iterable<NoInfer<V2>>, E2, R2>,
    options: Options.WithValue<V2, Options.Named & Concurrent>
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V2, E | E2, R | R2, S & Known.ValueSerde>
}

/**
 * Any number of new values for each record. Without a serde the result cannot be stored or moved between partitions.
 *
 * @since 0.1.0
 */
export const flatMapValuesEffect: FlatMapValuesEffectOf = dual(isStream, <K, V, E, R, S, V2, E2, R2>(
  self: Values.KStream<K, V, E, R, S>,
  f: (value: V, key: K) => Effect.Effect<Iterable<V2>, E2, R2>,
  options?: ValueOptions
): Values.KStream<K, V2, E | E2, R | R2, S> =>
  stateless(self, step("FlatMapValues", f, concurrent(options)), Options.given(options, "value")))

/**
 * A record that is being processed. `timestamp` in milliseconds since 1970.
 *
 * @since 0.1.0
 */
export interface EffectRecord<out K, out V> {
  readonly key: K
  readonly value: V
  readonly timestamp: number
  readonly headers: ReadonlyArray<RecordHeader>
}

/**
 * A record to pass on: with the timestamp and the headers of the one that it was made of, unless it says otherwise.
 *
 * @since 0.1.0
 */
export interface EffectResult<out K, out V> {
  readonly key: K
  readonly value: V
  readonly timestamp?: number | undefined
  readonly headers?: ReadonlyArray<RecordHeader> | undefined
}

interface ProcessEffectOf {
  <K, V, E, R, S, K2, V2, E2, R2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (record: EffectRecord<K, V>) => Effect.Effect<Iterable<EffectResult<K2, V2>>, E2, R2>,
    options?: Options.Plain & Concurrent
  ): Values.KStream<K2, V2, E | E2, R | R2, unknown>
  <K, V, E, R, S, K2, V2, E2, R2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (record: EffectRecord<K, V>) => Effect.Effect<Iterable<EffectResult<NoInfer<K2> | null, NoInfer<V2>>>, E2, R2>,
    options: Options.KeyAndValue<K2, V2> & Concurrent
  ): Values.KStream<K2 | null, V2, E | E2, R | R2, Known.Both>
  <K, V, K2, V2, E2, R2>(
    f: (record: EffectRecord<K, V>) => Effect.Effect<Iterable<EffectResult<K2, V2>>, E2, R2>,
    options?: Options.Plain & Concurrent
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K2, V2, E | E2, R | R2, unknown>
  <K, V, K2, V2, E2, R2>(
    f: (record: EffectRecord<K, V>) => Effect.Effect<Iterable<EffectResult<NoInfer<K2> | null, NoInfer<V2>>>, E2, R2>,
    options: Options.KeyAndValue<K2, V2> & Concurrent
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K2 | null, V2, E | E2, R | R2, Known.Both>
}

/**
 * Any number of records for each record, with keys, timestamps and headers of their own. Without serdes they cannot be stored
 * or moved between partitions. State is for `process`: an effect has none.
 *
 * @since 0.1.0
 */
export const processEffect: ProcessEffectOf = dual(isStream, <K, V, E, R, S, K2, V2, E2, R2>(
  self: Values.KStream<K, V, E, R, S>,
  f: (record: EffectRecord<K, V>) => Effect.Effect<Iterable<EffectResult<K2, V2>>, E2, R2>,
  options?: Options.Given & Concurrent
): Values.KStream<K2, V2, E | E2, R | R2, Erased> =>
  stateless(
    self,
    step("Process", (value, key, { headers, timestamp }) => f({ key, value, timestamp, headers }), options),
    options
  ))

/**
 * The same stream; each record waits for its effect.
 *
 * @since 0.1.0
 */
export const peekEffect: Keeping<unknown> = keeping("Peek")

interface ForeachEffectOf {
  <K, V, E2, R2>(
    f: (value: V, key: K) => Effect.Effect<unknown, E2, R2>,
    options?: Options.Named & Concurrent
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.Sink<E | E2, R | R2>
  <K, V, E, R, S, E2, R2>(
    self: Values.KStream<K, V, E, R, S>,
    f: (value: V, key: K) => Effect.Effect<unknown, E2, R2>,
    options?: Options.Named & Concurrent
  ): Values.Sink<E | E2, R | R2>
}

/**
 * The end of the stream: an effect for each record.
 *
 * @since 0.1.0
 */
export const foreachEffect: ForeachEffectOf = dual(isStream, <K, V, E, R, S, E2, R2>(
  self: Values.KStream<K, V, E, R, S>,
  f: (value: V, key: K) => Effect.Effect<unknown, E2, R2>,
  options?: Options.Named & Concurrent
): Values.Sink<E | E2, R | R2> => Values.sink(stateless(self, step("ForEach", f, options), options).node))
