/**
 * What a partition remembers of idempotent and transactional producers: who wrote last, which batches would be
 * duplicates, which transactions are open, and so from where on the log is not yet stable.
 *
 * Keeps true: the state is a fold of the log's batches in order (`apply`), whatever was checked before; of each
 * producer the last five batches are known; a transaction counts as open until its marker is below the high
 * watermark.
 * Leaves to others: the file (`ProducerSnapshot`), the transaction index, who may ask.
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as ControlRecord from "@millrace/core/records/ControlRecord"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Records from "@millrace/core/records/Records"
import * as Result from "effect/Result"
import { producerBatchesMax } from "../limits.ts"
import * as PartitionError from "./PartitionError.ts"

/**
 * A batch that a retry of its producer would repeat.
 *
 * @since 0.1.0
 */
export interface ProducerBatch {
  readonly lastSequence: number
  readonly lastOffset: number
  readonly offsetDelta: number
  readonly timestamp: number
}

/**
 * What is known of one producer; -1 stands for none.
 *
 * @since 0.1.0
 */
export interface ProducerEntry {
  readonly producerId: number
  producerEpoch: number
  coordinatorEpoch: number
  lastTimestamp: number
  currentTransactionFirstOffset: number
  /** The latest last. */
  readonly batches: Array<ProducerBatch>
  /** Since when it is known to be idle, in `MonotonicTime`; this process alone knows. */
  idleSinceMs: number | undefined
}

/**
 * A transaction that a marker ended.
 *
 * @since 0.1.0
 */
export interface CompletedTransaction {
  readonly producerId: number
  readonly firstOffset: number
  readonly lastOffset: number
  readonly aborted: boolean
}

/**
 * A transaction that writes here: it is open, or its coordinator was asked about it; then a marker or the first append ends
 * the verification.
 *
 * @since 0.1.0
 */
export interface Verification {
  readonly producerId: number
  readonly producerEpoch: number
  /** A producer of the second transaction protocol, which begins each epoch at sequence 0. */
  readonly mustStartAtZero: boolean
  lowestSequence: number
  readonly startedMs: number
}

const { noProducerEpoch, noProducerId, noSequence } = RecordBatch

const entryOf = (producerId: number): ProducerEntry => ({
  producerId,
  producerEpoch: noProducerEpoch,
  coordinatorEpoch: -1,
  lastTimestamp: RecordBatch.noTimestamp,
  currentTransactionFirstOffset: -1,
  batches: [],
  idleSinceMs: undefined
})

const firstSequence = (batch: ProducerBatch): number =>
  batch.lastSequence >= batch.offsetDelta
    ? batch.lastSequence - batch.offsetDelta
    : 0x7fffffff - (batch.offsetDelta - batch.lastSequence) + 1

const isNext = (last: number, next: number): boolean => next === last + 1 || (next === 0 && last === 0x7fffffff)

const setEpoch = (entry: ProducerEntry, epoch: number): void => {
  if (entry.producerEpoch === epoch) return
  entry.producerEpoch = epoch
  entry.batches.length = 0
}

/**
 * The producers of one log.
 *
 * @since 0.1.0
 */
export class ProducerState {
  #producers = new Map<number, ProducerEntry>()
  /** Producer ids by the first offset of their open transaction, in ascending order. */
  #open = new Map<number, number>()
  /** Ended transactions whose marker may still be lost: not yet below the high watermark. */
  #ending: Array<CompletedTransaction> = []
  #verifications = new Map<number, Verification>()
  /** The offset up to which the log has been folded. */
  endOffset = 0

  get producers(): ReadonlyMap<number, ProducerEntry> {
    return this.#producers
  }

