/**
 * What clients saw: what they sent, what was acknowledged, what they read, how transactions ended.
 *
 * Keeps true: operations are in the order in which they began; a value is unique in its topic, so that it can be found
 * again.
 * Leaves to others: what is wrong with it (`checker/Checker`).
 *
 * @since 0.1.0
 */

/**
 * A record as it was read.
 *
 * @since 0.1.0
 */
export interface Seen {
  readonly offset: number
  readonly key: string | null
  readonly value: string
  /** In milliseconds since the epoch; undefined if nobody looked. */
  readonly timestamp?: number | undefined
}

/**
 * A record of a topic, and where it lies.
 *
 * @since 0.1.0
 */
export interface Placed extends Seen {
  readonly kind: "record"
  readonly topic: string
  readonly partition: number
}

/**
 * A value that was sent: acknowledged with its place, or failed, or nobody knows.
 *
 * @since 0.1.0
 */
export interface Sent {
  readonly kind: "send"
  readonly atMs: number
  readonly producer: string
  readonly topic: string
  readonly value: string
  /** Values of one producer with the same number were sent at once. */
  readonly burst: number
  /** Undefined without an acknowledgement. The offset is -1 if it was not told. */
  acknowledged: { readonly partition: number; readonly offset: number } | undefined
  /** When the acknowledgement came. */
  acknowledgedAtMs: number
}

/**
 * A value that a transaction wrote.
 *
 * @since 0.1.0
 */
export interface Written {
  readonly topic: string
  readonly value: string
}

/**
 * Records that a transaction took, of one partition.
 *
 * @since 0.1.0
 */
export interface Taken {
  readonly topic: string
  readonly partition: number
  readonly records: ReadonlyArray<Seen>
  /** When, as a moment of the history. */
  readonly moment: number
}

/**
 * A transaction: what it took and wrote, and what its client knows of its end.
 *
 * @since 0.1.0
 */
export interface Transacted {
  readonly kind: "transaction"
  readonly atMs: number
  readonly producer: string
  readonly reads: Array<Taken>
  readonly writes: Array<Written>
  outcome: "committed" | "aborted" | "unknown"
  /** Its client aborted it, or meant to. */
  isDeliberate: boolean
  /** Moments: when it began, when its client asked to commit it, when its client knew its end. */
  readonly began: number
  committing: number
  ended: number
}

/**
 * What one poll gave of one partition.
 *
 * @since 0.1.0
 */
export interface Polled {
  readonly kind: "poll"
  readonly atMs: number
  readonly moment: number
  /** Who polled; a new assignment is somebody new. */
  readonly consumer: string
  readonly topic: string
  readonly partition: number
  readonly records: ReadonlyArray<Seen>
}

/**
 * What an anomaly may concern.
 *
 * @since 0.1.0
 */
export type Operation = Sent | Transacted | Polled | Placed

/** How many values of an operation are shown. */
const valuesShown = 6

const listOf = (values: ReadonlyArray<string>): string =>
  values.length <= valuesShown
    ? values.join(", ")
    : `${values.slice(0, valuesShown).join(", ")} and ${values.length - valuesShown} more`

const timeOf = (atMs: number): string => {
  const seconds = (atMs / 1000).toFixed(3)
  return atMs < 0 ? "?" : `${seconds} s`
}

const describeSent = ({ acknowledged, acknowledgedAtMs, atMs, producer, topic, value }: Sent): string => {
  const end = acknowledged === undefined
    ? "not acknowledged"
    : `acknowledged at ${acknowledged.partition}@${acknowledged.offset} at ${timeOf(acknowledgedAtMs)}`
  return `${timeOf(atMs)} ${producer} sent ${value} to ${topic}: ${end}`
}

const describeTransacted = ({ atMs, outcome, producer, reads, writes }: Transacted): string => {
  const took = reads.map(({ partition, records, topic }) =>
    `${topic} ${partition}@${records.map(({ offset }) => offset).join(",")}`
  )
  const wrote = writes.map(({ topic, value }) => `${value} to ${topic}`)
  const what = [...(took.length > 0 ? [`took ${listOf(took)}`] : []), `wrote ${listOf(wrote)}`].join(", ")
  return `${timeOf(atMs)} ${producer} in a transaction ${what}: ${outcome}`
}

