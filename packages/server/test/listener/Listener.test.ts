import { assert, describe, it } from "@effect/vitest"
import * as MemoryNetwork from "@millrace/core/platform/MemoryNetwork"
import * as Network from "@millrace/core/platform/Network"
import * as Frame from "@millrace/core/protocol/Frame"
import { HeartbeatRequest, HeartbeatResponse } from "@millrace/core/protocol/messages/Heartbeat"
import { LeaveGroupRequest, LeaveGroupResponse } from "@millrace/core/protocol/messages/LeaveGroup"
import * as Handler from "@millrace/server/api/Handler"
import { requestsInFlightPerConnectionMax, shutdownGraceMs } from "@millrace/server/limits"
import { Dispatcher } from "@millrace/server/listener/Dispatcher"
import * as Listener from "@millrace/server/listener/Listener"
import { MemoryBudget } from "@millrace/server/listener/MemoryBudget"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"

const address = { host: "memory:listener", port: 0 }

/** Heartbeats are answered in two stages, each when its gate opens; LeaveGroup is answered when `leave` is done. */
const handlers = (
  started: Array<string>,
  gates: ReadonlyMap<string, Deferred.Deferred<void>>,
  leave: Effect.Effect<void>
) =>
  Effect.all([
    Handler.make(
      HeartbeatRequest,
      HeartbeatResponse,
      Effect.succeed(({ groupId, memberId }) =>
        Effect.sync(() => {
          started.push(memberId)
          if (groupId === "close") return Handler.close
          if (groupId === "quiet") return Handler.noResponse
          if (groupId === "broken") throw new Error("a handler that fails")
          const gate = gates.get(memberId)
          const answer = { throttleTimeMs: 0, errorCode: Number(memberId) }
          return new Handler.Later(
            gate === undefined ? Effect.succeed(answer) : Effect.as(Deferred.await(gate), answer)
          )
        })
      )
    ),
    Handler.make(
      LeaveGroupRequest,
      LeaveGroupResponse,
      Effect.succeed(({ memberId }) => {
        started.push(memberId)
        return Effect.as(leave, { throttleTimeMs: 0, errorCode: Number(memberId), members: [] })
      })
    )
  ])

const setUp = Effect.fnUntraced(
  function*(waiting: ReadonlyArray<string> = [], leave: Effect.Effect<void> = Effect.void) {
    const network = MemoryNetwork.make()
    const started: Array<string> = []
    const gates = new Map<string, Deferred.Deferred<void>>()
    for (const name of waiting) gates.set(name, yield* Deferred.make<void>())
    const budget = new MemoryBudget(1_000_000)
    const scope = yield* Scope.make()
    yield* Scope.provide(
      Effect.gen(function*() {
        const listener = yield* network.listen(address)
        yield* Listener.start(listener, {
          name: "PLAINTEXT",
          dispatcher: new Dispatcher(yield* handlers(started, gates, leave)),
          budget,
          frameMaxBytes: 1000,
          idleMaxMs: 600_000,
          connectionsMax: 10
        })
      }),
      scope
    )
    const connection = yield* network.connect(address)
    const stop = Scope.close(scope, Exit.void)
    const open = (name: string) => Deferred.succeed(gates.get(name)!, undefined)
    return { connection, started, open, budget, stop }
  }
)

const heartbeat = (memberId: string, groupId = "g") =>
  Frame.encodeRequestUnsafe(
    HeartbeatRequest,
    { version: 0, correlationId: Number(memberId), clientId: null },
    { groupId, generationId: 0, memberId }
  )

const leaveGroup = (memberId: string) =>
  Frame.encodeRequestUnsafe(
    LeaveGroupRequest,
    { version: 0, correlationId: Number(memberId), clientId: null },
    { groupId: "g", memberId }
  )

/** The correlation ids of the next responses. */
const receive = Effect.fnUntraced(function*(connection: Network.Connection, count: number) {
  const decoder = new Frame.FrameDecoder()
  const ids: Array<number> = []
  while (ids.length < count) {
    const chunk = yield* connection.read
    if (chunk === null) break
    for (const frame of decoder.push(chunk).frames) ids.push((frame[2]! << 8) | frame[3]!)
  }
  return ids
})

