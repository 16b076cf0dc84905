/**
 * Kafka Streams' task assignor for when lags cannot be learnt: every task stays where it runs, until the next rebalance can
 * know more.
 *
 * Keeps true: no active task moves away from a process that is there; it always asks for another rebalance.
 * Leaves to others: tasks that ran nowhere (`LegacySticky`).
 *
 * @since 0.1.0
 */
import { hasMoreRoom } from "./LegacySticky.ts"
import * as StickyTasks from "./StickyTasks.ts"
import type { TaskAssignor } from "./TaskAssignor.ts"

/**
 * Assigns all tasks; racks are not minded.
 *
 * @since 0.1.0
 */
export const assign: TaskAssignor = (question) => ({
  clients: StickyTasks.assign(question, { hasMoreRoom, mustPreserve: true, optimizerOf: () => undefined }),
  isProbingNeeded: true
})
