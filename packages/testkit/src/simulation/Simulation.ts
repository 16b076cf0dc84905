/**
 * Property-based failure tests of a user's own program: its app, a broker, clients, disks, networks and clocks in one
 * deterministic universe, with faults that the seed decides.
 *
 * ```ts
 * it("each payment is settled exactly once", Simulation.check({
 *   cluster: { brokers: 1 }, runs: 500,
 *   faults: [Fault.crashBroker, Fault.crashApp, Fault.partitionNetwork],
 *   program: (sim) => Effect.gen(function*() {
 *     yield* sim.launch(SettlementApp, { instances: 2 })
 *     yield* sim.produce(payments, arbitraryPayments)
 *     yield* sim.healed
 *     yield* sim.expect(ledger, { exactlyOnce: true, orderedBy: (entry) => entry.account })
 *   })
 * }))
 * ```
 *
 * Keeps true: for each seed the program runs without faults first, which is the reference, and then with them; a failure
 * is made small and printed with what replays it, which needs nothing but the program.
 * Leaves to others: one run (`program/Run`), what is wrong (`program/Expectation`), making it small (`program/Shrink`).
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as limits from "../limits.ts"
import * as Environment from "./program/Environment.ts"
import * as Failure from "./program/Failure.ts"
import * as FaultKind from "./program/FaultKind.ts"
import * as Run from "./program/Run.ts"
import * as Shrink from "./program/Shrink.ts"
import type * as Sim from "./program/Sim.ts"
import { SimulationError } from "./program/SimulationError.ts"
import * as TestName from "./program/TestName.ts"
import * as Token from "./program/Token.ts"
import { Seeded } from "./Seeded.ts"
import { Recorder } from "./timeline/Timeline.ts"

export type { Entry, Expectation } from "./program/Expectation.ts"
export { SimulationFailure } from "./program/Failure.ts"
export type { Finding } from "./program/Finding.ts"
export type { Source } from "./program/Records.ts"
export type { App, Handler, LaunchOptions, ProduceOptions, Services, Sim, Update } from "./program/Sim.ts"
export { SimulationError } from "./program/SimulationError.ts"

/**
 * What is simulated, and how often.
 *
 * @since 0.1.0
 */
export interface Options {
  /** The cluster: one broker until brokers replicate, and how many partitions topics have (2). */
  readonly cluster?: { readonly brokers?: 1 | (number & {}) | undefined; readonly partitions?: number } | undefined
  /** How many seeds (100). */
  readonly runs?: number | undefined
  /** The first of them (1); the same seeds every time, so that what passes today passes tomorrow. */
  readonly seed?: number | undefined
  /** The kinds of faults that may happen; all that Millrace brings, unless said otherwise. */
  readonly faults?: ReadonlyArray<FaultKind.Kind> | undefined
  /** How long faults happen, in virtual time (10 seconds); records are sent over most of it. */
  readonly faultsFor?: Duration.Input | undefined
  /** In how much virtual time after that everything has to come to its end (3 minutes). */
  readonly progressWithin?: Duration.Input | undefined
  /** How much processor time is taken to make a failure smaller (30 seconds). */
  readonly shrinkFor?: Duration.Input | undefined
  /** What happens; run anew for each seed. What it changes outside of itself, it has to reset. */
  readonly program: (sim: Sim.Sim) => Effect.Effect<unknown, unknown, Sim.Services | Scope.Scope>
}

/**
 * What came of one run.
 *
 * @since 0.1.0
 */
export interface Report {
  readonly seed: number
  /** Over all that happened: the same for the same seed, records and faults. */
  readonly hash: string
  readonly findings: Run.Outcome["findings"]
  readonly faults: ReadonlyArray<FaultKind.AnyFault>
  readonly recordsCount: number
  readonly virtualMs: number
  /** The last events, one line each. */
  readonly events: ReadonlyArray<string>
}

const millis = (input: Duration.Input | undefined, otherwise: number): number =>
  input === undefined ? otherwise : Duration.toMillis(input)

/** The last run without faults, for those with the same records: what comes of them is the same. */
class References {
  #last: { readonly records: Run.Options["records"]; readonly outcome: Run.Outcome } | undefined

