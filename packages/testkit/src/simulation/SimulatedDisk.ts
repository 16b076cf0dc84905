/**
 * The disk of a simulated machine: it takes its time, fails, stalls, and loses at a crash what was not synced.
 *
 * Keeps true: the files are those of `MemoryDisk`; an operation takes effect at some moment between its call and its
 * answer, in no order with others that are in progress; what a sync has acknowledged is never lost, but bits may rot.
 * After a failed sync the changes before it reach the platter only if they are written again.
 * Leaves to others: when faults happen (`Fault`).
 *
 * @since 0.1.0
 */
import { type Disk, DiskError } from "@millrace/core/platform/Disk"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Effect from "effect/Effect"
import * as MemoryDisk from "../platform/MemoryDisk.ts"
import type { Seeded } from "./Seeded.ts"
import type { Life, Universe } from "./Universe.ts"

/** How long operations take, in microseconds: the quickest and the slowest. */
const readUs = [20, 400] as const
const writeUs = [10, 300] as const
const syncUs = [200, 8_000] as const
const otherUs = [20, 500] as const

/** Bytes that are written or read in a microsecond. */
const bytesPerUs = 500

/** The unit in which a platter writes: most torn writes end between two of them. */
const sectorBytes = 512

/**
 * How many of the writes that a loss of power keeps are torn; how many of these at the border of a sector; how many of
 * those at the end of a file leave it as long as it was to be.
 */
const tornShare = 0.3
const borderShare = 0.7
const zerosShare = 0.5

/**
 * The disk of one machine.
 *
 * @since 0.1.0
 */
export class SimulatedDisk {
  /** How slow it is when nothing is wrong with it. */
  usualSlowness = 1
  /** Operations take this many times as long. */
  slowness = 1
  /** Operations that are called before this time are answered after it, in microseconds. */
  stalledUntilUs = 0
  /** So many of the next syncs fail. */
  syncFailures = 0
  /** No more than this fits. */
  capacityBytes = Number.POSITIVE_INFINITY
  /** Told before each operation that changes something takes effect; a crash may come of it. */
  onChange: (name: string, path: string) => void = () => undefined
  readonly files: MemoryDisk.MemoryDisk
  readonly #universe: Universe
  readonly #random: Seeded
  readonly #lifeOf: () => Life | undefined

  constructor(universe: Universe, random: Seeded, lifeOf: () => Life | undefined) {
    this.#universe = universe
    this.#random = random
    this.#lifeOf = lifeOf
    this.files = MemoryDisk.make((operation, run) => this.#perform(operation, run))
  }

  /** The `Disk` of the processes on this machine. */
  get service(): Disk["Service"] {
    return this.files.disk
  }

  /** The machine loses its power: of what was not synced, anything may survive, whole, torn or not at all. */
  crash(): void {
    this.files.crash({
      names: () => this.#random.chance(0.5),
      changes: (path, changes, sizeBytes) => {
        if (path.endsWith(".log")) {
          this.#universe.sometimes.reach("a leader lost its power between an append and its sync")
        }
        return this.#survivors(path, changes, sizeBytes)
      }
    })
    this.syncFailures = 0
  }

  #survivors(
    path: string,
    changes: ReadonlyArray<MemoryDisk.Change>,
    sizeBytes: number
  ): ReadonlyArray<MemoryDisk.Change> {
    const kept: Array<MemoryDisk.Change> = []
    // Some crashes keep nearly all, some nearly nothing.
    const keeping = this.#random.pick([0, 0.3, 0.7, 1])
    for (const change of changes) {
      if (!this.#random.chance(keeping)) {
        this.#universe.sometimes.reach("a loss of power lost what was not synced")
        continue
      }
      this.#universe.sometimes.reach("a loss of power kept what was not synced")
      kept.push(
        change.bytes !== undefined && this.#random.chance(tornShare)
          ? this.#torn(path, change, change.bytes, sizeBytes)
          : change
      )
    }
    return kept
  }

