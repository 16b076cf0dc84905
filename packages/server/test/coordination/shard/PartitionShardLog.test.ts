import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as Compression from "@millrace/core/records/Compression"
import * as ControlRecord from "@millrace/core/records/ControlRecord"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import * as PartitionShardLog from "../../../src/coordination/shard/PartitionShardLog.ts"
import type { ShardLogError } from "../../../src/coordination/shard/ShardLog.ts"
import * as limits from "../../../src/limits.ts"
import { PartitionError } from "../../../src/replication/Partition.ts"

/** A partition in memory that gives whole batches, one at a time, from the one that holds an offset. */
class MemoryPartition implements PartitionShardLog.LogPartition {
  readonly logStartOffset = 0
  readonly batches: Array<Uint8Array> = []
  committed = Infinity
  failure: PartitionError | undefined = undefined

  get logEndOffset(): number {
    const last = this.batches.at(-1)
    return last === undefined ? 0 : RecordBatch.nextOffset(last, 0)
  }

  append(records: Uint8Array) {
    return Effect.suspend(() => {
      if (this.failure !== undefined) return Effect.fail(this.failure)
      const baseOffset = this.logEndOffset
      RecordBatch.setBaseOffset(records, 0, baseOffset)
      this.batches.push(records)
      const lastOffset = RecordBatch.lastOffset(records, 0)
      return Effect.succeed({ baseOffset, lastOffset, logAppendTimeMs: -1, logStartOffset: 0, duplicate: false })
    })
  }

  verifyTransaction(
    producer: { readonly producerId: number; readonly producerEpoch: number },
    vouch: Effect.Effect<void, PartitionError>
  ) {
    return Effect.as(vouch, { ...producer, mustStartAtZero: false, lowestSequence: 0, startedMs: 0 })
  }

  writeTransactionMarker(marker: {
    readonly producerId: number
    readonly producerEpoch: number
    readonly coordinatorEpoch: number
    readonly commit: boolean
  }) {
    const { commit, coordinatorEpoch, producerEpoch, producerId } = marker
    const type = commit ? "COMMIT" : "ABORT"
    const options = { producerId, producerEpoch, transactional: true }
    return this.append(ControlRecord.build({ type, value: { coordinatorEpoch } }, 0, options))
  }

  awaitCommitted(lastOffset: number) {
    return Effect.suspend(() => (lastOffset < this.committed ? Effect.void : Effect.never))
  }

  read({ offset }: { readonly offset: number }) {
    const batch = this.batches.find((bytes) => RecordBatch.lastOffset(bytes, 0) >= offset)
    return Effect.succeed({
      records: batch === undefined ? [] : [batch],
      sizeBytes: batch?.length ?? 0,
      highWatermark: this.logEndOffset,
      lastStableOffset: this.logEndOffset,
      logStartOffset: 0,
      logEndOffset: this.logEndOffset,
      abortedTransactions: null,
      divergingEpoch: undefined
    })
  }
}

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (from: Uint8Array | null) => (from === null ? "null" : new TextDecoder().decode(from))

const replayed = (log: ReturnType<typeof PartitionShardLog.make>) =>
  Effect.gen(function*() {
    const told: Array<string> = []
    yield* log.replay({
      record: ({ key, value }, producer) => {
        told.push(`${text(key)}=${text(value)}${producer === null ? "" : ` of ${producer.producerId}`}`)
      },
      marker: ({ committed, coordinatorEpoch, producerEpoch, producerId }) => {
        told.push(`${producerId}/${producerEpoch} ${committed ? "commits" : "aborts"} in ${coordinatorEpoch}`)
      }
    })
    return told
  })

const failing = (partition: MemoryPartition, code: number) => {
  partition.failure = new PartitionError({ code, message: "no", recordErrors: [] })
}

describe("PartitionShardLog", () => {
  it.effect("gives back what was written, in order, with its producers and markers", () =>
    Effect.gen(function*() {
      const partition = new MemoryPartition()
      const log = PartitionShardLog.make(partition, Compression.uncompressed)
      const records = [{ key: bytes("a"), value: bytes("1") }, { key: bytes("b"), value: null }]
      assert.strictEqual(yield* log.append({ records, timestamp: 5, producer: null }), 2)
      const producer = { producerId: 7, producerEpoch: 3 }
      assert.strictEqual(yield* log.append({ records: records.slice(1), timestamp: 6, producer }), 3)
      const marker = { ...producer, committed: true, coordinatorEpoch: 9, transactionVersion: 2 }
      assert.strictEqual(yield* log.appendMarker(marker), 4)
      assert.deepStrictEqual(yield* replayed(log), ["a=1", "b=null", "b=null of 7", "7/3 commits in 9"])
      assert.deepStrictEqual([
        RecordBatch.isTransactional(partition.batches[1]!, 0),
        RecordBatch.baseSequence(partition.batches[1]!, 0)
      ], [
        true,
        0
      ])
      assert.isTrue(partition.batches.every((batch) => RecordBatch.isValidCrc(batch, 0)))
    }))

  it.effect("tells a refusal from a failure of the disk", () =>
    Effect.gen(function*() {
      const partition = new MemoryPartition()
      const log = PartitionShardLog.make(partition, Compression.uncompressed)
      const outcome = Effect.map(
        Effect.flip(log.append({ records: [{ key: null, value: bytes("1") }], timestamp: 0, producer: null })),
        (error: ShardLogError) => [error.code, error.outcome]
      )
      failing(partition, ErrorCode.INVALID_PRODUCER_EPOCH)
      assert.deepStrictEqual(yield* outcome, [ErrorCode.INVALID_PRODUCER_EPOCH, "refused"])
      failing(partition, ErrorCode.KAFKA_STORAGE_ERROR)
      assert.deepStrictEqual(yield* outcome, [ErrorCode.KAFKA_STORAGE_ERROR, "unknown"])
      // What was refused is not in the next batch.
      partition.failure = undefined
      yield* log.append({ records: [{ key: null, value: bytes("2") }], timestamp: 0, producer: null })
      assert.deepStrictEqual(yield* replayed(log), ["null=2"])
    }))

  it.effect("hands on what the transaction's coordinator refuses", () =>
    Effect.gen(function*() {
      const log = PartitionShardLog.make(new MemoryPartition(), Compression.uncompressed)
      const producer = { producerId: 7, producerEpoch: 3 }
      yield* log.verify(producer, Effect.succeed(ErrorCode.NONE))
      const { code, outcome } = yield* Effect.flip(
        log.verify(producer, Effect.succeed(ErrorCode.TRANSACTION_ABORTABLE))
      )
      assert.deepStrictEqual([code, outcome], [ErrorCode.TRANSACTION_ABORTABLE, "refused"])
    }))

  it.effect("does not wait for a commit for ever, and replays no more than is committed", () =>
    Effect.gen(function*() {
      const partition = new MemoryPartition()
      const log = PartitionShardLog.make(partition, Compression.uncompressed)
      yield* log.append({ records: [{ key: null, value: bytes("1") }], timestamp: 0, producer: null })
      partition.committed = 0
      const waiting = yield* Effect.forkChild(Effect.flip(log.awaitCommitted(1)))
      const replaying = yield* Effect.forkChild(replayed(log))
      yield* TestClock.adjust(limits.shardCommitTimeoutMs - 1)
      assert.isUndefined(waiting.pollUnsafe())
      assert.isUndefined(replaying.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* Fiber.join(waiting)).code, ErrorCode.REQUEST_TIMED_OUT)
    }))
})
