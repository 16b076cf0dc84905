/**
 * The transaction coordinator: producer ids, epochs and transactions, kept in `__transaction_state`.
 *
 * Keeps true: no method fails; what is refused is in the response, in the terms of the request's version.
 * Leaves to others: decisions (the pure modules of this folder), storage and time (`shard`), authorization, which
 * partitions this broker leads, FindCoordinator (they ask `partitionFor`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { AddOffsetsToTxnRequest, AddOffsetsToTxnResponse } from "@millrace/core/protocol/messages/AddOffsetsToTxn"
import type {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse
} from "@millrace/core/protocol/messages/AddPartitionsToTxn"
import type {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse
} from "@millrace/core/protocol/messages/DescribeTransactions"
import type { EndTxnRequest, EndTxnResponse } from "@millrace/core/protocol/messages/EndTxn"
import type { InitProducerIdRequest, InitProducerIdResponse } from "@millrace/core/protocol/messages/InitProducerId"
import type {
  ListTransactionsRequest,
  ListTransactionsResponse
} from "@millrace/core/protocol/messages/ListTransactions"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type { VerifyRetry } from "../../replication/Partition.ts"
import type { CoordinatorContext } from "../shard/RequestContext.ts"
import type { Decide } from "../shard/Shard.ts"
import { answer } from "../shard/ShardDecision.ts"
import type { ShardLog } from "../shard/ShardLog.ts"
import * as ShardRuntime from "../shard/ShardRuntime.ts"
import { consumerOffsetsTopic, partitionOf, TopicDirectory, transactionStateTopic } from "../shard/TopicDirectory.ts"
import type { AddInput } from "./AddPartitions.ts"
import * as AddPartitions from "./AddPartitions.ts"
import { done, failed, type ProducerAnswer, type ProducerDone } from "./EndTransaction.ts"
import * as EndTransaction from "./EndTransaction.ts"
import * as InitProducer from "./InitProducer.ts"
import * as Markers from "./Markers.ts"
import { MarkerSender } from "./MarkerSender.ts"
import { ProducerIds } from "./ProducerIds.ts"
import type { TopicPartitions } from "./Transaction.ts"
import { none, noPartitions, transactionVersion2, union } from "./Transaction.ts"
import * as TransactionAdmin from "./TransactionAdmin.ts"
import * as TransactionalIdPattern from "./TransactionalIdPattern.ts"
import type { TransactionConfig } from "./TransactionConfig.ts"
import type { TransactionEvent } from "./TransactionEvent.ts"
import * as TransactionMachine from "./TransactionMachine.ts"
import type { SendMarkers, TransactionState, TransactionTimer } from "./TransactionState.ts"

/**
 * What a partition leader asks before it lets a producer begin a transaction at partitions that it leads.
 *
 * `operation`: "add" puts the partitions into the transaction (TV2: Produce v12+, TxnOffsetCommit v5+); "abortable"
 * only asks, and refuses as TRANSACTION_ABORTABLE (Produce v11, TxnOffsetCommit v4); "default" asks and refuses as
 * INVALID_TXN_STATE (older versions).
 *
 * @since 0.1.0
 */
export interface Verification {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
  readonly operation: "default" | "abortable" | "add"
  readonly topics: ReadonlyArray<{ readonly name: string; readonly partitions: ReadonlyArray<number> }>
}

/**
 * The answer for one partition: 0, or why not; CONCURRENT_TRANSACTIONS while the transaction before is still ending, a matter
 * of milliseconds.
 *
 * @since 0.1.0
 */
export interface VerifiedPartition {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
}

/**
 * One method per API, and what the broker tells the coordinator.
 *
 * @since 0.1.0
 */
export interface TransactionCoordinatorApi {
  /** The partition of `__transaction_state` that holds a transactional id; undefined while the topic does not exist. */
  readonly partitionFor: (transactionalId: string) => number | undefined
  readonly initProducerId: (
    request: InitProducerIdRequest,
    context: CoordinatorContext
  ) => Effect.Effect<InitProducerIdResponse>
  readonly addPartitionsToTxn: (
    request: AddPartitionsToTxnRequest,
    context: CoordinatorContext
  ) => Effect.Effect<AddPartitionsToTxnResponse>
  readonly addOffsetsToTxn: (
    request: AddOffsetsToTxnRequest,
    context: CoordinatorContext
  ) => Effect.Effect<AddOffsetsToTxnResponse>
  readonly endTxn: (request: EndTxnRequest, context: CoordinatorContext) => Effect.Effect<EndTxnResponse>
  readonly describeTransactions: (
    request: DescribeTransactionsRequest,
    context: CoordinatorContext
  ) => Effect.Effect<DescribeTransactionsResponse>
  readonly listTransactions: (
    request: ListTransactionsRequest,
    context: CoordinatorContext
  ) => Effect.Effect<ListTransactionsResponse>
  /** For how long a leader asks again while the transaction before is still ending. */
  readonly verifyRetry: VerifyRetry
  /** Asks whether a transaction may write to partitions; every partition of the question is in the answer. */
  readonly verify: (verification: Verification) => Effect.Effect<ReadonlyArray<VerifiedPartition>>
  /** This broker leads the partition now; its transactions are served once the log is read. */
  readonly elected: (partition: number, leaderEpoch: number, log: ShardLog) => Effect.Effect<void>
  /** This broker leads the partition no more. */
  readonly resigned: (partition: number) => Effect.Effect<void>
}

