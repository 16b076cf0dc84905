/**
 * Looks at the cluster of a simulation as an operator would: what topics hold, and whether everything has settled.
 *
 * Keeps true: only what is committed is seen; things have settled when all transactions have ended, all groups are stable
 * and have read what there is, and nothing has changed for a while.
 * Leaves to others: what should be there (`Expectation`).
 *
 * @since 0.1.0
 */
import * as Admin from "@millrace/client/admin/Admin"
import type * as AdminModel from "@millrace/client/admin/AdminModel"
import { keyOf, type TopicPartition } from "@millrace/client/cluster/TopicPartition"
import * as Consumer from "@millrace/client/consumer/Consumer"
import { ChunkCursor, type RecordChunk } from "@millrace/client/consumer/RecordChunk"
import { KafkaError } from "@millrace/core/errors/KafkaError"
import type { RecordHeader } from "@millrace/core/records/RecordCursor"
import * as Effect from "effect/Effect"

/**
 * A record as it lies in a topic.
 *
 * @since 0.1.0
 */
export interface StoredRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: ReadonlyArray<RecordHeader>
}

/**
 * All records of topics, by topic, each partition in the order of its offsets.
 *
 * @since 0.1.0
 */
export type Contents = ReadonlyMap<string, ReadonlyArray<StoredRecord>>

/** Nothing may change for so long before things count as settled; and how often that is looked at, in milliseconds. */
const quietMs = 4_000
const lookMs = 500
/** What takes long is looked at less and less often, down to this. */
const lookMaxMs = 4_000
/**
 * For so long a partition counts as unread that members ask for and of which their group has committed nothing. Who died
 * while it was joining may be given it, and is missed only after two sessions: that of who died before it, and its own.
 */
const uncommittedMs = 100_000

const copy = (bytes: Uint8Array | null): Uint8Array | null => bytes === null ? null : Uint8Array.from(bytes)

const storedOf = (chunk: RecordChunk): Array<StoredRecord> => {
  const cursor = new ChunkCursor(chunk)
  const { record } = cursor
  const { partition, topic } = chunk
  const records: Array<StoredRecord> = []
  while (cursor.next()) {
    const { offset, timestamp } = record
    // The chunk's memory is used again.
    const key = copy(record.key())
    const value = copy(record.value())
    records.push({ topic, partition, offset, timestamp, key, value, headers: record.headers() })
  }
  return records
}

/**
 * Creates topics, those that are not there.
 *
 * @since 0.1.0
 */
export const createTopics = (names: ReadonlyArray<string>, partitions: number) =>
  Effect.flatMap(Admin.make, (admin) => admin.createTopics(names.map((name) => ({ name, partitions })))).pipe(
    Effect.scoped,
    Effect.asVoid,
    Effect.catchTag(
      "AdminError",
      (error) =>
        error.refusals.every(({ error }) => error instanceof KafkaError && error.name === "TOPIC_ALREADY_EXISTS")
          ? Effect.void
          : Effect.fail(error)
    ),
    Effect.tapError(() => Effect.sleep(lookMs)),
    Effect.eventually
  )

const isUser = ({ isInternal }: { readonly isInternal: boolean }): boolean => !isInternal

/**
 * One look at the cluster.
 *
 * @since 0.1.0
 */
export class Observer {
  readonly #admin: AdminModel.AdminShape
  readonly #consumer: Effect.Success<ReturnType<typeof Consumer.make>>
  readonly #log: Effect.Success<ReturnType<typeof Consumer.make>>
  readonly #partitions = new Map<string, TopicPartition>()
  readonly #records = new Map<string, Array<StoredRecord>>()

  private constructor(
    admin: AdminModel.AdminShape,
    consumer: Effect.Success<ReturnType<typeof Consumer.make>>,
    log: Effect.Success<ReturnType<typeof Consumer.make>>
  ) {
    this.#admin = admin
    this.#consumer = consumer
    this.#log = log
  }

  /** An observer that has seen nothing yet; it ends with the scope. */
  static readonly make = Effect.gen(function*() {
    const admin = yield* Admin.make
    const consumer = yield* Consumer.make({ autoOffsetReset: "earliest", isolationLevel: "read_committed" })
    // What is committed may lie behind what is not: where a log ends, only who reads all of it knows.
    const log = yield* Consumer.make({ isolationLevel: "read_uncommitted" })
    return new Observer(admin, consumer, log)
  })

