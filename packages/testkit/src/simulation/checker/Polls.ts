/**
 * What consumers were given: each reads on from where it was and leaves nothing out, and a group is given everything.
 *
 * @since 0.1.0
 */
import type { History, Operation, Polled, Seen, Transacted } from "../History.ts"
import * as Anomaly from "./Anomaly.ts"
import { countBelow, type HistoryIndex, type PartitionEnd, show } from "./HistoryIndex.ts"

/** How far somebody has read a partition, and when. */
interface Position {
  readonly offset: number
  readonly operation: Polled | Transacted
}

/**
 * `nonmonotonic-poll`: offsets that went back. `poll-skip`: records that were left out; with `isOver` false these are not
 * looked for. `int` within one poll, else between two of the same consumer.
 *
 * @since 0.1.0
 */
export const order = function*(history: History, index: HistoryIndex, isOver: boolean): Iterable<Anomaly.Anomaly> {
  const positions = new Map<string, Position>()
  for (const polled of history.polled) {
    const { consumer, partition, records, topic } = polled
    const key = `${consumer}/${topic}/${partition}`
    const where = `${consumer} on ${topic}-${partition}`
    const end = isOver ? index.partitionOf(topic, partition) : undefined
    let before = positions.get(key)
    for (const { offset } of records) {
      const anomaly = before === undefined ? undefined : step(before, { offset, operation: polled }, where, end)
      if (anomaly !== undefined) yield anomaly
      before = { offset, operation: polled }
    }
    if (before !== undefined) positions.set(key, before)
  }
}

/**
 * `int-nonmonotonic-poll` and `int-poll-skip` of what one transaction took, if it is committed: one whose partitions were
 * taken away meanwhile cannot be.
 *
 * @since 0.1.0
 */
export const within = function*(history: History, index: HistoryIndex): Iterable<Anomaly.Anomaly> {
  for (const transacted of history.transactions) {
    if (transacted.outcome !== "committed") continue
    const positions = new Map<PartitionEnd, Position>()
    for (const { partition, records, topic } of transacted.reads) {
      const end = index.partitionOf(topic, partition)
      if (end === undefined) continue
      const where = `${transacted.producer} on ${topic}-${partition}`
      for (const { offset } of records) {
        const before = positions.get(end)
        const anomaly = before === undefined ? undefined : step(before, { offset, operation: transacted }, where, end)
        if (anomaly !== undefined) yield anomaly
        positions.set(end, { offset, operation: transacted })
      }
    }
  }
}

const step = (
  { offset: last, operation: before }: Position,
  { offset, operation }: Position,
  where: string,
  end: PartitionEnd | undefined
): Anomaly.Anomaly | undefined => {
  const isWithin = before === operation
  const operations: ReadonlyArray<Operation> = isWithin ? [operation] : [before, operation]
  if (offset <= last) {
    const name = isWithin ? "int-nonmonotonic-poll" : "nonmonotonic-poll"
    return Anomaly.make(name, `${where}: ${last}, and then ${offset}`, operations)
  }
  if (end === undefined || offset === last + 1) return undefined
  const first = countBelow(end.offsets, last + 1)
  const count = countBelow(end.offsets, offset) - first
  if (count === 0) return undefined
  const detail = `${where}: from ${last} to ${offset}, ${count} records left out`
  return Anomaly.make(isWithin ? "int-poll-skip" : "poll-skip", detail, [
    ...operations,
    end.records[first]
  ])
}

/**
 * `unseen`: what a group that reads a whole topic never got.
 *
 * @since 0.1.0
 */
export const unseen = function*(
  history: History,
  topic: string,
  index: HistoryIndex
): Iterable<Anomaly.Anomaly> {
  const values = index.topics.get(topic)
  if (values === undefined) return
  const isSeen = new Uint8Array(index.size)
  for (const polled of history.polled) {
    if (polled.topic !== topic) continue
    const end = values.partitions.get(polled.partition)
    for (const record of polled.records) {
      const known = values.seen(end, record)
      if (known !== undefined) isSeen[known.number] = 1
    }
  }
  for (const { number, place, value, writer } of values.found()) {
    if (isSeen[number] === 1) continue
    yield Anomaly.make("unseen", `${topic}: ${value} at ${show(place)} was never polled`, [writer, place])
  }
}

/**
 * Counts the records of a topic that the groups which read it were not given so far. It is asked again and again while a
 * run ends, and looks only at what is new since it was asked last.
 *
 * @since 0.1.0
 */
export class Unseen {
  readonly topic: string
  readonly #history: History
  /** What was polled, and how many polls it was in. */
  readonly #given = new Set<string>()
  #polls = 0
  /** What the topic holds and nobody polled, and how many records of each partition were looked at. */
  readonly #missing = new Set<string>()
  readonly #looked = new Map<number, number>()
  #partitions: ReadonlyMap<number, ReadonlyArray<Seen>> | undefined

  constructor(history: History, topic: string) {
    this.#history = history
    this.topic = topic
  }

  get count(): number {
    this.#lookAtPolls()
    this.#lookAtTopic()
    return this.#missing.size
  }

  #lookAtPolls(): void {
    const { polled } = this.#history
    while (this.#polls < polled.length) {
      const { records, topic } = polled[this.#polls++]!
      if (topic !== this.topic) continue
      for (const { value } of records) {
        this.#given.add(value)
        this.#missing.delete(value)
      }
    }
  }

  #lookAtTopic(): void {
    const partitions = this.#history.final.get(this.topic)
    if (partitions !== this.#partitions) {
      // It is read from its beginning once more.
      this.#partitions = partitions
      this.#missing.clear()
      this.#looked.clear()
    }
    for (const [partition, records] of partitions ?? []) {
      for (let at = this.#looked.get(partition) ?? 0; at < records.length; at++) {
        const { value } = records[at]!
        if (!this.#given.has(value)) this.#missing.add(value)
      }
      this.#looked.set(partition, records.length)
    }
  }
}
