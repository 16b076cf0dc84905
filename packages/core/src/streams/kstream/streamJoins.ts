/**
 * Joins of a stream with a stream: of records with equal keys that are not too far apart in time.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../serde/Erased.ts"
import type * as Serde from "../../serde/Serde.ts"
import type { JoinWindows } from "../JoinWindows.ts"
import type * as Known from "../Known.ts"
import * as LogicalNode from "../LogicalNode.ts"
import * as Options from "../Options.ts"
import type { JoinKind, StoreType } from "../ResolvedTopology.ts"
import type * as Topology from "../Topology.ts"
import * as Values from "../Values.ts"

/**
 * How the records of two joined streams are kept until they have met.
 *
 * @since 0.1.0
 */
export interface StreamJoined extends Options.Named {
  /** The beginning of the names of its stores and changelogs. */
  readonly storeName?: string | undefined
  readonly storeType?: StoreType | undefined
  /** A name and a place for the store of the one stream; it keeps records for as long as the windows ask for. */
  readonly thisStore?: LogicalNode.JoinStore | undefined
  /** The same for the store of the other stream. */
  readonly otherStore?: LogicalNode.JoinStore | undefined
  /** False: no changelogs, so what is kept is lost with the instance; settings: the changelogs have these besides. */
  readonly logging?: Options.Logging | undefined
}

/**
 * The same, with the serdes of both streams where they are not known.
 *
 * @since 0.1.0
 */
export interface StreamJoinedWith<K, V, V2> extends StreamJoined {
  readonly key: Serde.Serde<K>
  readonly value: Serde.Serde<V>
  readonly otherValue: Serde.Serde<V2>
}

/**
 * A join with a stream. `NK`: null where a record without key is kept; `NL`, `NR`: null where the left or the right value may
 * be missing. Records whose value is null meet none, so `f` sees no such value.
 *
 * @since 0.1.0
 */
export interface JoinStream<NK, NL, NR> {
  <K, V, V2, E2, R2, S2 extends Known.Both, VO>(
    stream: Values.KStream<K | null, V2 | null, E2, R2, S2>,
    f: (left: V | NL, right: V2 | NR, key: K | NK) => VO,
    windows: JoinWindows,
    options?: StreamJoined
  ): <E, R, S extends Known.Both>(
    self: Values.KStream<NoInfer<K> | null, V | null, E, R, S>
  ) => Values.KStream<K | NK, VO, E | E2, R | R2, Known.KeySerde & Known.Partitioned>
  <K, V, V2, E2, R2, S2, VO>(
    stream: Values.KStream<K | null, V2 | null, E2, R2, S2>,
    f: (left: V | NL, right: V2 | NR, key: K | NK) => VO,
    windows: JoinWindows,
    options: StreamJoinedWith<NoInfer<K>, NoInfer<V>, NoInfer<V2>>
  ): <E, R, S>(
    self: Values.KStream<NoInfer<K> | null, V | null, E, R, S>
  ) => Values.KStream<K | NK, VO, E | E2, R | R2, Known.KeySerde & Known.Partitioned>
  <K, V, E, R, S extends Known.Both, V2, E2, R2, S2 extends Known.Both, VO>(
    self: Values.KStream<K | null, V | null, E, R, S>,
    stream: Values.KStream<NoInfer<K> | null, V2 | null, E2, R2, S2>,
    f: (left: V | NL, right: V2 | NR, key: K | NK) => VO,
    windows: JoinWindows,
    options?: StreamJoined
  ): Values.KStream<K | NK, VO, E | E2, R | R2, Known.KeySerde & Known.Partitioned>
  <K, V, E, R, S, V2, E2, R2, S2, VO>(
    self: Values.KStream<K | null, V | null, E, R, S>,
    stream: Values.KStream<NoInfer<K> | null, V2 | null, E2, R2, S2>,
    f: (left: V | NL, right: V2 | NR, key: K | NK) => VO,
    windows: JoinWindows,
    options: StreamJoinedWith<NoInfer<K>, NoInfer<V>, NoInfer<V2>>
  ): Values.KStream<K | NK, VO, E | E2, R | R2, Known.KeySerde & Known.Partitioned>
}

/**
 * The node of a join of two streams.
 *
 * @since 0.1.0
 */
export const joinedWithStream = (
  kind: JoinKind,
  self: Topology.Part<Erased, Erased>,
  stream: Topology.Part<Erased, Erased>,
  join: (left: Erased, right: Erased, key: Erased) => Erased,
  windows: JoinWindows,
  options: StreamJoined & Partial<StreamJoinedWith<Erased, Erased, Erased>> = {}
): LogicalNode.LogicalNode => {
  const { key, logging, name, otherStore, otherValue, storeName, storeType, thisStore, value } = options
  return LogicalNode.make(
    {
      _tag: "StreamStreamJoin",
      join,
      kind,
      windows,
      key,
      value,
      otherValue,
      name,
      storeName,
      storeType,
      thisStore,
      otherStore,
      logConfig: Options.logConfig(logging)
    },
    self.node,
    stream.node
  )
}
