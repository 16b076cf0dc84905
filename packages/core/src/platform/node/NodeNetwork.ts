/**
 * The `Network` port on Node's sockets, plain and TLS; `memory:NAME` addresses stay inside the process.
 *
 * Keeps true: a socket whose bytes are not read is paused; a write waits until the system has taken all of it. Plain
 * sockets share one buffer, from which the bytes are copied at once to where they stay: a buffer for each read would be
 * garbage of the size of all that is received.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as NodeNet from "node:net"
import * as NodeTls from "node:tls"
import { keepAliveMs, listenBacklogMax, socketUnreadMaxBytes } from "../../limits.ts"
import * as MemoryNetwork from "../MemoryNetwork.ts"
import {
  type Address,
  type Connection,
  formatAddress,
  type Listener,
  Network,
  NetworkError,
  type Take,
  type Tls
} from "../Network.ts"

/** The most that one read of a plain socket takes. */
const receiveMaxBytes = 256 * 1024

/** Large blocks of memory begin this far before a place of their page to which the system copies fast. */
const alignmentBytes = 48

/** Where plain sockets receive. */
let received: Uint8Array | undefined

/** Never a `Buffer`: the `slice` of one shares its memory, and what is lent is copied with `slice`. */
const receiveBuffer = (): Uint8Array =>
  received ??= plain(Buffer.allocUnsafeSlow(receiveMaxBytes + alignmentBytes).subarray(alignmentBytes))

const plain = (buffer: Buffer): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)

/** Receives for a socket that may not be there yet. */
class Receiver {
  connection: SocketConnection | undefined

  readonly onread = {
    buffer: receiveBuffer(),
    callback: (length: number, buffer: Uint8Array): boolean => {
      this.connection?.receive(buffer.subarray(0, length))
      return true
    }
  }
}

/** A socket as `net.Server` gives it, but which receives into the shared buffer: servers have no option for that. */
const receiving = (socket: NodeNet.Socket, receiver: Receiver): NodeNet.Socket => {
  const options = { handle: Reflect.get(socket, "_handle"), onread: receiver.onread }
  Reflect.set(socket, "_handle", null)
  return new NodeNet.Socket(options)
}

/** How long a closed socket may still deliver what was written before it is cut. */
const closeLingerMaxMs = 5_000

type Resume<A> = (effect: Effect.Effect<A, NetworkError>) => void

const reasonOf = (cause: unknown): NetworkError["reason"] => {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : ""
  switch (code) {
    case "ECONNREFUSED":
      return "Refused"
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "NotFound"
    case "ECONNRESET":
    case "EPIPE":
      return "Reset"
    case "EADDRINUSE":
      return "AddressInUse"
    default:
      return /^(ERR_TLS|ERR_SSL|CERT|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)/.test(code) ? "Tls" : "Io"
  }
}

const networkError = (address: string, cause: unknown): NetworkError =>
  new NetworkError({ reason: reasonOf(cause), address, cause })

interface Taker {
  readonly take: Take
  readonly resume: Resume<boolean>
}

class SocketConnection implements Connection {
  readonly remote: string
  readonly writesAreTaken = true
  readonly #socket: NodeNet.Socket
  readonly #chunks: Array<Uint8Array> = []
  #unread = 0
  #paused = false
  #ended = false
  #failure: NetworkError | undefined
  #reader: Resume<Uint8Array | null> | undefined
  #taker: Taker | undefined
  readonly #writers = new Set<Resume<void>>()

