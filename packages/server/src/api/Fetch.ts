/**
 * Fetch (key 1): reads from partitions, and waits for what is not there yet.
 *
 * As Kafka: waits until `minBytes` or `maxWaitMs`; an error found at a log ends the wait, a topic that is not known does
 * not; the first batch found comes whole (KIP-74); sessions (KIP-227), topic ids (KIP-516), diverging epochs (KIP-595).
 * There is no follower here that a consumer could be sent to (KIP-392).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import type * as Message from "@millrace/core/protocol/Message"
import { FetchRequest, FetchResponse } from "@millrace/core/protocol/messages/Fetch"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { Controller } from "../coordination/controller/Controller.ts"
import { Node } from "../coordination/controller/Node.ts"
import { BufferPool } from "./BufferPool.ts"
import { fetchWaitMaxMs, pooledBytesMax } from "../limits.ts"
import type { Isolation, Partition, PartitionError, ReadResult } from "../replication/Partition.ts"
import { ReplicaManager } from "../replication/ReplicaManager.ts"
import { type FetchPartition, FetchSessions } from "./FetchSession.ts"
import * as Handler from "./Handler.ts"

type Response = Message.Input<typeof FetchResponse>
type Topic = Response["responses"][number]
type PartitionResponse = Topic["partitions"][number]

/** A partition of a request, where it is, and what reading it gave. */
interface Reading {
  readonly asked: FetchPartition
  readonly partition: Partition | undefined
  /** Why it is not read at all; 0 if it is. */
  readonly unknown: number
  result: ReadResult | PartitionError | undefined
}

const isError = (result: ReadResult | PartitionError): result is PartitionError => "_tag" in result

const noBytes = new Uint8Array(0)

