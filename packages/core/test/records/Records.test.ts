import { assert, describe, it } from "@effect/vitest"
import { NodeCompression } from "@millrace/core/node"
import { Codec, CompressionError } from "@millrace/core/records/Compression"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import { RecordBatchBuilder } from "@millrace/core/records/RecordBatchBuilder"
import { RecordCursor } from "@millrace/core/records/RecordCursor"
import { RecordError } from "@millrace/core/records/RecordError"
import * as Records from "@millrace/core/records/Records"
import * as Varint from "@millrace/core/records/Varint"
import * as Arr from "effect/Array"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const compression = NodeCompression.make
const allCodecs = [Codec.none, Codec.gzip, Codec.snappy, Codec.lz4, Codec.zstd] as const

/** How many cases: as many as are asked for, or a few. */
const runs = (few: number): number => Number(process.env.MILLRACE_PROPERTY_RUNS ?? few)

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const Bytes = Schema.Array(between(0, 255))
const Field = Schema.NullOr(Bytes)
const Rows = Schema.NonEmptyArray(Schema.Struct({
  timestamp: between(-1, 2 ** 53 - 1),
  key: Field,
  value: Field,
  headers: Schema.Array(Schema.Struct({ key: Bytes, value: Field }))
}))
type Rows = typeof Rows.Type

const bytesOf = (field: ReadonlyArray<number> | null) => field === null ? null : new Uint8Array(field)
const nameOf = (key: ReadonlyArray<number>) => key.map((unit) => String.fromCharCode(unit * 3)).join("")
const headersOf = (row: Rows[number]) =>
  row.headers.map(({ key, value }) => ({ key: nameOf(key), value: bytesOf(value) }))

const buildRows = (rows: Rows, codec: Codec): Uint8Array => {
  const builder = new RecordBatchBuilder(compression, 64)
  for (const row of rows) builder.append(row.timestamp, bytesOf(row.key), bytesOf(row.value), headersOf(row))
  return builder.build({
    compression: codec,
    baseOffset: 77,
    baseSequence: 2 ** 31 - 2,
    producerId: 1,
    producerEpoch: 0
  })
}

/** Reads everything there is; what is refused must be refused typed. */
const readAll = (bytes: Uint8Array): void => {
  const read = Records.attempt(() => {
    const cursor = new RecordCursor(compression, 1024 * 1024)
    for (let at = 0, size = 0; (size = Records.nextBatchUnsafe(bytes, at, bytes.length)) > 0; at += size) {
      cursor.openUnsafe(bytes, at)
      while (cursor.next()) {
        cursor.key()
        cursor.value()
        cursor.headers()
      }
    }
  })
  if (Result.isFailure(read)) {
    assert.isTrue(read.failure instanceof RecordError || read.failure instanceof CompressionError)
  }
}

