/**
 * Joins of a table with a table by a foreign key: each row of the left one says which row of the right one it belongs to.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../serde/Erased.ts"
import type * as Serde from "../../serde/Serde.ts"
import type * as Known from "../Known.ts"
import * as LogicalNode from "../LogicalNode.ts"
import * as Options from "../Options.ts"
import type * as Values from "../Values.ts"

/**
 * A name for the processors, topics and the store of a foreign-key join, and how its topics are partitioned if the topics of
 * the tables are not as Kafka's default partitioner would have them: `partition` finds a key of this table among so many
 * partitions, `otherPartition` one of the other (null: where to send rows without foreign key).
 *
 * @since 0.1.0
 */
export interface TableJoined<in K, in FK> extends Options.Named {
  readonly partition?: ((key: K, partitions: number) => number) | undefined
  readonly otherPartition?: ((foreignKey: FK | null, partitions: number) => number) | undefined
}

/**
 * A join by foreign key. `N`: null where the right value may be missing.
 *
 * @since 0.1.0
 */
export interface JoinForeignKey<N> {
  <K, V, FK, FV, E2, R2, S2 extends Known.Both, VO>(
    table: Values.KTable<FK, FV, E2, R2, S2>,
    foreignKey: (value: V, key: K) => NoInfer<FK> | null,
    f: (left: V, right: FV | N, key: K) => VO,
    options?: TableJoined<NoInfer<K>, NoInfer<FK>> & Options.Plain
  ): <E, R, S extends Known.Both>(
    self: Values.KTable<K, V, E, R, S>
  ) => Values.KTable<K, NonNullable<VO>, E | E2, R | R2, Known.DropValue<S>>
  <K, V, FK, FV, E2, R2, S2 extends Known.Both, VO>(
    table: Values.KTable<FK, FV, E2, R2, S2>,
    foreignKey: (value: V, key: K) => NoInfer<FK> | null,
    f: (left: V, right: FV | N, key: K) => NoInfer<VO> | null,
    options: Options.WithValue<VO, Options.Store & TableJoined<NoInfer<K>, NoInfer<FK>>>
  ): <E, R, S extends Known.Both>(
    self: Values.KTable<K, V, E, R, S>
  ) => Values.KTable<K, VO, E | E2, R | R2, S & Known.ValueSerde>
  <K, V, E, R, S extends Known.Both, FK, FV, E2, R2, S2 extends Known.Both, VO>(
    self: Values.KTable<K, V, E, R, S>,
    table: Values.KTable<FK, FV, E2, R2, S2>,
    foreignKey: (value: V, key: K) => NoInfer<FK> | null,
    f: (left: V, right: FV | N, key: K) => VO,
    options?: TableJoined<NoInfer<K>, NoInfer<FK>> & Options.Plain
  ): Values.KTable<K, NonNullable<VO>, E | E2, R | R2, Known.DropValue<S>>
  <K, V, E, R, S extends Known.Both, FK, FV, E2, R2, S2 extends Known.Both, VO>(
    self: Values.KTable<K, V, E, R, S>,
    table: Values.KTable<FK, FV, E2, R2, S2>,
    foreignKey: (value: V, key: K) => NoInfer<FK> | null,
    f: (left: V, right: FV | N, key: K) => NoInfer<VO> | null,
    options: Options.WithValue<VO, Options.Store & TableJoined<NoInfer<K>, NoInfer<FK>>>
  ): Values.KTable<K, VO, E | E2, R | R2, S & Known.ValueSerde>
}

type AnyTable = Values.KTable<Erased, Erased, Erased, Erased, Erased>

/**
 * The node of a join by foreign key.
 *
 * @since 0.1.0
 */
export const joinedByForeignKey = (
  left: boolean,
  self: AnyTable,
  table: AnyTable,
  foreignKey: (value: Erased, key: Erased) => Erased,
  join: (left: Erased, right: Erased, key: Erased) => Erased,
  options?: Serde.Any | (Options.Given & TableJoined<Erased, Erased>)
): LogicalNode.LogicalNode => {
  const { name, otherPartition, partition, ...wishes }: Options.Given & TableJoined<Erased, Erased> = Options.given(
    options,
    "value"
  )
  const materialized = Options.materialized(wishes)
  return LogicalNode.make(
    { _tag: "ForeignKeyJoin", foreignKey, join, left, partition, otherPartition, name, materialized },
    self.node,
    table.node
  )
}
