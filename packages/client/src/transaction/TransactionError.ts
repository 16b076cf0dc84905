/**
 * How transactions fail, and what to do then: each says whether to `retry` the transaction, to `restart` the producer
 * (a new layer), or to `stop` because another one has taken over.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * What to do after a failed transaction.
 *
 * @since 0.1.0
 */
export type Remedy = "retry" | "restart" | "stop"

interface Fields {
  readonly transactionalId: string
  readonly detail: string
  readonly cause?: unknown
}

const describe = (self: Fields & { readonly remedy: Remedy }) =>
  `${self.transactionalId}: ${self.detail}; ${self.remedy}`

/**
 * A newer producer with this transactional id exists; nothing more may be written here.
 *
 * @since 0.1.0
 */
export class ProducerFenced extends Data.TaggedError("ProducerFenced")<Fields> {
  readonly remedy = "stop"
  override get message(): string {
    return describe(this)
  }
}

/**
 * The broker aborted the transaction (its time was up), or demands that it is aborted: nothing of it was written.
 *
 * @since 0.1.0
 */
export class TransactionAborted extends Data.TaggedError("TransactionAborted")<Fields> {
  readonly remedy = "retry"
  override get message(): string {
    return describe(this)
  }
}

/**
 * The transaction was not committed: a write failed, or the broker refused the commit. It has been aborted.
 *
 * @since 0.1.0
 */
export class CommitFailed extends Data.TaggedError("CommitFailed")<Fields & { readonly remedy: Remedy }> {
  override get message(): string {
    return describe(this)
  }
}

/**
 * The commit was sent and no answer came in time: it may have succeeded or not. Restart the producer, which settles
 * it one way or the other, and look at the result.
 *
 * @since 0.1.0
 */
export class TransactionOutcomeUnknown extends Data.TaggedError("TransactionOutcomeUnknown")<Fields> {
  readonly remedy = "restart"
  override get message(): string {
    return describe(this)
  }
}

/**
 * An effect of a transaction ran after it had ended.
 *
 * @since 0.1.0
 */
export class TransactionClosed extends Data.TaggedError("TransactionClosed")<Fields> {
  readonly remedy = "retry"
  override get message(): string {
    return describe(this)
  }
}

/**
 * A transaction was begun inside another of the same producer.
 *
 * @since 0.1.0
 */
export class TransactionNested extends Data.TaggedError("TransactionNested")<Fields> {
  readonly remedy = "stop"
  override get message(): string {
    return describe(this)
  }
}

/**
 * The cluster could not be reached, or refuses this transactional id in a way that does not pass.
 *
 * @since 0.1.0
 */
export class TransactionUnavailable
  extends Data.TaggedError("TransactionUnavailable")<Fields & { readonly remedy: Remedy }>
{
  override get message(): string {
    return describe(this)
  }
}

/**
 * All of them.
 *
 * @since 0.1.0
 */
export type TransactionError =
  | ProducerFenced
  | TransactionAborted
  | CommitFailed
  | TransactionOutcomeUnknown
  | TransactionClosed
  | TransactionNested
  | TransactionUnavailable
