/**
 * One connection of a client: requests in, responses out.
 *
 * Keeps true: responses go out in the order of the requests; a request starts when the one before it has its response, but
 * for requests of one API whose replies come in stages (`Later`), which overlap; what cannot be read any further closes
 * the connection; the bytes of requests are counted until they are answered.
 * Leaves to others: accepting and closing (`Listener`), what requests mean (`Dispatcher`).
 *
 * @since 0.1.0
 */
import type { FrameDecoder, Frames } from "@millrace/core/protocol/Frame"
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import * as Network from "@millrace/core/platform/Network"
import * as Cause from "effect/Cause"
import type { Clock } from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import { close, type ConnectionContext, Later, Leased, noResponse } from "../api/Handler.ts"
import { requestReserveBytes, requestsInFlightPerConnectionMax } from "../limits.ts"
import type { BufferPool } from "../api/BufferPool.ts"
import type { Dispatcher, Incoming } from "./Dispatcher.ts"
import type { MemoryBudget } from "./MemoryBudget.ts"

/**
 * What a listener watches of a connection.
 *
 * @since 0.1.0
 */
export interface ConnectionState {
  readonly context: ConnectionContext
  /** Whether it waits for bytes, so that closing it breaks no request. */
  idle: boolean
  /** When bytes last came, in milliseconds. */
  activeMs: number
  /** When the frame that is not complete yet began, -1 if there is none. */
  frameSinceMs: number
  /** Set when the broker stops: no further request is taken. */
  stopping: boolean
}

/**
 * What a connection needs of its listener.
 *
 * @since 0.1.0
 */
export interface ConnectionServices {
  readonly dispatcher: Dispatcher
  readonly budget: MemoryBudget
  /** The memory of the decoder, to which frames that nobody needs any more go back. */
  readonly buffers: BufferPool
  readonly clock: Clock
}

const noFrames: Frames = { frames: [], failure: undefined }

interface Staged {
  readonly incoming: Incoming
  readonly response: Effect.Effect<unknown>
}

/** The replies of one connection that are still to come, in order. */
class Pipeline {
  readonly queue: Queue.Queue<Staged>
  readonly empty = Latch.makeUnsafe(true)
  /** The API of the staged requests, -1 without any. */
  apiKey = -1
  size = 0
  /** Set when a response could not be sent: nothing follows. */
  broken = false

  constructor(queue: Queue.Queue<Staged>) {
    this.queue = queue
  }

  add(staged: Staged): Effect.Effect<boolean> {
    this.size++
    this.apiKey = staged.incoming.handler.api.key
    this.empty.closeUnsafe()
    return Queue.offer(this.queue, staged)
  }

  removed(): void {
    if (--this.size > 0) return
    this.apiKey = -1
    this.empty.openUnsafe()
  }

  break(): void {
    this.broken = true
    this.empty.openUnsafe()
  }
}

/**
 * Serves a connection until it ends. Fails with what broke it; the caller closes it either way.
 *
 * @since 0.1.0
 */
