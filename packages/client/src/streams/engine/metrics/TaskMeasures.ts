/**
 * What is measured in a task: counters and sensors that its queues, steps and stores are given.
 *
 * Keeps true: at level `info` the way of a record reads no clock and allocates nothing: the time is that of the turn; what is
 * measured at finer levels is not there, and costs one look.
 * Leaves to others: what metrics are told of it (`TaskMetrics`).
 *
 * @since 0.1.0
 */
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import type { Context, Output, Step } from "../Flow.ts"
import { contentBytes } from "./RecordSize.ts"
import { includes, type RecordingLevel } from "./RecordingLevel.ts"
import { Sensor, Tally } from "./Sensor.ts"
import { StoreMeasures } from "./StoreMeasures.ts"

/**
 * How much to measure, and by which clocks.
 *
 * @since 0.1.0
 */
export interface Measuring {
  /** `info` when left out. */
  readonly level?: RecordingLevel | undefined
  readonly currentTimeMillis: () => number
  /** Nanoseconds on a clock that never goes back; the wall clock when left out. */
  readonly nanoTime?: (() => number) | undefined
}

/**
 * Records and bytes of one topic.
 *
 * @since 0.1.0
 */
export interface TopicCount {
  records: number
  /** Without what each record has besides key, value and headers. */
  contentBytes: number
}

/**
 * The results of closed windows: how many were emitted, and how long that took in milliseconds.
 *
 * @since 0.1.0
 */
export interface FinalEmits {
  readonly emitted: Sensor
  readonly latency: Sensor
}

/** What is measured of each record from level `debug` on. */
interface Details {
  readonly latency: Sensor
  readonly punctuations: Sensor
  readonly lateness: Sensor
  readonly enforced: Sensor
}

/**
 * The measures of one task.
 *
 * @since 0.1.0
 */
export class TaskMeasures {
  readonly level: RecordingLevel
  /** The wall clock at the beginning of the turn. */
  nowMs: number
  /** How many records were processed. */
  processed = 0
  /** How long it processed since its thread has last shared out the time, in nanoseconds. */
  spentNs = 0
  /** The share of this task in the time that its thread last shared out. */
  processRatio = Number.NaN
  /** Records of changelogs that were taken into the stores. */
  readonly restored = new Sensor()
  readonly dropped = new Sensor()
  readonly details: Details | undefined
  /** By node: the age of records that sources have read, and nodes with nothing below have processed. */
  readonly endToEnd = new Map<string, Sensor>()
  /** The same, of the turn. */
  private readonly ages: Array<{ readonly tally: Tally; readonly sensor: Sensor }> = []
  /** By source: what it has processed, one by one. */
  readonly sources = new Map<string, Sensor>()
  /** What all sources have. */
  readonly allProcessed = new Sensor()
  /** By sink and topic. */
  readonly produced = new Map<string, Map<string, TopicCount>>()
  readonly suppressions = new Map<string, Sensor>()
  readonly finalEmits = new Map<string, FinalEmits>()
  readonly hitRatios = new Map<string, Sensor>()
  readonly stores = new Map<string, StoreMeasures>()
  private readonly context: Context
  private readonly currentTimeMillis: () => number
  readonly nanoTime: () => number
  private droppedSeen = 0

  constructor(context: Context, { currentTimeMillis, level = "info", nanoTime }: Measuring) {
    this.level = level
    this.context = context
    this.currentTimeMillis = currentTimeMillis
    this.nanoTime = nanoTime ?? (() => currentTimeMillis() * MonotonicTime.nanosPerMilli)
    this.nowMs = currentTimeMillis()
    this.details = this.measures("debug")
      ? { latency: new Sensor(), punctuations: new Sensor(), lateness: new Sensor(), enforced: new Sensor() }
      : undefined
  }

  /** Whether what is measured from `level` on is. */
  measures(level: RecordingLevel): boolean {
    return includes(this.level, level)
  }

  /** A turn of the task begins. */
  begin(): void {
    this.nowMs = this.currentTimeMillis()
  }

  /** A turn ends in which so many records were processed. */
  end(processed: number): void {
    this.processed += processed
    for (let i = 0; i < this.ages.length; i++) this.ages[i]!.sensor.take(this.nowMs, this.ages[i]!.tally)
    this.noteDropped()
  }

  /** Notes records of changelogs that were taken into the stores. */
  noteRestored(records: number): void {
    this.begin()
    this.restored.record(this.nowMs, records)
  }

