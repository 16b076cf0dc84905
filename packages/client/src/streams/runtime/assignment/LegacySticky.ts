/**
 * Kafka Streams' sticky task assignor behind its old, internal interface: what `internal.task.assignor.class` can name.
 *
 * Keeps true: as in `StickyTasks`; of clients of the same load, the one with more threads has more room.
 * Leaves to others: the search (`StickyTasks`), lags, and moving (`StreamsAssignor`).
 *
 * @since 0.1.0
 */
import { type ClientState, compareProcessIds } from "./ClientState.ts"
import * as RackAware from "./RackAware.ts"
import * as StickyTasks from "./StickyTasks.ts"
import type { TaskAssignor } from "./TaskAssignor.ts"

/** What racks cost unless the configuration says otherwise: staying counts for more. */
const defaultCosts: RackAware.Costs = { traffic: 1, nonOverlap: 10 }

/**
 * Less load is more room; at the same load, more threads are.
 *
 * @since 0.1.0
 */
export const hasMoreRoom: StickyTasks.HasMoreRoom = (state, other) =>
  state.load < other.load || (state.load === other.load && state.client.threads > other.client.threads)

const byId = (a: ClientState, b: ClientState): number => compareProcessIds(a.client.processId, b.client.processId)

/**
 * Assigns all tasks.
 *
 * @since 0.1.0
 */
export const assign: TaskAssignor = (question) => {
  const clients = StickyTasks.assign(question, {
    hasMoreRoom,
    mustPreserve: false,
    optimizerOf: (states) => RackAware.optimizerOf([...states].sort(byId), question, defaultCosts)
  })
  return { clients, isProbingNeeded: false }
}
