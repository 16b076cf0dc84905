/**
 * What a leader checks before it appends produced records, and what it writes into them.
 *
 * Keeps true: a batch that is refused is left as it came; one that is accepted carries its offsets, leader epoch,
 * timestamp type and largest timestamp, under a right checksum. Follows Kafka's `ProduceRequest` checks, `UnifiedLog`
 * and `LogValidator` in order and in verdict; where Kafka fails with UNKNOWN_SERVER_ERROR, this refuses with the error
 * that is meant, and a batch that expands beyond all bounds is too large.
 * Records are walked as far as Kafka does: uncompressed ones in full; of compressed ones only the lengths, offsets and
 * timestamps, and whether there are keys.
 * Leaves to others: producer state and sequences, appending, replication.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { ErrorCode } from "../errors/ErrorCode.ts"
import { recordErrorsMax } from "../limits.ts"
import * as Compression from "./Compression.ts"
import * as RecordBatch from "./RecordBatch.ts"
import { RecordBatchBuilder } from "./RecordBatchBuilder.ts"
import { RecordCursor } from "./RecordCursor.ts"
import { RecordError } from "./RecordError.ts"
import * as Records from "./Records.ts"
import * as Varint from "./Varint.ts"

/**
 * A record that is refused, by its place in the batch.
 *
 * @since 0.1.0
 */
export interface RefusedRecord {
  readonly batchIndex: number
  readonly message: string
}

/**
 * Why records are not appended: Kafka's error code, and the records at fault if it is not the batch as a whole
 * (at most `limits.recordErrorsMax` of them).
 *
 * @since 0.1.0
 */
export class RecordsRefused extends Data.TaggedError("RecordsRefused")<{
  readonly code: number
  readonly detail: string
  readonly recordErrors: ReadonlyArray<RefusedRecord>
}> {
  override get message(): string {
    return this.detail
  }
}

/**
 * What the topic and the request ask of the records. Times are milliseconds.
 *
 * @since 0.1.0
 */
export interface ValidationOptions {
  /** The offset that the first record gets. */
  readonly baseOffset: number
  readonly partitionLeaderEpoch: number
  readonly now: number
  /** `client` for Produce; `coordinator` for what the broker itself writes, which may be control records. */
  readonly origin: "client" | "coordinator"
  /** The version of the Produce request: zstd needs 7. */
  readonly requestVersion: number
  /** `message.timestamp.type` */
  readonly timestampType: RecordBatch.TimestampType
  /** `message.timestamp.before.max.ms` */
  readonly timestampBeforeMaxMs: number
  /** `message.timestamp.after.max.ms` */
  readonly timestampAfterMaxMs: number
  /** `max.message.bytes`, of the whole batch. */
  readonly messageMaxBytes: number
  /** Whether `cleanup.policy` holds `compact`, for which every record needs a key. */
  readonly isCompacted: boolean
  /** `compression.type`; with `producer`, batches stay as they are. */
  readonly compression: Compression.Codec | "producer"
  readonly compressionLevel?: number | undefined
}

/**
 * A batch that is ready to be appended: `bytes` are those that came, patched, unless it had to be built anew.
 *
 * @since 0.1.0
 */
export interface ValidatedBatch {
  readonly bytes: Uint8Array
  readonly baseOffset: number
  readonly lastOffset: number
  readonly recordsCount: number
  readonly maxTimestamp: number
  /** -1 with create time. */
  readonly logAppendTime: number
  readonly isRebuilt: boolean
}

const zstdRequestVersionMin = 7

const refusal = (code: number, detail: string, recordErrors: ReadonlyArray<RefusedRecord> = []): RecordsRefused =>
  new RecordsRefused({ code, detail, recordErrors })

const invalid = (detail: string): RecordsRefused => refusal(ErrorCode.INVALID_RECORD, detail)

/** What bytes that are no records mean to a producer: nothing that a retry would mend is called corrupt. */
const refusalOf = (cause: unknown): RecordsRefused => {
  if (cause instanceof RecordsRefused) return cause
  if (cause instanceof RecordError) {
    return refusal(
      cause.reason === "CorruptBatch" ? ErrorCode.CORRUPT_MESSAGE : ErrorCode.INVALID_RECORD,
      cause.detail
    )
  }
  if (cause instanceof Compression.CompressionError) {
    switch (cause.reason) {
      case "Corrupt":
        return invalid(cause.message)
      case "TooLarge":
        return refusal(ErrorCode.MESSAGE_TOO_LARGE, cause.message)
      case "Unsupported":
        return refusal(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, cause.message)
    }
  }
  throw cause
}

