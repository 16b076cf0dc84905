/**
 * What is to happen to the next requests of a broker: refused, held up, or held until further notice.
 *
 * Keeps true: faults of one API happen in the order in which they were asked for, each as often as asked; a request that is
 * refused has no effect.
 * Leaves to others: the broker (`EmbeddedKafka`), responses with errors (`ErrorResponse`).
 *
 * @since 0.1.0
 */
import { ErrorCode, type ErrorName } from "@millrace/core/errors/ErrorCode"
import type * as Api from "@millrace/core/protocol/Api"
import { close, type Handler, type Interceptor, Leased } from "@millrace/server/api/Handler"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as ErrorResponse from "./ErrorResponse.ts"

/**
 * Which requests, beside their API: the next one unless said otherwise, of any topic.
 *
 * @since 0.1.0
 */
export interface Which {
  /** How many of them (1). */
  readonly times?: number | undefined
  /** Only those that name this topic. */
  readonly topic?: string | undefined
}

/**
 * How requests fail: by Kafka's name of the error.
 *
 * @since 0.1.0
 */
export interface FailOptions extends Which {
  readonly error: ErrorName
}

/**
 * How long requests are held up.
 *
 * @since 0.1.0
 */
export interface DelayOptions extends Which {
  readonly by: Duration.Input
}

interface Planned {
  readonly api: Api.Name
  readonly topic: string | undefined
  readonly errorCode: number
  readonly delayMs: number
  left: number
}

type Topics = ReadonlyArray<{ readonly name?: unknown; readonly topicId?: unknown }>

/**
 * The faults of one broker.
 *
 * @since 0.1.0
 */
export class RequestFaults {
  readonly #planned: Array<Planned> = []
  readonly #running = Latch.makeUnsafe(true)
  readonly #counts = new Map<string, number>()
  /** Later versions name topics by their ids, which Metadata tells. */
  readonly #names = new Map<unknown, unknown>()

  /** Refuses requests. */
  fail(api: Api.Name, { error, times = 1, topic }: FailOptions): void {
    this.#planned.push({ api, topic, errorCode: ErrorCode[error], delayMs: 0, left: times })
  }

  /** Holds requests up. */
  delay(api: Api.Name, { by, times = 1, topic }: DelayOptions): void {
    this.#planned.push({ api, topic, errorCode: ErrorCode.NONE, delayMs: Duration.toMillis(by), left: times })
  }

  /** Holds all requests until `resume`. */
  pause(): void {
    this.#running.closeUnsafe()
  }

  resume(): void {
    this.#running.openUnsafe()
  }

  /** How many requests of an API have come so far. */
  count(api: Api.Name): number {
    return this.#counts.get(api) ?? 0
  }

  readonly intercept: Interceptor = (handler): Handler => ({
    ...handler,
    handle: (request, context) => {
      const api = handler.api.name as Api.Name
      this.#counts.set(api, this.count(api) + 1)
      const { delayMs, errorCode } = this.#take(api, request)
      const reply = errorCode === ErrorCode.NONE
        ? Effect.map(handler.handle(request, context), (reply) => {
          if (api === "Metadata") this.#learn(reply instanceof Leased ? reply.response : reply)
          return reply
        })
        : Effect.succeed(refusal(handler, request, errorCode))
      const running = Effect.andThen(this.#running.await, reply)
      return delayMs > 0 ? Effect.delay(running, delayMs) : running
    }
  })

  /** What happens to this request. */
  #take(api: Api.Name, request: unknown): Pick<Planned, "errorCode" | "delayMs"> {
    const at = this.#planned.findIndex((planned) =>
      planned.api === api && (planned.topic === undefined || this.#isNamed(request, planned.topic))
    )
    const planned = this.#planned[at]
    if (planned === undefined) return { errorCode: ErrorCode.NONE, delayMs: 0 }
    if (--planned.left <= 0) this.#planned.splice(at, 1)
    return planned
  }

  /** Whether a request names a topic, by its name or id. */
  #isNamed(request: unknown, topic: string): boolean {
    if (typeof request === "string") return request === topic || this.#names.get(request) === topic
    if (typeof request !== "object" || request === null || request instanceof Uint8Array) return false
    return Object.values(request).some((value) => this.#isNamed(value, topic))
  }

  #learn(response: unknown): void {
    const { topics = [] } = response as { readonly topics?: Topics }
    for (const { name, topicId } of topics) this.#names.set(topicId, name)
  }
}

/** Where there is no response, or none that could say what is wrong, the connection closes, as in Kafka. */
const refusal = (handler: Handler, request: unknown, errorCode: number): unknown => {
  const isUnanswered = handler.api.name === "Produce" && (request as { readonly acks: number }).acks === 0
  return isUnanswered ? close : ErrorResponse.make(handler.response, request, errorCode) ?? close
}
