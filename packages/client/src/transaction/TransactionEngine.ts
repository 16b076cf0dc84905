/**
 * The protocol of transactions, from the producer's side.
 *
 * Keeps true: nothing goes to the broker before the first write of a transaction; an empty one ends without a word;
 * after a failed write only an abort is possible; a fenced producer stays fenced. Both protocols are spoken: with
 * `transaction.version` 2 leaders add partitions by themselves and every transaction has an epoch of its own, before
 * that the producer announces partitions and groups.
 * Leaves to others: requests (`TransactionRequests`), batches (`Sender`), what is written.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as KafkaError from "@millrace/core/errors/KafkaError"
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { canRetry, type Cluster, type Lane, type RequestError } from "../cluster/Cluster.ts"
import { ClientError } from "../cluster/ClientError.ts"
import { Signal } from "../cluster/Signal.ts"
import { keyOf, type TopicPartition } from "../cluster/TopicPartition.ts"
import type { GroupMetadata, OffsetAndMetadata } from "../consumer/ConsumerCore.ts"
import { transactionTimeoutMs } from "../limits.ts"
import type { PartitionQueue } from "../producer/Accumulator.ts"
import * as ProducerEngine from "../producer/ProducerEngine.ts"
import { ProducerError } from "../producer/ProducerError.ts"
import type { SenderTransaction } from "../producer/Sender.ts"
import {
  CommitFailed,
  ProducerFenced,
  TransactionAborted,
  TransactionClosed,
  type TransactionError,
  TransactionNested,
  TransactionOutcomeUnknown,
  TransactionUnavailable
} from "./TransactionError.ts"
import type { Options, TransactionalCore } from "./TransactionalCore.ts"
import { TransactionRequests } from "./TransactionRequests.ts"

/** What keeps the transaction from being committed. */
interface Failure {
  readonly cause: RequestError | ProducerError
  /** The coordinator or a leader said that the epoch is old. */
  readonly isFenced: boolean
  /** The broker demands an abort. */
  readonly isAbortable: boolean
}

/**
 * A transactional producer at work.
 *
 * @since 0.1.0
 */
export class TransactionEngine implements SenderTransaction {
  readonly transactionalId: string
  readonly #requests: TransactionRequests
  readonly #clock: Clock.Clock
  readonly #timeoutMs: number
  readonly #announce = new Signal()
  engine!: ProducerEngine.Engine
  #state: "new" | "ready" | "open" | "ending" | "fatal" = "new"
  #fatal: TransactionError | undefined
  #failure: Failure | undefined
  /** The broker knows of this transaction, or may. */
  #isTouched = false
  /** A request to end it was sent, and what became of it is not known. */
  #isUnanswered = false
  #beganMs = 0
  /** Counts transactions: what one asked for is not for the next. */
  #number = 0
  readonly #added = new Set<string>()
  readonly #toAdd = new Map<string, TopicPartition>()
  #offsets = new Map<string, { readonly group: GroupMetadata; readonly offsets: Map<string, OffsetAndMetadata> }>()

