/**
 * A cluster in a few arrays, for the loop of an app: logs, committed positions, transactions that fail when they are told
 * to. A transaction is written when it commits, so the logs hold committed records only.
 */
import type { TopicPartition } from "@millrace/client/cluster/TopicPartition"
import type { ConsumerCore, OffsetAndMetadata, RebalanceListener } from "@millrace/client/consumer/ConsumerCore"
import type { ConsumerError } from "@millrace/client/consumer/ConsumerError"
import type { RecordChunk } from "@millrace/client/consumer/RecordChunk"
import { ProducerError } from "@millrace/client/producer/ProducerError"
import type { TransactionalCore } from "@millrace/client/transaction/TransactionalCore"
import {
  TransactionAborted,
  type TransactionError,
  TransactionOutcomeUnknown
} from "@millrace/client/transaction/TransactionError"
import { partitionForKey } from "@millrace/core/hash/Murmur2"
import * as Compression from "@millrace/core/records/Compression"
import { RecordBatchBuilder } from "@millrace/core/records/RecordBatchBuilder"
import * as Effect from "effect/Effect"

interface Stored {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly timestamp: number
}

/** What happens at a moment where something can go wrong. */
export type Fault = "none" | "commitAborted" | "commitUnknown" | "appendRefused" | "partitionsLost"

const nameOf = ({ partition, topic }: TopicPartition) => `${topic}-${partition}`

/** The cluster. `fault` is asked at each commit, append and poll. */
export class FakeCluster {
  readonly logs = new Map<string, Array<Stored>>()
  readonly committed = new Map<string, number>()
  readonly metadata = new Map<string, string | undefined>()
  readonly partitionCounts: ReadonlyMap<string, number>
  readonly fault: (at: "commit" | "append" | "poll") => Fault

  constructor(partitionCounts: ReadonlyMap<string, number>, fault: FakeCluster["fault"]) {
    this.partitionCounts = partitionCounts
    this.fault = fault
    for (const [topic, count] of partitionCounts) {
      for (let partition = 0; partition < count; partition++) this.logs.set(`${topic}-${partition}`, [])
    }
  }

  log(partition: TopicPartition): Array<Stored> {
    return this.logs.get(nameOf(partition))!
  }

  /** A producer with a transaction of its own. */
  producer(): TransactionalCore {
    let staged: Array<{ readonly log: Array<Stored>; readonly record: Stored }> = []
    let offsets: ReadonlyArray<OffsetAndMetadata> = []
    const write = () => {
      for (const { log, record } of staged) log.push(record)
      for (const each of offsets) {
        this.committed.set(nameOf(each), each.offset)
        this.metadata.set(nameOf(each), each.metadata)
      }
    }
    const forget = () => {
      staged = []
      offsets = []
    }
    const failed = { transactionalId: "fake", detail: "scripted" }
    return {
      transactionalId: "fake",
      prepare: () => Effect.void,
      isPrepared: () => true,
      partitionCount: (topic) => this.partitionCounts.get(topic) ?? 0,
      writtenEnd: (topic, partition) => this.logs.get(`${topic}-${partition}`)?.length || -1,
      appendUnsafe: (topic, partition, timestamp, key, value) => {
        if (this.fault("append") === "appendRefused") {
          throw new ProducerError({ reason: "Aborted", detail: "scripted", hint: "none" })
        }
        if (typeof key === "string" || typeof value === "string") throw new Error("the engine sends bytes")
        const count = this.partitionCounts.get(topic)!
        const to = partition >= 0 ? partition : key === null ? 0 : partitionForKey(key, count)
        staged.push({ log: this.log({ topic, partition: to }), record: { key, value, timestamp } })
      },
      hasRoom: () => true,
      room: Effect.void,
      flush: Effect.void,
      init: Effect.void,
      begin: Effect.void,
      sendOffsets: (given) => Effect.sync(() => void (offsets = given)),
      commit: Effect.suspend((): Effect.Effect<void, TransactionError> => {
        const fault = this.fault("commit")
        if (fault !== "commitAborted") write()
        forget()
        if (fault === "commitAborted") return Effect.fail(new TransactionAborted(failed))
        return fault === "commitUnknown" ? Effect.fail(new TransactionOutcomeUnknown(failed)) : Effect.void
      }),
      abort: Effect.sync(forget)
    }
  }

  /** A consumer: the only member of its group if it has a listener, else one with partitions of its own choice. */
  consumer<E>(listener?: RebalanceListener<E>): ConsumerCore<E> {
    return new FakeConsumer<E>(this, listener).core()
  }
}

class FakeConsumer<E> {
  private readonly cluster: FakeCluster
  private readonly listener: RebalanceListener<E> | undefined
  private readonly positions = new Map<string, TopicPartition & { position: number; isFetched: boolean }>()
  private readonly paused = new Set<string>()
  private subscribed: ReadonlyArray<TopicPartition> = []

