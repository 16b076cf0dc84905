/**
 * What clients saw: what they sent, what was acknowledged, what they read, how transactions ended.
 *
 * Keeps true: events are in the order in which they happened; values are unique, so that each can be found again.
 * Leaves to others: what is wrong with it (`Checker`).
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
}

/**
 * A value that was sent: acknowledged with its place, or failed, or nobody knows.
 *
 * @since 0.1.0
 */
export interface Sent {
  readonly producer: string
  readonly topic: string
  readonly value: string
  /** Place and time of the acknowledgement; undefined without one. The offset is -1 if it was not told. */
  acknowledged: { readonly partition: number; readonly offset: number } | undefined
}

/**
 * A transaction: what it wrote, and what its client knows of its end.
 *
 * @since 0.1.0
 */
export interface Transacted {
  readonly producer: string
  readonly topic: string
  readonly values: ReadonlyArray<string>
  outcome: "committed" | "aborted" | "unknown"
  /** Its client aborted it, or meant to. */
  isDeliberate: boolean
}

/**
 * What one poll gave of one partition.
 *
 * @since 0.1.0
 */
export interface Polled {
  /** Who polled; a new assignment is somebody new. */
  readonly consumer: string
  readonly topic: string
  readonly partition: number
  readonly records: ReadonlyArray<Seen>
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

  send(producer: string, topic: string, value: string): Sent {
    const sent: Sent = { producer, topic, value, acknowledged: undefined }
    this.sent.push(sent)
    return sent
  }

  transact(producer: string, topic: string, values: ReadonlyArray<string>): Transacted {
    const transacted: Transacted = { producer, topic, values, outcome: "unknown", isDeliberate: false }
    this.transactions.push(transacted)
    return transacted
  }

  poll(consumer: string, topic: string, partition: number, records: ReadonlyArray<Seen>): void {
    this.polled.push({ consumer, topic, partition, records })
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