/**
 * An operation in one line.
 *
 * @since 0.1.0
 */
export const describe = (operation: Operation): string => {
  switch (operation.kind) {
    case "send":
      return describeSent(operation)
    case "transaction":
      return describeTransacted(operation)
    case "poll": {
      const { atMs, consumer, partition, records, topic } = operation
      const seen = records.map(({ offset, value }) => `${value} at ${offset}`)
      return `${timeOf(atMs)} ${consumer} polled from ${topic}-${partition}: ${listOf(seen)}`
    }
    case "record":
      return `in the end ${operation.topic} ${operation.partition}@${operation.offset} is ${operation.value}`
  }
}

/**
 * The history of a run.
 *
 * @since 0.1.0
 */
export class History {
  readonly sent: Array<Sent> = []
  readonly transactions: Array<Transacted> = []
  readonly polled: Array<Polled> = []
  /** How often a group has given a consumer partitions. */
  assignments = 0
  /** All that the topics hold in the end, as who reads committed records sees it, by topic and partition. */
  readonly final = new Map<string, Map<number, Array<Seen>>>()
  readonly #nowMs: () => number
  #moments = 0

  /** `nowMs` is the time that all agree on. */
  constructor(nowMs: () => number = () => 0) {
    this.#nowMs = nowMs
  }

  send(producer: string, topic: string, value: string, burst = this.sent.length): Sent {
    const sent: Sent = {
      kind: "send",
      atMs: this.#nowMs(),
      producer,
      topic,
      value,
      burst,
      acknowledged: undefined,
      acknowledgedAtMs: -1
    }
    this.sent.push(sent)
    return sent
  }

  /** The values were sent at once by one call. */
  sendAll(producer: string, topic: string, values: ReadonlyArray<string>): ReadonlyArray<Sent> {
    const burst = this.sent.length
    return values.map((value) => this.send(producer, topic, value, burst))
  }

  acknowledge(sent: Sent, place: { readonly partition: number; readonly offset: number }): void {
    sent.acknowledged = place
    sent.acknowledgedAtMs = this.#nowMs()
  }

  transact(producer: string, writes: ReadonlyArray<Written> = []): Transacted {
    const transacted: Transacted = {
      kind: "transaction",
      atMs: this.#nowMs(),
      producer,
      reads: [],
      writes: [...writes],
      outcome: "unknown",
      isDeliberate: false,
      began: this.#moments++,
      committing: Number.POSITIVE_INFINITY,
      ended: Number.POSITIVE_INFINITY
    }
    this.transactions.push(transacted)
    return transacted
  }

  take(transacted: Transacted, topic: string, partition: number, records: ReadonlyArray<Seen>): void {
    transacted.reads.push({ topic, partition, records, moment: this.#moments++ })
  }

  /** The transaction is about to be committed: before, nobody may see what it wrote. */
  commit(transacted: Transacted): void {
    transacted.committing = this.#moments++
  }

  /** What its client knows of its end; if it knows nothing, the transaction goes on. */
  end(transacted: Transacted, outcome: Transacted["outcome"]): void {
    transacted.outcome = outcome
    if (outcome !== "unknown") transacted.ended = this.#moments++
  }

  poll(consumer: string, topic: string, partition: number, records: ReadonlyArray<Seen>): void {
    const moment = this.#moments++
    this.polled.push({ kind: "poll", atMs: this.#nowMs(), moment, consumer, topic, partition, records })
  }

  /** Adds to what a topic holds in the end. */
  read(topic: string, partition: number, records: ReadonlyArray<Seen>): void {
    const partitions = this.final.get(topic) ?? new Map<number, Array<Seen>>()
    this.final.set(topic, partitions)
    const known = partitions.get(partition) ?? []
    partitions.set(partition, known)
    for (const record of records) known.push(record)
  }
}
