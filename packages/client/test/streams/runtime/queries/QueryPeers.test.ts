import * as limits from "@millrace/client/limits"
import { NotUpToBound, QueryError, type QueryFailure } from "@millrace/client/streams/runtime/queries/QueryError"
import type { Answer, LocalAnswers, Question } from "@millrace/client/streams/runtime/queries/LocalAnswers"
import { QueryPeers } from "@millrace/client/streams/runtime/queries/QueryPeers"
import * as QueryProtocol from "@millrace/client/streams/runtime/queries/QueryProtocol"
import * as QueryServer from "@millrace/client/streams/runtime/queries/QueryServer"
import * as MemoryNetwork from "@millrace/core/platform/MemoryNetwork"
import { NodePlatform } from "@millrace/core/node"
import * as Network from "@millrace/core/platform/Network"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import * as Position from "@millrace/client/streams/Position"
import { certificate, key } from "../../../certificate.ts"
import { answer, question } from "./samples.ts"

const address: Network.Address = { host: "memory:one", port: 0 }

/** Stores that give this answer, or fail so. */
const answering = (
  give: (question: Question) => Effect.Effect<Answer, QueryFailure>
): Pick<LocalAnswers, "answer"> => ({
  answer: (asked, read) => Effect.map(give(asked), read)
})

/** A network on which connections are counted. */
const counted = () => {
  const network = MemoryNetwork.make()
  const seen = { connections: 0, closed: 0 }
  const connect: Network.Network["Service"]["connect"] = (to) =>
    Effect.map(network.connect(to), (connection) => {
      seen.connections++
      return { ...connection, close: Effect.andThen(Effect.sync(() => void seen.closed++), connection.close) }
    })
  return { network: { ...network, connect }, seen }
}

const reasonOf = (failure: QueryFailure) => failure._tag === "QueryError" ? failure.reason : failure._tag

/** Someone who takes connections and does this with each. */
const strange = (
  network: Network.Network["Service"],
  act: (connection: Network.Connection) => Effect.Effect<unknown, unknown>
) =>
  Effect.gen(function*() {
    const listener = yield* network.listen(address)
    yield* Effect.forkScoped(
      Effect.forever(Effect.flatMap(listener.accept, (connection) => Effect.ignore(act(connection))))
    )
  })

