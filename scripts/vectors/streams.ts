/**
 * The streams area of `vectors`: each spec's topology is built through the public DSL and printed; the text must be the
 * same, or the topology be refused where Kafka refuses it. Then its steps are run in the test driver, and must leave what
 * they left in Kafka's.
 *
 * Specs with operators that the DSL does not have count as failed, and a table says which. `--on simulation|embedded|HOST:PORT`
 * runs the specs as applications in place of the driver.
 */
import { UnsupportedTopology } from "@millrace/client/streams/engine/TaskError"
import * as Topology from "@millrace/core/streams/Topology"
import * as Result from "effect/Result"
import type { Report, Selected } from "../vectors.ts"
import { build, resolveOptions } from "./streams/build.ts"
import { serde } from "./streams/operators/scope.ts"
import { type Spec, Unsupported } from "./streams/spec.ts"
import { execute, toJson } from "./streams/execute.ts"
import { onCluster } from "./streams/onCluster.ts"
import { type Outcome, Tally } from "./streams/report.ts"
import { type Selection, specsOf } from "./streams/specs.ts"

const firstDifference = (actual: string, expected: string): string => {
  const [ours, theirs] = [actual.split("\n"), expected.split("\n")]
  const at = ours.findIndex((line, index) => line !== theirs[index])
  return `line ${at + 1}: ${ours[at]?.trim()} instead of ${theirs[at]?.trim()}`
}

/** Holds one spec's text against Kafka's. */
export const checkText = (spec: Spec): Outcome => {
  const refused = spec.error?.at === "build"
  let text: string
  try {
    text = Topology.describe(build(spec), resolveOptions(spec))
  } catch (error) {
    if (error instanceof Unsupported) return { _tag: "Unsupported", what: error.what }
    if (refused) return { _tag: "Passed" }
    return { _tag: "Failed", why: error instanceof Error ? `throws ${error.name}: ${error.message}` : String(error) }
  }
  if (refused) return { _tag: "Failed", why: `not refused; Kafka says: ${spec.error?.message}` }
  if (spec.describe === undefined || text === spec.describe) return { _tag: "Passed" }
  return { _tag: "Failed", why: firstDifference(text, spec.describe) }
}

/** Runs one spec's steps and compares all that Kafka answered. */
export const checkRun = (spec: Spec): Outcome => {
  if (spec.describeOnly === true || spec.results === undefined) return { _tag: "Passed" }
  for (const name of Object.keys(spec.config)) {
    if (!executed.has(name)) return { _tag: "Unsupported", what: `run with ${name}` }
  }
  const effects: Array<unknown> = []
  const topology = build(spec, (effect) => {
    effects.push({ label: effect.label, key: toJson(effect.key), value: toJson(effect.value) })
  })
  try {
    const resolved = Topology.resolve(topology, { ...resolveOptions(spec), applicationId: "app" })
    const why = execute({ ...spec, results: spec.results }, Result.getOrThrow(resolved), serde, effects)
    return why === undefined ? { _tag: "Passed" } : { _tag: "Failed", why }
  } catch (error) {
    if (error instanceof UnsupportedTopology) return { _tag: "Unsupported", what: `run ${error.kind}` }
    throw error
  }
}

/** Settings that change nothing at run time, or that the driver has. */
const executed = new Set([
  "topology.optimization",
  "dsl.store.format",
  "statestore.cache.max.bytes",
  "default.timestamp.extractor",
  "upgrade.from",
  "dsl.store.suppliers.class",
  "__emit.interval.ms.kstreams.windowed.aggregation__",
  "__emit.interval.ms.kstreams.outer.join.spurious.results.fix__",
  "deserialization.exception.handler",
  "processing.exception.handler",
  "errors.dead.letter.queue.topic.name",
  "ensure.explicit.internal.resource.naming",
  "processing.guarantee"
])

/** Holds one spec against both. */
export const check = (spec: Spec): Outcome => {
  const text = checkText(spec)
  return text._tag === "Passed" ? checkRun(spec) : text
}

/** Holds `directory` against the DSL and the engine. */
export const run = (directory: string, { on = "driver", ...selection }: Selected): Report | Promise<Report> =>
  on === "driver" ? onDriver(directory, selection) : onCluster(directory, on, selection)

const onDriver = (directory: string, selection: Selection): Report => {
  const tally = new Tally()
  for (const spec of specsOf(directory, selection)) tally.add(spec, check(spec))
  return tally.report()
}
