/**
 * One connection to one broker: requests out, answers in, versions agreed on.
 *
 * Keeps true: requests leave in the order of the calls; each call ends with its own answer, or with `ClientError` when
 * its time is up or the connection is lost; what a broker does not serve is refused here. A call that is interrupted
 * leaves the connection intact.
 * Leaves to others: which broker, trying again (`Cluster`).
 *
 * @since 0.1.0
 */
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type * as Network from "@millrace/core/platform/Network"
import * as Api from "@millrace/core/protocol/Api"
import { ByteReader } from "@millrace/core/protocol/ByteReader"
import * as Frame from "@millrace/core/protocol/Frame"
import * as Message from "@millrace/core/protocol/Message"
import { ProtocolError } from "@millrace/core/protocol/ProtocolError"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { connectTimeoutMs, requestsInFlightMax, requestTimeoutMs } from "../limits.ts"
import { type Api as ApiPair, apiVersions } from "./Apis.ts"
import { ClientError } from "./ClientError.ts"
import { Signal } from "./Signal.ts"

/**
 * The versions of an API that a broker serves.
 *
 * @since 0.1.0
 */
export interface VersionRange {
  readonly min: number
  readonly max: number
}

/**
 * How one call is made.
 *
 * @since 0.1.0
 */
export interface CallOptions {
  /** How long the answer is awaited; `requestTimeoutMs` by default. */
  readonly timeoutMs?: number | undefined
  /** No version above this one. */
  readonly versionMax?: number | undefined
  /** Refused if the broker serves none from this one on. */
  readonly versionMin?: number | undefined
}

/**
 * What is sent: a value, or one that depends on the version agreed on.
 *
 * @since 0.1.0
 */
export type Body<Q extends Message.Any> = Message.Input<Q> | ((version: number) => Message.Input<Q>)

type Resume = (effect: Effect.Effect<Uint8Array, ClientError>) => void

const softwareName = "millrace"

/**
 * The version of the client, as brokers and metrics are told.
 *
 * @since 0.1.0
 */
export const softwareVersion = "0.1.0"

/**
 * An open connection.
 *
 * @since 0.1.0
 */
export class Connection {
  readonly name: string
  /** What the broker serves, by API key. */
  versions: ReadonlyMap<number, VersionRange> = new Map()
  /** The finalized features and their levels. */
  features: ReadonlyMap<string, number> = new Map()
  readonly #wire: Network.Connection
  readonly #clientId: string
  readonly #pending = new Map<number, Resume>()
  readonly #frames = new Frame.FrameDecoder()
  readonly #room = Semaphore.makeUnsafe(requestsInFlightMax)
  readonly #written = new Signal()
  readonly #onClose: () => void
  #outgoing: Array<Uint8Array> = []
  #correlationId = 0
  #closed: ClientError | undefined

  constructor(wire: Network.Connection, clientId: string, onClose: () => void) {
    this.name = wire.remote
    this.#wire = wire
    this.#clientId = clientId
    this.#onClose = onClose
  }

  get isClosed(): boolean {
    return this.#closed !== undefined
  }

  /** Reads and writes until the connection ends. */
  readonly run: Effect.Effect<void> = Effect.suspend(() =>
    Effect.raceFirst(this.#readAll, this.#writeAll).pipe(
      Effect.matchEffect({
        onFailure: (cause) => this.#close("the connection was lost", cause),
        onSuccess: () => this.#close("the broker closed the connection", undefined)
      }),
      Effect.onInterrupt(() => this.close)
    )
  )

