/**
 * Streams through processors of the author's own, with stores and punctuations.
 *
 * @since 0.1.0
 */
import { dual } from "effect/Function"
import type * as Serde from "../../serde/Serde.ts"
import type * as Known from "../Known.ts"
import * as LogicalNode from "../LogicalNode.ts"
import * as Options from "../Options.ts"
import type { FixedKeyProcessorSupplier, ProcessorSupplier } from "../ProcessorSupplier.ts"
import type * as StateStore from "../StateStore.ts"
import * as Values from "../Values.ts"

const isStream = Values.isFirst("KStream")

interface ProcessOf {
  <K, V, E, R, S, K2, V2, H extends StateStore.Any = never>(
    self: Values.KStream<K, V, E, R, S>,
    supplier: ProcessorSupplier<K, V, NoInfer<K2> | null, NoInfer<V2>, H>,
    options: Options.KeyAndValue<K2, V2>
  ): Values.KStream<K2 | null, V2, E, R, Known.Both>
  <K, V, E, R, S, K2 = never, V2 = never, H extends StateStore.Any = never>(
    self: Values.KStream<K, V, E, R, S>,
    supplier: ProcessorSupplier<K, V, K2, V2, H>,
    options?: Options.Plain
  ): Values.KStream<K2, V2, E, R, unknown>
  <K, V, K2, V2, H extends StateStore.Any = never>(
    supplier: ProcessorSupplier<K, V, NoInfer<K2> | null, NoInfer<V2>, H>,
    options: Options.KeyAndValue<K2, V2>
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K2 | null, V2, E, R, Known.Both>
  <K, V, K2 = never, V2 = never, H extends StateStore.Any = never>(
    supplier: ProcessorSupplier<K, V, K2, V2, H>,
    options?: Options.Plain
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K2, V2, E, R, unknown>
}

/**
 * What a processor forwards for each record, and in its punctuations. Serdes say of which types that is; without them the
 * type of the supplier does, or of the context that `init` takes, and the result cannot be stored or moved between
 * partitions. Where nothing says it, nothing can be forwarded.
 *
 * @since 0.1.0
 */
export const process: ProcessOf = dual(isStream, <K, V, E, R, S, K2, V2, H extends StateStore.Any>(
  self: Values.KStream<K, V, E, R, S>,
  supplier: ProcessorSupplier<K, V, K2, V2, H>,
  options: Options.Given = {}
): Values.KStream<K2, V2, E, R, Known.Both> => {
  const operation = { _tag: "Process", supplier, serdes: Options.serdes(options), name: options.name } as const
  return Values.stream(LogicalNode.make(operation, self.node))
})

interface ProcessValuesOf {
  <K, V, E, R, S, V2, H extends StateStore.Any = never>(
    self: Values.KStream<K, V, E, R, S>,
    supplier: FixedKeyProcessorSupplier<K, V, NoInfer<V2>, H>,
    options: Options.WithValue<V2, Options.Named>
  ): Values.KStream<K, V2, E, R, S & Known.ValueSerde>
  <K, V, E, R, S, V2 = never, H extends StateStore.Any = never>(
    self: Values.KStream<K, V, E, R, S>,
    supplier: FixedKeyProcessorSupplier<K, V, V2, H>,
    options?: Options.Plain
  ): Values.KStream<K, V2, E, R, Known.DropValue<S>>
  <K, V, V2, H extends StateStore.Any = never>(
    supplier: FixedKeyProcessorSupplier<K, V, NoInfer<V2>, H>,
    options: Options.WithValue<V2, Options.Named>
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V2, E, R, S & Known.ValueSerde>
  <K, V, V2 = never, H extends StateStore.Any = never>(
    supplier: FixedKeyProcessorSupplier<K, V, V2, H>,
    options?: Options.Plain
  ): <E, R, S>(self: Values.KStream<K, V, E, R, S>) => Values.KStream<K, V2, E, R, Known.DropValue<S>>
}

/**
 * What a processor forwards for each record, and in its punctuations, under the key that came: the stream stays in its
 * partitions. The serde says of which type that is; without it the type of the supplier does, or of the context that `init`
 * takes, and the result cannot be stored. Where nothing says it, nothing can be forwarded.
 *
 * @since 0.1.0
 */
export const processValues: ProcessValuesOf = dual(isStream, <K, V, E, R, S, V2, H extends StateStore.Any>(
  self: Values.KStream<K, V, E, R, S>,
  supplier: FixedKeyProcessorSupplier<K, V, V2, H>,
  options?: Serde.Any | Options.Given
): Values.KStream<K, V2, E, R, S & Known.ValueSerde> => {
  const given = Options.given(options, "value")
  const operation = { _tag: "ProcessValues", supplier, serdes: Options.serdes(given), name: given.name } as const
  return Values.stream(LogicalNode.make(operation, self.node))
})
