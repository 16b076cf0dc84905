/**
 * Task assignors of an app's own (KIP-924): what they answer is checked before anybody goes by it.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import { ClientState } from "./ClientState.ts"
import type { Answer, Question, TaskAssignor } from "./TaskAssignor.ts"

/**
 * The tasks of a process, by id. Standbys are of stateful tasks that are not active there.
 *
 * @since 0.1.0
 */
export interface ProcessTasks {
  readonly active: Iterable<string>
  readonly standby?: Iterable<string> | undefined
}

/**
 * Which process has which tasks, by process id: every task is active once. `isFollowupNeeded`: ask again after the app's
 * `probingRebalanceInterval`.
 *
 * @since 0.1.0
 */
export interface Assignment {
  readonly processes: ReadonlyMap<string, ProcessTasks>
  readonly isFollowupNeeded?: boolean | undefined
}

/**
 * Gives the tasks of an app to its processes. Asked at once, in the instance that leads the group, at each rebalance.
 *
 * @since 0.1.0
 */
export type CustomAssignor = (question: Question) => Assignment

/**
 * An assignor has failed, or answered what cannot be.
 *
 * @since 0.1.0
 */
export class InvalidAssignment extends Data.TaggedError("InvalidAssignment")<{
  readonly reason: "Failed" | "UnknownProcess" | "UnknownTask" | "ActiveTwice" | "NotActive" | "InvalidStandby"
  readonly detail: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return this.detail
  }
}

/**
 * The assignor that asks one of the app's own; it throws `InvalidAssignment`.
 *
 * @since 0.1.0
 */
export const fromCustom = (assign: CustomAssignor): TaskAssignor => (question) =>
  checkedUnsafe(question, ask(assign, question))

const ask = (assign: CustomAssignor, question: Question): Assignment => {
  try {
    return assign(question)
  } catch (cause) {
    throw new InvalidAssignment({ reason: "Failed", detail: `it has thrown ${String(cause)}`, cause })
  }
}

const checkedUnsafe = (question: Question, { isFollowupNeeded = false, processes }: Assignment): Answer => {
  const { clients, statefulTasks, tasks } = question
  const refuse = (reason: InvalidAssignment["reason"], detail: string) => new InvalidAssignment({ reason, detail })
  const states = new Map(clients.map((client) => [client.processId, new ClientState(client)]))
  const known = new Set(tasks)
  const active = new Set<string>()
  for (const [processId, given] of processes) {
    const state = states.get(processId)
    if (state === undefined) throw refuse("UnknownProcess", `there is no process ${processId}`)
    for (const task of given.active) {
      if (!known.has(task)) throw refuse("UnknownTask", `there is no task ${task}`)
      if (active.has(task)) throw refuse("ActiveTwice", `task ${task} is active twice`)
      active.add(task)
      state.active.add(task)
    }
    for (const task of given.standby ?? []) {
      if (!known.has(task)) throw refuse("UnknownTask", `there is no task ${task}`)
      if (!statefulTasks.has(task)) throw refuse("InvalidStandby", `task ${task} has no state to stand by with`)
      if (state.active.has(task)) throw refuse("InvalidStandby", `task ${task} is active in the process of its standby`)
      state.standby.add(task)
    }
  }
  const left = tasks.filter((task) => !active.has(task))
  if (left.length > 0) throw refuse("NotActive", `nobody has ${left.join(", ")}`)
  return { clients: [...states.values()], isProbingNeeded: isFollowupNeeded }
}
