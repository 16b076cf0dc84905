/**
 * Fetches ahead of the polls, one request at a time to each broker that leads a partition.
 *
 * Keeps true: a partition with a full fetch buffered is not fetched, and nothing is while `fetchBuffer` bytes are
 * buffered; an answer changes state only in `apply`, which the consumer calls from its polls.
 * Leaves to others: positions (`PartitionState`), what to do about lost ones (`Outcome`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as KafkaError from "@millrace/core/errors/KafkaError"
import type { FetchResponse } from "@millrace/core/protocol/messages/Fetch"
import * as Uuid from "@millrace/core/protocol/Uuid"
import type * as Compression from "@millrace/core/records/Compression"
import * as Records from "@millrace/core/records/Records"
import * as Effect from "effect/Effect"
import * as Apis from "../cluster/Apis.ts"
import { namedNodes } from "../cluster/ClusterMetadata.ts"
import type { Cluster, Lane } from "../cluster/Cluster.ts"
import type { ClientError } from "../cluster/ClientError.ts"
import { backoffMs } from "../cluster/Retry.ts"
import { keyOf } from "../cluster/TopicPartition.ts"
import { metadataAgeMaxMs, requestTimeoutMs } from "../limits.ts"
import { ConsumerError } from "./ConsumerError.ts"
import type { Settings } from "./ConsumerOptions.ts"
import * as FetchedRecords from "./FetchedRecords.ts"
import { FetchSession, type Wanted } from "./FetchSession.ts"
import type { PartitionState } from "./PartitionState.ts"

type PartitionAnswer = FetchResponse["responses"][number]["partitions"][number]

/** A request on its way. */
interface Fetch {
  readonly nodeId: number
  readonly partitions: ReadonlyMap<
    string,
    { readonly state: PartitionState; readonly version: number; readonly offset: number }
  >
}

/** What came of a request. */
interface Answer {
  readonly fetch: Fetch
  readonly result: { readonly response: FetchResponse } | { readonly error: ClientError }
}

/**
 * The fetches of one consumer.
 *
 * @since 0.1.0
 */
export class Fetcher {
  readonly #cluster: Cluster["Service"]
  readonly #lane: Lane
  readonly #settings: Settings
  readonly #codecs: Compression.Codecs
  readonly #sessions = new Map<number, FetchSession>()
  readonly #busy = new Set<number>()
  readonly #answers: Array<Answer> = []
  readonly #onAnswer: () => void
  /** Set when something shows that the metadata is old. */
  needsMetadata = false

  constructor(
    cluster: Cluster["Service"],
    lane: Lane,
    settings: Settings,
    codecs: Compression.Codecs,
    onAnswer: () => void
  ) {
    this.#cluster = cluster
    this.#lane = lane
    this.#settings = settings
    this.#codecs = codecs
    this.#onAnswer = onAnswer
  }

  /** The requests to be made now, to be forked. */
  start(partitions: ReadonlyMap<string, PartitionState>, now: number): ReadonlyArray<Effect.Effect<void>> {
    const byNode = new Map<number, Array<PartitionState>>()
    let buffered = 0
    for (const state of partitions.values()) buffered += state.bufferedBytes
    if (buffered >= this.#settings.fetchBufferBytes) return []
    for (const state of partitions.values()) {
      if (!this.#isWanted(state, now)) continue
      const nodeId = this.#nodeOf(state, now)
      if (nodeId < 0) {
        this.needsMetadata = true
        continue
      }
      if (this.#busy.has(nodeId)) continue
      const known = byNode.get(nodeId)
      if (known === undefined) byNode.set(nodeId, [state])
      else known.push(state)
    }
    return [...byNode].map(([nodeId, states]) => this.#fetch(nodeId, states))
  }

  #isWanted(state: PartitionState, now: number): boolean {
    return state.hasPosition && !state.isPaused && !state.isFetching && state.retryMs <= now &&
      state.bufferedBytes < this.#settings.fetchPartitionMaxBytes
  }

  #nodeOf(state: PartitionState, now: number): number {
    if (state.replicaId >= 0 && state.replicaUntilMs > now && this.#cluster.metadata.nodes.has(state.replicaId)) {
      return state.replicaId
    }
    state.replicaId = -1
    return this.#cluster.metadata.partition(state.topic, state.partition)?.leaderId ?? -1
  }

  #fetch(nodeId: number, states: ReadonlyArray<PartitionState>): Effect.Effect<void> {
    this.#busy.add(nodeId)
    const partitions = new Map<string, { state: PartitionState; version: number; offset: number }>()
    for (const state of states) {
      state.isFetching = true
      const { fetchOffset: offset, version } = state
      partitions.set(keyOf(state.topic, state.partition), { state, version, offset })
    }
    const fetch: Fetch = { nodeId, partitions }
    // A broker tells watermarks once in a session: where they are not known, an answer was thrown away.
    if (states.some(({ watermarks }) => watermarks === undefined)) this.#session(nodeId).reset()
    return Effect.matchEffect(this.#request(nodeId, states.map((state) => this.#wanted(state))), {
      onFailure: (error) => this.#put({ fetch, result: { error } }),
      onSuccess: (response) => this.#put({ fetch, result: { response } })
    })
  }

