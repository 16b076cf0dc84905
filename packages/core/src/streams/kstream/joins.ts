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