  get contents(): Contents {
    const contents = new Map<string, Array<StoredRecord>>()
    for (const key of [...this.#records.keys()].sort()) {
      const { topic } = this.#partitions.get(key)!
      contents.set(topic, [...contents.get(topic) ?? [], ...this.#records.get(key)!])
    }
    return contents
  }

  /** Where the logs of all topics end, by topic and partition. */
  readonly ends = Effect.suspend(() => this.#log.endOffsets([...this.#partitions.values()])).pipe(
    Effect.map((ends) => new Map(ends.map((end) => [keyOf(end.topic, end.partition), end.offset])))
  )

  /** Takes in topics that are new. */
  #discover() {
    return Effect.flatMap(this.#admin.listTopics, (topics) => {
      const found: Array<TopicPartition> = []
      for (const topic of topics.filter(isUser)) {
        for (const { partition } of topic.partitions) {
          const key = keyOf(topic.name, partition)
          if (this.#partitions.has(key)) continue
          this.#partitions.set(key, { topic: topic.name, partition })
          this.#records.set(key, [])
          found.push({ topic: topic.name, partition })
        }
      }
      if (found.length === 0) return Effect.void
      return Effect.map(
        this.#consumer.assign([...this.#partitions.values()]),
        () => this.#consumer.seekToBeginning(found)
      )
    })
  }

  /** Reads on, and tells what has not been read to the end of its log. */
  #read() {
    return Effect.gen({ self: this }, function*() {
      for (const chunk of yield* this.#consumer.poll(lookMs)) {
        const known = this.#records.get(keyOf(chunk.topic, chunk.partition))!
        const last = known.at(-1)?.offset ?? -1
        for (const record of storedOf(chunk)) if (record.offset > last) known.push(record)
      }
      const unread: Array<string> = []
      for (const [key, end] of yield* this.ends) {
        const position = this.#consumer.position(this.#partitions.get(key)!) ?? 0
        if (position < end) unread.push(`${key} is read to ${position} of ${end}`)
      }
      return unread
    })
  }

  /** Reads all that is there now. */
  readonly readAll = Effect.gen({ self: this }, function*() {
    yield* this.#discover()
    while ((yield* this.#read()).length > 0);
    return this.contents
  })

  /** What groups have not read or agreed on. */
  #unsettledGroups(isPatient: boolean) {
    return Effect.gen({ self: this }, function*() {
      const unsettled: Array<string> = []
      const listed = yield* this.#admin.listGroups
      if (listed.length === 0) return unsettled
      const groups = yield* this.#admin.describeGroups(listed.map(({ groupId }) => groupId))
      for (const { groupId, members, state } of groups) {
        if (state !== "Stable" && state !== "Empty" && state !== "Dead") unsettled.push(`group ${groupId} is ${state}`)
        const committed = yield* this.#admin.listConsumerGroupOffsets(groupId)
        const positions = new Map(committed.map((one) => [keyOf(one.topic, one.partition), one.offset]))
        const wanted = new Set(isPatient ? members.flatMap(({ subscription }) => subscription) : [])
        const mine = [...this.#partitions].filter(([, { topic }]) => wanted.has(topic)).map(([key]) => key)
        for (const key of new Set([...positions.keys(), ...mine])) {
          const position = positions.get(key) ?? 0
          const last = this.#records.get(key)?.at(-1)?.offset ?? -1
          if (position <= last) unsettled.push(`group ${groupId} is at ${position} of ${key}, which has ${last}`)
        }
      }
      return unsettled
    })
  }

  /**
   * Waits until everything has settled. `busy` says what else is still to be done, `onLook` is told what is not settled
   * yet, `nowMs` is the time.
   */
  settle(options: {
    readonly nowMs: () => number
    readonly busy: () => ReadonlyArray<string>
    readonly onLook: (unsettled: ReadonlyArray<string>) => void
  }) {
    const startedMs = options.nowMs()
    let quietSinceMs = startedMs
    let before = ""
    /** True if all has settled as far as it can be seen now. */
    const look = Effect.gen({ self: this }, function*() {
      yield* this.#discover()
      const unread = yield* this.#read()
      const isPatient = options.nowMs() - startedMs < uncommittedMs
      const unsettled = [
        ...options.busy(),
        ...unread,
        ...yield* this.#unsettledGroups(isPatient)
      ]
      options.onLook(unsettled)
      const ends = String([...yield* this.ends])
      const isSettled = unsettled.length === 0 && ends === before
      before = ends
      return isSettled
    })
    const patient = Effect.catch(look, (error) =>
      Effect.sync(() => {
        options.onLook([`the cluster does not answer: ${error.message}`])
        return false
      }))
    return Effect.gen({ self: this }, function*() {
      let pauseMs = lookMs
      for (;;) {
        if (!(yield* patient)) {
          quietSinceMs = options.nowMs()
          pauseMs = Math.min(pauseMs * 1.5, lookMaxMs)
        } else if (options.nowMs() - quietSinceMs >= quietMs) return this.contents
        else pauseMs = lookMs
        yield* Effect.sleep(pauseMs)
      }
    })
  }
}
