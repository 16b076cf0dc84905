/**
 * One partition of a topic, and its place in order.
 *
 * Keeps true: keys are unique, and the order is that of Kafka (topic by UTF-16 unit, then number).
 *
 * @since 0.1.0
 */

/**
 * One partition of a topic.
 *
 * @since 0.1.0
 */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/**
 * A text that names the partition uniquely, for maps and messages.
 *
 * @since 0.1.0
 */
export const keyOf = (topic: string, partition: number): string => `${topic}-${partition}`

/**
 * Compares texts as Java does: by UTF-16 unit.
 *
 * @since 0.1.0
 */
export const compareText = (left: string, right: string): number => left < right ? -1 : left > right ? 1 : 0

/**
 * By topic, then by number.
 *
 * @since 0.1.0
 */
export const compare = (left: TopicPartition, right: TopicPartition): number =>
  compareText(left.topic, right.topic) || left.partition - right.partition

/**
 * Partitions of the same topic together, topics in the order of their first partition.
 *
 * @since 0.1.0
 */
export const groupByTopic = (partitions: Iterable<TopicPartition>): Map<string, Array<number>> => {
  const groups = new Map<string, Array<number>>()
  for (const { partition, topic } of partitions) {
    const group = groups.get(topic)
    if (group === undefined) groups.set(topic, [partition])
    else group.push(partition)
  }
  return groups
}
