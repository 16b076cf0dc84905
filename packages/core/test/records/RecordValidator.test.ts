import { assert, describe, it } from "@effect/vitest"
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { NodeCompression } from "@millrace/core/node"
import { Codec } from "@millrace/core/records/Compression"
import * as ControlRecord from "@millrace/core/records/ControlRecord"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import { type BuildOptions, RecordBatchBuilder } from "@millrace/core/records/RecordBatchBuilder"
import * as Records from "@millrace/core/records/Records"
import * as RecordValidator from "@millrace/core/records/RecordValidator"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

const compression = NodeCompression.make
const now = 1_700_000_000_000

const options: RecordValidator.ValidationOptions = {
  baseOffset: 500,
  partitionLeaderEpoch: 4,
  now,
  origin: "client",
  requestVersion: 9,
  timestampType: "CreateTime",
  timestampBeforeMaxMs: 60_000,
  timestampAfterMaxMs: 5000,
  messageMaxBytes: 10_000,
  isCompacted: false,
  compression: "producer"
}

const build = (rows: ReadonlyArray<readonly [number, string | null]>, how: BuildOptions = {}) => {
  const builder = new RecordBatchBuilder(compression)
  for (const [timestamp, key] of rows) builder.append(timestamp, key, "value", [{ key: "h", value: null }])
  return builder.build(how)
}

const accepted = (bytes: Uint8Array, change: Partial<RecordValidator.ValidationOptions> = {}) => {
  const result = RecordValidator.validate(compression, bytes, { ...options, ...change })
  if (Result.isFailure(result)) throw result.failure
  assert.isTrue(RecordBatch.isValidCrc(result.success.bytes, 0))
  assert.strictEqual(RecordBatch.baseOffset(result.success.bytes, 0), options.baseOffset)
  assert.strictEqual(RecordBatch.partitionLeaderEpoch(result.success.bytes, 0), options.partitionLeaderEpoch)
  return result.success
}

const refused = (bytes: Uint8Array, change: Partial<RecordValidator.ValidationOptions> = {}) => {
  const before = bytes.slice()
  const result = RecordValidator.validate(compression, bytes, { ...options, ...change })
  if (Result.isSuccess(result)) throw new Error("was accepted")
  assert.deepStrictEqual(bytes, before)
  return result.failure
}

const rows = [[now - 5, "a"], [now, "b"], [now - 9, null]] as const
const codecs = [Codec.none, Codec.gzip, Codec.snappy, Codec.lz4, Codec.zstd] as const

