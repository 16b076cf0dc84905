/**
 * Reads what the disk of a broker holds when it starts, to see states worth reaching that nobody tells.
 *
 * Keeps true: it changes nothing, and is no part of the trace.
 * Leaves to others: counting (`Sometimes`).
 *
 * @since 0.1.0
 */
import * as Message from "@millrace/core/protocol/Message"
import { TransactionLogKey, TransactionLogValue } from "@millrace/core/protocol/messages/records/TransactionLog"
import * as PureCompression from "@millrace/core/records/PureCompression"
import * as Records from "@millrace/core/records/Records"
import type { MemoryDisk } from "../platform/MemoryDisk.ts"
import type { Sometimes } from "./Sometimes.ts"

const isTransactionLog = (path: string): boolean => /\/__transaction_state-\d+\/\d+\.log$/.test(path)

/** The states of a transaction that has been decided and not carried out, and of one that is open, as they are stored. */
const prepared = new Set([2, 3])
const ongoing = 1

/**
 * Notes what a broker finds when it starts.
 *
 * @since 0.1.0
 */
export const inspect = (disk: MemoryDisk, sometimes: Sometimes): void => {
  const statuses = new Map<string, number>()
  for (const [path] of disk.files()) {
    if (!isTransactionLog(path)) continue
    const records = Records.attempt(() => Records.readAllUnsafe(disk.contents(path), PureCompression.make))
    if (records._tag === "Failure") continue
    for (const { key, value } of records.success) {
      Message.attempt(() => {
        if (key === null || value === null) return
        const { transactionalId } = Message.decodePrefixed(TransactionLogKey, key)
        statuses.set(transactionalId, Message.decodePrefixed(TransactionLogValue, value).transactionStatus)
      })
    }
  }
  for (const status of statuses.values()) {
    if (prepared.has(status)) sometimes.reach("a coordinator started with a transaction that was decided and not ended")
    if (status === ongoing) sometimes.reach("a coordinator started with a transaction that was open")
  }
}
