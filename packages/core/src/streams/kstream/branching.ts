/**
 * Streams that become one, and one that becomes several.
 *
 * @since 0.1.0
 */
import { dual } from "effect/Function"
import type { Erased } from "../../serde/Erased.ts"
import * as LogicalNode from "../LogicalNode.ts"
import type * as Options from "../Options.ts"
import type * as Topology from "../Topology.ts"
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
export interface Branched<in out K, in out V, in out E, in out R, in out S> {
  /** Ends the name of the branch's processor, which the split's begins. */
  readonly name?: string | undefined
  /** Makes the part of the branch, which is the branch itself when left out. */
  readonly transform?: ((branch: Values.KStream<K, V, E, R, S>) => AnyStream) | undefined
  /** Ends the branch; it is still a part, that may be used again. */
  readonly consume?: ((branch: Values.KStream<K, V, E, R, S>) => Topology.Part<unknown, unknown>) | undefined
}

type AnyStream = Values.KStream<unknown, unknown, unknown, unknown, unknown>

/**
 * A condition, alone or with what becomes of its branch. One that narrows the type of the values narrows its part.
 *
 * @since 0.1.0
 */
export type BranchOf<K, V, E, R, S> =
  | Condition<K, V>
  | Branched<K, V, E, R, S> & { readonly predicate: Condition<K, V> }

type Condition<K, V> = (value: V, key: K) => boolean

/**
 * The stream in parts: each record goes to the branch of the first predicate that it satisfies, and else to the rest. The
 * rest is the last part if `rest` asks for it (true, or a name); if not, those records are dropped.
 *
 * @since 0.1.0
 */
export const split: {
  <
    K,
    V,
    E,
    R,
    S,
    const B extends ReadonlyArray<unknown>,
    const O extends SplitOptions<K, V, E, R, S>
  >(
    self: Values.KStream<K, V, E, R, S>,
    branches: B & ReadonlyArray<BranchOf<K, V, E, R, S>>,
    options?: O
  ): Parts<B, O, Values.KStream<K, V, E, R, S>>
  <
    K,
    V,
    E,
    R,
    S,
    const B extends ReadonlyArray<unknown>,
    const O extends SplitOptions<K, V, E, R, S>
  >(
    branches: B & ReadonlyArray<BranchOf<K, V, E, R, S>>,
    options?: O
  ): (self: Values.KStream<K, V, E, R, S>) => Parts<B, O, Values.KStream<K, V, E, R, S>>
} = dual(isStream, <K, V, E, R, S>(
  self: Values.KStream<K, V, E, R, S>,
  branches: ReadonlyArray<BranchOf<K, V, E, R, S>>,
  options: SplitOptions<K, V, E, R, S> = {}
): ReadonlyArray<AnyStream> => {
  const { name, rest } = options
  const chosen = branches.map((branch) => typeof branch === "function" ? { predicate: branch } : branch)
  const otherwise = restOf(rest)
  const parts: Array<AnyStream> = []
  const use = (node: LogicalNode.LogicalNode, index: number): ReadonlyArray<LogicalNode.LogicalNode> => {
    const { consume, transform }: Branched<K, V, E, R, S> = chosen[index] ?? otherwise ?? {}
    const part = Values.stream<K, V, E, R, S>(node)
    const consumed = consume === undefined ? [] : [consume(part).node]
    parts.push(transform === undefined ? part : transform(part))
    return consumed
  }
  const named = chosen.map((branch) => ({ predicate: branch.predicate, name: branch.name }))
  const rested = otherwise === undefined ? undefined : { name: otherwise.name }
  LogicalNode.makeSplit({ _tag: "Split", branches: named, otherwise: rested, name }, self.node, use)
  return parts
})

const restOf = <K, V, E, R, S>(
  rest: SplitOptions<K, V, E, R, S>["rest"]
): Branched<K, V, E, R, S> | undefined => {
  if (rest === undefined || rest === false) return undefined
  return typeof rest === "object" ? rest : { name: rest === true ? undefined : rest }
}

/**
 * Options of a split; `name` begins the names of its branches. `rest`: whether there is a part for what no branch takes, its
 * name, or what becomes of it.
 *
 * @since 0.1.0
 */
export interface SplitOptions<in out K, in out V, in out E, in out R, in out S> extends Options.Named {
  readonly rest?: boolean | string | Branched<K, V, E, R, S> | undefined
}

/**
 * A stream for each branch of `Self`, and one for the rest if it was asked for. What the ends of branches need, and how they
 * fail, is part of them all: whoever uses one part runs the whole split.
 *
 * @since 0.1.0
 */
export type Parts<B extends ReadonlyArray<unknown>, O, Self> =
  // named anew, so that how parts are used says nothing of what they are made from
  [B, O, Self] extends [infer B2 extends ReadonlyArray<unknown>, infer O2, infer Self2] ? PartsOf<B2, O2, Self2> : never

type PartsOf<B extends ReadonlyArray<unknown>, O, Self> = RestOf<O> extends true | string | object
  ? readonly [...BranchesOf<B, O, Self>, PartOf<RestOf<O>, Without<Self, Narrowed<B[number]>>, Consumed<B, O, Self>>]
  : BranchesOf<B, O, Self>

type BranchesOf<B extends ReadonlyArray<unknown>, O, Self> = {
  readonly [I in keyof B]: PartOf<B[I], Within<Self, Narrowed<B[I]>>, Consumed<B, O, Self>>
}

/** What `transform` makes of `Self`, or itself; with the errors and requirements of `C`. */
type PartOf<B, Self, C> = Made<B, Self> extends Values.KStream<infer K, infer V, infer E, infer R, infer S>
  ? Values.KStream<K, V, E | Topology.ErrorOf<C>, R | Topology.ContextOf<C>, S>
  : never

type Made<B, Self> = B extends { readonly transform: (branch: Self) => infer P } ? P : Self

type RestOf<O> = O extends { readonly rest: infer B } ? B : undefined

/** What the ends of branches give. */
type Consumed<B extends ReadonlyArray<unknown>, O, Self> = EndOf<B[number] | RestOf<O>, Self>

type EndOf<B, Self> = B extends { readonly consume: (branch: Self) => infer P } ? P : never

/** What a condition narrows values to; never if it does not. */
type Narrowed<B> = B extends Guard<infer V> | { readonly predicate: Guard<infer V> } ? V : never

type Guard<V> = (value: Erased, key: never) => value is V

/** The stream of those values alone, and of all others; the stream itself if there are none. */
type Within<Self, P> = [P] extends [never] ? Self : Valued<Self, P>
type Without<Self, P> = Self extends Values.KStream<infer _K, infer V, infer _E, infer _R, infer _S>
  ? Valued<Self, Exclude<V, P>>
  : never

type Valued<Self, V> = Self extends Values.KStream<infer K, infer _V, infer E, infer R, infer S>
  ? Values.KStream<K, V, E, R, S>
  : never
