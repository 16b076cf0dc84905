/**
 * A history, looked up by value and by place: what all checks share, built once in one pass.
 *
 * Keeps true: nothing is decided here; a value that lies in several places keeps all of them.
 *
 * @since 0.1.0
 */
import type { History, Placed, Seen, Sent, Transacted } from "../History.ts"

/**
 * Who wrote a value.
 *
 * @since 0.1.0
 */
export type Writer = Sent | Transacted

/**
 * A partition as it is in the end, in the order of offsets.
 *
 * @since 0.1.0
 */
export interface PartitionEnd {
  readonly topic: string
  readonly partition: number
  readonly records: ReadonlyArray<Placed>
  /** The offsets of the records. */
  readonly offsets: ReadonlyArray<number>
}

/**
 * The places and writers of the values of one topic. Only the first place or writer of a value stands in the maps; more of
 * them, which is an anomaly, stand in the lists.
 *
 * @since 0.1.0
 */
export interface TopicIndex {
  readonly topic: string
  readonly places: Map<string, Placed>
  readonly partitions: Map<number, PartitionEnd>
  readonly morePlaces: Map<string, Array<Placed>>
  readonly writers: Map<string, Writer>
}

/**
 * The index.
 *
 * @since 0.1.0
 */
export class HistoryIndex {
  readonly topics = new Map<string, TopicIndex>()

  constructor(history: History) {
    for (const sent of history.sent) this.#topic(sent.topic).writers.set(sent.value, sent)
    for (const transacted of history.transactions) {
      for (const { topic, value } of transacted.writes) this.#topic(topic).writers.set(value, transacted)
    }
    for (const [topic, partitions] of history.final) {
      for (const [partition, records] of partitions) this.#addPartition(this.#topic(topic), partition, records)
    }
  }

  #topic(topic: string): TopicIndex {
    const known = this.topics.get(topic)
    if (known !== undefined) return known
    const index: TopicIndex = {
      topic,
      places: new Map(),
      partitions: new Map(),
      morePlaces: new Map(),
      writers: new Map()
    }
    this.topics.set(topic, index)
    return index
  }

  #addPartition(index: TopicIndex, partition: number, seen: ReadonlyArray<Seen>): void {
    const { morePlaces, partitions, places, topic } = index
    const records = seen.map(({ key, offset, value }): Placed => ({
      kind: "record",
      topic,
      partition,
      offset,
      key,
      value
    }))
    for (const record of records) {
      const first = places.get(record.value)
      const more = morePlaces.get(record.value)
      if (first === undefined) places.set(record.value, record)
      else if (more === undefined) morePlaces.set(record.value, [record])
      else more.push(record)
    }
    records.sort((left, right) => left.offset - right.offset)
    partitions.set(partition, { topic, partition, records, offsets: records.map(({ offset }) => offset) })
  }

  /** Where a value lies in the end. */
  placeOf(topic: string, value: string): Placed | undefined {
    return this.topics.get(topic)?.places.get(value)
  }

  /** Who wrote a value. */
  writerOf(topic: string, value: string): Writer | undefined {
    return this.topics.get(topic)?.writers.get(value)
  }

  /** Whether somebody whom the history knows writes to the topic: of others, not each value is known. */
  isWritten(topic: string): boolean {
    return (this.topics.get(topic)?.writers.size ?? 0) > 0
  }

  partitionOf(topic: string, partition: number): PartitionEnd | undefined {
    return this.topics.get(topic)?.partitions.get(partition)
  }
}

/**
 * A place as a person reads it: partition@offset.
 *
 * @since 0.1.0
 */
export const show = ({ offset, partition }: { readonly partition: number; readonly offset: number }): string =>
  `${partition}@${offset}`

/**
 * How many of these ascending numbers are smaller than `limit`.
 *
 * @since 0.1.0
 */
export const countBelow = (ascending: ReadonlyArray<number>, limit: number): number => {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle]! < limit) low = middle + 1
    else high = middle
  }
  return low
}
