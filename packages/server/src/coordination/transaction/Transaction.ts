/**
 * A transactional id with its producer and its transaction, and the edges between its states.
 *
 * Keeps true: values are immutable; `previousProducerId` is the producer id before the last change (as Kafka stores it).
 * Leaves to others: when a transition happens (one module per API).
 *
 * @since 0.1.0
 */

/**
 * Kafka's names of the states. `PrepareEpochFence` is never stored, and needs no state here: fencing is one decision.
 *
 * @since 0.1.0
 */
export type TransactionStatus =
  | "Empty"
  | "Ongoing"
  | "PrepareCommit"
  | "PrepareAbort"
  | "CompleteCommit"
  | "CompleteAbort"
  | "Dead"
  | "PrepareEpochFence"

/**
 * The states by the numbers that are stored.
 *
 * @since 0.1.0
 */
export const statuses: ReadonlyArray<TransactionStatus> = [
  "Empty",
  "Ongoing",
  "PrepareCommit",
  "PrepareAbort",
  "CompleteCommit",
  "CompleteAbort",
  "Dead",
  "PrepareEpochFence"
]

/**
 * From which states each may be reached.
 *
 * @since 0.1.0
 */
export const validPrevious: { readonly [status in TransactionStatus]: ReadonlyArray<TransactionStatus> } = {
  Empty: ["Empty", "CompleteCommit", "CompleteAbort"],
  Ongoing: ["Ongoing", "Empty", "CompleteCommit", "CompleteAbort"],
  PrepareCommit: ["Ongoing"],
  // An empty transaction may be aborted since transactions have their second version.
  PrepareAbort: ["Ongoing", "PrepareEpochFence", "Empty", "CompleteCommit", "CompleteAbort"],
  CompleteCommit: ["PrepareCommit"],
  CompleteAbort: ["PrepareAbort"],
  Dead: ["Empty", "CompleteCommit", "CompleteAbort"],
  PrepareEpochFence: ["Ongoing"]
}

/**
 * Partitions by topic, in the order in which they were added.
 *
 * @since 0.1.0
 */
export type TopicPartitions = ReadonlyMap<string, ReadonlyArray<number>>

/**
 * A transactional id. Ids and epochs are -1 where there are none; times are milliseconds since the epoch.
 *
 * @since 0.1.0
 */
export interface Transaction {
  readonly transactionalId: string
  readonly producerId: number
  readonly previousProducerId: number
  /** The id that the producer gets when the transaction is complete, because its epochs are used up. */
  readonly nextProducerId: number
  readonly producerEpoch: number
  readonly timeoutMs: number
  readonly status: TransactionStatus
  readonly partitions: TopicPartitions
  readonly startTimestampMs: number
  readonly lastUpdateTimestampMs: number
  /** 2: the epoch is bumped when the transaction ends (KIP-890). */
  readonly clientTransactionVersion: number
}

/**
 * No producer id, no epoch.
 *
 * @since 0.1.0
 */
export const none = -1

/**
 * The version of transactions that bumps the epoch at the end of each.
 *
 * @since 0.1.0
 */
export const transactionVersion2 = 2

/**
 * The last epoch that is given to a client; a transaction that ends may take the one after it.
 *
 * @since 0.1.0
 */
export const epochLast = 32_766

/**
 * Whether no further epoch may be given to a client.
 *
 * @since 0.1.0
 */
export const isEpochExhausted = (epoch: number): boolean => epoch >= epochLast

/**
 * No partitions.
 *
 * @since 0.1.0
 */
export const noPartitions: TopicPartitions = new Map()

/**
 * Whether a marker is on its way.
 *
 * @since 0.1.0
 */
export const isPrepared = ({ status }: Transaction): boolean => status === "PrepareCommit" || status === "PrepareAbort"

/**
 * The transaction with changes. Throws if there is no such edge: that would be a bug, not a request's fault.
 *
 * @since 0.1.0
 */
export const transition = (
  from: Transaction,
  changes: Partial<Omit<Transaction, "transactionalId" | "previousProducerId">> & {
    readonly status: TransactionStatus
  },
  now: number
): Transaction => {
  if (!validPrevious[changes.status].includes(from.status)) {
    throw new Error(`a transaction cannot go from ${from.status} to ${changes.status}`)
  }
  return { ...from, previousProducerId: from.producerId, lastUpdateTimestampMs: now, ...changes }
}

/**
 * Whether all of some partitions are among these.
 *
 * @since 0.1.0
 */
export const includesAll = (all: TopicPartitions, some: TopicPartitions): boolean => {
  for (const [topic, partitions] of some) {
    const present = all.get(topic)
    if (present === undefined || !partitions.every((partition) => present.includes(partition))) return false
  }
  return true
}

/**
 * These partitions and those.
 *
 * @since 0.1.0
 */
export const union = (a: TopicPartitions, b: TopicPartitions): TopicPartitions => {
  const result = new Map(a)
  for (const [topic, partitions] of b) {
    result.set(topic, [...new Set([...result.get(topic) ?? [], ...partitions])])
  }
  return result
}
