/**
 * Whether the answer of a spec is the same however its records come: only then can an application give it.
 *
 * An application sees all input at once, and each task takes the record with the smallest timestamp first. Where that is not
 * the order in which the spec's input was given, or where Kafka's driver moved its clock or had caches, our driver says what
 * this input gives in the order in which it is taken: it is held against Kafka's elsewhere.
 */
import * as Topology from "@millrace/core/streams/Topology"
import type { ResolvedTopology } from "@millrace/core/streams/ResolvedTopology"
import * as TopicPattern from "@millrace/core/streams/TopicPattern"
import { TopologyError } from "@millrace/core/streams/TopologyError"
import * as Result from "effect/Result"
import type { Input } from "../live/spec.ts"
import { build, resolveOptions } from "./build.ts"
import { outputsOf } from "./execute.ts"
import { serde } from "./operators/scope.ts"
import { type Known, races } from "./races.ts"
import type { Outcome } from "./report.ts"
import { type Spec, Unsupported } from "./spec.ts"
import { takenOrder } from "./taken.ts"

/** Records that are written to sinks, in the vectors' form; undefined: the application fails. */
export type Outputs = ReadonlyArray<Readonly<Record<string, unknown>>> | undefined

/** A spec whose answer does not depend on timing; of each topic, what of it does not. */
export interface Timed {
  readonly _tag: "Timed"
  readonly config: Spec["config"]
  /** Topics of sources and sinks that must be there. */
  readonly topics: ReadonlySet<string>
  readonly inputs: ReadonlyArray<Input>
  readonly outputs: Outputs
  readonly known: (topic: string) => Known
}

/** Settings under which an application does what the driver does. */
const settings = new Set([
  "topology.optimization",
  "dsl.store.format",
  "dsl.store.suppliers.class",
  "default.timestamp.extractor",
  "ensure.explicit.internal.resource.naming",
  "processing.guarantee",
  "upgrade.from",
  "deserialization.exception.handler",
  "processing.exception.handler",
  "errors.dead.letter.queue.topic.name"
])

/** Settings of when to pass something on: an application passes everything on at once. */
const atOnce: Spec["config"] = {
  "statestore.cache.max.bytes": "0",
  "__emit.interval.ms.kstreams.windowed.aggregation__": "0",
  "__emit.interval.ms.kstreams.outer.join.spurious.results.fix__": "0"
}

/** The records that are fed, in order. */
const inputsOf = (spec: Spec): ReadonlyArray<Input> =>
  spec.steps.filter((step) => step.in !== undefined).map((step) => step.in as Input)

const namedBy = (spec: Spec, field: string): boolean => JSON.stringify(spec.topology).includes(`"${field}"`)

/** Who says what a spec must give where its input is taken as it was given: Kafka's driver, as the spec has it, or ours. */
export type Answerer = "kafka" | "millrace"

const skipOf = (spec: Spec, by: Answerer): string | undefined => {
  if (by === "kafka" && (spec.describeOnly === true || spec.results === undefined)) return "only text"
  const unknown = Object.keys(spec.config).find((name) => !settings.has(name) && !(name in atOnce))
  if (unknown !== undefined) return unknown
  if (inputsOf(spec).some(({ timestamp }) => timestamp < 0)) return "a timestamp that no producer takes"
  if (namedBy(spec, "latest")) return "a source that begins at the end"
  return namedBy(spec, "wall") ? "wall-clock punctuation" : undefined
}

/** What shows a task and its stream time; the driver has one task for all sub-topologies. */
const ofOneTask = ["everyMs", "meta", "ticker"]

/** Why nothing is known of the answer, as far as its operators tell. */
const raceOf = (
  spec: Spec,
  { globalStores, subTopologies }: ResolvedTopology,
  inputs: ReadonlyArray<Input>
): string | undefined => {
  const read = new Set([
    ...subTopologies.flatMap(({ sourceTopics }) => sourceTopics),
    ...globalStores.map(({ topic }) => topic)
  ])
  if (inputs.some(({ topic }) => !read.has(topic))) return "a topic that nothing reads, which only a driver refuses"
  if (subTopologies.length > 1 && ofOneTask.some((name) => namedBy(spec, name))) {
    return "stream time of several tasks"
  }
  const isExtracted = namedBy(spec, "timestampExtractor") || "default.timestamp.extractor" in spec.config
  const isJoined = subTopologies.some(({ sourceTopics }) => sourceTopics.length > 1)
  return isJoined && isExtracted ? "an order that a timestamp extractor makes" : undefined
}

const spanOf = (inputs: ReadonlyArray<Input>): number => {
  const times = inputs.map(({ timestamp }) => timestamp)
  return Math.max(...times) - Math.min(...times)
}

const topicsOf = ({ globalStores, repartitionTopics, subTopologies }: ResolvedTopology): ReadonlySet<string> => {
  const topics = new Set(subTopologies.flatMap(({ sinkTopics, sourceTopics }) => [...sourceTopics, ...sinkTopics]))
  for (const { topic } of globalStores) topics.add(topic)
  for (const { topic } of repartitionTopics) topics.delete(topic)
  return topics
}

const timingOf = (spec: Spec, unresolved: ResolvedTopology, by: Answerer): Timed | string => {
  const given = inputsOf(spec)
  const resolved = TopicPattern.resolve(unresolved, new Set(given.map(({ topic }) => topic)))
  const race = raceOf(spec, resolved, given)
  if (race !== undefined) return race
  const taken = takenOrder(given, resolved)
  const config = { ...spec.config, ...atOnce }
  const isMoved = spec.steps.some((step) => step.advanceWallClockMs !== undefined)
  const isHeldBack = Object.keys(atOnce).some((name) => (spec.config[name] ?? "0") !== "0")
  const isKafkas = by === "kafka" && taken.isAsGiven && !isMoved && !isHeldBack
  const outputs = isKafkas
    ? kafkasOf(spec)
    : outputsOf({ ...spec, config, results: [] }, unresolved, serde, taken.inputs)
  const known = races(resolved, new Set(given.map(({ topic }) => topic)), spanOf(taken.inputs))
  const written = new Set(outputs?.map(({ topic }) => String(topic)))
  if (written.size > 0 && [...written].every((topic) => known(topic) === "nothing")) return "answers that race"
  return { _tag: "Timed", config, topics: topicsOf(resolved), inputs: taken.inputs, outputs, known }
}

const kafkasOf = (spec: Spec): Outputs =>
  spec.error === undefined ? (spec.results ?? []).flat().filter((record) => record.internal !== true) : undefined

/** How a spec can be run as an application; else the outcome that it has without. */
export const timing = (spec: Spec, by: Answerer = "kafka"): Timed | Outcome => {
  const skip = skipOf(spec, by)
  if (skip !== undefined) return { _tag: "Skipped", why: skip }
  try {
    const resolved = Topology.resolve(build(spec), { ...resolveOptions(spec), applicationId: "app" })
    const timed = timingOf(spec, Result.getOrThrow(resolved), by)
    return typeof timed === "string" ? { _tag: "Skipped", why: timed } : timed
  } catch (error) {
    if (error instanceof Unsupported) return { _tag: "Unsupported", what: error.what }
    if (error instanceof TopologyError && by === "millrace") {
      return { _tag: "Skipped", why: "a topology that is refused" }
    }
    return { _tag: "Failed", why: String(error) }
  }
}
