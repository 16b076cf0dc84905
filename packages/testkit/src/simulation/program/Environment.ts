/**
 * The edge between simulations and the process that runs them: its environment variables, its clock, its turn.
 *
 * @since 0.1.0
 */
import * as NodeFs from "node:fs"
import * as Timelines from "../timeline/Timelines.ts"
import type { Timeline } from "../timeline/Timeline.ts"
import * as Token from "./Token.ts"

/**
 * What `MILLRACE_REPLAY` says to replay; throws `SimulationError` if it cannot be read.
 *
 * @since 0.1.0
 */
export const replay = (): Token.Replay | undefined => {
  const token = process.env["MILLRACE_REPLAY"]
  return token === undefined || token === "" ? undefined : Token.decode(token)
}

/**
 * The processor time that this process has taken, in milliseconds: how long shrinking takes, on a busy machine too.
 *
 * @since 0.1.0
 */
export const processorMs = (): number => process.cpuUsage().user / 1000

/**
 * Milliseconds of real time, from anywhere on: what a test runner's time limit is about.
 *
 * @since 0.1.0
 */
export const nowMs = (): number => performance.now()

/**
 * Tells who runs the tests something that is no failure.
 *
 * @since 0.1.0
 */
export const warn = (text: string): void => process.emitWarning(text, "SimulationWarning")

/**
 * Lets the process do what else it has to.
 *
 * @since 0.1.0
 */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/**
 * The file into which `MILLRACE_TRACE` wants a timeline; undefined if it is not set.
 *
 * @since 0.1.0
 */
export const traceFile = (): string | undefined => {
  const file = process.env["MILLRACE_TRACE"]
  return file === "" ? undefined : file
}

/**
 * Writes a timeline: a page, or text if the file's name ends with `.txt`.
 *
 * @since 0.1.0
 */
export const writeTimeline = (file: string, timeline: Timeline): void =>
  NodeFs.writeFileSync(file, Timelines.render(timeline, file))
