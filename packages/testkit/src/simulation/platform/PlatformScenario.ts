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
import { History } from "../History.ts"
import type { Process } from "../Process.ts"
import type * as Sometimes from "../Sometimes.ts"
import type { Ending } from "../Universe.ts"
import { brokerName, World } from "../World.ts"
import * as Workload from "./Workload.ts"

/**
 * What is simulated.
 *
 * @since 0.1.0
 */
export interface Options {
  readonly seed: number
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

/** Consumers that are members of groups. */
const readersCount = 3

/** The phase with faults, the time that is left for everything to settle, and the most steps. */
const safetyMs = 15_000
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

  constructor(seed: number) {
    this.world = new World({ seed, stepsMax, timeMaxMs: safetyMs + livenessMs })
  }
}

const populate = (run: Run): void => {
  const { history, work, world } = run
  world.addBroker()
  world.addClient("setup", Workload.createTopics).start()
  const counted = [["producer-1", 90], ["producer-2", 90]] as const
  for (const [name, total] of counted) {
    world.addClient(name, Workload.producer(history, name, work.add(total), total))
  }
  world.addClient("writer", Workload.writer(history, "writer", work.add(45), 45))
  world.addClient("transactor", Workload.transactor(history, "transactor", work.add(25), 25))
  const readers = [
    ["consumer-1", Workload.topics.events],
    ["consumer-2", Workload.topics.events],
    ["auditor", Workload.topics.ledger]
  ] as const
  for (const [name, topic] of readers) {
    const process: Process = world.addClient(name, Workload.consumer(history, name, topic, () => process.lives), true)
  }
  for (const name of ["app-1", "app-2"]) world.addClient(name, Workload.app, true)
}

const clients = [
  "producer-1",
  "producer-2",
  "writer",
  "transactor",
  "consumer-1",
  "consumer-2",
  "auditor",
  "app-1",
  "app-2"
]

const nameOf = (ending: Ending): Checker.Anomaly["name"] =>
  ending === "deadlock" ? "deadlock" : ending === "steps" ? "runaway" : "stuck"

/**
 * Runs one seed.
 *
 * @since 0.1.0
 */
export const run = (options: Options): Report => {
  const run = new Run(options.seed)
  const { history, world } = run
  const { anomalies, processes, universe } = world
  populate(run)
  const faults = options.faults
    ?? Fault.generate(universe.random("faults"), { brokers: [brokerName], clients, untilMs: safetyMs })
  const injected = new Fault.Faults(universe, world.network, processes)
  world.process(brokerName).start()
  const setup = world.process("setup")
  setup.onExit = (exit) => exit._tag === "Failure" ? world.startLater(setup) : startClients(run)
  injected.plan(faults)
  universe.after(safetyMs * 1000, () => {
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
  for (const name of clients) run.world.process(name).start()
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
  if (history.assignments > readersCount) sometimes.reach("an assignment of a group changed")
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
    const fewer = run({ seed: report.seed, faults: smallest.faults.filter((_, index) => index !== at) })
    if (fewer.anomalies.some((anomaly) => anomaly.name === name)) smallest = fewer
    else at++
  }
  return smallest
}
