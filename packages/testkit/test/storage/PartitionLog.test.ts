/** A log against a plain list of batches: whatever is done to it, and however it ends, both hold the same. */
import { assert, describe, it } from "@effect/vitest"
import { Codec } from "@millrace/core/records/Compression"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import { RecordBatchBuilder } from "@millrace/core/records/RecordBatchBuilder"
import * as LogRetention from "@millrace/server/storage/LogRetention"
import type { PartitionLog } from "@millrace/server/storage/PartitionLog"
import * as MemoryDisk from "@millrace/testkit/platform/MemoryDisk"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { appendTo, batchesFrom, batchOf, compression, configOf, contextOf, openLog } from "./harness.ts"

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

const Operation = Schema.Union([
  Schema.TaggedStruct("Append", { count: between(1, 6), size: between(0, 300) }),
  Schema.TaggedStruct("Sync", {}),
  Schema.TaggedStruct("Crash", {}),
  Schema.TaggedStruct("Restart", {}),
  Schema.TaggedStruct("Truncate", { percent: between(0, 100) }),
  Schema.TaggedStruct("DeleteRecords", { percent: between(0, 100) }),
  Schema.TaggedStruct("Retain", {}),
  Schema.TaggedStruct("Read", { percent: between(0, 100), maxBytes: between(1, 3000) })
])

/** What the log should be. */
interface Model {
  batches: Array<Uint8Array>
  logStartOffset: number
  logEndOffset: number
  /** How much of it a crash may not take. */
  synced: number
}

const next = (batch: Uint8Array): number => RecordBatch.nextOffset(batch, 0)

const cut = (model: Model, offset: number): void => {
  model.batches = model.batches.filter((batch) => next(batch) <= offset)
  model.logEndOffset = offset
  model.synced = Math.min(model.synced, offset)
}

const agrees = Effect.fnUntraced(function*(log: PartitionLog, model: Model) {
  assert.strictEqual(log.logStartOffset, model.logStartOffset, "log start")
  assert.strictEqual(log.logEndOffset, model.logEndOffset, "log end")
  const found = yield* batchesFrom(log, model.logStartOffset)
  assert.deepStrictEqual(found, model.batches.filter((batch) => next(batch) > model.logStartOffset))
})

const offsetAt = (model: Model, percent: number): number =>
  model.logStartOffset + Math.floor((model.logEndOffset - model.logStartOffset) * percent / 100)

const config = configOf({ "retention.bytes": "6000", "retention.ms": "-1" })

const run = Effect.fnUntraced(function*(operations: ReadonlyArray<typeof Operation.Type>) {
  const disk = MemoryDisk.make()
  const context = yield* contextOf(disk)
  const model: Model = { batches: [], logStartOffset: 0, logEndOffset: 0, synced: 0 }
  let log = yield* openLog(context, false, config)
  for (const [index, operation] of operations.entries()) {
    switch (operation._tag) {
      case "Append": {
        const { baseOffset, lastOffset } = yield* appendTo(
          log,
          batchOf(operation.count, { size: operation.size, mark: index % 256, timestamp: index })
        )
        assert.strictEqual(baseOffset, model.logEndOffset)
        const written = batchOf(operation.count, { size: operation.size, mark: index % 256, timestamp: index })
        RecordBatch.setBaseOffset(written, 0, baseOffset)
        RecordBatch.setPartitionLeaderEpoch(written, 0, 0)
        model.batches.push(written)
        model.logEndOffset = lastOffset + 1
        log.advanceHighWatermark(log.logEndOffset)
        break
      }
      case "Sync": {
        assert.strictEqual(yield* log.sync, model.logEndOffset)
        model.synced = model.logEndOffset
        break
      }
      case "Crash": {
        const { logStartOffset, recoveryPoint } = log
        disk.crash()
        log = yield* openLog(context, false, config, { recoveryPoint, logStartOffset })
        assert.isAtLeast(log.logEndOffset, model.synced, "synced records survive")
        model.logStartOffset = log.logStartOffset
        if (log.logEndOffset < model.logEndOffset) cut(model, log.logEndOffset)
        model.synced = log.logEndOffset
        break
      }
      case "Restart": {
        const { logStartOffset, recoveryPoint } = log
        yield* log.close
        log = yield* openLog(context, true, config, { recoveryPoint, logStartOffset })
        model.synced = model.logEndOffset
        break
      }
      case "Truncate": {
        // Leaders cut where a batch begins: that is where epochs begin, too.
        const first = model.batches.find((batch) =>
          RecordBatch.baseOffset(batch, 0) >= offsetAt(model, operation.percent)
        )
        if (first === undefined) break
        const offset = RecordBatch.baseOffset(first, 0)
        yield* log.truncateTo(offset)
        cut(model, offset)
        break
      }
      case "DeleteRecords": {
        model.logStartOffset = yield* LogRetention.deleteRecords(log, offsetAt(model, operation.percent))
        assert.strictEqual(log.logStartOffset, model.logStartOffset)
        break
      }
      case "Retain": {
        const before = log.segments.sizeBytes
        const gone = yield* LogRetention.deleteExpired(log)
        if (gone > 0 && log.logStartOffset === model.logStartOffset) assert.isAtLeast(before, 1)
        model.logStartOffset = log.logStartOffset
        assert.isTrue(
          log.segments.all.length === 1 || log.segments.sizeBytes - log.segments.all[0]!.size < 6000,
          "no more segments than retention.bytes asks for"
        )
        break
      }
      case "Read": {
        const offset = offsetAt(model, operation.percent)
        const found = yield* batchesFrom(log, offset, operation.maxBytes)
        const wanted = model.batches.filter((batch) => next(batch) > offset)
        assert.deepStrictEqual(found, wanted)
        break
      }
    }
    yield* agrees(log, model)
  }
})

