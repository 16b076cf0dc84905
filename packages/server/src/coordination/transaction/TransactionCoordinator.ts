/**
 * The transaction coordinator: producer ids, epochs and transactions, kept in `__transaction_state`.
 *
 * Keeps true: no method fails; what is refused is in the response, in the terms of the request's version.
 * Leaves to others: decisions (the pure modules of this folder), storage and time (`shard`), authorization, which
 * partitions this broker leads, FindCoordinator (they ask `partitionFor`).
 *
 * @since 0.1.0
 */
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
import type * as Effect from "effect/Effect"
import type { CoordinatorContext } from "../shard/RequestContext.ts"
import type { ShardLog } from "../shard/ShardLog.ts"

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
 * The answer for one partition: 0, or the error code that Produce or TxnOffsetCommit answers with.
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
