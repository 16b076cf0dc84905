/**
 * Fetch sessions (KIP-227): what a client fetches is remembered, so that it need send, and is sent, only what changed.
 *
 * Keeps true: a session's requests come with consecutive epochs or are refused; there are no more sessions than slots, and
 * a session gives way only if it is older than `fetchSessionEvictionMs` or empty-handed.
 * Leaves to others: reading (`Fetch`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { FetchRequest } from "@millrace/core/protocol/messages/Fetch"
import { fetchSessionEvictionMs, fetchSessionPartitionsMax } from "../limits.ts"

/**
 * A partition to fetch, and what the client was last told about it (-1: nothing yet).
 *
 * @since 0.1.0
 */
export interface FetchPartition {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly currentLeaderEpoch: number
  readonly fetchOffset: number
  readonly lastFetchedEpoch: number
  readonly maxBytes: number
  toldHighWatermark: number
  toldLogStartOffset: number
}

/**
 * A session.
 *
 * @since 0.1.0
 */
export interface FetchSession {
  readonly id: number
  readonly usesTopicIds: boolean
  /** In the order in which they are read: what gave data goes to the end. */
  readonly partitions: Map<string, FetchPartition>
  epoch: number
  lastUsedMs: number
}

/**
 * How a request is to be answered: with an error, all partitions of it (`session` null: no session, or one to be made), or
 * what changed in a session.
 *
 * @since 0.1.0
 */
export type FetchContext =
  | { readonly _tag: "Error"; readonly code: number }
  | { readonly _tag: "Full"; readonly partitions: ReadonlyArray<FetchPartition>; readonly makesSession: boolean }
  | { readonly _tag: "Incremental"; readonly session: FetchSession; readonly partitions: ReadonlyArray<FetchPartition> }

const keyOf = (partition: { readonly topic: string; readonly topicId: string; readonly partition: number }): string =>
  `${partition.topicId}:${partition.topic}:${partition.partition}`

const sessionlessEpoch = -1
const firstEpoch = 0

/** The partitions that a request names; of one that it names twice, the last word counts. */
const partitionsOf = (request: FetchRequest): ReadonlyArray<FetchPartition> => {
  const named = request.topics.flatMap(({ partitions, topic, topicId }) =>
    partitions.map((partition): FetchPartition => ({
      topic,
      topicId,
      partition: partition.partition,
      currentLeaderEpoch: partition.currentLeaderEpoch,
      fetchOffset: partition.fetchOffset,
      lastFetchedEpoch: partition.lastFetchedEpoch,
      maxBytes: partition.partitionMaxBytes,
      toldHighWatermark: -1,
      toldLogStartOffset: -1
    }))
  )
  const distinct = new Map(named.map((partition) => [keyOf(partition), partition]))
  return distinct.size === named.length ? named : [...distinct.values()]
}

/**
 * The sessions of a broker.
 *
 * @since 0.1.0
 */
export class FetchSessions {
  readonly #slots: number
  readonly #random: (bound: number) => number
  /** In order of use, the least recent first. */
  readonly #sessions = new Map<number, FetchSession>()

  constructor(slots: number, random: (bound: number) => number) {
    this.#slots = slots
    this.#random = random
  }

  get size(): number {
    return this.#sessions.size
  }

  /** What to answer a request with. */
  open(request: FetchRequest, usesTopicIds: boolean, nowMs: number): FetchContext {
    const { sessionEpoch, sessionId } = request
    if (sessionEpoch === firstEpoch || sessionEpoch === sessionlessEpoch) {
      if (sessionId !== 0) this.#sessions.delete(sessionId)
      return { _tag: "Full", partitions: partitionsOf(request), makesSession: sessionEpoch === firstEpoch }
    }
    const session = this.#sessions.get(sessionId)
    if (session === undefined) return { _tag: "Error", code: ErrorCode.FETCH_SESSION_ID_NOT_FOUND }
    if (session.epoch !== sessionEpoch) return { _tag: "Error", code: ErrorCode.INVALID_FETCH_SESSION_EPOCH }
    if (session.usesTopicIds !== usesTopicIds) return { _tag: "Error", code: ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR }
    this.#update(session, request)
    if (session.partitions.size > fetchSessionPartitionsMax) {
      this.#sessions.delete(sessionId)
      return { _tag: "Error", code: ErrorCode.FETCH_SESSION_ID_NOT_FOUND }
    }
    if (session.partitions.size === 0) {
      this.#sessions.delete(sessionId)
      return { _tag: "Full", partitions: [], makesSession: false }
    }
    session.epoch = session.epoch === 0x7fffffff ? 1 : session.epoch + 1
    session.lastUsedMs = nowMs
    this.#sessions.delete(sessionId)
    this.#sessions.set(sessionId, session)
    return { _tag: "Incremental", session, partitions: [...session.partitions.values()] }
  }

  #update({ partitions }: FetchSession, request: FetchRequest): void {
    for (const partition of partitionsOf(request)) {
      const key = keyOf(partition)
      const known = partitions.get(key)
      if (known !== undefined) {
        partition.toldHighWatermark = known.toldHighWatermark
        partition.toldLogStartOffset = known.toldLogStartOffset
      }
      partitions.set(key, partition)
    }
    for (const { partitions: forgotten, topic, topicId } of request.forgottenTopicsData) {
      for (const partition of forgotten) partitions.delete(keyOf({ topic, topicId, partition }))
    }
  }

  /** Makes a session of what a full fetch named; 0 if there is no room for it. */
  create(partitions: ReadonlyArray<FetchPartition>, usesTopicIds: boolean, nowMs: number): number {
    if (partitions.length === 0 || partitions.length > fetchSessionPartitionsMax || !this.#makeRoom(nowMs)) return 0
    let id = 0
    do id = 1 + this.#random(0x7ffffffe)
    while (this.#sessions.has(id))
    this.#sessions.set(id, {
      id,
      usesTopicIds,
      partitions: new Map(partitions.map((partition) => [keyOf(partition), partition])),
      epoch: firstEpoch + 1,
      lastUsedMs: nowMs
    })
    return id
  }

  #makeRoom(nowMs: number): boolean {
    if (this.#sessions.size < this.#slots) return true
    const oldest = this.#sessions.values().next().value
    if (oldest === undefined || nowMs - oldest.lastUsedMs < fetchSessionEvictionMs) return false
    this.#sessions.delete(oldest.id)
    return true
  }

  /** A partition that gave data is read last the next time, so that none starves. */
  moveToEnd({ partitions }: FetchSession, partition: FetchPartition): void {
    const key = keyOf(partition)
    if (partitions.delete(key)) partitions.set(key, partition)
  }
}
