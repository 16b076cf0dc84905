/**
 * A broker that does what a test tells it: one node in memory, with logs, producers, transactions and a group of one,
 * and, where asked for, topic ids and fetch sessions.
 *
 * `calls` has every request in the order of arrival. `on` replaces the answer to an API: a handler that gives
 * undefined leaves it to the broker, null gives no answer at all. What it does by itself follows Kafka as far as the
 * client can see.
 */
import * as Apis from "@millrace/client/cluster/Apis"
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as Kafka from "@millrace/core/Kafka"
import * as MemoryNetwork from "@millrace/core/platform/MemoryNetwork"
import { type Connection, Network } from "@millrace/core/platform/Network"
import { ByteReader } from "@millrace/core/protocol/ByteReader"
import * as Frame from "@millrace/core/protocol/Frame"
import * as Uuid from "@millrace/core/protocol/Uuid"
import * as Message from "@millrace/core/protocol/Message"
import type { Compression } from "@millrace/core/records/Compression"
import * as ControlRecord from "@millrace/core/records/ControlRecord"
import * as PureCompression from "@millrace/core/records/PureCompression"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Records from "@millrace/core/records/Records"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

type Answer<S extends Message.Any> = Message.Input<S> | null | undefined
type Handler<Q extends Message.Any, S extends Message.Any> = (
  body: Message.Type<Q>,
  version: number
) => Answer<S> | Effect.Effect<Answer<S>>

interface Route {
  readonly versionMin: number
  readonly versionMax: number
  readonly serve: (
    reader: ByteReader,
    version: number,
    correlationId: number
  ) => Effect.Effect<ReadonlyArray<Uint8Array> | null>
}

/** A request that came. */
export interface Call {
  readonly api: string
  readonly version: number
  readonly body: unknown
}

interface Stored {
  readonly bytes: Uint8Array
  readonly baseOffset: number
  readonly nextOffset: number
  readonly producerId: number
  readonly isControl: boolean
}

/** The log of one partition, with what Kafka keeps about producers. */
export class FakeLog {
  readonly batches: Array<Stored> = []
  readonly sequences = new Map<number, { epoch: number; next: number }>()
  readonly open = new Map<number, number>()
  readonly aborted: Array<{ producerId: number; firstOffset: number; lastOffset: number }> = []

  get end(): number {
    return this.batches.at(-1)?.nextOffset ?? 0
  }

  get stable(): number {
    return Math.min(this.end, ...this.open.values())
  }

  append(source: Uint8Array): { readonly errorCode: number; readonly baseOffset: number } {
    const bytes = source.slice()
    const producerId = RecordBatch.producerId(bytes, 0)
    const epoch = RecordBatch.producerEpoch(bytes, 0)
    const count = RecordBatch.recordsCount(bytes, 0)
    const sequence = RecordBatch.baseSequence(bytes, 0)
    if (producerId >= 0 && sequence >= 0) {
      const known = this.sequences.get(producerId)
      if (known !== undefined && epoch < known.epoch) {
        return { errorCode: ErrorCode.INVALID_PRODUCER_EPOCH, baseOffset: -1 }
      }
      const expected = known === undefined || epoch > known.epoch ? 0 : known.next
      if (known !== undefined && epoch === known.epoch && sequence < expected) {
        return { errorCode: ErrorCode.DUPLICATE_SEQUENCE_NUMBER, baseOffset: -1 }
      }
      if (known !== undefined && sequence !== expected) {
        return { errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, baseOffset: -1 }
      }
      this.sequences.set(producerId, { epoch, next: sequence + count })
      if (RecordBatch.isTransactional(bytes, 0) && !this.open.has(producerId)) this.open.set(producerId, this.end)
    }
    return { errorCode: ErrorCode.NONE, baseOffset: this.#store(bytes, count) }
  }

  #store(bytes: Uint8Array, count: number): number {
    const baseOffset = this.end
    RecordBatch.setBaseOffset(bytes, 0, baseOffset)
    RecordBatch.setPartitionLeaderEpoch(bytes, 0, 0)
    const producerId = RecordBatch.producerId(bytes, 0)
    const isControl = RecordBatch.isControl(bytes, 0)
    this.batches.push({ bytes, baseOffset, nextOffset: baseOffset + count, producerId, isControl })
    return baseOffset
  }

