/**
 * Sends batches to the leaders of their partitions and sees each to its end.
 *
 * Keeps true: at most one batch of a partition in a request; sequences leave in order, and after a failure nothing of
 * the partition is sent until all answers are in, so that what is sent again is sent in order.
 * Leaves to others: appending (`Accumulator`), identity and sequences (`Sequences`), how requests look (`ProduceExchange`),
 * transactions (`SenderTransaction`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as KafkaError from "@millrace/core/errors/KafkaError"
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import type { ProduceResponse } from "@millrace/core/protocol/messages/Produce"
import { CompressionError } from "@millrace/core/records/Compression"
import type { Clock } from "effect/Clock"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Apis from "../cluster/Apis.ts"
import type { ClientError } from "../cluster/ClientError.ts"
import { canRetry, type Cluster, type Lane } from "../cluster/Cluster.ts"
import { namedNodes } from "../cluster/ClusterMetadata.ts"
import * as Retry from "../cluster/Retry.ts"
import { Signal } from "../cluster/Signal.ts"
import { keyOf } from "../cluster/TopicPartition.ts"
import type { Accumulator, Batch, PartitionQueue } from "./Accumulator.ts"
import * as ProduceExchange from "./ProduceExchange.ts"
import { broken, expired, fenced, type ProducerError, refused } from "./ProducerError.ts"
import { Sequences } from "./Sequences.ts"

/**
 * What a sender is told once.
 *
 * @since 0.1.0
 */
export interface Settings {
  readonly acks: -1 | 0 | 1
  readonly lingerMs: number
  readonly metadataAgeMaxMs: number
  readonly idempotent: boolean
  readonly inFlightMax: number
  readonly requestMaxBytes: number
  readonly deliveryTimeoutMs: number
  readonly requestTimeoutMs: number
}

/**
 * What a transaction adds to sending.
 *
 * @since 0.1.0
 */
export interface SenderTransaction {
  readonly transactionalId: string
  /** Whether batches of this partition may be sent now; if not, the transaction raises the signal when they may. */
  readonly admits: (queue: PartitionQueue) => boolean
  /** The highest version of Produce that the transaction's protocol allows. */
  readonly produceVersionMax: () => number
  /** A batch was not written: the transaction cannot be committed any more. */
  readonly onFailed: (error: ProducerError) => void
}

/** Errors after which the records may be in the log all the same, and be there when it is read again. */
const mayBeWritten: ReadonlySet<number> = new Set([
  ErrorCode.REQUEST_TIMED_OUT,
  ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.UNKNOWN_SERVER_ERROR
])

/**
 * The sender of one producer.
 *
 * @since 0.1.0
 */
export class Sender {
  readonly signal = new Signal()
  readonly sequences: Sequences
  /** Set once, for good: why nothing more can be sent. */
  fatal: ProducerError | undefined
  /** The first failure of a record that nobody was told of. */
  unreported: ProducerError | undefined
  /** Told of each failure of records without acknowledgements. */
  onUnreported: (error: ProducerError) => void = () => {}
  /** Asked about a batch that the broker has refused and whose fate nobody awaits: true if it may be lost without a word. */
  forgives: (topic: string, bytes: Uint8Array, error: ProducerError) => boolean = () => false
  isClosing = false
  readonly #cluster: Cluster["Service"]
  readonly #lane: Lane
  readonly #scope: Scope.Scope
  readonly #clock: Clock
  readonly #accumulator: Accumulator
  readonly #settings: Settings
  readonly #transaction: SenderTransaction | undefined
  readonly #nodeInFlight = new Map<number, number>()
  readonly #connecting = new Set<number>()
  readonly #roomWaiters = new Set<() => void>()
  #order = 0
  #generation = -1
  #refreshedMs = 0
  #isRefreshing = false
  #refreshes = 0
  #work: Array<Effect.Effect<void>> = []
  #isIdentifying = false

