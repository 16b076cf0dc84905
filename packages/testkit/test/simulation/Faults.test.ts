/**
 * Each fault as data, and what a process sees of it: while it lasts, after it, and when all are healed.
 */
import { assert, describe, it } from "@effect/vitest"
import { Disk, type DiskError } from "@millrace/core/platform/Disk"
import { Network } from "@millrace/core/platform/Network"
import * as Fault from "@millrace/testkit/simulation/Fault"
import { type Ports, Process } from "@millrace/testkit/simulation/Process"
import { SimulatedNetwork } from "@millrace/testkit/simulation/SimulatedNetwork"
import { Universe } from "@millrace/testkit/simulation/Universe"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { good } from "./goodConditions.ts"

/** What a process says, and when, in milliseconds of the universe. */
type Say = (what: unknown) => Effect.Effect<void>

/** Sends back what it is sent, one byte at a time, and says so. */
const echo = (say: Say) =>
  Effect.gen(function*() {
    const network = yield* Network
    const listener = yield* network.listen({ host: "two", port: 1 })
    return yield* Effect.forever(Effect.gen(function*() {
      const connection = yield* listener.accept
      yield* Effect.forkChild(Effect.ignore(Effect.forever(Effect.gen(function*() {
        const chunk = yield* connection.read
        if (chunk === null) return yield* Effect.interrupt
        yield* say(`got ${chunk[0]}`)
        yield* connection.write([chunk])
      }))))
    }))
  }).pipe(Effect.scoped)

const connect = Effect.flatMap(Network, (network) => network.connect({ host: "two", port: 1 }))

/**
 * Runs a program as the process `one`, beside an echo on `two`, with these faults; gives what was said, and when. It is
 * healed after `healMs`.
 */
const run = (
  program: (say: Say, life: number) => Effect.Effect<unknown, unknown, Ports>,
  faults: ReadonlyArray<Fault.Fault>,
  healMs = 1_000_000
) => {
  const universe = new Universe({ seed: 1, operationsMax: 20, stepsMax: 1_000_000, timeMaxUs: 120_000_000 })
  const network = new SimulatedNetwork(universe, good)
  const said: Array<readonly [what: unknown, atMs: number]> = []
  const say: Say = (what) => Effect.sync(() => void said.push([what, universe.nowUs / 1000]))
  let life = 0
  const clock = { skewMs: 0, rate: 1 }
  const one = new Process(universe, network, "one", clock, [Effect.suspend(() => Effect.orDie(program(say, ++life)))])
  const two = new Process(universe, network, "two", clock, [echo(say)])
  let isOver = false
  one.onExit = (exit) => {
    isOver = true
    assert.strictEqual(exit._tag, "Success", String(exit))
  }
  const all = new Fault.Faults(universe, network, new Map([["one", one], ["two", two]]))
  all.plan(faults)
  universe.after(healMs * 1000, () => all.heal())
  two.start()
  universe.after(100_000, () => one.start())
  assert.strictEqual(universe.run(() => isOver), "done")
  return said
}

const reasonOf = (effect: Effect.Effect<void, DiskError>): Effect.Effect<string> =>
  Effect.match(effect, { onFailure: ({ reason }) => reason, onSuccess: () => "done" })

const open = Effect.flatMap(
  Disk,
  (disk) =>
    Effect.catch(
      disk.open("one.log", "write"),
      () => Effect.tap(disk.open("one.log", "create"), () => disk.syncDirectory("."))
    )
)

/** Writes a kilobyte and says how it went, every 100 ms until a time. */
const writing = (untilMs: number) => (say: Say) =>
  Effect.gen(function*() {
    const file = yield* open
    for (let at = 0; (yield* Clock.monotonicTimeNanos) < untilMs * 1_000_000; at += 1000) {
      yield* Effect.flatMap(reasonOf(file.write([new Uint8Array(1000)], at)), say)
      yield* Effect.sleep(100)
    }
  })

const within = (said: ReturnType<typeof run>, fromMs: number, untilMs: number): ReadonlyArray<unknown> =>
  said.filter(([, atMs]) => atMs >= fromMs && atMs < untilMs).map(([what]) => what)

