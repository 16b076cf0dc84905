/**
 * The clients of the first scenario: producers, transactions, a consumer group, a word count and who reads it all.
 *
 * Keeps true: each client writes values that no other writes, goes on after a crash where it was, and tells the history
 * what it knows. What it does not know is unknown: it never tries by itself again.
 * Leaves to others: where they run (`PlatformScenario`), what is wrong with the history (`Checker`).
 *
 * @since 0.1.0
 */
import * as Admin from "@millrace/client/admin/Admin"
import * as Consumer from "@millrace/client/consumer/Consumer"
import * as Producer from "@millrace/client/producer/Producer"
import * as StreamsApp from "@millrace/client/streams/runtime/StreamsApp"
import * as Transaction from "@millrace/client/transaction/Transaction"
import { KafkaError } from "@millrace/core/errors/KafkaError"
import * as Serde from "@millrace/core/serde/Serde"
import * as KGroupedStream from "@millrace/core/streams/KGroupedStream"
import * as KStream from "@millrace/core/streams/KStream"
import * as KTable from "@millrace/core/streams/KTable"
import * as Topic from "@millrace/core/streams/Topic"
import * as Topology from "@millrace/core/streams/Topology"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Checker from "../Checker.ts"
import type { History, Seen } from "../History.ts"

const text = { key: Serde.string, value: Serde.string }

/**
 * The topics: unique values, unique values in transactions, lines of words, and how often each word is there.
 *
 * @since 0.1.0
 */
export const topics = {
  events: Topic.make("events", text),
  ledger: Topic.make("ledger", text),
  lines: Topic.make("lines", text),
  counts: Topic.make("counts", { key: Serde.string, value: Serde.long })
}

/**
 * The topics that groups read as a whole.
 *
 * @since 0.1.0
 */
export const grouped = [topics.events, topics.ledger]

/**
 * Partitions of each topic.
 *
 * @since 0.1.0
 */
export const partitions = 2

/** What a client has done so far, in all its lives. */
interface Progress {
  done: number
}

/**
 * Counts what is done, and says whether all is.
 *
 * @since 0.1.0
 */
export class Progresses {
  readonly #all: Array<{ readonly progress: Progress; readonly total: number }> = []

  add(total: number): Progress {
    const progress: Progress = { done: 0 }
    this.#all.push({ progress, total })
    return progress
  }

  get isDone(): boolean {
    return this.#all.every(({ progress, total }) => progress.done >= total)
  }
}

/** Waits a random while, so that the work lasts about as long as the faults do. */
const pause = (averageMs: number) => Effect.flatMap(Random.nextIntBetween(0, averageMs * 2), (ms) => Effect.sleep(ms))

/**
 * Creates the topics, once the broker answers.
 *
 * @since 0.1.0
 */
export const createTopics = Effect.gen(function*() {
  const admin = yield* Admin.make
  const missing = Object.values(topics).map(({ name }) => ({ name, partitions }))
  yield* admin.createTopics(missing)
}).pipe(
  Effect.scoped,
  Effect.catchTag(
    "AdminError",
    (error) =>
      error.refusals.every(({ error }) => error instanceof KafkaError && error.name === "TOPIC_ALREADY_EXISTS")
        ? Effect.void
        : Effect.fail(error)
  )
)

const producerOptions: Producer.Options = {
  deliveryTimeout: "4 seconds",
  requestTimeout: "1500 millis",
  maxBlock: "10 seconds"
}

/** Sends values of its own one after the other, some without waiting for those before. */
const produce = Effect.fnUntraced(function*(
  history: History,
  name: string,
  topic: Topic.Topic<string, string>,
  progress: Progress,
  total: number,
  averagePauseMs: number,
  valueOf: (index: number) => string
) {
  const producer = yield* Producer.make(producerOptions)
  while (progress.done < total) {
    const burst = yield* Random.nextIntBetween(1, 5)
    // All are in the history before any is sent: that is their order.
    const values: Array<string> = []
    for (let index = 0; index < burst && progress.done < total; index++) values.push(valueOf(progress.done++))
    const sent = values.map((value) => history.send(name, topic.name, value))
    // One key for the whole burst: order holds within a partition, and the buffer is filled in order.
    const key = `${name}-${yield* Random.nextIntBetween(0, 3)}`
    yield* Effect.ignore(
      Effect.flatMap(
        producer.sendAll(topic, values.map((value) => ({ key, value }))),
        (places) => Effect.sync(() => places.forEach((place, index) => sent[index]!.acknowledged = place))
      )
    )
    yield* pause(averagePauseMs)
  }
}, Effect.scoped)

/**
 * Sends `total` unique values to `events`.
 *
 * @since 0.1.0
 */
export const producer = (history: History, name: string, progress: Progress, total: number) =>
  produce(history, name, topics.events, progress, total, 400, (index) => `${name}-${index}`)

const words = ["alpha", "beta", "gamma", "delta", "eta", "theta", "iota", "kappa"] as const

/**
 * Sends `total` lines of words.
 *
 * @since 0.1.0
 */
export const writer = (history: History, name: string, progress: Progress, total: number) =>
  produce(history, name, topics.lines, progress, total, 800, (index) =>
    // a number makes the line unique, and is no word
    `${index} ${words[index % 8]} ${words[(index * 3 + 1) % 8]} ${words[(index * 5 + 2) % 7]}`)