export const serve = Effect.fnUntraced(function*(
  connection: Network.Connection,
  state: ConnectionState,
  decoder: FrameDecoder,
  services: ConnectionServices
) {
  const { budget, buffers, clock, dispatcher } = services
  let heldBytes = 0
  const answered = (incoming: Incoming) => {
    heldBytes -= incoming.sizeBytes
    budget.give(incoming.sizeBytes)
  }

  const respond = (incoming: Incoming, response: unknown): Effect.Effect<void, Network.NetworkError> =>
    Effect.suspend(() => {
      const chunks = dispatcher.encode(incoming, response)
      answered(incoming)
      return connection.write(chunks)
    })

  const pipeline = new Pipeline(yield* Queue.bounded<Staged>(requestsInFlightPerConnectionMax))
  const finishStaged = Effect.gen(function*() {
    while (true) {
      const { incoming, response } = yield* Queue.take(pipeline.queue)
      yield* respond(incoming, yield* response)
      pipeline.removed()
      state.idle = reading && pipeline.size === 0
      if (state.idle && state.stopping) yield* connection.close
    }
  }).pipe(
    Effect.catchCause((cause) => Effect.andThen(reportDefect(cause), connection.close)),
    Effect.ensuring(Effect.suspend(() => {
      pipeline.break()
      return Queue.shutdown(pipeline.queue)
    }))
  )
  let finishing = false
  let reading = false

  const respondLeased = (incoming: Incoming, { release, response }: Leased<unknown>) =>
    Effect.map(respond(incoming, response), () => {
      if (connection.writesAreTaken === true) release()
    })

  const handle = Effect.fnUntraced(function*(incoming: Incoming) {
    const { context, handler, request } = incoming
    if (pipeline.size > 0 && pipeline.apiKey !== handler.api.key) yield* pipeline.empty.await
    if (pipeline.broken) return false
    const reply = yield* handler.handle(request, context)
    if (reply === close) return false
    if (reply === noResponse) {
      answered(incoming)
      return true
    }
    if (!(reply instanceof Later) && pipeline.size === 0) {
      yield* reply instanceof Leased ? respondLeased(incoming, reply) : respond(incoming, reply)
      return true
    }
    if (!finishing) {
      finishing = true
      yield* Effect.forkChild(finishStaged)
    }
    const response = reply instanceof Later
      ? reply.response
      : Effect.succeed(reply instanceof Leased ? reply.response : reply)
    return yield* pipeline.add({ incoming, response })
  })

  /** Counts the bytes if they may come in now. Small requests pass even while large ones, or those who only begin them, use up the budget. */
  const admit = (bytes: number): boolean => {
    if (heldBytes + bytes <= requestReserveBytes) budget.takeAnyway(bytes)
    else if (!budget.tryTake(bytes)) return false
    heldBytes += bytes
    return true
  }

  /** What the chunk that came last completed. */
  let arrived = noFrames
  /** A chunk for which there was no memory. */
  let waiting: Uint8Array | undefined

  const decode = (chunk: Uint8Array): boolean => {
    arrived = decoder.push(chunk)
    if (arrived.frames.length > 0 || arrived.failure !== undefined) return false
    if (decoder.pendingBytes === 0) state.frameSinceMs = -1
    else if (state.frameSinceMs < 0) state.frameSinceMs = state.activeMs
    return true
  }

  const take: Network.Take = (chunk) => {
    state.activeMs = MonotonicTime.millisUnsafe(clock)
    if (admit(chunk.length)) return decode(chunk)
    waiting = chunk.slice()
    return false
  }

  /** False when the connection is to be closed. */
  const handleArrived = Effect.fnUntraced(function*({ failure, frames }: Frames) {
    state.frameSinceMs = -1
    for (const frame of frames) {
      const incoming = dispatcher.decode(frame, state.context)
      if ("refused" in incoming) return yield* refuse(incoming.refused, state)
      if (!(yield* handle(incoming))) return false
      if (!incoming.handler.keepsBytes) buffers.give(frame)
      if (state.stopping) return false
    }
    if (decoder.pendingBytes > 0) state.frameSinceMs = MonotonicTime.millisUnsafe(clock)
    return failure === undefined ? true : yield* refuse(failure.message, state)
  })

  const takeWaiting = Effect.fnUntraced(function*(chunk: Uint8Array) {
    waiting = undefined
    yield* budget.take(chunk.length)
    heldBytes += chunk.length
    return !decode(chunk)
  })

  const loop = Effect.gen(function*() {
    while (!state.stopping) {
      reading = true
      state.idle = pipeline.size === 0
      const open = yield* Network.feed(connection, take)
      reading = false
      state.idle = false
      if (!open) return
      if (waiting !== undefined && !(yield* takeWaiting(waiting))) continue
      if (!(yield* handleArrived(arrived))) return
    }
  })

  yield* loop.pipe(
    Effect.andThen(pipeline.empty.await),
    Effect.ensuring(Effect.sync(() => budget.give(heldBytes))),
    Effect.catchCause(reportDefect)
  )
})

const refuse = (why: string, { context }: ConnectionState) =>
  Effect.as(Effect.logInfo(`closing the connection of ${context.remote}: ${why}`), false)

/** Connections break all the time, which is nobody's fault; what fails in another way is a mistake of ours. */
const reportDefect = (cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  Cause.hasDies(cause)
    ? Effect.logError("a request failed in an unexpected way; its connection is closed", cause)
    : Effect.void
