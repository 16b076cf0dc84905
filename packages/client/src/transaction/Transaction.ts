/**
 * Transactions as scoped resources: success commits, failure, defect or interruption aborts, exactly once.
 *
 * ```ts
 * const settle = Transaction.run(Effect.gen(function*() {
 *   const batch = yield* Transaction.take(payments)
 *   yield* Transaction.sendAll(ledger, batch.records.map(toEntry))
 * }))
 * ```
 *
 * Keeps true: writing needs the service `Transaction`, which only `run` provides, so that writing outside does not
 * compile; one transaction at a time on a producer, others wait; a batch that was taken is committed with the
 * transaction, or given again after an abort.
 * Leaves to others: the protocol (`TransactionalProducer`), consuming (`ConsumerCore`).
 *
 * @since 0.1.0
 */
import type { Kafka } from "@millrace/core/Kafka"
import type { Network } from "@millrace/core/platform/Network"
import type { Compression } from "@millrace/core/records/Compression"
import type * as Topic from "@millrace/core/streams/Topic"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Semaphore from "effect/Semaphore"
import * as Cluster from "../cluster/Cluster.ts"
import type { ConsumerError } from "../consumer/ConsumerError.ts"
import type { ProducerCore } from "../producer/ProducerCore.ts"
import { ProducerError } from "../producer/ProducerError.ts"
import * as TypedAppend from "../producer/TypedAppend.ts"
import { Sightings } from "./Sightings.ts"
import type { Options as TransactionalOptions, TransactionalCore } from "./TransactionalCore.ts"
import * as TransactionalProducer from "./TransactionalProducer.ts"
import { CommitFailed, TransactionClosed, type TransactionError, TransactionNested } from "./TransactionError.ts"
import { type TakenBatch, type TakeOptions, Takers } from "./Takers.ts"

export * from "./TransactionError.ts"
export type { TakenBatch, TakeOptions }

/** The open transaction, for `send`, `sendAll` and `take`. */
interface Handle {
  readonly producer: Producer
  /** The producer's core, for as long as this transaction is open. */
  readonly core: ProducerCore
  isOpen: boolean
  /** The first write that failed, whether or not anyone looked. */
  failure: ProducerError | undefined
  readonly sightings: Sightings
}

/**
 * The transaction that is open: what writing needs, and what `run` provides.
 *
 * @since 0.1.0
 */
export class Transaction extends Context.Service<Transaction, Handle>()("@millrace/client/transaction/Transaction") {}

interface Producer {
  readonly core: TransactionalCore
  readonly permits: Semaphore.Semaphore
  readonly takers: Takers
}

/**
 * The producer that transactions run on; `layer` makes it.
 *
 * @since 0.1.0
 */
export class TransactionProducer
  extends Context.Service<TransactionProducer, Producer>()("@millrace/client/transaction/TransactionProducer")
{}

/**
 * Options of `layer`: the producer's, and those of the consumers that `take` makes.
 *
 * @since 0.1.0
 */
export interface Options extends TransactionalOptions {
  /** The consumers of `take`: their group, by default named as the transactional id. */
  readonly consumer?: TakeOptions | undefined
}

/**
 * The producer of transactions with this transactional id. Building it fences whoever had the id before.
 *
 * @since 0.1.0
 */
export const layer = (
  options: Options
): Layer.Layer<TransactionProducer, TransactionError, Kafka | Network | Compression> =>
  Layer.effect(
    TransactionProducer,
    Effect.gen(function*() {
      const cluster = yield* Cluster.current
      const core = yield* TransactionalProducer.make(cluster, options)
      yield* core.init
      const takers = yield* Takers.make(cluster, { groupId: options.transactionalId, ...options.consumer })
      return { core, permits: Semaphore.makeUnsafe(1), takers }
    })
  )

const nested = ({ core: { transactionalId } }: Producer) =>
  new TransactionNested({ transactionalId, detail: "a transaction cannot run within another of the same producer" })

/**
 * Runs an effect as a transaction. Its success commits; its failure, defect or interruption aborts. Fails with what
 * the effect fails with, or with a `TransactionError`, which says whether to retry, restart or stop.
 *
 * @since 0.1.0
 */
export const run = <A, E, R>(
  use: Effect.Effect<A, E, R>
): Effect.Effect<A, E | TransactionError, Exclude<R, Transaction> | TransactionProducer> =>
  Effect.flatMap(TransactionProducer, (producer) =>
    Effect.flatMap(Effect.serviceOption(Transaction), (outer) => {
      if (outer._tag === "Some" && outer.value.producer === producer && outer.value.isOpen) {
        return Effect.fail(nested(producer))
      }
      return producer.permits.withPermits(1)(Effect.acquireUseRelease(
        Effect.withFiber((fiber) => Effect.map(producer.core.begin, () => handleOf(producer, new Sightings(fiber)))),
        (handle) => Effect.provideService(use, Transaction, handle),
        (handle, exit): Effect.Effect<void, TransactionError> => {
          handle.isOpen = false
          handle.sightings.end()
          if (!Exit.isSuccess(exit)) return abort(producer)
          if (handle.failure !== undefined) return refuse(producer, handle.failure.message, handle.failure)
          if (!producer.takers.areTakenOwned) {
            return refuse(producer, "the group has rebalanced since a batch was taken")
          }
          if (handle.sightings.isMissing) {
            return refuse(producer, "a fiber was interrupted that had just taken a batch")
          }
          return commit(producer)
        }
      ))
    }))

