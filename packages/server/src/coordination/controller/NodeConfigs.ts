/**
 * Settings of the broker, in the form in which the parts of it take them.
 *
 * @since 0.1.0
 */
import type { LogManagerOptions } from "../../storage/LogManager.ts"
import type { GroupConfig } from "../group/GroupConfig.ts"
import type { TransactionConfig } from "../transaction/TransactionConfig.ts"
import type { BrokerConfig } from "./BrokerConfig.ts"

/**
 * What the group coordinator takes.
 *
 * @since 0.1.0
 */
export const groupConfig = (config: BrokerConfig): GroupConfig => ({
  initialRebalanceDelayMs: config.number("group.initial.rebalance.delay.ms"),
  sessionTimeoutMinMs: config.number("group.min.session.timeout.ms"),
  sessionTimeoutMaxMs: config.number("group.max.session.timeout.ms"),
  sizeMax: config.number("group.max.size"),
  offsetMetadataMaxBytes: config.number("offset.metadata.max.bytes"),
  offsetsRetentionMs: config.number("offsets.retention.minutes") * 60_000,
  offsetsRetentionCheckIntervalMs: config.number("offsets.retention.check.interval.ms")
})

/**
 * What the transaction coordinator takes.
 *
 * @since 0.1.0
 */
export const transactionConfig = (config: BrokerConfig): TransactionConfig => ({
  timeoutMaxMs: config.number("transaction.max.timeout.ms"),
  abortTimedOutIntervalMs: config.number("transaction.abort.timed.out.transaction.cleanup.interval.ms"),
  transactionalIdExpirationMs: config.number("transactional.id.expiration.ms"),
  removeExpiredIntervalMs: config.number("transaction.remove.expired.transaction.cleanup.interval.ms"),
  partitionVerificationEnable: config.boolean("transaction.partition.verification.enable"),
  verifyRetry: {
    backoffMs: config.number("add.partitions.to.txn.retry.backoff.ms"),
    maxMs: config.number("add.partitions.to.txn.retry.backoff.max.ms")
  }
})

/**
 * What storage takes, but for directories and durability.
 *
 * @since 0.1.0
 */
export const logManagerTimes = (config: BrokerConfig): Partial<LogManagerOptions> => ({
  initialTaskDelayMs: config.number("log.initial.task.delay.ms"),
  retentionCheckIntervalMs: config.number("log.retention.check.interval.ms"),
  flushOffsetCheckpointIntervalMs: config.number("log.flush.offset.checkpoint.interval.ms"),
  highWatermarkCheckpointIntervalMs: config.number("replica.high.watermark.checkpoint.interval.ms"),
  producerIdExpirationMs: config.number("producer.id.expiration.ms"),
  producerIdExpirationCheckIntervalMs: config.number("producer.id.expiration.check.interval.ms")
})
