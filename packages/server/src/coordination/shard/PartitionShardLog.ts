/**
 * A shard's log in a partition of an internal topic.
 *
 * Keeps true: what is written is what Kafka's coordinators write: one batch without a codec, transactional ones with
 * sequence 0. What the partition refuses before it writes is "refused", all else "unknown".
 * Leaves to others: durability and replication (`Partition`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type * as Compression from "@millrace/core/records/Compression"
import * as ControlRecord from "@millrace/core/records/ControlRecord"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import { RecordBatchBuilder } from "@millrace/core/records/RecordBatchBuilder"
import { RecordCursor } from "@millrace/core/records/RecordCursor"
import * as Records from "@millrace/core/records/Records"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as limits from "../../limits.ts"
import { type Partition, PartitionError } from "../../replication/Partition.ts"
import { type ShardBatch, type ShardLog, ShardLogError, type ShardReader } from "./ShardLog.ts"

/**
 * What of a partition is used here.
 *
 * @since 0.1.0
 */
export type LogPartition = Pick<
  Partition,
  | "append"
  | "verifyTransaction"
  | "writeTransactionMarker"
  | "awaitCommitted"
  | "read"
  | "logStartOffset"
  | "logEndOffset"
>

/**
 * The log of the shard that a partition holds. The codecs are for what other brokers may have compressed.
 *
 * @since 0.1.0
 */
export const make = (partition: LogPartition, codecs: Compression.Codecs): ShardLog => {
  const builder = new RecordBatchBuilder()

  const append = (batch: ShardBatch) =>
    Effect.suspend(() => {
      for (const { key, value } of batch.records) builder.append(batch.timestamp, key, value)
      const { producer, verification } = batch
      const bytes = builder.build(producer === null ? {} : { ...producer, baseSequence: 0, transactional: true })
      return written(partition.append(bytes, { origin: "coordinator", acksAll: true, verification }))
    })

  const verify: ShardLog["verify"] = (producer, vouch) =>
    Effect.mapError(
      partition.verifyTransaction(
        producer,
        Effect.flatMap(vouch, (code) =>
          code === ErrorCode.NONE
            ? Effect.void
            : Effect.fail(
              new PartitionError({ code, message: "the transaction may not write here", recordErrors: [] })
            ))
      ),
      refused
    )

  const awaitCommitted = (offset: number) =>
    offset <= partition.logStartOffset ? Effect.void : Effect.timeoutOrElse(
      Effect.mapError(partition.awaitCommitted(offset - 1), unknown),
      {
        duration: limits.shardCommitTimeoutMs,
        orElse: () => Effect.fail(failure(ErrorCode.REQUEST_TIMED_OUT, "the append was not committed in time"))
      }
    )

  const replay = Effect.fnUntraced(function*(reader: ShardReader) {
    const cursor = new RecordCursor(codecs)
    let offset = partition.logStartOffset
    const end = partition.logEndOffset
    while (offset < end) {
      const { records } = yield* Effect.mapError(
        partition.read({ offset, maxBytes: limits.shardReplayBytes, minOneMessage: true, isolation: "log_end" }),
        unknown
      )
      const before: number = offset
      for (const bytes of records) {
        const next = Records.attempt(() => replayUnsafe(bytes, offset, cursor, reader))
        if (Result.isFailure(next)) return yield* failure(ErrorCode.CORRUPT_MESSAGE, next.failure.message)
        offset = next.success
      }
      if (offset === before) return yield* failure(ErrorCode.UNKNOWN_SERVER_ERROR, `nothing to read at ${offset}`)
    }
    yield* awaitCommitted(end)
  })

  return {
    verify,
    append,
    appendMarker: ({ committed, ...marker }) =>
      written(partition.writeTransactionMarker({ ...marker, commit: committed })),
    awaitCommitted,
    replay
  }
}

const failure = (code: number, detail: string): ShardLogError => new ShardLogError({ code, outcome: "unknown", detail })

const unknown = (error: PartitionError): ShardLogError => failure(error.code, error.message)

const refused = (error: PartitionError): ShardLogError =>
  new ShardLogError({ code: error.code, outcome: "refused", detail: error.message })

const written = (
  append: Effect.Effect<{ readonly lastOffset: number }, PartitionError>
): Effect.Effect<number, ShardLogError> =>
  Effect.matchEffect(append, {
    onSuccess: ({ lastOffset }) => Effect.succeed(lastOffset + 1),
    // A disk that failed may have kept a part; every other refusal comes before the write.
    onFailure: (error) => Effect.fail(error.code === ErrorCode.KAFKA_STORAGE_ERROR ? unknown(error) : refused(error))
  })

/** Tells the reader what whole batches hold from `offset` on, and gives the offset behind them. */
const replayUnsafe = (bytes: Uint8Array, offset: number, cursor: RecordCursor, reader: ShardReader): number => {
  let next = offset
  for (let at = 0;;) {
    const size = Records.nextBatchUnsafe(bytes, at, bytes.length)
    if (size === 0) return next
    const producerId = RecordBatch.producerId(bytes, at)
    const producerEpoch = RecordBatch.producerEpoch(bytes, at)
    if (RecordBatch.isControl(bytes, at)) {
      const control = ControlRecord.parseBatchUnsafe(bytes, at)
      if (control?.type === "COMMIT" || control?.type === "ABORT") {
        const { coordinatorEpoch } = control.value
        const committed = control.type === "COMMIT"
        reader.marker({ producerId, producerEpoch, committed, coordinatorEpoch, transactionVersion: 0 })
      }
    } else {
      const producer = RecordBatch.isTransactional(bytes, at) ? { producerId, producerEpoch } : null
      cursor.openUnsafe(bytes, at)
      while (cursor.next()) {
        if (cursor.offset >= offset) reader.record({ key: cursor.key(), value: cursor.value() }, producer)
      }
    }
    next = RecordBatch.nextOffset(bytes, at)
    at += size
  }
}