describe("Records", () => {
  it.prop("what is built is what is read, with every codec", [Rows], ([rows]) => {
    for (const codec of allCodecs) {
      const batch = buildRows(rows, codec)
      assert.isTrue(RecordBatch.isValidCrc(batch, 0, compression.crc32c))
      const records = Records.readAllUnsafe(batch, compression)
      assert.deepStrictEqual(
        records.map(({ headers, key, value }) => ({ key, value, headers })).map((record) => ({
          ...record,
          key: record.key === null ? null : [...record.key],
          value: record.value === null ? null : [...record.value]
        })),
        rows.map((row) => ({
          key: row.key && [...row.key],
          value: row.value && [...row.value],
          headers: headersOf(row)
        }))
      )
      assert.deepStrictEqual(records.map(({ timestamp }) => timestamp), rows.map(({ timestamp }) => timestamp))
      assert.deepStrictEqual(records.map(({ offset }) => offset), rows.map((_, index) => 77 + index))
      assert.deepStrictEqual(
        records.map(({ sequence }) => sequence),
        rows.map((_, index) => index < 2 ? 2 ** 31 - 2 + index : index - 2)
      )
    }
  }, { arbitrary: { runs: runs(150), seed: "records" } })

  it.prop("a prefix is no batch, a flipped byte never throws untyped", [Rows, between(0, 1e6), between(1, 255)], (
    [rows, place, mask]
  ) => {
    for (const codec of allCodecs) {
      const batch = buildRows(rows, codec)
      assert.strictEqual(Records.nextBatchUnsafe(batch, 0, place % batch.length), 0)
      readAll(batch.subarray(0, place % batch.length))
      batch[place % batch.length]! ^= mask
      readAll(batch)
    }
  }, { arbitrary: { runs: runs(300), seed: "records" } })

  it("every flipped byte of a batch is seen by the checksum, or lies outside of it", () => {
    const batch = buildRows([{ timestamp: 5, key: [1], value: [2, 3], headers: [] }], Codec.none)
    const isOutside = (at: number) => at < 8 || (at >= 12 && at < 17)
    for (let at = 0; at < batch.length; at++) {
      if (at >= 8 && at < 12) continue
      batch[at]! ^= 0x10
      assert.strictEqual(RecordBatch.isValidCrc(batch, 0), isOutside(at), `byte ${at}`)
      batch[at]! ^= 0x10
    }
  })

  it("patches offset and epoch outside the checksum, and the time inside it", () => {
    const batch = buildRows([{ timestamp: 5, key: null, value: [1], headers: [] }], Codec.none)
    const crc = RecordBatch.crc(batch, 0)
    RecordBatch.setBaseOffset(batch, 0, 2 ** 40 + 1)
    RecordBatch.setPartitionLeaderEpoch(batch, 0, 12)
    assert.strictEqual(RecordBatch.crc(batch, 0), crc)
    assert.isTrue(RecordBatch.isValidCrc(batch, 0))
    RecordBatch.setLogAppendTime(batch, 0, 999)
    RecordBatch.setProducer(batch, 0, { producerId: 2 ** 41, producerEpoch: 3, baseSequence: 2 ** 31 - 1 })
    assert.isTrue(RecordBatch.isValidCrc(batch, 0))
    assert.strictEqual(RecordBatch.partitionLeaderEpoch(batch, 0), 12)
    assert.strictEqual(RecordBatch.producerEpoch(batch, 0), 3)
    assert.strictEqual(RecordBatch.producerId(batch, 0), 2 ** 41)
    assert.deepStrictEqual(Records.readBatchUnsafe(batch, 0, compression), [
      { offset: 2 ** 40 + 1, timestamp: 999, sequence: 2 ** 31 - 1, key: null, value: new Uint8Array([1]), headers: [] }
    ])
  })

  it("a sequence wraps to 0", () => {
    assert.strictEqual(RecordBatch.incrementSequence(2 ** 31 - 1, 1), 0)
    assert.strictEqual(RecordBatch.incrementSequence(2 ** 31 - 3, 5), 2)
    assert.strictEqual(RecordBatch.incrementSequence(0, 2 ** 31 - 1), 2 ** 31 - 1)
  })

  it.prop("varints take the bytes they say and read back", [Schema.Int, between(-(2 ** 31), 2 ** 31 - 1)], (
    [long, int]
  ) => {
    const bytes = new Uint8Array(16)
    const end = Varint.write64(bytes, 1, long)
    assert.strictEqual(end - 1, Varint.size64(long))
    assert.strictEqual(Varint.read64Unsafe(bytes, 1, end), long)
    assert.strictEqual(Varint.end, end)
    const intEnd = Varint.write(bytes, 0, int)
    assert.strictEqual(intEnd, Varint.size(int))
    assert.strictEqual(Varint.readUnsafe(bytes, 0, intEnd), int)
  }, { arbitrary: { runs: runs(1000), seed: "records" } })

  it("varints hold at the edges of every size", () => {
    const bytes = new Uint8Array(16)
    const edges = Arr.range(0, 62).flatMap((bits) => [2 ** bits, 2 ** bits - 1, -(2 ** bits), -(2 ** bits) - 1])
    for (const value of [...edges.filter((edge) => Number.isSafeInteger(edge)), -(2 ** 63), 2 ** 62]) {
      const end = Varint.write64(bytes, 0, value)
      assert.strictEqual(end, Varint.size64(value), String(value))
      assert.strictEqual(Varint.read64Unsafe(bytes, 0, end), value)
    }
    assert.strictEqual(Varint.write64(bytes, 0, 2 ** 63), 10)
    assert.deepStrictEqual([...bytes.subarray(0, 10)], [254, 255, 255, 255, 255, 255, 255, 255, 255, 1])
  })
})
