/** Reads a partition as a consumer does. */
import { Compression } from "@millrace/core/records/Compression"
import * as ControlRecord from "@millrace/core/records/ControlRecord"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Records from "@millrace/core/records/Records"
import type { Isolation, Partition, ReadResult } from "@millrace/server/replication/Partition"
import * as Effect from "effect/Effect"
import type { Expected } from "./expected.ts"

const readBytes = 64 * 1024

/** Hands each batch from the log's start to the end that `isolation` shows to `visit`, with the answer it came in. */
export const forEachBatch = Effect.fnUntraced(function*(
  partition: Partition,
  isolation: Isolation,
  visit: (bytes: Uint8Array, at: number, answer: ReadResult) => void
) {
  let offset = partition.logStartOffset
  for (;;) {
    const answer: ReadResult = yield* partition.read({ offset, maxBytes: readBytes, minOneMessage: true, isolation })
    if (answer.sizeBytes === 0) return
    for (const bytes of answer.records) {
      for (let at = 0, size = 0; (size = Records.nextBatchUnsafe(bytes, at, bytes.length)) > 0; at += size) {
        visit(bytes, at, answer)
        offset = RecordBatch.nextOffset(bytes, at)
      }
    }
  }
})

const hex = (bytes: Uint8Array | null): string | null => bytes === null ? null : Buffer.from(bytes).toString("hex")

/** All data records, as a consumer of uncommitted data sees them. */
export const recordsOf = Effect.fnUntraced(function*(partition: Partition) {
  const compression = yield* Compression
  const lines: Array<Expected> = []
  yield* forEachBatch(partition, "read_uncommitted", (bytes, at) => {
    if (RecordBatch.isControl(bytes, at)) return
    const timestampType = RecordBatch.timestampType(bytes, at)
    for (const record of Records.readBatchUnsafe(bytes, at, compression)) {
      const { offset, timestamp } = record
      if (offset < partition.logStartOffset) continue
      lines.push({
        kind: "record",
        topic: partition.topic,
        partition: partition.partition,
        offset,
        timestamp,
        timestampType,
        key: hex(record.key),
        value: hex(record.value),
        headers: record.headers.map(({ key, value }) => [key, hex(value)] as const)
      })
    }
  })
  return lines
})

/** Which producers' transactional records are aborted where the reader stands. */
class Aborted {
  readonly #active = new Set<number>()

  isAborted(bytes: Uint8Array, at: number, answer: ReadResult): boolean {
    const producerId = RecordBatch.producerId(bytes, at)
    for (const transaction of answer.abortedTransactions ?? []) {
      if (transaction.firstOffset <= RecordBatch.lastOffset(bytes, at)) this.#note(transaction, bytes, at)
    }
    if (RecordBatch.isControl(bytes, at)) {
      if (ControlRecord.parseBatchUnsafe(bytes, at)?.type === "ABORT") this.#active.delete(producerId)
      return false
    }
    return RecordBatch.isTransactional(bytes, at) && this.#active.has(producerId)
  }

  readonly #noted = new Set<string>()

  #note(transaction: { readonly producerId: number; readonly firstOffset: number }, bytes: Uint8Array, at: number) {
    const name = `${transaction.producerId} ${transaction.firstOffset}`
    if (this.#noted.has(name) || transaction.firstOffset > RecordBatch.lastOffset(bytes, at)) return
    this.#noted.add(name)
    this.#active.add(transaction.producerId)
  }
}

/** The offsets that a consumer of committed data sees. */
export const committedOffsets = Effect.fnUntraced(function*(partition: Partition) {
  const compression = yield* Compression
  const aborted = new Aborted()
  const lines: Array<Expected> = []
  yield* forEachBatch(partition, "read_committed", (bytes, at, answer) => {
    if (aborted.isAborted(bytes, at, answer) || RecordBatch.isControl(bytes, at)) return
    for (const { offset } of Records.readBatchUnsafe(bytes, at, compression)) {
      if (offset < partition.logStartOffset) continue
      lines.push({ kind: "committed", topic: partition.topic, partition: partition.partition, offset })
    }
  })
  return lines
})