/**
 * Checks the records of one partition and makes them ready to be appended.
 *
 * @since 0.1.0
 */
export const validate = (
  compression: Compression.Codecs,
  bytes: Uint8Array,
  options: ValidationOptions
): Result.Result<ValidatedBatch, RecordsRefused> => {
  try {
    const batch = checkBatchUnsafe(compression, bytes, options)
    const records = decompressUnsafe(compression, batch)
    const codec = targetOf(batch, options)
    if (codec === undefined) return Result.succeed(keepUnsafe(compression, batch, records, options))
    const rebuilt = rebuildUnsafe(compression, batch, records, options)
    const packed = compression.compressUnsafe(codec, recordsOf(rebuilt), options.compressionLevel)
    return Result.succeed(packUnsafe(compression, rebuilt, codec, packed, options))
  } catch (cause) {
    return Result.fail(refusalOf(cause))
  }
}

/**
 * `validate` that leaves the event loop to decompress and compress large batches. Nobody else may touch the bytes
 * meanwhile.
 *
 * @since 0.1.0
 */
export const validateEffect = Effect.fnUntraced(function*(bytes: Uint8Array, options: ValidationOptions) {
  const compression = yield* Compression.Compression
  const refusable = <A>(run: () => A) => Effect.try({ try: run, catch: refusalOf })
  const batch = yield* refusable(() => checkBatchUnsafe(compression, bytes, options))
  const records = yield* Effect.mapError(
    compression.decompress(RecordBatch.codec(batch, 0), recordsOf(batch)),
    refusalOf
  )
  const codec = targetOf(batch, options)
  if (codec === undefined) return yield* refusable(() => keepUnsafe(compression, batch, records, options))
  const rebuilt = yield* refusable(() => rebuildUnsafe(compression, batch, records, options))
  const packed = yield* Effect.mapError(
    compression.compress(codec, recordsOf(rebuilt), options.compressionLevel),
    refusalOf
  )
  return yield* refusable(() => packUnsafe(compression, rebuilt, codec, packed, options))
})

const recordsOf = (batch: Uint8Array): Uint8Array => batch.subarray(RecordBatch.headerSizeBytes)

/** The codec that the topic wants where the batch has another one. */
const targetOf = (batch: Uint8Array, options: ValidationOptions): Compression.Codec | undefined => {
  const codec = RecordBatch.codec(batch, 0)
  const stays = options.compression === "producer" || options.compression === codec ||
    (codec === Compression.Codec.none && RecordBatch.isControl(batch, 0))
  return stays ? undefined : options.compression as Compression.Codec
}

const decompressUnsafe = (compression: Compression.Codecs, batch: Uint8Array): Uint8Array =>
  compression.decompressUnsafe(RecordBatch.codec(batch, 0), recordsOf(batch))

/** The one batch in `bytes`, if its header stands up; a cut-off batch after it is dropped, as in Kafka. */
const checkBatchUnsafe = (
  compression: Compression.Codecs,
  bytes: Uint8Array,
  options: ValidationOptions
): Uint8Array => {
  const size = Records.nextBatchUnsafe(bytes, 0, bytes.length)
  if (size === 0) throw invalid("a produce request must have at least one record batch per partition")
  if (RecordBatch.magic(bytes, 0) !== RecordBatch.magicCurrent) {
    throw invalid("a produce request may only have record batches of magic 2")
  }
  const isZstd = size > RecordBatch.headerSizeBytes && RecordBatch.codec(bytes, 0) === Compression.Codec.zstd
  if (isZstd && options.origin === "client" && options.requestVersion < zstdRequestVersionMin) {
    throw refusal(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, `zstd needs version ${zstdRequestVersionMin} of produce`)
  }
  if (Records.nextBatchUnsafe(bytes, size, bytes.length) > 0) {
    throw invalid("a produce request must have exactly one record batch per partition")
  }
  const batch = bytes.subarray(0, size)
  checkLogUnsafe(compression, batch, options)
  if (options.origin === "client") checkClientUnsafe(batch)
  return batch
}

const checkLogUnsafe = (compression: Compression.Codecs, batch: Uint8Array, options: ValidationOptions): void => {
  const baseOffset = RecordBatch.baseOffset(batch, 0)
  if (options.origin === "client" && baseOffset !== 0) {
    throw invalid(`the base offset of a produced batch must be 0, not ${baseOffset}`)
  }
  checkSizeUnsafe(batch, options)
  if (!RecordBatch.isValidCrc(batch, 0, compression.crc32c)) {
    throw refusal(ErrorCode.CORRUPT_MESSAGE, "the batch is smaller than its header or its checksum is wrong")
  }
}

