import { assert, describe, it } from "@effect/vitest"
import { Network } from "@millrace/core/platform/Network"
import { type Conditions, drawLatencyUs, type Spread } from "@millrace/testkit/simulation/Conditions"
import { Process, type Program } from "@millrace/testkit/simulation/Process"
import { Seeded } from "@millrace/testkit/simulation/Seeded"
import { SimulatedNetwork } from "@millrace/testkit/simulation/SimulatedNetwork"
import { Universe } from "@millrace/testkit/simulation/Universe"
import * as Effect from "effect/Effect"
import { good } from "./goodConditions.ts"

/** Sends back what it is sent, one connection after the other. */
const echo: Program = Effect.gen(function*() {
  const network = yield* Network
  const listener = yield* network.listen({ host: "server", port: 1 })
  return yield* Effect.forever(Effect.gen(function*() {
    const connection = yield* listener.accept
    yield* Effect.forkChild(Effect.ignore(Effect.forever(Effect.gen(function*() {
      const chunk = yield* connection.read
      if (chunk === null) return yield* Effect.interrupt
      yield* connection.write([chunk])
    }))))
  }))
}).pipe(Effect.scoped)

const connect = Effect.flatMap(Network, (network) => network.connect({ host: "server", port: 1 }))

/** A server and a client; the client starts a second later. */
const start = (conditions: Conditions, client: Program, seed = 1) => {
  const universe = new Universe({ seed, operationsMax: 20, stepsMax: 1_000_000, timeMaxUs: 600_000_000 })
  const network = new SimulatedNetwork(universe, conditions)
  const clock = { skewMs: 0, rate: 1 }
  const server = new Process(universe, network, "server", clock, [echo])
  const process = new Process(universe, network, "client", clock, [client])
  server.start()
  universe.after(1_000_000, () => process.start())
  const run = () => universe.run(() => process.lives > 0 && !process.isRunning)
  return { universe, network, server, run }
}

const exchange = Effect.fnUntraced(function*(bytes: Uint8Array) {
  const connection = yield* connect
  yield* Effect.forkChild(connection.write([bytes]))
  const received: Array<number> = []
  while (received.length < bytes.length) received.push(...((yield* connection.read) ?? []))
  return received
})

describe("latencies", () => {
  it("have the median that they are given, and tails as their spread has them", () => {
    const tails: Record<Spread, readonly [low: number, high: number]> = {
      steady: [1.1, 1.3],
      exponential: [6, 7.5],
      lognormal: [9, 12],
      spiky: [15, 25]
    }
    for (const [spread, [low, high]] of Object.entries(tails) as Array<[Spread, readonly [number, number]]>) {
      const random = new Seeded(spread)
      const drawn = Array.from({ length: 20_000 }, () => drawLatencyUs({ ...good, spread }, random))
      drawn.sort((left, right) => left - right)
      assert.closeTo(drawn[10_000]!, 1000, 50, spread)
      assert.isAtLeast(drawn[19_800]!, low * 1000, spread)
      assert.isAtMost(drawn[19_800]!, high * 1000, spread)
    }
  })
})

describe("below TCP", () => {
  it("loss, doubles and overtaking take time, and never harm the bytes", () => {
    const bytes = Uint8Array.from({ length: 50_000 }, (_, index) => index * 31 & 255)
    const took = (conditions: Conditions, seed: number) => {
      let received: ReadonlyArray<number> = []
      const client = Effect.tap(exchange(bytes), (all) => Effect.sync(() => (received = all)))
      const { run, universe } = start(conditions, client, seed)
      assert.strictEqual(run(), "done")
      assert.deepStrictEqual(Uint8Array.from(received), bytes)
      return { us: universe.nowUs, reached: universe.sometimes.reached }
    }
    for (let seed = 1; seed <= 5; seed++) {
      const usual = took(good, seed).us
      const bad = took({ ...good, loss: 0.1, duplication: 0.5, reordering: 0.5 }, seed)
      assert.isAbove(bad.us, usual + 200_000, "something was lost and sent again")
      assert.include([...bad.reached], "a segment was lost and sent again")
      assert.include([...bad.reached], "a segment arrived twice")
      assert.include([...bad.reached], "a segment overtook another and was held")
    }
  })

  it("where a program cuts what it writes changes nothing", () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, index) => index & 255)
    const hashOf = (...cuts: ReadonlyArray<number>): string => {
      const ends = [...cuts, bytes.length]
      const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
      const client = Effect.flatMap(connect, (connection) => connection.write(chunks))
      const { run, universe } = start({ ...good, spread: "spiky", loss: 0.2 }, Effect.orDie(Effect.scoped(client)))
      assert.strictEqual(run(), "done")
      return universe.trace.hash
    }
    assert.strictEqual(hashOf(1, 700, 4000), hashOf())
  })

  it("what never gets through fails the connection, on both sides", () => {
    const told: Array<string> = []
    const client = Effect.gen(function*() {
      const outcome = yield* Effect.flip(exchange(Uint8Array.of(1)))
      told.push(outcome.reason)
    })
    const { network, run, universe } = start(good, Effect.orDie(client))
    universe.after(1_001_000, () => network.degrade("client", "server", { factor: 1, loss: 1 }))
    assert.strictEqual(run(), "done")
    assert.deepStrictEqual(told, ["Reset"])
    assert.closeTo(universe.nowUs, 21_000_000, 2_000_000)
  })

  it("a link has its bandwidth, however many share it", () => {
    const bytes = new Uint8Array(200_000)
    const client = Effect.all([exchange(bytes), exchange(bytes)], { concurrency: "unbounded" })
    const { run, universe } = start({ ...good, bytesPerUs: 0.1 }, client)
    assert.strictEqual(run(), "done")
    assert.closeTo(universe.nowUs, 1_000_000 + 4_000_000, 1_000_000)
  })
})

describe("faults of a network", () => {
  it("may refuse connections for a while", () => {
    const told: Array<string> = []
    const client = Effect.gen(function*() {
      const refused = yield* Effect.flip(connect)
      told.push(refused.reason)
      yield* Effect.sleep("2 seconds")
      told.push(`${(yield* exchange(Uint8Array.of(7)))[0]}`)
    })
    const { network, run, universe } = start(good, client)
    network.refuse("server", true)
    universe.after(2_000_000, () => network.refuse("server", false))
    assert.strictEqual(run(), "done")
    assert.deepStrictEqual(told, ["Refused", "7"])
  })

  it("may forget connections without a word: who only reads finds out by its probes, who connects anew is served", () => {
    const told: Array<string> = []
    const client = Effect.gen(function*() {
      const connection = yield* connect
      yield* Effect.sleep("1 second")
      const silent = yield* Effect.flip(connection.read)
      told.push(silent.reason)
      told.push(`${(yield* exchange(Uint8Array.of(7)))[0]}`)
    })
    const { network, run, universe } = start(good, client)
    universe.after(1_500_000, () => network.silence("client", "server"))
    assert.strictEqual(run(), "done")
    assert.deepStrictEqual(told, ["Reset", "7"])
    assert.isAbove(universe.nowUs, 10_000_000)
  })
})
