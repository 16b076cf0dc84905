/**
 * Connections inside one process: what `memory:NAME` addresses mean.
 *
 * Keeps true: bytes arrive in order and unchanged; a writer waits while its peer holds more than
 * `memoryPipeMaxBytes` unread bytes; what was written before an orderly close is still read.
 * Leaves to others: delay, loss and other faults (the simulated network), sockets (the Node layer).
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { listenBacklogMax, memoryPipeMaxBytes } from "../limits.ts"
import { type Address, type Connection, formatAddress, type Listener, Network, NetworkError } from "./Network.ts"

type Resume<A> = (effect: Effect.Effect<A, NetworkError>) => void

/** One direction of a connection. */
class Pipe {
  readonly #address: string
  readonly #chunks: Array<Uint8Array> = []
  #unread = 0
  #ended = false
  #broken = false
  #reader: Resume<Uint8Array | null> | undefined
  readonly #writers: Array<Resume<void>> = []

  constructor(address: string) {
    this.#address = address
  }

  #closed = () => Effect.fail(new NetworkError({ reason: "Closed", address: this.#address }))

  readonly read: Effect.Effect<Uint8Array | null, NetworkError> = Effect.callback((resume) => {
    if (this.#broken) return resume(this.#closed())
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) {
      this.#unread -= chunk.length
      if (this.#unread < memoryPipeMaxBytes) this.#wakeWriters(Effect.void)
      return resume(Effect.succeed(chunk))
    }
    if (this.#ended) return resume(Effect.succeed(null))
    this.#reader = resume
    return Effect.sync(() => {
      this.#reader = undefined
    })
  })

  write(chunks: ReadonlyArray<Uint8Array>): Effect.Effect<void, NetworkError> {
    return Effect.callback((resume) => {
      if (this.#broken || this.#ended) return resume(this.#closed())
      for (const chunk of chunks) this.#push(chunk)
      if (this.#unread < memoryPipeMaxBytes) return resume(Effect.void)
      this.#writers.push(resume)
      return Effect.sync(() => {
        const at = this.#writers.indexOf(resume)
        if (at >= 0) this.#writers.splice(at, 1)
      })
    })
  }

  #push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    const reader = this.#reader
    if (reader === undefined) {
      this.#chunks.push(chunk)
      this.#unread += chunk.length
      return
    }
    this.#reader = undefined
    reader(Effect.succeed(chunk))
  }

  #wakeWriters(effect: Effect.Effect<void, NetworkError>): void {
    for (const writer of this.#writers.splice(0)) writer(effect)
  }

  /** The writing end is closed: what is buffered is still read. */
  end(): void {
    this.#ended = true
    this.#wakeWriters(this.#closed())
    const reader = this.#reader
    this.#reader = undefined
    reader?.(Effect.succeed(null))
  }

  /** The reading end is closed: nothing more arrives. */
  break(): void {
    this.#broken = true
    this.#chunks.length = 0
    this.#unread = 0
    this.#wakeWriters(this.#closed())
    const reader = this.#reader
    this.#reader = undefined
    reader?.(this.#closed())
  }
}

const connectionOf = (remote: string, incoming: Pipe, outgoing: Pipe): Connection => ({
  remote,
  read: incoming.read,
  write: (chunks) => outgoing.write(chunks),
  close: Effect.sync(() => {
    outgoing.end()
    incoming.break()
  })
})

/** A listening name: connections wait here until they are accepted. */
class Backlog {
  readonly address: Address
  readonly #waiting: Array<Connection> = []
  #acceptor: Resume<Connection> | undefined
  #closed = false

  constructor(address: Address) {
    this.address = address
  }

  readonly accept: Effect.Effect<Connection, NetworkError> = Effect.callback((resume) => {
    if (this.#closed) return resume(this.#refusal())
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) return resume(Effect.succeed(waiting))
    this.#acceptor = resume
    return Effect.sync(() => {
      this.#acceptor = undefined
    })
  })

  #refusal = () => Effect.fail(new NetworkError({ reason: "Closed", address: formatAddress(this.address) }))

  /** False if too many connections wait already. */
  offer(connection: Connection): boolean {
    const acceptor = this.#acceptor
    if (acceptor !== undefined) {
      this.#acceptor = undefined
      acceptor(Effect.succeed(connection))
      return true
    }
    if (this.#waiting.length >= listenBacklogMax) return false
    this.#waiting.push(connection)
    return true
  }

  readonly close: Effect.Effect<void> = Effect.suspend(() => {
    this.#closed = true
    const acceptor = this.#acceptor
    this.#acceptor = undefined
    acceptor?.(this.#refusal())
    return Effect.forEach(this.#waiting.splice(0), (connection) => connection.close, { discard: true })
  })
}

/**
 * A network of names: what listens under a name can be connected to by whoever shares the value.
 *
 * @since 0.1.0
 */
export const make = (): Network["Service"] => {
  const listeners = new Map<string, Backlog>()
  let connections = 0

  const refused = (address: Address, reason: NetworkError["reason"]) =>
    Effect.fail(new NetworkError({ reason, address: formatAddress(address) }))

  const connect = (address: Address): Effect.Effect<Connection, NetworkError> =>
    Effect.suspend(() => {
      const backlog = listeners.get(address.host)
      if (backlog === undefined) return refused(address, "Refused")
      const server = formatAddress(address)
      const client = `${server}#${++connections}`
      const request = new Pipe(server)
      const response = new Pipe(client)
      return backlog.offer(connectionOf(client, request, response))
        ? Effect.succeed(connectionOf(server, response, request))
        : refused(address, "Refused")
    })

  const listen = (address: Address) =>
    Effect.acquireRelease(
      Effect.suspend((): Effect.Effect<Backlog, NetworkError> => {
        if (listeners.has(address.host)) return refused(address, "AddressInUse")
        const backlog = new Backlog(address)
        listeners.set(address.host, backlog)
        return Effect.succeed(backlog)
      }),
      (backlog) =>
        Effect.suspend(() => {
          listeners.delete(address.host)
          return backlog.close
        })
    ).pipe(Effect.map((backlog): Listener => backlog))

  return { connect, listen }
}

/**
 * A network that knows only names of its own.
 *
 * @since 0.1.0
 */
export const layer: Layer.Layer<Network> = Layer.sync(Network)(make)
