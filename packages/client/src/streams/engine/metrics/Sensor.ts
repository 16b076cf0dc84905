/**
 * What metrics tell of a row of measurements: totals of all time; rate, average, minimum and maximum of the last half to whole
 * minute, sampled as Kafka's statistics are.
 *
 * Keeps true: recording allocates nothing but the two samples, once.
 * Leaves to others: which clock it is; times of one sensor come from one clock.
 *
 * @since 0.1.0
 */

/** How long one of the two samples lasts (Kafka's `metrics.sample.window.ms`). */
const sampleMs = 30_000

/** After how long without a measurement a sample says nothing any more. */
const expiryMs = 2 * sampleMs

/**
 * Measurements of one moment, before a sensor takes them all at once: what is measured of each record costs little.
 *
 * @since 0.1.0
 */
export class Tally {
  count = 0
  sum = 0
  min = Number.POSITIVE_INFINITY
  max = Number.NEGATIVE_INFINITY

  add(value: number): void {
    this.count++
    this.sum += value
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
  }

  clear(): void {
    this.count = 0
    this.sum = 0
    this.min = Number.POSITIVE_INFINITY
    this.max = Number.NEGATIVE_INFINITY
  }
}

class Sample extends Tally {
  startMs: number
  lastMs: number

  constructor(startMs: number) {
    super()
    this.startMs = startMs
    this.lastMs = startMs
  }

  reset(startMs: number): this {
    this.clear()
    this.startMs = startMs
    this.lastMs = startMs
    return this
  }
}

/**
 * Takes measurements: durations, sizes, or 1 for each event. Times are milliseconds.
 *
 * @since 0.1.0
 */
export class Sensor {
  /** How many measurements there were. */
  count = 0
  /** The sum of them. */
  sum = 0
  private readonly one = new Tally()
  private current: Sample | undefined = undefined
  private previous: Sample | undefined = undefined

  record(nowMs: number, value: number): void {
    this.one.add(value)
    this.take(nowMs, this.one)
  }

  /** Takes what a tally has, and clears it. */
  take(nowMs: number, tally: Tally): void {
    if (tally.count === 0) return
    const { count, max, min, sum } = tally
    let sample = this.current
    if (sample === undefined || nowMs - sample.startMs >= sampleMs) sample = this.advance(nowMs)
    this.count += count
    this.sum += sum
    sample.count += count
    sample.sum += sum
    sample.lastMs = nowMs
    sample.min = Math.min(sample.min, min)
    sample.max = Math.max(sample.max, max)
    tally.clear()
  }

  /** Measurements per second. */
  rate(nowMs: number): number {
    return this.total(nowMs, "count") / this.seconds(nowMs)
  }

  /** What was measured per second. */
  sumRate(nowMs: number): number {
    return this.total(nowMs, "sum") / this.seconds(nowMs)
  }

  /** NaN without measurements; so are the next two. */
  average(nowMs: number): number {
    return this.total(nowMs, "sum") / this.total(nowMs, "count")
  }

  min(nowMs: number): number {
    return finite(this.samples(nowMs).reduce((least, { min }) => Math.min(least, min), Number.POSITIVE_INFINITY))
  }

  max(nowMs: number): number {
    return finite(this.samples(nowMs).reduce((most, { max }) => Math.max(most, max), Number.NEGATIVE_INFINITY))
  }

  private total(nowMs: number, of: "count" | "sum"): number {
    return this.samples(nowMs).reduce((sum, sample) => sum + sample[of], 0)
  }

  /** How long the samples have lasted, the first one as if it were complete. */
  private seconds(nowMs: number): number {
    const startMs = this.samples(nowMs).reduce((first, sample) => Math.min(first, sample.startMs), nowMs)
    const elapsedMs = nowMs - startMs
    return (elapsedMs < sampleMs ? elapsedMs + sampleMs : elapsedMs) / 1000
  }

  private samples(nowMs: number): ReadonlyArray<Sample> {
    const samples: Array<Sample> = []
    for (const sample of [this.previous, this.current]) {
      if (sample === undefined) continue
      samples.push(nowMs - sample.lastMs >= expiryMs ? sample.reset(nowMs) : sample)
    }
    return samples
  }

  private advance(nowMs: number): Sample {
    const oldest = this.previous
    this.previous = this.current
    return this.current = oldest === undefined ? new Sample(nowMs) : oldest.reset(nowMs)
  }
}

const finite = (value: number): number => Number.isFinite(value) ? value : Number.NaN