class Deliberate extends Data.TaggedError("Deliberate") {}

const outcomeOf = (error: { readonly _tag: string }): "aborted" | "unknown" => {
  switch (error._tag) {
    case "Deliberate":
    case "TransactionAborted":
    case "CommitFailed":
      return "aborted"
    default:
      return "unknown"
  }
}

/**
 * Writes `total` transactions into `ledger`; aborts some on purpose.
 *
 * @since 0.1.0
 */
export const transactor = (history: History, name: string, progress: Progress, total: number) =>
  Effect.gen(function*() {
    while (progress.done < total) {
      const index = progress.done++
      const size = yield* Random.nextIntBetween(1, 4)
      const isDeliberate = (yield* Random.nextIntBetween(0, 3)) === 0
      const values = Array.from({ length: size }, (_, at) => `${name}-${index}.${at}`)
      const transaction = history.transact(name, topics.ledger.name, values)
      transaction.isDeliberate = isDeliberate
      const write = Effect.gen(function*() {
        for (const value of values) {
          yield* Transaction.send(topics.ledger, { key: value, value })
          if ((yield* Random.nextIntBetween(0, 2)) === 0) yield* pause(50)
        }
        if (isDeliberate) return yield* new Deliberate()
      })
      const failed = yield* Effect.match(Transaction.run(write), {
        onFailure: (error) => error,
        onSuccess: () => undefined
      })
      transaction.outcome = failed === undefined ? "committed" : outcomeOf(failed)
      if (failed !== undefined && "remedy" in failed && failed.remedy !== "retry") return yield* failed
      yield* pause(450)
    }
  }).pipe(
    Effect.provide(Transaction.layer({ ...producerOptions, transactionalId: name, transactionTimeout: "10 seconds" }))
  )

const seenOf = (records: ReadonlyArray<Consumer.ConsumerRecord<string, unknown>>): ReadonlyArray<Seen> =>
  records.map(({ key, offset, value }) => ({ offset, key, value: String(value) }))

/**
 * Reads a topic as a member of a group, committed records only, and commits its position after each poll.
 *
 * @since 0.1.0
 */
export const consumer = (
  history: History,
  name: string,
  topic: Topic.Topic<string, string>,
  life: () => number
) =>
  Effect.gen(function*() {
    let assignments = 0
    const consumer = yield* Consumer.make({
      groupId: `readers-of-${topic.name}`,
      isolationLevel: "read_committed",
      autoOffsetReset: "earliest",
      sessionTimeout: "6 seconds",
      heartbeatInterval: "1 second",
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

/** The words of a line, from somebody who sometimes takes his time. */
const wordsOf = Effect.fnUntraced(function*(line: string) {
  if (yield* Random.nextBoolean) yield* Effect.sleep(yield* Random.nextIntBetween(1, 50))
  return line.match(/[a-z]+/g) ?? []
})

const wordCount = Topology.make(
  KStream.from(topics.lines).pipe(
    KStream.flatMapValuesEffect(wordsOf, Serde.string),
    KStream.groupBy((_key, word) => word, Serde.string),
    KGroupedStream.count({ as: "counts" }),
    KTable.toStream,
    KStream.to(topics.counts)
  )
)

/**
 * Counts the words of `lines` into `counts`, exactly once.
 *
 * @since 0.1.0
 */
export const app = StreamsApp.launch(
  StreamsApp.layer(wordCount, {
    applicationId: "word-count",
    processingGuarantee: "exactly_once",
    sessionTimeout: "6 seconds",
    heartbeatInterval: "1 second",
    stateDirectory: "state"
  })
)

/**
 * How often each word is there: the reference that `counts` has to equal.
 *
 * @since 0.1.0
 */
export const reference = (history: History): ReadonlyMap<string, number> => {
  const expected = new Map<string, number>()
  for (const records of history.final.get(topics.lines.name)?.values() ?? []) {
    for (const { value } of records) {
      for (const [word] of value.matchAll(/[a-z]+/g)) expected.set(word, (expected.get(word) ?? 0) + 1)
    }
  }
  return expected
}

const countedOf = (history: History): number => {
  let count = 0
  for (const records of history.final.get(topics.counts.name)?.values() ?? []) count += records.length
  return count
}

const totalOf = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, one) => sum + one, 0)

const hasSeenAll = (history: History, topic: string): boolean => Checker.checkSeen(history, topic).length === 0

/**
 * Reads all topics to their end, committed records only, and goes on until the app has counted every word and the groups
 * have read everything.
 *
 * @since 0.1.0
 */
export const verifier = (history: History, isProduced: () => boolean) =>
  Effect.gen(function*() {
    while (!isProduced()) yield* Effect.sleep(200)
    const consumer = yield* Consumer.make({ autoOffsetReset: "earliest", isolationLevel: "read_committed" })
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
        const records = chunk.topic === topics.counts.name
          ? seenOf(yield* Consumer.decode(topics.counts, chunk))
          : seenOf(yield* Consumer.decode(topics.events, chunk))
        history.read(chunk.topic, chunk.partition, records)
      }
      if (!(yield* isAtEnd)) {
        continue
      }
      const isCounted = countedOf(history) >= totalOf(reference(history))
      if (
        isCounted && grouped.every(({ name }) =>
          hasSeenAll(history, name)
        )
      ) {
        return
      }
    }
  }).pipe(Effect.scoped)