  constructor(cluster: Cluster["Service"], lane: Lane, clock: Clock.Clock, options: Options) {
    this.transactionalId = options.transactionalId
    this.#clock = clock
    this.#timeoutMs = options.transactionTimeout === undefined
      ? transactionTimeoutMs
      : Duration.toMillis(Duration.fromInputUnsafe(options.transactionTimeout))
    this.#requests = new TransactionRequests({
      cluster,
      lane,
      transactionalId: this.transactionalId,
      timeoutMs: this.#timeoutMs,
      maxBlockMs: ProducerEngine.maxBlockMsOf(options)
    })
  }

  // What the sender asks

  readonly admits = (queue: PartitionQueue): boolean => {
    if (this.#failure !== undefined || (this.#state !== "open" && this.#state !== "ending")) return false
    if (this.#requests.isVersion2) {
      this.#isTouched = true
      return true
    }
    const key = keyOf(queue.topic, queue.partition)
    if (this.#added.has(key)) return true
    this.#toAdd.set(key, queue)
    this.#announce.raise()
    return false
  }

  readonly produceVersionMax = (): number => this.#requests.isVersion2 ? Infinity : 11

  readonly onFailed = (error: ProducerError): void => {
    if (error.reason === "Aborted") return
    const code = error.cause instanceof KafkaError.KafkaError ? error.cause.code : ErrorCode.NONE
    this.#fail(error, error.reason === "Fenced", code === ErrorCode.TRANSACTION_ABORTABLE)
  }

  #fail(cause: RequestError | ProducerError, isFenced: boolean, isAbortable: boolean): void {
    if (this.#failure !== undefined) return
    this.#failure = { cause, isFenced, isAbortable }
    this.engine.sender.failAll(aborted(cause), false)
  }

  /** A new epoch: fencing everyone else, or (`isOwn`) only if nobody has fenced us. */
  #initialise(isOwn: boolean): Effect.Effect<void, RequestError> {
    const { sender } = this.engine
    return Effect.map(this.#requests.initialise(isOwn ? sender.sequences : undefined), (response) => {
      // What is left of a transaction that was given up must not be sent again within the next.
      sender.failAll(aborted(this.#failure?.cause))
      sender.identify(response.producerId, response.producerEpoch)
    })
  }

  readonly init: Effect.Effect<void, TransactionError> = Effect.suspend(() => {
    if (this.#fatal !== undefined) return Effect.fail(this.#fatal)
    return this.#bounded(this.#initialise(false), () => Effect.fail(unanswered)).pipe(
      Effect.mapError((error) => this.#unavailable(error)),
      Effect.andThen(Effect.sync(() => {
        this.#state = "ready"
      }))
    )
  })

  readonly begin: Effect.Effect<void, TransactionError> = Effect.suspend(() => {
    if (this.#fatal !== undefined) return Effect.fail(this.#fatal)
    if (this.#state === "open" || this.#state === "ending") {
      const { transactionalId } = this
      return Effect.fail(new TransactionNested({ transactionalId, detail: "a transaction is open already" }))
    }
    if (this.#state === "new") return Effect.andThen(this.init, this.begin)
    this.#state = "open"
    this.#number++
    this.#failure = undefined
    this.#isTouched = false
    this.#beganMs = MonotonicTime.millisUnsafe(this.#clock)
    this.#added.clear()
    this.#toAdd.clear()
    this.#offsets = new Map()
    this.engine.sender.unreported = undefined
    return Effect.void
  })

  /** Announces partitions to the coordinator before their first batch leaves (transaction version 1). */
  readonly announcements: Effect.Effect<never> = Effect.forever(
    Effect.suspend(() =>
      this.#announce.wait.pipe(
        Effect.andThen(Effect.yieldNow),
        Effect.andThen(Effect.suspend(() => this.#announceAll))
      )
    )
  )

  readonly #announceAll: Effect.Effect<void> = Effect.suspend(() => {
    const partitions = [...this.#toAdd]
    if (partitions.length === 0) return Effect.void
    this.#toAdd.clear()
    this.#isTouched = true
    const number = this.#number
    const isWanted = () => number === this.#number && this.#failure === undefined
    const ask = this.#requests.addPartitions(this.engine.sender.sequences, partitions.map(([, one]) => one), isWanted)
    return Effect.match(ask, {
      onFailure: (error) => {
        if (isWanted()) this.#failWith(error)
      },
      onSuccess: () => {
        if (!isWanted()) return
        for (const [key] of partitions) this.#added.add(key)
        this.engine.sender.signal.raise()
      }
    })
  })

  #failWith(error: RequestError): void {
    this.#fail(
      error,
      isFencedCode(error),
      error._tag === "KafkaError" && error.code === ErrorCode.TRANSACTION_ABORTABLE
    )
  }

  readonly sendOffsets = (
    offsets: ReadonlyArray<OffsetAndMetadata>,
    group: GroupMetadata
  ): Effect.Effect<void, TransactionError> =>
    Effect.suspend(() => {
      if (this.#fatal !== undefined) return Effect.fail(this.#fatal)
      if (this.#state !== "open") return Effect.fail(this.closed())
      const known = this.#offsets.get(group.groupId)?.offsets ?? new Map<string, OffsetAndMetadata>()
      for (const one of offsets) known.set(keyOf(one.topic, one.partition), one)
      this.#offsets.set(group.groupId, { group, offsets: known })
      return Effect.void
    })

  closed(): TransactionClosed {
    return new TransactionClosed({ transactionalId: this.transactionalId, detail: "no transaction is open" })
  }

  #end(committed: boolean): Effect.Effect<void, RequestError> {
    const { sender } = this.engine
    const onUnanswered = () => {
      this.#isUnanswered = true
    }
    return Effect.map(this.#requests.end(sender.sequences, committed, onUnanswered), (response) => {
      if (this.#requests.isVersion2 && response.producerId >= 0) {
        sender.identify(response.producerId, response.producerEpoch)
      }
    })
  }

  // The end

  readonly flushed: Effect.Effect<void> = Effect.callback((resume) =>
    this.engine.sender.flush(() => resume(Effect.void))
  )

  /** Cannot be interrupted, hence bounded: who gives up waiting would not know what became of it. */
  readonly commit: Effect.Effect<void, TransactionError> = Effect.uninterruptibleMask(() => {
    if (this.#fatal !== undefined) return Effect.fail(this.#fatal)
    if (this.#state !== "open") return Effect.fail(this.closed())
    this.#state = "ending"
    return Effect.ensuring(
      this.#commitAll,
      Effect.sync(() => {
        if (this.#state === "ending") this.#state = "ready"
      })
    )
  })

  readonly #commitAll: Effect.Effect<void, TransactionError> = Effect.gen({ self: this }, function*() {
    const failure = yield* this.#bounded(this.#complete, () => Effect.succeed(stuck))
    if (failure !== undefined) return yield* this.#uncommitted(failure)
    if (!this.#isTouched) return
    this.#isUnanswered = false
    const outcome = yield* Effect.result(this.#bounded(this.#end(true), () => Effect.fail(unanswered)))
    if (outcome._tag === "Success") return
    const error = outcome.failure
    if (this.#isUnanswered || canRetry(error)) return yield* this.#outcomeUnknown(error)
    this.#failWith(error)
    return yield* this.#uncommitted(this.#failure ?? { cause: error, isFenced: false, isAbortable: false })
  })

  /** Writes all records and offsets of the transaction; what is in the way of its commit, if anything. */
  readonly #complete: Effect.Effect<Failure | undefined> = Effect.gen({ self: this }, function*() {
    yield* this.flushed
    for (const { group, offsets } of this.#offsets.values()) {
      if (this.#failure !== undefined) break
      this.#isTouched = true
      const outcome = yield* Effect.result(
        this.#requests.commitOffsets(this.engine.sender.sequences, group, [...offsets.values()])
      )
      if (outcome._tag === "Failure") this.#failWith(outcome.failure)
    }
    return this.#failure
  })

  #bounded<A, E, E2>(self: Effect.Effect<A, E>, orElse: () => Effect.Effect<A, E2>): Effect.Effect<A, E | E2> {
    return Effect.timeoutOrElse(self, { duration: this.engine.maxBlockMs, orElse })
  }

  /** No answer to EndTxn: only a new epoch can settle what became of it. */
  #outcomeUnknown(cause: RequestError): Effect.Effect<never, TransactionError> {
    const { transactionalId } = this
    const error = new TransactionOutcomeUnknown({
      transactionalId,
      detail: `the commit was not answered in time (${cause.message})`,
      cause
    })
    this.#state = "new"
    this.#isTouched = false
    return Effect.fail(error)
  }

  /** Aborts what cannot be committed, and says why. */
  #uncommitted(failure: Failure): Effect.Effect<never, TransactionError> {
    return Effect.flatMap(
      this.#explain(failure),
      (error) =>
        Effect.andThen(
          error._tag === "ProducerFenced" ? Effect.void : Effect.ignore(this.#abortOpen),
          Effect.fail(error)
        )
    )
  }

  readonly #explain = Effect.fnUntraced(
    { self: this },
    function*(this: TransactionEngine, failure: Failure): Effect.fn.Return<TransactionError> {
      const { transactionalId } = this
      const { cause } = failure
      if ((failure.isFenced || isEnded(cause)) && (yield* this.timedOut)) {
        this.#state = "new"
        this.#isTouched = false
        const detail = `the broker aborted the transaction, as it was open for more than ${this.#timeoutMs} ms`
        return new TransactionAborted({ transactionalId, detail, cause })
      }
      if (failure.isFenced) return this.#fence(cause)
      if (failure.isAbortable) {
        return new TransactionAborted({
          transactionalId,
          detail: `the broker demands an abort: ${cause.message}`,
          cause
        })
      }
      const isHopeless = cause._tag === "KafkaError" && cause.recovery === "fatal"
      const remedy = isHopeless ? "stop" : "retry"
      return new CommitFailed({ transactionalId, detail: `nothing was committed: ${cause.message}`, remedy, cause })
    }
  )

  #fence(cause: unknown): ProducerFenced {
    const { transactionalId } = this
    const detail = "a newer producer has taken over this transactional id"
    const error = new ProducerFenced({ transactionalId, detail, cause })
    this.#fatal = error
    this.#state = "fatal"
    const fenced = new ProducerError({ reason: "Fenced", detail, hint: "stop this producer", cause })
    this.engine.sender.fatal = fenced
    this.engine.sender.failAll(fenced)
    return error
  }

  /** Whether an old epoch comes from the coordinator's own abort after the timeout, and from nobody else. */
  readonly timedOut: Effect.Effect<boolean> = Effect.suspend(() => {
    if (MonotonicTime.millisUnsafe(this.#clock) - this.#beganMs < this.#timeoutMs) return Effect.succeed(false)
    return this.#requests.isAborted(this.engine.sender.sequences.producerId)
  })

  readonly abort: Effect.Effect<void, TransactionError> = Effect.uninterruptibleMask(() => {
    if (this.#state !== "open" && this.#state !== "ending") return Effect.void
    this.#state = "ending"
    return this.#abortOpen.pipe(
      Effect.mapError((error) => isFencedCode(error) ? this.#fence(error) : this.#unavailable(error)),
      Effect.ensuring(Effect.sync(() => {
        if (this.#state === "ending") this.#state = "ready"
      }))
    )
  })

  readonly #abortOpen: Effect.Effect<void, RequestError> = Effect.suspend(() =>
    this.#bounded(this.#abortAll, () => Effect.fail(unanswered))
  ).pipe(Effect.onError(() =>
    Effect.sync(() => {
      // What became of it is settled by a new epoch, before anything else is written.
      if (this.#state !== "fatal") this.#state = "new"
    })
  ))

  /** What has not been sent is dropped, what is on its way awaited; then the broker is told, if it knows anything. */
  readonly #abortAll: Effect.Effect<void, RequestError> = Effect.gen({ self: this }, function*() {
    const { sender } = this.engine
    const failure = this.#failure
    this.#failure ??= { cause: aborted(undefined), isFenced: false, isAbortable: true }
    sender.failAll(aborted(failure?.cause), false)
    yield* this.flushed
    if (!this.#isTouched) return
    this.#isTouched = false
    yield* this.#end(false)
    // What was dropped may have had its sequence: version 1 needs a new epoch, version 2 has one by now.
    if (!this.#requests.isVersion2) yield* this.#initialise(true)
  })

  #unavailable(cause: RequestError): TransactionError {
    const { transactionalId } = this
    if (isFencedCode(cause)) return this.#fence(cause)
    const isFatal = cause._tag === "KafkaError" && !cause.retriable
    return new TransactionUnavailable({
      transactionalId,
      detail: cause.message,
      remedy: isFatal ? "stop" : "restart",
      cause
    })
  }

  toCore(): TransactionalCore {
    const { core } = this.engine
    const { abort, begin, commit, init, sendOffsets, transactionalId } = this
    return {
      ...core,
      transactionalId,
      appendUnsafe: (...record) => {
        if (this.#state !== "open") throw outside(this.closed())
        if (this.#failure !== undefined) throw aborted(this.#failure.cause)
        core.appendUnsafe(...record)
      },
      init,
      begin,
      sendOffsets,
      commit,
      abort
    }
  }
}

const isFencedCode = (error: RequestError): boolean =>
  error._tag === "KafkaError" &&
  (error.code === ErrorCode.PRODUCER_FENCED || error.code === ErrorCode.INVALID_PRODUCER_EPOCH)

/** The coordinator knows of no open transaction. */
const isEnded = (error: Failure["cause"]): boolean =>
  error._tag === "KafkaError" && error.code === ErrorCode.INVALID_TXN_STATE

const aborted = (cause: Error | undefined) =>
  new ProducerError({
    reason: "Aborted",
    detail: cause === undefined
      ? "the transaction was aborted"
      : `the transaction cannot be committed: ${cause.message}`,
    hint: "run the transaction again",
    cause
  })

const outside = (cause: TransactionClosed) =>
  new ProducerError({ reason: "Refused", detail: cause.message, hint: "write within a transaction", cause })

const unanswered = new ClientError({
  reason: "Timeout",
  operation: "end of transaction",
  detail: "no answer within maxBlock",
  hint: "is the cluster up?"
})

const stuck: Failure = {
  cause: new ProducerError({
    reason: "Unavailable",
    detail: "the transaction's records were not acknowledged in time",
    hint: "is the cluster up?"
  }),
  isFenced: false,
  isAbortable: false
}