  mark(type: "COMMIT" | "ABORT", producerId: number, producerEpoch: number): void {
    const firstOffset = this.open.get(producerId)
    if (firstOffset === undefined) return
    const marker = ControlRecord.buildMarker({ type, producerId, producerEpoch, coordinatorEpoch: 0, timestamp: 0 })
    const lastOffset = this.#store(marker.slice(), 1)
    this.open.delete(producerId)
    const known = this.sequences.get(producerId)
    const next = known === undefined || known.epoch < producerEpoch ? 0 : known.next
    this.sequences.set(producerId, { epoch: producerEpoch, next })
    if (type === "ABORT") this.aborted.push({ producerId, firstOffset, lastOffset })
  }

  /** The values of all records that are not void, as text. */
  values(): Array<string> {
    const values: Array<string> = []
    for (const { baseOffset, bytes, isControl, producerId } of this.batches) {
      if (isControl) continue
      const isVoid = this.aborted.some((one) =>
        one.producerId === producerId && one.firstOffset <= baseOffset && baseOffset < one.lastOffset
      )
      if (isVoid || (this.open.get(producerId) ?? Infinity) <= baseOffset) continue
      for (const record of Records.readBatchUnsafe(bytes, 0, PureCompression.make)) {
        values.push(record.value === null ? "null" : new TextDecoder().decode(record.value))
      }
    }
    return values
  }
}

interface FakeTransaction {
  producerId: number
  producerEpoch: number
  readonly offsets: Map<string, number>
}

/** A partition of a fetch session, and what the session has told of it last. */
interface SessionPartition {
  readonly topic: string
  readonly partition: number
  readonly fetchOffset: number
  readonly told: string
}

interface FakeSession {
  epoch: number
  readonly partitions: Map<string, SessionPartition>
}

/** What a fetch asks for, of all partitions or within a session. */
interface Asked {
  readonly sessionId: number
  readonly session: FakeSession | undefined
  readonly wanted: ReadonlyArray<SessionPartition>
}

type FetchBody = Message.Type<typeof Apis.fetch.request>

const clusterId = "fake"
const nodeId = 1

export class FakeBroker {
  readonly calls: Array<Call> = []
  readonly committed = new Map<string, number>()
  readonly transactions = new Map<string, FakeTransaction>()
  readonly #host: string
  readonly #logs = new Map<string, Array<FakeLog>>()
  readonly #routes = new Map<number, Route>()
  readonly #overrides = new Map<number, Route>()
  #producerId = 100
  #generation = 0
  #assignment: Uint8Array = new Uint8Array(0)
  transactionVersion = 2
  /** Topics have ids, and Produce and Fetch know them by these. */
  hasTopicIds = false
  /** Fetches are sessions, as Kafka keeps them: what has not changed is not said again. */
  hasFetchSessions = false
  readonly sessions = new Map<number, FakeSession>()
  readonly #ids = new Map<string, string>()
  #sessionId = 7

  constructor(host = "memory:fake") {
    this.#host = host
    this.#routeAll()
  }

  topic(name: string, partitions = 1): void {
    this.#logs.set(name, Array.from({ length: partitions }, () => new FakeLog()))
    const bytes = new Uint8Array(16)
    new DataView(bytes.buffer).setUint32(12, this.#ids.size + 2)
    this.#ids.set(name, Uuid.fromBytes(bytes))
  }

  topicId(name: string): string {
    return this.hasTopicIds ? this.#ids.get(name) ?? Uuid.zero : Uuid.zero
  }

  /** The name of a topic that a request names by one or the other. */
  #nameOf(name: string, topicId: string): string {
    if (name !== "") return name
    for (const [known, id] of this.#ids) if (id === topicId) return known
    throw new Error(`no topic ${topicId}`)
  }

  #naming(name: string, version: number) {
    return version >= 13 ? { topicId: this.topicId(name) } : { topic: name }
  }

