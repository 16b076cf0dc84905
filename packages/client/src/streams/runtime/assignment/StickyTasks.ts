/**
 * The search that Kafka Streams' sticky assignors have in common: tasks stay where they are as far as threads allow; the
 * others go to who has had them as standbys, else to the least loaded, rather not twice the same two tasks together.
 *
 * Keeps true: every task has one active; a task is at most once on a client; ties go to the client that comes first.
 * Leaves to others: which client has more room (`Sticky`, `LegacySticky`), racks (`RackAware`).
 *
 * @since 0.1.0
 */
import { ClientState, compareTasks } from "./ClientState.ts"
import type * as RackAware from "./RackAware.ts"
import type { Question } from "./TaskAssignor.ts"

/**
 * Whether the first client can take more than the second.
 *
 * @since 0.1.0
 */
export type HasMoreRoom = (client: ClientState, other: ClientState) => boolean

/**
 * What sets the sticky assignors apart. `mustPreserve`: active tasks that run stay, whatever the load.
 *
 * @since 0.1.0
 */
export interface Flavour {
  readonly hasMoreRoom: HasMoreRoom
  readonly mustPreserve: boolean
  readonly optimizerOf: (clients: ReadonlyArray<ClientState>) => RackAware.Optimizer | undefined
}

/**
 * Assigns all tasks. Clients and tasks count in the order in which they are given, as in Kafka.
 *
 * @since 0.1.0
 */
export const assign = (question: Question, flavour: Flavour): ReadonlyArray<ClientState> => {
  const { configs: { numStandbyReplicas }, statefulTasks, tasks } = question
  const clients = question.clients.map((client) => new ClientState(client))
  if (clients.length === 0) return clients
  const search = new Search(clients, tasks.length, flavour.hasMoreRoom)
  const racks = flavour.optimizerOf(clients)
  const sorted = [...tasks].sort(compareTasks)
  search.assignActive(tasks, flavour.mustPreserve)
  racks?.stateful(sorted.filter((task) => statefulTasks.has(task)))
  racks?.stateless(sorted.filter((task) => !statefulTasks.has(task)))
  search.assignStandby(tasks.filter((task) => statefulTasks.has(task)), numStandbyReplicas)
  if (numStandbyReplicas > 0) racks?.standby(() => true)
  return clients
}

/** A search over clients without tasks. */
class Search {
  private readonly clients: ReadonlyArray<ClientState>
  private readonly hasMoreRoom: HasMoreRoom
  private readonly pairs: TaskPairs
  private readonly previousActive = new Map<string, ClientState>()
  private readonly previousStandby = new Map<string, Set<ClientState>>()

  constructor(clients: ReadonlyArray<ClientState>, taskCount: number, hasMoreRoom: HasMoreRoom) {
    this.clients = clients
    this.hasMoreRoom = hasMoreRoom
    this.pairs = new TaskPairs(taskCount)
    for (const state of clients) {
      for (const task of state.client.previousActive) this.previousActive.set(task, state)
      for (const task of state.client.previousStandby) {
        const holders = this.previousStandby.get(task) ?? new Set()
        this.previousStandby.set(task, holders.add(state))
      }
    }
  }

  /** Assigns active tasks; `mustPreserve`: those that run stay, whatever the load. */
  assignActive(tasks: ReadonlyArray<string>, mustPreserve: boolean): void {
    const threads = this.clients.reduce((sum, { client }) => sum + client.threads, 0)
    const tasksPerThread = Math.floor(tasks.length / threads)
    const hasRoom = ({ active, client }: ClientState) => active.size < client.threads * tasksPerThread
    const unassigned = new Set(tasks)
    for (const [task, state] of this.previousActive) {
      if (!unassigned.has(task) || !(mustPreserve || hasRoom(state))) continue
      this.give(task, state, "active")
      unassigned.delete(task)
    }
    for (const task of unassigned) {
      const state = [...this.previousStandby.get(task) ?? []].find(hasRoom)
      if (state === undefined) continue
      this.give(task, state, "active")
      unassigned.delete(task)
    }
    for (const task of [...unassigned].sort(compareTasks)) this.give(task, this.best(task, this.clients), "active")
  }

  /** Assigns copies of stateful tasks, as many as there are clients for. */
  assignStandby(tasks: ReadonlyArray<string>, copies: number): void {
    for (const task of tasks) {
      for (let copy = 0; copy < copies; copy++) {
        const free = this.clients.filter((state) => !state.has(task))
        if (free.length === 0) break
        this.give(task, this.best(task, free), "standby")
      }
    }
  }

  private give(task: string, state: ClientState, kind: "active" | "standby"): void {
    this.pairs.add(task, state)
    state[kind].add(task)
  }

  private best(task: string, within: ReadonlyArray<ClientState>): ClientState {
    if (within.length === 1) return within[0]!
    const previous = this.previousActive.get(task)
    const held = previous !== undefined && within.includes(previous) ? previous : this.bestStandby(task, within)
    if (held === undefined) return this.leastLoaded(task, within)!
    if (!this.isOverloaded(held)) return held
    const standby = this.bestStandby(task, within)
    return standby === undefined || this.isOverloaded(standby) ? this.leastLoaded(task, within)! : standby
  }

  private bestStandby(task: string, within: ReadonlyArray<ClientState>): ClientState | undefined {
    return this.leastLoaded(task, [...this.previousStandby.get(task) ?? []].filter((state) => within.includes(state)))
  }

  private isOverloaded(state: ClientState): boolean {
    return state.count >= state.client.threads && this.clients.some((other) => this.hasMoreRoom(other, state))
  }

  /** Clients on which the task would meet one that it has not been with yet come first. */
  private leastLoaded(task: string, within: ReadonlyArray<ClientState>): ClientState | undefined {
    return this.least(within, (state) => this.pairs.wouldBeNew(task, state)) ?? this.least(within, () => true)
  }

  private least(
    within: ReadonlyArray<ClientState>,
    isEligible: (state: ClientState) => boolean
  ): ClientState | undefined {
    let least: ClientState | undefined
    for (const state of within) {
      if (state.count === 0) return state
      if ((least === undefined || this.hasMoreRoom(state, least)) && isEligible(state)) least = state
    }
    return least
  }
}

/** Which tasks have been put on the same client; no more pairs than there are. */
class TaskPairs {
  private readonly pairs = new Set<string>()
  private readonly count: number

  constructor(taskCount: number) {
    this.count = taskCount * (taskCount - 1) / 2
  }

  wouldBeNew(task: string, state: ClientState): boolean {
    if (this.pairs.size === this.count) return false
    for (const other of [...state.active, ...state.standby]) if (!this.pairs.has(pairOf(task, other))) return true
    return false
  }

  add(task: string, state: ClientState): void {
    for (const other of [...state.active, ...state.standby]) this.pairs.add(pairOf(task, other))
  }
}

const pairOf = (task: string, other: string): string => task < other ? `${task} ${other}` : `${other} ${task}`
