/**
 * `ProducerCore`, put together: accumulator, sender, metadata.
 *
 * Keeps true: waits are bounded by `maxBlock`; closing the scope flushes first.
 *
 * @since 0.1.0
 */
import * as KafkaError from "@millrace/core/errors/KafkaError"
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { Codec, type CodecName, Compression } from "@millrace/core/records/Compression"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import { canRetry, type Cluster, type RequestError } from "../cluster/Cluster.ts"
import * as Retry from "../cluster/Retry.ts"
import {
  batchSizeBytes,
  bufferMemoryBytes,
  deliveryTimeoutMs,
  lingerMs,
  metadataAgeMaxMs,
  producerBlockMaxMs,
  producerInFlightMax,
  producerRequestMaxBytes,
  requestTimeoutMs
} from "../limits.ts"
import { Accumulator } from "./Accumulator.ts"
import type { ProducerCore } from "./ProducerCore.ts"
import { ProducerError } from "./ProducerError.ts"
import { Sender, type SenderTransaction } from "./Sender.ts"

/**
 * How a producer works; named as Kafka names it, with Kafka's defaults.
 *
 * @since 0.1.0
 */
export interface Options {
  /** Who must have a batch before it counts as written: all in-sync replicas (default), the leader, nobody. */
  readonly acks?: "all" | -1 | 0 | 1 | undefined
  /** How long a record waits for others. */
  readonly linger?: Duration.Input | undefined
  /** The size at which a batch is full, in bytes before compression. */
  readonly batchSize?: number | undefined
  /** How much is buffered at most, in bytes. */
  readonly bufferMemory?: number | undefined
  readonly compression?: CodecName | undefined
  readonly compressionLevel?: number | undefined
  /** Each record once and in order, whatever is sent again: by default, with acks `all`. */
  readonly idempotence?: boolean | undefined
  /** Requests in flight to one broker; 5 at most with idempotence. */
  readonly maxInFlightRequestsPerConnection?: number | undefined
  readonly maxRequestSize?: number | undefined
  readonly deliveryTimeout?: Duration.Input | undefined
  readonly requestTimeout?: Duration.Input | undefined
  /** The longest wait for room or metadata. */
  readonly maxBlock?: Duration.Input | undefined
  /** After which time topics are looked up again, and so new partitions found (Kafka's `metadata.max.age.ms`: 5 minutes). */
  readonly metadataMaxAge?: Duration.Input | undefined
}

/**
 * A running producer: its core, and the parts that transactions steer.
 *
 * @since 0.1.0
 */
export interface Engine {
  readonly core: ProducerCore
  readonly sender: Sender
  readonly accumulator: Accumulator
  readonly maxBlockMs: number
}

const millis = (input: Duration.Input | undefined, otherwise: number): number =>
  input === undefined ? otherwise : Duration.toMillis(Duration.fromInputUnsafe(input))

/**
 * The longest wait of a producer, in milliseconds.
 *
 * @since 0.1.0
 */
export const maxBlockMsOf = (options: Pick<Options, "maxBlock">): number => millis(options.maxBlock, producerBlockMaxMs)

