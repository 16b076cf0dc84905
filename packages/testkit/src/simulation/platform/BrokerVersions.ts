/**
 * Settings that the broker of the platform's scenario may have, and change between its lives. Each makes something
 * frequent that is rare with Kafka's defaults.
 *
 * @since 0.1.0
 */
import * as Times from "./Times.ts"

/** What each version sets apart from what all set. */
const changes: ReadonlyArray<Readonly<Record<string, string>>> = [
  {},
  // Many small segments, with an index entry for nearly every batch.
  { "log.roll.ms": "700", "log.index.interval.bytes": "0" },
  // Answers that hold one batch, few fetch sessions, groups that wait for nobody.
  {
    "fetch.max.bytes": "1024",
    "max.incremental.fetch.session.cache.slots": "2",
    "group.initial.rebalance.delay.ms": "0"
  },
  // Checkpoints all the time, and transactions that are looked over often.
  {
    "log.initial.task.delay.ms": "100",
    "log.flush.offset.checkpoint.interval.ms": "300",
    "replica.high.watermark.checkpoint.interval.ms": "200",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "300"
  }
]

/**
 * Settings by Kafka's names, for each version.
 *
 * @since 0.1.0
 */
export const brokerVersions: ReadonlyArray<Readonly<Record<string, string>>> = changes.map((config) => ({
  ...Times.brokerConfig,
  ...config
}))