const closed = (producer: Producer) =>
  new TransactionClosed({
    transactionalId: producer.core.transactionalId,
    detail: "the transaction has ended, nothing more can be done in it"
  })

/** What outlives the transaction must not write into the next one: its core knows whether it is open. */
const handleOf = (producer: Producer, sightings: Sightings): Handle => {
  const { core } = producer
  const handle: Handle = {
    producer,
    isOpen: true,
    failure: undefined,
    sightings,
    core: {
      ...core,
      appendUnsafe: (...record) => {
        if (handle.isOpen) return core.appendUnsafe(...record)
        const cause = closed(producer)
        throw new ProducerError({
          reason: "Refused",
          detail: cause.detail,
          hint: "write within the transaction",
          cause
        })
      }
    }
  }
  return handle
}

/**
 * Nothing is committed: the body went on after a write had failed, what it took belongs to another member now, or it may
 * not have seen all of it.
 */
const refuse = (producer: Producer, why: string, cause?: ProducerError): Effect.Effect<void, TransactionError> => {
  const { transactionalId } = producer.core
  const detail = `nothing was committed: ${why}`
  return Effect.andThen(
    abort(producer),
    Effect.fail(new CommitFailed({ transactionalId, detail, remedy: "retry", cause }))
  )
}

const commit = (producer: Producer): Effect.Effect<void, TransactionError> =>
  Effect.suspend(() => {
    const { core, takers } = producer
    const offsets = takers.offsets()
    const join = offsets.length === 0 ? Effect.void : core.sendOffsets(offsets, takers.group())
    return Effect.andThen(join, core.commit).pipe(
      Effect.onExit((exit) => Effect.sync(() => Exit.isSuccess(exit) ? takers.committed() : takers.giveBack()))
    )
  })

const abort = ({ core, takers }: Producer): Effect.Effect<void> =>
  Effect.suspend(() => {
    takers.giveBack()
    return Effect.catch(core.abort, (error) =>
      Effect.logWarning(`the abort of a transaction went unanswered: ${error.message}`))
  })

/** Runs in the open transaction, or fails if it has ended. */
const open = <A, E extends ProducerError | ConsumerError | TransactionClosed>(
  use: (handle: Handle, fiber: Fiber.Fiber<unknown, unknown>) => Effect.Effect<A, E>
): Effect.Effect<A, E | TransactionClosed, Transaction> =>
  Effect.flatMap(Transaction, (handle) => {
    if (!handle.isOpen) return Effect.fail(closed(handle.producer))
    const used = Effect.withFiber((fiber) => {
      handle.sightings.goesOn(fiber)
      return use(handle, fiber)
    })
    return Effect.catch(used, (error): Effect.Effect<never, E | TransactionClosed> => {
      if (error.cause instanceof TransactionClosed) return Effect.fail(error.cause)
      if (error instanceof ProducerError) handle.failure ??= error
      return Effect.fail(error)
    })
  })

/**
 * Writes a record within the transaction; ends when it is in the buffer. A write that fails later makes the commit
 * fail, whether or not the transaction looked at it.
 *
 * @since 0.1.0
 */
export const send = <K, V>(
  topic: Topic.Topic<K, V>,
  record: TypedAppend.ProducerRecord<NoInfer<K>, NoInfer<V>>
): Effect.Effect<void, ProducerError | TransactionClosed, Transaction> => sendAll(topic, [record])

/**
 * Writes records within the transaction; ends when they are in the buffer.
 *
 * @since 0.1.0
 */
export const sendAll = <K, V>(
  topic: Topic.Topic<K, V>,
  records: Iterable<TypedAppend.ProducerRecord<NoInfer<K>, NoInfer<V>>>
): Effect.Effect<void, ProducerError | TransactionClosed, Transaction> =>
  open(({ core }) => TypedAppend.enqueueAll(core, topic, records))

/**
 * Takes the next batch of a topic into the transaction: its offsets are committed with it, or given up with it.
 * Waits until there is one. It may be interrupted; in the rare case that it had just taken a batch, the transaction fails
 * with `CommitFailed`, and the batch is given again.
 *
 * @since 0.1.0
 */
export const take = <K, V>(
  topic: Topic.Topic<K, V>
): Effect.Effect<TakenBatch<K, V>, ConsumerError | TransactionClosed, Transaction> =>
  open((handle, fiber) =>
    Effect.flatMap(
      handle.producer.takers.take(topic, () => handle.isOpen, () => handle.sightings.took(fiber)),
      (batch) => batch === undefined ? Effect.fail(closed(handle.producer)) : Effect.succeed(batch)
    )
  )
