import { assert, describe, it } from "@effect/vitest"
import * as MemoryNetwork from "@millrace/core/platform/MemoryNetwork"
import {
  type Address,
  type Connection,
  feed,
  formatAddress,
  Network,
  parseAddress,
  type Take
} from "@millrace/core/platform/Network"
import * as NodeNetwork from "@millrace/core/platform/node/NodeNetwork"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"

const text = (value: string) => new TextEncoder().encode(value)

const readText = Effect.fnUntraced(function*(connection: Connection, length: number) {
  let read = ""
  while (read.length < length) {
    const chunk = yield* connection.read
    if (chunk === null) return read
    read += new TextDecoder().decode(chunk)
  }
  return read
})

const pair = Effect.fnUntraced(function*(address: Address) {
  const network = yield* Network
  const listener = yield* network.listen(address)
  const accepting = yield* Effect.forkChild(listener.accept, { startImmediately: true })
  const client = yield* network.connect(listener.address)
  return { listener, client, server: yield* Fiber.join(accepting) }
})

const contract = (name: string, layer: Layer.Layer<Network>, address: Address) =>
  describe(name, () => {
    it.live("carries bytes both ways, in order", () =>
      Effect.gen(function*() {
        const { client, server } = yield* pair(address)
        yield* client.write([text("hello"), text(" "), text("world")])
        assert.strictEqual(yield* readText(server, 11), "hello world")
        yield* server.write([text("back")])
        assert.strictEqual(yield* readText(client, 4), "back")
        yield* client.close
        assert.strictEqual(yield* server.read, null)
      }).pipe(Effect.scoped, Effect.provide(layer)))

    it.live("delivers what was written before the close", () =>
      Effect.gen(function*() {
        const { client, server } = yield* pair(address)
        yield* client.write([text("last words")])
        yield* client.close
        assert.strictEqual(yield* readText(server, 100), "last words")
        assert.strictEqual((yield* Effect.flip(client.write([text("more")]))).reason, "Closed")
      }).pipe(Effect.scoped, Effect.provide(layer)))

    it.live("makes a writer wait for a reader that is slow", () =>
      Effect.gen(function*() {
        const { client, server } = yield* pair(address)
        let written = 0
        const block = new Uint8Array(256 * 1024)
        const total = 200
        const writer = yield* Effect.forkChild(
          Effect.gen(function*() {
            for (; written < total; written++) yield* client.write([block])
          }),
          { startImmediately: true }
        )
        yield* server.read
        assert.isBelow(written, total)
        let read = 0
        const reader = Effect.gen(function*() {
          while (read < (total - 1) * block.length) read += (yield* server.read)!.length
        })
        yield* reader
        yield* Fiber.join(writer)
      }).pipe(Effect.scoped, Effect.provide(layer)))

    it.live("lends bytes in order to a taker, who may stop and go on", () =>
      Effect.gen(function*() {
        const { client, server } = yield* pair(address)
        let taken = ""
        let wanted = 5
        const take: Take = (chunk) => {
          taken += new TextDecoder().decode(chunk)
          return taken.length < wanted
        }
        const feeding = yield* Effect.forkChild(feed(server, take), { startImmediately: true })
        yield* client.write([text("one, ")])
        assert.isTrue(yield* Fiber.join(feeding))
        yield* client.write([text("two, ")])
        yield* client.write([text("three")])
        wanted = 15
        while (taken.length < wanted) assert.isTrue(yield* feed(server, take))
        assert.strictEqual(taken, "one, two, three")
        yield* client.close
        assert.isFalse(yield* feed(server, take))
      }).pipe(Effect.scoped, Effect.provide(layer)))

    it.live("hands out chunks of which a slice is a copy", () =>
      Effect.gen(function*() {
        const { client, server } = yield* pair(address)
        const kept: Array<Uint8Array> = []
        yield* client.write([text("first")])
        yield* feed(server, (chunk) => {
          kept.push(chunk.slice())
          return false
        })
        yield* client.write([text("later")])
        assert.strictEqual(yield* readText(server, 5), "later")
        yield* server.write([text("back")])
        kept.push((yield* client.read)!.slice())
        assert.deepStrictEqual(kept, [text("first"), text("back")])
        for (const chunk of kept) assert.strictEqual(Object.getPrototypeOf(chunk), Uint8Array.prototype)
      }).pipe(Effect.scoped, Effect.provide(layer)))

    it.live("has taken what was written, where it says so", () =>
      Effect.gen(function*() {
        const { client, server } = yield* pair(address)
        if (server.writesAreTaken !== true) return
        const block = new Uint8Array(512 * 1024)
        const writer = yield* Effect.forkChild(
          Effect.gen(function*() {
            for (let i = 1; i <= 40; i++) {
              yield* server.write([block.fill(i)])
            }
            yield* server.close
          }),
          { startImmediately: true }
        )
        let read = 0
        for (let chunk = yield* client.read; chunk !== null; chunk = yield* client.read) {
          for (let i = 0; i < chunk.length; i += 4096 - (read + i) % 4096) {
            assert.strictEqual(chunk[i], 1 + Math.floor((read + i) / block.length))
          }
          read += chunk.length
        }
        assert.strictEqual(read, 40 * block.length)
        yield* Fiber.join(writer)
      }).pipe(Effect.scoped, Effect.provide(layer)))

    it.live("makes a defect of what a taker throws", () =>
      Effect.gen(function*() {
        const { client, server } = yield* pair(address)
        const mistake = new Error("a mistake")
        const take = (): never => {
          throw mistake
        }
        const feeding = yield* Effect.forkChild(Effect.exit(feed(server, take)), { startImmediately: true })
        yield* client.write([text("anything")])
        const exit = yield* Fiber.join(feeding)
        assert.isTrue(exit._tag === "Failure" && Cause.hasDies(exit.cause))
      }).pipe(Effect.scoped, Effect.provide(layer)))

    it.live("tells a waiting taker that its own side has closed", () =>
      Effect.gen(function*() {
        const { client } = yield* pair(address)
        const feeding = yield* Effect.forkChild(Effect.flip(feed(client, () => true)), { startImmediately: true })
        yield* client.close
        assert.strictEqual((yield* Fiber.join(feeding)).reason, "Closed")
      }).pipe(Effect.scoped, Effect.provide(layer)))

    it.live("refuses where nobody listens, and after the listener has gone", () =>
      Effect.gen(function*() {
        const network = yield* Network
        const bound = yield* Effect.scoped(Effect.map(network.listen(address), (listener) => listener.address))
        assert.strictEqual((yield* Effect.flip(network.connect(bound))).reason, "Refused")
      }).pipe(Effect.provide(layer)))

    it.live("wakes a waiting reader when its own side closes", () =>
      Effect.gen(function*() {
        const { client } = yield* pair(address)
        const reading = yield* Effect.forkChild(Effect.flip(client.read), { startImmediately: true })
        yield* client.close
        assert.strictEqual((yield* Fiber.join(reading)).reason, "Closed")
      }).pipe(Effect.scoped, Effect.provide(layer)))
  })

contract("NodeNetwork", NodeNetwork.layer, { host: "127.0.0.1", port: 0 })
contract("NodeNetwork, in-process names", NodeNetwork.layer, { host: "memory:test", port: 0 })
contract("MemoryNetwork", MemoryNetwork.layer, { host: "memory:test", port: 0 })

it("reads and prints addresses", () => {
  for (
    const [written, host, port] of [["h:1", "h", 1], ["[::1]:9092", "::1", 9092], ["memory:x", "memory:x", 0]] as const
  ) {
    assert.deepStrictEqual(parseAddress(written), { host, port })
    assert.strictEqual(formatAddress({ host, port }), written)
  }
  for (const wrong of ["", "h", "h:", ":1", "h:70000", "h:1:2"]) assert.isUndefined(parseAddress(wrong))
})
