/**
 * What is asked of a task assignor, and what it answers.
 *
 * Keeps true: an answer has every task once as an active one; the assignors are pure functions.
 * Leaves to others: lags, racks, and moving (`StreamsAssignor`).
 *
 * @since 0.1.0
 */
import type { Client, ClientState, Configs } from "./ClientState.ts"

/**
 * A partition that a task reads (`isSource`) or keeps its state in (`isChangelog`), and the racks of its replicas: none if
 * one of them is not known.
 *
 * @since 0.1.0
 */
export interface TaskPartition {
  readonly racks: ReadonlySet<string>
  readonly isSource: boolean
  readonly isChangelog: boolean
}

/**
 * What is asked: ids of all tasks, which of them are stateful, and the processes; `partitions` by task, if it is known where
 * they are.
 *
 * @since 0.1.0
 */
export interface Question {
  readonly clients: ReadonlyArray<Client>
  readonly tasks: ReadonlyArray<string>
  readonly statefulTasks: ReadonlySet<string>
  readonly partitions?: ReadonlyMap<string, ReadonlyArray<TaskPartition>> | undefined
  readonly configs: Configs
}

/**
 * The answer. `isProbingNeeded`: some tasks are not where they should be in the end, so ask again after a while.
 *
 * @since 0.1.0
 */
export interface Answer {
  readonly clients: ReadonlyArray<ClientState>
  readonly isProbingNeeded: boolean
}

/**
 * Assigns all tasks to clients.
 *
 * @since 0.1.0
 */
export type TaskAssignor = (question: Question) => Answer