const isClosed = (connection: Network.Connection) =>
  Effect.match(connection.read, { onSuccess: (chunk) => chunk === null, onFailure: () => true })

describe("Listener", () => {
  it.effect("overlaps the second stages of one API, and keeps the order of responses", () =>
    Effect.gen(function*() {
      const { connection, open, started } = yield* setUp(["1", "2", "3"])
      yield* connection.write([...heartbeat("1"), ...heartbeat("2"), ...heartbeat("3"), ...leaveGroup("4")])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(started, ["1", "2", "3"])
      yield* open("3")
      yield* open("2")
      const answers = yield* Effect.forkChild(receive(connection, 4), { startImmediately: true })
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(started, ["1", "2", "3"])
      yield* open("1")
      assert.deepStrictEqual(yield* Fiber.join(answers), [1, 2, 3, 4])
      assert.deepStrictEqual(started, ["1", "2", "3", "4"])
    }))

  it.effect("starts no more requests than it may while they wait", () =>
    Effect.gen(function*() {
      const { connection, open, started } = yield* setUp(["1"])
      const total = 2 * requestsInFlightPerConnectionMax
      const ids = Array.from({ length: total }, (_, i) => i + 1)
      yield* connection.write(ids.flatMap((id) => heartbeat(String(id))))
      yield* TestClock.adjust(1)
      assert.isBelow(started.length, total)
      assert.isAtLeast(started.length, requestsInFlightPerConnectionMax)
      yield* open("1")
      assert.deepStrictEqual(yield* receive(connection, total), ids)
    }))

  it.effect("gives back the memory of requests, answered or not", () =>
    Effect.gen(function*() {
      const { budget, connection, open } = yield* setUp(["1"])
      yield* connection.write([...heartbeat("1"), ...heartbeat("2", "quiet")])
      yield* TestClock.adjust(1)
      assert.isAbove(budget.takenBytes, 0)
      yield* open("1")
      yield* receive(connection, 1)
      assert.strictEqual(budget.takenBytes, 0)
      yield* connection.write([Uint8Array.of(0, 0, 0, 100, 0)])
      yield* TestClock.adjust(1)
      assert.isAbove(budget.takenBytes, 0)
      yield* connection.close
      yield* TestClock.adjust(1)
      assert.strictEqual(budget.takenBytes, 0)
    }))

  for (const group of ["close", "broken"]) {
    it.effect(`closes the connection of a request that is to ${group}, and no other`, () =>
      Effect.gen(function*() {
        const { connection, started } = yield* setUp()
        yield* connection.write([...heartbeat("1", group), ...heartbeat("2")])
        assert.isTrue(yield* isClosed(connection))
        assert.deepStrictEqual(started, ["1"])
      }))
  }

  it.effect("lets requests in progress end before it stops", () =>
    Effect.gen(function*() {
      const { connection, open, stop } = yield* setUp(["1"])
      yield* connection.write(heartbeat("1"))
      yield* TestClock.adjust(1)
      const stopping = yield* Effect.forkChild(stop, { startImmediately: true })
      yield* TestClock.adjust(10)
      assert.isUndefined(stopping.pollUnsafe())
      yield* open("1")
      assert.deepStrictEqual(yield* receive(connection, 1), [1])
      assert.isTrue(yield* isClosed(connection))
      yield* Fiber.join(stopping)
    }))

  it.effect("does not wait for ever when it stops", () =>
    Effect.gen(function*() {
      const { connection, stop } = yield* setUp([], Effect.never)
      yield* connection.write(leaveGroup("1"))
      yield* TestClock.adjust(1)
      const stopping = yield* Effect.forkChild(stop, { startImmediately: true })
      yield* TestClock.adjust(shutdownGraceMs)
      yield* Fiber.join(stopping)
      assert.isTrue(yield* isClosed(connection))
    }))
})