/**
 * The transaction coordinator of a broker.
 *
 * @since 0.1.0
 */
export class TransactionCoordinator extends Context.Service<TransactionCoordinator, TransactionCoordinatorApi>()(
  "@millrace/server/coordination/TransactionCoordinator"
) {}

type TransactionDecide<A> = Decide<TransactionState, TransactionEvent, TransactionTimer, SendMarkers, A>

/** Coordinators that one request may ask at the same time. */
const concurrency = 16
/** The first version of AddPartitionsToTxn that brokers send, for several transactions. */
const severalTransactionsSince = 4
/** The first version of EndTxn whose producers take the epoch that the end of a transaction gives them. */
const epochBumpSince = 5
/** The first versions that know PRODUCER_FENCED. */
const fencedSince = { addPartitions: 2, addOffsets: 2, end: 2, init: 4 }

/** Older clients know a fenced producer by its invalid epoch. */
const fencedFor = (apiVersion: number, since: number, code: number): number =>
  code === ErrorCode.PRODUCER_FENCED && apiVersion < since ? ErrorCode.INVALID_PRODUCER_EPOCH : code

/**
 * The transaction coordinator with these settings; its shards end with the scope.
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(config: TransactionConfig) {
  const topics = yield* TopicDirectory
  const sender = yield* MarkerSender
  const producerIds = yield* ProducerIds
  const runtime = yield* ShardRuntime.make<TransactionState, TransactionEvent, TransactionTimer, SendMarkers>({
    machine: TransactionMachine.make(config),
    perform: ({ transaction }, shard) => Markers.deliver(transaction, shard, sender, topics)
  })
  const partitionFor = (transactionalId: string) => partitionOf(topics, transactionStateTopic, transactionalId)

  /** Asks the shard of a transactional id; what keeps it from answering goes through `refuse`. */
  const ask = <A>(
    transactionalId: string,
    decide: TransactionDecide<A>,
    refuse: (code: number) => A
  ): Effect.Effect<A> =>
    Effect.suspend(() => {
      const partition = partitionFor(transactionalId)
      if (partition === undefined) return Effect.succeed(refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE))
      return Effect.catch(
        Effect.flatMap(runtime.shard(partition), (shard) => shard.submit(decide)),
        (error) => Effect.succeed(refuse(error.code))
      )
    })

  /** Asks for what may need a new producer id: a second time, with one, if it does. */
  const askProducer = Effect.fnUntraced(function*(
    transactionalId: string,
    decide: (newProducerId: number) => TransactionDecide<ProducerAnswer>
  ) {
    const first = yield* ask(transactionalId, decide(none), failed)
    if (first.type === "Done") return first
    const next = yield* Effect.result(producerIds.next)
    if (Result.isFailure(next)) return failed(next.failure.code)
    const second = yield* ask(transactionalId, decide(next.success), failed)
    return second.type === "Done" ? second : failed(ErrorCode.UNKNOWN_SERVER_ERROR)
  })

  const initProducerId = Effect.fnUntraced(function*(
    request: InitProducerIdRequest,
    { apiVersion }: CoordinatorContext
  ) {
    const { producerEpoch, producerId, transactionTimeoutMs: timeoutMs, transactionalId } = request
    if ((producerId === none) !== (producerEpoch === none)) return initResponse(apiVersion, invalidRequest)
    if (transactionalId === null) {
      return initResponse(
        apiVersion,
        yield* Effect.match(producerIds.next, {
          onSuccess: (id) => done(id, 0),
          onFailure: (e) => failed(e.code)
        })
      )
    }
    if (transactionalId === "") return initResponse(apiVersion, invalidRequest)
    if (timeoutMs <= 0 || timeoutMs > config.timeoutMaxMs) {
      return initResponse(apiVersion, failed(ErrorCode.INVALID_TRANSACTION_TIMEOUT))
    }
    const expected = producerId === none ? null : { producerId, producerEpoch }
    const answered = yield* askProducer(
      transactionalId,
      (newProducerId) => (state, now, ticket) =>
        InitProducer.init(state, { transactionalId, timeoutMs, expected, newProducerId }, now, ticket)
    )
    return initResponse(apiVersion, answered)
  })

  const endTxn = Effect.fnUntraced(function*(request: EndTxnRequest, { apiVersion }: CoordinatorContext) {
    const { committed, producerEpoch, producerId, transactionalId } = request
    const transactionVersion = apiVersion >= epochBumpSince ? transactionVersion2 : 0
    const answered = yield* askProducer(transactionalId, (newProducerId) => (state, now, ticket) =>
      EndTransaction.end(
        state,
        { transactionalId, producerId, producerEpoch, committed, transactionVersion, newProducerId },
        now,
        ticket
      ))
    const response: EndTxnResponse = {
      throttleTimeMs: 0,
      errorCode: fencedFor(apiVersion, fencedSince.end, answered.errorCode),
      producerId: answered.producerId,
      producerEpoch: answered.producerEpoch
    }
    return response
  })

  const add = (input: AddInput): Effect.Effect<number> =>
    ask<number>(
      input.transactionalId,
      (state, now, ticket) => AddPartitions.add(state, input, now, config, ticket),
      (code) => code
    )

  const verifyOnly = (input: AddInput): Effect.Effect<CodeOf> =>
    ask<CodeOf>(
      input.transactionalId,
      (state, _now, ticket) => answer(ticket, AddPartitions.verify(state, input)),
      (code) => () => code
    )

  /** Adds partitions, all or none: one that does not exist keeps the others out. */
  const addExisting = (input: AddInput): Effect.Effect<CodeOf> => {
    const isMissing = (topic: string, partition: number) => partition < 0 || partition >= topics.partitionCount(topic)
    for (const [topic, partitions] of input.partitions) {
      if (!partitions.some((partition) => isMissing(topic, partition))) continue
      return Effect.succeed((name, partition) =>
        isMissing(name, partition) ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.OPERATION_NOT_ATTEMPTED
      )
    }
    return Effect.map(add(input), (code) => () => code)
  }

  const addPartitionsToTxn = Effect.fnUntraced(function*(
    request: AddPartitionsToTxnRequest,
    { apiVersion }: CoordinatorContext
  ) {
    if (apiVersion < severalTransactionsSince) {
      const codeOf = yield* addExisting({
        transactionalId: request.v3AndBelowTransactionalId,
        producerId: request.v3AndBelowProducerId,
        producerEpoch: request.v3AndBelowProducerEpoch,
        partitions: partitionsOf(request.v3AndBelowTopics),
        transactionVersion: 0
      })
      const results = addResults(request.v3AndBelowTopics, codeOf, apiVersion)
      return addResponse(ErrorCode.NONE, [], results)
    }
    // Kafka leaves this one without an answer.
    if (request.transactions.length === 0) return addResponse(ErrorCode.INVALID_REQUEST, [], [])
    const results = yield* Effect.forEach(request.transactions, (asked) => {
      const { producerEpoch, producerId, transactionalId } = asked
      const partitions = partitionsOf(asked.topics)
      const input = { transactionalId, producerId, producerEpoch, partitions, transactionVersion: transactionVersion2 }
      return Effect.map(asked.verifyOnly ? verifyOnly(input) : addExisting(input), (codeOf) => ({
        transactionalId,
        topicResults: addResults(asked.topics, codeOf, apiVersion)
      }))
    }, { concurrency })
    return addResponse(ErrorCode.NONE, results, [])
  })

  const addOffsetsToTxn = Effect.fnUntraced(function*(
    request: AddOffsetsToTxnRequest,
    { apiVersion }: CoordinatorContext
  ) {
    const { groupId, producerEpoch, producerId, transactionalId } = request
    const partition = partitionOf(topics, consumerOffsetsTopic, groupId)
    const code = partition === undefined ? ErrorCode.COORDINATOR_NOT_AVAILABLE : yield* add({
      transactionalId,
      producerId,
      producerEpoch,
      partitions: new Map([[consumerOffsetsTopic, [partition]]]),
      transactionVersion: 0
    })
    return { throttleTimeMs: 0, errorCode: fencedFor(apiVersion, fencedSince.addOffsets, code) }
  })

  const verify = Effect.fnUntraced(function*(verification: Verification) {
    const { operation, producerEpoch, producerId, topics: asked, transactionalId } = verification
    const partitions = new Map(asked.map((topic) => [topic.name, topic.partitions] as const))
    const input = { transactionalId, producerId, producerEpoch, partitions, transactionVersion: transactionVersion2 }
    const codeOf = operation === "add"
      ? yield* Effect.map(add(input), (code) => () => code)
      : config.partitionVerificationEnable
      ? yield* verifyOnly(input)
      : () => ErrorCode.NONE
    return asked.flatMap(({ name, partitions }) =>
      partitions.map((partition): VerifiedPartition => ({
        topic: name,
        partition,
        errorCode: verifiedCode(codeOf(name, partition), operation)
      }))
    )
  })

  const describeTransactions = (request: DescribeTransactionsRequest): Effect.Effect<DescribeTransactionsResponse> =>
    Effect.map(
      Effect.forEach(request.transactionalIds, (transactionalId) =>
        transactionalId === ""
          ? Effect.succeed(TransactionAdmin.undescribed(transactionalId, ErrorCode.INVALID_REQUEST))
          : ask<DescribeTransactionsResponse["transactionStates"][number]>(
            transactionalId,
            (state, _now, ticket) => answer(ticket, TransactionAdmin.describe(state, transactionalId)),
            (code) => TransactionAdmin.undescribed(transactionalId, code)
          ), { concurrency }),
      (transactionStates) => ({ throttleTimeMs: 0, transactionStates })
    )

  const listTransactions = Effect.fnUntraced(function*(request: ListTransactionsRequest) {
    const matches = TransactionalIdPattern.compile(request.transactionalIdPattern)
    if (matches === undefined) return listResponse(ErrorCode.INVALID_REGULAR_EXPRESSION, [], [])
    const unknown = TransactionAdmin.unknownStates(request)
    const found: Array<ListTransactionsResponse["transactionStates"][number]> = []
    if (unknown.length > 0 && unknown.length === request.stateFilters.length) return listResponse(0, unknown, found)
    for (const shard of runtime.shards()) {
      const listed = yield* Effect.result(
        shard.submit<ListTransactionsResponse["transactionStates"]>((state, now, ticket) =>
          answer(ticket, TransactionAdmin.list(state, request, matches, now))
        )
      )
      if (Result.isSuccess(listed)) found.push(...listed.success)
      else if (listed.failure.reason !== "NotOwner") return listResponse(listed.failure.code, [], [])
    }
    return listResponse(ErrorCode.NONE, unknown, found)
  })

  return TransactionCoordinator.of({
    partitionFor,
    initProducerId,
    addPartitionsToTxn,
    addOffsetsToTxn,
    endTxn,
    describeTransactions,
    listTransactions,
    verifyRetry: config.verifyRetry,
    verify,
    elected: runtime.elected,
    resigned: runtime.resigned
  })
})

