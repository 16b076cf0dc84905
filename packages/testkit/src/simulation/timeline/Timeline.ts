/**
 * What happened in a run, for people: processes and how they were, messages between them, faults, events.
 *
 * Keeps true: recording changes nothing of a run, and keeps no more than the limits say.
 * Leaves to others: showing it (`TextTimeline`, `HtmlTimeline`), what bytes mean (`MessageName`).
 *
 * @since 0.1.0
 */
import * as limits from "../../limits.ts"
import * as Fault from "../Fault.ts"
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
 * What is shown of a fault that was planned. Times are in milliseconds.
 *
 * @since 0.1.0
 */
export interface Planned {
  readonly process?: string | undefined
  readonly other?: string | undefined
  readonly atMs: number
  /** It waits for a moment from its time on, which may never come. */
  readonly when?: unknown
  readonly forMs?: number | undefined
  readonly downMs?: number | undefined
}

/**
 * A fault, as a band on the lanes of the processes that bear it: from its beginning to its end, or until all are healed.
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
  /** When faults began, by their lines. */
  readonly #begunUs = new Map<string, number>()
  #healedUs = Number.POSITIVE_INFINITY

  readonly event = (atUs: number, text: string): void => {
    if (text.startsWith(Fault.begins)) this.#begunUs.set(text.slice(Fault.begins.length), atUs)
    if (text === Fault.healed) this.#healedUs = atUs
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

  /** All that was recorded, with the faults that were planned, each with its line for people. */
  timeline(
    facts: Pick<Timeline, "title" | "findings" | "hash" | "endUs">,
    faults: ReadonlyArray<readonly [fault: Planned, text: string]>
  ): Timeline {
    const untilUs = Math.min(facts.endUs, this.#healedUs)
    return {
      ...facts,
      processes: [...new Set(this.#states.map(({ process }) => process))],
      states: this.#states,
      messages: this.#messages.slice(-limits.timelineMessagesMax),
      events: this.#events.slice(-limits.timelineEventsMax),
      bands: faults.flatMap(([fault, text]) => this.#bandOf(fault, text, untilUs))
    }
  }

  /** None for a fault whose moment never came. */
  #bandOf({ atMs, downMs, forMs, other, process, when }: Planned, text: string, untilUs: number): ReadonlyArray<Band> {
    const fromUs = this.#begunUs.get(text) ?? (when === undefined ? atMs * 1000 : untilUs)
    if (fromUs >= untilUs) return []
    const processes = [process, other].filter((name) => name !== undefined)
    return [{ processes, text, fromUs, toUs: Math.min(fromUs + (forMs ?? downMs ?? 0) * 1000, untilUs) }]
  }
}
