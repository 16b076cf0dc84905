/**
 * The stream apps of the platform's scenario, as the cluster runs them and as the reference run does.
 *
 * @since 0.1.0
 */
import * as StreamsApp from "@millrace/client/streams/runtime/StreamsApp"
import { javaHash } from "@millrace/core/hash/JavaHash"
import * as Serde from "@millrace/core/serde/Serde"
import * as KGroupedStream from "@millrace/core/streams/KGroupedStream"
import * as KStream from "@millrace/core/streams/KStream"
import * as KTable from "@millrace/core/streams/KTable"
import * as Topology from "@millrace/core/streams/Topology"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type * as Streams from "../checker/Streams.ts"
import * as Times from "./Times.ts"
import { topics } from "./Topics.ts"

const wordsOf = (line: string): ReadonlyArray<string> => line.match(/[a-z]+/g) ?? []

/** The words of a line, from somebody who sometimes takes his time. */
const wordsInTime = Effect.fnUntraced(function*(line: string) {
  if (yield* Random.nextBoolean) yield* Effect.sleep(yield* Random.nextIntBetween(1, 50))
  return wordsOf(line)
})

const lines = KStream.from(topics.lines)

/** Each value tells of all before it, and of their order. */
const chains = lines.pipe(
  KStream.groupByKey,
  KGroupedStream.reduce((chain, line) => `${line} after ${javaHash(chain)}`, { as: "chains" }),
  KTable.toStream,
  KStream.to(topics.chains)
)

const counting = (words: KStream.KStream<string | null, string>) =>
  words.pipe(
    KStream.groupBy((_key, word) => word, Serde.string),
    KGroupedStream.count({ as: "counts" }),
    KTable.toStream,
    KStream.to(topics.counts)
  )

const statistics = Topology.make(counting(KStream.flatMapValuesEffect(lines, wordsInTime, Serde.string)), chains)

/** The same without effects, as the reference run needs it. */
const statisticsAtOnce = Topology.make(counting(KStream.flatMapValues(lines, wordsOf, Serde.string)), chains)

const copy = Topology.make(
  KStream.from(topics.events).pipe(
    KStream.mapValues((value) => `${value}, copied`, Serde.string),
    KStream.to(topics.copies)
  )
)

/**
 * Counts the words of `lines`, and chains the lines of each key, exactly once.
 *
 * @since 0.1.0
 */
export const statistician = {
  topology: statisticsAtOnce,
  inputs: [topics.lines],
  outputs: [topics.counts, topics.chains],
  processingGuarantee: "exactly_once"
} satisfies Streams.App

/**
 * Copies `events`, at least once.
 *
 * @since 0.1.0
 */
export const copier = {
  topology: copy,
  inputs: [topics.events],
  outputs: [topics.copies],
  processingGuarantee: "at_least_once"
} satisfies Streams.App

const options = {
  ...Times.session,
  stateDirectory: "state",
  numStandbyReplicas: 1,
  acceptableRecoveryLag: 10,
  probingRebalanceInterval: "5 seconds",
  // each count is looked for
  stateStoreCacheMaxBytes: 0
} as const

/**
 * An instance of the statistician.
 *
 * @since 0.1.0
 */
export const launchStatistician = StreamsApp.launch(
  StreamsApp.layer(statistics, { ...options, applicationId: "statistics", processingGuarantee: "exactly_once" })
)

/**
 * An instance of the copier.
 *
 * @since 0.1.0
 */
export const launchCopier = StreamsApp.launch(
  StreamsApp.layer(copy, { ...options, applicationId: "copies", commitInterval: "500 millis", linger: "300 millis" })
)
