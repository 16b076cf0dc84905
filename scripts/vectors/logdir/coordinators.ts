/** Folds `__consumer_offsets` and `__transaction_state` into what the admin client reports. */
import * as Message from "@millrace/core/protocol/Message"
import { OffsetCommitKey, OffsetCommitValue } from "@millrace/core/protocol/messages/records/OffsetCommit"
import { TransactionLogKey, TransactionLogValue } from "@millrace/core/protocol/messages/records/TransactionLog"
import { Compression } from "@millrace/core/records/Compression"
import * as ControlRecord from "@millrace/core/records/ControlRecord"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Records from "@millrace/core/records/Records"
import type { Partition } from "@millrace/server/replication/Partition"
import * as Effect from "effect/Effect"
import type { Expected } from "./expected.ts"
import { forEachBatch } from "./records.ts"

const keyVersion = (key: Uint8Array): number => (key[0]! << 8) | key[1]!

const applyOffset = (record: Records.RecordData, into: Map<string, Expected | undefined>): void => {
  if (record.key === null || keyVersion(record.key) > 1) return
  const { group, partition, topic } = Message.decodePrefixed(OffsetCommitKey, record.key)
  const key = `${group} ${topic} ${partition}`
  if (record.value === null) {
    into.set(key, undefined)
    return
  }
  const { metadata, offset } = Message.decodePrefixed(OffsetCommitValue, record.value)
  into.set(key, { kind: "offset", group, topic, partition, offset, metadata })
}

/** Group offsets, those of transactions once they are committed. */
export const groupOffsets = Effect.fnUntraced(function*(partition: Partition) {
  const compression = yield* Compression
  const offsets = new Map<string, Expected | undefined>()
  const pending = new Map<number, Map<string, Expected | undefined>>()
  yield* forEachBatch(partition, "log_end", (bytes, at) => {
    const producerId = RecordBatch.producerId(bytes, at)
    if (RecordBatch.isControl(bytes, at)) {
      if (ControlRecord.parseBatchUnsafe(bytes, at)?.type === "COMMIT") {
        pending.get(producerId)?.forEach((line, key) => offsets.set(key, line))
      }
      pending.delete(producerId)
      return
    }
    const transactional = RecordBatch.isTransactional(bytes, at)
    const into = transactional ? pending.get(producerId) ?? new Map<string, Expected | undefined>() : offsets
    if (transactional) pending.set(producerId, into)
    for (const record of Records.readBatchUnsafe(bytes, at, compression)) applyOffset(record, into)
  })
  return [...offsets.values()].filter((line) => line !== undefined)
})

const stateNames = [
  "Empty",
  "Ongoing",
  "PrepareCommit",
  "PrepareAbort",
  "CompleteCommit",
  "CompleteAbort",
  "Dead",
  "PrepareEpochFence"
]

/** Transactional ids with their states. */
export const transactionStates = Effect.fnUntraced(function*(partition: Partition) {
  const compression = yield* Compression
  const states = new Map<string, Expected>()
  yield* forEachBatch(partition, "log_end", (bytes, at) => {
    if (RecordBatch.isControl(bytes, at)) return
    for (const { key, value } of Records.readBatchUnsafe(bytes, at, compression)) {
      if (key === null) continue
      const { transactionalId } = Message.decodePrefixed(TransactionLogKey, key)
      if (value === null) {
        states.delete(transactionalId)
        continue
      }
      const { producerId, transactionStatus } = Message.decodePrefixed(TransactionLogValue, value)
      const state = stateNames[transactionStatus] ?? `state ${transactionStatus}`
      states.set(transactionalId, { kind: "transaction", transactionalId, producerId, state })
    }
  })
  return [...states.values()]
})
