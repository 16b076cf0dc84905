/**
 * What happened in a run, for people: processes and how they were, messages between them, faults, events.
 *
 * Keeps true: recording changes nothing of a run, and keeps no more than the limits say.
 * Leaves to others: showing it (`TextTimeline`, `HtmlTimeline`), what bytes mean (`MessageName`).
 *
 * @since 0.1.0
 */
import * as limits from "../../limits.ts"
import type { Link, Witness } from "../Trace.ts"
import * as MessageName from "./MessageName.ts"

/**
 * A message from one process to another; it arrived, or did not.
 *
 * @since 0.1.0
 */
export interface Message {
  readonly from: string
  readonly to: string
  readonly name: string
  readonly sizeBytes: number
  readonly sentUs: number
  arrivedUs: number | undefined
}

/**
 * How a process was, from a time on.
 *
 * @since 0.1.0
 */
export interface State {
  readonly process: string
  readonly atUs: number
  readonly state: "up" | "down" | "paused"
}

/**
 * A fault, as a band on the lanes of the processes that bear it.
 *
 * @since 0.1.0
 */
export interface Band {
  readonly processes: ReadonlyArray<string>
  readonly text: string
  readonly fromUs: number
  readonly toUs: number
}

/**
 * A whole timeline.
 *
 * @since 0.1.0
 */
export interface Timeline {
  readonly title: string
  /** What is wrong, one line each. */
  readonly findings: ReadonlyArray<string>
  readonly hash: string
  readonly endUs: number
  /** In the order of their first start. */
  readonly processes: ReadonlyArray<string>
  readonly states: ReadonlyArray<State>
  readonly messages: ReadonlyArray<Message>
  readonly bands: ReadonlyArray<Band>
  readonly events: ReadonlyArray<{ readonly atUs: number; readonly text: string }>
}

/** What is on its way from one end of a connection to the other. */
interface Way {
  readonly names: MessageName.Reader
  sentBytes: number
  arrivedBytes: number
  /** Messages that have not arrived, with the byte at which each ends. */
  readonly under: Array<{ readonly message: Message; endBytes: number }>
}

/**
 * Records a run: the witness of its trace.
 *
 * @since 0.1.0
 */
export class Recorder implements Witness {
  #messages: Array<Message> = []
  #events: Array<{ readonly atUs: number; readonly text: string }> = []
  readonly #states: Array<State> = []
  readonly #ways = new Map<Link, Way>()

  readonly event = (atUs: number, text: string): void => {
    this.#events.push({ atUs, text })
    if (this.#events.length >= 2 * limits.timelineEventsMax) {
      this.#events = this.#events.slice(-limits.timelineEventsMax)
    }
  }

  readonly state = (atUs: number, process: string, state: State["state"]): void => {
    this.#states.push({ process, atUs, state })
  }

  readonly sent = (atUs: number, link: Link, bytes: Uint8Array): void => {
    const way = this.#way(link)
    for (const { isBegin, name, sizeBytes } of way.names.read(bytes)) {
      way.sentBytes += sizeBytes
      const last = way.under.at(-1)
      if (!isBegin) {
        if (last !== undefined) last.endBytes = way.sentBytes
        continue
      }
      const message: Message = {
        from: link.host.name,
        to: link.peer?.host.name ?? "",
        name,
        sizeBytes: way.names.frameBytes,
        sentUs: atUs,
        arrivedUs: undefined
      }
      way.under.push({ message, endBytes: way.sentBytes })
      this.#messages.push(message)
    }
    if (this.#messages.length >= 2 * limits.timelineMessagesMax) {
      this.#messages = this.#messages.slice(-limits.timelineMessagesMax)
    }
  }

  readonly arrived = (atUs: number, link: Link, sizeBytes: number): void => {
    const way = this.#way(link)
    way.arrivedBytes += sizeBytes
    while (way.under.length > 0 && way.under[0]!.endBytes <= way.arrivedBytes) {
      way.under.shift()!.message.arrivedUs = atUs
    }
  }

  #way(link: Link): Way {
    const known = this.#ways.get(link)
    if (known !== undefined) return known
    // Whoever speaks first asks; the other end answers.
    const other = link.peer === undefined ? undefined : this.#ways.get(link.peer)
    const names = new MessageName.Reader(other?.names)
    const way: Way = { names, sentBytes: 0, arrivedBytes: 0, under: [] }
    this.#ways.set(link, way)
    return way
  }

  /** All that was recorded. */
  timeline(facts: Pick<Timeline, "title" | "findings" | "hash" | "endUs" | "bands">): Timeline {
    return {
      ...facts,
      processes: [...new Set(this.#states.map(({ process }) => process))],
      states: this.#states,
      messages: this.#messages.slice(-limits.timelineMessagesMax),
      events: this.#events.slice(-limits.timelineEventsMax)
    }
  }
}

/**
 * The band of a fault that is data, until all faults are healed.
 *
 * @since 0.1.0
 */
export const bandOf = (
  fault: {
    readonly process?: string | undefined
    readonly other?: string | undefined
    readonly atMs: number
    readonly forMs?: number | undefined
    readonly downMs?: number | undefined
  },
  text: string,
  endUs: number
): Band => {
  const fromUs = fault.atMs * 1000
  const toUs = fromUs + (fault.forMs ?? fault.downMs ?? 0) * 1000
  const processes = [fault.process, fault.other].filter((process) => process !== undefined)
  return { processes, text, fromUs, toUs: Math.min(toUs, endUs) }
}
