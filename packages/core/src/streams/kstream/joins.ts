/**
 * Joins of a stream.
 *
 * @since 0.1.0
 */
import { dual } from "effect/Function"
import type { Erased } from "../../serde/Erased.ts"
import type * as Known from "../Known.ts"
import * as LogicalNode from "../LogicalNode.ts"
import type * as Options from "../Options.ts"
import type * as Topology from "../Topology.ts"
import * as Values from "../Values.ts"

const isStream = Values.isFirst("KStream")

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
    options: Options.KeyAndValue<NoInfer<K>, NoInfer<V>>
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
    options: Options.KeyAndValue<NoInfer<K>, NoInfer<V>>
  ): Values.KStream<K | N, VO, E | E2, R | R2, Known.KeySerde & Known.Partitioned>
}

const joinedWithTable = (
  left: boolean,
  self: Topology.Part<Erased, Erased>,
  table: Values.KTable<Erased, Erased, Erased, Erased, Erased>,
  join: (left: Erased, right: Erased, key: Erased) => Erased,
  options: Options.Given = {}
): LogicalNode.LogicalNode => {
  const { key, name, value } = options
  return LogicalNode.make({ _tag: "StreamTableJoin", join, left, key, value, name }, self.node, table.node)
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

/** What stands after the other side: for a table `f` and options, for a global table a key mapper before them. */
type Rest = readonly [Erased, Erased?, Erased?]

const joined = (left: boolean) =>
(
  self: Topology.Part<Erased, Erased>,
  other: Values.KTable<Erased, Erased, Erased, Erased, Erased> | Values.GlobalKTable<Erased, Erased>,
  ...rest: Rest
): Values.KStream<Erased, Erased, Erased, Erased, Erased> =>
  Values.stream(
    other._tag === "KTable"
      ? joinedWithTable(left, self, other, rest[0], rest[1])
      : joinedWithGlobalTable(left, self, other, ...rest)
  )

/**
 * Each record joined with what the table holds for its key at that moment. Records without key, and those whose key the
 * table lacks, are dropped. With a global table: for the key that `mapKey` makes of the record, null for none.
 *
 * @since 0.1.0
 */
export const join: JoinTable<never> & JoinGlobalTable<never> = dual(isStream, joined(false))

/**
 * Each record joined with what the table holds for its key at that moment, or with null. With a global table: for the key
 * that `mapKey` makes of the record, null for none.
 *
 * @since 0.1.0
 */
export const leftJoin: JoinTable<null> & JoinGlobalTable<null> = dual(isStream, joined(true))
