/**
 * Moves assigned tasks to where the replicas of their partitions are, so that less is read from other racks (KIP-925).
 *
 * Keeps true: a client has as many tasks of a kind as before; what is moved is weighed against what less traffic brings
 * (`Costs`); the answers are those of Kafka Streams 4.3.
 * Leaves to others: the flow of least cost (`TaskGraph`), and when to optimise (the assignors).
 *
 * @since 0.1.0
 */
import { type ClientState, compareProcessIds, compareTasks, type Configs } from "./ClientState.ts"
import type { Question, TaskPartition } from "./TaskAssignor.ts"
import * as TaskGraph from "./TaskGraph.ts"

/**
 * What it costs to read a partition from another rack, and to have a task elsewhere than before.
 *
 * @since 0.1.0
 */
export interface Costs {
  readonly traffic: number
  readonly nonOverlap: number
}

/**
 * A task without state can move for nothing.
 *
 * @since 0.1.0
 */
export const statelessCosts: Costs = { traffic: 1, nonOverlap: 0 }

/**
 * What an optimisation goes by: `partitionsOf` tells which partitions of a task make traffic.
 *
 * @since 0.1.0
 */
export interface Rules {
  readonly clients: ReadonlyArray<ClientState>
  readonly partitionsOf: (task: string) => ReadonlyArray<TaskPartition>
  readonly strategy: TaskGraph.Strategy
  readonly costs: Costs
}

/**
 * Moves tasks of a kind, of those that are assigned; lists of tasks are sorted.
 *
 * @since 0.1.0
 */
export interface Optimizer {
  readonly stateful: (tasks: ReadonlyArray<string>) => void
  readonly stateless: (tasks: ReadonlyArray<string>) => void
  readonly standby: (mayMove: MayMove) => void
}

/**
 * Whether a standby may be moved from one client to another.
 *
 * @since 0.1.0
 */
export type MayMove = (source: ClientState, destination: ClientState, task: string) => boolean

/** Standbys are swapped between two clients at a time, in at most so many rounds. */
const roundsMax = 4

/**
 * Whether it is known in which racks all clients and all given partitions are.
 *
 * @since 0.1.0
 */
export const areRacksKnown = (
  clients: ReadonlyArray<ClientState>,
  partitions: ReadonlyArray<TaskPartition>
): boolean =>
  clients.every(({ client }) => client.rack !== undefined) && partitions.every(({ racks }) => racks.size > 0)

const costOf = ({ costs, partitionsOf }: Rules, kind: "active" | "standby") => (task: string, state: ClientState) => {
  let cost = state[kind].has(task) ? 0 : costs.nonOverlap
  for (const { racks } of partitionsOf(task)) if (!racks.has(state.client.rack ?? "")) cost += costs.traffic
  return cost
}

/**
 * Moves active tasks (sorted; every one is assigned).
 *
 * @since 0.1.0
 */
export const optimizeActive = (tasks: ReadonlyArray<string>, rules: Rules): void => {
  if (tasks.length === 0) return
  const { clients, strategy } = rules
  TaskGraph.redistribute({ tasks, clients, kind: "active", costOf: costOf(rules, "active") }, strategy)
}

/**
 * Swaps standbys between clients of different racks, where `mayMove` allows it.
 *
 * @since 0.1.0
 */
export const optimizeStandby = (rules: Rules, mayMove: MayMove): void => {
  const { clients, strategy } = rules
  const movable = (source: ClientState, destination: ClientState) =>
    [...source.standby].filter((task) => !destination.has(task) && mayMove(source, destination, task))
  let hasMoved = true
  for (let round = 0; hasMoved && round < roundsMax; round++) {
    hasMoved = false
    for (const [at, first] of clients.entries()) {
      for (const second of clients.slice(at + 1)) {
        if (first.client.rack === second.client.rack) continue
        const given = movable(first, second)
        const taken = movable(second, first)
        if (given.length === 0 || taken.length === 0) continue
        const problem: TaskGraph.Problem = {
          tasks: [...given, ...taken].sort(compareTasks),
          clients: [first, second].sort((a, b) => compareProcessIds(a.client.processId, b.client.processId)),
          kind: "standby",
          costOf: costOf(rules, "standby")
        }
        if (TaskGraph.redistribute(problem, strategy)) hasMoved = true
      }
    }
  }
}

/** What it costs, as far as the configuration says so. */
const costsOf = (configs: Configs, defaults: Costs): Costs => ({
  traffic: configs.rackAwareAssignmentTrafficCost ?? defaults.traffic,
  nonOverlap: configs.rackAwareAssignmentNonOverlapCost ?? defaults.nonOverlap
})

/**
 * How the assignors of Kafka Streams' own optimise: active tasks by what they read, standbys by their changelogs. Undefined if
 * racks are not to be minded, or not all known.
 *
 * @since 0.1.0
 */
export const optimizerOf = (
  clients: ReadonlyArray<ClientState>,
  { configs, partitions, tasks }: Question,
  defaults: Costs
): Optimizer | undefined => {
  const strategy = configs.rackAwareAssignmentStrategy
  if (strategy === "none" || partitions === undefined) return undefined
  const sources = (task: string) => (partitions.get(task) ?? []).filter((each) => each.isSource)
  const changelogs = (task: string) => (partitions.get(task) ?? []).filter((each) => each.isChangelog)
  if (!areRacksKnown(clients, tasks.flatMap(sources))) return undefined
  if (configs.numStandbyReplicas > 0 && !areRacksKnown(clients, tasks.flatMap(changelogs))) return undefined
  const costs = costsOf(configs, defaults)
  const active = { clients, partitionsOf: sources, strategy }
  return {
    stateful: (given) => optimizeActive(given, { ...active, costs }),
    stateless: (given) => optimizeActive(given, { ...active, costs: statelessCosts }),
    standby: (mayMove) =>
      optimizeStandby({ clients, partitionsOf: changelogs, strategy: "min_traffic", costs }, mayMove)
  }
}
