/**
 * Joins of a table.
 *
 * @since 0.1.0
 */
import { dual } from "effect/Function"
import type { Erased } from "../../serde/Erased.ts"
import type * as Serde from "../../serde/Serde.ts"
import type * as Known from "../Known.ts"
import * as LogicalNode from "../LogicalNode.ts"
import * as Options from "../Options.ts"
import type { JoinKind } from "../ResolvedTopology.ts"
import * as Values from "../Values.ts"
import { joinedByForeignKey, type JoinForeignKey } from "./foreignKeyJoins.ts"

/** Two tables before the function: the call is data-first. */
const isDataFirst = (args: IArguments): boolean => typeof args[1] !== "function"

/** `NL` and `NR`: null where the left or the right value may be missing. */
interface JoinTable<NL, NR> {
  <K, V, V2, E2, R2, S2, VO>(
    table: Values.KTable<K, V2, E2, R2, S2>,
    f: (left: V | NL, right: V2 | NR, key: K) => VO,
    options?: Options.Plain
  ): <E, R, S>(
    self: Values.KTable<NoInfer<K>, V, E, R, S>
  ) => Values.KTable<K, NonNullable<VO>, E | E2, R | R2, Known.DropValue<S>>
  <K, V, V2, E2, R2, S2, VO>(
    table: Values.KTable<K, V2, E2, R2, S2>,
    f: (left: V | NL, right: V2 | NR, key: K) => NoInfer<VO> | null,
    options: Options.WithValue<VO, Options.TableStore & Options.Named>
  ): <E, R, S>(
    self: Values.KTable<NoInfer<K>, V, E, R, S>
  ) => Values.KTable<K, VO, E | E2, R | R2, S & Known.ValueSerde>
  <K, V, E, R, S, V2, E2, R2, S2, VO>(
    self: Values.KTable<K, V, E, R, S>,
    table: Values.KTable<NoInfer<K>, V2, E2, R2, S2>,
    f: (left: V | NL, right: V2 | NR, key: K) => VO,
    options?: Options.Plain
  ): Values.KTable<K, NonNullable<VO>, E | E2, R | R2, Known.DropValue<S>>
  <K, V, E, R, S, V2, E2, R2, S2, VO>(
    self: Values.KTable<K, V, E, R, S>,
    table: Values.KTable<NoInfer<K>, V2, E2, R2, S2>,
    f: (left: V | NL, right: V2 | NR, key: K) => NoInfer<VO> | null,
    options: Options.WithValue<VO, Options.TableStore & Options.Named>
  ): Values.KTable<K, VO, E | E2, R | R2, S & Known.ValueSerde>
}

type AnyTable = Values.KTable<Erased, Erased, Erased, Erased, Erased>

const joinedByKey = (
  kind: JoinKind,
  self: AnyTable,
  table: AnyTable,
  join: (left: Erased, right: Erased, key: Erased) => Erased,
  options?: Serde.Any | Options.Given
): LogicalNode.LogicalNode => {
  const wishes = Options.given(options, "value")
  const materialized = Options.materialized(wishes)
  const operation = { _tag: "TableTableJoin", join, kind, name: wishes.name, materialized } as const
  return LogicalNode.make(operation, self.node, table.node)
}

/** What stands after the other table: `f` and options, for a foreign key a function that finds it before them. */
type Rest = readonly [Erased, Erased?, Erased?]

const joined = (kind: JoinKind) => (self: AnyTable, table: AnyTable, ...rest: Rest): AnyTable => {
  const [first, second, third] = rest
  return Values.table(
    typeof second === "function"
      ? joinedByForeignKey(kind === "Left", self, table, first, second, third)
      : joinedByKey(kind, self, table, first, second)
  )
}

/**
 * The keys that both tables have, with their values joined; a new value on either side makes a new result. Null from `f`
 * leaves the key out. Without a serde the result cannot be stored or sent.
 *
 * With a function that makes a key of the other table of each row, before `f`: the rows of this table whose foreign key the
 * other has. A null foreign key belongs to none.
 *
 * @since 0.1.0
 */
export const join: JoinTable<never, never> & JoinForeignKey<never> = dual(isDataFirst, joined("Inner"))

/**
 * The keys of this table; where the other lacks one, its value is null. With a foreign key: the rows of this table.
 *
 * @since 0.1.0
 */
export const leftJoin: JoinTable<never, null> & JoinForeignKey<null> = dual(isDataFirst, joined("Left"))

/**
 * The keys of either table; where one lacks a key, its value is null.
 *
 * @since 0.1.0
 */
export const outerJoin: JoinTable<null, null> = dual(isDataFirst, joined("Outer"))
