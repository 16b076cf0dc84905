/**
 * A listener: accepts connections, serves each in a fiber of its own, and closes them in order.
 *
 * Keeps true: no more connections than the limit; one that is idle, or slow to send a frame, is closed; when the listener's
 * scope ends, requests in progress get their responses if they are done within `shutdownGraceMs`.
 * Leaves to others: what requests mean (`Dispatcher`), TLS and bytes (`Network`).
 *
 * @since 0.1.0
 */
import * as MonotonicTime from "@millrace/core/platform/MonotonicTime"
import * as Network from "@millrace/core/platform/Network"
import { FrameDecoder } from "@millrace/core/protocol/Frame"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import {
  acceptRetryMs,
  frameReceiveTimeMaxMs,
  frameReceiveTimeShortMs,
  idleCheckIntervalMs,
  pooledBytesMax,
  shutdownGraceMs
} from "../limits.ts"
import { BufferPool } from "../api/BufferPool.ts"
import { type ConnectionServices, type ConnectionState, serve } from "./Connection.ts"
import type { Dispatcher } from "./Dispatcher.ts"
import type { MemoryBudget } from "./MemoryBudget.ts"

/**
 * How a listener serves. Sizes in bytes, times in milliseconds.
 *
 * @since 0.1.0
 */
export interface Options {
  /** The listener's name in the broker's registration, such as PLAINTEXT. */
  readonly name: string
  readonly dispatcher: Dispatcher
  readonly budget: MemoryBudget
  readonly frameMaxBytes: number
  readonly idleMaxMs: number
  readonly connectionsMax: number
}

interface Open {
  readonly connection: Network.Connection
  readonly state: ConnectionState
  fiber: Fiber.Fiber<void> | undefined
}

/**
 * Serves what comes to an address that is listened on already, until the scope ends.
 *
 * @since 0.1.0
 */
export const start = Effect.fnUntraced(function*(listener: Network.Listener, options: Options) {
  const clock = yield* Clock.Clock
  // Connections have a scope of their own: closing the listener's scope must let them end, not interrupt them at once.
  const scope = yield* Scope.make()
  const buffers = new BufferPool(pooledBytesMax)
  const services: ConnectionServices = { dispatcher: options.dispatcher, budget: options.budget, buffers, clock }
  const open = new Map<number, Open>()
  let nextId = 1

  const admit = (connection: Network.Connection): Effect.Effect<void> => {
    if (open.size >= options.connectionsMax) {
      return Effect.andThen(
        Effect.logWarning(`refused ${connection.remote}: ${open.size} connections are open, which is the limit`),
        connection.close
      )
    }
    const id = nextId++
    const state: ConnectionState = {
      context: { id, remote: connection.remote, listener: options.name, softwareName: "", softwareVersion: "" },
      idle: true,
      activeMs: MonotonicTime.millisUnsafe(clock),
      frameSinceMs: -1,
      stopping: false
    }
    const entry: Open = { connection, state, fiber: undefined }
    open.set(id, entry)
    const served = serve(connection, state, new FrameDecoder(options.frameMaxBytes, buffers), services).pipe(
      Effect.ensuring(Effect.suspend(() => {
        open.delete(id)
        return connection.close
      }))
    )
    return Effect.map(Effect.forkIn(served, scope), (fiber) => {
      entry.fiber = fiber
    })
  }

  const accept = Effect.forever(
    Effect.matchEffect(listener.accept, {
      onSuccess: admit,
      onFailure: (error) =>
        error.reason === "Closed"
          ? Effect.never
          : Effect.andThen(Effect.logWarning("could not accept a connection", error), Effect.sleep(acceptRetryMs))
    })
  )

  const isStale = ({ activeMs, frameSinceMs, idle }: ConnectionState, nowMs: number): boolean => {
    if (frameSinceMs < 0) return idle && nowMs - activeMs > options.idleMaxMs
    // Whoever is slow to send a large request while others wait for memory gives way.
    return nowMs - frameSinceMs > (options.budget.isShort ? frameReceiveTimeShortMs : frameReceiveTimeMaxMs)
  }

  const sweep = Effect.forever(Effect.gen(function*() {
    yield* Effect.sleep(Math.min(idleCheckIntervalMs, options.idleMaxMs))
    const nowMs = MonotonicTime.millisUnsafe(clock)
    for (const { connection, state } of open.values()) {
      if (isStale(state, nowMs)) yield* connection.close
    }
  }))

  /** Takes no new requests, lets those in progress end, and then closes whatever is left. */
  const drain = Effect.gen(function*() {
    const entries = [...open.values()]
    for (const { connection, state } of entries) {
      state.stopping = true
      if (state.idle) yield* connection.close
    }
    const all = Effect.forEach(entries, ({ fiber }) => fiber === undefined ? Effect.void : Fiber.await(fiber), {
      discard: true
    })
    yield* Effect.timeoutOption(all, shutdownGraceMs)
    yield* Scope.close(scope, Exit.void)
  })

  yield* Effect.forkScoped(sweep)
  const accepting = yield* Effect.forkScoped(accept)
  yield* Effect.addFinalizer(() => Effect.andThen(Fiber.interrupt(accepting), drain))
})