const checkSizeUnsafe = (batch: Uint8Array, options: ValidationOptions): void => {
  if (batch.length > options.messageMaxBytes) {
    throw refusal(
      ErrorCode.MESSAGE_TOO_LARGE,
      `the batch has ${batch.length} bytes, more than max.message.bytes allows (${options.messageMaxBytes})`
    )
  }
}

const checkClientUnsafe = (batch: Uint8Array): void => {
  const delta = RecordBatch.lastOffsetDelta(batch, 0)
  const count = RecordBatch.recordsCount(batch, 0)
  if (delta < 0) throw invalid(`the batch has an invalid offset range: 0 to ${delta}`)
  if (count <= 0) throw invalid(`the batch states ${count} records`)
  if (delta + 1 !== count) throw invalid(`the offset range 0 to ${delta} does not fit the ${count} records stated`)
  if (RecordBatch.isControl(batch, 0)) throw invalid("clients may not write control records")
  if (RecordBatch.producerId(batch, 0) >= 0 && RecordBatch.baseSequence(batch, 0) < 0) {
    throw invalid("a batch with a producer id needs a sequence")
  }
}

/** What a walk over the records has found. */
class Findings {
  maxTimestamp: number = RecordBatch.noTimestamp
  areOffsetsConsecutive = true
  private readonly refused: Array<RefusedRecord> = []
  private hasTimestampError = false
  private index = 0
  private readonly options: ValidationOptions
  private readonly isClientAppendTime: boolean

  constructor(batch: Uint8Array, options: ValidationOptions) {
    this.options = options
    this.isClientAppendTime = RecordBatch.isLogAppendTime(batch, 0)
  }

  /** Takes note of one record. */
  add(offsetDelta: number, timestamp: number, hasKey: boolean): void {
    const index = this.index++
    if (offsetDelta !== index) this.areOffsetsConsecutive = false
    if (timestamp > this.maxTimestamp) this.maxTimestamp = timestamp
    const { isCompacted, now, timestampAfterMaxMs, timestampBeforeMaxMs, timestampType } = this.options
    if (isCompacted && !hasKey) {
      this.refuse(index, "a compacted topic does not accept records without a key")
    } else if (timestampType === "CreateTime" && timestamp !== RecordBatch.noTimestamp) {
      if (now - timestamp > timestampBeforeMaxMs || timestamp - now > timestampAfterMaxMs) {
        this.hasTimestampError = true
        this.refuse(index, `timestamp ${timestamp} is not within the bounds around ${now}`)
      }
    } else if (this.isClientAppendTime) {
      this.hasTimestampError = true
      this.refuse(index, "a producer may not set the timestamp type to LogAppendTime")
    }
  }

  private refuse(batchIndex: number, message: string): void {
    if (this.refused.length < recordErrorsMax) this.refused.push({ batchIndex, message })
  }

  /** Throws if any record was refused. */
  checkUnsafe(): void {
    if (this.refused.length === 0) return
    throw this.hasTimestampError
      ? refusal(ErrorCode.INVALID_TIMESTAMP, "one or more records have an invalid timestamp", this.refused)
      : refusal(ErrorCode.INVALID_RECORD, "one or more records are refused", this.refused)
  }
}

/** The batch as it came, checked and patched. */
const keepUnsafe = (
  compression: Compression.Codecs,
  batch: Uint8Array,
  records: Uint8Array,
  options: ValidationOptions
): ValidatedBatch => {
  const findings = new Findings(batch, options)
  const isPacked = RecordBatch.codec(batch, 0) !== Compression.Codec.none
  if (isPacked) skimUnsafe(batch, records, findings)
  else {
    walkUnsafe(compression, batch, records, (cursor) => {
      findings.add(cursor.offset - RecordBatch.baseOffset(batch, 0), cursor.timestamp, cursor.keyLength >= 0)
    })
  }
  findings.checkUnsafe()
  if (isPacked && !findings.areOffsetsConsecutive) {
    throw invalid("the offsets in a compressed batch are not consecutive")
  }
  return patch(compression, batch, findings.maxTimestamp, options)
}

const walkUnsafe = (
  compression: Compression.Codecs,
  batch: Uint8Array,
  records: Uint8Array,
  visit: (cursor: RecordCursor) => void
): void => {
  const cursor = new RecordCursor(compression)
  cursor.openDecompressedUnsafe(batch, 0, records)
  while (cursor.next()) visit(cursor)
}