  get(records: Run.Options["records"], make: () => Run.Outcome): Run.Outcome {
    if (this.#last?.records !== records) this.#last = { records, outcome: make() }
    return this.#last!.outcome
  }
}

/** What does not change from run to run. */
const settingsOf = (options: Options) => {
  const { brokers = 1, partitions = 2 } = options.cluster ?? {}
  const { runs = 100, seed = 1 } = options
  const refuse = (reason: SimulationError["reason"], detail: string, hint: string) =>
    new SimulationError({ reason, detail, hint })
  if (brokers !== 1) {
    const detail = `a cluster of ${brokers} brokers cannot be simulated`
    throw refuse("Unsupported", detail, "use brokers: 1, until brokers replicate")
  }
  for (const [name, value, min] of [["partitions", partitions, 1], ["runs", runs, 1], ["seed", seed, 0]] as const) {
    if (Number.isSafeInteger(value) && value >= min) continue
    throw refuse("Options", `${name} is ${value}`, `give a whole number of at least ${min}`)
  }
  return {
    program: options.program,
    partitions,
    runs,
    seed,
    kinds: options.faults ?? FaultKind.all,
    faultsForMs: millis(options.faultsFor, 10_000),
    progressWithinMs: millis(options.progressWithin, 180_000),
    shrinkForMs: millis(options.shrinkFor, limits.shrinkTimeMaxMs),
    references: new References()
  }
}

type Settings = ReturnType<typeof settingsOf>

/** A run that failed, or did not, with what was run before it. */
interface Attempt {
  readonly replay: Omit<Token.Replay, "test">
  readonly outcome: Run.Outcome
}

/** The run without faults, and the run with them if that one was well. */
const attempt = (
  settings: Settings,
  { faults, records, schedule, seed }: {
    readonly seed: number
    readonly schedule: number
    readonly records: Run.Options["records"]
    readonly faults: ReadonlyArray<FaultKind.AnyFault> | undefined
  },
  witness?: Recorder
): Attempt => {
  const base = { ...settings, seed, schedule, records }
  const calm = (witness?: Recorder) => Run.run({ ...base, faults: [], mode: "calm", reference: undefined, witness })
  const reference = records === undefined ? calm() : settings.references.get(records, () => calm())
  const of = (outcome: Run.Outcome): Attempt => ({
    outcome,
    replay: { seed, schedule, records: outcome.records, faults: outcome.faults }
  })
  if (reference.findings.length > 0) return of(witness === undefined ? reference : calm(witness))
  const happening = faults ?? FaultKind.generate(new Seeded(`${seed}/faults`), settings.kinds, reference.targets)
  return of(Run.run({ ...base, faults: happening, mode: "faulty", reference, witness }))
}

/** Runs an attempt again, and writes what happens into a file. */
const trace = (
  settings: Settings,
  { replay }: Attempt,
  explanation: Run.Outcome | undefined,
  file: string,
  title: string
): void => {
  const recorder = new Recorder()
  const { outcome } = attempt(settings, replay, recorder)
  Environment.writeTimeline(
    file,
    recorder.timeline(
      {
        title,
        findings: outcome.findings.map((finding) => Failure.findingLine(finding, { outcome, explanation })),
        hash: outcome.hash,
        endUs: outcome.endUs
      },
      outcome.happening.map((fault) => [fault, Failure.faultLine(fault)])
    )
  )
}

/** The program without faults, one record after the other: what comes of which. */
const explain = (
  settings: Settings,
  { outcome, replay: { records, schedule, seed } }: Attempt
): Run.Outcome | undefined =>
  outcome.findings.some(({ record }) => record !== undefined)
    ? Run.run({ ...settings, seed, schedule, records, faults: [], mode: "one-by-one", reference: undefined })
    : undefined

/** The records that findings are about: that of the first, that of each, and those of all. */
const guessesOf = (explanation: Run.Outcome | undefined, { outcome, replay }: Attempt) => {
  const concerned = outcome.findings.map((finding) => Failure.causeOf(finding, explanation))
  const same = new Set(concerned.map((cause) => cause === undefined ? "" : `${cause.call}/${cause.index}`))
  const records = replay.records.filter(({ call, index }) => same.has(`${call}/${index}`))
  return records.length === 0 ? [] : [records.slice(0, 1), records.slice(-1), records]
}

/** Makes a failure small, as long as it fails by the same name. */
const shrink = (settings: Settings, failed: Attempt, isLate: () => boolean): Attempt => {
  const name = failed.outcome.findings[0]!.name
  const { seed } = failed.replay
  const untilMs = Environment.processorMs() + settings.shrinkForMs
  let runs = 0
  let smallest = failed
  const isFailing = ({ faults, records }: Shrink.Candidate): boolean => {
    const first = smallest.replay.schedule
    for (let more = 0; more < limits.shrinkSchedulesMax; more++) {
      if (runs++ >= limits.shrinkRunsMax || Environment.processorMs() > untilMs || isLate()) return false
      const tried = attempt(settings, { seed, schedule: first + more, records, faults })
      if (tried.outcome.findings[0]?.name !== name) continue
      smallest = tried
      return true
    }
    return false
  }
  Shrink.shrink(failed.replay, {
    isFailing,
    guesses: guessesOf(explain(settings, failed), failed),
    simplify: (record, isSimplerFailing) =>
      smallest.outcome.productions[record.call]?.simplify(record, isSimplerFailing, limits.simplifyRunsMax)
  })
  return smallest
}

/** Tells a failure, with what came of each record without faults. */
const failureOf = (
  settings: Settings,
  failed: Attempt,
  test: TestName.Test | undefined,
  isReplay: boolean
): Failure.SimulationFailure => {
  const { outcome, replay } = failed
  const token = Token.encode({ ...replay, test: test?.name })
  const title = test?.name ?? "a simulated program failed"
  const explanation = explain(settings, failed)
  const file = Environment.traceFile()
  if (file !== undefined) trace(settings, failed, explanation, file, title)
  return new Failure.SimulationFailure({
    message: Failure.messageOf({
      title,
      seed: replay.seed,
      outcome,
      explanation,
      token,
      command: test?.command,
      isReplay,
      hashAgain: attempt({ ...settings, references: new References() }, replay).outcome.hash
    }),
    seed: replay.seed,
    findings: outcome.findings,
    faults: outcome.faults,
    recordsCount: outcome.records.length,
    token,
    hash: outcome.hash
  })
}

const reportOf = ({ outcome, replay }: Attempt): Report => ({
  seed: replay.seed,
  hash: outcome.hash,
  findings: outcome.findings,
  faults: outcome.happening,
  recordsCount: outcome.records.length,
  virtualMs: Math.floor(outcome.endUs / 1000),
  events: outcome.events
})

/**
 * Which run it is, and where what happens is written.
 *
 * @since 0.1.0
 */
export interface RunOptions {
  /** What a failure printed for `MILLRACE_REPLAY`; without it the first seed is run. */
  readonly token?: string | undefined
  /** A file for the timeline: a page, or text if its name ends with `.txt`. */
  readonly traceFile?: string | undefined
}

/**
 * Runs the program once, and tells what came of it; nothing is made smaller. Throws `SimulationError` for options that are
 * none.
 *
 * @since 0.1.0
 */
export const run = (options: Options, { token, traceFile }: RunOptions = {}): Report => {
  const settings = settingsOf(options)
  const first = { seed: settings.seed, schedule: 0, records: undefined, faults: undefined }
  const tried = attempt(settings, token === undefined ? first : Token.decode(token))
  if (traceFile !== undefined) trace(settings, tried, explain(settings, tried), traceFile, `seed ${tried.replay.seed}`)
  return reportOf(tried)
}

/** The states that no run has reached, of those that the program names. */
const neverReached = (sometimes: ReadonlyMap<string, boolean>, runs: number): SimulationError | undefined => {
  const never = [...sometimes].filter(([, isReached]) => !isReached).map(([name]) => name)
  if (never.length === 0) return undefined
  return new SimulationError({
    reason: "NeverReached",
    detail: `no run of ${runs} has reached: ${never.join(", ")}`,
    hint: "allow more runs or more faults, or look whether it can be reached at all"
  })
}

/** The parts of a test's time that are for runs, and for making a failure small as well. */
const runsShare = 0.5
const shrinkShare = 0.8

/**
 * A test: a function that runs the program under many seeds and rejects with a `SimulationFailure` at the first that
 * fails, made small. What vitest or node:test give to it tells the test's name, how to run it alone, and how long it may
 * take: the runs end before that, with a warning that says how many there were. With
 * `MILLRACE_REPLAY` it runs what the token says; with `MILLRACE_TRACE=FILE.html` (or `.txt`) it writes what happens in the
 * run that fails, or in what it replays. The function has no parameter that is counted, as runners that give a callback count them.
 *
 * @since 0.1.0
 */
export const check = (options: Options): (context?: unknown) => Promise<void> => async (...[context]) => {
  const settings = settingsOf(options)
  const test = TestName.of(context)
  const replay = Environment.replay()
  if (replay !== undefined && (replay.test === undefined || replay.test === test?.name)) {
    const replayed = attempt(settings, replay)
    if (replayed.outcome.findings.length > 0) throw failureOf(settings, replayed, test, true)
    const file = Environment.traceFile()
    if (file !== undefined) {
      trace(settings, replayed, undefined, file, `${test?.name ?? "a simulated program"}: all is well`)
    }
    return
  }
  const startMs = Environment.nowMs()
  const isLate = (share: number) => Environment.nowMs() - startMs > share * TestName.timeoutMs(context)
  const sometimes = new Map<string, boolean>()
  let runs = 0
  for (; runs < settings.runs && !isLate(runsShare); runs++) {
    const tried = attempt(settings, { seed: settings.seed + runs, schedule: 0, records: undefined, faults: undefined })
    if (tried.outcome.findings.length > 0) {
      throw failureOf(settings, shrink(settings, tried, () => isLate(shrinkShare)), test, false)
    }
    for (const [name, isReached] of tried.outcome.sometimes) {
      sometimes.set(name, isReached || sometimes.get(name) === true)
    }
    // The runner has its own to do, and may have given up.
    await Environment.turn()
    if (TestName.isAborted(context)) return
  }
  if (runs < settings.runs) {
    Environment.warn(`${test?.name ?? "a simulation"}: ${runs} of ${settings.runs} seeds in the time that the test has`)
  }
  const never = neverReached(sometimes, runs)
  if (never !== undefined) throw never
}
