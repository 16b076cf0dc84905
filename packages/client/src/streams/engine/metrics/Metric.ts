/**
 * One metric at one moment, and how it is told of what was measured.
 *
 * Keeps true: what is measured at finer levels than the app's is not told.
 * Leaves to others: names (`Definitions`), measuring.
 *
 * @since 0.1.0
 */
import type { Definition, Statistic } from "./Definitions.ts"
import { includes, type RecordingLevel } from "./RecordingLevel.ts"
import type { Sensor } from "./Sensor.ts"

/**
 * One metric. `docs/metrics.md` says in what it is measured; a value is NaN where there is nothing to tell.
 *
 * @since 0.1.0
 */
export interface Metric {
  readonly group: string
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly value: number | string
}

/**
 * The name of what a definition's statistic tells.
 *
 * @since 0.1.0
 */
export const nameOf = ({ name }: Definition, statistic: Statistic): string => {
  switch (statistic) {
    case "value":
      return name
    case "sumRate":
      return `${name}-rate`
    case "sum":
      return `${name}-total`
    default:
      return `${name}-${statistic}`
  }
}

const read = (sensor: Sensor, statistic: Statistic, nowMs: number): number => {
  switch (statistic) {
    case "rate":
      return sensor.rate(nowMs)
    case "sumRate":
      return sensor.sumRate(nowMs)
    case "total":
      return sensor.count
    case "sum":
    case "value":
      return sensor.sum
    case "avg":
      return sensor.average(nowMs)
    case "min":
      return sensor.min(nowMs)
    case "max":
      return sensor.max(nowMs)
  }
}

/**
 * Gathers what is told at a level, at a moment of the sensors' clock.
 *
 * @since 0.1.0
 */
export class Telling {
  readonly metrics: Array<Metric> = []
  readonly level: RecordingLevel
  readonly nowMs: number

  constructor(level: RecordingLevel, nowMs: number) {
    this.level = level
    this.nowMs = nowMs
  }

  /** Tells all statistics of a sensor, or the one value that a number or text is; nothing of what was not measured. */
  tell(
    definition: Definition,
    tags: Readonly<Record<string, string>>,
    measured: Sensor | number | string | undefined
  ): void {
    const { group, level, statistics } = definition
    if (measured === undefined || !includes(this.level, level)) return
    for (const statistic of statistics) {
      const value = typeof measured === "object" ? read(measured, statistic, this.nowMs) : measured
      this.metrics.push({ group, name: nameOf(definition, statistic), tags, value })
    }
  }
}
