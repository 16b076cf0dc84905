/**
 * What an assignment of tasks knows of the processes of a group, and what it has given them so far.
 *
 * Keeps true: a task is at most once on a process, active or standby; processes are ordered as Kafka orders their ids (UUIDs,
 * both halves signed), tasks by sub-topology and partition.
 * Leaves to others: who gets what (`HighAvailability`, `Sticky`, `StandbyTasks`).
 *
 * @since 0.1.0
 */

/**
 * The lag of a task that runs where it is asked for.
 *
 * @since 0.1.0
 */
export const latestOffset = -2

/**
 * A lag that nobody knows.
 *
 * @since 0.1.0
 */
export const unknownOffset = -3

/**
 * A process of the group. `threads`: how many tasks it can run at a time; `lags`: by stateful task, the records by which
 * its state is behind (`latestOffset`: it runs there); `tags`: by name, where it runs; `rack`: undefined if nobody knows;
 * `previousActive`, `previousStandby`: the tasks that it has had until now.
 *
 * @since 0.1.0
 */
export interface Client {
  readonly processId: string
  readonly threads: number
  readonly lags: ReadonlyMap<string, number>
  readonly tags: ReadonlyMap<string, string>
  readonly rack: string | undefined
  readonly previousActive: ReadonlyArray<string>
  readonly previousStandby: ReadonlyArray<string>
}

/**
 * How racks are minded: not at all; as little traffic between racks as can be; the same, with each sub-topology spread over
 * the processes.
 *
 * @since 0.1.0
 */
export type RackAwareAssignmentStrategy = "none" | "min_traffic" | "balance_subtopology"

/**
 * How tasks are to be assigned; names as Kafka's. Costs that are undefined are the assignor's own.
 *
 * @since 0.1.0
 */
export interface Configs {
  readonly acceptableRecoveryLag: number
  readonly maxWarmupReplicas: number
  readonly numStandbyReplicas: number
  readonly rackAwareAssignmentTags: ReadonlyArray<string>
  readonly rackAwareAssignmentStrategy: RackAwareAssignmentStrategy
  readonly rackAwareAssignmentTrafficCost: number | undefined
  readonly rackAwareAssignmentNonOverlapCost: number | undefined
}

const partsOf = (taskId: string): readonly [number, number] => {
  const at = taskId.indexOf("_")
  return [Number(taskId.slice(0, at)), Number(taskId.slice(at + 1))]
}

/**
 * The sub-topology of a task.
 *
 * @since 0.1.0
 */
export const subTopologyOf = (taskId: string): number => partsOf(taskId)[0]

/**
 * The order of task ids: by sub-topology, then by partition.
 *
 * @since 0.1.0
 */
export const compareTasks = (a: string, b: string): number => {
  const [left, leftPartition] = partsOf(a)
  const [right, rightPartition] = partsOf(b)
  return left - right || leftPartition - rightPartition
}

const signedHalves = (uuid: string): readonly [bigint, bigint] => {
  const hex = uuid.replaceAll("-", "")
  return [BigInt.asIntN(64, BigInt(`0x${hex.slice(0, 16)}`)), BigInt.asIntN(64, BigInt(`0x${hex.slice(16)}`))]
}

/**
 * The order of process ids: that of `java.util.UUID`.
 *
 * @since 0.1.0
 */
export const compareProcessIds = (a: string, b: string): number => {
  const [high, low] = signedHalves(a)
  const [otherHigh, otherLow] = signedHalves(b)
  if (high !== otherHigh) return high < otherHigh ? -1 : 1
  return low === otherLow ? 0 : low < otherLow ? -1 : 1
}

/**
 * A process, and its tasks in the assignment that is being made.
 *
 * @since 0.1.0
 */
export class ClientState {
  readonly client: Client
  readonly active = new Set<string>()
  readonly standby = new Set<string>()

  constructor(client: Client) {
    this.client = client
  }

  has(task: string): boolean {
    return this.active.has(task) || this.standby.has(task)
  }

  get count(): number {
    return this.active.size + this.standby.size
  }

  /** Tasks per thread. */
  get load(): number {
    return this.count / this.client.threads
  }

  /** Active tasks per thread. */
  get activeLoad(): number {
    return this.active.size / this.client.threads
  }

  /** By how much its state of a stateful task is behind. */
  lagOf(task: string): number {
    return this.client.lags.get(task) ?? unknownOffset
  }
}

/**
 * The states of clients without tasks, in the order of their ids.
 *
 * @since 0.1.0
 */
export const statesOf = (clients: ReadonlyArray<Client>): ReadonlyArray<ClientState> =>
  [...clients].sort((a, b) => compareProcessIds(a.processId, b.processId)).map((client) => new ClientState(client))

/**
 * The client of the least load that may have the task; equal ones in the order of their ids.
 *
 * @since 0.1.0
 */
export const leastLoaded = (
  states: ReadonlyArray<ClientState>,
  loadOf: (state: ClientState) => number,
  isEligible: (state: ClientState) => boolean
): ClientState | undefined => {
  let least: ClientState | undefined
  for (const state of states) {
    if ((least === undefined || loadOf(state) < loadOf(least)) && isEligible(state)) least = state
  }
  return least
}

/**
 * Moves tasks from clients with more per thread to clients with less, as long as that makes the difference smaller.
 *
 * @since 0.1.0
 */
export const balanceOverThreads = (
  states: ReadonlyArray<ClientState>,
  kind: "active" | "standby",
  mayMove: (source: ClientState, destination: ClientState) => boolean
): void => {
  let isBalanced = false
  while (!isBalanced) {
    isBalanced = true
    for (const source of states) {
      for (const destination of states) {
        if (source === destination) continue
        for (const task of [...source[kind]].sort(compareTasks)) {
          if (!improves(source, destination)) break
          if (destination.has(task) || !mayMove(source, destination)) continue
          source[kind].delete(task)
          destination[kind].add(task)
          isBalanced = false
        }
      }
    }
  }
}

/** Whether one task fewer here and one more there is better, and not only the other way round. */
const improves = (source: ClientState, destination: ClientState): boolean => {
  const skew = source.load - destination.load
  if (skew <= 0) return false
  const skewAfter = (source.count - 1) / source.client.threads - (destination.count + 1) / destination.client.threads
  return skewAfter >= 0 && skewAfter < skew
}
