/**
 * Whether the answer of a spec is the same however its records come: only then can an application give it.
 *
 * An application sees all input at once, and each task takes the record with the smallest timestamp first. That is the
 * driver's order if the input of each sub-topology was given in the order of time; behind a repartition topic, if that is
 * all that a sub-topology reads.
 */
import * as Topology from "@millrace/core/streams/Topology"
import type { ResolvedTopology } from "@millrace/core/streams/ResolvedTopology"
import * as Result from "effect/Result"
import type { Input } from "../live/spec.ts"
import { build, resolveOptions } from "./build.ts"
import type { Outcome } from "./report.ts"
import { type Spec, Unsupported } from "./spec.ts"

/** A spec whose answer does not depend on timing: in the end only (`finalOnly`), or all the way. */
export class Timed {
  readonly sourceTopics: ReadonlySet<string>
  readonly finalOnly: boolean
  constructor(sourceTopics: ReadonlySet<string>, finalOnly: boolean) {
    this.sourceTopics = sourceTopics
    this.finalOnly = finalOnly
  }
}

/** Settings under which an application does what the driver does. */
const settings = new Set([
  "topology.optimization",
  "dsl.store.suppliers.class",
  "ensure.explicit.internal.resource.naming",
  "processing.guarantee",
  "__emit.interval.ms.kstreams.windowed.aggregation__",
  "__emit.interval.ms.kstreams.outer.join.spurious.results.fix__"
])

/** The records that are fed, in order. */
export const inputsOf = (spec: Spec): ReadonlyArray<Input> =>
  spec.steps.filter((step) => step.in !== undefined).map((step) => step.in as Input)

const namedBy = (spec: Spec, field: string): boolean => JSON.stringify(spec.topology).includes(`"${field}"`)

/** Operators that a broker's clock or a commit can be seen through. */
const clocked = [
  ["wall", "wall-clock punctuation"],
  ["meta", "shows the wall clock"],
  ["ticker", "shows the wall clock"],
  ["timestampExtractor", "a timestamp extractor"],
  ["addGlobalStore", "a global store"],
  ["addReadOnlyStateStore", "a read-only store"]
] as const

const skipOf = (spec: Spec): string | undefined => {
  if (spec.describeOnly === true || spec.results === undefined) return "only text"
  if (spec.error !== undefined) return "fails"
  for (const name of Object.keys(spec.config)) if (!settings.has(name)) return name
  if (spec.steps.some((step) => step.advanceWallClockMs !== undefined)) return "moves the wall clock"
  if (inputsOf(spec).some(({ timestamp }) => timestamp < 0)) return "a timestamp that no producer takes"
  const seen = clocked.find(([word]) => namedBy(spec, word))
  return seen?.[1]
}

/** Whether a task that has all of this takes it in this order. */
const isInOrderOfTime = (inputs: ReadonlyArray<Input>): boolean => {
  const queues = Map.groupBy(inputs, ({ topic }) => topic)
  const heads = new Map([...queues.keys()].map((topic) => [topic, 0]))
  return inputs.every(({ timestamp, topic }) => {
    heads.set(topic, heads.get(topic)! + 1)
    return [...queues].every(([other, queue]) => {
      const head = other === topic ? undefined : queue[heads.get(other)!]
      return head === undefined || head.timestamp > timestamp
    })
  })
}

/** Global tables are read to their end before anything else. */
const areFirst = (inputs: ReadonlyArray<Input>, topics: ReadonlySet<string>): boolean => {
  const last = inputs.findLastIndex(({ topic }) => topics.has(topic))
  return inputs.slice(0, last + 1).every(({ topic }) => topics.has(topic))
}

/** Operators between which only the final values of a foreign-key join are known. */
const foreignKeyOnly = new Set(["table", "join", "leftJoin", "toStream", "to"])

const timingOf = (spec: Spec, resolved: ResolvedTopology): Timed | string => {
  const inputs = inputsOf(spec)
  const sources = new Set(resolved.subTopologies.flatMap(({ sourceTopics }) => sourceTopics))
  const sinks = resolved.subTopologies.flatMap(({ sinkTopics }) => sinkTopics)
  const own = new Set(resolved.repartitionTopics.map(({ topic }) => topic))
  if (sinks.some((topic) => sources.has(topic) && !own.has(topic))) return "reads what it writes"
  const global = new Set(spec.topology.filter(({ op }) => op === "globalTable").map((op) => String(op["topic"])))
  if (!areFirst(inputs, global)) return "a global table that changes"
  const external = new Set([...sources, ...global].filter((topic) => !topic.startsWith("app-")))
  if (namedBy(spec, "foreignKey")) {
    const isTable = spec.topology.every(({ op }) => foreignKeyOnly.has(op))
    return isTable ? new Timed(external, true) : "answers of foreign keys that race"
  }
  if (resolved.subTopologies.length > 1 && namedBy(spec, "everyMs")) return "punctuation of several sub-topologies"
  for (const { sourceTopics } of resolved.subTopologies) {
    if (sourceTopics.length < 2) continue
    if (sourceTopics.some((topic) => !external.has(topic))) return "joins what was repartitioned"
    const read = inputs.filter(({ topic }) => sourceTopics.includes(topic))
    if (!isInOrderOfTime(read)) return "input that is not in the order of time"
  }
  return new Timed(external, false)
}

/** Whether and how a spec can be run as an application; else the outcome that it has without. */
export const timing = (spec: Spec): Timed | Outcome => {
  const skip = skipOf(spec)
  if (skip !== undefined) return { _tag: "Skipped", why: skip }
  try {
    const resolved = Topology.resolve(build(spec), { ...resolveOptions(spec), applicationId: "app" })
    const timed = timingOf(spec, Result.getOrThrow(resolved))
    return timed instanceof Timed ? timed : { _tag: "Skipped", why: timed }
  } catch (error) {
    if (error instanceof Unsupported) return { _tag: "Unsupported", what: error.what }
    return { _tag: "Failed", why: String(error) }
  }
}
