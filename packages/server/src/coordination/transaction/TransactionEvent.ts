/**
 * What happens to transactional ids: events that are records of `__transaction_state`, and one that is not.
 *
 * Keeps true: records are Kafka's.
 *
 * @since 0.1.0
 */
import * as Message from "@millrace/core/protocol/Message"
import { TransactionLogKey, TransactionLogValue } from "@millrace/core/protocol/messages/records/TransactionLog"
import type { ShardRecord } from "../shard/ShardLog.ts"
import type { Transaction } from "./Transaction.ts"
import { noPartitions, statuses } from "./Transaction.ts"

/**
 * - `Stored`: the transactional id as it stands now.
 * - `Removed`: it has expired.
 * - `LastEpoch`: the epoch that the producer had before its present one, for retries; it is not stored.
 *
 * @since 0.1.0
 */
export type TransactionEvent =
  | { readonly type: "Stored"; readonly transaction: Transaction }
  | { readonly type: "Removed"; readonly transactionalId: string }
  | { readonly type: "LastEpoch"; readonly transactionalId: string; readonly epoch: number }

/** The version that Kafka writes since transactions have their first version. */
const valueVersion = 1

/**
 * The record of an event, or null.
 *
 * @since 0.1.0
 */
export const encode = (event: TransactionEvent): ShardRecord | null => {
  switch (event.type) {
    case "Stored":
      return { key: keyOf(event.transaction.transactionalId), value: valueOf(event.transaction) }
    case "Removed":
      return { key: keyOf(event.transactionalId), value: null }
    case "LastEpoch":
      return null
  }
}

const keyOf = (transactionalId: string): Uint8Array => Message.encodePrefixed(TransactionLogKey, 0, { transactionalId })

const valueOf = (transaction: Transaction): Uint8Array =>
  Message.encodePrefixed(TransactionLogValue, valueVersion, {
    producerId: transaction.producerId,
    previousProducerId: transaction.previousProducerId,
    nextProducerId: transaction.nextProducerId,
    producerEpoch: transaction.producerEpoch,
    transactionTimeoutMs: transaction.timeoutMs,
    transactionStatus: statuses.indexOf(transaction.status),
    transactionPartitions: transaction.status === "Empty"
      ? null
      : [...transaction.partitions].map(([topic, partitionIds]) => ({ topic, partitionIds })),
    transactionLastUpdateTimestampMs: transaction.lastUpdateTimestampMs,
    transactionStartTimestampMs: transaction.startTimestampMs,
    clientTransactionVersion: transaction.clientTransactionVersion
  })

/**
 * The event of a record; null for a record that says nothing to us. Throws `ProtocolError` for one that is damaged.
 *
 * @since 0.1.0
 */
export const decode = ({ key, value }: ShardRecord): TransactionEvent | null => {
  if (key === null || key.length < 2 || ((key[0]! << 8) | key[1]!) !== TransactionLogKey.apiKey) return null
  const { transactionalId } = Message.decodePrefixed(TransactionLogKey, key)
  if (value === null) return { type: "Removed", transactionalId }
  const stored = Message.decodePrefixed(TransactionLogValue, value)
  const status = statuses[stored.transactionStatus]
  if (status === undefined) return null
  const partitions = stored.transactionPartitions === null
    ? noPartitions
    : new Map(stored.transactionPartitions.map(({ partitionIds, topic }) => [topic, [...partitionIds]] as const))
  return {
    type: "Stored",
    transaction: {
      transactionalId,
      producerId: stored.producerId,
      previousProducerId: stored.previousProducerId,
      nextProducerId: stored.nextProducerId,
      producerEpoch: stored.producerEpoch,
      timeoutMs: stored.transactionTimeoutMs,
      status,
      partitions,
      startTimestampMs: stored.transactionStartTimestampMs,
      lastUpdateTimestampMs: stored.transactionLastUpdateTimestampMs,
      clientTransactionVersion: stored.clientTransactionVersion
    }
  }
}
