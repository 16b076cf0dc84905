/**
 * Which tasks a topology has on topics with given partition counts, and which partitions each reads.
 *
 * Keeps true: a sub-topology has as many tasks as its largest source topic has partitions; task n reads partition n of each
 * of its topics that has one.
 *
 * @since 0.1.0
 */
import type { ResolvedTopology } from "@millrace/core/streams/ResolvedTopology"
import * as TopicPattern from "@millrace/core/streams/TopicPattern"
import type { TopicPartition } from "../../cluster/TopicPartition.ts"

/**
 * A task by its id `<sub-topology>_<partition>`.
 *
 * @since 0.1.0
 */
export interface TaskDescription {
  readonly id: string
  readonly subTopology: number
  readonly partition: number
  readonly partitions: ReadonlyArray<TopicPartition>
  /** The partitions that hold its state; none if it has none that is logged. */
  readonly changelogs: ReadonlyArray<TopicPartition>
}

/**
 * All tasks, in the order of sub-topology and partition. Topics without a count are left out.
 *
 * @since 0.1.0
 */
export const tasksOf = (
  topology: ResolvedTopology,
  partitionCounts: ReadonlyMap<string, number>
): ReadonlyArray<TaskDescription> => {
  const tasks: Array<TaskDescription> = []
  for (
    const { id: subTopology, sourceTopics } of TopicPattern.resolve(topology, partitionCounts.keys()).subTopologies
  ) {
    const logs = topology.stores.flatMap(({ changelog, subTopology: of }) =>
      of === subTopology && changelog._tag !== "None" ? [changelog.topic] : []
    )
    const count = Math.max(0, ...sourceTopics.map((topic) => partitionCounts.get(topic) ?? 0))
    for (let partition = 0; partition < count; partition++) {
      const partitions = sourceTopics
        .filter((topic) => partition < (partitionCounts.get(topic) ?? 0))
        .map((topic) => ({ topic, partition }))
      tasks.push({
        id: `${subTopology}_${partition}`,
        subTopology,
        partition,
        partitions,
        changelogs: logs.map((topic) => ({ topic, partition }))
      })
    }
  }
  return tasks
}