  #put(answer: Answer): Effect.Effect<void> {
    return Effect.sync(() => {
      this.#answers.push(answer)
      this.#onAnswer()
    })
  }

  #wanted(state: PartitionState): Wanted {
    const { metadata } = this.#cluster
    return {
      topic: state.topic,
      partition: state.partition,
      topicId: metadata.topics.get(state.topic)?.topicId ?? Uuid.zero,
      offset: state.fetchOffset,
      leaderEpoch: metadata.partition(state.topic, state.partition)?.leaderEpoch ?? -1,
      fetchedEpoch: state.fetchEpoch
    }
  }

  #session(nodeId: number): FetchSession {
    let session = this.#sessions.get(nodeId)
    if (session === undefined) {
      session = new FetchSession()
      this.#sessions.set(nodeId, session)
    }
    return session
  }

  #request(nodeId: number, wanted: ReadonlyArray<Wanted>): Effect.Effect<FetchResponse, ClientError> {
    const settings = this.#settings
    const hasIds = wanted.every((one) => one.topicId !== Uuid.zero)
    const session = this.#session(nodeId)
    const said = session.request(wanted)
    const useIds = hasIds && said.forgotten.every((one) => one.topicId !== Uuid.zero)
    return this.#lane.call(nodeId, Apis.fetch, (version) => ({
      maxWaitMs: settings.fetchMaxWaitMs,
      minBytes: settings.fetchMinBytes,
      maxBytes: settings.fetchMaxBytes,
      isolationLevel: settings.readCommitted ? 1 : 0,
      sessionId: version < 7 ? 0 : said.sessionId,
      sessionEpoch: version < 7 ? -1 : said.sessionEpoch,
      topics: byTopic(version < 7 ? wanted : said.wanted, version, (one) => ({
        partition: one.partition,
        currentLeaderEpoch: one.leaderEpoch,
        fetchOffset: one.offset,
        ...(version >= 12 && { lastFetchedEpoch: one.fetchedEpoch }),
        partitionMaxBytes: settings.fetchPartitionMaxBytes
      })),
      ...(version >= 7 && {
        forgottenTopicsData: byTopic(said.forgotten, version, (one) => one.partition)
      }),
      ...(version >= 11 && { rackId: settings.clientRack })
    }), { timeoutMs: requestTimeoutMs + settings.fetchMaxWaitMs, versionMax: useIds ? undefined : 12 })
  }

  /** Takes the answers in. Ends with the first thing that the consumer cannot get over. */
  apply(now: number): ConsumerError | undefined {
    for (let answer = this.#answers.shift(); answer !== undefined; answer = this.#answers.shift()) {
      const failure = this.#apply(answer, now)
      if (failure !== undefined) return failure
    }
    return undefined
  }

  #apply({ fetch, result }: Answer, now: number): ConsumerError | undefined {
    this.#busy.delete(fetch.nodeId)
    for (const { state } of fetch.partitions.values()) state.isFetching = false
    const session = this.#session(fetch.nodeId)
    if ("error" in result) {
      session.reset()
      this.needsMetadata = true
      if (result.error.reason === "UnsupportedVersion" || result.error.reason === "Malformed") {
        return unavailable(result.error)
      }
      for (const { state } of fetch.partitions.values()) this.#delay(state, now)
      return undefined
    }
    const { response } = result
    if (KafkaError.isError(response.errorCode)) {
      session.reset()
      const error = KafkaError.fromCode(response.errorCode)
      if (!error.retriable) return refused("fetch", error)
      // A lost session is begun anew at once; what else it is has to pass first.
      const isLost = response.errorCode === ErrorCode.FETCH_SESSION_ID_NOT_FOUND ||
        response.errorCode === ErrorCode.INVALID_FETCH_SESSION_EPOCH
      if (isLost) return undefined
      this.needsMetadata = true
      for (const { state } of fetch.partitions.values()) this.#delay(state, now)
      return undefined
    }
    session.answered(response.sessionId)
    const failure = this.#applyPartitions(fetch, response, now)
    if (failure !== undefined) session.reset()
    return failure
  }

  #applyPartitions(fetch: Fetch, response: FetchResponse, now: number): ConsumerError | undefined {
    const nodes = namedNodes(response)
    for (const topic of response.responses) {
      const name = topic.topic === "" ? this.#cluster.metadata.topicName(topic.topicId) : topic.topic
      if (name === undefined) {
        this.needsMetadata = true
        this.#session(fetch.nodeId).reset()
        continue
      }
      for (const answer of topic.partitions) {
        const asked = fetch.partitions.get(keyOf(name, answer.partitionIndex))
        if (asked === undefined) continue
        if (asked.version !== asked.state.version) {
          this.#session(fetch.nodeId).reset()
          continue
        }
        const { leaderEpoch, leaderId } = answer.currentLeader
        this.#cluster.metadata.hint(name, answer.partitionIndex, leaderId, leaderEpoch, nodes)
        const failure = KafkaError.isError(answer.errorCode)
          ? this.#refused(asked.state, answer, now)
          : this.#take(asked.state, asked.offset, answer, now)
        if (failure !== undefined) return failure
      }
    }
    return undefined
  }

  #delay(state: PartitionState, now: number): void {
    state.retryMs = now + backoffMs(state.failures++, 0.5)
  }

  #refused(state: PartitionState, answer: PartitionAnswer, now: number): ConsumerError | undefined {
    const error = KafkaError.fromCode(answer.errorCode)
    if (answer.errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) {
      if (state.replicaId >= 0) {
        state.replicaId = -1
        return undefined
      }
      if (state.reset(this.#settings.offsetResetOf(state.topic))) return undefined
      return noPosition(state, `offset ${state.position} is not there any more (or not yet)`)
    }
    if (error.refresh === "metadata") this.needsMetadata = true
    if (!error.retriable || answer.errorCode === ErrorCode.CORRUPT_MESSAGE) {
      return refused(`fetch of ${keyOf(state.topic, state.partition)}`, error)
    }
    state.replicaId = -1
    this.#delay(state, now)
    return undefined
  }

  #take(state: PartitionState, offset: number, answer: PartitionAnswer, now: number): ConsumerError | undefined {
    state.failures = 0
    const { divergingEpoch, highWatermark, lastStableOffset, logStartOffset } = answer
    if (divergingEpoch.epoch >= 0 || divergingEpoch.endOffset >= 0) {
      return this.#truncated(state, divergingEpoch.endOffset)
    }
    if (answer.preferredReadReplica >= 0) {
      state.replicaId = answer.preferredReadReplica
      state.replicaUntilMs = now + metadataAgeMaxMs
      return undefined
    }
    state.watermarks = {
      highWatermark,
      lastStableOffset: lastStableOffset < 0 ? highWatermark : lastStableOffset,
      logStartOffset
    }
    const bytes = answer.records
    if (bytes === null || bytes.length === 0) return undefined
    const aborted = this.#settings.readCommitted ? answer.abortedTransactions ?? [] : null
    const read = Records.attempt(() =>
      FetchedRecords.readUnsafe(bytes, offset, aborted, this.#codecs, this.#settings.checkCrcs)
    )
    if (read._tag === "Failure") return corrupt(state, offset, read.failure)
    const { batches, leaderEpoch, nextOffset, recordsCount } = read.success
    if (nextOffset === offset) return corrupt(state, offset, new Error("a fetch brought bytes but no whole batch"))
    state.chunks.push({
      topic: state.topic,
      partition: state.partition,
      offset,
      nextOffset,
      leaderEpoch,
      ...state.watermarks,
      recordsCount,
      sizeInBytes: bytes.length,
      bytes,
      batches,
      codecs: this.#codecs
    })
    state.bufferedBytes += bytes.length
    state.fetchOffset = nextOffset
    if (leaderEpoch >= 0) state.fetchEpoch = leaderEpoch
    return undefined
  }

  /** The log was cut below what was read: go back to where it is still the same. */
  #truncated(state: PartitionState, endOffset: number): ConsumerError | undefined {
    if (this.#settings.offsetResetOf(state.topic) !== "none" && endOffset >= 0) {
      state.seek(Math.min(endOffset, state.position), -1)
      return undefined
    }
    return new ConsumerError({
      reason: "Truncated",
      detail: `${keyOf(state.topic, state.partition)} was cut to ${endOffset}, before the position ${state.position}`,
      hint: "records that were read are gone; seek, or set autoOffsetReset"
    })
  }
}