  constructor(options: {
    readonly cluster: Cluster["Service"]
    readonly lane: Lane
    readonly scope: Scope.Scope
    readonly clock: Clock
    readonly accumulator: Accumulator
    readonly settings: Settings
    readonly transaction: SenderTransaction | undefined
  }) {
    this.#cluster = options.cluster
    this.#lane = options.lane
    this.#scope = options.scope
    this.#clock = options.clock
    this.#accumulator = options.accumulator
    this.#settings = options.settings
    this.#transaction = options.transaction
    this.#refreshedMs = MonotonicTime.millisUnsafe(options.clock)
    this.sequences = new Sequences({
      accumulator: options.accumulator,
      isIdempotent: options.settings.idempotent,
      isTransactional: options.transaction !== undefined,
      end: (batch, error) => this.#end(batch, error)
    })
    options.accumulator.onBatch = () => this.signal.raise()
  }

  /** Sends until interrupted. Works on a turn of its own, never within `append`. */
  readonly run: Effect.Effect<never> = Effect.suspend(() =>
    Effect.onError(
      this.#turns,
      // Nobody would send any more: say so to all who wait.
      (cause) =>
        Effect.sync(() => {
          if (!Cause.hasDies(cause)) return
          this.fatal ??= broken(cause)
          this.failAll(this.fatal)
        })
    )
  )

  readonly #turns: Effect.Effect<never> = Effect.suspend(() =>
    Effect.forever(
      Effect.suspend(() => {
        const waitMs = this.#turn(MonotonicTime.millisUnsafe(this.#clock))
        const work = this.#work
        this.#work = []
        return Effect.forEach(work, (one) => Effect.forkIn(one, this.#scope), { discard: true }).pipe(
          Effect.andThen(waitMs === Infinity ? this.signal.wait : this.signal.waitFor(waitMs)),
          Effect.andThen(Effect.yieldNow)
        )
      })
    )
  )

