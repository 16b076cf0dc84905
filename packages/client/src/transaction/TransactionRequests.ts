/**
 * What a transactional producer asks of its coordinator, and of the coordinators of groups whose offsets it commits.
 *
 * Keeps true: a request is repeated, to whoever coordinates now, while that may help and for `maxBlock` at most. Both
 * protocols are spoken; which one is learnt with each initialisation.
 * Leaves to others: when to ask, and what an error means for the transaction (`TransactionEngine`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as KafkaError from "@millrace/core/errors/KafkaError"
import type { EndTxnResponse } from "@millrace/core/protocol/messages/EndTxn"
import type { InitProducerIdResponse } from "@millrace/core/protocol/messages/InitProducerId"
import * as Effect from "effect/Effect"
import * as Apis from "../cluster/Apis.ts"
import { canRetry, type Cluster, type CoordinatorType, type Lane, type RequestError } from "../cluster/Cluster.ts"
import { toCommit } from "../cluster/OffsetRequests.ts"
import * as Retry from "../cluster/Retry.ts"
import { groupByTopic, type TopicPartition } from "../cluster/TopicPartition.ts"
import type { GroupMetadata, OffsetAndMetadata } from "../consumer/ConsumerCore.ts"

/** Waits between attempts that only wait for the markers of the last transaction. */
const concurrentBackoffMs = 20

/**
 * Who writes: an id and an epoch.
 *
 * @since 0.1.0
 */
export interface ProducerIdentity {
  readonly producerId: number
  readonly producerEpoch: number
}

/**
 * Whether a coordinator that answers this may have written its decision all the same: its log failed or was too slow, and
 * whoever reads it next may find the decision there.
 */
const isUnsettled = (errorCode: number): boolean =>
  errorCode === ErrorCode.COORDINATOR_NOT_AVAILABLE ||
  errorCode === ErrorCode.NOT_COORDINATOR ||
  errorCode === ErrorCode.UNKNOWN_SERVER_ERROR

/**
 * The requests of one transactional producer.
 *
 * @since 0.1.0
 */
export class TransactionRequests {
  readonly #transactionalId: string
  readonly #timeoutMs: number
  readonly #maxBlockMs: number
  readonly #cluster: Cluster["Service"]
  readonly #lane: Lane
  #isVersion2 = false

  constructor(options: {
    readonly cluster: Cluster["Service"]
    readonly lane: Lane
    readonly transactionalId: string
    /** How long a transaction may stay open. */
    readonly timeoutMs: number
    readonly maxBlockMs: number
  }) {
    this.#cluster = options.cluster
    this.#lane = options.lane
    this.#transactionalId = options.transactionalId
    this.#timeoutMs = options.timeoutMs
    this.#maxBlockMs = options.maxBlockMs
  }

  /** Whether leaders add partitions by themselves, and each transaction has an epoch of its own. */
  get isVersion2(): boolean {
    return this.#isVersion2
  }

