/**
 * A context for a processor under test by itself, without the topology around it: it keeps what the processor forwards,
 * schedules and asks for (Kafka's `MockProcessorContext` and `MockFixedKeyProcessorContext`).
 *
 * Keeps true: stores are real ones, in memory, as a task has them; what a task would refuse is refused, but for the names of
 * children, which are not known here.
 * Leaves to others: running punctuations, which a test does by itself, and all that lies below the processor
 * (`TopologyTestDriver`).
 *
 * @since 0.1.0
 */
import { ProcessorApi, Serde, Topic, Topology } from "@millrace/core"
import type {
  FixedKeyRecord,
  ForwardedRecord,
  ProcessingContext,
  ProcessorContext,
  ProcessorRecord,
  PunctuationSchedule,
  RecordMetadata
} from "@millrace/core/streams/ProcessorContext"
import { ProcessorError } from "@millrace/core/streams/ProcessorError"
import type {
  FixedKeyProcessorSupplier,
  Processing,
  ProcessorSupplier,
  ValueTransformerSupplier
} from "@millrace/core/streams/ProcessorSupplier"
import type * as StateStore from "@millrace/core/streams/StateStore"
import * as Duration from "effect/Duration"
import * as TopologyTestDriver from "./TopologyTestDriver.ts"

/**
 * What the processor is told.
 *
 * @since 0.1.0
 */
export interface Options<H extends StateStore.Any> {
  /** The stores that the processor names; those of other parts of a topology, too. */
  readonly stores?: ReadonlyArray<H> | undefined
  readonly applicationId?: string | undefined
  readonly taskId?: string | undefined
  /** Where the record under way was read (undefined). */
  readonly recordMetadata?: RecordMetadata | undefined
  /** In milliseconds (-1: before the first record). */
  readonly streamTimeMs?: number | undefined
  /** In milliseconds (0). */
  readonly systemTimeMs?: number | undefined
}

/**
 * A record that was forwarded; `child` is undefined if it went to all children.
 *
 * @since 0.1.0
 */
export interface Forwarded<out K, out V> extends ForwardedRecord<K, V> {
  readonly child: string | undefined
}

/**
 * A punctuation that was scheduled, to be run by `punctuate`; `intervalMs` and `startMs` in milliseconds.
 *
 * @since 0.1.0
 */
export interface Punctuation extends Pick<PunctuationSchedule, "type" | "startMs"> {
  readonly intervalMs: number
  readonly isCancelled: boolean
  readonly punctuate: (timestamp: number) => void
}

/**
 * The context, for `init` of a processor of any kind; and what it was asked for. `K` and `V` are what the processor forwards.
 *
 * @since 0.1.0
 */
export interface MockProcessorContext<in out K, in out V, in H = never> extends ProcessorContext<K, V, H> {
  /** What was forwarded since the last `resetForwards`, in order; with a name, what that child was given. */
  readonly forwarded: (child?: string) => ReadonlyArray<Forwarded<K, V>>
  readonly resetForwards: () => void
  /** All punctuations, in the order in which they were scheduled. */
  readonly punctuations: () => ReadonlyArray<Punctuation>
  /** Whether a commit was asked for since the last `resetCommit`. */
  readonly committed: () => boolean
  readonly resetCommit: () => void
  /** Undefined: as in a punctuation. */
  readonly setRecordMetadata: (metadata: RecordMetadata | undefined) => void
  readonly setStreamTimeMs: (timeMs: number) => void
  readonly setSystemTimeMs: (timeMs: number) => void
}

/** The context that a task gives to a processor with these stores. */
const contextOfTask = <H extends StateStore.Any>(
  stores: ReadonlyArray<H>,
  applicationId: string
): ProcessingContext<H> => {
  let context: ProcessingContext<StateStore.Any> | undefined
  const source = ProcessorApi.source("source", Topic.make("source", { key: Serde.bytes, value: Serde.bytes }))
  const processor = ProcessorApi.processor("processor", source, {
    stores: stores.map((store): StateStore.Any => ({ ...store, isDeclared: true })),
    init: (given) => {
      context = given
      return () => {}
    }
  })
  TopologyTestDriver.make(Topology.make(processor), { applicationId })
  return context!
}

/**
 * A context for one processor; throws `TopologyError` for stores that cannot be.
 *
 * @since 0.1.0
 */
