/**
 * How results and positions reach the cluster: at least once (results first, then positions), or exactly once (both in one
 * transaction).
 *
 * Keeps true: positions are never committed before what was made of the records below them is written. After `commit` has
 * answered `Lost` nothing of the open work counts: the tasks must be thrown away, restored and started at what is
 * committed, after `renew`.
 * Leaves to others: when to commit, and the tasks.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { ConsumerCore, OffsetAndMetadata } from "../../consumer/ConsumerCore.ts"
import * as limits from "../../limits.ts"
import type { ProducerCore } from "../../producer/ProducerCore.ts"
import type { ProducerError } from "../../producer/ProducerError.ts"
import type { TransactionalCore } from "../../transaction/TransactionalCore.ts"
import type { TransactionError } from "../../transaction/TransactionError.ts"
import type { Output } from "../engine/Flow.ts"
import { LateTopics } from "./LateTopics.ts"
import { StreamsError } from "./StreamsError.ts"

/**
 * What became of a commit. `Later`: nothing was committed, and nothing is lost: commit again after the next poll.
 *
 * @since 0.1.0
 */
export type Outcome = "Committed" | "Later" | "Lost"

/**
 * The way to the cluster.
 *
 * @since 0.1.0
 */
export interface Delivery {
  /** Where tasks write to. */
  readonly output: Output
  /** Waits until there is room for more output; false if the open work is lost. */
  readonly room: Effect.Effect<boolean, StreamsError>
  /** What a failed write means: that the open work is lost, or that the app has to stop. */
  readonly onFailure: (cause: ProducerError) => Effect.Effect<void, StreamsError>
  /** Writes out everything, and commits positions with it. */
  readonly commit: (
    consumer: Pick<ConsumerCore, "commit" | "groupMetadata">,
    offsets: ReadonlyArray<OffsetAndMetadata>
  ) => Effect.Effect<Outcome, StreamsError>
  /** The offset after the last record of a partition that was written and acknowledged; -1 if it is not known. */
  readonly writtenEnd: (topic: string, partition: number) => number
  /** Gives up what is open: it will never count. */
  readonly abort: Effect.Effect<void>
  /** Begins anew after `Lost` or `abort`. */
  readonly renew: Effect.Effect<void, StreamsError>
}

/**
 * A failed write, as what stops an app.
 *
 * @since 0.1.0
 */
export const producing = (applicationId: string) => (cause: ProducerError) =>
  new StreamsError<never>({
    reason: "Producing",
    applicationId,
    detail: cause.message,
    hint: "start the app again when the cause is gone: it goes on at what is committed",
    cause
  })

/** Failures of a write that another attempt would meet again. */
const permanent: ReadonlySet<ProducerError["reason"]> = new Set(["TooLarge", "UnknownTopic", "UnknownPartition"])

/**
 * At least once: flush, then commit. A result that cannot be written stops the app.
 *
 * @since 0.1.0
 */
export const atLeastOnce = (applicationId: string, producer: ProducerCore): Delivery => {
  const failed = producing(applicationId)
  const late = new LateTopics(() => producer)
  const commit: Delivery["commit"] = Effect.fnUntraced(function*(consumer, offsets) {
    yield* Effect.mapError(Effect.andThen(late.settle, producer.flush), failed)
    if (offsets.length === 0) return "Committed"
    return yield* consumer.commit(offsets).pipe(
      Effect.as<Outcome>("Committed"),
      Effect.catchTag("ConsumerError", (cause) => {
        if (cause.reason === "RebalanceInProgress") return Effect.succeed<Outcome>("Later")
        // the group went on without this member: the next poll says which tasks are gone
        if (cause.reason === "CommitFailed") return Effect.succeed<Outcome>("Later")
        return Effect.fail(
          new StreamsError<never>({
            reason: "Consuming",
            applicationId,
            detail: `positions could not be committed: ${cause.message}`,
            hint: "start the app again when the cause is gone",
            cause
          })
        )
      })
    )
  })
  return {
    output: late.output,
    room: Effect.andThen(late.settle, producer.room).pipe(Effect.mapError(failed), Effect.as(true)),
    onFailure: (cause) => Effect.fail(failed(cause)),
    commit,
    writtenEnd: producer.writtenEnd,
    abort: Effect.void,
    renew: Effect.void
  }
}

