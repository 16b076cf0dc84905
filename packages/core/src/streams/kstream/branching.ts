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
