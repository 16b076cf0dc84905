/**
 * A failure of a simulated program: what was sent and what went wrong, in lines for people.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as limits from "../../limits.ts"
import * as Fault from "../Fault.ts"
import { identityOf } from "./Expectation.ts"
import type { AnyFault } from "./FaultKind.ts"
import type { Finding } from "./Finding.ts"
import type { Acknowledged, Production } from "./Production.ts"
import type { PlannedRecord } from "./Records.ts"
import type { Outcome } from "./Run.ts"

/**
 * What `Simulation.check` fails with.
 *
 * @since 0.1.0
 */
export class SimulationFailure extends Data.TaggedError("SimulationFailure")<{
  readonly message: string
  /** The seed under which it was found. */
  readonly seed: number
  /** What is wrong, in the smallest run that was found. */
  readonly findings: ReadonlyArray<Finding>
  readonly faults: ReadonlyArray<AnyFault>
  readonly recordsCount: number
  /** What `MILLRACE_REPLAY` takes. */
  readonly token: string
  /** Over all that happened in the smallest run; its replay has the same. */
  readonly hash: string
}> {
  /** Where it was thrown says nothing of what is wrong. */
  override readonly stack = `${this.name}: ${this.message}`
}

/**
 * What a failure is told from.
 *
 * @since 0.1.0
 */
export interface Facts {
  readonly title: string
  readonly seed: number
  readonly outcome: Outcome
  /** The same without faults, one record after the other: what came of which. */
  readonly explanation: Outcome | undefined
  readonly token: string
  readonly command: string | undefined
  readonly isReplay: boolean
  /** The hash of the same run, done again. */
  readonly hashAgain: string
}

/** A time in milliseconds as `00:01.204`. */
const timeOf = (ms: number): string => {
  const minutes = String(Math.floor(ms / 60_000)).padStart(2, "0")
  return `${minutes}:${((ms % 60_000) / 1000).toFixed(3).padStart(6, "0")}`
}

const counted = (count: number, noun: string): string => `${count} ${count === 1 ? noun : `${noun}s`}`

/** A noun from a topic's name, which may be one or many of what it holds. */
const countOf = ({ records, topic }: Production): string =>
  counted(records.length, topic.endsWith("s") ? topic.slice(0, -1) : topic)

const sizeOf = ({ faults, productions }: Outcome): string => {
  const sent = productions.map(countOf)
  return [...sent, counted(faults.length, "fault")].join(" and ")
}

/** A record that was sent, with its topic, as a name for people. */
const nameOf = ({ show, topic }: Production, record: Pick<PlannedRecord, "key" | "value">): string =>
  `${topic} ${show(record)}`

const acknowledgedAt = (acknowledged: Acknowledged | undefined): string =>
  acknowledged === undefined ? "not acknowledged" : `acknowledged at ${timeOf(acknowledged.atMs)}`

/**
 * The record that was sent and that led to the one of a finding.
 *
 * @since 0.1.0
 */
export const causeOf = (
  { record }: Finding,
  explanation: Outcome | undefined
): PlannedRecord | undefined => {
  if (record === undefined) return undefined
  for (const stored of explanation?.seen.flat() ?? []) {
    if (identityOf(stored) !== identityOf(record)) continue
    return explanation?.causes.get(`${stored.topic}-${stored.partition}@${stored.offset}`)
  }
  return undefined
}

/**
 * A finding in one line, with the record that it is about and when that was acknowledged.
 *
 * @since 0.1.0
 */
export const findingLine = (
  finding: Finding,
  { explanation, outcome }: Pick<Facts, "explanation" | "outcome">
): string => {
  const cause = causeOf(finding, explanation)
  const production = cause === undefined ? undefined : outcome.productions[cause.call]
  if (cause === undefined || production === undefined) {
    const hasRecord = finding.record !== undefined
    return `${finding.name}: ${hasRecord ? `${showOutput(finding)} ` : ""}${finding.detail}`
  }
  const sent = production.records.find(({ index }) => index === cause.index)
  const when = acknowledgedAt(sent === undefined ? undefined : production.acknowledged.get(sent))
  return `${finding.name}: ${nameOf(production, cause)} ${when}, ${finding.detail}`
}

const showOutput = ({ record }: Finding): string =>
  record?.value == null ? "a tombstone" : Buffer.from(record.value).toString()

const recordLine = (production: Production, record: PlannedRecord): string => {
  const acknowledged = production.acknowledged.get(record)
  const where = acknowledged === undefined ? "" : ` at ${acknowledged.partition}@${acknowledged.offset}`
  return `sent: ${nameOf(production, record)}, ${acknowledgedAt(acknowledged)}${where}`
}

/**
 * A fault in one line.
 *
 * @since 0.1.0
 */
export const faultLine = (fault: AnyFault): string => {
  if (fault.kind !== "custom") return Fault.describe(fault)
  return `${(fault.atMs / 1000).toFixed(3)} s ${fault.name}: forMs ${fault.forMs}`
}

const differing = (hashAgain: string): string =>
  `run again: ${hashAgain}, so a replay may go another way: the program asks something that is not simulated, `
  + "as Date.now or Math.random, or keeps something from run to run"

/**
 * The message of a failure, with the line that replays it last.
 *
 * @since 0.1.0
 */
export const messageOf = (facts: Facts): string => {
  const { command, hashAgain, isReplay, outcome, seed, title, token } = facts
  const findings = outcome.findings.slice(0, limits.findingsShownMax)
  const left = outcome.findings.length - findings.length
  const records = outcome.productions.flatMap((production) =>
    production.records.map((record) => recordLine(production, record))
  )
  const recordsLeft = records.length - limits.recordsShownMax
  return [
    `${title}: seed ${seed}, ${isReplay ? "replayed with" : "shrunk to"} ${sizeOf(outcome)}`,
    ...findings.map((finding) => `  ${findingLine(finding, facts)}`),
    ...left > 0 ? [`  and ${left} more`] : [],
    ...records.slice(0, limits.recordsShownMax).map((line) => `  ${line}`),
    ...recordsLeft > 0 ? [`  and ${recordsLeft} more`] : [],
    ...outcome.happening.map((fault) => `  fault: ${faultLine(fault)}`),
    `  trace: ${outcome.hash}`,
    ...hashAgain === outcome.hash ? [] : [`  ${differing(hashAgain)}`],
    `  replay: MILLRACE_REPLAY=${token}${command === undefined ? "" : ` ${command}`}`
  ].join("\n")
}
