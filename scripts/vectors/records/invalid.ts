/**
 * Batches that are wrong or odd: where reading refuses them, and what a leader says when a client produces them.
 *
 * Where Kafka fails with UNKNOWN_SERVER_ERROR, any typed refusal will do.
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { CompressionError } from "@millrace/core/records/Compression"
import * as ControlRecord from "@millrace/core/records/ControlRecord"
import * as LegacyRecords from "@millrace/core/records/LegacyRecords"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import { RecordCursor } from "@millrace/core/records/RecordCursor"
import { RecordError } from "@millrace/core/records/RecordError"
import * as Records from "@millrace/core/records/Records"
import * as RecordValidator from "@millrace/core/records/RecordValidator"
import * as Result from "effect/Result"
import { codecs, compareRecords, type ExpectedRecord, fromHex } from "./expected.ts"

export interface InvalidLine {
  readonly name: string
  readonly hex: string
  readonly stage: string
  readonly records?: ReadonlyArray<ExpectedRecord>
  readonly valueBytes?: number
  readonly broker: {
    readonly accepted: boolean
    readonly errorCode?: string
    readonly recordErrors?: ReadonlyArray<{ readonly batchIndex: number }>
    readonly storedBaseOffset?: string
    readonly storedLastOffset?: string
  }
}

/** Runs one stage of reading; true if it ends in a typed error. */
const refuses = (read: () => void): boolean => {
  try {
    read()
    return false
  } catch (error) {
    if (error instanceof RecordError || error instanceof CompressionError) return true
    throw error
  }
}

const isValid = (bytes: Uint8Array): boolean =>
  RecordBatch.magic(bytes, 0) === RecordBatch.magicCurrent
    ? RecordBatch.isValidCrc(bytes, 0, codecs.crc32c)
    : LegacyRecords.isValidCrc(bytes, 0)

/** The stage at which our reader refuses the first batch. */
const stageOf = (bytes: Uint8Array): string => {
  let size = 0
  if (refuses(() => size = Records.nextBatchUnsafe(bytes, 0, bytes.length))) return "batches"
  if (size === 0) return "no-batch"
  const batch = bytes.subarray(0, size)
  if (!isValid(batch)) return "ensureValid"
  if (refuses(() => valueBytesOf(batch))) return "records"
  if (RecordBatch.isControl(batch, 0) && refuses(() => ControlRecord.parseBatchUnsafe(batch, 0))) return "control"
  return "accepted"
}

/** The sizes of all values; a null one counts -1, as in Kafka. */
const valueBytesOf = (batch: Uint8Array, maxBytes?: number): number => {
  const cursor = new RecordCursor(codecs, maxBytes)
  cursor.openUnsafe(batch, 0)
  let total = 0
  while (cursor.next()) total += cursor.valueLength
  return total
}

/** What is wrong with how we take a wrong batch, if anything. */
export const checkInvalid = (line: InvalidLine): string | undefined => {
  const bytes = fromHex(line.hex)
  const stage = stageOf(bytes)
  if (stage !== line.stage) return `refused at ${stage}, not ${line.stage}`
  if (line.valueBytes !== undefined && valueBytesOf(bytes) !== line.valueBytes) return "values of another size"
  if (line.valueBytes !== undefined && RecordBatch.codec(bytes, 0) !== 0 && line.valueBytes > bytes.length) {
    if (!refuses(() => valueBytesOf(bytes, bytes.length))) return "expands beyond its limit"
  }
  const wrong = line.records === undefined
    ? undefined
    : compareRecords(Records.readBatchUnsafe(bytes, 0, codecs), line.records)
  return wrong ?? checkBroker(bytes, line)
}

const checkBroker = (bytes: Uint8Array, line: InvalidLine): string | undefined => {
  const { broker } = line
  const result = RecordValidator.validate(codecs, bytes, {
    baseOffset: 1000,
    partitionLeaderEpoch: 7,
    now: 1_750_000_000_000,
    origin: "client",
    requestVersion: 13,
    timestampType: "CreateTime",
    timestampBeforeMaxMs: Infinity,
    timestampAfterMaxMs: Infinity,
    messageMaxBytes: 1_048_588,
    isCompacted: false,
    compression: "producer"
  })
  if (Result.isFailure(result)) {
    const { code, message, recordErrors } = result.failure
    if (broker.accepted) return `a leader refuses it: ${message}`
    const isSame = broker.errorCode === "UNKNOWN_SERVER_ERROR" ||
      code === ErrorCode[broker.errorCode as keyof typeof ErrorCode]
    if (!isSame) return `a leader answers ${code} (${message}), not ${broker.errorCode}`
    return broker.recordErrors === undefined || broker.recordErrors.length === recordErrors.length
      ? undefined
      : `${recordErrors.length} record errors, not ${broker.recordErrors.length}`
  }
  const batch = result.success
  if (!broker.accepted) return `a leader accepts it, and should answer ${broker.errorCode}`
  if (!RecordBatch.isValidCrc(batch.bytes, 0)) return "stored with a wrong checksum"
  return String(batch.baseOffset) === broker.storedBaseOffset && String(batch.lastOffset) === broker.storedLastOffset
    ? undefined
    : `stored at ${batch.baseOffset} to ${batch.lastOffset}`
}
