/**
 * HTTP between simulated processes: Effect's `HttpClient` on one side, a handler in a process of its own on the other.
 *
 * Keeps true: each request is a connection over the simulated network, which delays, cuts and breaks it as any other;
 * bodies are read without promises, and nothing of a trace (whose ids are chance) is sent.
 * Leaves to others: TLS, streams longer than a message may be, upgrades, redirects: there are none.
 *
 * @since 0.1.0
 */
import { type Connection, Network, type NetworkError } from "@millrace/core/platform/Network"
import * as Effect from "effect/Effect"
import type * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as HttpMessage from "./HttpMessage.ts"

/** Where HTTP is without a port. */
const port = 80

const none = new Uint8Array(0)

/** The bytes of a body; undefined for kinds that only browsers have. */
const bytesOf = (body: HttpBody.HttpBody): Effect.Effect<Uint8Array | undefined, unknown> => {
  switch (body._tag) {
    case "Empty":
      return Effect.succeed(none)
    case "Uint8Array":
      return Effect.succeed(body.body)
    case "Raw":
      return Effect.succeed(
        body.body instanceof Uint8Array
          ? body.body
          : typeof body.body === "string"
          ? new TextEncoder().encode(body.body)
          : undefined
      )
    case "FormData":
      return Effect.succeed(undefined)
    case "Stream":
      return Effect.map(Stream.runCollect(body.stream), (chunks) => Buffer.concat(chunks))
  }
}

const typeOf = (body: HttpBody.HttpBody): Readonly<Record<string, string>> =>
  body._tag === "Empty" || body.contentType === undefined ? {} : { "content-type": body.contentType }

/** Adds to a request or response how its body is read here: at once, from bytes. */
const withBody = <A extends object>(message: A, body: Uint8Array<ArrayBuffer>, more: PropertyDescriptorMap = {}): A =>
  Object.create(message, {
    arrayBuffer: { value: Effect.sync(() => body.slice().buffer) },
    stream: { value: Stream.succeed(body) },
    ...more
  })

// The client's side

/** What traces add to requests: made of chance. */
const isTrace = (name: string): boolean => name === "b3" || name === "traceparent"

const exchange = Effect.fnUntraced(function*(
  network: Network["Service"],
  request: HttpClientRequest.HttpClientRequest,
  url: URL,
  body: Uint8Array
) {
  const connection = yield* Effect.acquireRelease(
    network.connect({ host: url.hostname, port: url.port === "" ? port : Number(url.port) }),
    ({ close }) => close
  )
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !isTrace(name)))
  yield* connection.write([HttpMessage.encode({
    start: `${request.method} ${url.pathname}${url.search} HTTP/1.1`,
    headers: { host: url.host, ...typeOf(request.body), ...headers },
    body: Uint8Array.from(body)
  })])
  return yield* HttpMessage.read(connection)
}, Effect.scoped)

const hasNoBody = (status: number): boolean => status === 204 || status === 205 || status === 304

const responseOf = (
  request: HttpClientRequest.HttpClientRequest,
  { body, headers, start }: HttpMessage.HttpMessage
): HttpClientResponse.HttpClientResponse => {
  const status = Number(start.split(" ")[1])
  // What is read of it is replaced; a body is there only for who asks whether there is one.
  const web = new Response(hasNoBody(status) ? null : "", { status, headers: { ...headers } })
  return withBody(HttpClientResponse.fromWeb(request, web), body)
}

/**
 * The client of a simulated process: `http://NAME/…` is the service of that name.
 *
 * @since 0.1.0
 */
export const layerClient: Layer.Layer<HttpClient.HttpClient, never, Network> = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(Network, (network) =>
    HttpClient.make((request, url) => {
      const failed = (cause: unknown, description: string) =>
        new HttpClientError.HttpClientError({
          reason: new HttpClientError.TransportError({ request, cause, description })
        })
      return Effect.gen(function*() {
        const body = yield* Effect.mapError(bytesOf(request.body), (cause) => failed(cause, "the body cannot be read"))
        if (body === undefined) return yield* failed(request.body._tag, "the simulation sends no such body")
        return responseOf(
          request,
          yield* Effect.mapError(
            exchange(network, request, url, body),
            (cause: NetworkError) => failed(cause, cause.message)
          )
        )
      })
    }))
)

// The service's side

const requestOf = (connection: Connection, { body, headers, start }: HttpMessage.HttpMessage) => {
  const [method = "GET", target = "/"] = start.split(" ")
  const source = new Request(`http://${headers["host"]}${target}`, { method, headers: { ...headers } })
  const request = HttpServerRequest.fromWeb(source).modify({ remoteAddress: Option.some(connection.remote) })
  return wrap(request, body)
}

/** Routers change a request on its way; its body stays. */
const wrap = (
  request: HttpServerRequest.HttpServerRequest,
  body: Uint8Array<ArrayBuffer>
): HttpServerRequest.HttpServerRequest =>
  withBody(request, body, {
    modify: {
      value: (options: Parameters<typeof request.modify>[0]) => wrap(request.modify(options), body)
    }
  })

const answer = (connection: Connection) =>
  Effect.fnUntraced(function*(_: unknown, response: HttpServerResponse.HttpServerResponse) {
    const body = yield* Effect.orDie(bytesOf(response.body))
    yield* Effect.ignore(connection.write([HttpMessage.encode({
      start: `HTTP/1.1 ${response.status} ${response.statusText ?? ""}`,
      headers: { ...typeOf(response.body), ...response.headers },
      body: Uint8Array.from(body ?? none)
    })]))
  })

/**
 * Serves a handler on `http://NAME`, until it is interrupted.
 *
 * @since 0.1.0
 */
export const serve = <E, R>(
  name: string,
  handler: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>
) =>
  Effect.gen(function*() {
    const network = yield* Network
    const listener = yield* network.listen({ host: name, port })
    for (;;) {
      const connection = yield* listener.accept
      const respond = Effect.flatMap(HttpMessage.read(connection), (message) =>
        Effect.provideService(
          HttpEffect.toHandled(handler, answer(connection)),
          HttpServerRequest.HttpServerRequest,
          requestOf(connection, message)
        ))
      yield* Effect.forkChild(Effect.ensuring(Effect.ignore(respond), connection.close))
    }
  }).pipe(Effect.scoped)