describe("PartitionLog", () => {
  it.effect.prop(
    "holds what a plain list holds",
    [Schema.Array(Operation)],
    ([operations]) => Effect.provide(run(operations), compression),
    { arbitrary: { runs: 300, size: 60 }, timeout: 60_000 }
  )

  it.effect("forgets where readers stopped when the log is cut", () =>
    Effect.provide(
      Effect.gen(function*() {
        const context = yield* contextOf(MemoryDisk.make())
        const log = yield* openLog(context, true, config)
        // What is written after the cut has its third batch where the second one of before ended.
        const small = batchOf(1, { mark: 3, size: 20 })
        const large = batchOf(1, { mark: 1, size: 18 + small.length })
        assert.strictEqual(large.length, 2 * small.length)
        for (const batch of [batchOf(1), large, batchOf(1)]) yield* appendTo(log, batch)
        assert.strictEqual((yield* batchesFrom(log, 0, 1)).length, 3)
        yield* log.truncateTo(1)
        for (let i = 0; i < 3; i++) yield* appendTo(log, small.slice())
        const found = yield* batchesFrom(log, 2)
        assert.deepStrictEqual(found.map((batch) => RecordBatch.baseOffset(batch, 0)), [2, 3])
      }),
      compression
    ))

  it.effect("packs a plain batch at the level of the topic", () =>
    Effect.provide(
      Effect.gen(function*() {
        const records = textBatch()
        const sizes: Array<number> = []
        for (const level of ["1", "9"]) {
          const context = yield* contextOf(MemoryDisk.make())
          const values = { "compression.type": "gzip", "compression.gzip.level": level }
          const log = yield* openLog(context, true, configOf({ ...values, "internal.segment.bytes": "1000000" }))
          yield* appendTo(log, records.slice())
          const [stored] = yield* batchesFrom(log, 0, 1_000_000)
          assert.strictEqual(RecordBatch.codec(stored!, 0), Codec.gzip)
          assert.strictEqual(RecordBatch.recordsCount(stored!, 0), textRecords)
          sizes.push(stored!.length)
        }
        assert.isBelow(sizes[1]!, sizes[0]!)
        assert.isBelow(sizes[0]!, records.length)
      }),
      compression
    ))
})

const textRecords = 6000

/** Records that a codec can work at, larger than what it packs at once. */
const textBatch = (): Uint8Array => {
  const builder = new RecordBatchBuilder()
  for (let i = 0; i < textRecords; i++) builder.append(0, null, `order ${i * 7919 % 1000} of customer ${i * i % 4096}`)
  return builder.build()
}
