/**
 * Where the keys of stores are: in which partition, and at which instance, as the group has told last.
 *
 * @since 0.1.0
 */
import { murmur2 } from "@millrace/core/hash/Murmur2"
import type * as Serde from "@millrace/core/serde/Serde"
import type { ResolvedTopology, SubTopology } from "@millrace/core/streams/ResolvedTopology"
import * as TopicPattern from "@millrace/core/streams/TopicPattern"
import type { HostPartitions } from "../assignment/StreamsProtocol.ts"
import type { GroupPlan } from "../GroupPlan.ts"
import type { Instance } from "../Instance.ts"

/**
 * The topics that a sub-topology reads, of those by pattern as many as are known.
 *
 * @since 0.1.0
 */
export const sourceTopicsOf = (
  { cluster: { metadata } }: Pick<Instance, "cluster">,
  { sourcePatterns, sourceTopics }: SubTopology
): ReadonlyArray<string> => [...sourceTopics, ...TopicPattern.matching(sourcePatterns, metadata.topics.keys())]

/**
 * How many partitions the stores of a sub-topology have; 0 if that is not known yet.
 *
 * @since 0.1.0
 */
export const partitionCountOf = (instance: Pick<Instance, "cluster">, subTopology: SubTopology): number => {
  const { topics } = instance.cluster.metadata
  const counts = sourceTopicsOf(instance, subTopology).map((topic) => topics.get(topic)?.partitions.length ?? 0)
  return Math.max(0, ...counts)
}

/**
 * How many bytes at the end of a key do not count where the stores of a sub-topology are: those of a windowed key's window,
 * unless the records come through a repartition topic, which is partitioned by all of the key.
 *
 * @since 0.1.0
 */
export const suffixBytesOf = (
  { nodes }: ResolvedTopology,
  { sourceTopics }: SubTopology,
  { partitionSuffixBytes }: Pick<Serde.Any, "partitionSuffixBytes">
): number => {
  const isByAll = nodes.some((node) =>
    node._tag === "Sink" && node.partitioner === undefined && node.byInnerKey !== true &&
    typeof node.topic === "string" && sourceTopics.includes(node.topic)
  )
  return isByAll ? 0 : partitionSuffixBytes
}

/**
 * The partition of a key among so many, as Kafka's default partitioner chooses it; its last `suffixBytes` do not count.
 *
 * @since 0.1.0
 */
export const partitionOf = (key: Uint8Array, suffixBytes: number, count: number): number =>
  (murmur2(key.subarray(0, key.length - suffixBytes)) & 0x7fffffff) % count

/**
 * Whether the author has chosen the partitions of a repartition topic that a sub-topology reads: a key of its stores may then
 * be in any.
 *
 * @since 0.1.0
 */
export const hasPartitioner = ({ nodes }: ResolvedTopology, { sourceTopics }: SubTopology): boolean =>
  nodes.some((node) =>
    node._tag === "Sink" && node.partitioner !== undefined && typeof node.topic === "string" &&
    sourceTopics.includes(node.topic)
  )

/**
 * The plan of a thread that was told where others can be asked; undefined before one was.
 *
 * @since 0.1.0
 */
export const planOf = ({ threads }: Pick<Instance, "threads">): GroupPlan | undefined =>
  threads().find(({ plan }) => plan.activeByHost.length > 0)?.plan

/**
 * Those of the instances that have a partition of a sub-topology's topics.
 *
 * @since 0.1.0
 */
export const having = (
  hosts: ReadonlyArray<HostPartitions>,
  sources: ReadonlyArray<string>,
  partition: number
): ReadonlyArray<HostPartitions> =>
  hosts.filter(({ partitions }) =>
    partitions.some((each) => each.partition === partition && sources.includes(each.topic))
  )
