/**
 * In which racks the replicas of a partition are, as far as brokers say.
 *
 * Leaves to others: what rack an instance is in (the consumer's `clientRack`), who minds racks (`assignment/RackAware`).
 *
 * @since 0.1.0
 */
import type { ClusterMetadata } from "../../cluster/ClusterMetadata.ts"
import type { TopicPartition } from "../../cluster/TopicPartition.ts"

/**
 * Tells the racks of a partition; none if any of its replicas is in a rack that is not known.
 *
 * @since 0.1.0
 */
export type RacksOf = (partition: TopicPartition) => ReadonlySet<string>

/**
 * The racks by what is known of the cluster now.
 *
 * @since 0.1.0
 */
export const of = ({ nodes, topics }: ClusterMetadata): RacksOf => ({ partition, topic }) => {
  const replicas = topics.get(topic)?.partitions[partition]?.replicas ?? []
  const racks = new Set<string>()
  for (const id of replicas) {
    const rack = nodes.get(id)?.rack ?? null
    if (rack === null) return new Set()
    racks.add(rack)
  }
  return racks
}
