/**
 * What a batch has to be to be written at the end of a log: valid if it comes from a client or a coordinator, whole and next
 * in order if it was copied from a leader; part of a transaction that is open, or vouched for.
 *
 * Keeps true: nothing changes here, neither the log nor its producers.
 * Leaves to others: sequences and epochs of producers (`ProducerState`), writing (`PartitionLog`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { Codec, Compression } from "@millrace/core/records/Compression"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Records from "@millrace/core/records/Records"
import * as RecordValidator from "@millrace/core/records/RecordValidator"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { LogConfig } from "./LogConfig.ts"
import * as PartitionError from "./PartitionError.ts"
import type { ProducerState, Verification } from "./ProducerState.ts"

/**
 * How a batch came here: from a client, from a coordinator of this broker, or copied from a leader.
 *
 * @since 0.1.0
 */
export type AppendOrigin = "client" | "coordinator" | "replication"

/**
 * What an append needs to know. With `verification` the transaction must be open here when the batch is written, or still
 * be vouched for.
 *
 * @since 0.1.0
 */
export interface LogAppend {
  readonly origin: AppendOrigin
  readonly leaderEpoch: number
  readonly requestVersion: number
  readonly verification?: Verification | undefined
}

/**
 * The log that a batch is for, as far as it matters.
 *
 * @since 0.1.0
 */
export interface Target {
  readonly config: LogConfig
  readonly logEndOffset: number
  readonly producers: ProducerState
  readonly context: { readonly compression: Compression["Service"] }
}

/**
 * The batch as it is to be written, with its offsets.
 *
 * @since 0.1.0
 */
export const admit = (
  log: Target,
  records: Uint8Array,
  options: LogAppend,
  nowMs: number
): Effect.Effect<RecordValidator.ValidatedBatch, PartitionError.PartitionError> =>
  options.origin === "replication" ? copied(log, records) : validated(log, records, options, nowMs)

const validated = (
  { config, context, logEndOffset }: Target,
  records: Uint8Array,
  options: LogAppend,
  nowMs: number
): Effect.Effect<RecordValidator.ValidatedBatch, PartitionError.PartitionError> => {
  const validation = {
    baseOffset: logEndOffset,
    partitionLeaderEpoch: options.leaderEpoch,
    now: nowMs,
    origin: options.origin === "client" ? "client" : "coordinator",
    requestVersion: options.requestVersion,
    timestampType: config.timestampType,
    timestampBeforeMaxMs: config.timestampBeforeMaxMs,
    timestampAfterMaxMs: config.timestampAfterMaxMs,
    messageMaxBytes: config.maxMessageBytes,
    isCompacted: config.compact,
    compression: targetCodecs.get(config.compressionType) ?? "producer",
    compressionLevel: config.compressionLevel
  } as const
  const arrivesPacked = records.length >= RecordBatch.headerSizeBytes && RecordBatch.codec(records, 0) !== Codec.none
  const staysPlain = validation.compression === "producer" || validation.compression === Codec.none
  const checked = arrivesPacked || !staysPlain
    ? Effect.provideService(RecordValidator.validateEffect(records, validation), Compression, context.compression)
    : Effect.suspend(() => Effect.fromResult(RecordValidator.validate(context.compression, records, validation)))
  return Effect.mapError(
    checked,
    ({ code, detail, recordErrors }) => new PartitionError.PartitionError({ code, message: detail, recordErrors })
  )
}

/** What `compression.type` makes of batches; "producer" leaves them as they are. */
const targetCodecs: ReadonlyMap<string, Codec> = new Map([
  ["uncompressed", Codec.none],
  ["gzip", Codec.gzip],
  ["snappy", Codec.snappy],
  ["lz4", Codec.lz4],
  ["zstd", Codec.zstd]
])

/** A batch as its leader wrote it, which must follow what is here. */
const copied = (
  { context, logEndOffset }: Target,
  records: Uint8Array
): Effect.Effect<RecordValidator.ValidatedBatch, PartitionError.PartitionError> => {
  const size = Records.nextBatch(records, 0, records.length)
  if (Result.isFailure(size) || size.success !== records.length) {
    return Effect.fail(PartitionError.make(ErrorCode.CORRUPT_MESSAGE, "not exactly one record batch"))
  }
  if (!RecordBatch.isValidCrc(records, 0, context.compression.crc32c)) {
    return Effect.fail(PartitionError.make(ErrorCode.CORRUPT_MESSAGE, "the checksum of the batch is wrong"))
  }
  if (RecordBatch.baseOffset(records, 0) < logEndOffset) {
    return Effect.fail(
      PartitionError.make(ErrorCode.OFFSET_OUT_OF_RANGE, "the batch begins before the end of the log")
    )
  }
  return Effect.succeed({
    bytes: records,
    baseOffset: RecordBatch.baseOffset(records, 0),
    lastOffset: RecordBatch.lastOffset(records, 0),
    recordsCount: RecordBatch.recordsCount(records, 0),
    maxTimestamp: RecordBatch.maxTimestamp(records, 0),
    logAppendTime: -1,
    isRebuilt: false
  })
}

/**
 * Why a batch that nobody has written yet must not be: its producer's epoch or sequence, or a transaction that nobody vouched
 * for, or that was ended meanwhile.
 *
 * @since 0.1.0
 */
export const refusalOf = (
  { producers }: Target,
  bytes: Uint8Array,
  options: LogAppend
): PartitionError.PartitionError | undefined => {
  if (options.origin === "replication") return undefined
  return producers.check(bytes, 0, options.origin === "client") ?? unverified(producers, bytes, options)
}

const unverified = (
  producers: ProducerState,
  bytes: Uint8Array,
  { verification }: LogAppend
): PartitionError.PartitionError | undefined => {
  if (verification === undefined || !RecordBatch.isTransactional(bytes, 0)) return undefined
  const isOpen = producers.hasOpenTransaction(RecordBatch.producerId(bytes, 0), RecordBatch.producerEpoch(bytes, 0))
  return isOpen || producers.isVerified(verification)
    ? undefined
    : PartitionError.make(ErrorCode.INVALID_TXN_STATE, "the batch is not part of an open transaction")
}
