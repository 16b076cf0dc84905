/**
 * The platform's own scenario, under one seed: a broker, its clients and an app, with faults and then without.
 *
 * Keeps true: the seed alone decides the run; after the faults everything has to come to its end within a bounded time.
 * Leaves to others: what it runs in (`World`), what clients do (`Workload`), what is wrong (`Checker`).
 *
 * @since 0.1.0
 */
import * as Checker from "../Checker.ts"
import * as Fault from "../Fault.ts"
import * as FaultPlan from "../FaultPlan.ts"
import { History } from "../History.ts"
import type { Process } from "../Process.ts"
import { Seeded } from "../Seeded.ts"
import type * as Sometimes from "../Sometimes.ts"
import type { Ending } from "../Universe.ts"
import { brokerName, World } from "../World.ts"
import * as Size from "./Size.ts"
import * as Workload from "./Workload.ts"

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
  readonly anomalies: ReadonlyArray<Checker.Anomaly>
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

/** A run, put together. */
class Run {
  readonly world: World
  readonly history = new History()
  readonly work = new Workload.Progresses()
  /** The topics are there, and clients may start. */
  isSetUp = false
  isVerified = false

  readonly size: Size.Size
  /** The names of those that use the broker, apart from who sets up and who verifies. */
  readonly clients: Array<string> = []

  constructor({ seed, size }: Options) {
    this.size = size ?? Size.draw(new Seeded(`${seed}/size`))
    this.world = new World({ seed, stepsMax, timeMaxMs: this.size.safetyMs + livenessMs })
  }
}

const populate = (run: Run): void => {
  const { history, size, work, world } = run
  const numbered = (kind: string, count: number) => Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`)
  world.addBroker()
  world.addClient("setup", Workload.createTopics).start()
  const client = (name: string, program: Parameters<World["addClient"]>[1], isForever: boolean) => {
    run.clients.push(name)
    return world.addClient(name, program, isForever)
  }
  for (const name of numbered("producer", size.producers)) {
    client(name, Workload.producer(history, name, work.add(size.records), size.records), false)
  }
  if (size.lines > 0) client("writer", Workload.writer(history, "writer", work.add(size.lines), size.lines), false)
  if (size.transactions > 0) {
    const program = Workload.transactor(history, "transactor", work.add(size.transactions), size.transactions)
    client("transactor", program, false)
  }
  const readers = [
    ...numbered("consumer", size.consumers).map((name) => [name, Workload.topics.events] as const),
    ...numbered("auditor", size.transactions > 0 ? 1 : 0).map((name) => [name, Workload.topics.ledger] as const)
  ]
  for (const [name, topic] of readers) {
    const process: Process = client(name, Workload.consumer(history, name, topic, () => process.lives), true)
  }
  for (const name of numbered("app", size.apps)) client(name, Workload.app, true)
}

const nameOf = (ending: Ending): Checker.Anomaly["name"] =>
  ending === "deadlock" ? "deadlock" : ending === "steps" ? "runaway" : "stuck"

/**
 * Runs one seed.
 *
 * @since 0.1.0
 */
export const run = (options: Options): Report => {
  const run = new Run(options)
  const { history, size, world } = run
  const { anomalies, processes, universe } = world
  populate(run)
  const faults = options.faults
    ?? FaultPlan.generate(universe.random("faults"), {
      brokers: [brokerName],
      clients: run.clients,
      untilMs: size.safetyMs,
      countMax: size.faultsMax
    })
  const injected = new Fault.Faults(universe, world.network, processes)
  world.process(brokerName).start()
  const setup = world.process("setup")
  setup.onExit = (exit) => exit._tag === "Failure" ? world.startLater(setup) : startClients(run)
  injected.plan(faults)
  universe.after(size.safetyMs * 1000, () => {
    injected.heal()
    restore(run, faults)
  })
  const ending = universe.run(() => run.isVerified || anomalies.length > 0)
  if (ending !== "done") {
    const certain = Checker.check(history).filter(({ name }) => Checker.isCertain(name))
    anomalies.push(...certain, { name: nameOf(ending), detail: stuckAt(run) })
  } else if (run.isVerified) {
    lookBack(run)
    anomalies.push(
      ...Checker.check(history),
      ...Workload.grouped.flatMap(({ name }) => Checker.checkSeen(history, name)),
      ...Checker.checkCounts(history, Workload.topics.counts.name, Workload.reference(history))
    )
  }
  const { nowUs, steps, trace } = universe
  return {
    seed: options.seed,
    size,
    hash: trace.hash,
    faults,
    anomalies,
    steps,
    virtualMs: Math.floor(nowUs / 1000),
    reached: universe.sometimes.reached,
    events: trace.events
  }
}

const startClients = (run: Run): void => {
  run.isSetUp = true
  for (const name of run.clients) run.world.process(name).start()
}

/** What an operator does after the faults: starts what is down, and the broker anew if its disk has failed. */
const restore = (run: Run, faults: ReadonlyArray<Fault.Fault>): void => {
  const hadDiskErrors = faults.some(({ kind }) => kind === "failSync" || kind === "fullDisk")
  const { world } = run
  if (hadDiskErrors) world.process(brokerName).crash("kill")
  world.process(brokerName).start()
  if (run.isSetUp) startClients(run)
  else world.process("setup").start()
  const verify = Workload.verifier(run.history, () => run.work.isDone)
  const verifier = world.addClient("verifier", verify)
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

const stuckAt = ({ history, work, world }: Run): string => {
  const read = [...history.final].map(([topic, partitions]) =>
    `${topic} ${[...partitions.values()].reduce((sum, records) => sum + records.length, 0)}`
  )
  const unseen = Workload.grouped.map(({ name }) => `${name} ${Checker.checkSeen(history, name).length}`)
  return `at ${Math.floor(world.universe.nowUs / 1000)} ms: ${
    work.isDone ? "all is produced" : "not all is produced"
  }; `
    + `read: ${read.join(", ")}; not given to a group: ${unseen.join(", ")}; running: ${world.running.join(", ")}`
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
