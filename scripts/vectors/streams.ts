/**
 * The streams area of `vectors`: each spec's topology is built through the public DSL and printed; the text must be the
 * same, or the topology be refused where Kafka refuses it. Then its steps are run in the test driver, and must leave what
 * they left in Kafka's.
 *
 * A directory holds gzip'd JSON lines, one file per area; the path of one such file is that area alone. Specs with operators that the DSL does not have count as failed,
 * and a table says which.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { UnsupportedTopology } from "@millrace/client/streams/engine/TaskError"
import * as Topology from "@millrace/core/streams/Topology"
import * as Result from "effect/Result"
import type { Report } from "../vectors.ts"
import { build, resolveOptions } from "./streams/build.ts"
import { serde } from "./streams/operators/scope.ts"
import { type Spec, Unsupported } from "./streams/spec.ts"
import { execute, toJson } from "./streams/execute.ts"

/** What became of one spec: fine, or the operator that is missing, or what is wrong. */
export type Outcome =
  | { readonly _tag: "Passed" }
  | { readonly _tag: "Unsupported"; readonly what: string }
  | { readonly _tag: "Failed"; readonly why: string }

/** The specs of a directory. */
export const specsOf = function*(directory: string): Generator<Spec> {
  const isFile = (name: string) => name.endsWith(".jsonl.gz")
  const files = isFile(directory)
    ? [directory]
    : readdirSync(directory).filter(isFile).sort().map((name) => join(directory, name))
  for (const file of files) {
    for (const line of gunzipSync(readFileSync(file)).toString("utf8").split("\n")) {
      if (line !== "") yield JSON.parse(line) as Spec
    }
  }
}

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
  "dsl.store.suppliers.class",
  "__emit.interval.ms.kstreams.windowed.aggregation__",
  "deserialization.exception.handler",
  "ensure.explicit.internal.resource.naming"
])

/** Holds one spec against both. */
export const check = (spec: Spec): Outcome => {
  const text = checkText(spec)
  return text._tag === "Passed" ? checkRun(spec) : text
}

interface Tally {
  passed: number
  failed: number
  readonly missing: Map<string, number>
}

const printTable = (tallies: ReadonlyMap<string, Tally>): void => {
  for (const [area, { failed, missing, passed }] of tallies) {
    const unsupported = [...missing.values()].reduce((sum, count) => sum + count, 0)
    const names = [...missing].map(([what, count]) => `${what} ×${count}`).join(", ")
    process.stdout.write(
      `${area.padEnd(15)} ${String(passed).padStart(4)} passed ${String(failed).padStart(4)} wrong ${
        String(unsupported).padStart(4)
      } unsupported${names === "" ? "" : `: ${names}`}\n`
    )
  }
}

/** Holds `directory` against the DSL and the engine. */
export const run = (directory: string): Report => {
  const tallies = new Map<string, Tally>()
  const failures: Array<string> = []
  let unsupported = 0
  for (const spec of specsOf(directory)) {
    const tally = tallies.get(spec.area) ?? { passed: 0, failed: 0, missing: new Map<string, number>() }
    tallies.set(spec.area, tally)
    const outcome = check(spec)
    if (outcome._tag === "Passed") {
      tally.passed++
    } else if (outcome._tag === "Unsupported") {
      unsupported++
      tally.missing.set(outcome.what, (tally.missing.get(outcome.what) ?? 0) + 1)
    } else {
      tally.failed++
      failures.push(`${spec.name}: ${outcome.why}`)
    }
  }
  printTable(tallies)
  const passed = [...tallies.values()].reduce((sum, tally) => sum + tally.passed, 0)
  return { passed, failed: failures.length + unsupported, failures }
}