/** The error code of each partition. */
type CodeOf = (topic: string, partition: number) => number

const invalidRequest = failed(ErrorCode.INVALID_REQUEST)

const initResponse = (apiVersion: number, answered: ProducerDone): InitProducerIdResponse => ({
  throttleTimeMs: 0,
  errorCode: fencedFor(apiVersion, fencedSince.init, answered.errorCode),
  producerId: answered.producerId,
  producerEpoch: answered.producerEpoch,
  ongoingTxnProducerId: none,
  ongoingTxnProducerEpoch: none
})

const partitionsOf = (asked: AddPartitionsToTxnRequest["v3AndBelowTopics"]): TopicPartitions => {
  let result: TopicPartitions = noPartitions
  for (const { name, partitions } of asked) result = union(result, new Map([[name, partitions]]))
  return result
}

const addResults = (
  asked: AddPartitionsToTxnRequest["v3AndBelowTopics"],
  codeOf: CodeOf,
  apiVersion: number
): AddPartitionsToTxnResponse["resultsByTopicV3AndBelow"] =>
  asked.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex) => ({
      partitionIndex,
      partitionErrorCode: fencedFor(apiVersion, fencedSince.addPartitions, codeOf(name, partitionIndex))
    }))
  }))

const addResponse = (
  errorCode: number,
  resultsByTransaction: AddPartitionsToTxnResponse["resultsByTransaction"],
  resultsByTopicV3AndBelow: AddPartitionsToTxnResponse["resultsByTopicV3AndBelow"]
): AddPartitionsToTxnResponse => ({ throttleTimeMs: 0, errorCode, resultsByTransaction, resultsByTopicV3AndBelow })

const listResponse = (
  errorCode: number,
  unknownStateFilters: ReadonlyArray<string>,
  transactionStates: ListTransactionsResponse["transactionStates"]
): ListTransactionsResponse => ({ throttleTimeMs: 0, errorCode, unknownStateFilters, transactionStates })

/** What a partition leader is told. */
const verifiedCode = (code: number, operation: Verification["operation"]): number => {
  if (code === ErrorCode.PRODUCER_FENCED) return ErrorCode.INVALID_PRODUCER_EPOCH
  return code === ErrorCode.TRANSACTION_ABORTABLE && operation === "default" ? ErrorCode.INVALID_TXN_STATE : code
}

/**
 * The transaction coordinator with these settings; its shards end with the layer.
 *
 * @since 0.1.0
 */
export const layer = (
  config: TransactionConfig
): Layer.Layer<TransactionCoordinator, never, TopicDirectory | MarkerSender | ProducerIds> =>
  Layer.effect(TransactionCoordinator, make(config))
