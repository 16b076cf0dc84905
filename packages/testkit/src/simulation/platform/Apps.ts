/**
 * The stream apps of the platform's scenario, as the cluster runs them and as the reference run does.
 *
 * @since 0.1.0
 */
import * as StreamsApp from "@millrace/client/streams/runtime/StreamsApp"
import * as Serde from "@millrace/core/serde/Serde"
import * as KGroupedStream from "@millrace/core/streams/KGroupedStream"
import * as KStream from "@millrace/core/streams/KStream"
import * as KTable from "@millrace/core/streams/KTable"
import * as Topology from "@millrace/core/streams/Topology"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type * as Streams from "../checker/Streams.ts"
import * as Chains from "./Chains.ts"
import * as Times from "./Times.ts"
import { topics } from "./Topics.ts"

const wordsOf = (line: string): ReadonlyArray<string> => line.match(/[a-z]+/g) ?? []

/** The words of a line, from somebody who sometimes takes his time. */
const wordsInTime = Effect.fnUntraced(function*(line: string) {
  if (yield* Random.nextBoolean) yield* Effect.sleep(yield* Random.nextIntBetween(1, 50))
  return wordsOf(line)
})

const counting = (words: KStream.KStream<string | null, string>) =>
  words.pipe(
    KStream.groupBy((_key, word) => word, Serde.string),
    KGroupedStream.count({ as: "counts", caching: false }),
    KTable.toStream,
    KStream.to(topics.counts)
  )

const statistics = (chains: Chains.Name) =>
  Topology.make(
    counting(KStream.flatMapValuesEffect(Chains.lines, wordsInTime, Serde.string)),
    Chains.chains[chains]
  )

/** The same without effects, as the reference run needs it. */
const statisticsAtOnce = (chains: Chains.Name) =>
  Topology.make(counting(KStream.flatMapValues(Chains.lines, wordsOf, Serde.string)), Chains.chains[chains])

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
export const statistician = (chains: Chains.Name): Streams.App => ({
  topology: statisticsAtOnce(chains),
  inputs: [topics.lines],
  outputs: [topics.counts, topics.chains],
  newest: chains === "cached" ? [topics.chains] : [],
  processingGuarantee: "exactly_once"
})

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
  // each result is looked for
  stateStoreCacheMaxBytes: 0
} as const

const cacheBytes = 1_000_000

/**
 * An instance of the statistician; a patient one stays a member for longer than its transactions may take.
 *
 * @since 0.1.0
 */
export const launchStatistician = (chains: Chains.Name, commitIntervalMs: number, isPatient: boolean) =>
  StreamsApp.launch(
    StreamsApp.layer(statistics(chains), {
      ...options,
      ...isPatient ? Times.patience : {},
      applicationId: "statistics",
      processingGuarantee: "exactly_once",
      commitInterval: commitIntervalMs,
      stateStoreCacheMaxBytes: chains === "cached" ? cacheBytes : 0
    })
  )

/**
 * An instance of the copier.
 *
 * @since 0.1.0
 */
export const launchCopier = StreamsApp.launch(
  StreamsApp.layer(copy, { ...options, applicationId: "copies", commitInterval: "500 millis", linger: "300 millis" })
)
