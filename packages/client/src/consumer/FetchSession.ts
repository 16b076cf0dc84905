/**
 * A fetch session with one broker (KIP-227): after the first request only what changed is said.
 *
 * Keeps true: what the broker believes is wanted is what was last asked for; any doubt starts the session anew.
 * Leaves to others: sending, and reading the answers.
 *
 * @since 0.1.0
 */
import { keyOf, type TopicPartition } from "../cluster/TopicPartition.ts"

/**
 * What is wanted of one partition.
 *
 * @since 0.1.0
 */
export interface Wanted extends TopicPartition {
  readonly topicId: string
  readonly offset: number
  readonly leaderEpoch: number
  readonly fetchedEpoch: number
}

/**
 * What one request says.
 *
 * @since 0.1.0
 */
export interface SessionRequest {
  readonly sessionId: number
  readonly sessionEpoch: number
  readonly wanted: ReadonlyArray<Wanted>
  readonly forgotten: ReadonlyArray<Wanted>
}

const epochMax = 0x7fffffff

/**
 * The session with one broker.
 *
 * @since 0.1.0
 */
export class FetchSession {
  #id = 0
  #epoch = 0
  #partitions = new Map<string, Wanted>()

  /** What to say to get `wanted`. */
  request(wanted: ReadonlyArray<Wanted>): SessionRequest {
    const before = this.#partitions
    this.#partitions = new Map(wanted.map((one) => [keyOf(one.topic, one.partition), one]))
    if (this.#epoch === 0) return { sessionId: this.#id, sessionEpoch: 0, wanted, forgotten: [] }
    return {
      sessionId: this.#id,
      sessionEpoch: this.#epoch,
      wanted: wanted.filter((one) => !isSame(one, before.get(keyOf(one.topic, one.partition)))),
      forgotten: [...before].filter(([key, one]) => {
        const now = this.#partitions.get(key)
        return now === undefined || now.topicId !== one.topicId
      }).map(([, one]) => one)
    }
  }

  /** Takes in the id that an answer gave; 0 is none. */
  answered(sessionId: number): void {
    if (sessionId === 0) return this.reset()
    if (this.#epoch === 0) this.#id = sessionId
    this.#epoch = this.#epoch >= epochMax ? 1 : this.#epoch + 1
  }

  /** The broker may not know what we want: the next request says all of it again. */
  reset(): void {
    this.#id = 0
    this.#epoch = 0
  }
}

const isSame = (one: Wanted, before: Wanted | undefined): boolean =>
  before !== undefined && one.offset === before.offset && one.leaderEpoch === before.leaderEpoch &&
  one.fetchedEpoch === before.fetchedEpoch && one.topicId === before.topicId