/**
 * Exactly once: one transaction after the other. `make` gives an initialised producer, under a new identity if `isFenced`:
 * whoever fenced this one then lives on beside it.
 *
 * @since 0.1.0
 */
export const exactlyOnce = Effect.fnUntraced(function*(
  applicationId: string,
  make: (
    isFenced: boolean
  ) => Effect.Effect<TransactionalCore, TransactionError | ProducerError | StreamsError, Scope.Scope>
) {
  // of its own, so that producers can still be made while the app is being closed
  const outer = yield* Scope.make()
  yield* Effect.addFinalizer((exit) => Scope.close(outer, exit))
  const refused = (cause: TransactionError | ProducerError | StreamsError) =>
    cause._tag === "StreamsError" ? cause : new StreamsError<never>({
      reason: "Transaction",
      applicationId,
      detail: cause.message,
      hint: "start the app again when the cause is gone: it goes on at what is committed",
      cause
    })
  let scope = yield* Scope.fork(outer)
  let isFenced = false
  let failures = 0
  let lastFailure: TransactionError | ProducerError | undefined
  const open = Effect.suspend(() => Scope.provide(make(isFenced), scope)).pipe(
    Effect.tap((producer) => producer.begin),
    Effect.mapError(refused)
  )
  let producer = yield* open
  const late = new LateTopics(() => producer)

  /** What went wrong before counts as one of a row of failures until a commit succeeds. */
  const lost = (cause: TransactionError | ProducerError) =>
    Effect.logWarning(`transaction of ${applicationId} lost, its records are processed again: ${cause.message}`).pipe(
      Effect.andThen(Effect.sync((): Outcome => {
        isFenced = cause._tag === "ProducerFenced" || (cause._tag === "ProducerError" && cause.reason === "Fenced")
        failures++
        lastFailure = cause
        return "Lost"
      }))
    )
  /** Fails with what another attempt would meet again; all else is lost work. */
  const failedOrLost = (cause: TransactionError | ProducerError): Effect.Effect<Outcome, StreamsError> =>
    cause._tag === "ProducerError" && permanent.has(cause.reason)
      ? Effect.fail(producing(applicationId)(cause))
      : lost(cause)
  const commit: Delivery["commit"] = (consumer, offsets) =>
    late.settle.pipe(
      Effect.andThen(
        Effect.suspend(() =>
          offsets.length === 0 ? Effect.void : producer.sendOffsets(offsets, consumer.groupMetadata())
        )
      ),
      Effect.andThen(Effect.suspend(() => producer.commit)),
      Effect.andThen(Effect.suspend(() => producer.begin)),
      Effect.andThen(Effect.sync((): Outcome => {
        failures = 0
        return "Committed"
      })),
      Effect.catch(failedOrLost)
    )
  const renew = Effect.gen(function*() {
    if (failures > limits.transactionFailuresMax && lastFailure !== undefined) return yield* refused(lastFailure)
    yield* Scope.close(scope, Exit.void)
    if (failures > 1) yield* Effect.sleep(Math.min(limits.retryBackoffMaxMs, limits.retryBackoffMinMs * 2 ** failures))
    scope = yield* Scope.fork(outer)
    producer = yield* open
  })
  return {
    output: late.output,
    room: late.settle.pipe(
      Effect.andThen(Effect.suspend(() => producer.room)),
      Effect.as(true),
      Effect.catch((cause) => Effect.as(failedOrLost(cause), false))
    ),
    onFailure: (cause) => Effect.asVoid(failedOrLost(cause)),
    commit,
    writtenEnd: (topic, partition) => producer.writtenEnd(topic, partition),
    abort: Effect.suspend(() => {
      late.clear()
      return Effect.ignore(producer.abort)
    }),
    renew
  } satisfies Delivery
})
