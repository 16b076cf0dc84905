/**
 * Runs specs of the test driver as applications on a broker: all input is there before the application starts, the tasks
 * wait until they know what comes next, and each sink must hold, key by key, what Kafka's driver gave.
 *
 * Leaves out, and counts why: what depends on when a record comes (`timing`).
 */
import type { Report } from "../../vectors.ts"
import { runLive } from "../live/run.ts"
import type { Input, LiveSpec, SinkKey, SinkRecord } from "../live/spec.ts"
import * as Target from "../live/target.ts"
import { type Outcome, Tally } from "./report.ts"
import type { Spec } from "./spec.ts"
import { type Selection, specsOf } from "./specs.ts"
import { inputsOf, Timed, timing } from "./timing.ts"

interface Produced extends SinkRecord {
  readonly topic: string
  readonly key: unknown
  readonly internal?: boolean
}

const sinkRecord = ({ headers, timestamp, value }: Produced): SinkRecord => ({
  value,
  ...(timestamp === undefined ? {} : { timestamp }),
  partition: 0,
  ...(headers === undefined ? {} : { headers })
})

/** What each sink must hold: all records of each key, or the last, unless it is a deletion. */
const sinksOf = (spec: Spec, finalOnly: boolean): Record<string, Array<SinkKey>> => {
  const topics = new Map<string, Map<string, { readonly key: unknown; readonly records: Array<SinkRecord> }>>()
  for (const produced of (spec.results ?? []).flat() as ReadonlyArray<Produced>) {
    if (produced.internal === true) continue
    const keys = topics.get(produced.topic) ?? new Map()
    topics.set(produced.topic, keys)
    const name = JSON.stringify(produced.key)
    const known = keys.get(name) ?? { key: produced.key, records: [] }
    keys.set(name, known)
    known.records.push(sinkRecord(produced))
  }
  const sinks: Record<string, Array<SinkKey>> = {}
  for (const [topic, keys] of topics) {
    const all = [...keys.values()]
    sinks[topic] = finalOnly
      ? all.map(({ key, records }) => ({ key, ...records.at(-1)! })).filter(({ value }) => value !== null)
      : all
  }
  return sinks
}

const liveOf = (spec: Spec, { finalOnly, sourceTopics }: Timed): LiveSpec => {
  const sinks = sinksOf(spec, finalOnly)
  const inputs: ReadonlyArray<Input> = inputsOf(spec)
  const topics = new Set([...sourceTopics, ...inputs.map(({ topic }) => topic), ...Object.keys(sinks)])
  const config = { "__emit.interval.ms.kstreams.windowed.aggregation__": "0", ...spec.config }
  return {
    ...spec,
    config,
    partitions: Object.fromEntries([...topics].map((topic) => [topic, 1])),
    inputs,
    sinks,
    finalOnly
  }
}

const runOne = async (spec: Spec, target: Target.Target): Promise<Outcome> => {
  const timed = timing(spec)
  return timed instanceof Timed ? runLive(liveOf(spec, timed), target) : timed
}

/** Runs the specs of a directory on the broker that `on` names. */
export const onCluster = async (directory: string, on: string, selection: Selection): Promise<Report> => {
  const target = Target.named(on)
  if (target === undefined) throw new Error(`--on takes driver, embedded, simulation or HOST:PORT, not ${on}`)
  const tally = new Tally()
  for (const spec of specsOf(directory, selection)) tally.add(spec, await runOne(spec, target))
  return tally.report()
}