  /**
   * Cut at the border of a sector, or anywhere. Where a file has grown, the new size may have survived without all of the
   * bytes: there are zeros in their place.
   */
  #torn(
    path: string,
    { position }: MemoryDisk.Change,
    bytes: Uint8Array,
    sizeBytes: number
  ): MemoryDisk.Change {
    const { sometimes } = this.#universe
    sometimes.reach("a loss of power tore a write")
    const isBatch = path.endsWith(".log") && bytes.length >= RecordBatch.headerSizeBytes
    if (isBatch && RecordBatch.isControl(bytes, 0)) sometimes.reach("a loss of power tore a transaction marker")
    const length = this.#random.below(bytes.length + 1)
    const end = this.#random.chance(borderShare)
      ? Math.floor((position + length) / sectorBytes) * sectorBytes
      : position + length
    const kept = bytes.subarray(0, Math.max(0, end - position))
    if (position < sizeBytes || !this.#random.chance(zerosShare)) return { position, bytes: kept }
    sometimes.reach("a loss of power left zeros in the place of a write")
    const grown = new Uint8Array(bytes.length)
    grown.set(kept)
    return { position, bytes: grown }
  }

  #perform<A>(
    operation: { readonly name: string; readonly path: string; readonly sizeBytes: number },
    run: () => A
  ): Effect.Effect<A, DiskError> {
    return Effect.callback((resume) => {
      const universe = this.#universe
      const life = this.#lifeOf()
      if (life === undefined) return
      const delayUs = this.#delayUs(operation.name, operation.sizeBytes)
      let result: Effect.Effect<A, DiskError> | undefined
      const takeEffect = () => {
        if (!life.isAlive) return
        result = this.#attempt(operation, run)
      }
      const answer = () => {
        if (result === undefined) takeEffect()
        const settled = result
        if (settled !== undefined) universe.schedule(life, () => resume(settled))
      }
      if (this.#random.chance(0.3)) universe.after(this.#random.below(delayUs + 1), takeEffect)
      universe.after(delayUs, answer)
    })
  }

  #delayUs(name: string, sizeBytes: number): number {
    const [low, high] = name === "read"
      ? readUs
      : name === "write"
      ? writeUs
      : name.startsWith("sync")
      ? syncUs
      : otherUs
    const stall = Math.max(0, this.stalledUntilUs - this.#universe.nowUs)
    return stall + Math.floor((this.#random.skewed(low, high) + sizeBytes / bytesPerUs) * this.slowness)
  }

  #attempt<A>(
    { name, path, sizeBytes }: { readonly name: string; readonly path: string; readonly sizeBytes: number },
    run: () => A
  ): Effect.Effect<A, DiskError> {
    const { trace } = this.#universe
    trace.text(name)
    trace.text(path)
    trace.number(sizeBytes)
    if (name !== "read" && name !== "stat" && name !== "list") this.onChange(name, path)
    if (name === "sync" && this.syncFailures > 0) {
      this.syncFailures--
      this.#universe.sometimes.reach("a sync failed")
      this.files.dropChanges(path)
      return Effect.fail(new DiskError({ reason: "Io", operation: name, path }))
    }
    if (name === "write" && this.#used() + sizeBytes > this.capacityBytes) {
      this.#universe.sometimes.reach("a disk was full")
      return Effect.fail(new DiskError({ reason: "NoSpace", operation: name, path }))
    }
    return MemoryDisk.settle(run)
  }

  /** Flips a bit of one of the logs that hold anything, on the platter and in what processes see. */
  rot(file: number, position: number, bit: number): void {
    const logs = this.files.files().filter(([path, sizeBytes]) => path.endsWith(".log") && sizeBytes > 0)
    const chosen = logs[file % logs.length]
    if (chosen === undefined) return
    const [path, sizeBytes] = chosen
    this.#universe.sometimes.reach("a bit of a log rotted")
    this.#universe.trace.event(this.#universe.nowUs, `bit ${bit} at ${position % sizeBytes} of ${path} is another`)
    this.files.flip(path, position % sizeBytes, bit)
  }

  #used(): number {
    if (this.capacityBytes === Number.POSITIVE_INFINITY) return 0
    return this.files.files().reduce((sum, [, sizeBytes]) => sum + sizeBytes, 0)
  }

  /** Makes the disk full, but for so many bytes. */
  fill(leftBytes: number): void {
    this.capacityBytes = this.files.files().reduce((sum, [, sizeBytes]) => sum + sizeBytes, 0) + leftBytes
  }
}