describe("a disk", () => {
  it("is slow for a while", () => {
    const syncMs = (say: Say) =>
      Effect.gen(function*() {
        const file = yield* open
        for (let round = 0; round < 3; round++) {
          const before = yield* Clock.monotonicTimeNanos
          for (let at = 0; at < 400; at++) {
            yield* file.write([Uint8Array.of(1)], at)
            yield* file.sync
          }
          yield* say(Number((yield* Clock.monotonicTimeNanos) - before) / 1_000_000)
          yield* Effect.sleep(round === 0 ? 10_000 : 50_000)
        }
      })
    const [usual, slow, after] = run(syncMs, [{
      kind: "slowDisk",
      process: "one",
      atMs: 5_000,
      forMs: 40_000,
      factor: 10
    }])
      .map(([what]) => what as number)
    assert.closeTo(slow! / usual!, 10, 5)
    assert.closeTo(after! / usual!, 1, 0.5)
  })

  it("stalls for a while: nothing is answered, and all of it then", () => {
    const said = run(writing(8_000), [{ kind: "stallDisk", process: "one", atMs: 3_000, forMs: 2_000 }])
    assert.isAbove(within(said, 1_000, 3_000).length, 15)
    assert.isAtMost(within(said, 3_010, 5_000).length, 1)
    assert.isAbove(within(said, 5_000, 7_000).length, 15)
  })

  it("is full for a while, but for what is left", () => {
    const said = run(writing(8_000), [{
      kind: "fullDisk",
      process: "one",
      atMs: 3_000,
      forMs: 2_000,
      leftBytes: 3_500
    }])
    assert.deepStrictEqual([...new Set(within(said, 0, 3_300))], ["done"])
    assert.deepStrictEqual(within(said, 3_000, 5_000).filter((what) => what === "done").length, 3)
    assert.deepStrictEqual([...new Set(within(said, 3_500, 5_000))], ["NoSpace"])
    assert.deepStrictEqual([...new Set(within(said, 5_000, 8_000))], ["done"])
  })

  it("fails to sync: what was written before is seen until a loss of power, and then is gone, whatever was synced later", () => {
    const program = (say: Say, life: number) =>
      Effect.gen(function*() {
        const file = yield* open
        const bytes = new Uint8Array(3)
        if (life === 1) {
          yield* file.write([Uint8Array.of(1)], 0)
          yield* file.sync
          yield* file.write([Uint8Array.of(2)], 1)
          yield* Effect.sleep("1 second")
          yield* Effect.flatMap(reasonOf(file.sync), say)
          yield* file.write([Uint8Array.of(3)], 2)
          yield* Effect.flatMap(reasonOf(file.sync), say)
          yield* file.read(bytes, 0)
          yield* say([...bytes])
          return yield* Effect.never
        }
        yield* file.read(bytes, 0)
        yield* say([...bytes])
      })
    const said = run(program, [
      { kind: "failSync", process: "one", atMs: 500, count: 1 },
      { kind: "crash", process: "one", atMs: 5_000, crash: "power", downMs: 10 }
    ])
    assert.deepStrictEqual(said.map(([what]) => what), ["Io", "done", [1, 2, 3], [1, 0, 3]])
  })

  it("rots: one bit of what was synced is another, before and after a loss of power", () => {
    const program = (say: Say, life: number) =>
      Effect.gen(function*() {
        const file = yield* open
        const bytes = new Uint8Array(4)
        if (life === 1) {
          yield* file.write([bytes], 0)
          yield* file.sync
        }
        yield* Effect.sleep("1 second")
        yield* file.read(bytes, 0)
        yield* say([...bytes])
        if (life === 1) return yield* Effect.never
      })
    const said = run(program, [
      { kind: "rot", process: "one", atMs: 500, file: 7, position: 6, bit: 3 },
      { kind: "crash", process: "one", atMs: 3_000, crash: "power", downMs: 10 }
    ])
    assert.deepStrictEqual(said.map(([what]) => what), [[0, 0, 8, 0], [0, 0, 8, 0]])
  })
})

/** Sends a byte each 100 ms until a time, over one connection, and says when its echo is back. */
const talking = (untilMs: number) => (say: Say) =>
  Effect.gen(function*() {
    const connection = yield* connect
    for (let byte = 0; (yield* Clock.monotonicTimeNanos) < untilMs * 1_000_000; byte = (byte + 1) % 250) {
      yield* connection.write([Uint8Array.of(byte)])
      yield* connection.read
      yield* say("back")
      yield* Effect.sleep(100)
    }
  }).pipe(Effect.catchTag("NetworkError", ({ reason }) => say(reason)))

const isGot = (what: unknown): boolean => String(what).startsWith("got")

