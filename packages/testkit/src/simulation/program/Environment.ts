/**
 * The edge between simulations and the process that runs them: its environment variables, its clock, its turn.
 *
 * @since 0.1.0
 */
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
 * Milliseconds of real time, from anywhere on: how long shrinking takes.
 *
 * @since 0.1.0
 */
export const nowMs = (): number => performance.now()

/**
 * Lets the process do what else it has to.
 *
 * @since 0.1.0
 */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
