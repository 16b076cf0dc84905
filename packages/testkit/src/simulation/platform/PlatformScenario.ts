/**
 * The platform's own scenario, under one seed: a broker, its clients and an app, with faults and then without.
 *
 * Keeps true: the seed alone decides the run; after the faults everything has to come to its end within a bounded time.
 * Leaves to others: what it runs in (`World`), who takes part and what is expected of them (`Cast`).
 *
 * @since 0.1.0
 */
import * as Anomaly from "../checker/Anomaly.ts"
import * as Fault from "../Fault.ts"
import * as FaultPlan from "../FaultPlan.ts"
import { History } from "../History.ts"
import { Seeded } from "../Seeded.ts"
import type * as Sometimes from "../Sometimes.ts"
import type { Witness } from "../Trace.ts"
import type { Ending } from "../Universe.ts"
import { brokerName, World } from "../World.ts"
import { brokerVersions } from "./BrokerVersions.ts"
import * as Size from "./Size.ts"
import { Cast } from "./Cast.ts"
import * as Focus from "./Focus.ts"
import * as Readers from "./Readers.ts"
import * as Restlessness from "./Restlessness.ts"
import * as Topics from "./Topics.ts"

/**
 * What is simulated.
 *
 * @since 0.1.0
 */
export interface Options {
  readonly seed: number
  /** A size in place of the one that the seed gives. */
  readonly size?: Size.Size | undefined
  /** Faults in place of those that the seed gives: what shrinking and replaying need. */
  readonly faults?: ReadonlyArray<Fault.Fault> | undefined
  /** Told of everything that happens. */
  readonly witness?: Witness | undefined
}

/**
 * What came of a run.
 *
 * @since 0.1.0
 */
export interface Report {
  readonly seed: number
  readonly size: Size.Size
  /** Over all that happened. */
  readonly hash: string
  readonly faults: ReadonlyArray<Fault.Fault>
  readonly anomalies: ReadonlyArray<Anomaly.Anomaly>
  readonly steps: number
  readonly virtualMs: number
  /** The states that were reached, of those that are worth reaching. */
  readonly reached: ReadonlySet<Sometimes.Point>
  /** The last events, for people. */
  readonly events: ReadonlyArray<string>
}

/** The time that is left for everything to settle after the phase with faults, and the most steps. */
const livenessMs = 120_000
const stepsMax = 6_000_000

/** How long a run goes on after its faults if something rotted: what is lost then may be waited for in vain. */
const rottenMs = 10_000

/** What rot may not cause either, whatever it destroys: every batch has a checksum. */
const evenWithRot: ReadonlySet<Anomaly.Name> = new Set(["garbage-read", "defect", "runaway", "deadlock"])

/** A run, put together. */
class Run {
  readonly size: Size.Size
  readonly world: World
  readonly history: History
  readonly cast: Cast
  readonly goal: Readers.Goal
  /** The topics are there, and clients may start. */
  isSetUp = false
  isVerified = false

  constructor({ seed, size, witness }: Options) {
    this.size = size ?? Size.draw(new Seeded(`${seed}/size`))
    this.world = new World({ seed, stepsMax, timeMaxMs: this.size.safetyMs + livenessMs })
    const { universe } = this.world
    universe.trace.witness = witness
    this.history = new History(() => Math.floor(universe.nowUs / 1000))
    this.world.addBroker(...brokerVersions)
    this.world.addClient("setup", Topics.create).start()
    const cast = new Cast(this.world, this.history, this.size)
    this.cast = cast
    this.goal = {
      isProduced: () => cast.isProduced,
      isGiven: () => cast.isGiven,
      isProcessed: () => cast.isProcessed,
      isAtEnd: false
    }
  }
}

const planOf = ({ cast, size, world: { universe } }: Run): ReadonlyArray<Fault.Fault> => {
  const plan = FaultPlan.generate(universe.random("faults"), {
    brokers: [brokerName],
    clients: cast.names,
    untilMs: size.safetyMs,
    countMax: size.faultsMax
  })
  const more = Restlessness.generate(universe.random("restlessness"), cast.names, size.safetyMs)
  const aimed = size.focus === undefined
    ? []
    : Focus.generate(universe.random("focus"), size.focus, cast.names, size.safetyMs)
  return [...plan, ...more, ...aimed].sort((left, right) => left.atMs - right.atMs)
}

const nameOf = (ending: Ending): Anomaly.Name =>
  ending === "deadlock" ? "deadlock" : ending === "steps" ? "runaway" : "stuck"

/**
 * Runs one seed.
 *
 * @since 0.1.0
 */
