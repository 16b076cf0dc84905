/**
 * The values that the DSL's operators take and give: streams, tables, and what is between them. Each module of an operator
 * gives out its own.
 *
 * @since 0.1.0
 */
import { Prototype } from "effect/Pipeable"
import type { Covariant, Invariant } from "effect/Types"
import type * as Known from "./Known.ts"
import type { LogicalNode } from "./LogicalNode.ts"
import { phantom } from "./internal/phantom.ts"
import type * as Topology from "./Topology.ts"

type Value = Topology.Part<unknown, unknown> & { readonly _tag: string }

/** A value is its node; all else that its type says of it is there for the compiler. */
const make = <A extends Value>(tag: A["_tag"], node: LogicalNode): A =>
  ({ ...Prototype, _tag: tag, [`~${tag}`]: phantom, "~effects": phantom, node }) as never

/**
 * A stream of records with keys `K` (null where their type says so) and values `V`, made by effects that fail with `E` and need
 * `R`; `S` says what else is known of it.
 *
 * @since 0.1.0
 */
export interface KStream<out K, out V, out E = never, out R = never, out S = Known.Both> extends Topology.Part<E, R> {
  readonly _tag: "KStream"
  readonly "~KStream": { readonly _K: Covariant<K>; readonly _V: Covariant<V>; readonly _S: Covariant<S> }
}

/**
 * The stream of a node.
 *
 * @since 0.1.0
 */
export const stream = <K, V, E, R, S>(node: LogicalNode): KStream<K, V, E, R, S> => make("KStream", node)

/**
 * A table of keys `K` and values `V`, neither ever null, made by effects that fail with `E` and need `R`; `S` says which
 * serdes are known.
 *
 * @since 0.1.0
 */
export interface KTable<out K, out V, out E = never, out R = never, out S = Known.Both> extends Topology.Part<E, R> {
  readonly _tag: "KTable"
  readonly "~KTable": { readonly _K: Covariant<K>; readonly _V: Covariant<V>; readonly _S: Covariant<S> }
}

/**
 * The table of a node.
 *
 * @since 0.1.0
 */
export const table = <K, V, E, R, S>(node: LogicalNode): KTable<K, V, E, R, S> => make("KTable", node)

/**
 * A table of keys `K` and values `V`, neither ever null, that every instance holds all of.
 *
 * @since 0.1.0
 */
export interface GlobalKTable<out K, out V> extends Topology.Part<never, never> {
  readonly _tag: "GlobalKTable"
  readonly "~GlobalKTable": { readonly _K: Covariant<K>; readonly _V: Covariant<V> }
}

/**
 * The global table of a node.
 *
 * @since 0.1.0
 */
export const globalTable = <K, V>(node: LogicalNode): GlobalKTable<K, V> => make("GlobalKTable", node)

/**
 * Values `V` under keys `K`, which are never null.
 *
 * @since 0.1.0
 */
export interface KGroupedStream<out K, out V, out E = never, out R = never> extends Topology.Part<E, R> {
  readonly _tag: "KGroupedStream"
  readonly "~KGroupedStream": { readonly _K: Covariant<K>; readonly _V: Covariant<V> }
}

/**
 * The grouped stream of a node.
 *
 * @since 0.1.0
 */
export const grouped = <K, V, E, R>(node: LogicalNode): KGroupedStream<K, V, E, R> => make("KGroupedStream", node)

/**
 * Values `V` under keys `K`, coming and going as the table changes.
 *
 * @since 0.1.0
 */
export interface KGroupedTable<out K, out V, out E = never, out R = never> extends Topology.Part<E, R> {
  readonly _tag: "KGroupedTable"
  readonly "~KGroupedTable": { readonly _K: Covariant<K>; readonly _V: Covariant<V> }
}

/**
 * The grouped table of a node.
 *
 * @since 0.1.0
 */
export const groupedTable = <K, V, E, R>(node: LogicalNode): KGroupedTable<K, V, E, R> => make("KGroupedTable", node)

/**
 * Values `V` under keys `K`, which are never null, in windows of the kind `T`.
 *
 * @since 0.1.0
 */
