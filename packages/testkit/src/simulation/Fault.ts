/**
 * Faults as data: generated from the seed, injected at their times, healed all at once.
 *
 * Keeps true: a fault is a plain value, so that a plan can be printed, shrunk and replayed; leaving one out changes no
 * other. Which kinds a run has differs from run to run: some meet only crashes, some everything.
 * Leaves to others: what the faults do (`Process`, `SimulatedNetwork`, `SimulatedDisk`).
 *
 * @since 0.1.0
 */
import type { Crash, Process } from "./Process.ts"
import type { Seeded } from "./Seeded.ts"
import type { SimulatedNetwork } from "./SimulatedNetwork.ts"
import type { Universe } from "./Universe.ts"

/**
 * Something that goes wrong. Times are in milliseconds since the beginning.
 *
 * - `crash`: a process ends, and starts again after `downMs`.
 * - `crashAtChange`: the same, when the change with this number (from 0) of its disk after `atMs` has taken
 *   effect and nobody has been told.
 * - `stop`: a process is asked to end in order, and starts again a second after it has.
 * - `pause`: a process does nothing for a while, and does not know it.
 * - `reset`: all connections between two processes break.
 * - `partition`: nothing arrives from one at the other (and back, unless `oneWay`).
 * - `slowDisk`, `stallDisk`, `fullDisk`: for a while.
 * - `failSync`: the next `count` syncs fail, and what they were to sync is lost at the next loss of power.
 * - `skew`: the wall clock of a process jumps.
 *
 * @since 0.1.0
 */
export type Fault =
  | { kind: "crash"; process: string; atMs: number; crash: Crash; downMs: number }
  | { kind: "crashAtChange"; process: string; atMs: number; change: number; crash: Crash; downMs: number }
  | { kind: "stop"; process: string; atMs: number }
  | { kind: "pause"; process: string; atMs: number; forMs: number }
  | { kind: "reset"; process: string; other: string; atMs: number }
  | { kind: "partition"; process: string; other: string; atMs: number; forMs: number; oneWay: boolean }
  | { kind: "slowDisk"; process: string; atMs: number; forMs: number; factor: number }
  | { kind: "stallDisk"; process: string; atMs: number; forMs: number }
  | { kind: "fullDisk"; process: string; atMs: number; forMs: number; leftBytes: number }
  | { kind: "failSync"; process: string; atMs: number; count: number }
  | { kind: "skew"; process: string; atMs: number; byMs: number }

/**
 * Where faults may happen.
 *
 * @since 0.1.0
 */
export interface Targets {
  readonly brokers: ReadonlyArray<string>
  readonly clients: ReadonlyArray<string>
  /** The safety phase ends here. */
  readonly untilMs: number
  /** The most faults. */
  readonly countMax: number
}

const kinds = [
  "crash",
  "crashAtChange",
  "stop",
  "pause",
  "reset",
  "partition",
  "slowDisk",
  "stallDisk",
  "fullDisk",
  "failSync",
  "skew"
] as const

const make = (kind: Fault["kind"], random: Seeded, { brokers, clients, untilMs }: Targets): Fault => {
  const broker = random.pick(brokers)
  const client = random.pick(clients)
  const anyone = random.chance(0.5) ? broker : client
  const atMs = random.below(untilMs)
  const forMs = random.skewed(50, 20_000)
  const crash: Crash = random.chance(0.6) ? "power" : "kill"
  const downMs = random.skewed(10, 15_000)
  switch (kind) {
    case "crash":
      return { kind, process: anyone, atMs, crash, downMs }
    case "crashAtChange":
      return { kind, process: broker, atMs, change: random.skewed(0, 300), crash, downMs }
    case "stop":
      return { kind, process: anyone, atMs }
    case "pause":
      return { kind, process: anyone, atMs, forMs }
    case "reset":
      return { kind, process: client, other: broker, atMs }
    case "partition": {
      const [process, other] = random.chance(0.5) ? [client, broker] : [broker, client]
      return { kind, process, other, atMs, forMs, oneWay: random.chance(0.5) }
    }
    case "slowDisk":
      return { kind, process: broker, atMs, forMs, factor: random.between(3, 50) }
    case "stallDisk":
      return { kind, process: broker, atMs, forMs }
    case "fullDisk":
      return { kind, process: broker, atMs, forMs, leftBytes: random.below(20_000) }
    case "failSync":
      return { kind, process: broker, atMs, count: random.between(1, 3) }
    case "skew":
      return { kind, process: anyone, atMs, byMs: random.between(-120_000, 120_000) }
  }
}

/**
 * A plan of faults, in order of time; it may be empty.
 *
 * @since 0.1.0
 */
