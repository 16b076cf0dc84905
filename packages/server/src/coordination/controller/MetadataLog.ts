/**
 * The log of the cluster's metadata, `__cluster_metadata-0`, in Kafka's format: a partition log of framed records, and
 * snapshots beside it.
 *
 * Keeps true: replay gives the records of the latest snapshot and then those of the log, each once; records between
 * BeginTransaction and EndTransaction come together or not at all; what `append` has returned for is committed. Damage is
 * an error, never an end: whoever takes metadata to be less than it was would part with the data of whole topics.
 * Leaves to others: what the records mean (`MetadataImage`), who may append (one controller at a time).
 *
 * @since 0.1.0
 */
import * as Disk from "@millrace/core/platform/Disk"
import { ProtocolError } from "@millrace/core/protocol/ProtocolError"
import * as Compression from "@millrace/core/records/Compression"
import * as ControlRecord from "@millrace/core/records/ControlRecord"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import { RecordBatchBuilder } from "@millrace/core/records/RecordBatchBuilder"
import { corruptBatch, RecordError } from "@millrace/core/records/RecordError"
import * as Records from "@millrace/core/records/Records"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { metadataReadBytes } from "../../limits.ts"
import type { Partition } from "../../replication/Partition.ts"
import * as MetadataRecord from "./MetadataRecord.ts"

/**
 * The metadata log holds what this broker can't read.
 *
 * @since 0.1.0
 */
export class MetadataLogError extends Data.TaggedError("MetadataLogError")<{
  readonly path: string
  readonly detail: string
}> {
  override get message(): string {
    return `metadata log: ${this.detail} (${this.path})`
  }
}

/**
 * The name of the topic, which no client sees.
 *
 * @since 0.1.0
 */
export const topicName = "__cluster_metadata"

/** A snapshot holds what was true before this offset. */
interface Snapshot {
  readonly path: string
  readonly endOffset: number
  readonly epoch: number
}

const snapshotName = /^(\d{20})-(\d{10})\.checkpoint$/

const latestSnapshot = Effect.fnUntraced(function*(directory: string) {
  const disk = yield* Disk.Disk
  const snapshots = (yield* disk.list(directory)).flatMap((name): ReadonlyArray<Snapshot> => {
    const match = snapshotName.exec(name)
    return match === null
      ? []
      : [{ path: `${directory}/${name}`, endOffset: Number(match[1]), epoch: Number(match[2]) }]
  })
  return snapshots.at(-1)
})

type Take = (record: MetadataRecord.MetadataRecord, offset: number) => void

/** Takes the records of batches, holding back those of a transaction until it ends. */
class BatchReader {
  readonly #cursor = new Records.RecordCursor(Compression.uncompressed)
  readonly #take: Take
  #held: Array<readonly [MetadataRecord.MetadataRecord, number]> | undefined

  constructor(take: Take) {
    this.#take = take
  }

  /** Reads whole batches and returns how many bytes they have. With `offset`, all records count as of this offset. */
  readUnsafe(bytes: Uint8Array, from: number, offset: number | null): number {
    let at = 0
    for (let size = 0; (size = Records.nextBatchUnsafe(bytes, at, bytes.length)) > 0; at += size) {
      if (!RecordBatch.isValidCrc(bytes, at)) {
        throw corruptBatch(`the batch at offset ${RecordBatch.baseOffset(bytes, at)} is damaged`)
      }
      if (RecordBatch.isControl(bytes, at)) continue
      this.#cursor.openUnsafe(bytes, at)
      while (this.#cursor.next()) {
        if (offset === null && this.#cursor.offset < from) continue
        const { valueLength, valueStart } = this.#cursor
        const value = this.#cursor.bytes.subarray(valueStart, valueStart + Math.max(0, valueLength))
        this.#accept(MetadataRecord.decodeUnsafe(value), offset ?? this.#cursor.offset)
      }
    }
    return at
  }

  #accept(record: MetadataRecord.MetadataRecord, offset: number): void {
    switch (record.type) {
      case "BeginTransactionRecord":
        this.#held = []
        return
      case "AbortTransactionRecord":
        this.#held = undefined
        return
      case "EndTransactionRecord":
        for (const [held, at] of this.#held ?? []) this.#take(held, at)
        this.#held = undefined
        return
      default:
        if (this.#held === undefined) this.#take(record, offset)
        else this.#held.push([record, offset])
    }
  }
}

const unreadable = (path: string, error: unknown): MetadataLogError => {
  if (error instanceof ProtocolError || error instanceof RecordError || error instanceof Compression.CompressionError) {
    return new MetadataLogError({ path, detail: error.message })
  }
  throw error
}

/**
 * Gives all records, from the latest snapshot on. Returns the offset behind the last.
 *
 * @since 0.1.0
 */
export const replay = Effect.fnUntraced(function*(partition: Partition, directory: string, take: Take) {
  const reader = new BatchReader(take)
  const read = (path: string, bytes: Uint8Array, from: number, offset: number | null) =>
    Effect.try({ try: () => reader.readUnsafe(bytes, from, offset), catch: (error) => unreadable(path, error) })
  const snapshot = yield* latestSnapshot(directory)
  let next = partition.logStartOffset
  if (snapshot !== undefined) {
    const bytes = yield* Disk.readFile(snapshot.path)
    if ((yield* read(snapshot.path, bytes, 0, snapshot.endOffset - 1)) !== bytes.length) {
      return yield* new MetadataLogError({ path: snapshot.path, detail: "the snapshot is cut short" })
    }
    next = Math.max(next, snapshot.endOffset)
  }
  while (next < partition.logEndOffset) {
    const { records } = yield* partition.read({
      offset: next,
      maxBytes: metadataReadBytes,
      minOneMessage: true,
      isolation: "log_end"
    })
    let last = next
    for (const bytes of records) {
      const used = yield* read(directory, bytes, next, null)
      for (let at = 0; at < used; at += RecordBatch.sizeInBytes(bytes, at)) last = RecordBatch.nextOffset(bytes, at)
    }
    if (last <= next) return yield* new MetadataLogError({ path: directory, detail: `no batch at offset ${next}` })
    next = last
  }
  return next
})

const appendBytes = Effect.fnUntraced(function*(partition: Partition, bytes: Uint8Array) {
  const result = yield* partition.append(bytes, { origin: "coordinator", acksAll: true })
  yield* partition.awaitCommitted(result.lastOffset)
  return result
})

/**
 * Appends records as one batch and waits until it is committed. Returns the offset of the first.
 *
 * @since 0.1.0
 */
export const append = Effect.fnUntraced(function*(
  partition: Partition,
  records: ReadonlyArray<MetadataRecord.MetadataRecord>
) {
  const timestamp = yield* Clock.currentTimeMillis
  const builder = new RecordBatchBuilder()
  for (const record of records) builder.append(timestamp, null, MetadataRecord.encode(record))
  const { baseOffset } = yield* appendBytes(partition, builder.build())
  return baseOffset
})

/**
 * Appends the control record with which a leader's epoch begins. Returns the offset behind it.
 *
 * @since 0.1.0
 */
export const appendLeaderChange = Effect.fnUntraced(function*(partition: Partition, leaderId: number) {
  const timestamp = yield* Clock.currentTimeMillis
  const voters = [{ voterId: leaderId }]
  const value = { version: 0, leaderId, voters, grantingVoters: voters }
  const { lastOffset } = yield* appendBytes(
    partition,
    ControlRecord.build({ type: "LEADER_CHANGE", value }, timestamp)
  )
  return lastOffset + 1
})
