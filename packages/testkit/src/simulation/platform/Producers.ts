/**
 * Clients that send values, without transactions.
 *
 * Keeps true: each writes values that no other writes, goes on after a crash where it was, and tells the history what it
 * knows. What it does not know is unknown: it never tries by itself again.
 *
 * @since 0.1.0
 */
import * as Producer from "@millrace/client/producer/Producer"
import type * as Topic from "@millrace/core/streams/Topic"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { History } from "../History.ts"
import { pause, type Progress } from "./Progress.ts"
import { topics } from "./Topics.ts"

/**
 * Times short enough for a run, and batches so small that what is sent at once takes several, all in flight together.
 *
 * @since 0.1.0
 */
export const options: Producer.Options = {
  deliveryTimeout: "4 seconds",
  requestTimeout: "1500 millis",
  maxBlock: "10 seconds",
  batchSize: 110
}

interface Work {
  readonly name: string
  readonly topic: Topic.Topic<string, string>
  readonly averagePauseMs: number
  readonly valueOf: (index: number) => string
}

/** Sends values of its own one after the other, some without waiting for those before. */
const produce = Effect.fnUntraced(function*(history: History, progress: Progress, work: Work) {
  const { averagePauseMs, name, topic, valueOf } = work
  const producer = yield* Producer.make(options)
  // What a former life has left on its way may arrive after what this one sends.
  const who = `${name}/${++progress.lives}`
  while (progress.done < progress.total) {
    const burst = yield* Random.nextIntBetween(1, 5)
    // All are in the history before any is sent: that is their order.
    const values: Array<string> = []
    for (let index = 0; index < burst && progress.done < progress.total; index++) values.push(valueOf(progress.done++))
    const sent = history.sendAll(who, topic.name, values)
    // One key for the whole burst: order holds within a partition, and the buffer is filled in order.
    const key = `${name}-${yield* Random.nextIntBetween(0, 3)}`
    yield* Effect.ignore(
      Effect.flatMap(
        producer.sendAll(topic, values.map((value) => ({ key, value }))),
        (places) => Effect.sync(() => places.forEach((place, index) => history.acknowledge(sent[index]!, place)))
      )
    )
    yield* pause(averagePauseMs)
  }
}, Effect.scoped)

/**
 * Sends unique values to `events`.
 *
 * @since 0.1.0
 */
export const events = (history: History, name: string, progress: Progress) =>
  produce(history, progress, {
    name,
    topic: topics.events,
    averagePauseMs: 400,
    valueOf: (index) => `${name}-${index}`
  })

const words = ["alpha", "beta", "gamma", "delta", "eta", "theta", "iota", "kappa"] as const

/**
 * Sends lines of words to `lines`.
 *
 * @since 0.1.0
 */
export const lines = (history: History, name: string, progress: Progress) =>
  produce(history, progress, {
    name,
    topic: topics.lines,
    averagePauseMs: 800,
    // a number makes the line unique, and is no word
    valueOf: (index) => `${index} ${words[index % 8]} ${words[(index * 3 + 1) % 8]} ${words[(index * 5 + 2) % 7]}`
  })

/**
 * Sends values into the ring.
 *
 * @since 0.1.0
 */
export const travellers = (history: History, name: string, progress: Progress) =>
  produce(history, progress, { name, topic: topics.there, averagePauseMs: 800, valueOf: (index) => `${index}.0` })