  constructor(cluster: FakeCluster, listener: RebalanceListener<E> | undefined) {
    this.cluster = cluster
    this.listener = listener
  }

  private add(partitions: ReadonlyArray<TopicPartition>, isCommitted: boolean): void {
    for (const each of partitions) {
      const position = isCommitted ? this.cluster.committed.get(nameOf(each)) ?? 0 : 0
      if (!this.positions.has(nameOf(each))) this.positions.set(nameOf(each), { ...each, position, isFetched: false })
    }
  }

  private poll(): Effect.Effect<ReadonlyArray<RecordChunk>, E> {
    return Effect.gen({ self: this }, function*() {
      yield* Effect.yieldNow
      if (this.listener !== undefined) {
        if (this.positions.size > 0 && this.cluster.fault("poll") === "partitionsLost") {
          this.positions.clear()
          yield* this.listener.onLost?.(this.subscribed) ?? Effect.void
        }
        if (this.positions.size === 0) {
          this.add(this.subscribed, true)
          yield* this.listener.onAssigned?.(this.subscribed) ?? Effect.void
        }
      }
      return this.fetch()
    })
  }

  private fetch(): ReadonlyArray<RecordChunk> {
    const chunks: Array<RecordChunk> = []
    for (const state of this.positions.values()) {
      state.isFetched = true
      const log = this.cluster.log(state)
      if (this.paused.has(nameOf(state)) || state.position >= log.length) continue
      const builder = new RecordBatchBuilder()
      const records = log.slice(state.position, state.position + 3)
      for (const { key, timestamp, value } of records) builder.append(timestamp, key, value)
      const bytes = builder.build({ baseOffset: state.position })
      const offset = state.position
      state.position += records.length
      chunks.push({
        topic: state.topic,
        partition: state.partition,
        offset,
        nextOffset: state.position,
        leaderEpoch: 0,
        highWatermark: log.length,
        lastStableOffset: log.length,
        logStartOffset: 0,
        recordsCount: records.length,
        sizeInBytes: bytes.length,
        bytes,
        batches: [0],
        codecs: Compression.uncompressed
      })
    }
    return chunks
  }

  core(): ConsumerCore<E> {
    const unused = (): never => {
      throw new Error("the loop does not use this")
    }
    const seek = (each: TopicPartition, offset: number) => {
      this.positions.get(nameOf(each))!.position = offset
    }
    const watermarks = (each: TopicPartition) => {
      const highWatermark = this.cluster.log(each).length
      return { highWatermark, lastStableOffset: highWatermark, logStartOffset: 0 }
    }
    return {
      subscribe: (topics) =>
        Effect.sync(() => {
          if (topics instanceof RegExp) return unused()
          this.subscribed = topics.flatMap((topic) =>
            Array.from({ length: this.cluster.partitionCounts.get(topic)! }, (_, partition) => ({ topic, partition }))
          )
        }),
      assign: (partitions): Effect.Effect<void, ConsumerError> =>
        Effect.sync(() => {
          const wanted = new Set(partitions.map(nameOf))
          for (const name of this.positions.keys()) if (!wanted.has(name)) this.positions.delete(name)
          this.add(partitions, false)
        }),
      poll: () => this.poll(),
      assignment: () => [...this.positions.values()].map(({ partition, topic }) => ({ topic, partition })),
      position: (each) => this.positions.get(nameOf(each))?.position,
      seek,
      seekToBeginning: (partitions) => partitions.forEach((each) => seek(each, 0)),
      seekToEnd: unused,
      seekByDuration: unused,
      pause: (partitions) => partitions.forEach((each) => this.paused.add(nameOf(each))),
      resume: (partitions) => partitions.forEach((each) => this.paused.delete(nameOf(each))),
      paused: unused,
      committed: (partitions) =>
        Effect.sync(() =>
          partitions.flatMap((each) => {
            const offset = this.cluster.committed.get(nameOf(each))
            const metadata = this.cluster.metadata.get(nameOf(each))
            return offset === undefined ? [] : [{ ...each, offset, metadata }]
          })
        ),
      commit: unused,
      groupMetadata: () => ({ groupId: "app", generationId: 1, memberId: "member", groupInstanceId: null }),
      watermarks: (each) => this.positions.get(nameOf(each))?.isFetched === true ? watermarks(each) : undefined,
      lag: (each) => watermarks(each).highWatermark - (this.positions.get(nameOf(each))?.position ?? 0),
      beginningOffsets: unused,
      endOffsets: (partitions) =>
        Effect.sync(() => partitions.map((each) => ({ ...each, offset: this.cluster.log(each).length }))),
      offsetsForTimes: unused,
      enforceRebalance: unused,
      onClose: unused
    }
  }
}
