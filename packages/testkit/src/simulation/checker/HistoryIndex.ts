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
 * What is known of one value of a topic.
 *
 * @since 0.1.0
 */
export interface Known {
  readonly value: string
  /** Which of the values of all topics it is, from 0 on. */
  readonly number: number
  /** Who wrote it last; more than one writer is an anomaly. */
  writer: Writer | undefined
  /** Which of the transactions of the history the writer is; -1 if it is none. */
  transaction: number
  /** Where it was first found in the end, and where else; more than one place is an anomaly. */
  place: Placed | undefined
  morePlaces: Array<Placed> | undefined
}

/** Offsets for each record up to which a table of all offsets is kept. */
const offsetsPerRecordMax = 16

/**
 * A partition as it is in the end, in the order of offsets.
 *
 * @since 0.1.0
 */
export class PartitionEnd {
  readonly topic: string
  readonly partition: number
  readonly records: ReadonlyArray<Placed>
  /** The offsets of the records. */
  readonly offsets: ReadonlyArray<number>
  /** What is known of the values of the records. */
  readonly values: ReadonlyArray<Known>
  /** By how many an offset is larger than the first: which of the records it is, counted from 1. Empty if there are too many. */
  readonly #table: Int32Array

  constructor(topic: string, partition: number, found: ReadonlyArray<readonly [record: Placed, known: Known]>) {
    const sorted = found.toSorted(([left], [right]) => left.offset - right.offset)
    this.topic = topic
    this.partition = partition
    this.records = sorted.map(([record]) => record)
    this.values = sorted.map(([, known]) => known)
    this.offsets = this.records.map(({ offset }) => offset)
    const span = sorted.length === 0 ? 0 : this.offsets.at(-1)! - this.offsets[0]! + 1
    this.#table = new Int32Array(span > sorted.length * offsetsPerRecordMax ? 0 : span)
    if (this.#table.length === 0) return
    for (const [number, offset] of this.offsets.entries()) this.#table[offset - this.offsets[0]!] = number + 1
  }

  /** Which record is at an offset, or -1. */
  #find(offset: number): number {
    if (this.#table.length > 0) return (this.#table[offset - this.offsets[0]!] ?? 0) - 1
    const number = countBelow(this.offsets, offset)
    return this.offsets[number] === offset ? number : -1
  }

  recordAt(offset: number): Placed | undefined {
    return this.records[this.#find(offset)]
  }

  /** What is known of the value at an offset. */
  at(offset: number): Known | undefined {
    return this.values[this.#find(offset)]
  }
}

/**
 * The values of one topic.
 *
 * @since 0.1.0
 */
export class TopicIndex {
  readonly topic: string
  readonly values = new Map<string, Known>()
  readonly partitions = new Map<number, PartitionEnd>()
  /** Whether somebody whom the history knows writes to the topic: of others, not each value is known. */
  isWritten = false

  constructor(topic: string) {
    this.topic = topic
  }

  /** What is known of a value that was seen at an offset. */
  seen(end: PartitionEnd | undefined, { offset, value }: Seen): Known | undefined {
    const known = end?.at(offset)
    return known?.value === value ? known : this.values.get(value)
  }

  /** The values that are there in the end, each once, by partition and offset. */
  *found(): Iterable<Known & { readonly place: Placed }> {
    for (const { records, values } of this.partitions.values()) {
      for (const [at, known] of values.entries()) {
        if (known.place === records[at]) yield known as Known & { readonly place: Placed }
      }
    }
  }
}

/**
 * The index.
 *
 * @since 0.1.0
 */
export class HistoryIndex {
  readonly topics = new Map<string, TopicIndex>()
  /** What was sent, in the order of the history. */
  readonly sent: ReadonlyArray<Known>
  /** What each transaction wrote, in the order of the history. */
  readonly writes: ReadonlyArray<ReadonlyArray<Known>>
  /** How many values there are. */
  size = 0

  constructor(history: History) {
    this.sent = history.sent.map((sent) => this.#addWriter(sent.topic, sent.value, sent, -1))
    this.writes = history.transactions.map((transacted, number) =>
      transacted.writes.map(({ topic, value }) => this.#addWriter(topic, value, transacted, number))
    )
    for (const [topic, partitions] of history.final) {
      for (const [partition, records] of partitions) this.#addPartition(this.#topic(topic), partition, records)
    }
  }

  #topic(topic: string): TopicIndex {
    const known = this.topics.get(topic)
    if (known !== undefined) return known
    const index = new TopicIndex(topic)
    this.topics.set(topic, index)
    return index
  }

  #known({ values }: TopicIndex, value: string): Known {
    const found = values.get(value)
    if (found !== undefined) return found
    const known: Known = {
      value,
      number: this.size++,
      writer: undefined,
      transaction: -1,
      place: undefined,
      morePlaces: undefined
    }
    values.set(value, known)
    return known
  }

  #addWriter(topic: string, value: string, writer: Writer, transaction: number): Known {
    const index = this.#topic(topic)
    const known = this.#known(index, value)
    index.isWritten = true
    known.writer = writer
    known.transaction = transaction
    return known
  }

  #addPartition(index: TopicIndex, partition: number, seen: ReadonlyArray<Seen>): void {
    const { partitions, topic } = index
    const found = seen.map(({ key, offset, value }): readonly [Placed, Known] => {
      const record: Placed = { kind: "record", topic, partition, offset, key, value }
      const known = this.#known(index, value)
      if (known.place === undefined) known.place = record
      else if (known.morePlaces === undefined) known.morePlaces = [record]
      else known.morePlaces.push(record)
      return [record, known]
    })
    partitions.set(partition, new PartitionEnd(topic, partition, found))
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
