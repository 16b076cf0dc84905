/**
 * Kafka Streams' high-availability task assignor: tasks run where their state is nearly complete, while the processes that
 * balance wants them on catch up (KIP-441).
 *
 * Keeps true: every task has one active; an active stateful task is on a caught-up process if there is any, else on the one
 * that is the least behind; `maxWarmupReplicas` bounds the copies that only catch up; the answer depends on the question only.
 * Leaves to others: lags, and moving (`StreamsAssignor`).
 *
 * @since 0.1.0
 */
import {
  balanceOverThreads,
  type ClientState,
  compareTasks,
  type Configs,
  latestOffset,
  leastLoaded,
  statesOf
} from "./ClientState.ts"
import * as RackAware from "./RackAware.ts"
import * as StandbyTasks from "./StandbyTasks.ts"
import type { TaskAssignor } from "./TaskAssignor.ts"

/** What racks cost unless the configuration says otherwise: traffic counts for more. */
const defaultCosts: RackAware.Costs = { traffic: 10, nonOverlap: 1 }

/**
 * Assigns all tasks.
 *
 * @since 0.1.0
 */
export const assign: TaskAssignor = (question) => {
  const { configs, statefulTasks } = question
  const states = statesOf(question.clients)
  if (states.length === 0) return { clients: states, isProbingNeeded: false }
  const tasks = [...question.tasks].sort(compareTasks)
  const stateful = tasks.filter((task) => statefulTasks.has(task))
  const stateless = tasks.filter((task) => !statefulTasks.has(task))
  const racks = RackAware.optimizerOf(states, question, defaultCosts)
  stateful.forEach((task, index) => states[index % states.length]!.active.add(task))
  balanceOverThreads(states, "active", () => true)
  racks?.stateful(stateful)
  if (configs.numStandbyReplicas > 0) {
    StandbyTasks.assign(states, stateful, configs)
    balanceOverThreads(states, "standby", StandbyTasks.mayMove(configs))
    racks?.standby(StandbyTasks.keepsApart(states, configs))
  }
  const moves = new Moves(states, stateful, configs)
  const moved = moves.actives() + moves.standbys()
  for (const task of stateless) leastLoaded(states, (state) => state.activeLoad, () => true)!.active.add(task)
  racks?.stateless(stateless)
  return { clients: states, isProbingNeeded: moved > 0 }
}

interface Move {
  readonly task: string
  /** Where balance wants the task. */
  readonly destination: ClientState
}

const loadOf = (state: ClientState): number => state.load

/** Takes tasks back to where their state is, and lets the processes that shall have them warm up. */
class Moves {
  private readonly states: ReadonlyArray<ClientState>
  private readonly caughtUp = new Map<string, ReadonlySet<ClientState>>()
  private readonly byLag = new Map<string, ReadonlyArray<ClientState>>()
  private readonly warmups = new Map<ClientState, Set<string>>()
  private warmupsLeft: number

  constructor(states: ReadonlyArray<ClientState>, stateful: ReadonlyArray<string>, configs: Configs) {
    const { acceptableRecoveryLag: acceptable, maxWarmupReplicas } = configs
    this.states = states
    this.warmupsLeft = maxWarmupReplicas
    for (const task of stateful) {
      const isCaughtUp = (state: ClientState) => {
        const lag = state.lagOf(task)
        return lag === latestOffset || acceptable === Number.POSITIVE_INFINITY || (lag >= 0 && lag <= acceptable)
      }
      this.caughtUp.set(task, new Set(states.filter(isCaughtUp)))
      // the order of ids decides between equal lags: the sort is stable
      this.byLag.set(task, [...states].sort((a, b) => a.lagOf(task) - b.lagOf(task)))
    }
  }

  actives(): number {
    const moves = this.needed((state) => state.active)
    for (const { destination, task } of moves) {
      const source = this.ofCaughtUp(task, (state) => state.standby.has(task)) ??
        this.ofCaughtUp(task, () => true) ?? this.mostCaughtUp(task, destination, () => true)
      if (source === undefined) continue
      destination.active.delete(task)
      if (source.standby.delete(task)) destination.standby.add(task)
      else if (this.takeWarmup()) {
        destination.standby.add(task)
        const warmups = this.warmups.get(destination) ?? new Set()
        this.warmups.set(destination, warmups.add(task))
      }
      source.active.add(task)
    }
    return moves.length
  }

  standbys(): number {
    let moved = 0
    for (const { destination, task } of this.needed((state) => state.standby)) {
      const isFree = (state: ClientState) => !state.has(task)
      const source = this.ofCaughtUp(task, isFree) ?? this.mostCaughtUp(task, destination, isFree)
      if (source === undefined) continue
      source.standby.add(task)
      if (!this.takeWarmup()) destination.standby.delete(task)
      moved++
    }
    return moved
  }

  /** Tasks that others are better prepared for, those with the fewest such first. */
  private needed(tasksOf: (state: ClientState) => ReadonlySet<string>): ReadonlyArray<Move> {
    const moves: Array<Move> = []
    for (const destination of this.states) {
      for (const task of tasksOf(destination)) {
        const caughtUp = this.caughtUp.get(task)
        if (caughtUp === undefined || caughtUp.has(destination)) continue
        if (this.warmups.get(destination)?.has(task) === true) continue
        if (this.byLag.get(task)![0]!.lagOf(task) < destination.lagOf(task)) moves.push({ task, destination })
      }
    }
    const sizeOf = ({ task }: Move) => this.caughtUp.get(task)!.size
    return moves.sort((a, b) => sizeOf(a) - sizeOf(b) || compareTasks(a.task, b.task))
  }

  private ofCaughtUp(task: string, isEligible: (state: ClientState) => boolean): ClientState | undefined {
    const caughtUp = this.caughtUp.get(task)!
    return leastLoaded(this.states, loadOf, (state) => caughtUp.has(state) && isEligible(state))
  }

  private mostCaughtUp(
    task: string,
    destination: ClientState,
    isEligible: (state: ClientState) => boolean
  ): ClientState | undefined {
    for (const state of this.byLag.get(task)!) {
      if (state === destination) return undefined
      if (isEligible(state)) return state
    }
    return undefined
  }

  private takeWarmup(): boolean {
    return this.warmupsLeft-- > 0
  }
}
