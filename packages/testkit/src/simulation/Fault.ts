/**
 * Faults as data, and what they do: each happens at its time, and all are healed at once.
 *
 * Keeps true: a fault is a plain value that JSON can hold, so that a plan can be printed, shrunk and replayed; leaving one
 * out changes no other.
 * Leaves to others: which faults a run has (`FaultPlan`), how processes, networks and disks bear them.
 *
 * @since 0.1.0
 */
import * as Moments from "./Moments.ts"
import type { Crash, Process } from "./Process.ts"
import type { SimulatedNetwork } from "./SimulatedNetwork.ts"
import type { Universe } from "./Universe.ts"
import { brokerName } from "./World.ts"

/**
 * Something that goes wrong. Times are in milliseconds since the beginning. With `when`, it happens at the first such
 * moment of its process from its time on, if one comes.
 *
 * - `crash`: a process ends, and starts again after `downMs`.
 * - `crashAtChange`: the same, when the change with this number (from 0) of its disk after `atMs` has taken
 *   effect and nobody has been told.
 * - `stop`: a process is asked to end in order, and starts again a second after it has.
 * - `update`: the same, and from then on it runs another version of its program or settings.
 * - `pause`: a process does nothing for a while, and does not know it.
 * - `reset`: all connections between two processes break.
 * - `silence`: all connections between two processes are forgotten on the way, and nobody is told.
 * - `refuse`: a process takes no new connections.
 * - `partition`: nothing arrives from one at the other (and back, unless `oneWay`).
 * - `badLink`: segments between two take `factor` times as long, and so many more (from 0 to 1) are lost.
 * - `slowDisk`, `stallDisk`, `fullDisk`: for a while.
 * - `failSync`: the next `count` syncs fail, and what they were to sync is lost at the next loss of power.
 * - `rot`: a bit of a log on the disk of a process is another from then on; which one, numbers say that are taken modulo
 *   what there is. Only checksums are safe from it: what else may be expected of such a run is little.
 * - `skew`: the wall clock of a process jumps.
 * - `drift`: the clocks of a process run `rate` times as fast as they should.
 *
 * @since 0.1.0
 */
export type Fault = Kinds & { readonly when?: Moments.Moment }

type Kinds =
  | { kind: "crash"; process: string; atMs: number; crash: Crash; downMs: number }
  | { kind: "crashAtChange"; process: string; atMs: number; change: number; crash: Crash; downMs: number }
  | { kind: "stop"; process: string; atMs: number }
  | { kind: "update"; process: string; atMs: number; version: number }
  | { kind: "pause"; process: string; atMs: number; forMs: number }
  | { kind: "reset"; process: string; other: string; atMs: number }
  | { kind: "silence"; process: string; other: string; atMs: number }
  | { kind: "refuse"; process: string; atMs: number; forMs: number }
  | { kind: "partition"; process: string; other: string; atMs: number; forMs: number; oneWay: boolean }
  | { kind: "badLink"; process: string; other: string; atMs: number; forMs: number; factor: number; loss: number }
  | { kind: "slowDisk"; process: string; atMs: number; forMs: number; factor: number }
  | { kind: "stallDisk"; process: string; atMs: number; forMs: number }
  | { kind: "fullDisk"; process: string; atMs: number; forMs: number; leftBytes: number }
  | { kind: "failSync"; process: string; atMs: number; count: number }
  | { kind: "rot"; process: string; atMs: number; file: number; position: number; bit: number }
  | { kind: "skew"; process: string; atMs: number; byMs: number }
  | { kind: "drift"; process: string; atMs: number; forMs: number; rate: number }

/** The usual session of members of groups in simulations, in milliseconds. */
const sessionMs = 2_000

