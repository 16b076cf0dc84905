/**
 * The `Network` port: byte connections with back-pressure, plain or TLS.
 *
 * Keeps true: bytes arrive in order or the connection fails; a reader that does not read slows the writer down. Who only
 * reads learns too that the peer's machine is gone (`keepAliveMs`).
 * A host of the form `memory:NAME` is inside the process and needs no socket.
 * Leaves to others: frames, versions, time-outs (callers bound their own waits).
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/**
 * What went wrong on the way to or with a peer.
 *
 * @since 0.1.0
 */
export class NetworkError extends Data.TaggedError("NetworkError")<{
  readonly reason: "Refused" | "NotFound" | "Reset" | "Closed" | "AddressInUse" | "Tls" | "Io"
  readonly address: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `network: ${this.reason} (${this.address})`
  }
}

/**
 * Where a peer is: a host name, an IP address or `memory:NAME`, and a port (0 when listening: any free one).
 *
 * @since 0.1.0
 */
export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * TLS material, PEM. A client needs `ca` only for a private authority; a server needs `certificate` and `key`.
 *
 * @since 0.1.0
 */
export interface Tls {
  readonly ca?: string
  readonly certificate?: string
  readonly key?: string
  readonly passphrase?: string
  /** Checked against the certificate; by default the host connected to. */
  readonly serverName?: string
  /** Servers: ask clients for a certificate. */
  readonly clientAuthentication?: "none" | "requested" | "required"
  /** Clients: check the server's name; true unless said otherwise. */
  readonly verifyHost?: boolean
}

/**
 * One connection. A chunk that was read belongs to the reader and is never written to again by the port; chunks handed
 * to `write` must not change any more, but where `writesAreTaken` says so.
 *
 * @since 0.1.0
 */
export interface Connection {
  /** The peer, for people: `host:port`. */
  readonly remote: string
  /** The next bytes, never empty; null when the peer has ended the stream. One reader at a time. */
  readonly read: Effect.Effect<Uint8Array | null, NetworkError>
  /** What `feed` does, where the port can lend its own memory. */
  readonly feed?: (take: Take) => Effect.Effect<boolean, NetworkError>
  /** Sends the chunks in order; waits while the peer does not keep up. */
  readonly write: (chunks: ReadonlyArray<Uint8Array>) => Effect.Effect<void, NetworkError>
  /** Whether written chunks are the writer's again once `write` has succeeded; otherwise the peer may hold them. */
  readonly writesAreTaken?: boolean
  /** Ends the connection; a waiting read or write fails with `Closed`. */
  readonly close: Effect.Effect<void>
}

/**
 * Sees a chunk, all of it, and copies what it keeps; false to see no more for now.
 *
 * @since 0.1.0
 */
export type Take = (chunk: Uint8Array) => boolean

/**
 * Reads without owning: hands chunks to `take` as they come, until that returns false (then this is true) or the peer has
 * ended the stream (false). Chunks are lent for the length of the call; what comes later waits for the next `feed`. They are
 * plain arrays, whose `slice` copies (that of Node's `Buffer` does not).
 *
 * @since 0.1.0
 */
export const feed = (connection: Connection, take: Take): Effect.Effect<boolean, NetworkError> =>
  connection.feed?.(take) ??
    Effect.flatMap(
      connection.read,
      (chunk) => chunk === null ? Effect.succeed(false) : take(chunk) ? feed(connection, take) : Effect.succeed(true)
    )

/**
 * A listening address. `address` has the port that was given by the system.
 *
 * @since 0.1.0
 */
export interface Listener {
  readonly address: Address
  /** The next connection; its owner closes it. */
  readonly accept: Effect.Effect<Connection, NetworkError>
}

/**
 * The network of one process.
 *
 * @since 0.1.0
 */
export class Network extends Context.Service<Network, {
  /** Connects; interruption gives up. The caller closes the connection. */
  readonly connect: (
    address: Address,
    options?: { readonly tls?: Tls | undefined }
  ) => Effect.Effect<Connection, NetworkError>
  /** Listens until the scope ends. */
  readonly listen: (
    address: Address,
    options?: { readonly tls?: Tls | undefined }
  ) => Effect.Effect<Listener, NetworkError, Scope.Scope>
}>()("@millrace/core/platform/Network") {}

/**
 * Prints an address as `host:port`, or `memory:NAME`.
 *
 * @since 0.1.0
 */
export const formatAddress = (address: Address): string =>
  address.host.startsWith("memory:")
    ? address.host
    : `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`

/**
 * Reads `host:port`, `[v6]:port` or `memory:NAME`; undefined if it is none of them.
 *
 * @since 0.1.0
 */
export const parseAddress = (text: string): Address | undefined => {
  const trimmed = text.trim()
  if (/^memory:.+$/.test(trimmed)) return { host: trimmed, port: 0 }
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(trimmed)
  if (match === null) return undefined
  const port = Number(match[3])
  return port > 65535 ? undefined : { host: (match[1] ?? match[2])!, port }
}
