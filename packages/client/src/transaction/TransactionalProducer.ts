/**
 * The producer that transactions run on: initialise, begin, write, commit or abort.
 *
 * Keeps true: nothing goes to the broker before the first write of a transaction; an empty one ends without a word;
 * after a failed write only an abort is possible; a fenced producer stays fenced.
 * Leaves to others: scopes and typing of use (`Transaction`), what to write.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { GroupMetadata, OffsetAndMetadata } from "../consumer/ConsumerCore.ts"
import type { ProducerCore } from "../producer/ProducerCore.ts"
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
  /** Flushes, writes the offsets, and commits. Bounded by `maxBlock`. */
  readonly commit: Effect.Effect<void, TransactionError>
  /** Drops what is buffered and aborts. Fails only if the producer cannot go on. */
  readonly abort: Effect.Effect<void, TransactionError>
}
