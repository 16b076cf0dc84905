/**
 * What answers one API: its tables, and a function from a decoded request to a reply.
 *
 * Keeps true: a handler gets requests of one connection in their order, one after the other; only the second stage of a
 * `Later` runs beside the requests behind it.
 * Leaves to others: bytes, order of responses, limits (`listener`), which handlers there are (`Handlers.ts`).
 *
 * @since 0.1.0
 */
import * as Api from "@millrace/core/protocol/Api"
import type * as Message from "@millrace/core/protocol/Message"
import * as Effect from "effect/Effect"

/**
 * A connection as handlers see it. The software's name and version are what ApiVersions told.
 *
 * @since 0.1.0
 */
export interface ConnectionContext {
  readonly id: number
  readonly remote: string
  readonly listener: string
  softwareName: string
  softwareVersion: string
}

/**
 * What comes with a request beside its body.
 *
 * @since 0.1.0
 */
export interface RequestContext {
  readonly apiKey: number
  readonly version: number
  readonly correlationId: number
  readonly clientId: string | null
  readonly connection: ConnectionContext
}

/**
 * A reply whose first stage (what must happen in order) is done and whose second stage, a wait, is still to come. Requests
 * of the same API behind it start meanwhile; its response keeps its place.
 *
 * @since 0.1.0
 */
export class Later<A> {
  readonly response: Effect.Effect<A>

  constructor(response: Effect.Effect<A>) {
    this.response = response
  }
}

/**
 * A reply whose bytes are lent: `release` is called once the connection has taken the response, or never.
 *
 * @since 0.1.0
 */
export class Leased<A> {
  readonly response: A
  readonly release: () => void

  constructor(response: A, release: () => void) {
    this.response = response
    this.release = release
  }
}

/**
 * No response is sent, and the connection goes on.
 *
 * @since 0.1.0
 */
export const noResponse = Symbol.for("@millrace/server/api/noResponse")

/**
 * No response is sent, and the connection is closed: what Kafka does where a response could not say what is wrong.
 *
 * @since 0.1.0
 */
export const close = Symbol.for("@millrace/server/api/close")

/**
 * What a handler gives back.
 *
 * @since 0.1.0
 */
export type Reply<A> = A | Later<A> | Leased<A> | typeof noResponse | typeof close

/**
 * A handler with its types erased, as the listener calls it.
 *
 * @since 0.1.0
 */
export interface Handler {
  readonly api: Api.Api
  readonly request: Message.Any
  readonly response: Message.Any
  /** Whether bytes of a request may be in use after `handle` has ended. */
  readonly keepsBytes: boolean
  readonly handle: (request: unknown, context: RequestContext) => Effect.Effect<Reply<unknown>>
}

/**
 * Binds a function to the tables of its API. `prepare` gets the services that the function needs, once.
 *
 * @since 0.1.0
 */
export const make = <Request extends Message.Any, Response extends Message.Any, R>(
  request: Request,
  response: Response,
  prepare: Effect.Effect<
    (request: Message.Type<Request>, context: RequestContext) => Effect.Effect<Reply<Message.Input<Response>>>,
    never,
    R
  >
): Effect.Effect<Handler, never, R> =>
  Effect.map(prepare, (handle) => ({
    api: Api.byKey(request.apiKey)!,
    request,
    response,
    keepsBytes: true,
    // The listener decodes with `request`, so what it passes has that table's type.
    handle: handle as Handler["handle"]
  }))

/**
 * The same handler, of which nothing keeps bytes of a request once it has handled it: their memory is used again.
 *
 * @since 0.1.0
 */
export const keepingNoBytes = (handler: Handler): Handler => ({ ...handler, keepsBytes: false })

/**
 * What stands around handlers, each of them: to measure, hold up, count or refuse requests. It sees requests decoded, in
 * their order, and gives a handler for the same API.
 *
 * @since 0.1.0
 */
export type Interceptor = (handler: Handler) => Handler