describe("RecordValidator", () => {
  it("gives offsets, epoch and the largest timestamp in place", () => {
    for (const codec of codecs) {
      const bytes = build(rows, { compression: codec })
      const batch = accepted(bytes)
      assert.strictEqual(batch.bytes.buffer, bytes.buffer)
      assert.deepStrictEqual({ ...batch, bytes: null }, {
        bytes: null,
        baseOffset: 500,
        lastOffset: 502,
        recordsCount: 3,
        maxTimestamp: now,
        logAppendTime: -1,
        isRebuilt: false
      })
    }
  })

  it("writes the time of the append where the topic wants it", () => {
    for (const codec of codecs) {
      const batch = accepted(build([[7, "a"]], { compression: codec }), { timestampType: "LogAppendTime" })
      assert.strictEqual(batch.logAppendTime, now)
      assert.strictEqual(Records.readBatchUnsafe(batch.bytes, 0, compression)[0]?.timestamp, now)
    }
    const claimed = build([[now, "a"]], { timestampType: "LogAppendTime", maxTimestamp: now })
    assert.strictEqual(refused(claimed.slice(), { timestampType: "LogAppendTime" }).code, ErrorCode.INVALID_TIMESTAMP)
    assert.strictEqual(RecordBatch.timestampType(accepted(claimed).bytes, 0), "CreateTime")
  })

  it("mends a wrong largest timestamp", () => {
    const bytes = build(rows)
    RecordBatch.setMaxTimestamp(bytes, 0, "CreateTime", 1)
    assert.strictEqual(RecordBatch.maxTimestamp(accepted(bytes).bytes, 0), now)
  })

  it("names the records without a key on a compacted topic", () => {
    for (const codec of codecs) {
      const refusal = refused(build([...rows, [now, null]], { compression: codec }), { isCompacted: true })
      assert.strictEqual(refusal.code, ErrorCode.INVALID_RECORD)
      assert.deepStrictEqual(refusal.recordErrors.map(({ batchIndex }) => batchIndex), [2, 3])
    }
  })

  it("holds timestamps to their bounds, edges included", () => {
    for (const codec of codecs) {
      accepted(build([[now - 60_000, "a"], [now + 5000, "b"], [-1, "c"]], { compression: codec }))
      const refusal = refused(build([[now, "a"], [now - 60_001, "b"], [now + 5001, "c"]], { compression: codec }))
      assert.strictEqual(refusal.code, ErrorCode.INVALID_TIMESTAMP)
      assert.deepStrictEqual(refusal.recordErrors.map(({ batchIndex }) => batchIndex), [1, 2])
    }
  })

  it("packs again where the topic has a codec of its own", () => {
    for (const from of codecs) {
      for (const to of codecs) {
        const bytes = build(rows, {
          compression: from,
          producerId: 8,
          producerEpoch: 1,
          baseSequence: 3,
          transactional: true
        })
        const batch = accepted(bytes, { compression: to })
        assert.strictEqual(batch.isRebuilt, from !== to)
        assert.strictEqual(RecordBatch.codec(batch.bytes, 0), to)
        assert.strictEqual(RecordBatch.producerId(batch.bytes, 0), 8)
        assert.strictEqual(RecordBatch.lastSequence(batch.bytes, 0), 5)
        assert.isTrue(RecordBatch.isTransactional(batch.bytes, 0))
        assert.deepStrictEqual(
          Records.readBatchUnsafe(batch.bytes, 0, compression).map((
            { headers, offset, timestamp }
          ) => [offset, timestamp, headers.length]),
          [[500, now - 5, 1], [501, now, 1], [502, now - 9, 1]]
        )
      }
    }
    assert.strictEqual(
      refused(build(rows, { compression: Codec.gzip }), { compression: Codec.none, isCompacted: true }).code,
      ErrorCode.INVALID_RECORD
    )
    const zeros = new RecordBatchBuilder(compression)
    zeros.append(now, "k", new Uint8Array(20_000))
    const packed = zeros.build({ compression: Codec.zstd })
    assert.strictEqual(refused(packed, { compression: Codec.none }).code, ErrorCode.MESSAGE_TOO_LARGE)
  })

  it("refuses what is too large, too new, or not alone", () => {
    const bytes = build(rows)
    assert.strictEqual(refused(bytes, { messageMaxBytes: bytes.length - 1 }).code, ErrorCode.MESSAGE_TOO_LARGE)
    accepted(bytes.slice(), { messageMaxBytes: bytes.length })
    const zstd = build(rows, { compression: Codec.zstd })
    assert.strictEqual(refused(zstd, { requestVersion: 6 }).code, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE)
    accepted(zstd, { requestVersion: 7 })
    const two = new Uint8Array(bytes.length * 2)
    two.set(bytes)
    two.set(bytes, bytes.length)
    assert.strictEqual(refused(two).code, ErrorCode.INVALID_RECORD)
    assert.strictEqual(refused(new Uint8Array(0)).code, ErrorCode.INVALID_RECORD)
    const tail = accepted(two.slice(0, bytes.length + 20))
    assert.strictEqual(tail.bytes.length, bytes.length)
  })

  it("a bomb is too large", () => {
    const builder = new RecordBatchBuilder(compression)
    builder.append(now, "k", new Uint8Array(65 * 1024 * 1024))
    const bomb = builder.build({ compression: Codec.zstd })
    assert.isBelow(bomb.length, 10_000)
    assert.strictEqual(refused(bomb).code, ErrorCode.MESSAGE_TOO_LARGE)
  })

  it("lets only the broker write markers", () => {
    const marker = ControlRecord.buildMarker({
      type: "ABORT",
      producerId: 9,
      producerEpoch: 2,
      coordinatorEpoch: 6,
      timestamp: now
    })
    assert.strictEqual(refused(marker).code, ErrorCode.INVALID_RECORD)
    const batch = accepted(marker, { origin: "coordinator", compression: Codec.gzip })
    assert.isFalse(batch.isRebuilt)
    const record = ControlRecord.parseBatchUnsafe(batch.bytes, 0)
    assert.strictEqual(record?.type, "ABORT")
    assert.isTrue(RecordBatch.isControl(batch.bytes, 0) && RecordBatch.isTransactional(batch.bytes, 0))
  })

  it.effect("says the same when it leaves the event loop", () =>
    Effect.gen(function*() {
      const bytes = build(rows, { compression: Codec.lz4 })
      const batch = yield* RecordValidator.validateEffect(bytes.slice(), options)
      assert.deepStrictEqual(batch, accepted(bytes))
      const corrupt = build(rows, { compression: Codec.lz4 })
      corrupt[RecordBatch.headerSizeBytes]! ^= 1
      RecordBatch.updateCrc(corrupt, 0)
      const refusal = yield* Effect.flip(RecordValidator.validateEffect(corrupt, options))
      assert.strictEqual(refusal.code, refused(corrupt).code)
      assert.strictEqual(refusal.code, ErrorCode.INVALID_RECORD)
    }).pipe(Effect.provide(NodeCompression.layer)))

  it.effect("packs large batches again beside the event loop, at the level asked for", () =>
    Effect.gen(function*() {
      const builder = new RecordBatchBuilder(compression)
      for (let i = 0; i < 3000; i++) builder.append(now, `key ${i}`, `value ${i * i}`.repeat(9))
      const bytes = builder.build({ compression: Codec.lz4 })
      const change = { ...options, messageMaxBytes: 1e7, compression: Codec.zstd, compressionLevel: 19 }
      const beside = yield* RecordValidator.validateEffect(bytes.slice(), change)
      const inline = accepted(bytes, change)
      assert.deepStrictEqual({ ...beside, bytes: null }, { ...inline, bytes: null })
      assert.isTrue(RecordBatch.isValidCrc(beside.bytes, 0))
      assert.deepStrictEqual(
        Records.readAllUnsafe(beside.bytes, compression),
        Records.readAllUnsafe(inline.bytes, compression)
      )
      const quick = accepted(bytes, { ...change, compressionLevel: -5 })
      assert.isBelow(beside.bytes.length, quick.bytes.length)
      const refusal = yield* Effect.flip(RecordValidator.validateEffect(bytes, { ...change, compressionLevel: 23 }))
      assert.strictEqual(refusal.code, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE)
    }).pipe(Effect.provide(NodeCompression.layer)))
})
