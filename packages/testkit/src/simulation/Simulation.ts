/**
 * One run of the platform under one seed: a broker, its clients and an app, with faults and then without.
 *
 * Keeps true: the seed alone decides the run; after the faults everything has to come to its end within a bounded time.
 * Leaves to others: time and order (`Universe`), what clients do (`Workload`), what is wrong (`Checker`).
 *
 * @since 0.1.0
 */
import * as Kafka from "@millrace/core/Kafka"
import * as Broker from "@millrace/server/Broker"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Checker from "./Checker.ts"
import * as Fault from "./Fault.ts"
import { History } from "./History.ts"
import { type Ports, Process, type Program } from "./Process.ts"
import type * as Sometimes from "./Sometimes.ts"
import { SimulatedNetwork } from "./SimulatedNetwork.ts"
import { type Ending, Universe } from "./Universe.ts"
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
/** A program that ended is started again after this time. */
const restartMs = 1_000

const kafka = Layer.orDie(Kafka.layer({ bootstrapServers: ["broker:9092"] }))

const broker = Layer.launch(Broker.layer({
  logDirs: "data",
  listen: "broker:9092",
  config: {
    "offsets.topic.num.partitions": "2",
    "transaction.state.log.num.partitions": "2",
    "group.initial.rebalance.delay.ms": "100"
  }
}))

/** How a clock may be wrong from the start: most are nearly right. */
const clockFaultOf = (universe: Universe, name: string) => {
  const random = universe.random(`${name}/clock`)
  return { skewMs: random.between(-500, 500), rate: 1 + random.between(-200, 200) / 1_000_000 }
}

/** A run, put together. */
class Run {
  readonly universe: Universe
  readonly network: SimulatedNetwork
  readonly history = new History()
  readonly diskSlowness: number
  readonly processes = new Map<string, Process>()
  readonly anomalies: Array<Checker.Anomaly> = []
  readonly work = new Workload.Progresses()
  /** The topics are there, and clients may start. */
  isSetUp = false
  isVerified = false

  constructor(seed: number) {
    const tuning = new Universe({ seed, operationsMax: 1, stepsMax: 0, timeMaxUs: 0 }).random("tuning")
    this.universe = new Universe({
      seed,
      operationsMax: tuning.pick([4, 20, 100, 500, 2000]),
      stepsMax,
      timeMaxUs: (safetyMs + livenessMs) * 1000
    })
    this.diskSlowness = tuning.pick([1, 1, 5, 20])
    this.network = new SimulatedNetwork(this.universe, {
      latencyUs: [tuning.pick([50, 200, 1000]), tuning.pick([1_000, 10_000, 100_000])],
      loss: tuning.pick([0, 0, 0.001, 0.01]),
      bytesPerUs: tuning.pick([1, 10, 100]),
      pieceMaxBytes: tuning.pick([100, 1500, 65_536])
    })
  }

  /** Adds a process; one that ends by itself is started again, unless that is its end. */
  add(name: string, program: Program, isForever: boolean): Process {
    const process = new Process(this.universe, this.network, name, clockFaultOf(this.universe, name), program)
    this.processes.set(name, process)
    process.disk.usualSlowness = this.diskSlowness
    process.disk.slowness = this.diskSlowness
    process.onExit = (exit) => {
      this.#judge(name, exit)
      if (isForever || exit._tag === "Failure") this.universe.after(restartMs * 1000, () => process.start())
    }
    return process
  }

  #judge(name: string, exit: Exit.Exit<unknown, unknown>): void {
    if (exit._tag === "Success") return
    const text = Cause.pretty(exit.cause)
    this.universe.trace.event(this.universe.nowUs, `${name} failed: ${text.split("\n")[0]}`)
    if (exit.cause.reasons.some(Cause.isDieReason)) {
      this.anomalies.push({ name: "defect", detail: `${name}: ${text}` })
    }
  }

  addClient(name: string, program: Effect.Effect<unknown, unknown, Ports | Kafka.Kafka>, isForever = false): Process {
    return this.add(name, Effect.provide(program, kafka), isForever)
  }
}

const populate = (run: Run): void => {
  const { history, work } = run
  run.add("broker", broker, true)
  run.addClient("setup", Workload.createTopics).start()
  const counted = [["producer-1", 90], ["producer-2", 90]] as const
  for (const [name, total] of counted) {
    run.addClient(name, Workload.producer(history, name, work.add(total), total))
  }
  run.addClient("writer", Workload.writer(history, "writer", work.add(45), 45))
  run.addClient("transactor", Workload.transactor(history, "transactor", work.add(25), 25))
  const readers = [
    ["consumer-1", Workload.topics.events],
    ["consumer-2", Workload.topics.events],
    ["auditor", Workload.topics.ledger]
  ] as const
  for (const [name, topic] of readers) {
    const process: Process = run.addClient(name, Workload.consumer(history, name, topic, () => process.lives), true)
  }
  for (const name of ["app-1", "app-2"]) run.addClient(name, Workload.app, true)
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
  const { anomalies, history, processes, universe } = run
  populate(run)
  const faults = options.faults
    ?? Fault.generate(universe.random("faults"), { brokers: ["broker"], clients, untilMs: safetyMs })
  const injected = new Fault.Faults(universe, run.network, processes)
  processes.get("broker")!.start()
  processes.get("setup")!.onExit = (exit) => {
    if (exit._tag === "Failure") universe.after(restartMs * 1000, () => processes.get("setup")!.start())
    else startClients(run)
  }
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
  for (const name of clients) run.processes.get(name)!.start()
}

/** What an operator does after the faults: starts what is down, and the broker anew if its disk has failed. */
const restore = (run: Run, faults: ReadonlyArray<Fault.Fault>): void => {
  const hadDiskErrors = faults.some(({ kind }) => kind === "failSync" || kind === "fullDisk")
  if (hadDiskErrors) run.processes.get("broker")!.crash("kill")
  run.processes.get("broker")!.start()
  if (run.isSetUp) startClients(run)
  else run.processes.get("setup")!.start()
  const verify = Workload.verifier(run.history, () => run.work.isDone)
  const verifier = run.addClient("verifier", verify)
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
const lookBack = ({ history, processes, universe }: Run): void => {
  const { sometimes } = universe
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
  const apps = [...processes.values()].filter(({ name }) => name.startsWith("app-"))
  if (apps.some(({ lives }) => lives > 1)) sometimes.reach("an app took over the work of another")
}

const stuckAt = ({ history, processes, universe, work }: Run): string => {
  const running = [...processes.values()].filter((process) => process.isRunning).map(({ name }) => name)
  const read = [...history.final].map(([topic, partitions]) =>
    `${topic} ${[...partitions.values()].reduce((sum, records) => sum + records.length, 0)}`
  )
  const unseen = Workload.grouped.map(({ name }) => `${name} ${Checker.checkSeen(history, name).length}`)
  return `at ${Math.floor(universe.nowUs / 1000)} ms: ${work.isDone ? "all is produced" : "not all is produced"}; `
    + `read: ${read.join(", ")}; not given to a group: ${unseen.join(", ")}; running: ${running.join(", ")}`
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
