/**
 * What happened, as one number: two runs with the same hash did the same things in the same order.
 *
 * Keeps true: nothing enters that differs between machines or Node releases. The last events are kept for people.
 *
 * @since 0.1.0
 */

/** How many events are kept to be shown. */
const eventsKeptMax = 2000

/**
 * Who is told what happens while it does, and changes nothing of it.
 *
 * @since 0.1.0
 */
export interface Witness {
  /** Something worth showing. */
  readonly event: (atUs: number, text: string) => void
  /** A process begins to be something. */
  readonly state: (atUs: number, process: string, state: "up" | "down" | "paused") => void
  /** Bytes leave one end of a connection for the other; each end is an object of its own. */
  readonly sent: (atUs: number, link: Link, bytes: Uint8Array) => void
  /** Bytes that left this end have arrived at the other, in their order. */
  readonly arrived: (atUs: number, link: Link, sizeBytes: number) => void
}

/**
 * One end of a connection, and the other.
 *
 * @since 0.1.0
 */
export interface Link {
  readonly host: { readonly name: string }
  readonly peer: Link | undefined
}

/**
 * The trace of a run.
 *
 * @since 0.1.0
 */
export class Trace {
  /** Told of everything; nobody is unless it is set. */
  witness: Witness | undefined
  #low = 0x9e3779b9 | 0
  #high = 0x85ebca6b | 0
  #events: Array<string> = []

  /** Takes in a number: whole, up to 2^53. */
  number(value: number): void {
    this.#word(value | 0)
    if (value > 0x7fffffff || value < -0x80000000) this.#word(Math.floor(value / 4294967296) | 0)
  }

  #word(word: number): void {
    const low = Math.imul(this.#low ^ word, 0x01000193)
    this.#low = low ^ low >>> 15
    const high = Math.imul(this.#high + word + this.#low | 0, 0xc2b2ae35 | 0)
    this.#high = high ^ high >>> 13
  }

  text(value: string): void {
    for (let at = 0; at < value.length; at++) this.#word(value.charCodeAt(at))
    this.#word(value.length)
  }

  bytes(value: Uint8Array): void {
    let hash = value.length
    for (let at = 0; at < value.length; at++) hash = Math.imul(hash ^ value[at]!, 0x01000193)
    this.#word(hash)
  }

  /** Takes in something worth showing. */
  event(atUs: number, text: string): void {
    this.number(atUs)
    this.text(text)
    this.witness?.event(atUs, text)
    this.#events.push(`${(atUs / 1_000_000).toFixed(6).padStart(12)} ${text}`)
    if (this.#events.length >= eventsKeptMax * 2) this.#events = this.#events.slice(-eventsKeptMax)
  }

  /** The last events, one line each. */
  get events(): ReadonlyArray<string> {
    return this.#events.slice(-eventsKeptMax)
  }

  get hash(): string {
    const hex = (word: number) => (word >>> 0).toString(16).padStart(8, "0")
    return hex(this.#high) + hex(this.#low)
  }
}
