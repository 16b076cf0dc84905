/**
 * What transactions write through: the protocol of one transactional producer as effects, and how it is set up.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type { GroupMetadata, OffsetAndMetadata } from "../consumer/ConsumerCore.ts"
import type { ProducerCore } from "../producer/ProducerCore.ts"
import type * as ProducerEngine from "../producer/ProducerEngine.ts"
import type { TransactionError } from "./TransactionError.ts"

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
