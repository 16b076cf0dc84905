/**
 * Moments in the work of a process at which faults tell most: who aims at one, and that one has come.
 *
 * Keeps true: a moment is plain data, as faults are. Nobody is told within the work itself: what comes of a moment happens
 * right after it.
 * Leaves to others: seeing moments (`Wiretap`, `SimulatedDisk`), what happens at them (`Fault`).
 *
 * @since 0.1.0
 */

/**
 * What a process does.
 *
 * - `changes`: its disk, in any way. `writes`, `syncs`: a log of the topic that `what` names. All take effect then, and the
 *   process has not been told.
 * - `asks`, `hears`: of Kafka's API that `what` names; the request has reached the broker, the answer the client.
 * - `is asked`, `has answered`: the same, of the broker.
 *
 * @since 0.1.0
 */
export type Act = "changes" | "writes" | "syncs" | "asks" | "hears" | "is asked" | "has answered"

/**
 * A moment: the one after `skip` others of its kind, or a time after that.
 *
 * @since 0.1.0
 */
export interface Moment {
  readonly does: Act
  /** A topic, an API, or an operation of the disk; nothing for any. */
  readonly what: string
  readonly skip: number
  /** What waits for the moment happens so many milliseconds after it. */
  readonly thenMs?: number
}

/**
 * A moment as the end of a sentence about a process.
 *
 * @since 0.1.0
 */
export const describe = ({ does, skip, thenMs = 0, what }: Moment): string => {
  const times = skip === 0 ? "" : `, ${skip + 1} times`
  const later = thenMs === 0 ? "" : `, and ${thenMs} ms have passed`
  return `once it ${does}${what === "" ? "" : ` ${what}`}${times}${later}`
}

interface Awaited {
  readonly process: string
  readonly moment: Moment
  left: number
  readonly come: (what: string) => void
}

/**
 * The moments that are aimed at.
 *
 * @since 0.1.0
 */
export class Moments {
  #awaited: Array<Awaited> = []

  /** Calls, with what it was, when the moment has come for this process, from now on. */
  aim(process: string, moment: Moment, come: (what: string) => void): void {
    this.#awaited.push({ process, moment, left: moment.skip, come })
  }

  /** A process does something. */
  happens(process: string, does: Act, what: string): void {
    if (this.#awaited.length === 0) return
    const reached = this.#awaited.filter((awaited) => {
      const { moment } = awaited
      const isIt = awaited.process === process && moment.does === does && (moment.what === "" || moment.what === what)
      return isIt && awaited.left-- === 0
    })
    if (reached.length === 0) return
    this.#awaited = this.#awaited.filter((awaited) => !reached.includes(awaited))
    for (const { come } of reached) come(what)
  }

  /** Nobody waits any more. */
  clear(): void {
    this.#awaited = []
  }
}
