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
import type { Spec } from "./spec.ts"
import { type Selection, specsOf } from "./specs.ts"
import { type Timed, timing } from "./timing.ts"

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

/** Who answered a foreign key first decides the timestamp of what both gave. */
const lastOf = (key: unknown, records: ReadonlyArray<SinkRecord>): SinkKey => ({
  key,
  value: records.at(-1)!.value,
  partition: 0
})

/** What each sink must hold: all records of each key, or the value of the last, unless it is a deletion. */
const sinksOf = (outputs: ReadonlyArray<Produced>, finalOnly: boolean): Record<string, Array<SinkKey>> => {
  const sinks: Record<string, Array<SinkKey>> = {}
  for (const [topic, produced] of Map.groupBy(outputs, (record) => record.topic)) {
    const keys = [...Map.groupBy(produced, ({ key }) => JSON.stringify(key)).values()].map((records) => ({
      key: records[0]!.key,
      records: records.map(sinkRecord)
    }))
    sinks[topic] = finalOnly
      ? keys.map(({ key, records }) => lastOf(key, records)).filter(({ value }) => value !== null)
      : keys
  }
  return sinks
}

/** How an application fails of which no more is known. */
const failure = { at: "run", class: "StreamsException", message: "" } as const

const liveOf = (spec: Spec, { config, finalOnly, inputs, outputs, topics: known }: Timed): LiveSpec => {
  const { error: _, ...rest } = spec
  const { deadLetterQueueTopic } = exceptionHandlers(config)
  const sinks = sinksOf((outputs ?? []) as ReadonlyArray<Erased>, finalOnly)
  const topics = new Set([...known, ...inputs.map(({ topic }) => topic), ...Object.keys(sinks)])
  const deadLetters = deadLetterQueueTopic === undefined ? [] : [deadLetterQueueTopic]
  const bytes = { key: "bytes", value: "bytes" }
  return {
    ...rest,
    config,
    serdes: { ...spec.serdes, ...Object.fromEntries(deadLetters.map((topic) => [topic, bytes])) },
    partitions: Object.fromEntries([...topics, ...deadLetters].map((topic) => [topic, 1])),
    inputs,
    sinks,
    finalOnly,
    ...(outputs === undefined ? { error: failure } : {})
  }
}

/** Runs a spec as an application. */
export const runOne = async (spec: Spec, target: Target.Target): Promise<Outcome> => {
  const timed = timing(spec)
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