  /** Does all that can be done now; milliseconds until there may be more to do, unless the signal comes before. */
  #turn(now: number): number {
    this.#learnPartitions(now)
    this.#expire(now)
    if (this.fatal !== undefined) {
      this.failAll(this.fatal)
      return Infinity
    }
    if (this.sequences.isAnonymous) {
      if (this.#transaction === undefined && this.#accumulator.active.size > 0) this.#identify()
      return this.#nextExpiry(now)
    }
    this.#raiseEpoch()
    while (this.#sendReady(now));
    return Math.min(this.#nextDue(now), this.#nextExpiry(now))
  }

  // Metadata

  #learnPartitions(now: number): void {
    const { metadata } = this.#cluster
    if (now - this.#refreshedMs > this.#settings.metadataAgeMaxMs) this.#refresh()
    if (this.#generation === metadata.generation) return
    this.#generation = metadata.generation
    for (const topic of metadata.topics.values()) {
      if (this.#accumulator.partitionCount(topic.name) > 0) this.#accumulator.know(topic.name, topic.partitions.length)
    }
  }

  #refresh(): void {
    if (this.#isRefreshing) return
    this.#isRefreshing = true
    this.#refreshedMs = MonotonicTime.millisUnsafe(this.#clock)
    const topics = new Set<string>()
    for (const queue of this.#accumulator.queues()) topics.add(queue.topic)
    this.#work.push(
      Retry.backoff(this.#refreshes++).pipe(
        Effect.andThen(this.#cluster.refresh([...topics])),
        Effect.ignore,
        Effect.ensuring(Effect.sync(() => {
          this.#isRefreshing = false
          this.signal.raise()
        }))
      )
    )
    this.signal.raise()
  }

  // Identity

  #identify(): void {
    if (this.#isIdentifying) return
    this.#isIdentifying = true
    this.#work.push(
      Effect.matchEffect(ProduceExchange.producerId(this.#cluster), {
        onFailure: (error) =>
          Effect.sync(() => {
            // Without an answer the next turn asks again, until the batches' own time is up.
            if (!canRetry(error)) this.fatal = refused("a producer id was refused", error)
          }),
        onSuccess: ({ producerEpoch, producerId }) => Effect.sync(() => this.identify(producerId, producerEpoch))
      }).pipe(Effect.ensuring(Effect.sync(() => {
        this.#isIdentifying = false
        this.signal.raise()
      })))
    )
    this.signal.raise()
  }

  /** Takes on an identity; sequences begin anew. */
  identify(producerId: number, producerEpoch: number): void {
    this.sequences.identify(producerId, producerEpoch)
    this.signal.raise()
  }

  /** If a sequence is lost, and may be forgotten now. */
  #raiseEpoch(): void {
    const raised = this.sequences.raise()
    if (raised === "Spent") this.#identify()
    else if (raised === "Raised") this.signal.raise()
  }

  // Sending

  /** Sends one request to each broker that has something to be sent; whether there was any. */
  #sendReady(now: number): boolean {
    const requests = new Map<number, Array<Batch>>()
    const sizes = new Map<number, number>()
    let isLeaderMissing = false
    let isUnpackable = false
    for (const queue of this.#accumulator.active) {
      const isAgain = queue.retry.length > 0
      if (!this.#maySend(queue, now, isAgain)) continue
      const leader = this.#cluster.metadata.partition(queue.topic, queue.partition)?.leaderId ?? -1
      if (leader < 0) {
        isLeaderMissing = true
        continue
      }
      const connection = this.#lane.opened(leader)
      if (connection === undefined) {
        this.#connect(leader)
        continue
      }
      if ((this.#nodeInFlight.get(leader) ?? 0) >= this.#settings.inFlightMax) continue
      // A new leader may not know yet what the old one is about to answer.
      if (queue.inFlight.length > 0 && queue.inFlight[0]!.nodeId !== leader) continue
      if (!isAgain && queue.ready.length === 0) this.#accumulator.close(queue)
      const batch = isAgain ? queue.retry[0]! : queue.ready[0]!
      const size = sizes.get(leader) ?? 0
      const batchSize = batch.bytes?.length ?? batch.bufferedBytes
      if (size > 0 && size + batchSize > this.#settings.requestMaxBytes) continue
      if (!this.#seal(batch)) {
        isUnpackable = true
        continue
      }
      sizes.set(leader, size + batchSize)
      const request = requests.get(leader)
      if (request === undefined) requests.set(leader, [batch])
      else request.push(batch)
    }
    if (isLeaderMissing) this.#refresh()
    for (const [nodeId, batches] of requests) this.#send(nodeId, batches)
    return requests.size > 0 || isUnpackable
  }

  /** Requests leave in order only over a connection that is open. */
  #connect(nodeId: number): void {
    if (this.#connecting.has(nodeId)) return
    this.#connecting.add(nodeId)
    this.#work.push(
      Effect.match(this.#lane.connection(nodeId), {
        onFailure: () => this.#refresh(),
        onSuccess: () => {}
      }).pipe(Effect.ensuring(Effect.sync(() => {
        this.#connecting.delete(nodeId)
        this.signal.raise()
      })))
    )
    this.signal.raise()
  }

  #maySend(queue: PartitionQueue, now: number, isAgain: boolean): boolean {
    if (isAgain) {
      return queue.inFlight.length === 0 && !queue.isPoisoned && queue.retry[0]!.retryMs <= now
    }
    if (this.sequences.isLost || queue.inFlight.length >= this.#settings.inFlightMax) return false
    if (queue.ready.length === 0 && !this.#isDue(queue, now)) return false
    return this.#transaction === undefined || this.#transaction.admits(queue)
  }

  #isDue(queue: PartitionQueue, now: number): boolean {
    if (queue.open === undefined) return false
    return now - queue.open.createdMs >= this.#settings.lingerMs || !this.#accumulator.hasRoom || this.isClosing
  }

  #send(nodeId: number, batches: ReadonlyArray<Batch>): void {
    for (const batch of batches) {
      const { queue } = batch
      if (queue.retry[0] === batch) queue.retry.shift()
      else queue.ready.shift()
      queue.inFlight.push(batch)
      batch.nodeId = nodeId
    }
    this.#nodeInFlight.set(nodeId, (this.#nodeInFlight.get(nodeId) ?? 0) + 1)
    this.#work.push(
      this.#produce(nodeId, batches).pipe(
        Effect.ensuring(Effect.sync(() => {
          this.#nodeInFlight.set(nodeId, this.#nodeInFlight.get(nodeId)! - 1)
          this.signal.raise()
        }))
      )
    )
  }

  /** Gives a batch its sequence and its bytes, before it is sent first; false if its codec cannot write it. */
  #seal(batch: Batch): boolean {
    if (batch.order > 0) return true
    try {
      this.sequences.buildUnsafe(batch)
    } catch (error) {
      if (!(error instanceof CompressionError)) throw error
      const { ready } = batch.queue
      ready.splice(ready.indexOf(batch), 1)
      this.#end(batch, refused("the batch cannot be compressed", error))
      return false
    }
    batch.order = ++this.#order
    return true
  }