/** Walks as Kafka does over compressed records: past keys, values and headers, without holding a record to its length. */
const skimUnsafe = (batch: Uint8Array, records: Uint8Array, findings: Findings): void => {
  const count = RecordBatch.recordsCount(batch, 0)
  const end = records.length
  const baseTimestamp = RecordBatch.baseTimestamp(batch, 0)
  const maxTimestamp = RecordBatch.maxTimestamp(batch, 0)
  const isLogAppendTime = RecordBatch.isLogAppendTime(batch, 0)
  let at = 0
  for (let index = 0; index < count; index++) {
    Varint.readUnsafe(records, at, end)
    const timestampDelta = Varint.read64Unsafe(records, Varint.end + 1, end)
    const offsetDelta = Varint.readUnsafe(records, Varint.end, end)
    const keyLength = Varint.readUnsafe(records, Varint.end, end)
    const valueLength = Varint.readUnsafe(records, Varint.end + Math.max(keyLength, 0), end)
    const headerCount = Varint.readUnsafe(records, Varint.end + Math.max(valueLength, 0), end)
    at = Varint.end
    if (headerCount < 0) throw invalid(`a record states ${headerCount} headers`)
    for (let header = 0; header < headerCount; header++) {
      const nameLength = Varint.readUnsafe(records, at, end)
      if (nameLength < 0) throw invalid(`a header key has ${nameLength} bytes`)
      const headerLength = Varint.readUnsafe(records, Varint.end + nameLength, end)
      at = Varint.end + Math.max(headerLength, 0)
    }
    if (at > end) throw invalid("the records end within one")
    findings.add(offsetDelta, isLogAppendTime ? maxTimestamp : baseTimestamp + timestampDelta, keyLength >= 0)
  }
  if (at !== end) throw invalid("bytes are left after the last record")
}

const logAppendTime = (options: ValidationOptions): number =>
  options.timestampType === "LogAppendTime" ? options.now : RecordBatch.noTimestamp

const patch = (
  compression: Compression.Codecs,
  batch: Uint8Array,
  maxTimestampFound: number,
  options: ValidationOptions
): ValidatedBatch => {
  const { baseOffset, timestampType } = options
  const maxTimestamp = timestampType === "LogAppendTime" ? options.now : maxTimestampFound
  RecordBatch.setBaseOffset(batch, 0, baseOffset)
  RecordBatch.setPartitionLeaderEpoch(batch, 0, options.partitionLeaderEpoch)
  RecordBatch.setMaxTimestamp(batch, 0, timestampType, maxTimestamp, compression.crc32c)
  return {
    bytes: batch,
    baseOffset,
    lastOffset: RecordBatch.lastOffset(batch, 0),
    recordsCount: RecordBatch.recordsCount(batch, 0),
    maxTimestamp,
    logAppendTime: logAppendTime(options),
    isRebuilt: false
  }
}

/** The records again, at consecutive offsets, not yet packed. */
const rebuildUnsafe = (
  compression: Compression.Codecs,
  batch: Uint8Array,
  records: Uint8Array,
  options: ValidationOptions
): Uint8Array => {
  const findings = new Findings(batch, options)
  const builder = new RecordBatchBuilder(compression, RecordBatch.headerSizeBytes + records.length)
  walkUnsafe(compression, batch, records, (cursor) => {
    findings.add(builder.recordsCount, cursor.timestamp, cursor.keyLength >= 0)
    builder.append(cursor.timestamp, cursor.key(), cursor.value(), cursor.headers())
  })
  findings.checkUnsafe()
  return builder.build({
    baseOffset: options.baseOffset,
    timestampType: options.timestampType,
    partitionLeaderEpoch: options.partitionLeaderEpoch,
    maxTimestamp: options.now,
    producerId: RecordBatch.producerId(batch, 0),
    producerEpoch: RecordBatch.producerEpoch(batch, 0),
    baseSequence: RecordBatch.baseSequence(batch, 0),
    transactional: RecordBatch.isTransactional(batch, 0),
    control: RecordBatch.isControl(batch, 0)
  })
}

/** The rebuilt batch with its records packed. */
const packUnsafe = (
  compression: Compression.Codecs,
  rebuilt: Uint8Array,
  codec: Compression.Codec,
  packed: Uint8Array,
  options: ValidationOptions
): ValidatedBatch => {
  const bytes = RecordBatch.withRecords(rebuilt, codec, packed, compression.crc32c)
  checkSizeUnsafe(bytes, options)
  return {
    bytes,
    baseOffset: options.baseOffset,
    lastOffset: RecordBatch.lastOffset(bytes, 0),
    recordsCount: RecordBatch.recordsCount(bytes, 0),
    maxTimestamp: RecordBatch.maxTimestamp(bytes, 0),
    logAppendTime: logAppendTime(options),
    isRebuilt: true
  }
}
