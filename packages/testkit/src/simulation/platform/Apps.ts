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
import type * as Streams from "../checker/Streams.ts"
import { topics } from "./Topics.ts"

const lines = KStream.from(topics.lines)

const statistics = Topology.make(
  lines.pipe(
    KStream.flatMapValues((line) => line.match(/[a-z]+/g) ?? [], Serde.string),
    KStream.groupBy((_key, word) => word, Serde.string),
    KGroupedStream.count({ as: "counts" }),
    KTable.toStream,
    KStream.to(topics.counts)
  ),
  // each value tells of all before it, and of their order
  lines.pipe(
    KStream.groupByKey,
    KGroupedStream.reduce((chain, line) => `${line} after ${javaHash(chain)}`, { as: "chains" }),
    KTable.toStream,
    KStream.to(topics.chains)
  )
)

const copy = Topology.make(
  KStream.from(topics.events).pipe(KStream.mapValues((value) => `${value}, copied`, Serde.string), KStream.to(topics.copies))
)

/**
 * Counts the words of `lines`, and chains the lines of each key, exactly once.
 *
 * @since 0.1.0
 */
export const statistician = {
  topology: statistics,
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

/**
 * An instance of an app.
 *
 * @since 0.1.0
 */
export const launch = (applicationId: string, app: typeof statistician | typeof copier) =>
  StreamsApp.launch(
    StreamsApp.layer(app.topology, {
      applicationId,
      processingGuarantee: app.processingGuarantee,
      commitInterval: app.processingGuarantee === "exactly_once" ? "100 millis" : "500 millis",
      sessionTimeout: "6 seconds",
      heartbeatInterval: "1 second",
      stateDirectory: "state"
    })
  )
