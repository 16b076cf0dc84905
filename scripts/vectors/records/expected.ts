/**
 * What the lines of the record vectors hold, and how batches and records compare with them.
 */
import { NodeCompression } from "@millrace/core/node"
import type * as Compression from "@millrace/core/records/Compression"
import { codecNames } from "@millrace/core/records/Compression"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Records from "@millrace/core/records/Records"
import { isDeepStrictEqual } from "node:util"

export interface ExpectedBatch {
  readonly baseOffset: string
  readonly lastOffset: string
  readonly lastOffsetDelta?: number
  readonly partitionLeaderEpoch?: number
  readonly magic: number
  readonly crc: string
  readonly attributes: number
  readonly isTransactional?: boolean
  readonly isControl?: boolean
  readonly timestampType: string
  readonly baseTimestamp?: string
  readonly maxTimestamp: string
  readonly deleteHorizonMs?: string
  readonly producerId?: string
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly lastSequence?: number
  readonly count?: number
  readonly codec: string
  readonly sizeInBytes: number
}

export interface ExpectedRecord {
  readonly offset: string
  readonly timestamp: string
  readonly sequence?: number
  readonly keyHex: string | null
  readonly valueHex: string | null
  readonly headers: ReadonlyArray<readonly [string, string | null]>
}

export const codecs: Compression.Compression["Service"] = NodeCompression.make

export const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"))
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")
const toHexOrNull = (bytes: Uint8Array | null): string | null => bytes === null ? null : toHex(bytes)

/** How `actual` differs from `expected`, field by field. */
export const differences = (
  expected: { readonly [name: string]: unknown },
  actual: { readonly [name: string]: unknown }
): string | undefined => {
  for (const name of Object.keys(expected)) {
    if (!isDeepStrictEqual(expected[name], actual[name])) {
      return `${name} is ${JSON.stringify(actual[name])}, not ${JSON.stringify(expected[name])}`.slice(0, 500)
    }
  }
  return undefined
}

/** Compares the header of the batch (magic 2) at `at`. Offsets are compared exactly, times as the nearest numbers. */
export const compareHeader = (bytes: Uint8Array, at: number, batch: ExpectedBatch): string | undefined => {
  const baseOffset = RecordBatch.baseOffsetExact(bytes, at)
  const { baseTimestamp, deleteHorizonMs, maxTimestamp, ...rest } = batch
  return differences(
    {
      ...rest,
      baseTimestamp: Number(baseTimestamp),
      maxTimestamp: Number(maxTimestamp),
      deleteHorizonMs: deleteHorizonMs === undefined ? undefined : Number(deleteHorizonMs)
    },
    {
      baseOffset: String(baseOffset),
      lastOffset: String(baseOffset + BigInt(RecordBatch.lastOffsetDelta(bytes, at))),
      lastOffsetDelta: RecordBatch.lastOffsetDelta(bytes, at),
      partitionLeaderEpoch: RecordBatch.partitionLeaderEpoch(bytes, at),
      magic: RecordBatch.magic(bytes, at),
      crc: String(RecordBatch.crc(bytes, at)),
      attributes: RecordBatch.attributes(bytes, at),
      isTransactional: RecordBatch.isTransactional(bytes, at),
      isControl: RecordBatch.isControl(bytes, at),
      timestampType: RecordBatch.timestampType(bytes, at),
      baseTimestamp: RecordBatch.baseTimestamp(bytes, at),
      maxTimestamp: RecordBatch.maxTimestamp(bytes, at),
      deleteHorizonMs: RecordBatch.hasDeleteHorizon(bytes, at) ? RecordBatch.baseTimestamp(bytes, at) : undefined,
      producerId: String(RecordBatch.producerIdExact(bytes, at)),
      producerEpoch: RecordBatch.producerEpoch(bytes, at),
      baseSequence: RecordBatch.baseSequence(bytes, at),
      lastSequence: RecordBatch.lastSequence(bytes, at),
      count: RecordBatch.recordsCount(bytes, at),
      codec: codecNames[RecordBatch.codec(bytes, at)],
      sizeInBytes: RecordBatch.sizeInBytes(bytes, at)
    }
  )
}

/** Compares the records of a batch, or of messages, at `at`. */
export const compareRecords = (
  records: ReadonlyArray<Records.RecordData>,
  expected: ReadonlyArray<ExpectedRecord>
): string | undefined => {
  if (records.length !== expected.length) return `${records.length} records, not ${expected.length}`
  for (const [index, record] of records.entries()) {
    const line = expected[index]!
    const wrong = differences(
      { ...line, offset: Number(line.offset), timestamp: Number(line.timestamp), sequence: line.sequence ?? -1 },
      {
        offset: record.offset,
        timestamp: record.timestamp,
        sequence: record.sequence,
        keyHex: toHexOrNull(record.key),
        valueHex: toHexOrNull(record.value),
        headers: record.headers.map(({ key, value }) => [key, toHexOrNull(value)])
      }
    )
    if (wrong !== undefined) return `record ${index}: ${wrong}`
  }
  return undefined
}
