/**
 * A plain counter with what metrics tell of it: total, rate, average and maximum over the last half to whole minute, as
 * Kafka's sampled statistics do.
 *
 * Keeps true: recording allocates nothing.
 *
 * @since 0.1.0
 */

/** How long one of the two samples lasts (Kafka's `metrics.sample.window.ms`). */
const sampleMs = 30_000

interface Sample {
  startMs: number
  events: number
  sum: number
  max: number
}

const empty = (startMs: number): Sample => ({ startMs, events: 0, sum: 0, max: 0 })

/**
 * Counts events, each with a value (a duration in milliseconds, a number of records).
 *
 * @since 0.1.0
 */
export class Sensor {
  /** All events. */
  total = 0
  private current: Sample
  private previous: Sample

  constructor(startMs: number) {
    this.current = empty(startMs)
    this.previous = empty(startMs)
  }

  record(nowMs: number, value: number, events = 1): void {
    this.roll(nowMs)
    const { current } = this
    this.total += events
    current.events += events
    current.sum += value
    if (value > current.max) current.max = value
  }

  /** Events per second. */
  rate(nowMs: number): number {
    this.roll(nowMs)
    const seconds = Math.max(1, (nowMs - this.previous.startMs) / 1000)
    return (this.previous.events + this.current.events) / seconds
  }

  /** The average value of an event; NaN without events. */
  average(nowMs: number): number {
    this.roll(nowMs)
    return (this.previous.sum + this.current.sum) / (this.previous.events + this.current.events)
  }

  /** The largest value that was recorded; NaN without events. */
  max(nowMs: number): number {
    this.roll(nowMs)
    const { current, previous } = this
    return previous.events + current.events === 0 ? Number.NaN : Math.max(previous.max, current.max)
  }

  private roll(nowMs: number): void {
    const passedMs = nowMs - this.current.startMs
    if (passedMs < sampleMs) return
    const last = this.previous
    this.previous = passedMs < 2 * sampleMs ? this.current : reset(this.current, nowMs)
    this.current = reset(last, nowMs)
  }
}

const reset = (sample: Sample, startMs: number): Sample => {
  sample.startMs = startMs
  sample.events = 0
  sample.sum = 0
  sample.max = 0
  return sample
}

/**
 * What a thread counts.
 *
 * @since 0.1.0
 */
export class ThreadSensors {
  readonly processing: Sensor
  readonly poll: Sensor
  readonly commit: Sensor
  readonly startMs: number

  constructor(startMs: number) {
    this.startMs = startMs
    this.processing = new Sensor(startMs)
    this.poll = new Sensor(startMs)
    this.commit = new Sensor(startMs)
  }
}
