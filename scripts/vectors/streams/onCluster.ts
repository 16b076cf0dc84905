/**
 * Runs specs of the test driver as applications on a broker: all input is there before the application starts, the tasks
 * wait until they know what comes next, and each sink must hold, key by key, what the driver gave.
 *
 * Leaves out, and counts why: what depends on when a record comes (`timing`).
 */
import type { Erased } from "@millrace/core/serde/Erased"
import type { Report } from "../../vectors.ts"
import { runLive } from "../live/run.ts"
import type { LiveSpec, SinkKey, SinkRecord } from "../live/spec.ts"
import * as Target from "../live/target.ts"
import { exceptionHandlers } from "./execute.ts"
import { type Outcome, Tally } from "./report.ts"
import type { Known } from "./races.ts"
import type { Spec } from "./spec.ts"
import { type Selection, specsOf } from "./specs.ts"
import { type Answerer, type Timed, timing } from "./timing.ts"

interface Produced extends SinkRecord {
  readonly topic: string
  readonly key: unknown
}

const sinkRecord = ({ headers = [], timestamp, value }: Produced): SinkRecord => ({
  value,
  ...(timestamp === undefined ? {} : { timestamp }),
  partition: 0,
  ...(headers.length === 0 ? {} : { headers })
})

/** What can be known of the records of a key: when and with which headers they came is left out where tasks race. */
const sinkKey = (known: Known, key: unknown, produced: ReadonlyArray<Produced>): SinkKey => {
  if (known === "last") return { key, value: produced.at(-1)!.value, partition: 0 }
  const records = produced.map(sinkRecord)
  return { key, records: known === "order" ? records : records.map(({ headers: _, ...record }) => record) }
}

/** What each sink must hold, unless nothing is known of it: what is known of each key; no key whose last value is a deletion. */
const sinksOf = (
  outputs: ReadonlyArray<Produced>,
  knownOf: (topic: string) => Known
): Record<string, ReadonlyArray<SinkKey>> => {
  const sinks: Record<string, ReadonlyArray<SinkKey>> = {}
  for (const [topic, produced] of Map.groupBy(outputs, (record) => record.topic)) {
    const known = knownOf(topic)
    if (known === "nothing") continue
    const keys = [...Map.groupBy(produced, ({ key }) => JSON.stringify(key)).values()].map((records) =>
      sinkKey(known, records[0]!.key, records)
    )
    sinks[topic] = known === "last" ? keys.filter(({ value }) => value !== null) : keys
  }
  return sinks
}

/** How an application fails of which no more is known. */
const failure = { at: "run", class: "StreamsException", message: "" } as const

const liveOf = (spec: Spec, { config, inputs, known, outputs, topics: named }: Timed): LiveSpec => {
  const { error: _, ...rest } = spec
  const { deadLetterQueueTopic } = exceptionHandlers(config)
  const produced = (outputs ?? []) as ReadonlyArray<Erased>
  const sinks = sinksOf(produced, known)
  const written = produced.map(({ topic }) => topic)
  const topics = new Set([...named, ...inputs.map(({ topic }) => topic), ...written])
  const deadLetters = deadLetterQueueTopic === undefined ? [] : [deadLetterQueueTopic]
  const bytes = { key: "bytes", value: "bytes" }
  return {
    ...rest,
    config,
    serdes: { ...spec.serdes, ...Object.fromEntries(deadLetters.map((topic) => [topic, bytes])) },
    partitions: Object.fromEntries([...topics, ...deadLetters].map((topic) => [topic, 1])),
    inputs,
    sinks,
    known: Object.fromEntries(Object.keys(sinks).map((topic) => [topic, known(topic)])),
    ...(outputs === undefined ? { error: failure } : {})
  }
}

/** Runs a spec as an application; `by`: whose answer it must give. */
export const runOne = async (spec: Spec, target: Target.Target, by: Answerer = "kafka"): Promise<Outcome> => {
  const timed = timing(spec, by)
  return timed._tag === "Timed" ? runLive(liveOf(spec, timed), target) : timed
}

/** Runs the specs of a directory on the broker that `on` names. */
export const onCluster = async (directory: string, on: string, selection: Selection): Promise<Report> => {
  const target = Target.named(on)
  if (target === undefined) throw new Error(`--on takes driver, embedded, simulation or HOST:PORT, not ${on}`)
  const tally = new Tally()
  for (const spec of specsOf(directory, selection)) tally.add(spec, await runOne(spec, target))
  return tally.report()
}
