/**
 * The network between simulated machines: TCP as programs see it, with delay, partitions and resets.
 *
 * Keeps true: bytes of a connection arrive in order, in pieces of any size, or the connection fails; what is lost is
 * sent again, later; who writes faster than the peer reads waits. A killed process has its connections closed by its
 * system; a machine without power says nothing, and refuses what belongs to its last life when it is back.
 * Leaves to others: when faults happen (`Fault`).
 *
 * @since 0.1.0
 */
import { keepAliveMs } from "@millrace/core/limits"
import {
  type Address,
  type Connection,
  formatAddress,
  type Listener,
  type Network,
  NetworkError
} from "@millrace/core/platform/Network"
import * as Effect from "effect/Effect"
import type { Seeded } from "./Seeded.ts"
import type { Life, Universe } from "./Universe.ts"

type Resume<A> = (effect: Effect.Effect<A, NetworkError>) => void

/** What travels: bytes, the end of the stream, or the news that the connection is gone. */
type Segment = Uint8Array | "end" | "reset"

/** What a connection may hold that was sent and not yet read, in bytes, before its writer waits. */
const windowBytes = 64 * 1024
/** Connections that wait to be accepted, per listener. */
const backlogMax = 50
/** What was lost is sent again after this time. */
const retransmitUs = 200_000
/** Without any answer for this long, a connection has failed. */
const unansweredMaxUs = 20_000_000

/**
 * What the links are like.
 *
 * @since 0.1.0
 */
export interface Conditions {
  /** The time on the way, in microseconds: at least and at most; mostly near the least. */
  readonly latencyUs: readonly [low: number, high: number]
  /** How many segments are lost and have to be sent again. */
  readonly loss: number
  readonly bytesPerUs: number
  /** The largest piece that arrives at once, in bytes. */
  readonly pieceMaxBytes: number
}

/** One machine on the network. */
interface Host {
  readonly name: string
  /** The running process; undefined without power or process. */
  life: Life | undefined
  isPowered: boolean
  readonly listeners: Map<number, Backlog>
  readonly sockets: Set<Socket>
  nextPort: number
}

/** One end of a connection. */
class Socket {
  readonly host: Host
  readonly life: Life
  readonly remote: string
  readonly network: SimulatedNetwork
  peer: Socket | undefined
  readonly received: Array<Uint8Array> = []
  unreadBytes = 0
  isEnded = false
  isClosed = false
  failure: NetworkError["reason"] | undefined
  reader: Resume<Uint8Array | null> | undefined
  writers: Array<Resume<void>> = []
  /** What was sent and has not arrived, in order. */
  readonly outgoing: Array<Segment> = []
  outgoingBytes = 0
  isPumping = false
  blockedSinceUs = -1

  constructor(network: SimulatedNetwork, host: Host, life: Life, remote: string) {
    this.network = network
    this.host = host
    this.life = life
    this.remote = remote
    host.sockets.add(this)
  }

  /** Both ends, for people. */
  get name(): string {
    return `${this.host.name} to ${this.remote}`
  }

  fail(reason: NetworkError["reason"]): Effect.Effect<never, NetworkError> {
    return Effect.fail(new NetworkError({ reason, address: this.remote }))
  }

  get isOpen(): boolean {
    return !this.isClosed && this.failure === undefined
  }

  /** Runs what waits for this socket, in its process. */
  wake(run: () => void): void {
    this.network.universe.schedule(this.life, run)
  }

  wakeReader(): void {
    if (this.reader !== undefined) this.wake(() => this.#answerReader())
  }

  #answerReader(): void {
    const reader = this.reader
    if (reader === undefined) return
    const answer = this.take()
    if (answer === undefined) return
    this.reader = undefined
    reader(answer)
  }

  wakeWriters(): void {
    const peerUnread = this.peer?.unreadBytes ?? 0
    if (this.isOpen && this.outgoingBytes + peerUnread >= windowBytes) return
    for (const writer of this.writers.splice(0)) {
      this.wake(() => writer(this.isOpen ? Effect.void : this.fail(this.failure ?? "Closed")))
    }
  }

