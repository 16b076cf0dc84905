/**
 * Who a producer is to the brokers, and the sequences by which they tell its batches apart.
 *
 * Keeps true: sequences of a partition follow each other without a gap, from 0 on for each identity. If one is lost, the
 * producer's epoch is raised, once every batch whose fate is open has been settled, and what waits gets new sequences; what may
 * have been written is not sent again under another one.
 * Leaves to others: asking for an identity and sending (`Sender`); a transaction's epochs are its coordinator's.
 *
 * @since 0.1.0
 */
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import type { BuildOptions } from "@millrace/core/records/RecordBatchBuilder"
import type { Accumulator, Batch, PartitionQueue } from "./Accumulator.ts"
import { ProducerError } from "./ProducerError.ts"

/** From this epoch on, a new producer id is needed. */
const epochMax = 0x7ffe

const lostSequence = new ProducerError({
  reason: "SequenceLost",
  detail: "the broker does not know the sequence of a batch that it may have written",
  hint: "look whether the records are there before they are sent again"
})

/**
 * The identity of one producer, and the sequences of its batches.
 *
 * @since 0.1.0
 */
export class Sequences {
  /** -1: none yet. */
  producerId = -1
  producerEpoch = -1
  readonly #accumulator: Accumulator
  readonly #isIdempotent: boolean
  readonly #isTransactional: boolean
  readonly #end: (batch: Batch, error: ProducerError) => void
  #isLost = false

  constructor(options: {
    readonly accumulator: Accumulator
    readonly isIdempotent: boolean
    readonly isTransactional: boolean
    /** Ends a batch that was not written, as far as is known. */
    readonly end: (batch: Batch, error: ProducerError) => void
  }) {
    this.#accumulator = options.accumulator
    this.#isIdempotent = options.isIdempotent
    this.#isTransactional = options.isTransactional
    this.#end = options.end
  }

  /** Whether a sequence may be lost: until the epoch is raised, no new one is given away. */
  get isLost(): boolean {
    return this.#isLost
  }

  /** Whether nothing can be sent for want of an identity. */
  get isAnonymous(): boolean {
    return this.#isIdempotent && this.producerId < 0
  }

  /** Takes on an identity; sequences begin anew. */
  identify(producerId: number, producerEpoch: number): void {
    this.producerId = producerId
    this.producerEpoch = producerEpoch
    for (const queue of this.#accumulator.queues()) this.#restart(queue)
  }

  /**
   * Gives the batches that wait to be sent again new sequences, from 0 on. What may have been written would be written twice
   * under a new sequence: it has failed.
   */
  #restart(queue: PartitionQueue): void {
    queue.isPoisoned = false
    queue.nextSequence = 0
    const uncertain = queue.retry.filter((batch) => batch.isUncertain)
    queue.retry = queue.retry.filter((batch) => !batch.isUncertain)
    for (const batch of uncertain) this.#end(batch, lostSequence)
    for (const batch of queue.retry) {
      this.#give(batch, queue.nextSequence)
      RecordBatch.setProducer(batch.bytes!, 0, {
        producerId: this.producerId,
        producerEpoch: this.producerEpoch,
        baseSequence: batch.baseSequence
      })
    }
  }

  #give(batch: Batch, baseSequence: number): void {
    batch.baseSequence = baseSequence
    batch.queue.nextSequence = RecordBatch.incrementSequence(baseSequence, batch.recordsCount)
  }

  /** Notes that a sequence of the partition is lost: the next batch would be refused. */
  lose(queue: PartitionQueue): void {
    if (!this.#isIdempotent || this.#isTransactional) return
    queue.isPoisoned = true
    this.#isLost = true
  }

  /**
   * Raises the epoch, if a sequence is lost and no other batch's fate is open: `Raised`. `Spent`: there is no epoch left, and
   * another producer id is needed.
   */
  raise(): "Unchanged" | "Raised" | "Spent" {
    if (!this.#isLost) return "Unchanged"
    for (const queue of this.#accumulator.active) {
      if (queue.inFlight.length > 0 || (queue.retry.length > 0 && !queue.isPoisoned)) return "Unchanged"
    }
    this.#isLost = false
    if (![...this.#accumulator.queues()].some((queue) => queue.isPoisoned)) return "Unchanged"
    if (this.producerEpoch >= epochMax) {
      this.producerId = -1
      return "Spent"
    }
    this.identify(this.producerId, this.producerEpoch + 1)
    return "Raised"
  }

  /** Writes a batch under the next sequence of its partition; throws `CompressionError`. */
  buildUnsafe(batch: Batch): void {
    const baseSequence = this.#isIdempotent ? batch.queue.nextSequence : -1
    this.#accumulator.build(batch, this.#options(baseSequence))
    if (baseSequence >= 0) this.#give(batch, baseSequence)
  }

  /** A batch in two, under the sequences that it had; undefined if it cannot be. */
  split(batch: Batch): readonly [Batch, Batch] | undefined {
    return this.#accumulator.split(batch, (baseSequence) => this.#options(baseSequence))
  }

  /** What became of the sequence of a batch that was not written. `isKnown`: the broker said so. */
  forsake(batch: Batch, isKnown: boolean): void {
    if (batch.baseSequence < 0) return
    const { queue } = batch
    const isLast = isKnown && queue.inFlight.length === 0 && queue.retry.length === 0
    if (isLast) queue.nextSequence = batch.baseSequence
    else this.lose(queue)
  }

  #options(baseSequence: number): BuildOptions {
    if (!this.#isIdempotent) return {}
    const { producerEpoch, producerId } = this
    return { producerId, producerEpoch, baseSequence, transactional: this.#isTransactional }
  }
}
