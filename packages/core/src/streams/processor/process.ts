/**
 * Processors of the author's own.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../serde/Erased.ts"
import type { FixedKeyProcessorSupplier, ProcessorSupplier, ValueTransformerSupplier } from "../ProcessorSupplier.ts"

/**
 * record → whatever the processor forwards, to all of its children or to one by name; also in its punctuations.
 *
 * @since 0.1.0
 */
export interface Process {
  readonly _tag: "Process"
  readonly supplier: ProcessorSupplier<Erased, Erased, Erased, Erased, Erased>
}

/**
 * As `Process`; what is forwarded has the key of what came.
 *
 * @since 0.1.0
 */
export interface ProcessValues {
  readonly _tag: "ProcessValues"
  readonly supplier: FixedKeyProcessorSupplier<Erased, Erased, Erased, Erased>
}

/**
 * Change → Change: a new value for each side, null asked as well. With a store the old value comes from it, without one the
 * old side is transformed too, after the new one.
 *
 * @since 0.1.0
 */
export interface TableTransformValues {
  readonly _tag: "TableTransformValues"
  readonly supplier: ValueTransformerSupplier<Erased, Erased, Erased, Erased>
  readonly store: string | undefined
  readonly sendOldValues: boolean
}
