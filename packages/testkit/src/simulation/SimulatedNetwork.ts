/**
 * The network between simulated machines: TCP as programs see it, with delay, partitions and resets.
 *
 * Keeps true: bytes of a connection arrive in order, in pieces of any size, or the connection fails. What is lost below is
 * sent again after a time that doubles, until the connection is given up; what is doubled or overtaken below only takes
 * longer. A killed process has its connections closed by its system; a machine without power says nothing, and refuses
 * what belongs to its last life when it is back.
 * Leaves to others: what links are like (`Conditions`), sockets (`SimulatedSocket`), when faults happen (`Fault`).
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
import { type Conditions, drawLatencyUs } from "./Conditions.ts"
import type { Seeded } from "./Seeded.ts"
import { type Backlog, type Host, type Segment, Socket, type Tap, type Wire } from "./SimulatedSocket.ts"
import type { Life, Universe } from "./Universe.ts"

/** Connections that wait to be accepted, per listener. */
const backlogMax = 50
/** What was lost is sent again after this time, then after twice as long, up to the longest. */
const retransmitMinUs = 200_000
const retransmitMaxUs = 1_600_000
/** Without any answer for this long, a connection has failed. */
const unansweredMaxUs = 20_000_000
/** Who gets no answer to a wish to connect asks again after this time. */
const connectAgainUs = 1_000_000

/**
 * How much worse a link is than usual: latencies are this many times as long, and so many more segments are lost.
 *
 * @since 0.1.0
 */
export interface Degradation {
  readonly factor: number
  readonly loss: number
}

/**
 * The network of a universe.
 *
 * @since 0.1.0
 */
