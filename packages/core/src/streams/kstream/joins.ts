/**
 * Joins of a stream.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import { dual } from "effect/Function"
import type { Erased } from "../../serde/Erased.ts"
import type * as Known from "../Known.ts"
import * as LogicalNode from "../LogicalNode.ts"
import type * as Options from "../Options.ts"
import type { JoinKind } from "../ResolvedTopology.ts"
import type * as Topology from "../Topology.ts"
import * as Values from "../Values.ts"
import { joinedWithStream, type JoinStream } from "./streamJoins.ts"

/** Two values before the function: the call is data-first. */
const isDataFirst = (args: IArguments): boolean => typeof args[1] !== "function"

interface JoinGlobalTable<N> {
  <K, V, GK, GV, VO>(
    table: Values.GlobalKTable<GK, GV>,
    mapKey: (key: K, value: V) => NoInfer<GK> | null,
    f: (left: V, right: GV | N, key: K) => VO,
    options?: Options.Named
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, VO, E, R, Known.DropValue<S>>
  <K, V, E, R, S, GK, GV, VO>(
    self: Values.KStream<K, V, E, R, S>,
    table: Values.GlobalKTable<GK, GV>,
    mapKey: (key: K, value: V) => NoInfer<GK> | null,
    f: (left: V, right: GV | N, key: K) => VO,
    options?: Options.Named
  ): Values.KStream<K, VO, E, R, Known.DropValue<S>>
}

/**
 * How long records wait until a versioned table must have been told of all that was before them: each is joined with what
 * the table held at its own time. It needs both serdes, for what waits is kept in a store.
 *
 * @since 0.1.0
 */
export interface Grace {
  readonly grace: Duration.Input
}

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
    options: Options.KeyAndValue<NoInfer<K>, NoInfer<V>> & Partial<Grace>
  ): <E, R, S>(
    self: Values.KStream<NoInfer<K> | null, V, E, R, S>
  ) => Values.KStream<K | N, VO, E | E2, R | R2, Known.KeySerde & Known.Partitioned>
  <K, V, V2, E2, R2, S2, VO>(
    table: Values.KTable<K, V2, E2, R2, S2>,
    f: (left: V, right: V2 | N, key: K | N) => VO,
    options: Options.Plain & Grace
  ): <E, R, S extends Known.Both>(
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
    options: Options.KeyAndValue<NoInfer<K>, NoInfer<V>> & Partial<Grace>
  ): Values.KStream<K | N, VO, E | E2, R | R2, Known.KeySerde & Known.Partitioned>
  <K, V, E, R, S extends Known.Both, V2, E2, R2, S2, VO>(
    self: Values.KStream<NoInfer<K> | null, V, E, R, S>,
    table: Values.KTable<K, V2, E2, R2, S2>,
    f: (left: V, right: V2 | N, key: K | N) => VO,
    options: Options.Plain & Grace
  ): Values.KStream<K | N, VO, E | E2, R | R2, Known.KeySerde & Known.Partitioned>
}

const joinedWithTable = (
  left: boolean,
  self: Topology.Part<Erased, Erased>,
  table: Values.KTable<Erased, Erased, Erased, Erased, Erased>,
  join: (left: Erased, right: Erased, key: Erased) => Erased,
  options: Options.Given & Partial<Grace> = {}
): LogicalNode.LogicalNode => {
  const { grace, key, name, value } = options
  const graceMs = grace === undefined ? undefined : Duration.toMillis(grace)
  return LogicalNode.make({ _tag: "StreamTableJoin", join, left, key, value, name, graceMs }, self.node, table.node)
}

const joinedWithGlobalTable = (
  left: boolean,
  self: Topology.Part<Erased, Erased>,
  table: Values.GlobalKTable<Erased, Erased>,
  mapKey: (key: Erased, value: Erased) => Erased,
  join: (left: Erased, right: Erased, key: Erased) => Erased,
  options: Options.Named = {}
): LogicalNode.LogicalNode => {
  const { name } = options
  return LogicalNode.make({ _tag: "StreamGlobalTableJoin", mapKey, join, left, name }, self.node, table.node)
}

/**
 * What stands after the other side: for a table `f` and options, for a global table a key mapper before them, for a stream
 * windows between them.
 */
type Rest = readonly [Erased, Erased?, Erased?]

type Other =
  | Values.KStream<Erased, Erased, Erased, Erased, Erased>
  | Values.KTable<Erased, Erased, Erased, Erased, Erased>
  | Values.GlobalKTable<Erased, Erased>

const joined = (kind: JoinKind) =>
(
  self: Topology.Part<Erased, Erased>,
  other: Other,
  ...rest: Rest
): Values.KStream<Erased, Erased, Erased, Erased, Erased> => Values.stream(joinedWith(kind, self, other, rest))

const joinedWith = (
  kind: JoinKind,
  self: Topology.Part<Erased, Erased>,
  other: Other,
  rest: Rest
): LogicalNode.LogicalNode => {
  const left = kind !== "Inner"
  switch (other._tag) {
    case "KStream":
      return joinedWithStream(kind, self, other, rest[0], rest[1], rest[2])
    case "KTable":
      return joinedWithTable(left, self, other, rest[0], rest[1])
    case "GlobalKTable":
      return joinedWithGlobalTable(left, self, other, ...rest)
  }
}

/**
 * Each record joined with what the table holds for its key at that moment. Records without key, and those whose key the
 * table lacks, are dropped; with a `grace`, and a versioned table, it is what the table held at the record's time. With a
 * global table: for the key that `mapKey` makes of the record, null for none. With a stream: each pair of records with equal
 * keys that the windows let meet, at the later of their times.
 *
 * @since 0.1.0
 */
export const join: JoinStream<never, never, never> & JoinTable<never> & JoinGlobalTable<never> = dual(
  isDataFirst,
  joined("Inner")
)

/**
 * Each record joined with what the table holds for its key at that moment, or with null; with a `grace`, and a versioned
 * table, it is what the table held at the record's time, and a null key fails. With a global table: for the key that
 * `mapKey` makes of the record, null for none. With a stream: each pair of records that the windows let meet, and each
 * record of this stream that met none, when its window has closed; one without key at once.
 *
 * @since 0.1.0
 */
export const leftJoin: JoinStream<null, never, null> & JoinTable<null> & JoinGlobalTable<null> = dual(
  isDataFirst,
  joined("Left")
)

/**
 * Each pair of records of two streams that the windows let meet, and each record of either that met none, when its window has
 * closed; one without key at once.
 *
 * @since 0.1.0
 */
export const outerJoin: JoinStream<null, null, null> = dual(isDataFirst, joined("Outer"))