export const generate = (random: Seeded, targets: Targets): ReadonlyArray<Fault> => {
  const chosen = kinds.filter(() => random.chance(0.5))
  const count = random.below(targets.countMax + 1)
  const faults: Array<Fault> = []
  if (chosen.length === 0) return faults
  for (let index = 0; index < count; index++) faults.push(make(random.pick(chosen), random, targets))
  return faults.sort((left, right) => left.atMs - right.atMs)
}

/**
 * A fault in one line.
 *
 * @since 0.1.0
 */
export const describe = (fault: Fault): string => {
  const { atMs, kind, process, ...rest } = fault
  const details = Object.entries(rest).map(([name, value]) => `${name} ${value}`).join(", ")
  return `${(atMs / 1000).toFixed(3)} s ${kind} ${process}${details === "" ? "" : `: ${details}`}`
}

/**
 * Injects faults into running processes, until all is healed.
 *
 * @since 0.1.0
 */
export class Faults {
  readonly #universe: Universe
  readonly #network: SimulatedNetwork
  readonly #processes: ReadonlyMap<string, Process>
  readonly #blocked: Array<readonly [from: string, to: string]> = []
  #isHealed = false

  constructor(universe: Universe, network: SimulatedNetwork, processes: ReadonlyMap<string, Process>) {
    this.#universe = universe
    this.#network = network
    this.#processes = processes
  }

  /** Lets these faults happen, each in its time. */
  plan(faults: ReadonlyArray<Fault>): void {
    for (const fault of faults) {
      this.#in(fault.atMs, () => {
        const process = this.#processes.get(fault.process)
        if (process === undefined) return
        this.#universe.trace.event(this.#universe.nowUs, `fault: ${describe(fault)}`)
        this.#begin(fault, process)
      })
    }
  }

  #in(delayMs: number, run: () => void): void {
    this.#universe.after(delayMs * 1000, () => {
      if (!this.#isHealed) run()
    })
  }

  #begin(fault: Fault, process: Process): void {
    const { disk } = process
    switch (fault.kind) {
      case "crash":
        return this.#crash(process, fault.crash, fault.downMs)
      case "crashAtChange":
        return this.#crashAtChange(process, fault.change, fault.crash, fault.downMs)
      case "stop":
        if (process.name === "broker") this.#universe.sometimes.reach("a broker was stopped in order")
        return process.stop()
      case "pause":
        process.pause()
        return this.#in(fault.forMs, () => process.resume())
      case "reset":
        return this.#network.reset(process.name, fault.other)
      case "partition":
        this.#block(process.name, fault.other, fault.forMs)
        if (!fault.oneWay) this.#block(fault.other, process.name, fault.forMs)
        return
      case "slowDisk":
        disk.slowness = disk.usualSlowness * fault.factor
        return this.#in(fault.forMs, () => {
          disk.slowness = disk.usualSlowness
        })
      case "stallDisk":
        disk.stalledUntilUs = this.#universe.nowUs + fault.forMs * 1000
        return
      case "fullDisk":
        disk.fill(fault.leftBytes)
        return this.#in(fault.forMs, () => {
          disk.capacityBytes = Number.POSITIVE_INFINITY
        })
      case "failSync":
        disk.syncFailures = fault.count
        return
      case "skew":
        process.clock.skewMs += fault.byMs
    }
  }

  #crash(process: Process, crash: Crash, downMs: number): void {
    if (process.crash(crash)) this.#in(downMs, () => process.start())
  }

  #crashAtChange(process: Process, change: number, crash: Crash, downMs: number): void {
    let left = change
    process.disk.onChange = (name) => {
      if (left-- > 0) return
      const { sometimes } = this.#universe
      if (name === "write") sometimes.reach("a broker died between a write and the answer to it")
      if (name === "sync") sometimes.reach("a broker died between a sync and the answer to it")
      process.disk.onChange = () => undefined
      if (!this.#isHealed) this.#universe.after(0, () => this.#crash(process, crash, downMs))
    }
  }

  #block(from: string, to: string, forMs: number): void {
    const link = [from, to] as const
    this.#blocked.push(link)
    this.#network.block(from, to)
    this.#in(forMs, () => {
      this.#blocked.splice(this.#blocked.indexOf(link), 1)
      this.#network.unblock(from, to)
    })
  }

  /** Ends all faults: what is down starts, what is cut off is joined, disks are well. */
  heal(): void {
    this.#isHealed = true
    this.#universe.trace.event(this.#universe.nowUs, "all faults are healed")
    for (const [from, to] of this.#blocked.splice(0)) this.#network.unblock(from, to)
    for (const process of this.#processes.values()) {
      const { disk } = process
      disk.slowness = disk.usualSlowness
      disk.stalledUntilUs = 0
      disk.capacityBytes = Number.POSITIVE_INFINITY
      disk.syncFailures = 0
      disk.onChange = () => undefined
      process.resume()
    }
  }
}