/**
 * Starts a producer in the scope. Closing the scope sends what is buffered, for `maxBlock` at most.
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  cluster: Cluster["Service"],
  options: Options,
  transaction?: SenderTransaction
) {
  const compression = yield* Compression
  const clock = yield* Clock.Clock
  const random = yield* Random.Random
  const lane = yield* cluster.lane
  const scope = yield* Scope.fork(yield* Effect.scope)
  const acks = options.acks === undefined || options.acks === "all" ? -1 : options.acks
  const idempotent = transaction !== undefined || (options.idempotence ?? acks === -1)
  const recordMaxBytes = options.maxRequestSize ?? producerRequestMaxBytes
  const maxBlockMs = maxBlockMsOf(options)
  const accumulator = new Accumulator(
    {
      batchBytes: Math.min(options.batchSize ?? batchSizeBytes, recordMaxBytes),
      bufferBytes: options.bufferMemory ?? bufferMemoryBytes,
      recordMaxBytes,
      compression: Codec[options.compression ?? "none"],
      level: options.compressionLevel
    },
    compression,
    clock,
    () => random.nextDoubleUnsafe()
  )
  const sender = new Sender({
    cluster,
    lane,
    scope,
    clock,
    accumulator,
    transaction,
    settings: {
      acks: idempotent ? -1 : acks,
      lingerMs: millis(options.linger, lingerMs),
      metadataAgeMaxMs: millis(options.metadataMaxAge, metadataAgeMaxMs),
      idempotent,
      inFlightMax: Math.min(
        options.maxInFlightRequestsPerConnection ?? producerInFlightMax,
        idempotent ? producerInFlightMax : Infinity
      ),
      requestMaxBytes: recordMaxBytes,
      deliveryTimeoutMs: millis(options.deliveryTimeout, deliveryTimeoutMs),
      requestTimeoutMs: millis(options.requestTimeout, requestTimeoutMs)
    }
  })
  yield* Effect.forkIn(sender.run, scope)
  const core = makeCore(cluster, accumulator, sender, maxBlockMs)
  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      sender.isClosing = true
      return flushed(sender)
    }).pipe(
      Effect.timeoutOrElse({ duration: maxBlockMs, orElse: () => Effect.void }),
      Effect.andThen(Effect.sync(() => {
        sender.fatal ??= closed
        sender.failAll(closed)
      }))
    )
  )
  const engine: Engine = { core, sender, accumulator, maxBlockMs }
  return engine
})

const closed = new ProducerError({
  reason: "Closed",
  detail: "the producer has been closed",
  hint: "use it within its scope"
})

const flushed = (sender: Sender): Effect.Effect<void> =>
  Effect.callback((resume) => sender.flush(() => resume(Effect.void)))

const makeCore = (
  cluster: Cluster["Service"],
  accumulator: Accumulator,
  sender: Sender,
  maxBlockMs: number
): ProducerCore => ({
  prepare: (topics) => prepare(cluster, accumulator, topics, maxBlockMs),
  isPrepared: (topic) => accumulator.partitionCount(topic) > 0,
  partitionCount: (topic) => accumulator.partitionCount(topic),
  writtenEnd: (topic, partition) => accumulator.writtenEnd(topic, partition),
  appendUnsafe: (topic, partition, timestamp, key, value, headers, acknowledgement, token = 0) => {
    if (sender.fatal !== undefined) throw sender.fatal
    accumulator.append(topic, partition, timestamp, key, value, headers, acknowledgement, token)
  },
  hasRoom: () => accumulator.hasRoom,
  room: Effect.suspend(() => {
    if (sender.fatal !== undefined) return Effect.fail(sender.fatal)
    return accumulator.hasRoom ? Effect.void : waitForRoom(sender, maxBlockMs)
  }),
  flush: Effect.suspend(() =>
    Effect.andThen(
      flushed(sender),
      Effect.suspend(() => {
        const failure = sender.unreported ?? sender.fatal
        sender.unreported = undefined
        return failure === undefined ? Effect.void : Effect.fail(failure)
      })
    )
  )
})

const waitForRoom = (sender: Sender, maxBlockMs: number): Effect.Effect<void, ProducerError> =>
  Effect.callback<void, ProducerError>((resume) => {
    const cancel = sender.whenRoom(() => resume(sender.fatal === undefined ? Effect.void : Effect.fail(sender.fatal)))
    return Effect.sync(cancel)
  }).pipe(Effect.timeoutOrElse({
    duration: maxBlockMs,
    orElse: () =>
      Effect.fail(
        new ProducerError({
          reason: "NoRoom",
          detail: `the buffer was full for ${maxBlockMs} ms`,
          hint: "the brokers do not keep up; raise bufferMemory or send less"
        })
      )
  }))

/** Looks topics up until they are there; a broker that creates topics is given the time to do so. */
const prepare = (
  cluster: Cluster["Service"],
  accumulator: Accumulator,
  topics: ReadonlyArray<string>,
  maxBlockMs: number
): Effect.Effect<void, ProducerError> => {
  const missing = () => topics.filter((topic) => accumulator.partitionCount(topic) === 0)
  const lookUp = Effect.gen(function*() {
    const names = missing()
    if (names.length === 0) return
    if (names.some((name) => !cluster.metadata.topics.has(name))) {
      yield* cluster.refresh(names, { allowAutoTopicCreation: true })
    }
    for (const name of names) {
      const known = cluster.metadata.topics.get(name)
      if (known !== undefined && known.partitions.length > 0) accumulator.know(name, known.partitions.length)
      else {
        const code = cluster.metadata.topicErrors.get(name) ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        return yield* KafkaError.fromCode(code, name)
      }
    }
  })
  return lookUp.pipe(
    Retry.retry<RequestError>({ while: canRetry, timeoutMs: maxBlockMs }),
    Effect.mapError((error) =>
      error._tag === "KafkaError"
        ? new ProducerError({
          reason: "UnknownTopic",
          detail: error.message,
          hint: "create the topic first, or allow it to be created",
          cause: error
        })
        : new ProducerError({ reason: "Unavailable", detail: error.message, hint: "is the cluster up?", cause: error })
    )
  )
}