  /** What a reader gets now; undefined if it has to wait. */
  take(): Effect.Effect<Uint8Array | null, NetworkError> | undefined {
    if (this.isClosed) return this.fail("Closed")
    if (this.failure !== undefined) return this.fail(this.failure)
    const chunk = this.received.shift()
    if (chunk !== undefined) {
      this.unreadBytes -= chunk.length
      this.peer?.wakeWriters()
      return Effect.succeed(chunk)
    }
    return this.isEnded ? Effect.succeed(null) : undefined
  }

  /** The connection has failed: nothing more is sent or read. */
  break(reason: NetworkError["reason"]): void {
    if (this.failure !== undefined) return
    this.failure = reason
    if (!this.isClosed) this.network.tell(`${this.name} is broken: ${reason}`)
    this.received.length = 0
    this.unreadBytes = 0
    this.outgoing.length = 0
    this.outgoingBytes = 0
    this.host.sockets.delete(this)
    this.wakeReader()
    this.wakeWriters()
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.host.sockets.delete(this)
    this.wakeReader()
    this.wakeWriters()
    if (this.failure === undefined) this.network.send(this, "end")
  }

  readonly connection = (): Connection => ({
    remote: this.remote,
    read: Effect.callback((resume) => {
      const answer = this.take()
      if (answer !== undefined) return resume(answer)
      this.reader = resume
      return Effect.sync(() => {
        if (this.reader === resume) this.reader = undefined
      })
    }),
    write: (chunks) =>
      Effect.callback((resume) => {
        if (!this.isOpen) return resume(this.fail(this.failure ?? "Closed"))
        for (const chunk of chunks) this.network.send(this, chunk)
        if (this.outgoingBytes + (this.peer?.unreadBytes ?? 0) < windowBytes) return resume(Effect.void)
        this.writers.push(resume)
        return Effect.sync(() => {
          this.writers = this.writers.filter((writer) => writer !== resume)
        })
      }),
    close: Effect.sync(() => this.close())
  })
}

/** A port that is listened on. */
interface Backlog {
  readonly waiting: Array<Socket>
  readonly life: Life
  acceptor: Resume<Connection> | undefined
  isClosed: boolean
}

/**
 * The network of a universe.
 *
 * @since 0.1.0
 */
export class SimulatedNetwork {
  readonly universe: Universe
  conditions: Conditions
  readonly #random: Seeded
  readonly #hosts = new Map<string, Host>()
  /** Directions in which nothing arrives, as `from>to`, and how often each is blocked. */
  readonly #blocked = new Map<string, number>()

  constructor(universe: Universe, conditions: Conditions) {
    this.universe = universe
    this.conditions = conditions
    this.#random = universe.random("network")
  }