  /** Without a receiver the socket's own reads are listened to. */
  constructor(socket: NodeNet.Socket, remote: string, receiver?: Receiver) {
    this.remote = remote
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setKeepAlive(true, keepAliveMs)
    if (receiver === undefined) socket.on("data", (chunk: Buffer) => this.receive(plain(chunk)))
    else receiver.connection = this
    socket.on("end", () => this.#end())
    socket.on("error", (cause) => this.#fail(networkError(remote, cause)))
    socket.on("close", () => this.#fail(new NetworkError({ reason: "Closed", address: remote })))
  }

  /** Takes bytes that are lent for the length of the call. */
  receive(lent: Uint8Array): void {
    const taker = this.#taker
    if (taker !== undefined) return this.#lend(taker, lent)
    const copy = Buffer.allocUnsafe(lent.length)
    copy.set(lent)
    const bytes = plain(copy)
    const reader = this.#reader
    if (reader !== undefined) {
      this.#reader = undefined
      return reader(Effect.succeed(bytes))
    }
    this.#chunks.push(bytes)
    this.#unread += bytes.length
    if (this.#unread < socketUnreadMaxBytes || this.#paused) return
    this.#paused = true
    this.#socket.pause()
  }

  /** What a taker throws ends its connection, not the process. */
  #lend({ take }: Taker, lent: Uint8Array): void {
    let goesOn: boolean
    try {
      goesOn = take(lent)
    } catch (defect) {
      return this.#takerDone(Effect.die(defect))
    }
    if (!goesOn) this.#takerDone(Effect.succeed(true))
  }

  /** The oldest chunk that was not read. */
  #next(): Uint8Array | undefined {
    const chunk = this.#chunks.shift()
    if (chunk === undefined) return undefined
    this.#unread -= chunk.length
    if (this.#paused && this.#unread < socketUnreadMaxBytes) {
      this.#paused = false
      this.#socket.resume()
    }
    return chunk
  }

  #takerDone(result: Effect.Effect<boolean, NetworkError>): void {
    const taker = this.#taker
    this.#taker = undefined
    taker?.resume(result)
  }

  #end(): void {
    this.#ended = true
    const reader = this.#reader
    this.#reader = undefined
    reader?.(Effect.succeed(null))
    this.#takerDone(Effect.succeed(false))
  }

  #fail(error: NetworkError): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    const failed = Effect.fail(error)
    const reader = this.#reader
    this.#reader = undefined
    reader?.(failed)
    this.#takerDone(failed)
    const writers = [...this.#writers]
    this.#writers.clear()
    for (const writer of writers) writer(failed)
  }

