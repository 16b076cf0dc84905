/**
 * How far into its inputs something has come: by topic and partition, the offset of the last record that is in it (Kafka's
 * `Position`). A producer's results make one, a query answers with one, and asks for one as its bound.
 *
 * Keeps true: positions never change; of two offsets of one partition the larger counts.
 *
 * @since 0.1.0
 */
import { keyOf, type TopicPartition } from "../cluster/TopicPartition.ts"

/**
 * The position: topic → partition → offset.
 *
 * @since 0.1.0
 */
export type Position = ReadonlyMap<string, ReadonlyMap<number, number>>

/**
 * A record's place; what a producer gives for a record that was written is one.
 *
 * @since 0.1.0
 */
export interface Component extends TopicPartition {
  readonly offset: number
}

/**
 * Nothing is known to be in it.
 *
 * @since 0.1.0
 */
export const empty: Position = new Map()

/**
 * The position that has all these records, such as those that a producer has just written.
 *
 * @since 0.1.0
 */
export const of = (...records: ReadonlyArray<Component>): Position => fromComponents(records)

/**
 * The position that has all these records.
 *
 * @since 0.1.0
 */
export const fromComponents = (records: Iterable<Component>): Position => {
  const position = new Map<string, Map<number, number>>()
  for (const { offset, partition, topic } of records) {
    const offsets = position.get(topic) ?? new Map<number, number>()
    position.set(topic, offsets.set(partition, Math.max(offset, offsets.get(partition) ?? offset)))
  }
  return position
}

/**
 * The offsets of a position, one by one.
 *
 * @since 0.1.0
 */
export function* components(self: Position): Generator<Component> {
  for (const [topic, offsets] of self) for (const [partition, offset] of offsets) yield { topic, partition, offset }
}

/**
 * The position that has what any of these has.
 *
 * @since 0.1.0
 */
export const merge = (...positions: ReadonlyArray<Position>): Position =>
  fromComponents(positions.flatMap((position) => [...components(position)]))

/**
 * What a position says of some topics.
 *
 * @since 0.1.0
 */
export const ofTopics = (self: Position, topics: Iterable<string>): Position => {
  const wanted = new Set(topics)
  return new Map([...self].filter(([topic]) => wanted.has(topic)))
}

/**
 * The offset of the last record of a partition that is in it; undefined if none is known to be.
 *
 * @since 0.1.0
 */
export const offsetOf = (self: Position, topic: string, partition: number): number | undefined =>
  self.get(topic)?.get(partition)

/**
 * Whether all that `bound` asks for is in it; with `partition`, all that it asks for of partitions of that number.
 *
 * @since 0.1.0
 */
export const covers = (self: Position, bound: Position, partition?: number): boolean => {
  for (const [topic, offsets] of bound) {
    for (const [number, offset] of offsets) {
      if (partition !== undefined && number !== partition) continue
      if ((offsetOf(self, topic, number) ?? -1) < offset) return false
    }
  }
  return true
}

/**
 * Prints a position for people.
 *
 * @since 0.1.0
 */
export const format = (self: Position): string => {
  const offsets = [...components(self)].map(({ offset, partition, topic }) => `${keyOf(topic, partition)}: ${offset}`)
  return `{${offsets.sort().join(", ")}}`
}
