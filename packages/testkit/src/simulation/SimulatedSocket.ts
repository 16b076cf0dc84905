/**
 * The ends of simulated connections, and the machines that they belong to.
 *
 * Keeps true: a reader is given what was sent, in that order, or the connection fails; who writes faster than the peer
 * reads waits; after a failure nothing more is sent or read.
 * Leaves to others: when segments arrive, and whether (`SimulatedNetwork`).
 *
 * @since 0.1.0
 */
import { type Connection, NetworkError } from "@millrace/core/platform/Network"
import { concat } from "@millrace/core/records/Output"
import * as Effect from "effect/Effect"
import type { Life, Universe } from "./Universe.ts"

/**
 * How what waits in a process is answered.
 *
 * @since 0.1.0
 */
export type Resume<A> = (effect: Effect.Effect<A, NetworkError>) => void

/**
 * What travels: bytes, the end of the stream, the news that the connection is gone, or what both ends have given up.
 *
 * @since 0.1.0
 */
export type Segment = Uint8Array | "end" | "reset" | "lost"

/** What a connection may hold that was sent and not yet read, in bytes, before its writer waits. */
const windowBytes = 64 * 1024

/**
 * A port that is listened on.
 *
 * @since 0.1.0
 */
export interface Backlog {
  readonly waiting: Array<Socket>
  readonly life: Life
  acceptor: Resume<Connection> | undefined
  isClosed: boolean
}

/**
 * One machine on the network.
 *
 * @since 0.1.0
 */
export interface Host {
  readonly name: string
  /** The running process; undefined without power or process. */
  life: Life | undefined
  isPowered: boolean
  readonly listeners: Map<number, Backlog>
  readonly sockets: Set<Socket>
  nextPort: number
  /** When its link has sent what it was given so far. */
  sentUs: number
  /** It takes no new connections. */
  isRefusing: boolean
}

/**
 * What a socket needs of its network.
 *
 * @since 0.1.0
 */
export interface Wire {
  readonly universe: Universe
  readonly send: (socket: Socket, segment: Segment) => void
  /** Puts something into the trace. */
  readonly tell: (text: string) => void
}

/**
 * Who reads along on a connection: told of bytes as they arrive, at the side that was connected to and at the other.
 *
 * @since 0.1.0
 */
export interface Tap {
  readonly requested: (bytes: Uint8Array) => void
  readonly answered: (bytes: Uint8Array) => void
  readonly broken: () => void
}

/**
 * One end of a connection.
 *
 * @since 0.1.0
 */
export class Socket {
  readonly host: Host
  readonly life: Life
  readonly remote: string
  readonly #wire: Wire
  peer: Socket | undefined
  readonly #received: Array<Uint8Array> = []
  #unreadBytes = 0
  #isEnded = false
  isClosed = false
  failure: NetworkError["reason"] | undefined
  #reader: Resume<Uint8Array | null> | undefined
  #writers: Array<Resume<void>> = []
  /** What was sent and has not arrived, in order, and when each arrives. */
  readonly outgoing: Array<{ readonly segment: Segment; readonly arrivesUs: number }> = []
  outgoingBytes = 0
  /** Since when nothing has been getting through; -1 if all is well. */
  blockedSinceUs = -1
  /** Nothing it sends arrives any more, and nobody is told. */
  isSilent = false
  /** Told of what arrives here, and of the failure of this end. */
  tap: { readonly arrived: (bytes: Uint8Array) => void; readonly broken: () => void } | undefined

  constructor(wire: Wire, host: Host, life: Life, remote: string) {
    this.#wire = wire
    this.host = host
    this.life = life
    this.remote = remote
    host.sockets.add(this)
  }

  /** Both ends, for people. */
  get name(): string {
    return `${this.host.name} to ${this.remote}`
  }

  get isOpen(): boolean {
    return !this.isClosed && this.failure === undefined
  }

  #fail(reason: NetworkError["reason"]): Effect.Effect<never, NetworkError> {
    return Effect.fail(new NetworkError({ reason, address: this.remote }))
  }

  /** Runs what waits for this socket, in its process. */
  #wake(run: () => void): void {
    this.#wire.universe.schedule(this.life, run)
  }

  #wakeReader(): void {
    if (this.#reader === undefined) return
    this.#wake(() => {
      const reader = this.#reader
      if (reader === undefined) return
      const answer = this.#take()
      if (answer === undefined) return
      this.#reader = undefined
      reader(answer)
    })
  }

  get #isFull(): boolean {
    return this.outgoingBytes + (this.peer === undefined ? 0 : this.peer.#unreadBytes) >= windowBytes
  }

  /** Lets writers go on if there is room for more. */
  wakeWriters(): void {
    if (this.#writers.length === 0 || (this.isOpen && this.#isFull)) return
    for (const writer of this.#writers.splice(0)) {
      this.#wake(() => writer(this.isOpen ? Effect.void : this.#fail(this.failure ?? "Closed")))
    }
  }

  /** What a reader gets now; undefined if it has to wait. */
  #take(): Effect.Effect<Uint8Array | null, NetworkError> | undefined {
    if (this.isClosed) return this.#fail("Closed")
    if (this.failure !== undefined) return this.#fail(this.failure)
    const chunk = this.#received.shift()
    if (chunk !== undefined) {
      this.#unreadBytes -= chunk.length
      this.peer?.wakeWriters()
      return Effect.succeed(chunk)
    }
    return this.#isEnded ? Effect.succeed(null) : undefined
  }

  /** Takes in bytes, or the end of the stream. */
  receive(segment: Uint8Array | "end"): void {
    if (segment === "end") this.#isEnded = true
    else {
      this.tap?.arrived(segment)
      this.#received.push(segment)
      this.#unreadBytes += segment.length
    }
    this.#wakeReader()
  }

  /** The connection has failed: nothing more is sent or read. */
  break(reason: NetworkError["reason"]): void {
    if (this.failure !== undefined) return
    this.failure = reason
    this.tap?.broken()
    if (!this.isClosed) this.#wire.tell(`${this.name} is broken: ${reason}`)
    this.#received.length = 0
    this.#unreadBytes = 0
    this.outgoing.length = 0
    this.outgoingBytes = 0
    this.host.sockets.delete(this)
    this.#wakeReader()
    this.wakeWriters()
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.host.sockets.delete(this)
    this.#wakeReader()
    this.wakeWriters()
    if (this.failure === undefined) this.#wire.send(this, "end")
  }

  /** This end as programs see it. */
  readonly connection = (): Connection => ({
    remote: this.remote,
    read: Effect.callback((resume) => {
      const answer = this.#take()
      if (answer !== undefined) return resume(answer)
      this.#reader = resume
      return Effect.sync(() => {
        if (this.#reader === resume) this.#reader = undefined
      })
    }),
    write: (chunks) =>
      Effect.callback((resume) => {
        if (!this.isOpen) return resume(this.#fail(this.failure ?? "Closed"))
        // A stream has no borders: where a program cuts what it writes must not change the run.
        this.#wire.send(this, concat(chunks))
        if (!this.#isFull) return resume(Effect.void)
        this.#writers.push(resume)
        return Effect.sync(() => {
          this.#writers = this.#writers.filter((writer) => writer !== resume)
        })
      }),
    close: Effect.sync(() => this.close())
  })
}
