/**
 * Processors of the author's own.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../serde/Erased.ts"
import type * as Serde from "../../serde/Serde.ts"
import type { FixedKeyProcessorSupplier, ProcessorSupplier, ValueTransformerSupplier } from "../ProcessorSupplier.ts"
import type * as StateStore from "../StateStore.ts"
import type { SinkTopic, StreamPartitioner } from "../ResolvedTopology.ts"
import type { SourceOptions } from "./edges.ts"
import type { Materialized, Serdes } from "./materialized.ts"

/**
 * A supplier of processors, whatever it takes and forwards.
 *
 * @since 0.1.0
 */
export type AnyProcessorSupplier = ProcessorSupplier<Erased, Erased, Erased, Erased, Erased>

/**
 * A processor below a stream. `serdes`: those that were given for what it forwards.
 *
 * @since 0.1.0
 */
export interface Process {
  readonly _tag: "Process"
  readonly supplier: AnyProcessorSupplier
  readonly serdes: Serdes
  readonly name: string | undefined
}

/**
 * A processor below a stream that leaves keys as they are.
 *
 * @since 0.1.0
 */
export interface ProcessValues {
  readonly _tag: "ProcessValues"
  readonly supplier: FixedKeyProcessorSupplier<Erased, Erased, Erased, Erased>
  readonly serdes: Serdes
  readonly name: string | undefined
}

/**
 * A table with new values, made with stores at hand.
 *
 * @since 0.1.0
 */
export interface TableTransformValues {
  readonly _tag: "TableTransformValues"
  readonly supplier: ValueTransformerSupplier<Erased, Erased, Erased, Erased>
  readonly name: string | undefined
  readonly materialized: Materialized | undefined
}

/**
 * A store that every instance fills by itself, by a processor of the author's. Names are generated if they are not given.
 *
 * @since 0.1.0
 */
export interface GlobalStore extends Omit<SourceOptions, "name"> {
  readonly _tag: "GlobalStore"
  readonly store: StateStore.Any
  readonly supplier: AnyProcessorSupplier
  readonly sourceName: string | undefined
  readonly processorName: string | undefined
}

/**
 * A store of tasks that is filled from a topic by a processor of the author's; the topic is its changelog.
 *
 * @since 0.1.0
 */
export interface ReadOnlyStateStore extends Omit<SourceOptions, "name"> {
  readonly _tag: "ReadOnlyStateStore"
  readonly store: StateStore.Any
  readonly supplier: AnyProcessorSupplier
  readonly sourceName: string
  readonly processorName: string
}

/**
 * A source of a topology that is put together from named nodes.
 *
 * @since 0.1.0
 */
export interface NamedSource extends SourceOptions {
  readonly _tag: "NamedSource"
  /** Instead of `topics`. */
  readonly pattern?: RegExp | undefined
  readonly name: string
}

/**
 * A processor of a topology that is put together from named nodes.
 *
 * @since 0.1.0
 */
export interface NamedProcessor {
  readonly _tag: "NamedProcessor"
  readonly name: string
  readonly supplier: AnyProcessorSupplier
}

/**
 * A sink of a topology that is put together from named nodes.
 *
 * @since 0.1.0
 */
export interface NamedSink {
  readonly _tag: "NamedSink"
  readonly name: string
  readonly topic: SinkTopic
  readonly key: Serde.Any
  readonly value: Serde.Any
  readonly streamPartitioner: StreamPartitioner<Erased, Erased> | undefined
}

/**
 * Lets named processors use a store.
 *
 * @since 0.1.0
 */
export interface ConnectStore {
  readonly _tag: "ConnectStore"
  readonly store: StateStore.Any
}