  readonly #readAll: Effect.Effect<void, Network.NetworkError | ProtocolError> = Effect.suspend(() =>
    Effect.flatMap(this.#wire.read, (chunk) => {
      if (chunk === null) return Effect.void
      const { failure, frames } = this.#frames.push(chunk)
      for (const frame of frames) this.#answer(frame)
      return failure === undefined ? this.#readAll : Effect.fail(failure)
    })
  )

  readonly #writeAll: Effect.Effect<never, Network.NetworkError> = Effect.suspend(() =>
    this.#written.wait.pipe(
      Effect.andThen(Effect.yieldNow),
      Effect.andThen(Effect.suspend(() => {
        const chunks = this.#outgoing
        this.#outgoing = []
        return chunks.length === 0 ? Effect.void : this.#wire.write(chunks)
      })),
      Effect.andThen(this.#writeAll)
    )
  )

  #answer(frame: Uint8Array): void {
    const correlationId = frame.length < 4 ? -1 : new ByteReader(frame).int32()
    const resume = this.#pending.get(correlationId)
    if (resume === undefined) return
    this.#pending.delete(correlationId)
    resume(Effect.succeed(frame))
  }

  #close(detail: string, cause: unknown): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.#closed !== undefined) return Effect.void
      const closed = new ClientError({
        reason: "Disconnected",
        operation: this.name,
        detail,
        hint: "the client connects again when needed",
        cause
      })
      this.#closed = closed
      this.#onClose()
      const failed = Effect.fail(closed)
      const pending = [...this.#pending.values()]
      this.#pending.clear()
      for (const resume of pending) resume(failed)
      return this.#wire.close
    })
  }

  /** Ends the connection; calls that wait fail. */
  readonly close: Effect.Effect<void> = Effect.suspend(() => this.#close("the connection was closed", undefined))

  /** The version that both sides know, the highest. */
  version(api: ApiPair<Message.Any, Message.Any>, options?: CallOptions): number | ClientError {
    const served = this.versions.get(api.request.apiKey)
    const max = Math.min(served?.max ?? -1, api.request.versionMax, options?.versionMax ?? Infinity)
    const min = Math.max(served?.min ?? 0, api.request.versionMin, options?.versionMin ?? 0)
    if (served !== undefined && max >= min) return max
    return new ClientError({
      reason: "UnsupportedVersion",
      operation: api.request.name,
      detail: served === undefined
        ? `${this.name} does not serve it`
        : `${this.name} serves versions ${served.min}-${served.max}, wanted ${min}-${
          Math.min(api.request.versionMax, options?.versionMax ?? Infinity)
        }`,
      hint: "use a newer broker, or do without"
    })
  }

  /** Sends a request in the best version and awaits its answer. */
  call<Q extends Message.Any, S extends Message.Any>(
    api: ApiPair<Q, S>,
    body: Body<Q>,
    options?: CallOptions
  ): Effect.Effect<Message.Type<S>, ClientError> {
    return Effect.suspend(() => {
      const version = this.version(api, options)
      return typeof version === "number"
        ? this.callVersion(api, version, typeof body === "function" ? body(version) : body, options?.timeoutMs)
        : Effect.fail(version)
    })
  }

  /**
   * Sends a request at once, in the order of the calls of this method, and gives the effect that awaits its answer
   * (to be run once). The caller bounds how many it has in flight.
   */
  startUnsafe<Q extends Message.Any, S extends Message.Any>(
    api: ApiPair<Q, S>,
    body: Body<Q>,
    options?: CallOptions
  ): Effect.Effect<Message.Type<S>, ClientError> {
    const version = this.version(api, options)
    if (typeof version !== "number") return Effect.fail(version)
    const answer = Deferred.makeUnsafe<Uint8Array, ClientError>()
    const input = typeof body === "function" ? body(version) : body
    this.#send(api.request, version, input, (effect) => Deferred.doneUnsafe(answer, effect))
    return this.#answered(api, version, Deferred.await(answer), options?.timeoutMs ?? requestTimeoutMs)
  }

  #answered<S extends Message.Any>(
    api: ApiPair<Message.Any, S>,
    version: number,
    answer: Effect.Effect<Uint8Array, ClientError>,
    timeoutMs: number
  ): Effect.Effect<Message.Type<S>, ClientError> {
    return answer.pipe(
      Effect.timeoutOrElse({ duration: timeoutMs, orElse: () => this.#timeout(api.request.name, timeoutMs) }),
      Effect.flatMap((frame) => decode(api.response, version, frame))
    )
  }

  /** Sends a request in exactly this version. */
  callVersion<Q extends Message.Any, S extends Message.Any>(
    api: ApiPair<Q, S>,
    version: number,
    input: Message.Input<Q>,
    timeoutMs: number = requestTimeoutMs
  ): Effect.Effect<Message.Type<S>, ClientError> {
    const answer = Effect.callback<Uint8Array, ClientError>((resume) => {
      const correlationId = this.#send(api.request, version, input, resume)
      return Effect.sync(() => {
        if (this.#pending.has(correlationId)) this.#pending.set(correlationId, () => {})
      })
    })
    return this.#answered(api, version, this.#room.withPermits(1)(answer), timeoutMs)
  }

  /** Sends a request that has no answer (acks 0) at once. */
  tellUnsafe<Q extends Message.Any>(
    api: ApiPair<Q, Message.Any>,
    body: Body<Q>,
    options?: CallOptions
  ): Effect.Effect<void, ClientError> {
    const version = this.version(api, options)
    if (typeof version !== "number") return Effect.fail(version)
    let failure: Effect.Effect<unknown, ClientError> = Effect.void
    const input = typeof body === "function" ? body(version) : body
    const correlationId = this.#send(api.request, version, input, (effect) => {
      failure = effect
    })
    this.#pending.delete(correlationId)
    return Effect.asVoid(failure)
  }

  #send<Q extends Message.Any>(request: Q, version: number, input: Message.Input<Q>, resume: Resume): number {
    const correlationId = this.#correlationId
    this.#correlationId = (correlationId + 1) & 0x7fffffff
    if (this.#closed !== undefined) {
      resume(Effect.fail(this.#closed))
      return correlationId
    }
    try {
      const options = { version, correlationId, clientId: this.#clientId }
      for (const chunk of Frame.encodeRequestUnsafe(request, options, input)) this.#outgoing.push(chunk)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      resume(Effect.fail(malformed(request.name, error)))
      return correlationId
    }
    this.#pending.set(correlationId, resume)
    this.#written.raise()
    return correlationId
  }

  #timeout(operation: string, timeoutMs: number): Effect.Effect<never, ClientError> {
    const error = new ClientError({
      reason: "Timeout",
      operation,
      detail: `${this.name} did not answer in ${timeoutMs} ms`,
      hint: "look at the broker's load and the network"
    })
    return Effect.andThen(
      this.#close(`${operation} was not answered in ${timeoutMs} ms`, undefined),
      Effect.fail(error)
    )
  }

  /** Asks what the broker serves, in an older version if it says so. */
  readonly negotiate: Effect.Effect<void, ClientError> = Effect.suspend(() =>
    this.#askVersions(apiVersions.request.versionMax).pipe(
      Effect.flatMap((response) => {
        if (response.errorCode !== ErrorCode.UNSUPPORTED_VERSION) return Effect.succeed(response)
        const own = response.apiKeys.find((api) => api.apiKey === apiVersions.request.apiKey)
        return this.#askVersions(Math.min(own?.maxVersion ?? 0, apiVersions.request.versionMax))
      }),
      Effect.map((response) => {
        this.versions = new Map(
          response.apiKeys.map((api) => [api.apiKey, { min: api.minVersion, max: api.maxVersion }])
        )
        this.features = new Map(
          response.finalizedFeatures.map((feature) => [feature.name, feature.maxVersionLevel])
        )
      })
    )
  )

  #askVersions(version: number) {
    return this.callVersion(
      apiVersions,
      version,
      { clientSoftwareName: softwareName, clientSoftwareVersion: softwareVersion },
      connectTimeoutMs
    )
  }
}