export const make = <K, V, H extends StateStore.Any = never>(
  options: Options<H> = {}
): MockProcessorContext<K, V, H> => {
  const { applicationId = "app", stores = [], taskId = "0_0" } = options
  let { recordMetadata, streamTimeMs = -1, systemTimeMs = 0 } = options
  const task = contextOfTask(stores, applicationId)
  const punctuations: Array<{ -readonly [P in keyof Punctuation]: Punctuation[P] }> = []
  let forwarded: Array<Forwarded<K, V>> = []
  let isCommitRequested = false
  return {
    applicationId,
    taskId,
    getStateStore: task.getStateStore,
    schedule: (schedule, punctuate) => {
      const { cancel } = task.schedule(schedule, punctuate)
      const { interval, startMs, type } = schedule
      const punctuation = { type, startMs, intervalMs: Duration.toMillis(interval), isCancelled: false, punctuate }
      punctuations.push(punctuation)
      return {
        cancel: () => {
          punctuation.isCancelled = true
          cancel()
        }
      }
    },
    commit: () => {
      isCommitRequested = true
    },
    recordMetadata: () => recordMetadata,
    currentStreamTimeMs: () => streamTimeMs,
    currentSystemTimeMs: () => systemTimeMs,
    forward: (record, child) => {
      if (!(record.timestamp >= 0)) {
        throw new ProcessorError({
          reason: "InvalidArgument",
          processor: "processor",
          detail: `a record cannot have the timestamp ${record.timestamp}`,
          hint: "forward it with a time from 0 on"
        })
      }
      forwarded.push({ ...record, child })
    },
    forwarded: (child) => child === undefined ? forwarded : forwarded.filter((each) => (each.child ?? child) === child),
    resetForwards: () => {
      forwarded = []
    },
    punctuations: () => punctuations,
    committed: () => isCommitRequested,
    resetCommit: () => {
      isCommitRequested = false
    },
    setRecordMetadata: (metadata) => {
      recordMetadata = metadata
    },
    setStreamTimeMs: (timeMs) => {
      streamTimeMs = timeMs
    },
    setSystemTimeMs: (timeMs) => {
      systemTimeMs = timeMs
    }
  }
}

/**
 * A processor that has begun, and the context that it was given.
 *
 * @since 0.1.0
 */
export interface Started<out F, in out K = unknown, in out V = unknown, in H = never> {
  readonly context: MockProcessorContext<K, V, H>
  /** What the processor does with a record; of a transformer of values, with a value and its key. */
  readonly process: F
  /** Ends the processor; nothing if it does not mind. */
  readonly close: () => void
}

/**
 * Begins a processor in a context with the stores that it names: of records, of records whose keys stay, or of a table's values.
 *
 * @since 0.1.0
 */
export const start: {
  <K, V, K2, V2, H extends StateStore.Any = never>(
    supplier: ProcessorSupplier<K, V, K2, V2, H>,
    options?: Omit<Options<H>, "stores">
  ): Started<(record: ProcessorRecord<K, V>) => void, K2, V2, H>
  <K, V, V2, H extends StateStore.Any = never>(
    supplier: FixedKeyProcessorSupplier<K, V, V2, H>,
    options?: Omit<Options<H>, "stores">
  ): Started<(record: FixedKeyRecord<K, V>) => void, K, V2, H>
  <K, V, V2, H extends StateStore.Any = never>(
    supplier: ValueTransformerSupplier<K, V, V2, H>,
    options?: Omit<Options<H>, "stores">
  ): Started<(value: V | null, key: K) => V2 | null, unknown, unknown, H>
} = <F extends (...args: never) => unknown, K, V, H extends StateStore.Any>(
  supplier: {
    readonly stores?: ReadonlyArray<H> | undefined
    readonly init: (context: MockProcessorContext<K, V, H>) => Processing<F>
  },
  options: Omit<Options<H>, "stores"> = {}
): Started<F, K, V, H> => {
  const context = make<K, V, H>({ ...options, stores: supplier.stores })
  const processing = supplier.init(context)
  return { context, ...partsOf(processing) }
}

const partsOf = <F extends (...args: never) => unknown>(
  processing: Processing<F>
): Pick<Started<F>, "process" | "close"> =>
  typeof processing === "function"
    ? { process: processing, close: () => {} }
    : { process: processing.process, close: processing.close ?? (() => {}) }