  /** Starts over with what a snapshot of the log up to `endOffset` holds. */
  restore(entries: ReadonlyArray<ProducerEntry>, endOffset: number): void {
    this.#producers = new Map(entries.map((entry) => [entry.producerId, entry]))
    this.#open = new Map(
      entries.filter((entry) => entry.currentTransactionFirstOffset >= 0)
        .map((entry): [number, number] => [entry.currentTransactionFirstOffset, entry.producerId])
        .sort(([one], [other]) => one - other)
    )
    this.#ending = []
    this.#verifications.clear()
    this.endOffset = endOffset
  }

  /** The first offset that a read-committed reader must not see yet, if any. */
  get firstUnstableOffset(): number | undefined {
    let first = this.#open.keys().next().value
    for (const { firstOffset } of this.#ending) if (first === undefined || firstOffset < first) first = firstOffset
    return first
  }

  /** The last stable offset once `ending` has ended. */
  lastStableOffsetAfter(ending: CompletedTransaction): number {
    for (const [firstOffset, producerId] of this.#open) if (producerId !== ending.producerId) return firstOffset
    return ending.lastOffset + 1
  }

  /** Forgets ended transactions whose marker is below the high watermark; true if there were any. */
  advanceHighWatermark(highWatermark: number): boolean {
    if (this.#ending.length === 0) return false
    const before = this.#ending.length
    this.#ending = this.#ending.filter((transaction) => transaction.lastOffset >= highWatermark)
    return this.#ending.length !== before
  }

  /** The batch at `at`, had it been written before: the original of a retry. */
  duplicateOf(bytes: Uint8Array, at: number): ProducerBatch | undefined {
    const entry = this.#producers.get(RecordBatch.producerId(bytes, at))
    if (entry === undefined || entry.producerEpoch !== RecordBatch.producerEpoch(bytes, at)) return undefined
    const first = RecordBatch.baseSequence(bytes, at)
    const last = RecordBatch.lastSequence(bytes, at)
    return entry.batches.find((batch) => batch.lastSequence === last && firstSequence(batch) === first)
  }

  hasOpenTransaction(producerId: number, producerEpoch: number): boolean {
    const entry = this.#producers.get(producerId)
    return entry !== undefined && entry.currentTransactionFirstOffset >= 0 && entry.producerEpoch === producerEpoch
  }

  /** Begins to verify a transaction, or goes on with the verification that is under way. */
  startVerification(wanted: Verification): Verification {
    const { lowestSequence, producerEpoch, producerId } = wanted
    const found = this.#verifications.get(producerId)
    if (found !== undefined && found.producerEpoch === producerEpoch) {
      if (lowestSequence >= 0 && lowestSequence < found.lowestSequence) found.lowestSequence = lowestSequence
      return found
    }
    this.#verifications.set(producerId, wanted)
    return wanted
  }

  isVerified(verification: Verification): boolean {
    return this.#verifications.get(verification.producerId) === verification
  }

  /**
   * Refuses a data batch of an older epoch, outside its open transaction, or (`sequenced`: from a client) out of order.
   */
  check(bytes: Uint8Array, at: number, sequenced: boolean): PartitionError.PartitionError | undefined {
    const producerId = RecordBatch.producerId(bytes, at)
    if (producerId === noProducerId || RecordBatch.isControl(bytes, at)) return undefined
    const entry = this.#producers.get(producerId)
    const sequence = RecordBatch.baseSequence(bytes, at)
    const producerEpoch = RecordBatch.producerEpoch(bytes, at)
    return (entry === undefined ? undefined : this.#checkEpoch(entry, producerEpoch)) ??
      (sequenced ? this.#checkFirst(producerId, entry, sequence) : undefined) ??
      (entry !== undefined && sequenced ? this.#checkSequence(entry, producerEpoch, sequence) : undefined) ??
      (entry === undefined ? undefined : this.#checkTransaction(entry, RecordBatch.isTransactional(bytes, at)))
  }

  /** While a transaction is being verified, nothing above its lowest sequence may come first. */
  #checkFirst(
    producerId: number,
    entry: ProducerEntry | undefined,
    sequence: number
  ): PartitionError.PartitionError | undefined {
    const verification = this.#verifications.get(producerId)
    if (verification === undefined) return undefined
    if (verification.mustStartAtZero && sequence !== 0 && (entry === undefined || entry.batches.length === 0)) {
      return outOfOrder(producerId, sequence, noSequence)
    }
    return sequence <= verification.lowestSequence
      ? undefined
      : outOfOrder(producerId, sequence, verification.lowestSequence - 1)
  }

  #checkEpoch(entry: ProducerEntry, producerEpoch: number): PartitionError.PartitionError | undefined {
    return producerEpoch >= entry.producerEpoch ? undefined : PartitionError.make(
      ErrorCode.INVALID_PRODUCER_EPOCH,
      `producer ${entry.producerId} has epoch ${entry.producerEpoch}, the batch has ${producerEpoch}`
    )
  }

  #checkSequence(
    entry: ProducerEntry,
    producerEpoch: number,
    sequence: number
  ): PartitionError.PartitionError | undefined {
    if (entry.producerEpoch === noProducerEpoch) return undefined
    if (producerEpoch !== entry.producerEpoch) {
      return sequence === 0 ? undefined : outOfOrder(entry.producerId, sequence, noSequence)
    }
    const last = entry.batches.at(-1)?.lastSequence ?? noSequence
    return isNext(last, sequence) ? undefined : outOfOrder(entry.producerId, sequence, last)
  }

  #checkTransaction(entry: ProducerEntry, transactional: boolean): PartitionError.PartitionError | undefined {
    return entry.currentTransactionFirstOffset < 0 || transactional ? undefined : PartitionError.make(
      ErrorCode.INVALID_TXN_STATE,
      `producer ${entry.producerId} has an open transaction; the batch is outside of it`
    )
  }

  /** Refuses the marker of a fenced producer or coordinator. */
  checkMarker(
    marker: { readonly producerId: number; readonly producerEpoch: number; readonly coordinatorEpoch: number },
    transactionVersion: number
  ): PartitionError.PartitionError | undefined {
    const entry = this.#producers.get(marker.producerId)
    if (entry === undefined) return undefined
    const open = entry.currentTransactionFirstOffset >= 0
    const lowest = transactionVersion >= 2 && open ? entry.producerEpoch + 1 : entry.producerEpoch
    if (marker.producerEpoch < lowest) {
      return this.#checkEpoch({ ...entry, producerEpoch: lowest }, marker.producerEpoch)
    }
    return marker.coordinatorEpoch >= entry.coordinatorEpoch ? undefined : PartitionError.make(
      ErrorCode.TRANSACTION_COORDINATOR_FENCED,
      `a coordinator of epoch ${entry.coordinatorEpoch} wrote before; this one has ${marker.coordinatorEpoch}`
    )
  }

  /** Folds the next batch of the log; answers with the transaction that it ends, if it ends one. */
  apply(bytes: Uint8Array, at: number): CompletedTransaction | undefined {
    this.endOffset = RecordBatch.nextOffset(bytes, at)
    const producerId = RecordBatch.producerId(bytes, at)
    if (producerId === noProducerId) return undefined
    if (RecordBatch.isControl(bytes, at)) return this.#applyMarker(bytes, at, producerId)
    const transactional = RecordBatch.isTransactional(bytes, at)
    // Coordinators write transactional batches without sequences: they open transactions, but cannot repeat.
    const entry = this.#entry(producerId)
    setEpoch(entry, RecordBatch.producerEpoch(bytes, at))
    const baseOffset = RecordBatch.baseOffset(bytes, at)
    const lastOffset = RecordBatch.lastOffset(bytes, at)
    entry.batches.push({
      lastSequence: RecordBatch.lastSequence(bytes, at),
      lastOffset,
      offsetDelta: lastOffset - baseOffset,
      timestamp: RecordBatch.maxTimestamp(bytes, at)
    })
    if (entry.batches.length > producerBatchesMax) entry.batches.shift()
    entry.lastTimestamp = RecordBatch.maxTimestamp(bytes, at)
    if (transactional) this.#verifications.delete(producerId)
    if (transactional && entry.currentTransactionFirstOffset < 0) {
      entry.currentTransactionFirstOffset = baseOffset
      this.#open.set(baseOffset, producerId)
    }
    return undefined
  }

  #entry(producerId: number): ProducerEntry {
    const found = this.#producers.get(producerId)
    if (found !== undefined) {
      found.idleSinceMs = undefined
      return found
    }
    const made = entryOf(producerId)
    this.#producers.set(producerId, made)
    return made
  }

  #applyMarker(bytes: Uint8Array, at: number, producerId: number): CompletedTransaction | undefined {
    const parsed = Records.attempt(() => ControlRecord.parseBatchUnsafe(bytes, at))
    const marker = Result.getOrUndefined(parsed)
    if (marker?.type !== "COMMIT" && marker?.type !== "ABORT") return undefined
    const entry = this.#entry(producerId)
    const firstOffset = entry.currentTransactionFirstOffset
    setEpoch(entry, RecordBatch.producerEpoch(bytes, at))
    entry.coordinatorEpoch = marker.value.coordinatorEpoch
    entry.lastTimestamp = RecordBatch.maxTimestamp(bytes, at)
    entry.currentTransactionFirstOffset = -1
    const verification = this.#verifications.get(producerId)
    // under the second protocol each transaction has an epoch of its own: a marker of the same epoch ended the one before
    const isOfNext = verification?.mustStartAtZero === true && verification.producerEpoch === entry.producerEpoch
    if (!isOfNext) this.#verifications.delete(producerId)
    if (firstOffset < 0) return undefined
    this.#open.delete(firstOffset)
    const completed = {
      producerId,
      firstOffset,
      lastOffset: RecordBatch.lastOffset(bytes, at),
      aborted: marker.type === "ABORT"
    }
    this.#ending.push(completed)
    return completed
  }

  /**
   * Forgets producers that have no open transaction and were idle for `expirationMs`, and stale verifications. Idleness
   * counts from the first call after the last batch, by a time that never jumps.
   */
  expire(nowMs: number, expirationMs: number): void {
    for (const entry of this.#producers.values()) {
      if (entry.currentTransactionFirstOffset >= 0) continue
      entry.idleSinceMs ??= nowMs
      if (nowMs - entry.idleSinceMs >= expirationMs) this.#producers.delete(entry.producerId)
    }
    for (const verification of this.#verifications.values()) {
      if (nowMs - verification.startedMs >= expirationMs) this.#verifications.delete(verification.producerId)
    }
  }

  /** Forgets transactions that ended below the new start of the log. */
  advanceLogStart(logStartOffset: number): void {
    this.#ending = this.#ending.filter((transaction) => transaction.lastOffset >= logStartOffset)
  }
}

/**
 * Whether a producer of a snapshot was idle for long enough to be forgotten, by the wall clock.
 *
 * @since 0.1.0
 */
export const isExpired = (entry: ProducerEntry, nowMs: number, expirationMs: number): boolean =>
  entry.currentTransactionFirstOffset < 0 && nowMs - entry.lastTimestamp >= expirationMs

const outOfOrder = (producerId: number, sequence: number, last: number): PartitionError.PartitionError =>
  PartitionError.make(
    ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
    `producer ${producerId} sent sequence ${sequence} after ${last}`
  )