  /** Sends the request now; the effect sees to its answer. */
  #produce(nodeId: number, batches: ReadonlyArray<Batch>): Effect.Effect<void> {
    const { acks, requestTimeoutMs } = this.#settings
    const hasIds = ProduceExchange.haveIds(this.#cluster.metadata, batches)
    const versionMax = Math.min(this.#transaction?.produceVersionMax() ?? Infinity, hasIds ? Infinity : 12)
    const input = (version: number) => ({
      transactionalId: this.#transaction?.transactionalId ?? null,
      acks,
      timeoutMs: requestTimeoutMs,
      topicData: ProduceExchange.topicData(this.#cluster.metadata, batches, version)
    })
    const connection = this.#lane.opened(nodeId)!
    const options = { versionMax, timeoutMs: requestTimeoutMs }
    const request = acks === 0
      ? Effect.as(connection.tellUnsafe(Apis.produce, input, options), undefined)
      : connection.startUnsafe(Apis.produce, input, options)
    return Effect.match(request, {
      onFailure: (error) => {
        this.#refresh()
        for (const batch of batches) batch.isUncertain = true
        for (const batch of batches) this.#again(batch, error.reason === "UnsupportedVersion" ? error : undefined)
      },
      onSuccess: (response) => {
        if (response === undefined) { for (const batch of batches) this.#succeed(batch, -1) }
        else this.#answered(batches, response)
      }
    })
  }

  // Answers

  #answered(batches: ReadonlyArray<Batch>, response: ProduceResponse): void {
    const { metadata } = this.#cluster
    const answers = ProduceExchange.answers(metadata, response)
    const nodes = namedNodes(response)
    for (const batch of batches) {
      const { partition, topic } = batch.queue
      const answer = answers.get(keyOf(topic, partition))
      if (answer === undefined) {
        this.#again(batch, undefined)
        continue
      }
      const { leaderEpoch, leaderId } = answer.currentLeader
      const isHinted = metadata.hint(topic, partition, leaderId, leaderEpoch, nodes)
      this.#judge(batch, answer, isHinted)
    }
  }

  #judge(batch: Batch, answer: ProduceExchange.PartitionAnswer, isHinted: boolean): void {
    const { errorCode } = answer
    if (errorCode === ErrorCode.NONE) return this.#succeed(batch, answer.baseOffset)
    if (errorCode === ErrorCode.DUPLICATE_SEQUENCE_NUMBER) return this.#succeed(batch, -1)
    const error = KafkaError.fromCode(errorCode, answer.errorMessage)
    switch (errorCode) {
      case ErrorCode.MESSAGE_TOO_LARGE:
        if (batch.recordsCount > 1) return this.#split(batch)
        return this.#fail(batch, refused("the broker takes no record of this size", error, "TooLarge"), true)
      case ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER:
      case ErrorCode.UNKNOWN_PRODUCER_ID:
        return this.#sequenceRefused(batch, error)
      case ErrorCode.INVALID_PRODUCER_EPOCH:
      case ErrorCode.PRODUCER_FENCED:
        if (this.#transaction !== undefined) return this.#fail(batch, fenced(error), true)
        this.sequences.lose(batch.queue)
        return this.#again(batch, undefined)
    }
    if (!error.retriable) return this.#fail(batch, refused(`${batch.queue.topic}: ${error.name}`, error), true)
    if (error.refresh === "metadata" && !isHinted) this.#refresh()
    if (mayBeWritten.has(errorCode)) batch.isUncertain = true
    this.#again(batch, undefined)
  }

  /** A gap: expected while an earlier batch is still to be sent again, lost otherwise. */
  #sequenceRefused(batch: Batch, error: KafkaError.KafkaError): void {
    const { queue } = batch
    const isEarlierOpen = queue.retry.some((other) => other.order < batch.order) ||
      queue.inFlight.some((other) => other.order < batch.order)
    if (!isEarlierOpen) {
      if (this.#transaction !== undefined || !this.#settings.idempotent) {
        return this.#fail(batch, refused("the broker misses records before this batch", error, "SequenceLost"), true)
      }
      this.sequences.lose(queue)
    }
    this.#again(batch, undefined)
  }

  #leave(batch: Batch): void {
    const { inFlight } = batch.queue
    const at = inFlight.indexOf(batch)
    if (at >= 0) inFlight.splice(at, 1)
  }

