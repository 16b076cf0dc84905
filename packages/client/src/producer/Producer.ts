/**
 * Writing typed records: await each, or only room for it, or run a stream into a topic.
 *
 * Keeps true: records for one partition are written in the order of the calls; with idempotence (the default) each
 * once. A record whose fate nobody awaits shows up in `failures` if it fails.
 * Leaves to others: bytes and batches (`ProducerCore`), transactions (`Transaction`).
 *
 * @since 0.1.0
 */
import type { Kafka } from "@millrace/core/Kafka"
import type { Network } from "@millrace/core/platform/Network"
import type { Compression } from "@millrace/core/records/Compression"
import type * as Topic from "@millrace/core/streams/Topic"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import * as Cluster from "../cluster/Cluster.ts"
import { producerFailuresMax } from "../limits.ts"
import type { ProducerCore } from "./ProducerCore.ts"
import * as ProducerEngine from "./ProducerEngine.ts"
import type { ProducerError } from "./ProducerError.ts"
import * as TypedAppend from "./TypedAppend.ts"

/**
 * How a producer works.
 *
 * @since 0.1.0
 */
export type Options = ProducerEngine.Options

/**
 * A record to write.
 *
 * @since 0.1.0
 */
export type ProducerRecord<K, V> = TypedAppend.ProducerRecord<K, V>

/**
 * Where a record was written. `offset` is -1 if the broker did not tell (acks 0, or written by an earlier attempt).
 *
 * @since 0.1.0
 */
export type RecordMetadata = TypedAppend.RecordMetadata

/**
 * A producer of typed records.
 *
 * @since 0.1.0
 */
export interface Producer {
  /** Writes a record and waits until it is acknowledged. */
  readonly send: <K, V>(
    topic: Topic.Topic<K, V>,
    record: ProducerRecord<NoInfer<K>, NoInfer<V>>
  ) => Effect.Effect<RecordMetadata, ProducerError>
  /**
   * Writes records and waits until all are acknowledged, or fails with the first failure after all have ended. One that
   * cannot even be put into the buffer stops it there.
   */
  readonly sendAll: <K, V>(
    topic: Topic.Topic<K, V>,
    records: Iterable<ProducerRecord<NoInfer<K>, NoInfer<V>>>
  ) => Effect.Effect<ReadonlyArray<RecordMetadata>, ProducerError>
  /** Puts a record into the buffer; waits for room only. If it fails later, `failures` and `flush` tell. */
  readonly enqueue: <K, V>(
    topic: Topic.Topic<K, V>,
    record: ProducerRecord<NoInfer<K>, NoInfer<V>>
  ) => Effect.Effect<void, ProducerError>
  /** `enqueue` for many: one Effect for all of them. */
  readonly enqueueAll: <K, V>(
    topic: Topic.Topic<K, V>,
    records: Iterable<ProducerRecord<NoInfer<K>, NoInfer<V>>>
  ) => Effect.Effect<void, ProducerError>
  /** Writes a stream: back-pressured by the buffer; ends when all is acknowledged, or fails with the first failure. */
  readonly sink: <K, V>(topic: Topic.Topic<K, V>) => Sink.Sink<void, ProducerRecord<K, V>, never, ProducerError>
  /** Sends what is buffered and waits for it; fails with the first failure of enqueued records since the last flush. */
  readonly flush: Effect.Effect<void, ProducerError>
  /** Failures of enqueued records, one for each batch, as they happen; the last 1024 if nobody looks. */
  readonly failures: Stream.Stream<ProducerError>
  /** The producer of bytes below. */
  readonly core: ProducerCore
}

/**
 * Starts a producer. Closing the scope sends what is buffered.
 *
 * ```ts
 * const producer = yield* Producer.make({ linger: "5 millis", compression: "zstd" })
 * yield* producer.send(orders, { key: order.id, value: order })
 * ```
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  options: Options = {}
): Effect.fn.Return<Producer, never, Kafka | Network | Compression | Scope.Scope> {
  const cluster = yield* Cluster.current
  const { core, sender } = yield* ProducerEngine.make(cluster, options)
  const failures = yield* Queue.sliding<ProducerError>(producerFailuresMax)
  sender.onUnreported = (error) => Queue.offerUnsafe(failures, error)
  yield* Effect.addFinalizer(() => Queue.shutdown(failures))
  const producer: Producer = {
    send: (topic, record) => TypedAppend.send(core, topic, record),
    sendAll: (topic, records) => TypedAppend.sendAll(core, topic, records),
    enqueue: (topic, record) => TypedAppend.enqueueAll(core, topic, [record]),
    enqueueAll: (topic, records) => TypedAppend.enqueueAll(core, topic, records),
    sink: (topic) => TypedAppend.sink(core, topic),
    flush: core.flush,
    failures: Stream.fromQueue(failures),
    core
  }
  return producer
})
