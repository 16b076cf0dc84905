/**
 * The settings of the transaction coordinator, by Kafka's names and defaults.
 *
 * @since 0.1.0
 */

import { type VerifyRetry, verifyRetryDefault } from "../../replication/Partition.ts"

/**
 * Times in milliseconds.
 *
 * @since 0.1.0
 */
export interface TransactionConfig {
  /** `transaction.max.timeout.ms` */
  readonly timeoutMaxMs: number
  /** `transaction.abort.timed.out.transaction.cleanup.interval.ms` */
  readonly abortTimedOutIntervalMs: number
  /** `transactional.id.expiration.ms` */
  readonly transactionalIdExpirationMs: number
  /** `transaction.remove.expired.transaction.cleanup.interval.ms` */
  readonly removeExpiredIntervalMs: number
  /** `transaction.partition.verification.enable` */
  readonly partitionVerificationEnable: boolean
  /** `add.partitions.to.txn.retry.backoff.ms` and `add.partitions.to.txn.retry.backoff.max.ms` */
  readonly verifyRetry: VerifyRetry
}

/**
 * Kafka's defaults.
 *
 * @since 0.1.0
 */
export const defaults: TransactionConfig = {
  timeoutMaxMs: 900_000,
  abortTimedOutIntervalMs: 10_000,
  transactionalIdExpirationMs: 604_800_000,
  removeExpiredIntervalMs: 3_600_000,
  partitionVerificationEnable: true,
  verifyRetry: verifyRetryDefault
}