export interface WindowedKStream<out T, out K, out V, out E = never, out R = never> extends Topology.Part<E, R> {
  readonly _tag: T
  readonly "~WindowedKStream": { readonly _K: Covariant<K>; readonly _V: Covariant<V> }
}

/**
 * Values `V` under keys `K`, which are never null, in windows of time.
 *
 * @since 0.1.0
 */
export interface TimeWindowedKStream<out K, out V, out E = never, out R = never>
  extends WindowedKStream<"TimeWindowedKStream", K, V, E, R>
{}

/**
 * The windowed stream of a node.
 *
 * @since 0.1.0
 */
export const timeWindowed = <K, V, E, R>(node: LogicalNode): TimeWindowedKStream<K, V, E, R> =>
  make("TimeWindowedKStream", node)

/**
 * Values `V` under keys `K`, which are never null, in session windows.
 *
 * @since 0.1.0
 */
export interface SessionWindowedKStream<out K, out V, out E = never, out R = never>
  extends WindowedKStream<"SessionWindowedKStream", K, V, E, R>
{}

/**
 * The stream in sessions of a node.
 *
 * @since 0.1.0
 */
export const sessionWindowed = <K, V, E, R>(node: LogicalNode): SessionWindowedKStream<K, V, E, R> =>
  make("SessionWindowedKStream", node)

/**
 * Grouped streams with keys `K`, never null, that are gathered into one `A`.
 *
 * @since 0.1.0
 */
export interface CogroupedKStream<out K, in out A, out E = never, out R = never> extends Topology.Part<E, R> {
  readonly _tag: "CogroupedKStream"
  readonly "~CogroupedKStream": { readonly _K: Covariant<K>; readonly _A: Invariant<A> }
}

/**
 * The cogrouped streams of a node.
 *
 * @since 0.1.0
 */
export const cogrouped = <K, A, E, R>(node: LogicalNode): CogroupedKStream<K, A, E, R> => make("CogroupedKStream", node)

/**
 * Cogrouped streams in windows of time.
 *
 * @since 0.1.0
 */
export interface TimeWindowedCogroupedKStream<out K, in out A, out E = never, out R = never>
  extends Topology.Part<E, R>
{
  readonly _tag: "TimeWindowedCogroupedKStream"
  readonly "~TimeWindowedCogroupedKStream": { readonly _K: Covariant<K>; readonly _A: Invariant<A> }
}

/**
 * The windowed cogrouped streams of a node.
 *
 * @since 0.1.0
 */
export const timeWindowedCogrouped = <K, A, E, R>(node: LogicalNode): TimeWindowedCogroupedKStream<K, A, E, R> =>
  make("TimeWindowedCogroupedKStream", node)

/**
 * Cogrouped streams in session windows.
 *
 * @since 0.1.0
 */
export interface SessionWindowedCogroupedKStream<out K, in out A, out E = never, out R = never>
  extends Topology.Part<E, R>
{
  readonly _tag: "SessionWindowedCogroupedKStream"
  readonly "~SessionWindowedCogroupedKStream": { readonly _K: Covariant<K>; readonly _A: Invariant<A> }
}

/**
 * The cogrouped streams in sessions of a node.
 *
 * @since 0.1.0
 */
export const sessionWindowedCogrouped = <K, A, E, R>(node: LogicalNode): SessionWindowedCogroupedKStream<K, A, E, R> =>
  make("SessionWindowedCogroupedKStream", node)

type Tag =
  | "KStream"
  | "KTable"
  | "KGroupedStream"
  | "KGroupedTable"
  | "TimeWindowedKStream"
  | "SessionWindowedKStream"
  | "CogroupedKStream"

/**
 * Whether the first argument of a call is such a value, so that the call is data-first.
 *
 * @since 0.1.0
 */
export const isFirst = (tag: Tag) => (args: IArguments): boolean =>
  typeof args[0] === "object" && args[0] !== null && args[0]._tag === tag

/**
 * The end of a stream: a topic, or a function that sees each record.
 *
 * @since 0.1.0
 */
export interface Sink<out E = never, out R = never> extends Topology.Part<E, R> {
  readonly _tag: "Sink"
}

/**
 * The sink of a node.
 *
 * @since 0.1.0
 */
export const sink = <E, R>(node: LogicalNode): Sink<E, R> => make("Sink", node)
