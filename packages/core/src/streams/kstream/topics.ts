/**
 * Streams of topics that are known by a pattern, into topics that are chosen for each record, and onto the screen.
 *
 * @since 0.1.0
 */
import * as Formatter from "effect/Formatter"
import { dual } from "effect/Function"
import type * as Serde from "../../serde/Serde.ts"
import type * as Known from "../Known.ts"
import * as LogicalNode from "../LogicalNode.ts"
import * as Options from "../Options.ts"
import type { OutgoingRecord } from "../ResolvedTopology.ts"
import * as Values from "../Values.ts"

export type {
  /**
   * See `ResolvedTopology`.
   *
   * @since 0.1.0
   */
  OutgoingRecord,
  /**
   * See `ResolvedTopology`.
   *
   * @since 0.1.0
   */
  StreamPartitioner
} from "../ResolvedTopology.ts"

const isStream = Values.isFirst("KStream")

/**
 * All topics whose whole name the pattern matches as one stream, those that are made later too. No topic may be read by
 * another source of the topology as well.
 *
 * @since 0.1.0
 */
export const fromPattern = <K, V>(
  pattern: RegExp,
  serdes: { readonly key: Serde.Serde<K>; readonly value: Serde.Serde<V> },
  options: Options.Source<K, V> = {}
): Values.KStream<K | null, V, never, never, Known.All> =>
  Values.stream(LogicalNode.make({
    _tag: "StreamSource",
    topics: [],
    pattern,
    key: serdes.key,
    value: serdes.value,
    timestampExtractor: Options.timestampExtractor(options.timestamp),
    offsetReset: Options.offsetReset(options.offsetReset),
    name: options.name
  }))

/**
 * The end of the stream: a topic that is chosen for each record, written by the given serdes. The topics must exist.
 *
 * @since 0.1.0
 */
export const toDynamic: {
  <K, V>(
    topicOf: (record: OutgoingRecord<NoInfer<K> | null, NoInfer<V>>) => string,
    options: Options.KeyAndValue<K, V> & Options.Produced<NoInfer<K> | null, NoInfer<V>>
  ): <E, R>(self: Values.KStream<NoInfer<K> | null, NoInfer<V>, E, R, unknown>) => Values.Sink<E, R>
  <K, V, E, R>(
    self: Values.KStream<NoInfer<K> | null, NoInfer<V>, E, R, unknown>,
    topicOf: (record: OutgoingRecord<NoInfer<K> | null, NoInfer<V>>) => string,
    options: Options.KeyAndValue<K, V> & Options.Produced<NoInfer<K> | null, NoInfer<V>>
  ): Values.Sink<E, R>
} = dual(isStream, <K, V, E, R>(
  self: Values.KStream<K | null, V, E, R, unknown>,
  topicOf: (record: OutgoingRecord<K | null, V>) => string,
  options: Options.KeyAndValue<K, V> & Options.Produced<K | null, V>
): Values.Sink<E, R> => {
  const { key, name, streamPartitioner, value } = options
  const operation = { _tag: "Sink", topic: topicOf, key, value, name, streamPartitioner } as const
  return Values.sink(LogicalNode.make(operation, self.node))
})

/**
 * How a stream is printed.
 *
 * @since 0.1.0
 */
export interface Printed<in K, in V> extends Options.Named {
  /** Takes each line, such as `console.log`. */
  readonly to: (line: string) => void
  /** What each line begins with; the name of the stream's processor when left out. */
  readonly label?: string | undefined
  /** The text of a record; `key, value` when left out. */
  readonly format?: ((key: K, value: V) => string) | undefined
}

/**
 * The end of the stream: a line of text for each record, `[label]: key, value`.
 *
 * @since 0.1.0
 */
export const print: {
  <K, V>(printed: Printed<K, V>): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.Sink<E, R>
  <K, V, E, R, S>(self: Values.KStream<K, V, E, R, S>, printed: Printed<NoInfer<K>, NoInfer<V>>): Values.Sink<E, R>
} = dual(isStream, <K, V, E, R, S>(
  self: Values.KStream<K, V, E, R, S>,
  printed: Printed<K, V>
): Values.Sink<E, R> => {
  const { format = pair, label, name, to } = printed
  const serdes = { key: undefined, value: undefined }
  const step = { _tag: "Print", to, label, format } as const
  return Values.sink(LogicalNode.make({ _tag: "Stateless", step, serdes, name }, self.node))
})

const text = (value: unknown): string => typeof value === "string" ? value : Formatter.format(value)

const pair = (key: unknown, value: unknown): string => `${text(key)}, ${text(value)}`
