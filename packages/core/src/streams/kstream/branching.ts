/**
 * Streams that become one, and one that becomes several.
 *
 * @since 0.1.0
 */
import { dual } from "effect/Function"
import * as LogicalNode from "../LogicalNode.ts"
import type * as Options from "../Options.ts"
import * as Values from "../Values.ts"

const isStream = Values.isFirst("KStream")

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
 * What becomes of a branch (Kafka's `Branched`). What its functions make is numbered before the next branch, as in Kafka.
 *
 * @since 0.1.0
 */
export interface Branched<in out K, in out V> {
  /** Ends the name of the branch's processor, which the split's begins. */
  readonly name?: string | undefined
  /** Makes the part of the branch, such as a pipeable operator that keeps the types. */
  readonly apply?: (<E, R, S>(branch: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V, E, R, S>) | undefined
  /** Ends the branch; it is still a part, that may be used again. */
  readonly consume?: (<E, R, S>(branch: Values.KStream<K, V, E, R, S>) => Values.Sink<E, R>) | undefined
}

/**
 * A condition, alone or with what becomes of its branch.
 *
 * @since 0.1.0
 */
export type BranchOf<K, V> =
  | ((value: V, key: K) => boolean)
  | { readonly predicate: (value: V, key: K) => boolean } & Branched<K, V>

/**
 * The stream in parts: each record goes to the branch of the first predicate that it satisfies, and else to the rest. The
 * rest is the last part if `rest` asks for it (true, or a name); if not, those records are dropped.
 *
 * @since 0.1.0
 */
export const split: {
  <K, V, E, R, S, B extends ReadonlyArray<unknown>, const O extends SplitOptions<K, V> = {}>(
    self: Values.KStream<K, V, E, R, S>,
    branches: readonly [...{ readonly [I in keyof B]: BranchOf<K, V> }],
    options?: O
  ): Parts<B, O, Values.KStream<K, V, E, R, S>>
  <K, V, B extends ReadonlyArray<unknown>, const O extends SplitOptions<K, V> = {}>(
    branches: readonly [...{ readonly [I in keyof B]: BranchOf<K, V> }],
    options?: O
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Parts<B, O, Values.KStream<K, V, E, R, S>>
} = dual(isStream, <K, V, E, R, S>(
  self: Values.KStream<K, V, E, R, S>,
  branches: ReadonlyArray<BranchOf<K, V>>,
  options: SplitOptions<K, V> = {}
): ReadonlyArray<Values.KStream<K, V, E, R, S>> => {
  const { name, rest } = options
  const chosen = branches.map((branch) => typeof branch === "function" ? { predicate: branch } : branch)
  const otherwise = restOf<K, V>(rest)
  const parts: Array<Values.KStream<K, V, E, R, S>> = []
  const use = (node: LogicalNode.LogicalNode, index: number): ReadonlyArray<LogicalNode.LogicalNode> => {
    const { apply, consume }: Branched<K, V> = chosen[index] ?? otherwise ?? {}
    const part = Values.stream<K, V, E, R, S>(node)
    const consumed = consume === undefined ? [] : [consume(part).node]
    parts.push(apply === undefined ? part : apply(part))
    return consumed
  }
  const named = chosen.map((branch) => ({ predicate: branch.predicate, name: branch.name }))
  const rested = otherwise === undefined ? undefined : { name: otherwise.name }
  LogicalNode.makeSplit({ _tag: "Split", branches: named, otherwise: rested, name }, self.node, use)
  return parts
})

const restOf = <K, V>(rest: SplitOptions<K, V>["rest"]): Branched<K, V> | undefined => {
  if (rest === undefined || rest === false) return undefined
  return typeof rest === "object" ? rest : { name: rest === true ? undefined : rest }
}

/**
 * Options of a split; `name` begins the names of its branches. `rest`: whether there is a part for what no branch takes, its
 * name, or what becomes of it.
 *
 * @since 0.1.0
 */
export interface SplitOptions<in out K, in out V> extends Options.Named {
  readonly rest?: boolean | string | Branched<K, V> | undefined
}

/**
 * A stream for each branch, and one for the rest if it was asked for.
 *
 * @since 0.1.0
 */
export type Parts<B extends ReadonlyArray<unknown>, O, S> = O extends { readonly rest: true | string | object }
  ? readonly [...{ readonly [I in keyof B]: S }, S]
  : { readonly [I in keyof B]: S }
