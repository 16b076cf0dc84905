/**
 * What metrics tell of a thread of work, and of the part of it that restores.
 *
 * @since 0.1.0
 */
import * as Definitions from "../../engine/metrics/Definitions.ts"
import type { Telling } from "../../engine/metrics/Metric.ts"
import type { StreamThread } from "../StreamThread.ts"
import type { State } from "../StreamsLoop.ts"

/** Kafka's names and numbers of what a thread is doing. */
const threadStates: Readonly<Record<State, readonly [name: string, ordinal: number]>> = {
  CREATED: ["CREATED", 0],
  REBALANCING: ["PARTITIONS_ASSIGNED", 3],
  RUNNING: ["RUNNING", 4],
  PENDING_SHUTDOWN: ["PENDING_SHUTDOWN", 5],
  NOT_RUNNING: ["DEAD", 6],
  ERROR: ["DEAD", 6]
}

/**
 * Tells of a thread, at the moment of the monotonic clock that `telling` is of and `wallMs` by the wall clock.
 *
 * @since 0.1.0
 */
export const tellThread = (telling: Telling, wallMs: number, processId: string, of: StreamThread): void => {
  const { measures, name, status, tasks } = of
  const { thread } = Definitions
  const { nowMs } = telling
  const tags = { "thread-id": name }
  measures.noteTasks(nowMs, tasks.created, tasks.closed)
  telling.tell(thread["commit-latency"], tags, measures.commit)
  telling.tell(thread.commit, tags, measures.commit)
  telling.tell(thread["commit-ratio"], tags, measures.ratio("commit", nowMs))
  telling.tell(thread["poll-latency"], tags, measures.poll)
  telling.tell(thread.poll, tags, measures.poll)
  telling.tell(thread["poll-records"], tags, measures.pollRecords)
  telling.tell(thread["poll-ratio"], tags, measures.ratio("poll", nowMs))
  telling.tell(thread["process-latency"], tags, measures.processLatency)
  telling.tell(thread.process, tags, measures.processRecords)
  telling.tell(thread["process-records"], tags, measures.processRecords)
  telling.tell(thread["process-ratio"], tags, measures.ratio("process", nowMs))
  telling.tell(thread["punctuate-latency"], tags, measures.punctuate)
  telling.tell(thread.punctuate, tags, measures.punctuate)
  telling.tell(thread["punctuate-ratio"], tags, measures.ratio("punctuate", nowMs))
  telling.tell(thread["task-created"], tags, measures.tasksCreated)
  telling.tell(thread["task-closed"], tags, measures.tasksClosed)
  telling.tell(thread["blocked-time-ns-total"], tags, measures.blockedNs)
  telling.tell(thread["thread-start-time"], tags, Math.round(wallMs - (nowMs - measures.startMs)))
  const [state, ordinal] = threadStates[status.state]
  telling.tell(thread.state, tags, state)
  telling.tell(thread["thread-state"], { ...tags, "process-id": processId }, ordinal)
}

/**
 * Tells of the part of a thread that restores stores and keeps standbys up to date.
 *
 * @since 0.1.0
 */
export const tellStateUpdater = (telling: Telling, { measures, name, status, tasks }: StreamThread): void => {
  const { stateUpdater } = Definitions
  const { nowMs } = telling
  const tags = { "thread-id": name.replace("StreamThread", "StateUpdater") }
  const restoring = [...tasks.tasks.values()].filter(({ state }) => state === "restoring").length
  const standbys = tasks.standbys.size
  const { isPaused } = status
  const active = measures.ratio("restore", nowMs)
  const standby = measures.ratio("update", nowMs)
  telling.tell(stateUpdater["active-restoring-tasks"], tags, isPaused ? 0 : restoring)
  telling.tell(stateUpdater["standby-updating-tasks"], tags, isPaused ? 0 : standbys)
  telling.tell(stateUpdater["active-paused-tasks"], tags, isPaused ? restoring : 0)
  telling.tell(stateUpdater["standby-paused-tasks"], tags, isPaused ? standbys : 0)
  telling.tell(stateUpdater["active-restore-ratio"], tags, active)
  telling.tell(stateUpdater["standby-update-ratio"], tags, standby)
  telling.tell(stateUpdater["idle-ratio"], tags, 1 - active - standby)
  telling.tell(stateUpdater["restore-records"], tags, measures.restoreCalls)
  telling.tell(stateUpdater["restore-call"], tags, measures.restoreCalls)
}
