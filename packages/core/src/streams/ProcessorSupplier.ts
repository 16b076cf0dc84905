/**
 * Processors of the author's own: what they keep (`stores`), and how one is made for each task (`init`).
 *
 * What it keeps true: a supplier is a value without state; what a processor remembers stands in its stores, or in the closure
 * that `init` makes once for each task.
 *
 * @since 0.1.0
 */
import type {
  FixedKeyProcessorContext,
  FixedKeyRecord,
  ProcessingContext,
  ProcessorContext,
  ProcessorRecord
} from "./ProcessorContext.ts"
import type * as StateStore from "./StateStore.ts"

/**
 * What `init` gives back: what happens to each record, alone or with what happens when the task ends.
 *
 * @since 0.1.0
 */
export type Processing<F> = F | { readonly process: F; readonly close?: (() => void) | undefined }

/**
 * Makes processors that take records of key `K` and value `V`, and forward those of `K2` and `V2`.
 *
 * @since 0.1.0
 */
export interface ProcessorSupplier<in K, in V, out K2, out V2, H extends StateStore.Any = StateStore.Any> {
  readonly stores?: ReadonlyArray<H> | undefined
  readonly init: (context: ProcessorContext<K2, V2, H>) => Processing<(record: ProcessorRecord<K, V>) => void>
}

/**
 * Makes processors that take records of key `K` and value `V`, and forward those of the same key and `V2`.
 *
 * @since 0.1.0
 */
export interface FixedKeyProcessorSupplier<in out K, in V, out V2, H extends StateStore.Any = StateStore.Any> {
  readonly stores?: ReadonlyArray<H> | undefined
  readonly init: (context: FixedKeyProcessorContext<K, V2, H>) => Processing<(record: FixedKeyRecord<K, V>) => void>
}

/**
 * Makes transformers of a table's values: a new value (null: none) for each one that comes, and for each that goes (null).
 *
 * @since 0.1.0
 */
export interface ValueTransformerSupplier<in K, in V, out V2, H extends StateStore.Any = StateStore.Any> {
  readonly stores?: ReadonlyArray<H> | undefined
  readonly init: (context: ProcessingContext<H>) => Processing<(value: V | null, key: K) => V2 | null>
}

/**
 * A supplier that is written apart from the stream that it is for: its types are given first.
 *
 * @since 0.1.0
 */
export const make = <K, V, K2, V2>() =>
<H extends StateStore.Any = never>(
  supplier: ProcessorSupplier<K, V, K2, V2, H>
): ProcessorSupplier<K, V, K2, V2, H> => supplier

/**
 * A supplier of processors that leave keys as they are, written apart from the stream that it is for.
 *
 * @since 0.1.0
 */
export const makeFixedKey = <K, V, V2>() =>
<H extends StateStore.Any = never>(
  supplier: FixedKeyProcessorSupplier<K, V, V2, H>
): FixedKeyProcessorSupplier<K, V, V2, H> => supplier