export class SimulatedNetwork implements Wire {
  readonly universe: Universe
  conditions: Conditions
  /** Asked who reads along when one machine has connected to another. */
  tap: (client: string, server: string) => Tap | undefined = () => undefined
  readonly #random: Seeded
  readonly #hosts = new Map<string, Host>()
  /** Directions in which nothing arrives, as `from>to`, and how often each is blocked. */
  readonly #blocked = new Map<string, number>()
  /** Directions that are worse than usual. */
  readonly #degraded = new Map<string, Degradation>()

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
      nextPort: 40_000,
      sentUs: 0,
      isRefusing: false
    }
    this.#hosts.set(name, host)
    return host
  }

  tell(text: string): void {
    this.universe.trace.event(this.universe.nowUs, text)
  }

  // Machines come and go

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
      if (kind === "kill") continue
      const { peer } = socket
      socket.break("Reset")
      if (peer !== undefined) this.#leaveHalfOpen(peer)
    }
    host.sockets.clear()
  }

  /** The end of a connection whose peer is gone without a word finds out when it sends, or probes. */
  #leaveHalfOpen(socket: Socket): void {
    this.universe.sometimes.reach("a connection was left half open")
    const probe = (left: number): void => {
      this.universe.after(keepAliveMs * 1000, () => {
        const { peer } = socket
        if (left > 0 && peer !== undefined && this.#isCutOff(socket, peer)) probe(left - 1)
        else socket.break("Reset")
      })
    }
    probe(1)
  }

  // Faults

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

  /** The link between two machines is worse than usual, in both directions, until it is given `undefined`. */
  degrade(one: string, other: string, degradation: Degradation | undefined): void {
    for (const link of [`${one}>${other}`, `${other}>${one}`]) {
      if (degradation === undefined) this.#degraded.delete(link)
      else this.#degraded.set(link, degradation)
    }
  }

  /** Breaks all connections between two machines. */
  reset(one: string, other: string): void {
    for (const socket of this.#between(one, other)) {
      socket.peer?.break("Reset")
      socket.break("Reset")
    }
  }

  /** Forgets all connections between two machines, and tells neither: what something on the way does that keeps count. */
  silence(one: string, other: string): void {
    for (const socket of this.#between(one, other)) {
      this.universe.sometimes.reach("a connection was forgotten without a word")
      socket.isSilent = true
      this.#leaveHalfOpen(socket)
      if (socket.peer === undefined) continue
      socket.peer.isSilent = true
      this.#leaveHalfOpen(socket.peer)
    }
  }

  /** A machine takes no new connections, until it does again. */
  refuse(name: string, isRefusing: boolean): void {
    this.#host(name).isRefusing = isRefusing
  }

  #between(one: string, other: string): ReadonlyArray<Socket> {
    return [...this.#host(one).sockets].filter(({ peer }) => peer?.host.name === other)
  }

  #isBlocked(from: Host, to: Host): boolean {
    return !to.isPowered || (this.#blocked.size > 0 && this.#blocked.has(`${from.name}>${to.name}`))
  }

  #isCutOff(socket: Socket, peer: Socket): boolean {
    return socket.isSilent || this.#isBlocked(socket.host, peer.host)
  }

  // Bytes on their way

  /** Sends something to the peer of a socket. */
  send(socket: Socket, segment: Segment): void {
    if (typeof segment === "string") return this.#depart(socket, segment, 0)
    this.universe.trace.witness?.sent(this.universe.nowUs, socket, segment)
    const { segmentMaxBytes } = this.conditions
    for (let at = 0; at < segment.length;) {
      const length = Math.min(segment.length - at, segmentMaxBytes)
      const end = at + (this.#random.chance(0.5) ? length : this.#random.between(1, length))
      socket.outgoingBytes += end - at
      this.#depart(socket, segment.slice(at, end), end - at)
      at = end
    }
  }

  #depart(socket: Socket, segment: Segment, sizeBytes: number): void {
    const { host, outgoing, peer } = socket
    const { conditions, universe } = this
    const { sometimes } = universe
    let copies = 1
    if (this.#random.chance(conditions.duplication)) {
      sometimes.reach("a segment arrived twice")
      copies = 2
    }
    host.sentUs = Math.max(host.sentUs, universe.nowUs) + sizeBytes * copies / conditions.bytesPerUs
    const wayUs = peer === undefined ? undefined : this.#drawWayUs(host, peer.host)
    const arrivesUs = host.sentUs + (wayUs ?? unansweredMaxUs)
    const before = outgoing.at(-1)
    if (before !== undefined && arrivesUs < before.arrivesUs) sometimes.reach("a segment overtook another and was held")
    outgoing.push({
      segment: wayUs === undefined ? "lost" : segment,
      arrivesUs: Math.max(arrivesUs, before?.arrivesUs ?? 0)
    })
    if (before === undefined) this.#await(socket)
  }

  /** Draws the time on the way, with all that has to be sent again; undefined if nothing ever gets through. */
  #drawWayUs(from: Host, to: Host): number | undefined {
    const { conditions } = this
    const degradation = this.#degraded.size === 0 ? undefined : this.#degraded.get(`${from.name}>${to.name}`)
    const loss = conditions.loss + (degradation?.loss ?? 0)
    let wayUs = drawLatencyUs(conditions, this.#random) * (degradation?.factor ?? 1)
    if (this.#random.chance(conditions.reordering)) wayUs += this.#random.below(conditions.latencyUs * 4)
    let retransmitUs = retransmitMinUs
    while (loss > 0 && this.#random.chance(loss)) {
      this.universe.sometimes.reach("a segment was lost and sent again")
      wayUs += retransmitUs
      retransmitUs = Math.min(2 * retransmitUs, retransmitMaxUs)
      if (wayUs > unansweredMaxUs) return undefined
    }
    return wayUs
  }

  /** Lets the first segment of a socket arrive, in its time. */
  #await(socket: Socket): void {
    const first = socket.outgoing[0]
    if (first !== undefined) this.universe.after(first.arrivesUs - this.universe.nowUs, () => this.#arrive(socket))
  }

  #arrive(socket: Socket): void {
    const { outgoing, peer } = socket
    if (socket.failure !== undefined || peer === undefined) return
    if (this.#isCutOff(socket, peer)) return this.#retransmit(socket)
    socket.blockedSinceUs = -1
    let arrived = 0
    while (arrived < outgoing.length && outgoing[arrived]!.arrivesUs <= this.universe.nowUs) {
      const { segment } = outgoing[arrived++]!
      if (typeof segment !== "string") socket.outgoingBytes -= segment.length
      this.#deliver(socket, peer, segment)
    }
    outgoing.splice(0, arrived)
    socket.wakeWriters()
    this.#await(socket)
  }

  #retransmit(socket: Socket): void {
    this.universe.sometimes.reach("a segment was held back by a partition")
    const { nowUs } = this.universe
    if (socket.blockedSinceUs < 0) socket.blockedSinceUs = nowUs
    const blockedUs = nowUs - socket.blockedSinceUs
    if (blockedUs > unansweredMaxUs) return socket.break("Reset")
    const againUs = Math.min(Math.max(retransmitMinUs, blockedUs), retransmitMaxUs)
    this.universe.after(againUs, () => this.#arrive(socket))
  }

  #deliver(socket: Socket, peer: Socket, segment: Segment): void {
    if (segment === "lost") socket.break("Reset")
    if (segment === "lost" || segment === "reset") return peer.break("Reset")
    if (!peer.isOpen || peer.host.life !== peer.life) {
      // Nobody is there any more: the system there says so.
      if (segment !== "end") {
        this.universe.after(drawLatencyUs(this.conditions, this.#random), () => socket.break("Reset"))
      }
      return
    }
    if (segment !== "end") {
      this.universe.trace.bytes(segment)
      this.universe.trace.witness?.arrived(this.universe.nowUs, socket, segment.length)
    }
    peer.receive(segment)
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
          universe.after(connectAgainUs, attempt)
          return
        }
        const backlog = target.listeners.get(address.port)
        if (backlog === undefined || target.life === undefined || this.#isRefusing(target, backlog)) {
          universe.after(drawLatencyUs(this.conditions, this.#random), () => refuse("Refused"))
          return
        }
        const [near, far] = this.#pair(host, life, target, target.life, remote)
        this.tell(`${near.name} is connected from ${far.remote}`)
        universe.after(drawLatencyUs(this.conditions, this.#random), () => {
          if (isWanted && life.isAlive) answer(Effect.sync(near.connection))
          else near.close()
        })
        this.#offer(backlog, far)
      }
      universe.after(drawLatencyUs(this.conditions, this.#random), attempt)
      return Effect.sync(() => {
        isWanted = false
      })
    })
  }

  #isRefusing({ isRefusing }: Host, { waiting }: Backlog): boolean {
    if (!isRefusing) return waiting.length >= backlogMax
    this.universe.sometimes.reach("a connection was refused")
    return true
  }

  #pair(host: Host, life: Life, target: Host, targetLife: Life, remote: string): [near: Socket, far: Socket] {
    const near = new Socket(this, host, life, remote)
    const far = new Socket(this, target, targetLife, `${host.name}:${host.nextPort++}`)
    near.peer = far
    far.peer = near
    const tap = this.tap(host.name, target.name)
    if (tap !== undefined) {
      near.tap = { arrived: (bytes) => tap.answered(bytes), broken: () => tap.broken() }
      far.tap = { arrived: (bytes) => tap.requested(bytes), broken: () => tap.broken() }
    }
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
