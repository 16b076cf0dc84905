/**
 * The producer that transactions run on: initialise, begin, write, commit or abort.
 *
 * Leaves to others: the protocol (`TransactionEngine`), scopes and typing of use (`Transaction`), what to write.
 *
 * @since 0.1.0
 */
import type { Compression } from "@millrace/core/records/Compression"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Cluster } from "../cluster/Cluster.ts"
import type { GroupMetadata, OffsetAndMetadata } from "../consumer/ConsumerCore.ts"
import type { ProducerCore } from "../producer/ProducerCore.ts"
import * as ProducerEngine from "../producer/ProducerEngine.ts"
import type { TransactionError } from "./TransactionError.ts"

import { TransactionEngine } from "./TransactionEngine.ts"

/**
 * A producer with a transactional id. `appendUnsafe`, `room` and `flush` write into the transaction that has begun.
 *
 * @since 0.1.0
 */
export interface TransactionalCore extends ProducerCore {
  readonly transactionalId: string
  /** Fences whoever had this transactional id and settles what they left open. Once, before the first `begin`. */
  readonly init: Effect.Effect<void, TransactionError>
  /** Begins a transaction, here only: the broker learns of it with the first write. */
  readonly begin: Effect.Effect<void, TransactionError>
  /** Offsets to commit with the transaction, as the group member that `group` says. Sent with `commit`. */
  readonly sendOffsets: (
    offsets: ReadonlyArray<OffsetAndMetadata>,
    group: GroupMetadata
  ) => Effect.Effect<void, TransactionError>
  /**
   * Flushes, writes the offsets, and commits; bounded by `maxBlock`. When it fails, the transaction has been aborted,
   * unless its outcome is unknown.
   */
  readonly commit: Effect.Effect<void, TransactionError>
  /** Drops what is buffered and aborts. Does nothing without a transaction. */
  readonly abort: Effect.Effect<void, TransactionError>
}

/**
 * How a transactional producer works: a producer's options, and its name.
 *
 * @since 0.1.0
 */
export interface Options extends Omit<ProducerEngine.Options, "acks" | "idempotence"> {
  /** Who this producer is: a newer one of the same name fences it. */
  readonly transactionalId: string
  /** How long a transaction may stay open before the broker aborts it. */
  readonly transactionTimeout?: Duration.Input | undefined
}

/**
 * Starts a transactional producer in the scope; `init` comes first.
 *
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  cluster: Cluster["Service"],
  options: Options
): Effect.fn.Return<TransactionalCore, never, Compression | Scope.Scope> {
  const lane = yield* cluster.lane
  const clock = yield* Clock.Clock
  const producer = new TransactionEngine(cluster, lane, clock, options)
  producer.engine = yield* ProducerEngine.make(cluster, options, producer)
  yield* Effect.forkScoped(producer.announcements)
  return producer.toCore()
})
