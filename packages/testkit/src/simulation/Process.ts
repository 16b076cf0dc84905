/**
 * A process of a simulation, on a machine of its own: a root of fibers with its own clock, chance, network and disk.
 *
 * Keeps true: a crash stops it between two operations, with no finalizer and no goodbye; a new life starts with the
 * disk as the last one left it: as it was after a kill, without what was not synced after a loss of power.
 * Leaves to others: when it crashes (`Fault`), what it does (its program).
 *
 * @since 0.1.0
 */
import { Disk } from "@millrace/core/platform/Disk"
import { Network } from "@millrace/core/platform/Network"
import { StoreEngine } from "@millrace/core/platform/StoreEngine"
import * as LogStoreEngine from "../platform/LogStoreEngine.ts"
import { Compression } from "@millrace/core/records/Compression"
import * as PureCompression from "@millrace/core/records/PureCompression"
import * as Clock from "effect/Clock"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as Logger from "effect/Logger"
import * as Path from "effect/Path"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import * as Random from "effect/Random"
import * as Scheduler from "effect/Scheduler"
import * as SimulatedFileSystem from "./files/SimulatedFileSystem.ts"
import * as SimulatedKeyValueStore from "./files/SimulatedKeyValueStore.ts"
import * as SimulatedPath from "./files/SimulatedPath.ts"
import { ProcessClock } from "./ProcessClock.ts"
import { SimulatedDisk } from "./SimulatedDisk.ts"
import type { SimulatedNetwork } from "./SimulatedNetwork.ts"
import type { Life, Universe } from "./Universe.ts"

/**
 * What a process finds around it: what Millrace needs, and Effect's own ports for programs of a user's own.
 *
 * @since 0.1.0
 */
export type Ports =
  | Disk
  | Network
  | StoreEngine
  | Compression
  | FileSystem.FileSystem
  | Path.Path
  | KeyValueStore.KeyValueStore

/**
 * What a process does: run anew in each of its lives.
 *
 * @since 0.1.0
 */
export type Program = Effect.Effect<unknown, unknown, Ports>

/**
 * A clock's fault: how far it is ahead in milliseconds, and how much faster it runs than it should.
 *
 * @since 0.1.0
 */
export interface ClockFault {
  readonly skewMs: number
  readonly rate: number
}

/**
 * How a process is ended from outside: by its system, which keeps what was written, or by a loss of power.
 *
 * @since 0.1.0
 */
export type Crash = "kill" | "power"

/** The topic of a path that is a segment of a partition. */
const topicOf = (path: string): string | undefined => /\/([^/]+)-\d+\/\d+\.log$/.exec(path)?.[1]

const textOf = (message: unknown): string =>
  Array.isArray(message) ? message.map(textOf).join(" ") : message instanceof Error ? message.message : String(message)

/**
 * A process.
 *
 * @since 0.1.0
 */
export class Process {
  readonly name: string
  readonly clock: ProcessClock
  readonly disk: SimulatedDisk
  /** Told when the program ends by itself. */
  onExit: (exit: Exit.Exit<unknown, unknown>) => void = () => undefined
  /** Told when a new life begins. */
  onStart: () => void = () => undefined
  /** How often it was started. */
  lives = 0
  /** Which of its programs the next life runs: another version of what it is, or of its settings. */
  version = 0
  readonly #universe: Universe
  readonly #network: SimulatedNetwork
  readonly #programs: ReadonlyArray<Program>
  #life: Life | undefined
  #fiber: Fiber.Fiber<unknown, unknown> | undefined