const join = (chunks: ReadonlyArray<Uint8Array>, sizeBytes: number): Uint8Array => {
  if (chunks.length < 2) return chunks[0] ?? noBytes
  const bytes = new Uint8Array(sizeBytes)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

const failed = (partitionIndex: number, errorCode: number, aborted: [] | null): PartitionResponse => ({
  partitionIndex,
  errorCode,
  highWatermark: -1,
  lastStableOffset: -1,
  logStartOffset: -1,
  abortedTransactions: aborted,
  preferredReadReplica: -1,
  records: noBytes
})

const responseOf = ({ asked, result, unknown }: Reading): PartitionResponse => {
  if (result === undefined) return failed(asked.partition, unknown, [])
  if (isError(result)) return failed(asked.partition, result.code, null)
  return {
    partitionIndex: asked.partition,
    errorCode: 0,
    highWatermark: result.highWatermark,
    lastStableOffset: result.lastStableOffset,
    logStartOffset: result.logStartOffset,
    ...(result.divergingEpoch !== undefined && { divergingEpoch: result.divergingEpoch }),
    abortedTransactions: result.abortedTransactions,
    preferredReadReplica: -1,
    records: join(result.records, result.sizeBytes)
  }
}

/** Whether a client of a session has to hear of this, and what it then has heard. */
const isNews = (asked: FetchPartition, response: PartitionResponse): boolean => {
  const news = response.errorCode !== 0 || (response.records?.length ?? 0) > 0 || response.divergingEpoch !== undefined
    || response.highWatermark !== asked.toldHighWatermark || response.logStartOffset !== asked.toldLogStartOffset
  asked.toldHighWatermark = response.errorCode === 0 ? response.highWatermark : -1
  asked.toldLogStartOffset = response.logStartOffset ?? -1
  return news
}

const grouped = (responses: ReadonlyArray<readonly [FetchPartition, PartitionResponse]>): Array<Topic> => {
  const topics = new Map<string, Topic & { readonly partitions: Array<PartitionResponse> }>()
  for (const [{ topic, topicId }, response] of responses) {
    const key = `${topicId}:${topic}`
    const known = topics.get(key)
    if (known === undefined) topics.set(key, { topic, topicId, partitions: [response] })
    else known.partitions.push(response)
  }
  return [...topics.values()]
}

/** The memory of one request. What a read that was given up may still fill is left to the garbage collector. */
class Lease {
  readonly #pool: BufferPool
  #complete: Array<Uint8Array> = []
  #begun: Array<Uint8Array> = []

  constructor(pool: BufferPool) {
    this.#pool = pool
  }

  readonly allocate = (size: number): Uint8Array => {
    const buffer = this.#pool.take(size)
    this.#begun.push(buffer)
    return buffer
  }

  /** All that was begun is complete, and replaces what was complete before. */
  complete(): void {
    for (const buffer of this.#complete) this.#pool.give(buffer)
    this.#complete = this.#begun
    this.#begun = []
  }

  readonly release = (): void => this.complete()
}

/** Reads all partitions once. Gives the bytes found, and whether something found ends the wait. */
const readAll = Effect.fnUntraced(function*(
  readings: ReadonlyArray<Reading>,
  lease: Lease,
  isolation: Isolation,
  maxBytes: number
) {
  let room = maxBytes
  let sizeBytes = 0
  let urgent = false
  for (const reading of readings) {
    const { asked, partition } = reading
    if (partition === undefined) continue
    const result = yield* partition.read({
      offset: asked.fetchOffset,
      maxBytes: Math.min(asked.maxBytes, room),
      minOneMessage: sizeBytes === 0,
      isolation,
      currentLeaderEpoch: asked.currentLeaderEpoch,
      lastFetchedEpoch: asked.lastFetchedEpoch,
      allocate: lease.allocate
    }).pipe(Effect.catch((error) => Effect.succeed(error)))
    reading.result = result
    if (isError(result)) urgent = true
    else {
      sizeBytes += result.sizeBytes
      room = Math.max(0, room - result.sizeBytes)
      if (result.divergingEpoch !== undefined) urgent = true
    }
  }
  lease.complete()
  return { sizeBytes, urgent }
})

/**
 * The handler of Fetch.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  FetchRequest,
  FetchResponse,
  Effect.gen(function*() {
    const clock = yield* Clock.Clock
    const random = yield* Random.Random
    const { image } = yield* Controller
    const { config } = yield* Node
    const replicas = yield* ReplicaManager
    const buffers = new BufferPool(pooledBytesMax)
    const sessions = new FetchSessions(
      config.number("max.incremental.fetch.session.cache.slots"),
      (bound) => Math.floor(random.nextDoubleUnsafe() * bound)
    )

    const locate = (asked: FetchPartition, usesTopicIds: boolean): Reading => {
      const topic = usesTopicIds ? image.topicsById.get(asked.topicId) : image.topics.get(asked.topic)
      if (topic === undefined) {
        const unknown = usesTopicIds ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        return { asked, partition: undefined, unknown, result: undefined }
      }
      const partition = replicas.get(topic.name, asked.partition)
      const unknown = topic.partitions[asked.partition] === undefined
        ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        : ErrorCode.NOT_LEADER_OR_FOLLOWER
      return { asked, partition, unknown, result: undefined }
    }

    /** Reads until there is enough, something is wrong, or the time is over. */
    const readOrWait = Effect.fnUntraced(function*(
      readings: ReadonlyArray<Reading>,
      lease: Lease,
      { isolationLevel, maxWaitMs, minBytes, maxBytes: askedBytes }: FetchRequest
    ) {
      const isolation = isolationLevel === 1 ? "read_committed" : "read_uncommitted"
      const maxBytes = Math.min(askedBytes, config.number("fetch.max.bytes"))
      const enough = (found: { readonly sizeBytes: number; readonly urgent: boolean }) =>
        found.urgent || found.sizeBytes >= minBytes
      if (enough(yield* readAll(readings, lease, isolation, maxBytes)) || maxWaitMs <= 0 || readings.length === 0) {
        return
      }
      const deadlineMs = MonotonicTime.millisUnsafe(clock) + Math.min(maxWaitMs, fetchWaitMaxMs)
      const waiter = yield* replicas.watch(readings.flatMap(({ partition }) => partition ?? []))
      const wait = Effect.gen(function*() {
        for (;;) {
          // Something may have come between the first look and the watch, so look again before waiting.
          waiter.reset()
          if (enough(yield* readAll(readings, lease, isolation, maxBytes))) return
          yield* waiter.await
        }
      })
      yield* Effect.timeoutOption(wait, Math.max(0, deadlineMs - MonotonicTime.millisUnsafe(clock)))
    }, Effect.scoped)

    return Effect.fnUntraced(function*(request, { version }) {
      const usesTopicIds = version >= 13
      const nowMs = MonotonicTime.millisUnsafe(clock)
      const context = sessions.open(request, usesTopicIds, nowMs)
      if (context._tag === "Error") {
        return { throttleTimeMs: 0, errorCode: context.code, sessionId: 0, responses: [] }
      }
      const readings = context.partitions.map((asked) => locate(asked, usesTopicIds))
      const lease = new Lease(buffers)
      yield* readOrWait(readings, lease, request)
      const responses = readings.map((reading) => [reading.asked, responseOf(reading)] as const)
      if (context._tag === "Incremental") {
        const news = responses.filter(([asked, response]) => isNews(asked, response))
        for (const [asked, response] of news) {
          if ((response.records?.length ?? 0) > 0) sessions.moveToEnd(context.session, asked)
        }
        const incremental = { throttleTimeMs: 0, errorCode: 0, sessionId: context.session.id, responses: grouped(news) }
        return new Handler.Leased(incremental, lease.release)
      }
      const sessionId = context.makesSession && version >= 7
        ? sessions.create(context.partitions, usesTopicIds, nowMs)
        : 0
      if (sessionId !== 0) responses.forEach(([asked, response]) => isNews(asked, response))
      return new Handler.Leased(
        { throttleTimeMs: 0, errorCode: 0, sessionId, responses: grouped(responses) },
        lease.release
      )
    })
  })
)
