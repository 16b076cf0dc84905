/**
 * What is measured of a store: how long its operations take, and how old the records are that put something.
 *
 * @since 0.1.0
 */
import { Sensor } from "./Sensor.ts"

/**
 * The operations that are measured, by Kafka's names.
 *
 * @since 0.1.0
 */
export type Operation = "put" | "put-all" | "get" | "fetch" | "remove" | "all" | "range" | "commit" | "restore"

/**
 * The clocks of a store's measures. `ageMs`: how old the record under way is; undefined: that is not measured.
 *
 * @since 0.1.0
 */
export interface Clocks {
  readonly currentTimeMillis: () => number
  readonly nanoTime: () => number
  readonly ageMs: (() => number) | undefined
}

/**
 * The measures of one store.
 *
 * @since 0.1.0
 */
export class StoreMeasures {
  /** By operation, in nanoseconds. */
  readonly operations = new Map<Operation, Sensor>()
  readonly iterators = new Sensor()
  readonly age = new Sensor()
  /** When the iterators that are open were begun. */
  readonly open = new Set<{ readonly sinceMs: number }>()
  readonly bufferCount = new Sensor()
  readonly bufferSize = new Sensor()
  private readonly clocks: Clocks

  constructor(clocks: Clocks) {
    this.clocks = clocks
  }

  /** Runs an operation, and measures it. */
  timed<A>(operation: Operation, run: () => A): A {
    const { currentTimeMillis, nanoTime } = this.clocks
    const startNs = nanoTime()
    const result = run()
    this.operation(operation).record(currentTimeMillis(), nanoTime() - startNs)
    return result
  }

  /** Runs what puts something, and measures it and the age of the record that it comes from. */
  putting<A>(operation: Operation, run: () => A): A {
    const result = this.timed(operation, run)
    const { ageMs, currentTimeMillis } = this.clocks
    if (ageMs !== undefined) this.age.record(currentTimeMillis(), ageMs())
    return result
  }

  /** Reads what an operation gives, and measures it from the first entry to the end. */
  *iterated<A>(operation: Operation, read: () => Iterable<A>): Iterable<A> {
    const { currentTimeMillis, nanoTime } = this.clocks
    const startNs = nanoTime()
    const opened = { sinceMs: currentTimeMillis() }
    this.open.add(opened)
    try {
      yield* read()
    } finally {
      this.open.delete(opened)
      const durationNs = nanoTime() - startNs
      this.operation(operation).record(currentTimeMillis(), durationNs)
      this.iterators.record(currentTimeMillis(), durationNs)
    }
  }

  /** Notes how much a buffer holds. */
  buffered(count: number, sizeBytes: number): void {
    const nowMs = this.clocks.currentTimeMillis()
    this.bufferCount.record(nowMs, count)
    this.bufferSize.record(nowMs, sizeBytes)
  }

  /** The sensor of an operation. */
  operation(name: Operation): Sensor {
    const known = this.operations.get(name)
    if (known !== undefined) return known
    const sensor = new Sensor()
    this.operations.set(name, sensor)
    return sensor
  }
}