  /** To be called when a store that is restored from now on is complete, if that is measured. */
  restoring(store: string): (() => void) | undefined {
    if (!this.measures("debug")) return undefined
    const startNs = this.nanoTime()
    return () => this.storeOf(store).operation("restore").record(this.currentTimeMillis(), this.nanoTime() - startNs)
  }

  /** Records with others what was dropped since the last time. */
  noteDropped(): void {
    const { dropped } = this.context
    if (dropped === this.droppedSeen) return
    this.dropped.record(this.nowMs, dropped - this.droppedSeen)
    this.droppedSeen = dropped
  }

  /** Runs something that is measured, in nanoseconds, if there is a sensor for it. */
  timed(sensor: Sensor | undefined, run: () => void): void {
    if (sensor === undefined) return run()
    const startNs = this.nanoTime()
    run()
    sensor.record(this.nowMs, this.nanoTime() - startNs)
  }

  /** What takes the ages of the records of a node. */
  ageAt(node: string): Tally {
    const tally = new Tally()
    this.ages.push({ tally, sensor: sensorOf(this.endToEnd, node) })
    return tally
  }

  /** The step of a node with nothing below, so that the age of its records is measured. */
  terminal(node: string, step: Step): Step {
    const age = this.ageAt(node)
    return (key, value, old, timestamp, headers) => {
      step(key, value, old, timestamp, headers)
      age.add(this.nowMs - timestamp)
    }
  }

  /** What counts the records of a source one by one, if that is measured. */
  processedAt(source: string): Sensor | undefined {
    return this.measures("debug") ? sensorOf(this.sources, source) : undefined
  }

  /** The output of a sink, so that what it is given is counted, and its age measured. */
  counting(sink: string, output: Output): Output {
    const age = this.ageAt(sink)
    const topics = new Map<string, TopicCount>()
    this.produced.set(sink, topics)
    let last = ""
    let count: TopicCount = { records: 0, contentBytes: 0 }
    const turnTo = (topic: string) => {
      last = topic
      count = topics.get(topic) ?? { records: 0, contentBytes: 0 }
      topics.set(topic, count)
    }
    const { send, sendLate } = output
    return {
      partitionCount: output.partitionCount,
      send: (topic, partition, key, value, timestamp, headers) => {
        send(topic, partition, key, value, timestamp, headers)
        if (topic !== last) turnTo(topic)
        count.records++
        count.contentBytes += contentBytes(key, value, headers, 0)
        age.add(this.nowMs - timestamp)
      },
      ...(sendLate !== undefined && {
        sendLate: (topic, partitionOf, key, value, timestamp, headers) => {
          sendLate(topic, partitionOf, key, value, timestamp, headers)
          if (topic !== last) turnTo(topic)
          count.records++
          count.contentBytes += contentBytes(key, value, headers, 0)
          age.add(this.nowMs - timestamp)
        }
      })
    }
  }

  /** To be called for each record that a suppression lets go, if that is measured. */
  suppressedAt(node: string): (() => void) | undefined {
    if (!this.measures("debug")) return undefined
    const sensor = sensorOf(this.suppressions, node)
    return () => sensor.record(this.nowMs, 1)
  }

  /** What measures the results of closed windows, if they are. */
  finalEmitsAt(node: string): FinalEmits | undefined {
    if (!this.measures("debug")) return undefined
    const emits = { emitted: new Sensor(), latency: new Sensor() }
    this.finalEmits.set(node, emits)
    return emits
  }

  /** Notes a record that is taken from its queue, when stream time is as it is now. */
  noteTaken(timestamp: number): void {
    this.allProcessed.record(this.nowMs, 1)
    this.details?.lateness.record(this.nowMs, this.context.streamTime - timestamp)
  }

  /** What is told the share of reads that the cache of a store has answered, after each that it has. */
  hitRatioOf(store: string): (ratio: number) => void {
    const ratios = sensorOf(this.hitRatios, store)
    return (ratio) => ratios.record(this.nowMs, ratio)
  }

  /** The measures of a store. */
  storeOf(name: string): StoreMeasures {
    const known = this.stores.get(name)
    if (known !== undefined) return known
    const ageMs = this.measures("trace") ? () => this.currentTimeMillis() - this.context.timestamp : undefined
    const measures = new StoreMeasures({ currentTimeMillis: this.currentTimeMillis, nanoTime: this.nanoTime, ageMs })
    this.stores.set(name, measures)
    return measures
  }
}

const sensorOf = (sensors: Map<string, Sensor>, name: string): Sensor => {
  const known = sensors.get(name)
  if (known !== undefined) return known
  const sensor = new Sensor()
  sensors.set(name, sensor)
  return sensor
}
