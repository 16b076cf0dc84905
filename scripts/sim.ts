/**
 * `npx -y pnpm@12 sim [--seed S] [--runs N] [--twice yes] [--shrink no] [--mutant NAME | --all-mutants yes]
 * [--trace FILE]`: runs the simulation under N seeds from S on.
 *
 * Prints each finding with its seed, the faults left after shrinking, and the anomalies; exits with 1 if there is one. The
 * last line is `trace HASH`, over all that happened in all runs: the same on every machine. `--twice yes` runs each seed
 * a second time and counts another hash as a finding. `--shrink no` takes findings as they are. With one run, the events are printed as well. `--mutant` plants a
 * bug, and ends with the first finding; `--list-mutants` lists them, `--all-mutants yes` looks for all of them from S on,
 * each within as many seeds as it states, and exits with 1 if one was not found as it should be. Long work tells every 500
 * runs how far it is, so that it can be stopped and gone on with. `--trace FILE.html` (or `.txt`) writes what happened in
 * the first run with a finding, made small, or in the one run that was asked for.
 */
import * as NodeFs from "node:fs"
import type { Report } from "../packages/testkit/src/simulation/platform/PlatformScenario.ts"
import { readArguments } from "./arguments.ts"
import { huntAll } from "./sim/allMutants.ts"
import { mutants, plant } from "./sim/mutants.ts"

if (process.argv.includes("--list-mutants")) {
  for (const { causes, does, name, seedsMax } of mutants) {
    console.log(`${name}: ${does}; found within ${seedsMax} seeds, as ${causes.join(", ")}`)
  }
  process.exit(0)
}

const given = readArguments(
  ["seed", "runs", "twice", "shrink", "mutant", "all-mutants", "trace"],
  "sim [--seed S] [--runs N] [--twice yes] [--shrink no] [--mutant NAME | --all-mutants yes] [--trace FILE] "
    + "| --list-mutants"
)

const mutantName = given.get("mutant")?.at(-1)
const mutant = mutants.find(({ name }) => name === mutantName)
if (mutantName !== undefined && mutant === undefined) {
  console.error(`sim: there is no mutant ${mutantName}; see --list-mutants`)
  process.exit(2)
}
if (mutant !== undefined) plant(mutant)

// Only now, so that a planted bug is in what is loaded.
const Fault = await import("../packages/testkit/src/simulation/Fault.ts")
const History = await import("../packages/testkit/src/simulation/History.ts")
const PlatformScenario = await import("../packages/testkit/src/simulation/platform/PlatformScenario.ts")
const { points } = await import("../packages/testkit/src/simulation/Sometimes.ts")
const { Recorder } = await import("../packages/testkit/src/simulation/timeline/Timeline.ts")
const Timelines = await import("../packages/testkit/src/simulation/timeline/Timelines.ts")
const { Trace } = await import("../packages/testkit/src/simulation/Trace.ts")

const numberOf = (name: string, otherwise: number): number => {
  const text = given.get(name)?.at(-1)
  const value = text === undefined ? otherwise : Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  console.error(`sim: --${name} takes a whole number, not ${text}`)
  process.exit(2)
}

const anomaliesShown = 5
const operationsShown = 6

/** After so many runs the work so far is summed up. */
const summaryRuns = 500

const show = (report: Report): void => {
  console.log(`seed ${report.seed}: ${report.anomalies.length} anomalies, ${report.faults.length} faults`)
  for (const { detail, name, operations } of report.anomalies.slice(0, anomaliesShown)) {
    console.log(`  ${name}: ${detail}`)
    for (const operation of operations.slice(0, operationsShown)) console.log(`    ${History.describe(operation)}`)
  }
  for (const fault of report.faults) console.log(`  fault at ${Fault.describe(fault)}`)
  const planted = mutant === undefined ? "" : ` --mutant ${mutant.name}`
  console.log(`  again: npx -y pnpm@12 sim --seed ${report.seed} --runs 1${planted}`)
}

let traceFile = given.get("trace")?.at(-1)

/** Runs what is reported again, and writes what happens. */
const trace = (report: Report): void => {
  if (traceFile === undefined) return
  const recorder = new Recorder()
  const { anomalies, faults, hash, virtualMs } = PlatformScenario.run({ ...report, witness: recorder })
  const timeline = recorder.timeline(
    {
      title: `seed ${report.seed}`,
      findings: anomalies.map(({ detail, name }) => `${name}: ${detail}`),
      hash,
      endUs: virtualMs * 1000
    },
    faults.map((fault) => [fault, Fault.describe(fault)])
  )
  NodeFs.writeFileSync(traceFile, Timelines.render(timeline, traceFile))
  traceFile = undefined
}

const seed = numberOf("seed", 1)
const runs = numberOf("runs", 100)
if (given.get("all-mutants")?.at(-1) === "yes") process.exit(huntAll(seed) ? 0 : 1)
const isShrunk = given.get("shrink")?.at(-1) !== "no"
const isTwice = given.get("twice")?.at(-1) === "yes"
const all = new Trace()
let findings = 0
let steps = 0
const reached = new Map<string, number>()

const summary = (runs: number): string => `${runs} runs, ${steps} steps, ${findings} findings`

const sumUp = (last: number): void => {
  const done = last - seed + 1
  if (done % summaryRuns > 0 || done === runs) return
  console.log(`${summary(done)}; go on with --seed ${last + 1} --runs ${runs - done}`)
}

for (let at = seed; at < seed + runs; at++) {
  const report = PlatformScenario.run({ seed: at })
  all.text(report.hash)
  steps += report.steps
  for (const point of report.reached) reached.set(point, (reached.get(point) ?? 0) + 1)
  if (runs === 1) console.log(report.events.join("\n"))
  if (isTwice && PlatformScenario.run({ seed: at }).hash !== report.hash) {
    findings++
    console.log(`seed ${at}: another trace the second time`)
  }
  if (report.anomalies.length === 0) {
    if (runs === 1) trace(report)
    sumUp(at)
    continue
  }
  findings++
  const small = isShrunk ? PlatformScenario.shrink(report) : report
  show(small)
  trace(small)
  sumUp(at)
  if (mutant === undefined) continue
  const as = report.anomalies[0]!.name
  const isExpected = mutant.causes.includes(as)
  console.log(
    `mutant ${mutant.name} found after ${at - seed + 1} seeds, as ${as}${isExpected ? "" : ", which was not expected"}`
  )
  break
}
for (const point of points) console.log(`${String(reached.get(point) ?? "never").padStart(6)} ${point}`)
console.log(summary(runs))
console.log(`trace ${all.hash}`)
if (findings > 0) process.exitCode = 1