describe("a network", () => {
  it("lets nothing through in either direction of a partition, and all of it after", () => {
    const said = run(talking(10_000), [
      { kind: "partition", process: "one", other: "two", atMs: 3_000, forMs: 2_000, oneWay: false }
    ])
    assert.isAtMost(within(said, 3_005, 5_000).length, 0)
    assert.isAbove(within(said, 7_000, 10_000).length, 20)
  })

  it("lets what comes the other way through a partition of one direction", () => {
    const partition = { kind: "partition", atMs: 3_000, forMs: 2_000, oneWay: true } as const
    const there = run(talking(10_000), [{ ...partition, process: "one", other: "two" }])
    assert.isAtMost(within(there, 3_005, 5_000).length, 0)
    const back = run(talking(10_000), [{ ...partition, process: "two", other: "one" }])
    assert.isAtMost(within(back, 3_005, 5_000).filter((what) => !isGot(what)).length, 0)
    assert.strictEqual(within(back, 2_990, 5_000).filter(isGot).length, 1)
  })

  it("breaks connections, and tells both ends at once", () => {
    const said = run(talking(10_000), [{ kind: "reset", process: "one", other: "two", atMs: 3_000 }])
    const [last, atMs] = said.at(-1)!
    assert.strictEqual(last, "Reset")
    assert.closeTo(atMs, 3_050, 60)
  })

  it("takes longer over a bad link", () => {
    const said = run(talking(12_000), [
      { kind: "badLink", process: "two", other: "one", atMs: 4_000, forMs: 4_000, factor: 50, loss: 0 }
    ])
    const [usual, bad, after] = [[0, 4_000], [4_000, 8_000], [8_000, 12_000]].map(([from, until]) =>
      within(said, from!, until!).filter(isGot).length
    )
    // about 102 ms a round, and 200 ms
    assert.closeTo(bad! / usual!, 0.5, 0.1)
    assert.closeTo(after! / usual!, 1, 0.1)
  })
})

describe("a process", () => {
  it("dies at a change of its disk that has taken effect, and is told of it in no way", () => {
    const program = (say: Say, life: number) =>
      Effect.gen(function*() {
        const file = yield* open
        if (life === 1) {
          yield* Effect.sleep("1 second")
          for (let at = 0; at < 10; at++) {
            yield* file.write([Uint8Array.of(at + 1)], at)
            yield* say(at)
          }
        }
        yield* Effect.flatMap(file.size, say)
      })
    const said = run(program, [
      { kind: "crashAtChange", process: "one", atMs: 500, change: 4, crash: "kill", downMs: 100 }
    ])
    assert.deepStrictEqual(said.map(([what]) => what), [0, 1, 2, 3, 5])
  })

  it("has a wall clock that jumps, and clocks that run too fast for a while", () => {
    const telling = (say: Say) =>
      Effect.gen(function*() {
        for (let second = 0; second < 8; second++) {
          yield* say([yield* Clock.currentTimeMillis, Number(yield* Clock.monotonicTimeNanos) / 1_000_000])
          yield* Effect.sleep("1 second")
        }
      })
    const said = run(telling, [
      { kind: "skew", process: "one", atMs: 1_500, byMs: -60_000 },
      { kind: "drift", process: "one", atMs: 2_500, forMs: 1_000, rate: 2 }
    ]) as ReadonlyArray<readonly [what: readonly [wallMs: number, steadyMs: number], atMs: number]>
    const [first, , later] = said
    const last = said.at(-1)!
    assert.closeTo(later![0][0] - first![0][0], 2_000 - 60_000, 5)
    assert.closeTo(later![0][1] - first![0][1], 2_000, 5)
    assert.closeTo(last[0][1] - first![0][1] - (last[1] - first![1]), 1_000, 5)
  })
})

describe("healing", () => {
  it("ends whatever lasts, at once, and what has not begun never does", () => {
    const long = { process: "one", atMs: 1_000, forMs: 60_000 }
    const program = (say: Say) =>
      Effect.gen(function*() {
        yield* Effect.sleep("2 seconds")
        const file = yield* open
        yield* Effect.flatMap(reasonOf(file.write([new Uint8Array(1000)], 0)), say)
        yield* Effect.flatMap(reasonOf(file.sync), say)
        const connection = yield* connect
        yield* connection.write([Uint8Array.of(1)])
        yield* connection.read
        yield* say("back")
        yield* Effect.sleep("70 seconds")
        yield* Effect.flatMap(reasonOf(file.sync), say)
      })
    const said = run(program, [
      { kind: "fullDisk", ...long, leftBytes: 0 },
      { kind: "stallDisk", ...long },
      { kind: "slowDisk", ...long, factor: 50 },
      { kind: "failSync", process: "one", atMs: 1_000, count: 3 },
      { kind: "partition", ...long, other: "two", oneWay: false },
      { kind: "badLink", ...long, other: "two", factor: 100, loss: 0.5 },
      { kind: "refuse", ...long, process: "two" },
      { kind: "drift", ...long, rate: 0.5 },
      { kind: "pause", ...long },
      { kind: "crash", process: "one", atMs: 20_000, crash: "kill", downMs: 10 },
      { kind: "crashAtChange", process: "one", atMs: 1_000, change: 5, crash: "power", downMs: 10 }
    ], 10_000)
    assert.deepStrictEqual(said.map(([what]) => what), ["done", "done", "got 1", "back", "done"])
    assert.isBelow(said[3]![1], 13_000)
    assert.closeTo(said[4]![1] - said[3]![1], 70_000, 100)
  })
})