const byTopic = <A>(wanted: ReadonlyArray<Wanted>, version: number, toPartition: (one: Wanted) => A) => {
  const topics = new Map<string, { topic: string; topicId: string; partitions: Array<A> }>()
  for (const one of wanted) {
    let topic = topics.get(one.topic)
    if (topic === undefined) {
      topic = { topic: one.topic, topicId: one.topicId, partitions: [] }
      topics.set(one.topic, topic)
    }
    topic.partitions.push(toPartition(one))
  }
  return [...topics.values()].map(({ partitions, topic, topicId }) =>
    version >= 13 ? { topicId, partitions } : { topic, partitions }
  )
}

const unavailable = (cause: ClientError) =>
  new ConsumerError({ reason: "Unavailable", detail: cause.message, hint: "this does not pass by itself", cause })

const refused = (what: string, cause: KafkaError.KafkaError) =>
  new ConsumerError({
    reason: "Refused",
    detail: `${what}: ${cause.message}`,
    hint: "this does not pass by itself",
    cause
  })

const noPosition = (state: PartitionState, detail: string) =>
  new ConsumerError({
    reason: "NoPosition",
    detail: `${keyOf(state.topic, state.partition)}: ${detail}`,
    hint: "seek, or set autoOffsetReset"
  })

const corrupt = (state: PartitionState, offset: number, cause: Error) =>
  new ConsumerError({
    reason: "CorruptRecord",
    detail: `${keyOf(state.topic, state.partition)} at offset ${offset}: ${cause.message}`,
    hint: "look at the log, or seek past it",
    cause
  })
