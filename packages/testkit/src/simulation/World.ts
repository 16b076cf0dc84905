/**
 * What every scenario runs in: a universe with a network, processes on it, and a broker among them.
 *
 * Keeps true: the seed alone decides how fast the network and the disks are, how wrong the clocks, how often a fiber is
 * stopped; a process that failed is started again; a defect of any of them is an anomaly.
 * Leaves to others: which processes there are and what they do (`PlatformScenario`, `Simulation`), when they suffer (`Fault`).
 *
 * @since 0.1.0
 */
import * as Kafka from "@millrace/core/Kafka"
import * as Broker from "@millrace/server/Broker"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as BrokerDisk from "./BrokerDisk.ts"
import * as Conditions from "./Conditions.ts"
import * as Anomaly from "./checker/Anomaly.ts"
import { type ClockFault, type Ports, Process, type Program } from "./Process.ts"
import { SimulatedNetwork } from "./SimulatedNetwork.ts"
import { Universe } from "./Universe.ts"
import { Wiretap } from "./Wiretap.ts"

/**
 * How a world is made.
 *
 * @since 0.1.0
 */
export interface Options {
  readonly seed: number
  /** The most virtual time, in milliseconds. */
  readonly timeMaxMs: number
  /** The most steps before the run counts as a runaway. */
  readonly stepsMax: number
}

/**
 * The process that is the broker.
 *
 * @since 0.1.0
 */
export const brokerName = "broker"

/**
 * What a process does that uses the broker.
 *
 * @since 0.1.0
 */
export type ClientProgram = Effect.Effect<unknown, unknown, Ports | Kafka.Kafka>

/** After how many operations a fiber is stopped at the latest: to stop often is dear, so it is rarer. */
const operationsMaxima = [8, 20, 20, 100, 100, 100, 500, 500, 2000, 2000]

/** A program that ended is started again after this time. */
const restartMs = 1_000

const address = `${brokerName}:9092`

const kafka = Layer.orDie(Kafka.layer({ bootstrapServers: [address] }))

const broker = (config: Readonly<Record<string, string>>) =>
  Layer.launch(Broker.layer({
    logDirs: "data",
    listen: address,
    config: {
      "offsets.topic.num.partitions": "2",
      "transaction.state.log.num.partitions": "2",
      "group.initial.rebalance.delay.ms": "100",
      ...config
    }
  }))

/**
 * A world.
 *
 * @since 0.1.0
 */
export class World {
  readonly universe: Universe
  readonly network: SimulatedNetwork
  readonly processes = new Map<string, Process>()
  readonly anomalies: Array<Anomaly.Anomaly> = []
  readonly #diskSlowness: number

  constructor({ seed, stepsMax, timeMaxMs }: Options) {
    const tuning = new Universe({ seed, operationsMax: 1, stepsMax: 0, timeMaxUs: 0 }).random("tuning")
    const operationsMax = tuning.pick(operationsMaxima)
    this.universe = new Universe({ seed, operationsMax, stepsMax, timeMaxUs: timeMaxMs * 1000 })
    this.#diskSlowness = tuning.pick([1, 1, 5, 20])
    this.network = new SimulatedNetwork(this.universe, Conditions.draw(tuning))
    const wiretap = new Wiretap(this.universe, brokerName)
    this.network.tap = (client, server) => server === brokerName ? wiretap.connected(client) : undefined
  }

  /**
   * Adds a process, with its versions; one that failed is started again, and one that is forever whenever it ends by
   * itself.
   */
  add(name: string, programs: ReadonlyArray<Program>, isForever: boolean): Process {
    const process = new Process(this.universe, this.network, name, this.#clockFaultOf(name), programs)
    this.processes.set(name, process)
    process.disk.usualSlowness = this.#diskSlowness
    process.disk.slowness = this.#diskSlowness
    process.onExit = (exit) => {
      this.#judge(name, exit)
      if (isForever || exit._tag === "Failure") this.startLater(process)
    }
    return process
  }

  /** Adds a process that uses the broker, with its later versions. */
  addClient(
    name: string,
    program: ClientProgram,
    isForever = false,
    updates: ReadonlyArray<ClientProgram> = []
  ): Process {
    return this.add(name, [program, ...updates].map((version) => Effect.provide(version, kafka)), isForever)
  }

  /** Adds the broker, with settings by Kafka's names; of several versions of them the seed chooses the first. */
  addBroker(...configs: ReadonlyArray<Readonly<Record<string, string>>>): Process {
    const programs = (configs.length === 0 ? [{}] : configs).map(broker)
    const process = this.add(brokerName, programs, true)
    process.onStart = () => BrokerDisk.inspect(process.disk.files, this.universe.sometimes)
    process.version = this.universe.random("version").below(programs.length)
    return process
  }

  /** The process of this name, which is there. */
  process(name: string): Process {
    return this.processes.get(name)!
  }

  /** Starts a process that has ended, after the time that its supervisor waits. */
  startLater(process: Process): void {
    this.universe.after(restartMs * 1000, () => process.start())
  }

  /** The processes that run now. */
  get running(): ReadonlyArray<string> {
    return [...this.processes.values()].filter((process) => process.isRunning).map(({ name }) => name)
  }

  /** How a clock may be wrong from the start: most are nearly right. */
  #clockFaultOf(name: string): ClockFault {
    const random = this.universe.random(`${name}/clock`)
    return { skewMs: random.between(-500, 500), rate: 1 + random.between(-200, 200) / 1_000_000 }
  }

  #judge(name: string, exit: Exit.Exit<unknown, unknown>): void {
    if (exit._tag === "Success") return
    const text = Cause.pretty(exit.cause)
    this.universe.trace.event(this.universe.nowUs, `${name} failed: ${text.split("\n")[0]}`)
    if (exit.cause.reasons.some(Cause.isDieReason)) {
      this.anomalies.push(Anomaly.make("defect", `${name}: ${text}`))
    }
  }
}
