/**
 * Kafka Streams' public sticky task assignor (`StickyTaskAssignor`, KIP-924): tasks stay where they are as far as threads
 * allow, whatever their lags.
 *
 * Keeps true: as in `StickyTasks`; racks are minded only if both of their costs are configured, as in Kafka, and active tasks
 * are weighed by their changelogs, too.
 * Leaves to others: the search (`StickyTasks`), lags, and moving (`StreamsAssignor`).
 *
 * @since 0.1.0
 */
import type { ClientState } from "./ClientState.ts"
import * as RackAware from "./RackAware.ts"
import * as StickyTasks from "./StickyTasks.ts"
import type { Question, TaskAssignor, TaskPartition } from "./TaskAssignor.ts"

/**
 * Assigns all tasks.
 *
 * @since 0.1.0
 */
export const assign: TaskAssignor = (question) => {
  const clients = StickyTasks.assign(question, {
    hasMoreRoom: (state, other) => state.load < other.load,
    mustPreserve: false,
    optimizerOf: (states) => optimizerOf(states, question)
  })
  return { clients, isProbingNeeded: false }
}

/** Kafka's public utilities optimise each kind for itself, where the racks of its partitions are known. */
const optimizerOf = (clients: ReadonlyArray<ClientState>, question: Question): RackAware.Optimizer | undefined => {
  const { configs, partitions, tasks } = question
  const { rackAwareAssignmentNonOverlapCost: nonOverlap, rackAwareAssignmentStrategy: strategy } = configs
  const traffic = configs.rackAwareAssignmentTrafficCost
  if (strategy === "none" || partitions === undefined || traffic === undefined || nonOverlap === undefined) {
    return undefined
  }
  const all = (task: string): ReadonlyArray<TaskPartition> => partitions.get(task) ?? []
  const changelogs = (task: string) => all(task).filter((each) => each.isChangelog)
  const active = (given: ReadonlyArray<string>, costs: RackAware.Costs) => {
    if (!RackAware.areRacksKnown(clients, tasks.flatMap(all))) return
    RackAware.optimizeActive(given, { clients, partitionsOf: all, strategy, costs })
  }
  const costs = { traffic, nonOverlap }
  return {
    stateful: (given) => active(given, costs),
    stateless: (given) => active(given, RackAware.statelessCosts),
    standby: (mayMove) => {
      if (!RackAware.areRacksKnown(clients, tasks.flatMap(changelogs))) return
      RackAware.optimizeStandby({ clients, partitionsOf: changelogs, strategy, costs }, mayMove)
    }
  }
}