export const run = (options: Options): Report => {
  const run = new Run(options)
  const { cast, size, world } = run
  const { anomalies, processes, universe } = world
  const faults = options.faults ?? planOf(run)
  const injected = new Fault.Faults(universe, world.network, processes)
  world.process(brokerName).start()
  const setup = world.process("setup")
  setup.onExit = (exit) => exit._tag === "Failure" ? world.startLater(setup) : startClients(run)
  injected.plan(faults)
  universe.after(size.safetyMs * 1000, () => {
    injected.heal()
    restore(run, faults)
  })
  const isRotten = faults.some(({ kind }) => kind === "rot")
  const untilUs = isRotten ? (size.safetyMs + rottenMs) * 1000 : Number.POSITIVE_INFINITY
  const ending = universe.run(() => run.isVerified || anomalies.length > 0 || universe.nowUs >= untilUs)
  if (ending !== "done") anomalies.push(Anomaly.make(nameOf(ending), stuckAt(run)))
  if (run.isVerified) lookBack(run)
  // What the topics held at the last look is all there is, unless the broker has more to say.
  anomalies.unshift(...cast.check(run.isVerified || run.goal.isAtEnd))
  const { nowUs, steps, trace } = universe
  return {
    seed: options.seed,
    size,
    hash: trace.hash,
    faults,
    anomalies: isRotten ? anomalies.filter(({ name }) => evenWithRot.has(name)) : anomalies,
    steps,
    virtualMs: Math.floor(nowUs / 1000),
    reached: universe.sometimes.reached,
    events: trace.events
  }
}

const startClients = (run: Run): void => {
  run.isSetUp = true
  for (const name of run.cast.names) run.world.process(name).start()
}

/** What an operator does after the faults: starts what is down, and the broker anew if its disk has failed. */
const restore = (run: Run, faults: ReadonlyArray<Fault.Fault>): void => {
  const hadDiskErrors = faults.some(({ kind }) => kind === "failSync" || kind === "fullDisk")
  const { world } = run
  if (hadDiskErrors) world.process(brokerName).crash("kill")
  world.process(brokerName).start()
  if (run.isSetUp) startClients(run)
  else world.process("setup").start()
  const verifier = world.addClient("verifier", Readers.verifier(run.history, run.goal))
  const onExit = verifier.onExit
  verifier.onExit = (exit) => {
    run.isVerified = exit._tag === "Success"
    // Another attempt reads from the beginning.
    if (!run.isVerified) run.history.final.clear()
    onExit(exit)
  }
  verifier.start()
}

/** What of the states worth reaching only the history shows. */
const lookBack = ({ history, world }: Run): void => {
  const { sometimes } = world.universe
  const present = new Set<string>()
  for (const partitions of history.final.values()) {
    for (const records of partitions.values()) for (const { value } of records) present.add(value)
  }
  for (const { acknowledged, value } of history.sent) {
    if (acknowledged !== undefined) continue
    if (present.has(value)) sometimes.reach("a write was not acknowledged, and is there")
    else sometimes.reach("a write was not acknowledged, and is not there")
  }
  for (const { isDeliberate, outcome } of history.transactions) {
    if (outcome === "unknown") sometimes.reach("a client did not learn what became of its transaction")
    if (outcome !== "aborted") continue
    sometimes.reach(isDeliberate ? "a transaction was aborted on purpose" : "a transaction failed, and was aborted")
  }
  const readers = [...world.processes.keys()].filter((name) => /^(consumer|auditor)-/.test(name))
  if (history.assignments > readers.length) sometimes.reach("an assignment of a group changed")
  const apps = [...world.processes.values()].filter(({ name }) => name.startsWith("app-"))
  if (apps.some(({ lives }) => lives > 1)) sometimes.reach("an app took over the work of another")
}

const stuckAt = ({ cast, history, world }: Run): string => {
  const read = [...history.final].map(([topic, partitions]) =>
    `${topic} ${[...partitions.values()].reduce((sum, records) => sum + records.length, 0)}`
  )
  return `at ${Math.floor(world.universe.nowUs / 1000)} ms: ${cast.describe()}; read: ${read.join(", ")}; running: ${
    world.running.join(", ")
  }`
}

/**
 * Leaves out faults as long as the same anomaly comes of it; gives the report with the fewest.
 *
 * @since 0.1.0
 */
export const shrink = (report: Report): Report => {
  const name = report.anomalies[0]?.name
  if (name === undefined) return report
  let smallest = report
  for (let at = 0; at < smallest.faults.length;) {
    const fewer = run({
      seed: report.seed,
      size: report.size,
      faults: smallest.faults.filter((_, index) => index !== at)
    })
    if (fewer.anomalies.some((anomaly) => anomaly.name === name)) smallest = fewer
    else at++
  }
  return smallest
}
