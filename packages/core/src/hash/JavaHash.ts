/**
 * Java's `String.hashCode`, by which Kafka spreads groups, transactions and share partitions over coordinators.
 *
 * @since 0.1.0
 */

/**
 * The signed 32-bit hash of a string, over its UTF-16 code units.
 *
 * @since 0.1.0
 */
export const javaHash = (text: string): number => {
  let hash = 0
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0
  return hash
}

/**
 * The partition of an internal topic that holds `id` (a group, a transactional id, or `group:topicId:partition`).
 * The sign is dropped, not the sign bit, and -2^31 counts as 0.
 *
 * @since 0.1.0
 */
export const coordinatorPartition = (id: string, partitionCount: number): number => {
  const hash = javaHash(id)
  return hash === -0x80000000 ? 0 : Math.abs(hash) % partitionCount
}
