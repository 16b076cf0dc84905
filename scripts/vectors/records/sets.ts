/**
 * Batches in a row, and messages of magic 0 and 1.
 */
import { codecNames } from "@millrace/core/records/Compression"
import * as LegacyRecords from "@millrace/core/records/LegacyRecords"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import { RecordError } from "@millrace/core/records/RecordError"
import * as Records from "@millrace/core/records/Records"
import {
  codecs,
  compareHeader,
  compareRecords,
  differences,
  type ExpectedBatch,
  type ExpectedRecord
} from "./expected.ts"
import { fromHex } from "./expected.ts"

export interface SetLine {
  readonly name: string
  readonly hex: string
  readonly batches: ReadonlyArray<{ readonly batch: ExpectedBatch; readonly records: ReadonlyArray<ExpectedRecord> }>
  readonly validBytes: number | null
  readonly errorClass?: string
}

/** Where the complete batches of a buffer begin, where they end, and the error after them, if any. */
const walk = (bytes: Uint8Array) => {
  const starts: Array<number> = []
  let at = 0
  try {
    for (let size = 0; (size = Records.nextBatchUnsafe(bytes, at, bytes.length)) > 0; at += size) starts.push(at)
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    return { starts, at, error }
  }
  return { starts, at, error: undefined }
}

/** What is wrong with how we walk a set, if anything. */
export const checkSet = (line: SetLine): string | undefined => {
  const bytes = fromHex(line.hex)
  const { at, error, starts } = walk(bytes)
  if (starts.length !== line.batches.length) return `${starts.length} batches, not ${line.batches.length}`
  if ((error !== undefined) !== (line.errorClass !== undefined)) return `ends with ${error?.message ?? "no error"}`
  if (error === undefined && at !== line.validBytes) return `${at} valid bytes, not ${line.validBytes}`
  for (const [index, { batch, records }] of line.batches.entries()) {
    const wrong = compareHeader(bytes, starts[index]!, batch) ??
      compareRecords(Records.readBatchUnsafe(bytes, starts[index]!, codecs), records)
    if (wrong !== undefined) return `batch ${index}: ${wrong}`
  }
  return undefined
}

export interface LegacyLine {
  readonly name: string
  readonly hex: string
  readonly batches: ReadonlyArray<ExpectedBatch>
  readonly records: ReadonlyArray<ExpectedRecord>
}

const compareMessage = (bytes: Uint8Array, at: number, batch: ExpectedBatch): string | undefined => {
  const records = Records.readBatchUnsafe(bytes, at, codecs)
  return LegacyRecords.isValidCrc(bytes, at)
    ? differences({ ...batch }, {
      baseOffset: String(records[0]?.offset),
      lastOffset: String(RecordBatch.baseOffset(bytes, at)),
      magic: RecordBatch.magic(bytes, at),
      crc: String(LegacyRecords.crc(bytes, at)),
      attributes: bytes[at + 17],
      timestampType: LegacyRecords.timestampType(bytes, at),
      maxTimestamp: String(LegacyRecords.timestamp(bytes, at)),
      codec: codecNames[LegacyRecords.codec(bytes, at)],
      sizeInBytes: RecordBatch.sizeInBytes(bytes, at)
    })
    : "the checksum does not hold"
}

/** What is wrong with how we read old messages, if anything. */
export const checkLegacy = (line: LegacyLine): string | undefined => {
  const bytes = fromHex(line.hex)
  const { starts } = walk(bytes)
  if (starts.length !== line.batches.length) return `${starts.length} messages, not ${line.batches.length}`
  for (const [index, batch] of line.batches.entries()) {
    const wrong = compareMessage(bytes, starts[index]!, batch)
    if (wrong !== undefined) return `message ${index}: ${wrong}`
  }
  return compareRecords(Records.readAllUnsafe(bytes, codecs), line.records)
}