const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`

const crashed = (crash: Crash): string => crash === "power" ? "loses its power" : "is killed"

const sentence = (fault: Fault): string => {
  const { kind, process } = fault
  switch (kind) {
    case "crash":
      return `${process} ${crashed(fault.crash)}, and starts again after ${seconds(fault.downMs)}`
    case "crashAtChange":
      return `${process} ${crashed(fault.crash)} at change ${fault.change} of its disk from then on, and starts again `
        + `after ${seconds(fault.downMs)}`
    case "stop":
      return `${process} is stopped in order, and starts again`
    case "update":
      return `${process} is stopped in order, and starts again as version ${fault.version}`
    case "pause":
      return `${process} is paused for ${seconds(fault.forMs)}`
    case "reset":
      return `all connections between ${process} and ${fault.other} break`
    case "silence":
      return `all connections between ${process} and ${fault.other} are forgotten without a word`
    case "refuse":
      return `${process} takes no new connections for ${seconds(fault.forMs)}`
    case "partition":
      return `nothing from ${process} arrives at ${fault.other}${fault.oneWay ? "" : ", nor back,"} for `
        + seconds(fault.forMs)
    case "badLink":
      return `between ${process} and ${fault.other} all takes ${fault.factor} times as long and `
        + `${fault.loss * 100} % more is lost, for ${seconds(fault.forMs)}`
    case "slowDisk":
      return `the disk of ${process} is ${fault.factor} times as slow for ${seconds(fault.forMs)}`
    case "stallDisk":
      return `the disk of ${process} stalls for ${seconds(fault.forMs)}`
    case "fullDisk":
      return `the disk of ${process} is full but for ${fault.leftBytes} bytes, for ${seconds(fault.forMs)}`
    case "failSync":
      return `the next ${fault.count} syncs of the disk of ${process} fail`
    case "rot":
      return `a bit of a log on the disk of ${process} rots (file ${fault.file}, position ${fault.position}, bit `
        + `${fault.bit})`
    case "skew":
      return `the wall clock of ${process} jumps ${fault.byMs < 0 ? "back" : "ahead"} by `
        + seconds(Math.abs(fault.byMs))
    case "drift":
      return `the clocks of ${process} run ${fault.rate} times as fast for ${seconds(fault.forMs)}`
  }
}

/**
 * A fault in one line.
 *
 * @since 0.1.0
 */
export const describe = (fault: Fault): string =>
  `${seconds(fault.atMs)}: ${sentence(fault)}${fault.when === undefined ? "" : `, ${Moments.describe(fault.when)}`}`

/**
 * How the events begin that tell of a fault when it begins: its line follows.
 *
 * @since 0.1.0
 */
export const begins = "fault at "

/**
 * The event that tells that all faults are over.
 *
 * @since 0.1.0
 */
export const healed = "all faults are healed"

/**
 * Injects faults into running processes, until all is healed.
 *
 * @since 0.1.0
 */
export class Faults {
  readonly #universe: Universe
  readonly #network: SimulatedNetwork
  readonly #processes: ReadonlyMap<string, Process>
  /** What to undo when all is healed: what still lasts. */
  readonly #lasting = new Set<() => void>()
  #isHealed = false

  constructor(universe: Universe, network: SimulatedNetwork, processes: ReadonlyMap<string, Process>) {
    this.#universe = universe
    this.#network = network
    this.#processes = processes
  }

  /** Lets these faults happen, each in its time. */
  plan(faults: ReadonlyArray<Fault>): void {
    for (const fault of faults) {
      this.#in(fault.atMs - this.#universe.nowUs / 1000, () => {
        const process = this.#processes.get(fault.process)
        if (process === undefined) return
        if (fault.when === undefined) this.#tellAndBegin(fault, process)
        else this.#aim(process, fault.when, () => this.#tellAndBegin(fault, process))
      })
    }
  }

  /** Lets something happen right after a moment of a process, or a time after it. */
  #aim({ name }: Process, moment: Moments.Moment, begin: (what: string) => void): void {
    this.#universe.moments.aim(name, moment, (what) => this.#in(moment.thenMs ?? 0, () => begin(what)))
  }

  #tellAndBegin(fault: Fault, process: Process): void {
    this.#universe.trace.event(this.#universe.nowUs, `${begins}${describe(fault)}`)
    this.#begin(fault, process)
  }

  #in(delayMs: number, run: () => void): void {
    this.#universe.after(delayMs * 1000, () => {
      if (!this.#isHealed) run()
    })
  }

  /** Ends a fault after a while, or when all is healed, whichever comes first. */
  #for(forMs: number, end: () => void): void {
    this.#lasting.add(end)
    this.#in(forMs, () => {
      this.#lasting.delete(end)
      end()
    })
  }

  #begin(fault: Fault, process: Process): void {
    const { clock, disk, name } = process
    const { sometimes } = this.#universe
    switch (fault.kind) {
      case "crash":
        return this.#crash(process, fault.crash, fault.downMs)
      case "crashAtChange":
        return this.#crashAtChange(process, fault.change, fault.crash, fault.downMs)
      case "update":
        process.version = fault.version
        if (name === brokerName) sometimes.reach("a broker was updated to other settings")
        return process.stop()
      case "stop":
        if (name === brokerName) sometimes.reach("a broker was stopped in order")
        return process.stop()
      case "pause":
        process.pause()
        if (fault.forMs > sessionMs) sometimes.reach("a process was paused for longer than its session")
        return this.#for(fault.forMs, () => process.resume())
      case "reset":
        return this.#network.reset(name, fault.other)
      case "silence":
        return this.#network.silence(name, fault.other)
      case "refuse":
        this.#network.refuse(name, true)
        return this.#for(fault.forMs, () => this.#network.refuse(name, false))
      case "partition":
        this.#block(name, fault.other, fault.forMs)
        if (!fault.oneWay) this.#block(fault.other, name, fault.forMs)
        return
      case "badLink":
        this.#network.degrade(name, fault.other, fault)
        return this.#for(fault.forMs, () => this.#network.degrade(name, fault.other, undefined))
      case "slowDisk":
        disk.slowness = disk.usualSlowness * fault.factor
        return this.#for(fault.forMs, () => {
          disk.slowness = disk.usualSlowness
        })
      case "stallDisk":
        disk.stalledUntilUs = this.#universe.nowUs + fault.forMs * 1000
        return this.#for(fault.forMs, () => {
          disk.stalledUntilUs = 0
        })
      case "fullDisk":
        disk.fill(fault.leftBytes)
        return this.#for(fault.forMs, () => {
          disk.capacityBytes = Number.POSITIVE_INFINITY
        })
      case "failSync":
        disk.syncFailures = fault.count
        return
      case "rot":
        return disk.rot(fault.file, fault.position, fault.bit)
      case "skew":
        clock.skewMs += fault.byMs
        return
      case "drift":
        clock.rate = clock.usualRate * fault.rate
        return this.#for(fault.forMs, () => {
          clock.rate = clock.usualRate
        })
    }
  }

  #crash(process: Process, crash: Crash, downMs: number): void {
    if (process.crash(crash)) this.#in(downMs, () => process.start())
  }

  #crashAtChange(process: Process, change: number, crash: Crash, downMs: number): void {
    this.#aim(process, { does: "changes", what: "", skip: change }, (operation) => {
      const { sometimes } = this.#universe
      if (operation === "write") sometimes.reach("a broker died between a write and the answer to it")
      if (operation === "sync") sometimes.reach("a broker died between a sync and the answer to it")
      this.#crash(process, crash, downMs)
    })
  }

  #block(from: string, to: string, forMs: number): void {
    this.#network.block(from, to)
    this.#for(forMs, () => this.#network.unblock(from, to))
  }

  /** Ends all faults: what is paused goes on, what is cut off is joined, disks and clocks are well. */
  heal(): void {
    this.#isHealed = true
    this.#universe.trace.event(this.#universe.nowUs, healed)
    for (const end of this.#lasting) end()
    this.#lasting.clear()
    for (const { disk } of this.#processes.values()) disk.syncFailures = 0
    this.#universe.moments.clear()
  }
}