  /** Asks the coordinator of this producer until it does what it is asked. */
  #ask<A extends { readonly errorCode: number }>(
    request: (nodeId: number) => Effect.Effect<A, RequestError>,
    isWanted: () => boolean = () => true
  ): Effect.Effect<A, RequestError> {
    const transactionalId = this.#transactionalId
    const once = Effect.flatMap(this.#cluster.coordinator("transaction", transactionalId), request).pipe(
      Effect.flatMap((response) =>
        KafkaError.isError(response.errorCode)
          ? Effect.fail(KafkaError.fromCode(response.errorCode))
          : Effect.succeed(response)
      )
    )
    const again = Effect.catchIf(
      once,
      KafkaError.is("CONCURRENT_TRANSACTIONS"),
      () => Effect.andThen(Effect.sleep(concurrentBackoffMs), once)
    )
    return this.#repeated(again, "transaction", transactionalId, isWanted)
  }

  #repeated<A>(
    self: Effect.Effect<A, RequestError>,
    type: CoordinatorType,
    key: string,
    isWanted: () => boolean = () => true
  ): Effect.Effect<A, RequestError> {
    return Retry.retry<RequestError>({
      while: (error) => isWanted() && canRetry(error),
      timeoutMs: this.#maxBlockMs,
      onError: (error) =>
        Effect.sync(() => {
          if (error._tag === "KafkaError" && error.refresh !== "coordinator") return
          this.#cluster.forgetCoordinator(type, key)
        })
    })(self)
  }

  /** Learns which protocol the cluster speaks; between transactions only. */
  #learnVersion(nodeId: number): Effect.Effect<void, RequestError> {
    return Effect.map(this.#lane.connection(nodeId), (connection) => {
      this.#isVersion2 = (connection.features.get("transaction.version") ?? 0) >= 2
    })
  }

  /** A new epoch: fencing everyone else, or, with an identity of one's own, only if nobody has fenced us. */
  initialise(own: ProducerIdentity | undefined): Effect.Effect<InitProducerIdResponse, RequestError> {
    return Effect.suspend(() => {
      const identity = own === undefined ? {} : { producerId: own.producerId, producerEpoch: own.producerEpoch }
      return this.#ask((nodeId) =>
        Effect.andThen(
          this.#learnVersion(nodeId),
          this.#lane.call(nodeId, Apis.initProducerId, {
            transactionalId: this.#transactionalId,
            transactionTimeoutMs: this.#timeoutMs,
            ...identity
          }, { versionMax: 5, versionMin: own === undefined ? 0 : 3 })
        )
      )
    })
  }

  /** Announces partitions (transaction version 1). Not repeated once it is not wanted any more. */
  addPartitions(
    { producerEpoch, producerId }: ProducerIdentity,
    partitions: ReadonlyArray<TopicPartition>,
    isWanted: () => boolean
  ): Effect.Effect<void, RequestError> {
    const request = {
      v3AndBelowTransactionalId: this.#transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [...groupByTopic(partitions)].map(([name, numbers]) => ({ name, partitions: numbers }))
    }
    return Effect.asVoid(
      this.#ask(
        (nodeId) =>
          Effect.map(this.#lane.call(nodeId, Apis.addPartitionsToTxn, request, { versionMax: 3 }), (response) => {
            const answers = response.resultsByTopicV3AndBelow.flatMap((topic) => topic.resultsByPartition)
            const codes = answers.map((one) => one.partitionErrorCode).filter(KafkaError.isError)
            const code = codes.find((one) => one !== ErrorCode.OPERATION_NOT_ATTEMPTED) ?? codes[0]
            return { errorCode: code ?? ErrorCode.NONE }
          }),
        isWanted
      )
    )
  }

  /** Writes the offsets of one group into the transaction. */
  readonly commitOffsets = Effect.fnUntraced(
    { self: this },
    function*(
      this: TransactionRequests,
      { producerEpoch, producerId }: ProducerIdentity,
      group: GroupMetadata,
      offsets: ReadonlyArray<OffsetAndMetadata>
    ): Effect.fn.Return<void, RequestError> {
      const transactionalId = this.#transactionalId
      const { groupId, groupInstanceId, generationId, memberId } = group
      const isVersion2 = this.#isVersion2
      if (!isVersion2) {
        const announcement = { transactionalId, producerId, producerEpoch, groupId }
        yield* this.#ask((nodeId) => this.#lane.call(nodeId, Apis.addOffsetsToTxn, announcement))
      }
      const once = Effect.flatMap(
        this.#cluster.coordinator("group", groupId),
        (nodeId) =>
          this.#lane.call(nodeId, Apis.txnOffsetCommit, (version) => ({
            transactionalId,
            groupId,
            producerId,
            producerEpoch,
            ...(version >= 3 && { generationId, memberId, groupInstanceId }),
            topics: toCommit(offsets)
          }), isVersion2 ? { versionMin: 5 } : { versionMax: 4 })
      )
      const checked = Effect.flatMap(once, (response) => {
        const answers = response.topics.flatMap((topic) => topic.partitions)
        const wrong = answers.find((one) => KafkaError.isError(one.errorCode))
        return wrong === undefined ? Effect.void : Effect.fail(KafkaError.fromCode(wrong.errorCode))
      })
      yield* this.#repeated(checked, "group", groupId)
    }
  )

  /** Commits or aborts. `onUnanswered` is called when a request was sent and may have been carried out. */
  end(
    { producerEpoch, producerId }: ProducerIdentity,
    committed: boolean,
    onUnanswered: () => void
  ): Effect.Effect<EndTxnResponse, RequestError> {
    const request = { transactionalId: this.#transactionalId, producerId, producerEpoch, committed }
    const versions = this.#isVersion2 ? { versionMin: 5 } : { versionMax: 4 }
    return this.#ask((nodeId) =>
      this.#lane.call(nodeId, Apis.endTxn, request, versions).pipe(
        Effect.onError(() => Effect.sync(onUnanswered)),
        Effect.tap(({ errorCode }) => isUnsettled(errorCode) ? Effect.sync(onUnanswered) : Effect.void)
      )
    )
  }

  /** Whether the coordinator has aborted or is aborting the transaction of this producer, as far as it says so. */
  isAborted(producerId: number): Effect.Effect<boolean> {
    const transactionalId = this.#transactionalId
    return Effect.flatMap(
      this.#cluster.coordinator("transaction", transactionalId),
      (nodeId) => this.#lane.call(nodeId, Apis.describeTransactions, { transactionalIds: [transactionalId] })
    ).pipe(
      Effect.map(({ transactionStates: [state] }) =>
        state !== undefined && state.producerId === producerId && state.transactionState.endsWith("Abort")
      ),
      Effect.orElseSucceed(() => false)
    )
  }
}