const malformed = (operation: string, cause: ProtocolError) =>
  new ClientError({
    reason: "Malformed",
    operation,
    detail: cause.message,
    hint: "this is a defect of the client or the broker",
    cause
  })

const decode = <S extends Message.Any>(
  response: S,
  version: number,
  frame: Uint8Array
): Effect.Effect<Message.Type<S>, ClientError> =>
  Effect.suspend(() => {
    try {
      const reader = new ByteReader(frame)
      Frame.readResponseHeaderUnsafe({ key: response.apiKey, flexibleSince: response.flexibleSince }, version, reader)
      return Effect.succeed(Message.readUnsafe(response, answeredVersion(response, version, reader), reader))
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      return Effect.fail(malformed(response.name, error))
    }
  })

/** A broker answers a version of ApiVersions that it does not know with an error, in version 0. */
const answeredVersion = (response: Message.Any, version: number, reader: ByteReader): number => {
  if (response.apiKey !== Api.apiVersionsKey) return version
  const isRefused = new ByteReader(reader.bytes, reader.position).int16() === ErrorCode.UNSUPPORTED_VERSION
  return isRefused ? 0 : version
}

/**
 * Connects, starts reading and writing in `scope`, and asks what the broker serves.
 *
 * @since 0.1.0
 */
export const open = (options: {
  readonly network: Network.Network["Service"]
  readonly address: Network.Address
  readonly tls: Network.Tls | undefined
  readonly clientId: string
  readonly scope: Scope.Scope
  readonly onClose: () => void
}): Effect.Effect<Connection, ClientError> => {
  const name = `${options.address.host}:${options.address.port}`
  const failed = (detail: string, cause?: Network.NetworkError) =>
    cause?.reason === "Tls"
      ? new ClientError({ reason: "Tls", operation: "connect", detail, hint: "check certificates and protocol", cause })
      : new ClientError({
        reason: "Disconnected",
        operation: "connect",
        detail,
        hint: "check the address and that the broker runs",
        cause
      })
  return Effect.uninterruptibleMask((restore) =>
    restore(options.network.connect(options.address, { tls: options.tls })).pipe(
      Effect.mapError((cause) => failed(`cannot connect to ${name}: ${cause.message}`, cause)),
      Effect.timeoutOrElse({
        duration: connectTimeoutMs,
        orElse: () => Effect.fail(failed(`no connection to ${name} in ${connectTimeoutMs} ms`))
      }),
      Effect.flatMap((wire) => {
        const connection = new Connection(wire, options.clientId, options.onClose)
        return Effect.forkIn(restore(connection.run), options.scope, { startImmediately: true }).pipe(
          Effect.andThen(restore(connection.negotiate)),
          Effect.onError(() => connection.close),
          Effect.as(connection)
        )
      })
    )
  )
}