  #host(name: string): Host {
    const known = this.#hosts.get(name)
    if (known !== undefined) return known
    const host: Host = {
      name,
      life: undefined,
      isPowered: true,
      listeners: new Map(),
      sockets: new Set(),
      nextPort: 40_000
    }
    this.#hosts.set(name, host)
    return host
  }

  /** The network as a new life of a process sees it. */
  join(name: string, life: Life): Network["Service"] {
    const host = this.#host(name)
    host.life = life
    host.isPowered = true
    return {
      connect: (address) => this.#connect(host, life, address),
      listen: (address) => this.#listen(host, life, address)
    }
  }

  /** A process has ended: its system closes what it had open, or nothing is heard of the machine any more. */
  leave(name: string, kind: "kill" | "power"): void {
    const host = this.#host(name)
    host.life = undefined
    host.isPowered = kind === "kill"
    const sockets = [...host.sockets]
    for (const { waiting } of host.listeners.values()) sockets.push(...waiting)
    host.listeners.clear()
    for (const socket of new Set(sockets)) {
      if (kind === "kill") this.send(socket, this.#random.chance(0.5) ? "end" : "reset")
      socket.isClosed = true
      if (kind === "power") this.#orphan(socket)
    }
    host.sockets.clear()
  }

  /** The peer of a socket that is gone without a word finds out when it sends, or probes. */
  #orphan(socket: Socket): void {
    const { peer } = socket
    socket.break("Reset")
    if (peer === undefined) return
    this.universe.sometimes.reach("a connection was left half open")
    const probe = (left: number): void => {
      this.universe.after(keepAliveMs * 1000, () => {
        if (left > 0 && this.#isBlocked(peer.host, socket.host)) probe(left - 1)
        else peer.break("Reset")
      })
    }
    probe(1)
  }

  /** Nothing from one machine arrives at the other, until `unblock`. */
  block(from: string, to: string): void {
    const link = `${from}>${to}`
    this.#blocked.set(link, (this.#blocked.get(link) ?? 0) + 1)
  }

  unblock(from: string, to: string): void {
    const link = `${from}>${to}`
    const times = (this.#blocked.get(link) ?? 1) - 1
    if (times === 0) this.#blocked.delete(link)
    else this.#blocked.set(link, times)
  }

  /** Breaks all connections between two machines. */
  reset(one: string, other: string): void {
    for (const socket of [...this.#host(one).sockets]) {
      if (socket.peer?.host.name !== other) continue
      socket.peer.break("Reset")
      socket.break("Reset")
    }
  }

  #isBlocked(from: Host, to: Host): boolean {
    return !to.isPowered || this.#blocked.has(`${from.name}>${to.name}`)
  }

  #latencyUs(): number {
    const { latencyUs: [low, high], loss } = this.conditions
    const latency = this.#random.skewed(low, high)
    return this.#random.chance(loss) ? latency + retransmitUs : latency
  }

  /** Puts something into the trace. */
  tell(text: string): void {
    this.universe.trace.event(this.universe.nowUs, text)
  }

  // Bytes on their way

  /** Sends something to the peer of a socket. */
  send(socket: Socket, segment: Segment): void {
    if (typeof segment === "string") {
      socket.outgoing.push(segment)
    } else {
      for (let at = 0; at < segment.length;) {
        const length = this.#random.between(1, Math.min(segment.length - at, this.conditions.pieceMaxBytes))
        const end = this.#random.chance(0.5)
          ? Math.min(segment.length, at + this.conditions.pieceMaxBytes)
          : at + length
        socket.outgoing.push(segment.slice(at, end))
        socket.outgoingBytes += end - at
        at = end
      }
    }
    this.#pump(socket)
  }

  /** Lets the first segment of a socket arrive, in its time, then the next. */
  #pump(socket: Socket): void {
    const segment = socket.outgoing[0]
    if (segment === undefined || socket.isPumping) return
    socket.isPumping = true
    const size = typeof segment === "string" ? 0 : segment.length
    this.universe.after(this.#latencyUs() + size / this.conditions.bytesPerUs, () => this.#arrive(socket))
  }

  #arrive(socket: Socket): void {
    const { peer } = socket
    if (socket.failure !== undefined || peer === undefined) return
    if (this.#isBlocked(socket.host, peer.host)) return this.#retransmit(socket)
    socket.isPumping = false
    socket.blockedSinceUs = -1
    // What is behind the first arrives with it: latency is for the way, not for each piece.
    do {
      const segment = socket.outgoing.shift()!
      if (typeof segment !== "string") socket.outgoingBytes -= segment.length
      this.#deliver(socket, peer, segment)
    } while (socket.outgoing.length > 0 && this.#random.chance(0.7))
    socket.wakeWriters()
    this.#pump(socket)
  }

  #retransmit(socket: Socket): void {
    this.universe.sometimes.reach("a segment was held back by a partition")
    const { nowUs } = this.universe
    if (socket.blockedSinceUs < 0) socket.blockedSinceUs = nowUs
    if (nowUs - socket.blockedSinceUs > unansweredMaxUs) return socket.break("Reset")
    this.universe.after(retransmitUs, () => this.#arrive(socket))
  }

  #deliver(socket: Socket, peer: Socket, segment: Segment): void {
    if (segment === "reset") return peer.break("Reset")
    if (!peer.isOpen || peer.host.life !== peer.life) {
      // Nobody is there any more: the system there says so.
      if (segment !== "end") this.universe.after(this.#latencyUs(), () => socket.break("Reset"))
      return
    }
    if (segment === "end") peer.isEnded = true
    else {
      this.universe.trace.bytes(segment)
      peer.received.push(segment)
      peer.unreadBytes += segment.length
    }
    peer.wakeReader()
  }

  // Connections

  #connect(host: Host, life: Life, address: Address): Effect.Effect<Connection, NetworkError> {
    return Effect.callback((resume) => {
      const { universe } = this
      const target = this.#host(address.host)
      const remote = formatAddress(address)
      const startedUs = universe.nowUs
      let isWanted = true
      const answer = (effect: Effect.Effect<Connection, NetworkError>) =>
        universe.schedule(life, () => {
          if (isWanted) resume(effect)
        })
      const refuse = (reason: NetworkError["reason"]) =>
        answer(Effect.fail(new NetworkError({ reason, address: remote })))
      const attempt = () => {
        if (!life.isAlive || !isWanted) return
        if (this.#isBlocked(host, target) || this.#isBlocked(target, host)) {
          if (universe.nowUs - startedUs > unansweredMaxUs) return refuse("Io")
          universe.after(1_000_000, attempt)
          return
        }
        const backlog = target.listeners.get(address.port)
        const isFull = backlog === undefined || backlog.waiting.length >= backlogMax
        if (isFull || target.life === undefined) {
          universe.after(this.#latencyUs(), () => refuse("Refused"))
          return
        }
        const [near, far] = this.#pair(host, life, target, target.life, remote)
        this.tell(`${near.name} is connected from ${far.remote}`)
        universe.after(this.#latencyUs(), () => {
          if (isWanted && life.isAlive) answer(Effect.sync(near.connection))
          else near.close()
        })
        this.#offer(backlog, far)
      }
      universe.after(this.#latencyUs(), attempt)
      return Effect.sync(() => {
        isWanted = false
      })
    })
  }

  #pair(host: Host, life: Life, target: Host, targetLife: Life, remote: string): [near: Socket, far: Socket] {
    const near = new Socket(this, host, life, remote)
    const far = new Socket(this, target, targetLife, `${host.name}:${host.nextPort++}`)
    near.peer = far
    far.peer = near
    return [near, far]
  }

  #offer(backlog: Backlog, socket: Socket): void {
    backlog.waiting.push(socket)
    this.universe.schedule(backlog.life, () => {
      const { acceptor } = backlog
      const next = acceptor === undefined ? undefined : backlog.waiting.shift()
      if (acceptor === undefined || next === undefined) return
      backlog.acceptor = undefined
      acceptor(Effect.sync(next.connection))
    })
  }

  #listen(host: Host, life: Life, address: Address) {
    const refusal = (reason: NetworkError["reason"]) =>
      Effect.fail(new NetworkError({ reason, address: formatAddress(address) }))
    return Effect.acquireRelease(
      Effect.suspend(() => {
        const port = address.port === 0 ? host.nextPort++ : address.port
        if (host.listeners.has(port)) return refusal("AddressInUse")
        const backlog: Backlog = { waiting: [], life, acceptor: undefined, isClosed: false }
        host.listeners.set(port, backlog)
        return Effect.succeed({ backlog, port })
      }),
      ({ backlog, port }) =>
        Effect.sync(() => {
          host.listeners.delete(port)
          backlog.isClosed = true
          backlog.acceptor?.(refusal("Closed"))
          for (const socket of backlog.waiting.splice(0)) socket.close()
        })
    ).pipe(Effect.map(({ backlog, port }): Listener => ({
      address: { host: address.host, port },
      accept: Effect.callback((resume) => {
        if (backlog.isClosed) return resume(refusal("Closed"))
        const socket = backlog.waiting.shift()
        if (socket !== undefined) return resume(Effect.sync(socket.connection))
        backlog.acceptor = resume
        return Effect.sync(() => {
          if (backlog.acceptor === resume) backlog.acceptor = undefined
        })
      })
    })))
  }
}
