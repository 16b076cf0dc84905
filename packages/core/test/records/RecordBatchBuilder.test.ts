import { assert, describe, it } from "@effect/vitest"
import * as Codecs from "@millrace/core/records/Compression"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import { RecordBatchBuilder } from "@millrace/core/records/RecordBatchBuilder"
import * as Records from "@millrace/core/records/Records"
import { NodeCompression } from "@millrace/core/node"

const compression = NodeCompression.make
const text = (bytes: Uint8Array | null) => bytes === null ? null : new TextDecoder().decode(bytes)

describe("RecordBatchBuilder", () => {
  it("writes what the cursor reads, with every codec", () => {
    const builder = new RecordBatchBuilder(compression)
    for (const codec of [0, 1, 2, 3, 4] as const) {
      for (let index = 0; index < 100; index++) {
        builder.append(1000 + index, `key-${index}`, index % 7 === 0 ? null : new Uint8Array(index), [
          { key: "h", value: null },
          { key: "é", value: new Uint8Array([index]) }
        ])
      }
      const batch = builder.build({
        compression: codec,
        baseOffset: 5000,
        producerId: 9,
        producerEpoch: 1,
        baseSequence: 3
      })
      assert.strictEqual(Records.nextBatchUnsafe(batch, 0, batch.length), batch.length)
      assert.isTrue(RecordBatch.isValidCrc(batch, 0))
      assert.strictEqual(RecordBatch.codec(batch, 0), codec)
      assert.strictEqual(RecordBatch.lastOffset(batch, 0), 5099)
      assert.strictEqual(RecordBatch.lastSequence(batch, 0), 102)
      assert.strictEqual(RecordBatch.maxTimestamp(batch, 0), 1099)
      const records = Records.readAllUnsafe(batch, compression)
      assert.strictEqual(records.length, 100)
      records.forEach((record, index) => {
        assert.strictEqual(record.offset, 5000 + index)
        assert.strictEqual(record.timestamp, 1000 + index)
        assert.strictEqual(record.sequence, 3 + index)
        assert.strictEqual(text(record.key), `key-${index}`)
        assert.strictEqual(record.value?.length, index % 7 === 0 ? undefined : index)
        assert.deepStrictEqual(record.headers, [{ key: "h", value: null }, {
          key: "é",
          value: new Uint8Array([index])
        }])
      })
    }
  })

  it("gives its bytes away: the next batch does not touch the last one", () => {
    const builder = new RecordBatchBuilder(Codecs.uncompressed, 128)
    builder.append(1, null, "a".repeat(60))
    const first = builder.build()
    const copy = first.slice()
    builder.append(2, null, "b".repeat(60))
    const second = builder.build()
    assert.deepStrictEqual(first, copy)
    assert.strictEqual(Records.readAllUnsafe(second, Codecs.uncompressed)[0]?.timestamp, 2)
  })

  it("learns how well records pack", () => {
    const builder = new RecordBatchBuilder(compression)
    for (let round = 0; round < 200; round++) {
      for (let index = 0; index < 50; index++) builder.append(0, null, "the same text again and again ".repeat(4))
      builder.build({ compression: Codecs.Codec.zstd })
    }
    for (let index = 0; index < 50; index++) builder.append(0, null, "the same text again and again ".repeat(4))
    assert.isBelow(builder.estimatedSizeInBytes(Codecs.Codec.zstd), builder.sizeInBytes / 4)
    assert.strictEqual(builder.estimatedSizeInBytes(Codecs.Codec.none), builder.sizeInBytes)
    assert.isAtLeast(
      RecordBatchBuilder.recordSizeMaxBytes(null, "x") + RecordBatch.headerSizeBytes,
      (builder.reset(), builder.append(0, null, "x"), builder.sizeInBytes)
    )
  })

  it("keeps offsets, sequences and times of what compaction has left, with a delete horizon", () => {
    const builder = new RecordBatchBuilder(compression)
    builder.reset(900_000)
    builder.appendAt(2, 1000, "a", null)
    builder.appendAt(5, 3000, "b", "kept")
    const batch = builder.build({
      baseOffset: 100,
      lastOffsetDelta: 9,
      producerId: 4,
      producerEpoch: 0,
      baseSequence: 2 ** 31 - 3
    })
    assert.isTrue(RecordBatch.hasDeleteHorizon(batch, 0))
    assert.strictEqual(RecordBatch.baseTimestamp(batch, 0), 900_000)
    assert.strictEqual(RecordBatch.maxTimestamp(batch, 0), 3000)
    assert.strictEqual(RecordBatch.lastOffset(batch, 0), 109)
    assert.strictEqual(RecordBatch.lastSequence(batch, 0), 6)
    const records = Records.readAllUnsafe(batch, compression)
    assert.deepStrictEqual(
      records.map(({ key, offset, sequence, timestamp }) => [offset, sequence, timestamp, text(key)]),
      [[102, 2 ** 31 - 1, 1000, "a"], [105, 2, 3000, "b"]]
    )
  })

  it("writes a lone surrogate as Kafka does, in long text too", () => {
    for (const long of ["", "x".repeat(40)]) {
      const builder = new RecordBatchBuilder(compression)
      builder.append(0, `${long}\ud800é`, `\udc00${long}`)
      const [record] = Records.readAllUnsafe(builder.build(), compression)
      assert.strictEqual(text(record!.key), `${long}?é`)
      assert.strictEqual(text(record!.value), `?${long}`)
    }
  })
})