  readonly read: Effect.Effect<Uint8Array | null, NetworkError> = Effect.callback((resume) => {
    const chunk = this.#next()
    if (chunk !== undefined) return resume(Effect.succeed(chunk))
    if (this.#ended) return resume(Effect.succeed(null))
    if (this.#failure !== undefined) return resume(Effect.fail(this.#failure))
    this.#reader = resume
    return Effect.sync(() => {
      this.#reader = undefined
    })
  })

  readonly feed = (take: Take): Effect.Effect<boolean, NetworkError> =>
    Effect.callback((resume) => {
      for (let chunk = this.#next(); chunk !== undefined; chunk = this.#next()) {
        if (!take(chunk)) return resume(Effect.succeed(true))
      }
      if (this.#ended) return resume(Effect.succeed(false))
      if (this.#failure !== undefined) return resume(Effect.fail(this.#failure))
      this.#taker = { take, resume }
      return Effect.sync(() => {
        this.#taker = undefined
      })
    })

  readonly write = (chunks: ReadonlyArray<Uint8Array>): Effect.Effect<void, NetworkError> =>
    Effect.callback((resume) => {
      if (this.#failure !== undefined) return resume(Effect.fail(this.#failure))
      const socket = this.#socket
      const last = chunks.length - 1
      if (last < 0) return resume(Effect.void)
      if (last > 0) socket.cork()
      for (let i = 0; i < last; i++) socket.write(chunks[i]!)
      socket.write(chunks[last]!, () => this.#written(resume))
      if (last > 0) socket.uncork()
      if (socket.writableLength === 0) return resume(Effect.void)
      this.#writers.add(resume)
      return Effect.sync(() => void this.#writers.delete(resume))
    })

  /** A failure is told by `#fail`. */
  #written(writer: Resume<void>): void {
    if (this.#failure === undefined && this.#writers.delete(writer)) writer(Effect.void)
  }

  readonly close: Effect.Effect<void> = Effect.sync(() => {
    this.#fail(new NetworkError({ reason: "Closed", address: this.remote }))
    this.#socket.destroySoon()
    const linger = setTimeout(() => this.#socket.destroy(), closeLingerMaxMs)
    this.#socket.once("close", () => clearTimeout(linger))
  })
}

const remoteOf = (socket: NodeNet.Socket): string =>
  formatAddress({ host: socket.remoteAddress ?? "unknown", port: socket.remotePort ?? 0 })

const clientTls = (address: Address, tls: Tls): NodeTls.ConnectionOptions => ({
  host: address.host,
  port: address.port,
  servername: tls.serverName ?? (NodeNet.isIP(address.host) === 0 ? address.host : ""),
  ...(tls.ca === undefined ? {} : { ca: tls.ca }),
  ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
  ...(tls.key === undefined ? {} : { key: tls.key }),
  ...(tls.passphrase === undefined ? {} : { passphrase: tls.passphrase }),
  ...(tls.verifyHost === false ? { checkServerIdentity: () => undefined } : {})
})

const connectSocket = (address: Address, tls: Tls | undefined): Effect.Effect<Connection, NetworkError> =>
  Effect.callback((resume) => {
    const receiver = tls === undefined ? new Receiver() : undefined
    const socket = tls === undefined
      ? NodeNet.connect({ host: address.host, port: address.port, ...(receiver && { onread: receiver.onread }) })
      : NodeTls.connect(clientTls(address, tls))
    const refuse = (cause: Error) => resume(Effect.fail(networkError(formatAddress(address), cause)))
    socket.once("error", refuse)
    socket.once(tls === undefined ? "connect" : "secureConnect", () => {
      socket.off("error", refuse)
      resume(Effect.succeed(new SocketConnection(socket, formatAddress(address), receiver)))
    })
    return Effect.sync(() => void socket.destroy())
  })

const serverTls = (tls: Tls): NodeTls.TlsOptions => ({
  ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
  ...(tls.key === undefined ? {} : { key: tls.key }),
  ...(tls.passphrase === undefined ? {} : { passphrase: tls.passphrase }),
  ...(tls.ca === undefined ? {} : { ca: tls.ca }),
  requestCert: tls.clientAuthentication === "requested" || tls.clientAuthentication === "required",
  rejectUnauthorized: tls.clientAuthentication === "required"
})

/** A server socket whose connections wait until they are accepted. */
class SocketListener {
  readonly server: NodeNet.Server
  readonly #name: string
  readonly #waiting: Array<Connection> = []
  #acceptor: Resume<Connection> | undefined
  #closed = false

  constructor(address: Address, tls: Tls | undefined) {
    this.#name = formatAddress(address)
    this.server = tls === undefined
      ? NodeNet.createServer({ pauseOnConnect: true })
      : NodeTls.createServer(serverTls(tls))
    this.server.on(
      tls === undefined ? "connection" : "secureConnection",
      (socket: NodeNet.Socket) => this.#offer(socket, tls === undefined ? new Receiver() : undefined)
    )
  }

  #offer(accepted: NodeNet.Socket, receiver: Receiver | undefined): void {
    const socket = receiver === undefined ? accepted : receiving(accepted, receiver)
    const connection = new SocketConnection(socket, remoteOf(socket), receiver)
    const acceptor = this.#acceptor
    if (acceptor !== undefined) {
      this.#acceptor = undefined
      return acceptor(Effect.succeed(connection))
    }
    if (this.#closed || this.#waiting.length >= listenBacklogMax) return void socket.destroy()
    this.#waiting.push(connection)
  }

  readonly accept: Effect.Effect<Connection, NetworkError> = Effect.callback((resume) => {
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) return resume(Effect.succeed(waiting))
    if (this.#closed) return resume(Effect.fail(new NetworkError({ reason: "Closed", address: this.#name })))
    this.#acceptor = resume
    return Effect.sync(() => {
      this.#acceptor = undefined
    })
  })

  readonly close: Effect.Effect<void> = Effect.suspend(() => {
    this.#closed = true
    this.server.close()
    const acceptor = this.#acceptor
    this.#acceptor = undefined
    acceptor?.(Effect.fail(new NetworkError({ reason: "Closed", address: this.#name })))
    return Effect.forEach(this.#waiting.splice(0), (connection) => connection.close, { discard: true })
  })

  /** The address with the port that the system gave. */
  bound(address: Address): Address {
    const bound = this.server.address()
    return typeof bound === "object" && bound !== null ? { host: address.host, port: bound.port } : address
  }
}

const listenSocket = (
  address: Address,
  tls: Tls | undefined
): Effect.Effect<Listener, NetworkError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<SocketListener, NetworkError>((resume) => {
      const listener = new SocketListener(address, tls)
      const refuse = (cause: Error) => resume(Effect.fail(networkError(formatAddress(address), cause)))
      listener.server.once("error", refuse)
      listener.server.listen({ host: address.host, port: address.port }, () => {
        listener.server.off("error", refuse)
        resume(Effect.succeed(listener))
      })
      return Effect.sync(() => void listener.server.close())
    }),
    (listener) => listener.close
  ).pipe(Effect.map((listener): Listener => ({ address: listener.bound(address), accept: listener.accept })))

/**
 * The sockets of this machine, and an in-process network of names for `memory:NAME`.
 *
 * @since 0.1.0
 */
export const layer: Layer.Layer<Network> = Layer.sync(Network)(() => {
  const memory = MemoryNetwork.make()
  const isMemory = (address: Address) => address.host.startsWith("memory:")
  return {
    connect: (address, options) => isMemory(address) ? memory.connect(address) : connectSocket(address, options?.tls),
    listen: (address, options) => isMemory(address) ? memory.listen(address) : listenSocket(address, options?.tls)
  }
})