  /** Puts a batch among those to be sent again, in its place. */
  #again(batch: Batch, cause: ClientError | undefined): void {
    if (batch.isSettled) return
    if (cause !== undefined) return this.#fail(batch, refused("the broker is too old", cause), true)
    this.#leave(batch)
    const now = MonotonicTime.millisUnsafe(this.#clock)
    batch.retryMs = now + Retry.backoffMs(batch.attempts++, 0.5)
    putBack(batch, batch)
  }

  #split(batch: Batch): void {
    if (batch.isSettled) return
    const parts = this.sequences.split(batch)
    if (parts === undefined) return
    this.#leave(batch)
    putBack(batch, ...parts)
  }

  #succeed(batch: Batch, baseOffset: number): void {
    if (batch.isSettled) return
    this.#leave(batch)
    this.#refreshes = 0
    this.#accumulator.settle(batch)
    const { partition, topic } = batch.queue
    if (baseOffset >= 0) batch.queue.writtenEnd = baseOffset + batch.recordsCount
    for (const { acknowledgement, from, tokens } of batch.awaited) {
      acknowledgement.onWritten(topic, partition, baseOffset < 0 ? -1 : baseOffset + from, tokens)
    }
    this.#wakeRoom()
  }

  /** Ends a batch that was not written. `isKnown`: the broker said so; otherwise it may have been written. */
  #fail(batch: Batch, error: ProducerError, isKnown: boolean): void {
    if (batch.isSettled) return
    const { queue } = batch
    this.#leave(batch)
    const again = queue.retry.indexOf(batch)
    if (again >= 0) queue.retry.splice(again, 1)
    this.sequences.forsake(batch, isKnown)
    this.#end(batch, error)
  }

  #end(batch: Batch, error: ProducerError): void {
    this.#transaction?.onFailed(error)
    const awaited = batch.awaited.reduce((sum, run) => sum + run.tokens.length, 0)
    if (awaited < batch.recordsCount && !this.#isForgiven(batch, error)) {
      this.unreported ??= error
      this.onUnreported(error)
    }
    this.#accumulator.settle(batch)
    for (const { acknowledgement, tokens } of batch.awaited) acknowledgement.onFailed(error, tokens)
    this.#wakeRoom()
  }

  #isForgiven({ bytes, queue }: Batch, error: ProducerError): boolean {
    return bytes !== undefined && this.forgives(queue.topic, bytes, error)
  }

  // Time

  #expire(now: number): void {
    const before = now - this.#settings.deliveryTimeoutMs
    for (const queue of this.#accumulator.active) {
      if (queue.open !== undefined && queue.open.createdMs <= before) this.#accumulator.close(queue)
      for (const batch of [...queue.retry]) {
        if (batch.createdMs <= before) this.#fail(batch, expired(batch, this.#settings.deliveryTimeoutMs), false)
      }
      const late = queue.ready.filter((batch) => batch.createdMs <= before)
      if (late.length === 0) continue
      queue.ready = queue.ready.filter((batch) => batch.createdMs > before)
      for (const batch of late) this.#end(batch, expired(batch, this.#settings.deliveryTimeoutMs))
    }
  }

  #nextExpiry(now: number): number {
    let next = Infinity
    for (const queue of this.#accumulator.active) {
      const oldest = queue.retry[0] ?? queue.ready[0] ?? queue.open
      if (oldest !== undefined) next = Math.min(next, oldest.createdMs + this.#settings.deliveryTimeoutMs - now)
    }
    return Math.max(1, next)
  }

  #nextDue(now: number): number {
    let next = Infinity
    for (const queue of this.#accumulator.active) {
      const again = queue.retry[0]
      if (again !== undefined && again.retryMs > now) next = Math.min(next, again.retryMs - now)
      const { open } = queue
      if (open !== undefined && queue.ready.length === 0) {
        const waitMs = open.createdMs + this.#settings.lingerMs - now
        if (waitMs > 0) next = Math.min(next, waitMs)
      }
    }
    return next
  }

  // For others

  /** Waits until there is room in the buffer; `onRoom` is called then. The result takes the wish back. */
  whenRoom(onRoom: () => void): () => void {
    this.#roomWaiters.add(onRoom)
    this.signal.raise()
    return () => this.#roomWaiters.delete(onRoom)
  }

  #wakeRoom(): void {
    if (this.#roomWaiters.size === 0 || !this.#accumulator.hasRoom) return
    const waiters = [...this.#roomWaiters]
    this.#roomWaiters.clear()
    for (const waiter of waiters) waiter()
  }

  /** Sends what is there without linger; `onDone` is called when all of it has come to its end. */
  flush(onDone: () => void): void {
    let open = 1
    const settled = () => {
      if (--open === 0) onDone()
    }
    for (const queue of [...this.#accumulator.active]) {
      this.#accumulator.close(queue)
      for (const batches of [queue.ready, queue.inFlight, queue.retry]) {
        for (const batch of batches) {
          open++
          batch.onSettled.push(settled)
        }
      }
    }
    this.signal.raise()
    settled()
  }

  /** Gives up all that is not on its way; with `inFlight`, that too. */
  failAll(error: ProducerError, inFlight: boolean = true): void {
    for (const queue of [...this.#accumulator.active]) {
      this.#accumulator.close(queue)
      const dropped = [...queue.retry, ...queue.ready, ...inFlight ? queue.inFlight : []]
      queue.retry = []
      queue.ready = []
      if (inFlight) queue.inFlight = []
      for (const batch of dropped) this.#end(batch, error)
    }
    const waiters = [...this.#roomWaiters]
    this.#roomWaiters.clear()
    for (const waiter of waiters) waiter()
  }
}

/** Puts a batch, or its parts, among those that wait to be sent again, in its place. */
const putBack = (batch: Batch, ...parts: ReadonlyArray<Batch>): void => {
  const { retry } = batch.queue
  const at = retry.findIndex((other) => other.order > batch.order)
  retry.splice(at < 0 ? retry.length : at, 0, ...parts)
}
