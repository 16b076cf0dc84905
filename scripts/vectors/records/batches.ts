/**
 * Batches of magic 2: header, checksum, records, control record; and the same batch written again.
 */
import * as ControlRecord from "@millrace/core/records/ControlRecord"
import { writeInt64Exact } from "@millrace/core/records/Int64"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import { RecordBatchBuilder } from "@millrace/core/records/RecordBatchBuilder"
import * as Records from "@millrace/core/records/Records"
import { isCodec } from "@millrace/core/records/Compression"
import {
  codecs,
  compareHeader,
  compareRecords,
  differences,
  type ExpectedBatch,
  type ExpectedRecord
} from "./expected.ts"
import { fromHex, toHex } from "./expected.ts"

export interface BatchLine {
  readonly name: string
  readonly hex: string
  readonly batch: ExpectedBatch
  readonly records: ReadonlyArray<ExpectedRecord>
  readonly control?: {
    readonly type: string
    readonly typeId: number
    readonly keyVersion: number
    readonly value: { readonly [name: string]: unknown } | null
  }
  readonly note?: string
}

/** What is wrong with how we read and write a batch, if anything. */
export const checkBatch = (line: BatchLine): string | undefined => {
  const bytes = fromHex(line.hex)
  const size = Records.nextBatchUnsafe(bytes, 0, bytes.length)
  if (size !== bytes.length) return `a batch of ${size} bytes, not ${bytes.length}`
  if (!RecordBatch.isValidCrc(bytes, 0)) return "the checksum does not hold"
  if (!RecordBatch.isValidCrc(bytes, 0, codecs.crc32c)) return "the native checksum does not hold"
  return compareHeader(bytes, 0, line.batch) ??
    compareRecords(Records.readBatchUnsafe(bytes, 0, codecs), line.records) ??
    checkControl(bytes, line) ??
    checkRewritten(bytes, line)
}

const checkControl = (bytes: Uint8Array, line: BatchLine): string | undefined => {
  if (line.control === undefined) return undefined
  const record = ControlRecord.parseBatchUnsafe(bytes, 0)
  if (record === undefined) return "no control record"
  const { value, ...rest } = line.control
  const wrong = differences(rest, { ...record })
  if (wrong !== undefined || value === null || record.type === "UNKNOWN") return wrong
  const unlike = unlikeness(value, record.value)
  if (unlike !== undefined) return `control value: ${unlike}`
  if (line.note !== undefined) return undefined
  const written = ControlRecord.build(record, RecordBatch.maxTimestamp(bytes, 0), optionsOf(bytes))
  return toHex(written) === line.hex ? undefined : `builds the control batch ${toHex(written)}`
}

/** Where `read` lacks what is in `expected`; 64-bit numbers are strings there, and fields that v0 lacks are not. */
const unlikeness = (expected: unknown, read: unknown): string | undefined => {
  if (typeof expected === "object" && expected !== null && typeof read === "object" && read !== null) {
    for (const [name, field] of Object.entries(expected)) {
      const wrong = unlikeness(field, new Map(Object.entries(read)).get(name))
      if (wrong !== undefined) return `${name}: ${wrong}`
    }
    return undefined
  }
  const isSame = expected === read || (typeof read === "number" && expected === String(read))
  return isSame ? undefined : `${String(read)}, not ${String(expected)}`
}

const optionsOf = (bytes: Uint8Array) => ({
  baseOffset: RecordBatch.baseOffset(bytes, 0),
  partitionLeaderEpoch: RecordBatch.partitionLeaderEpoch(bytes, 0),
  producerId: RecordBatch.producerId(bytes, 0),
  producerEpoch: RecordBatch.producerEpoch(bytes, 0),
  baseSequence: RecordBatch.baseSequence(bytes, 0),
  transactional: RecordBatch.isTransactional(bytes, 0),
  control: RecordBatch.isControl(bytes, 0),
  timestampType: RecordBatch.timestampType(bytes, 0),
  maxTimestamp: RecordBatch.maxTimestamp(bytes, 0),
  lastOffsetDelta: RecordBatch.lastOffsetDelta(bytes, 0)
})

/** The batch from its records, as a builder writes it. */
const rewrite = (bytes: Uint8Array): Uint8Array => {
  const plain = bytes.slice()
  // With log-append time the records' own times show only without that bit; the builder needs those.
  RecordBatch.setMaxTimestamp(plain, 0, "CreateTime", RecordBatch.maxTimestamp(plain, 0))
  RecordBatch.setBaseOffset(plain, 0, 0)
  const builder = new RecordBatchBuilder(codecs)
  builder.reset(RecordBatch.hasDeleteHorizon(bytes, 0) ? RecordBatch.baseTimestamp(bytes, 0) : undefined)
  for (const record of Records.readBatchUnsafe(plain, 0, codecs)) {
    builder.appendAt(record.offset, record.timestamp, record.key, record.value, record.headers)
  }
  const codec = RecordBatch.codec(bytes, 0)
  if (!isCodec(codec)) throw new Error(`no codec ${codec}`)
  const written = builder.build({ ...optionsOf(bytes), compression: codec })
  writeInt64Exact(written, 0, RecordBatch.baseOffsetExact(bytes, 0))
  writeInt64Exact(written, RecordBatch.producerIdAt, RecordBatch.producerIdExact(bytes, 0))
  RecordBatch.updateCrc(written, 0)
  return written
}

const checkRewritten = (bytes: Uint8Array, line: BatchLine): string | undefined => {
  const written = rewrite(bytes)
  const isByHand = line.name.startsWith("hand/") || (line.control !== undefined && line.note !== undefined)
  if (line.batch.codec === "none" && !isByHand) {
    return toHex(written) === line.hex ? undefined : `writes ${toHex(written)}`.slice(0, 500)
  }
  if (!RecordBatch.isValidCrc(written, 0)) return "writes a wrong checksum"
  const wrong = compareRecords(Records.readBatchUnsafe(written, 0, codecs), line.records)
  return wrong === undefined ? undefined : `written again: ${wrong}`
}