describe("asking another instance", () => {
  it.effect("gives its answer, or its failure, over and over on one connection", () =>
    Effect.gen(function*() {
      const { network, seen } = counted()
      const { bound, partition, store } = question
      const position = Position.of({ topic: "words", partition: 2, offset: 39 })
      const stores = answering((asked) => {
        if (asked.store === "other") {
          return Effect.fail(new QueryError({ reason: "NotPresent", store: asked.store, partition, detail: "moved" }))
        }
        return asked.waitMs === 0
          ? Effect.fail(new NotUpToBound({ store, partition, position, bound }))
          : Effect.succeed(answer)
      })
      yield* QueryServer.serve(yield* network.listen(address), "app", stores)
      const peers = new QueryPeers(network, "app")
      for (let round = 0; round < 3; round++) {
        const found = yield* peers.ask(address, question)
        assert.deepStrictEqual([...found.entries[0]!.value], [7])
        assert.isTrue(Position.covers(found.position, bound))
        const early = yield* Effect.flip(peers.ask(address, { ...question, waitMs: 0 }))
        assert.isTrue(early._tag === "NotUpToBound" && Position.offsetOf(early.position, "words", 2) === 39)
        assert.strictEqual(
          reasonOf(yield* Effect.flip(peers.ask(address, { ...question, store: "other" }))),
          "NotPresent"
        )
      }
      assert.deepStrictEqual(seen, { connections: 1, closed: 0 })
      yield* peers.close
      assert.deepStrictEqual(seen, { connections: 1, closed: 1 })
    }))

  it.effect("refuses another app, and closes the connection", () =>
    Effect.gen(function*() {
      const { network, seen } = counted()
      yield* QueryServer.serve(yield* network.listen(address), "app", answering(() => Effect.succeed(answer)))
      const failure = yield* Effect.flip(new QueryPeers(network, "another").ask(address, question))
      assert.strictEqual(reasonOf(failure), "Protocol")
      assert.match(failure.message, /instance of app, not of another/)
      assert.deepStrictEqual(seen, { connections: 1, closed: 1 })
    }))

  it.effect("is a typed failure if nobody is there, or who is there hangs up, says nothing or something else", () =>
    Effect.gen(function*() {
      const ask = (act?: (connection: Network.Connection) => Effect.Effect<unknown, unknown>) =>
        Effect.scoped(Effect.gen(function*() {
          const { network, seen } = counted()
          if (act !== undefined) yield* strange(network, act)
          const asking = yield* Effect.forkChild(Effect.flip(new QueryPeers(network, "app").ask(address, question)))
          yield* TestClock.adjust(question.waitMs + limits.queryAttemptMaxMs)
          const failure = yield* Fiber.join(asking)
          assert.strictEqual(seen.closed, seen.connections)
          return reasonOf(failure)
        }))
      assert.strictEqual(yield* ask(), "Unreachable")
      assert.strictEqual(yield* ask((connection) => connection.close), "Unreachable")
      assert.strictEqual(yield* ask(() => Effect.never), "Unreachable")
      const says = (...bytes: ReadonlyArray<number>) =>
        ask((connection) => Effect.andThen(connection.read, connection.write([Uint8Array.from(bytes)])))
      assert.strictEqual(yield* says(0, 0, 0, 2, 0, 0), "Protocol")
      assert.strictEqual(yield* says(0, 0, 0, 2, 0, 9), "Protocol")
      assert.strictEqual(yield* says(0x7f, 0xff, 0xff, 0xff), "Protocol")
      assert.strictEqual(yield* says(0xff, 0xff, 0xff, 0xff), "Protocol")
      // half an answer, then the end
      const half = (connection: Network.Connection) => {
        const chunks = QueryProtocol.encodeAnswer(answer)
        return connection.read.pipe(
          Effect.andThen(connection.write([chunks[0]!.subarray(0, 9)])),
          Effect.andThen(connection.close)
        )
      }
      assert.strictEqual(yield* ask(half), "Unreachable")
    }))

  it.effect("asks again on a new connection if the one it kept was closed meanwhile", () =>
    Effect.gen(function*() {
      const { network, seen } = counted()
      const scope = yield* Scope.make()
      const stores = answering(() => Effect.succeed(answer))
      yield* Scope.provide(
        Effect.flatMap(network.listen(address), (one) => QueryServer.serve(one, "app", stores)),
        scope
      )
      const peers = new QueryPeers(network, "app")
      yield* peers.ask(address, question)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(reasonOf(yield* Effect.flip(peers.ask(address, question))), "Unreachable")
      yield* QueryServer.serve(yield* network.listen(address), "app", stores)
      yield* peers.ask(address, question)
      assert.strictEqual(seen.connections, 2)
      yield* TestClock.adjust(limits.queryConnectionIdleMaxMs + 1)
      yield* peers.ask(address, question)
      assert.strictEqual(seen.connections, 3)
    }))

  it.effect("is answered so many at a time; an asker that goes away leaves nothing behind", () =>
    Effect.gen(function*() {
      const { network, seen } = counted()
      let running = 0
      let runningMax = 0
      const slow = answering(() =>
        Effect.suspend(() => {
          runningMax = Math.max(runningMax, ++running)
          return Effect.delay(Effect.succeed(answer), 1000)
        }).pipe(Effect.ensuring(Effect.sync(() => void running--)))
      )
      yield* QueryServer.serve(yield* network.listen(address), "app", slow)
      const peers = new QueryPeers(network, "app")
      const fibers = yield* Effect.forEach(
        Array.from({ length: limits.queriesPerPeerMax * 3 }),
        () => Effect.forkChild(Effect.exit(peers.ask(address, question)))
      )
      for (let ms = 0; ms < 100; ms++) yield* TestClock.adjust(1)
      assert.strictEqual(running, limits.queriesPerPeerMax)
      yield* Fiber.interrupt(fibers[0]!)
      for (let ms = 0; ms < 400; ms++) yield* TestClock.adjust(10)
      for (const fiber of fibers.slice(1)) assert.isTrue(Exit.isSuccess(yield* Fiber.join(fiber)))
      assert.isAtMost(runningMax, limits.queriesPerPeerMax + 1)
      yield* peers.close
      assert.strictEqual(seen.closed, seen.connections)
    }))

  it.effect("closes whatever it has opened, wherever it is interrupted", () =>
    Effect.gen(function*() {
      const { network, seen } = counted()
      yield* QueryServer.serve(yield* network.listen(address), "app", answering(() => Effect.succeed(answer)))
      let answered = 0
      for (let turns = 0; turns < 60; turns++) {
        const peers = new QueryPeers(network, "app")
        const asking = yield* Effect.forkChild(peers.ask(address, question))
        for (let turn = 0; turn < turns; turn++) yield* Effect.yieldNow
        yield* Fiber.interrupt(asking)
        if (Exit.isSuccess(yield* Fiber.await(asking))) answered++
        yield* peers.close
        assert.strictEqual(seen.closed, seen.connections, `after ${turns} turns`)
      }
      assert.isAbove(answered, 0)
      assert.isBelow(answered, 60)
    }))

  it.effect("has bounds: of connections served, of peers remembered, of the size of an answer", () =>
    Effect.gen(function*() {
      const { network, seen } = counted()
      const large = new Uint8Array(limits.queryAnswerMaxBytes)
      const stores = answering(({ store }) =>
        Effect.succeed(store === "large" ? { ...answer, entries: [{ ...answer.entries[0]!, value: large }] } : answer)
      )
      const addresses = Array.from(
        { length: limits.queryPeersMax + 20 },
        (_, at) => ({ host: `memory:${at}`, port: 0 })
      )
      for (const each of addresses) yield* QueryServer.serve(yield* network.listen(each), "app", stores)
      const peers = new QueryPeers(network, "app")
      for (const each of addresses) yield* peers.ask(each, question)
      assert.isAtMost(seen.connections - seen.closed, limits.queryPeersMax)
      const tooLarge = yield* Effect.flip(
        peers.ask(addresses[300 % addresses.length]!, { ...question, store: "large" })
      )
      assert.strictEqual(reasonOf(tooLarge), "TooLarge")
      // others have taken all connections of the first
      const others: Array<Network.Connection> = []
      while (others.length < limits.queryConnectionsMax) {
        others.push(yield* network.connect(addresses[0]!))
        yield* Effect.yieldNow
      }
      for (let turn = 0; turn < 2000; turn++) yield* Effect.yieldNow
      const refused = yield* Effect.flip(new QueryPeers(network, "app").ask(addresses[0]!, question))
      assert.strictEqual(reasonOf(refused), "Unreachable")
      yield* others[0]!.close
      for (let turn = 0; turn < 100; turn++) yield* Effect.yieldNow
      yield* new QueryPeers(network, "app").ask(addresses[0]!, question)
    }))

  it.live("is encrypted if it is told to, among those who trust each other", () =>
    Effect.gen(function*() {
      const network = yield* Network.Network
      const tls = { ca: certificate, certificate, key, clientAuthentication: "required" } as const
      const listener = yield* network.listen({ host: "127.0.0.1", port: 0 }, { tls })
      yield* QueryServer.serve(listener, "app", answering(() => Effect.succeed(answer)))
      const to = { host: "localhost", port: listener.address.port }
      const ask = (trust: Network.Tls | undefined) =>
        Effect.acquireUseRelease(
          Effect.sync(() => new QueryPeers(network, "app", trust)),
          (peers) => peers.ask(to, question),
          (peers) => peers.close
        )
      assert.strictEqual((yield* ask(tls)).entries.length, 1)
      for (const trust of [{ certificate, key }, { ca: certificate }, undefined]) {
        assert.strictEqual(reasonOf(yield* Effect.flip(ask(trust))), "Unreachable")
      }
    }).pipe(Effect.scoped, Effect.provide(NodePlatform.layer)))

  it.effect("takes what cannot be read for the end of a conversation, and says why", () =>
    Effect.gen(function*() {
      const network = MemoryNetwork.make()
      yield* QueryServer.serve(yield* network.listen(address), "app", answering(() => Effect.succeed(answer)))
      for (const bytes of [[0, 0, 0, 3, 0, 0, 1], [0, 0, 0, 2, 0, 7], [0x7f, 0, 0, 0], [0xff, 0, 0, 0]]) {
        const connection = yield* network.connect(address)
        yield* connection.write([Uint8Array.from(bytes)])
        const told = QueryProtocol.decodeAnswer((yield* connection.read)!.subarray(4), question)
        assert.isTrue("_tag" in told && reasonOf(told) === "Protocol")
        assert.isNull(yield* connection.read)
      }
    }))
})