  log(topic: string, partition = 0): FakeLog {
    return this.#logs.get(topic)![partition]!
  }

  named(api: string): ReadonlyArray<Call> {
    return this.calls.filter((call) => call.api === api)
  }

  /** Replaces what the broker does; the handler may leave single requests to it. */
  on<Q extends Message.Any, S extends Message.Any>(api: Apis.Api<Q, S>, handler: Handler<Q, S>): void {
    this.#overrides.set(api.request.apiKey, this.#route(api, handler))
  }

  #serve<Q extends Message.Any, S extends Message.Any>(api: Apis.Api<Q, S>, handler: Handler<Q, S>): void {
    this.#routes.set(api.request.apiKey, this.#route(api, handler))
  }

  #route<Q extends Message.Any, S extends Message.Any>(api: Apis.Api<Q, S>, handler: Handler<Q, S>): Route {
    const { apiKey, versionMax, versionMin } = api.request
    return {
      versionMin,
      versionMax,
      serve: (reader, version, correlationId) => {
        const start = reader.position
        const body = Message.readUnsafe(api.request, version, reader)
        reader.position = start
        const answer = handler(body, version)
        return Effect.flatMap(Effect.isEffect(answer) ? answer : Effect.succeed(answer), (input) => {
          if (input === undefined) return this.#routes.get(apiKey)!.serve(reader, version, correlationId)
          if (input === null) return Effect.succeed(null)
          // An unknown version of ApiVersions is answered in version 0.
          const isRefused = apiKey === Apis.apiVersions.request.apiKey && "errorCode" in input &&
            input.errorCode === ErrorCode.UNSUPPORTED_VERSION
          const answered = isRefused ? 0 : version
          return Effect.succeed(Frame.encodeResponseUnsafe(api.response, { version: answered, correlationId }, input))
        })
      }
    }
  }

  /** The network with this broker on it, and the cluster's address. */
  get layer(): Layer.Layer<Kafka.Kafka | Network | Compression> {
    return Layer.mergeAll(
      Kafka.layer({ bootstrapServers: this.#host }),
      PureCompression.layer,
      Layer.effectDiscard(this.#listen).pipe(Layer.provideMerge(MemoryNetwork.layer))
    ).pipe(Layer.orDie)
  }

  readonly #listen = Effect.gen({ self: this }, function*() {
    const network = yield* Network
    const listener = yield* network.listen({ host: this.#host, port: 0 })
    yield* Effect.forkScoped(
      Effect.forever(Effect.flatMap(listener.accept, (connection) => Effect.forkScoped(this.#talk(connection))))
    )
  })

  #talk(connection: Connection): Effect.Effect<void> {
    const decoder = new Frame.FrameDecoder()
    const next: Effect.Effect<void, unknown> = Effect.flatMap(connection.read, (chunk) => {
      if (chunk === null) return connection.close
      return Effect.andThen(
        Effect.forEach(decoder.push(chunk).frames, (frame) => this.#answer(connection, frame), { discard: true }),
        next
      )
    })
    return Effect.andThen(Effect.ignore(next), connection.close)
  }

  #answer(connection: Connection, frame: Uint8Array): Effect.Effect<void, unknown> {
    const reader = new ByteReader(frame)
    const { correlationId, requestApiKey, requestApiVersion } = Frame.readRequestHeaderUnsafe(reader)
    const pair = pairs.get(requestApiKey)!
    const body = Message.decodeUnsafe(pair.request, requestApiVersion, frame, reader.position)
    this.calls.push({ api: pair.request.name.slice(0, -"Request".length), version: requestApiVersion, body })
    const route = this.#overrides.get(requestApiKey) ?? this.#routes.get(requestApiKey)!
    return Effect.flatMap(
      route.serve(reader, requestApiVersion, correlationId),
      (chunks) => chunks === null ? Effect.void : connection.write(chunks.map((one) => one.slice()))
    )
  }

  // What it does by itself

  #routeAll(): void {
    this.#routeCluster()
    this.#routeRecords()
    this.#routeGroup()
    this.#routeTransactions()
  }

  #routeCluster(): void {
    this.#serve(Apis.apiVersions, () => ({
      errorCode: 0,
      apiKeys: [...new Map([...this.#routes, ...this.#overrides])].map(([apiKey, { versionMax, versionMin }]) => ({
        apiKey,
        minVersion: versionMin,
        maxVersion: apiKey === Apis.initProducerId.request.apiKey ? 5 : versionMax
      })),
      finalizedFeatures: [{
        name: "transaction.version",
        maxVersionLevel: this.transactionVersion,
        minVersionLevel: this.transactionVersion
      }]
    }))
    this.#serve(Apis.metadata, ({ topics }) => ({
      brokers: [{ nodeId, host: this.#host, port: 0 }],
      clusterId,
      controllerId: nodeId,
      topics: (topics?.map((topic) => topic.name!) ?? [...this.#logs.keys()]).map((name) => {
        const logs = this.#logs.get(name)
        return {
          errorCode: logs === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : 0,
          name,
          topicId: this.topicId(name),
          partitions: (logs ?? []).map((_, partitionIndex) => ({
            errorCode: 0,
            partitionIndex,
            leaderId: nodeId,
            leaderEpoch: 0,
            replicaNodes: [nodeId],
            isrNodes: [nodeId]
          }))
        }
      })
    }))
    this.#serve(Apis.findCoordinator, ({ coordinatorKeys }) => ({
      coordinators: coordinatorKeys.map((key) => ({
        key,
        nodeId,
        host: this.#host,
        port: 0,
        errorCode: 0,
        errorMessage: null
      }))
    }))
  }

  #routeRecords(): void {
    this.#serve(Apis.produce, ({ acks, topicData }, version) => {
      const responses = topicData.map(({ name, partitionData, topicId }) => ({
        ...(version >= 13 ? { topicId } : { name }),
        partitionResponses: partitionData.map(({ index, records }) => ({
          index,
          ...this.log(this.#nameOf(name, topicId), index).append(records!)
        }))
      }))
      return acks === 0 ? null : { responses }
    })
    this.#serve(Apis.fetch, (body, version) => {
      const asked = this.#asked(body)
      if (typeof asked === "number") return { throttleTimeMs: 0, errorCode: asked, sessionId: 0, responses: [] }
      const { isolationLevel, maxWaitMs } = body
      const hasRecords = asked.wanted.some((one) => this.#read(one, isolationLevel).records.length > 0)
      const answer = Effect.sync(() => this.#fetched(asked, isolationLevel, version))
      return hasRecords ? answer : Effect.andThen(Effect.sleep(maxWaitMs), answer)
    })
    this.#serve(Apis.listOffsets, ({ topics }) => ({
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, timestamp }) => ({
          partitionIndex,
          errorCode: 0,
          offset: timestamp === -2 ? 0 : this.log(name, partitionIndex).end,
          leaderEpoch: 0
        }))
      }))
    }))
  }

  /** What a fetch asks for: all that it names, or all that its session holds; or why it is refused. */
  #asked({ forgottenTopicsData, sessionEpoch, sessionId, topics }: FetchBody): Asked | number {
    const named = topics.flatMap(({ partitions, topic, topicId }) =>
      partitions.map(({ fetchOffset, partition }) => (
        { topic: this.#nameOf(topic, topicId), partition, fetchOffset, told: "" }
      ))
    )
    if (!this.hasFetchSessions || sessionEpoch < 0) return { sessionId: 0, session: undefined, wanted: named }
    if (sessionEpoch === 0) {
      const session: FakeSession = { epoch: 1, partitions: new Map() }
      for (const one of named) session.partitions.set(`${one.topic}-${one.partition}`, one)
      this.sessions.set(++this.#sessionId, session)
      return { sessionId: this.#sessionId, session, wanted: named }
    }
    const session = this.sessions.get(sessionId)
    if (session === undefined) return ErrorCode.FETCH_SESSION_ID_NOT_FOUND
    if (session.epoch !== sessionEpoch) return ErrorCode.INVALID_FETCH_SESSION_EPOCH
    session.epoch++
    for (const { partitions, topic, topicId } of forgottenTopicsData) {
      for (const one of partitions) session.partitions.delete(`${this.#nameOf(topic, topicId)}-${one}`)
    }
    for (const one of named) {
      const key = `${one.topic}-${one.partition}`
      session.partitions.set(key, { ...one, told: session.partitions.get(key)?.told ?? "" })
    }
    return { sessionId, session, wanted: [...session.partitions.values()] }
  }

  /** The answer. A session leaves out what has neither records nor news. */
  #fetched(
    asked: Asked,
    isolationLevel: number,
    version: number
  ) {
    const responses = asked.wanted.flatMap((one) => {
      const read = this.#read(one, isolationLevel)
      const told = `${read.highWatermark} ${read.logStartOffset} ${read.errorCode}`
      const isNews = read.records.length > 0 || one.told !== told || read.errorCode !== 0
      asked.session?.partitions.set(`${one.topic}-${one.partition}`, { ...one, told })
      if (asked.session !== undefined && !isNews) return []
      return [{ ...this.#naming(one.topic, version), partitions: [read] }]
    })
    return { throttleTimeMs: 0, errorCode: 0, sessionId: asked.sessionId, responses }
  }

  #read({ fetchOffset, partition, topic }: SessionPartition, isolationLevel: number) {
    const log = this.log(topic, partition)
    const end = isolationLevel === 1 ? log.stable : log.end
    const batches = log.batches.filter((one) => one.nextOffset > fetchOffset && one.baseOffset < end)
    return {
      partitionIndex: partition,
      errorCode: fetchOffset > log.end ? ErrorCode.OFFSET_OUT_OF_RANGE : 0,
      highWatermark: log.end,
      lastStableOffset: log.stable,
      logStartOffset: 0,
      abortedTransactions: isolationLevel === 1 ? log.aborted.filter((one) => one.lastOffset >= fetchOffset) : null,
      records: concat(batches.map((one) => one.bytes))
    }
  }

  #routeGroup(): void {
    this.#serve(Apis.joinGroup, ({ memberId, protocols }) => {
      if (memberId === "") {
        const empty = { generationId: -1, protocolName: null, leader: "", members: [] }
        return { errorCode: ErrorCode.MEMBER_ID_REQUIRED, memberId: "member-1", ...empty }
      }
      this.#generation++
      const { metadata, name } = protocols[0]!
      return {
        errorCode: 0,
        generationId: this.#generation,
        protocolType: "consumer",
        protocolName: name,
        leader: memberId,
        memberId,
        members: [{ memberId, metadata: metadata.slice() }]
      }
    })
    this.#serve(Apis.syncGroup, ({ assignments, protocolName }) => {
      this.#assignment = assignments[0]?.assignment.slice() ?? this.#assignment
      return { errorCode: 0, protocolType: "consumer", protocolName, assignment: this.#assignment }
    })
    this.#serve(Apis.heartbeat, () => ({ errorCode: 0 }))
    this.#serve(Apis.leaveGroup, () => ({ errorCode: 0, members: [] }))
    this.#serve(Apis.offsetCommit, ({ topics }) => ({
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ committedOffset, partitionIndex }) => {
          this.committed.set(`${name}-${partitionIndex}`, committedOffset)
          return { partitionIndex, errorCode: 0 }
        })
      }))
    }))
    this.#serve(Apis.offsetFetch, ({ groups }) => ({
      groups: groups.map(({ groupId, topics }) => ({
        groupId,
        topics: (topics ?? []).map(({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map((partitionIndex) => ({
            partitionIndex,
            committedOffset: this.committed.get(`${name}-${partitionIndex}`) ?? -1,
            metadata: null,
            errorCode: 0
          }))
        }))
      }))
    }))
  }

  #routeTransactions(): void {
    this.#serve(Apis.initProducerId, ({ transactionalId }) => {
      if (transactionalId === null) {
        return { throttleTimeMs: 0, errorCode: 0, producerId: this.#producerId++, producerEpoch: 0 }
      }
      const known = this.transactions.get(transactionalId)
      if (known === undefined) {
        const producerId = this.#producerId++
        this.transactions.set(transactionalId, { producerId, producerEpoch: 0, offsets: new Map() })
        return { throttleTimeMs: 0, errorCode: 0, producerId, producerEpoch: 0 }
      }
      this.#finish(known, "ABORT", known.producerEpoch + 1)
      known.producerEpoch++
      return { throttleTimeMs: 0, errorCode: 0, producerId: known.producerId, producerEpoch: known.producerEpoch }
    })
    this.#serve(Apis.addPartitionsToTxn, ({ v3AndBelowTopics }) => ({
      resultsByTopicV3AndBelow: v3AndBelowTopics.map(({ name, partitions }) => ({
        name,
        resultsByPartition: partitions.map((partitionIndex) => ({ partitionIndex, partitionErrorCode: 0 }))
      })),
      throttleTimeMs: 0
    }))
    this.#serve(Apis.addOffsetsToTxn, () => ({ throttleTimeMs: 0, errorCode: 0 }))
    this.#serve(Apis.txnOffsetCommit, ({ topics, transactionalId }) => ({
      throttleTimeMs: 0,
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ committedOffset, partitionIndex }) => {
          this.transactions.get(transactionalId)!.offsets.set(`${name}-${partitionIndex}`, committedOffset)
          return { partitionIndex, errorCode: 0 }
        })
      }))
    }))
    this.#serve(Apis.endTxn, ({ committed, producerEpoch, transactionalId }, version) => {
      const known = this.transactions.get(transactionalId)!
      if (producerEpoch < known.producerEpoch) return { throttleTimeMs: 0, errorCode: ErrorCode.PRODUCER_FENCED }
      if (version >= 5) known.producerEpoch++
      this.#finish(known, committed ? "COMMIT" : "ABORT", known.producerEpoch)
      return version >= 5
        ? { throttleTimeMs: 0, errorCode: 0, producerId: known.producerId, producerEpoch: known.producerEpoch }
        : { throttleTimeMs: 0, errorCode: 0 }
    })
    this.#serve(Apis.describeTransactions, ({ transactionalIds }) => ({
      throttleTimeMs: 0,
      transactionStates: transactionalIds.map((transactionalId) => ({
        errorCode: 0,
        transactionalId,
        transactionState: "CompleteAbort",
        transactionTimeoutMs: 0,
        transactionStartTimeMs: -1,
        producerId: this.transactions.get(transactionalId)!.producerId,
        producerEpoch: this.transactions.get(transactionalId)!.producerEpoch,
        topics: []
      }))
    }))
  }

  #finish(transaction: FakeTransaction, type: "COMMIT" | "ABORT", epoch: number): void {
    for (const logs of this.#logs.values()) for (const log of logs) log.mark(type, transaction.producerId, epoch)
    if (type === "COMMIT") { for (const [key, offset] of transaction.offsets) this.committed.set(key, offset) }
    transaction.offsets.clear()
  }
}

const pairs = new Map<number, Apis.Api<Message.Any, Message.Any>>(
  Object.values(Apis).map((pair) => [pair.request.apiKey, pair])
)

const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
