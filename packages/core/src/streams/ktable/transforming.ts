/**
 * Tables whose values are made by transformers of the author's own, with stores at hand.
 *
 * @since 0.1.0
 */
import { dual } from "effect/Function"
import type * as Serde from "../../serde/Serde.ts"
import type * as Known from "../Known.ts"
import * as LogicalNode from "../LogicalNode.ts"
import * as Options from "../Options.ts"
import type { ValueTransformerSupplier } from "../ProcessorSupplier.ts"
import type * as StateStore from "../StateStore.ts"
import * as Values from "../Values.ts"

const isTable = Values.isFirst("KTable")

interface TransformValuesOf {
  <K, V, E, R, S, V2, H extends StateStore.Any = never>(
    self: Values.KTable<K, V, E, R, S>,
    supplier: ValueTransformerSupplier<K, V, NoInfer<V2>, H>,
    options: Options.WithValue<V2, Options.Store & Options.Named>
  ): Values.KTable<K, V2, E, R, S & Known.ValueSerde>
  <K, V, E, R, S, V2, H extends StateStore.Any = never>(
    self: Values.KTable<K, V, E, R, S>,
    supplier: ValueTransformerSupplier<K, V, V2, H>,
    options?: Options.Plain
  ): Values.KTable<K, NonNullable<V2>, E, R, Known.DropValue<S>>
  <K, V, V2, H extends StateStore.Any = never>(
    supplier: ValueTransformerSupplier<K, V, NoInfer<V2>, H>,
    options: Options.WithValue<V2, Options.Store & Options.Named>
  ): <E, R, S>(self: Values.KTable<K, V, E, R, S>) => Values.KTable<K, V2, E, R, S & Known.ValueSerde>
  <K, V, V2, H extends StateStore.Any = never>(
    supplier: ValueTransformerSupplier<K, V, V2, H>,
    options?: Options.Plain
  ): <E, R, S>(self: Values.KTable<K, V, E, R, S>) => Values.KTable<K, NonNullable<V2>, E, R, Known.DropValue<S>>
}

/**
 * A new value for each value of the table; null deletes. The transformer is asked for deletions too. If the result is
 * joined without having a store (`as`), it is asked again at each lookup.
 *
 * @since 0.1.0
 */
export const transformValues: TransformValuesOf = dual(isTable, <K, V, E, R, S, V2, H extends StateStore.Any>(
  self: Values.KTable<K, V, E, R, S>,
  supplier: ValueTransformerSupplier<K, V, V2, H>,
  options?: Serde.Any | Options.Given
): Values.KTable<K, V2, E, R, S & Known.ValueSerde> => {
  const given = Options.given(options, "value")
  const materialized = Options.materialized(given)
  const operation = { _tag: "TableTransformValues", supplier, name: given.name, materialized } as const
  return Values.table(LogicalNode.make(operation, self.node))
})
