/**
 * What the threads of an instance are doing, and how far their tasks are (Kafka's `ThreadMetadata` and `TaskMetadata`).
 *
 * @since 0.1.0
 */
import { keyOf, type TopicPartition } from "../../cluster/TopicPartition.ts"
import type { Instance } from "./Instance.ts"
import type { StreamThread } from "./StreamThread.ts"
import type { ManagedTask } from "./TaskManager.ts"

/**
 * A task that runs here. Offsets are by partition (`topic-0`), as far as they are known.
 *
 * @since 0.1.0
 */
export interface TaskMetadata {
  readonly taskId: string
  readonly topicPartitions: ReadonlyArray<TopicPartition>
  /** What this instance has committed. */
  readonly committedOffsets: ReadonlyMap<string, number>
  /** Where the partitions end at the broker, as the last fetch told. */
  readonly endOffsets: ReadonlyMap<string, number>
  /** Since when the task waits for partitions that have nothing (milliseconds since 1970); undefined: it does not. */
  readonly timeCurrentIdlingStarted: number | undefined
}

/**
 * A thread of work: the ids of its tasks, and the tasks that run.
 *
 * @since 0.1.0
 */
export interface ThreadMetadata {
  readonly name: string
  readonly state: string
  /** What brokers know its consumers and producers by: those of an instance share their connections. */
  readonly clientId: string
  readonly activeTasks: ReadonlyArray<string>
  readonly standbyTasks: ReadonlyArray<string>
  readonly tasks: ReadonlyArray<TaskMetadata>
}

/**
 * The threads of an instance.
 *
 * @since 0.1.0
 */
export const ofThreads = (instance: Instance): ReadonlyArray<ThreadMetadata> =>
  instance.threads().map((thread) => ({
    name: thread.name,
    state: thread.status.state,
    clientId: `${instance.settings.applicationId}-${instance.processId()}`,
    activeTasks: [...thread.tasks.tasks.keys()].sort(),
    standbyTasks: [...thread.tasks.standbys.keys()].sort(),
    tasks: [...thread.tasks.tasks.values()]
      .sort((a, b) => a.id < b.id ? -1 : 1)
      .map((managed) => ofTask(thread, managed))
  }))

const ofTask = ({ consumer, tasks }: StreamThread, { id, partitions, task }: ManagedTask): TaskMetadata => {
  const committedOffsets = new Map<string, number>()
  const endOffsets = new Map<string, number>()
  for (const each of partitions) {
    const key = keyOf(each.topic, each.partition)
    const committed = tasks.committedOffset(each)
    const end = consumer.watermarks(each)?.highWatermark
    if (committed !== undefined) committedOffsets.set(key, committed)
    if (end !== undefined) endOffsets.set(key, end)
  }
  const topicPartitions = partitions.map(({ partition, topic }) => ({ topic, partition }))
  return { taskId: id, topicPartitions, committedOffsets, endOffsets, timeCurrentIdlingStarted: task.group.idleSince }
}