  constructor(
    universe: Universe,
    network: SimulatedNetwork,
    name: string,
    clock: ClockFault,
    programs: ReadonlyArray<Program>
  ) {
    this.#universe = universe
    this.#network = network
    this.#programs = programs
    this.name = name
    this.clock = new ProcessClock(universe, clock.skewMs, clock.rate)
    this.disk = new SimulatedDisk(universe, universe.random(`${name}/disk`), () => this.#life)
    this.disk.onChange = (operation, path) => this.#changes(operation, path)
  }

  get isRunning(): boolean {
    return this.#life !== undefined
  }

  get isPaused(): boolean {
    return this.#life?.parked !== undefined
  }

  /** Begins a life; does nothing if the process runs. */
  start(): void {
    if (this.#life !== undefined) return
    const life = this.#universe.newLife()
    this.#life = life
    this.lives++
    this.#tell(`starts (${this.lives})`)
    this.#witness("up")
    this.onStart()
    const context = this.#contextOf(life)
    const program = this.#programs[this.version % this.#programs.length]!
    this.#universe.schedule(life, () => {
      const fiber = Effect.runForkWith(context)(program)
      this.#fiber = fiber
      fiber.addObserver((exit) => {
        if (!life.isAlive) return
        this.#tell(`ends by itself: ${exit._tag}`)
        this.#end("kill")
        this.onExit(exit)
      })
    })
  }

  /** Ends the life between two operations; false if there is none. */
  crash(kind: Crash): boolean {
    if (this.#life === undefined) return false
    this.#tell(kind === "power" ? "loses its power" : "is killed")
    this.#end(kind)
    return true
  }

  #end(kind: Crash): void {
    this.#witness("down")
    this.#life?.end()
    this.#life = undefined
    this.#fiber = undefined
    this.#network.leave(this.name, kind)
    if (kind === "power") this.disk.crash()
    else this.disk.files.kill()
  }

  /** Asks the process to end in order, as its system does before an update. */
  stop(): void {
    if (this.#life === undefined) return
    this.#tell("is asked to end")
    this.#universe.schedule(this.#life, () => this.#fiber?.interruptUnsafe())
  }

  pause(): void {
    if (this.#life === undefined || this.isPaused) return
    this.#tell("is paused")
    this.#witness("paused")
    this.#life.parked = []
  }

  resume(): void {
    if (this.#life === undefined || !this.isPaused) return
    this.#tell("goes on")
    this.#witness("up")
    this.#universe.unpark(this.#life)
  }

  #changes(operation: string, path: string): void {
    const { moments } = this.#universe
    moments.happens(this.name, "changes", operation)
    if (operation !== "write" && operation !== "sync") return
    const topic = topicOf(path)
    if (topic !== undefined) moments.happens(this.name, operation === "write" ? "writes" : "syncs", topic)
  }

  #tell(text: string): void {
    this.#universe.trace.event(this.#universe.nowUs, `${this.name} ${text}`)
  }

  #witness(state: "up" | "down" | "paused"): void {
    this.#universe.trace.witness?.state(this.#universe.nowUs, this.name, state)
  }

  #contextOf(life: Life): Context.Context<Ports> {
    const logger = Logger.make(({ logLevel, message }) => {
      if (logLevel === "Error" || logLevel === "Fatal" || logLevel === "Warn" || logLevel === "Info") {
        this.#tell(`${logLevel}: ${textOf(message)}`)
      }
    })
    return Context.make(Scheduler.Scheduler, life).pipe(
      Context.add(Clock.Clock, this.clock.serviceOf(life)),
      Context.add(Random.Random, this.#universe.random(`${this.name}/${this.lives}`)),
      Context.add(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({})),
      Context.add(Logger.CurrentLoggers, new Set([logger])),
      Context.add(Network, this.#network.join(this.name, life)),
      Context.add(Disk, this.disk.service),
      Context.add(StoreEngine, LogStoreEngine.make(this.disk.service)),
      Context.add(Compression, PureCompression.make),
      Context.add(FileSystem.FileSystem, SimulatedFileSystem.make(this.disk.service)),
      Context.add(Path.Path, SimulatedPath.path),
      Context.add(KeyValueStore.KeyValueStore, SimulatedKeyValueStore.make(this.disk.service))
    )
  }
}
