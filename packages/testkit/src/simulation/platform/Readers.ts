/**
 * Clients that read: members of groups, and who reads everything in the end.
 *
 * @since 0.1.0
 */
import * as Consumer from "@millrace/client/consumer/Consumer"
import type * as Topic from "@millrace/core/streams/Topic"
import * as Effect from "effect/Effect"
import type { History, Seen } from "../History.ts"
import * as Times from "./Times.ts"
import { byName, partitions, topics } from "./Topics.ts"

/** So little at a time that reading on begins in the middle of a log, again and again. */
const fetchOptions = {
  isolationLevel: "read_committed",
  autoOffsetReset: "earliest",
  maxPartitionFetchBytes: 600
} as const

const seenOf = (records: ReadonlyArray<Consumer.ConsumerRecord<unknown, unknown>>): ReadonlyArray<Seen> =>
  records.map(({ key, offset, timestamp, value }) => ({
    offset,
    key: key === null ? null : String(key),
    value: String(value),
    timestamp
  }))

/**
 * Reads a topic as a member of a group, committed records only, and commits its position after each poll.
 *
 * @since 0.1.0
 */
export const member = (
  history: History,
  name: string,
  topic: Topic.Topic<string, string>,
  life: () => number
) =>
  Effect.gen(function*() {
    let assignments = 0
    const consumer = yield* Consumer.make({
      ...fetchOptions,
      groupId: `readers-of-${topic.name}`,
      ...Times.session,
      listener: {
        onAssigned: () =>
          Effect.sync(() => {
            assignments++
            history.assignments++
          }),
        onLost: () => Effect.sync(() => void assignments++)
      }
    })
    yield* consumer.subscribe([topic.name])
    while (true) {
      const chunks = yield* consumer.poll(500)
      for (const chunk of chunks) {
        const records = yield* Consumer.decode(topic, chunk)
        const who = `${name}/${life()}/${assignments}`
        history.poll(who, chunk.topic, chunk.partition, seenOf(records))
      }
      const offsets = chunks.map(({ nextOffset: offset, partition, topic }) => ({ topic, partition, offset }))
      // What was not committed is read again: that is no anomaly of a group.
      if (offsets.length > 0) yield* Effect.ignore(consumer.commit(offsets))
    }
  }).pipe(Effect.scoped)

/**
 * What the verifier waits for, and how far it is.
 *
 * @since 0.1.0
 */
export interface Goal {
  /** Whether all that is to be produced has been. */
  readonly isProduced: () => boolean
  /** Whether the groups were given all that has been read so far. */
  readonly isGiven: () => boolean
  /** Whether the apps have made all that they should of what has been read so far. */
  readonly isProcessed: () => boolean
  /** Whether the history holds all that the topics held at the last look. */
  isAtEnd: boolean
}

/**
 * Reads all topics to their end, committed records only, and goes on until the goal is reached.
 *
 * @since 0.1.0
 */
export const verifier = (history: History, goal: Goal) =>
  Effect.gen(function*() {
    goal.isAtEnd = false
    while (!goal.isProduced()) yield* Effect.sleep(200)
    const consumer = yield* Consumer.make(fetchOptions)
    const all = Object.values(topics).flatMap(({ name: topic }) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
    )
    yield* consumer.assign(all)
    consumer.seekToBeginning(all)
    // A commit is answered before its markers are written: the end is that of the log, not of what is stable.
    const log = yield* Consumer.make({ isolationLevel: "read_uncommitted" })
    const isAtEnd = Effect.map(log.endOffsets(all), (ends) =>
      ends.every((end) => (consumer.position(end) ?? 0) >= end.offset))
    while (true) {
      for (const chunk of yield* consumer.poll(500)) {
        history.read(chunk.topic, chunk.partition, seenOf(yield* Consumer.decode(byName.get(chunk.topic)!, chunk)))
      }
      // Asked before the ends are: what the goal counts was written before them, and read if they are reached.
      const isGiven = goal.isGiven()
      goal.isAtEnd = yield* isAtEnd
      // Asked last, as it is dear: nothing was read meanwhile, and nothing else decides it.
      if (isGiven && goal.isAtEnd && goal.isProcessed()) {
        return
      }
    }
  }).pipe(Effect.scoped)
