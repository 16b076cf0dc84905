import { TaskError } from "@millrace/client/streams/engine/TaskError"
import {
  KGroupedStream,
  KGroupedTable,
  KStream,
  KTable,
  Serde,
  Suppressed,
  TimeWindowedKStream,
  TimeWindows,
  Topic,
  Topology
} from "@millrace/core"
import { SessionWindowedKStream, SessionWindows, SlidingWindows, UnlimitedWindows } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"
import { DriverError } from "@millrace/testkit/driver/DriverError"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
const counts = Topic.make("counts", { key: Serde.string, value: Serde.long })

const wordCount = Topology.make(
  KStream.from(lines).pipe(
    KStream.flatMapValues((line) => line.toLowerCase().match(/\p{L}+/gu) ?? [], Serde.string),
    KStream.groupBy((_key, word) => word, Serde.string),
    KGroupedStream.count({ as: "counts" }),
    KTable.toStream,
    KStream.to(counts)
  )
)

const translated = Topic.make("translated", { key: Serde.string, value: Serde.string })

/** What it throws. */
const caught = (run: () => void): unknown => {
  try {
    run()
    return undefined
  } catch (cause) {
    return cause
  }
}

describe("TopologyTestDriver", () => {
  it("counts words", () => {
    const driver = TopologyTestDriver.make(wordCount)
    driver.pipe(lines, { key: null, value: "to be or not to be" })
    assert.deepStrictEqual(driver.readTable(counts), new Map([["to", 2], ["be", 2], ["or", 1], ["not", 1]]))
    assert.deepStrictEqual(driver.read(counts).map(({ key, value }) => `${key}=${value}`), [
      "to=1",
      "be=1",
      "or=1",
      "not=1",
      "to=2",
      "be=2"
    ])
    assert.deepStrictEqual(driver.read(counts), [])
    assert.deepStrictEqual(driver.keyValueStore("counts").get("to"), { value: 2, timestamp: 0 })
  })

  const Click = Schema.Struct({
    key: Schema.Literals(["a", "b"]),
    timestamp: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100 }))
  })

  it.effect.prop(
    "counts in hopping windows as a model that looks at all records does",
    [Schema.Array(Click)],
    ([clicks]) =>
      Effect.sync(() => {
        const [sizeMs, advanceMs, graceMs] = [20, 5, 7]
        const perWindow = Topic.make("per-window", {
          key: Serde.windowed(Serde.string, sizeMs),
          value: Serde.long
        })
        const driver = TopologyTestDriver.make(Topology.make(
          KStream.from(lines).pipe(
            KStream.groupByKey,
            KGroupedStream.windowedBy(TimeWindows.hopping(sizeMs, { advance: advanceMs, grace: graceMs })),
            TimeWindowedKStream.count({ as: "windows" }),
            KTable.toStream,
            KStream.to(perWindow)
          )
        ))
        const expected = new Map<string, number>()
        let streamTime = -1
        let expired = 0
        for (const { key, timestamp } of clicks) {
          driver.pipe(lines, { key, value: "x", timestamp })
          streamTime = Math.max(streamTime, timestamp)
          for (let start = 0; start <= timestamp; start += advanceMs) {
            if (start + sizeMs <= timestamp) continue
            if (start + sizeMs <= streamTime - graceMs) expired++
            else expected.set(`${key}@${start}`, (expected.get(`${key}@${start}`) ?? 0) + 1)
          }
        }
        const table = [...driver.readTable(perWindow)].map(([{ key, start }, value]) => [`${key}@${start}`, value])
        assert.deepStrictEqual(new Map(table as Array<[string, number]>), expected)
        assert.strictEqual(driver.droppedRecords(), expired)
      }),
    { arbitrary: { runs: 100, seed: "streams" } }
  )

  const Move = Schema.Struct({
    player: Schema.Literals(["p", "q", "r"]),
    team: Schema.NullOr(Schema.Literals(["red", "blue"]))
  })

  it.effect.prop(
    "keeps a count per group of a table whose rows move between groups",
    [Schema.Array(Move)],
    ([moves]) =>
      Effect.sync(() => {
        const teams = Topic.make("teams", { key: Serde.string, value: Serde.string })
        const sizes = Topic.make("sizes", { key: Serde.string, value: Serde.long })
        const driver = TopologyTestDriver.make(Topology.make(
          KTable.from(teams).pipe(
            KTable.groupBy((player, team) => [team, player] as const, { key: Serde.string, value: Serde.string }),
            KGroupedTable.count({ as: "sizes" }),
            KTable.toStream,
            KStream.to(sizes)
          )
        ))
        const model = new Map<string, string>()
        for (const { player, team } of moves) {
          driver.pipe(teams, { key: player, value: team })
          if (team === null) model.delete(player)
          else model.set(player, team)
          const table = driver.readTable(sizes)
          for (const each of ["red", "blue"]) {
            const size = [...model.values()].filter((of) => of === each).length
            assert.strictEqual(table.get(each) ?? 0, size)
          }
        }
      }),
    { arbitrary: { runs: 60, seed: "streams" } }
  )

  it("joins a stream with a table as it is at that moment", () => {
    const names = Topic.make("names", { key: Serde.string, value: Serde.string })
    const greetings = Topic.make("greetings", { key: Serde.string, value: Serde.string })
    const driver = TopologyTestDriver.make(Topology.make(
      KStream.from(lines).pipe(
        KStream.leftJoin(KTable.from(names), (line, name) => `${line} ${name ?? "?"}`),
        KStream.mapValues((text) => text, Serde.string),
        KStream.to(greetings)
      )
    ))
    driver.pipe(lines, { key: "1", value: "hello", timestamp: 5 })
    driver.pipe(names, { key: "1", value: "Ada", timestamp: 9 })
    driver.pipe(lines, { key: "1", value: "hello", timestamp: 7 })
    driver.pipe(names, { key: "1", value: null, timestamp: 10 })
    driver.pipe(lines, { key: "1", value: "bye", timestamp: 11 })
    assert.deepStrictEqual(driver.read(greetings).map(({ timestamp, value }) => [value, timestamp]), [
      ["hello ?", 5],
      ["hello Ada", 7],
      ["bye ?", 11]
    ])
  })

  it("names the node and the record of a failure, and is done then", () => {
    const driver = TopologyTestDriver.make(Topology.make(
      KStream.from(lines).pipe(
        KStream.mapValues((line) => {
          if (line === "bad") throw new Error("boom")
          return line.length
        }, Serde.long),
        KStream.to(counts)
      )
    ))
    driver.pipe(lines, { key: "k", value: "good" })
    let failure: unknown
    try {
      driver.pipe(lines, { key: "k", value: "bad" })
    } catch (error) {
      failure = error
    }
    assert.instanceOf(failure, TaskError)
    assert.strictEqual(failure.reason, "UserCode")
    assert.strictEqual(failure.node, "KSTREAM-MAPVALUES-0000000001")
    assert.strictEqual(
      failure.message,
      "task 0_0: UserCode in KSTREAM-MAPVALUES-0000000001, record lines-0 at offset 1: boom"
    )
    assert.throws(() => driver.pipe(lines, { key: "k", value: "good" }), /failed before/)
  })

  it("counts what it drops, and fails or goes on at bytes that do not fit", () => {
    const numbers = Topic.make("numbers", { key: Serde.string, value: Serde.long })
    const topology = Topology.make(KStream.from(numbers).pipe(KStream.to(counts)))
    const bytes = { key: null, value: Uint8Array.of(1, 2) }
    const strict = TopologyTestDriver.make(topology)
    strict.pipeBytes("numbers", { key: null, value: null })
    assert.strictEqual(strict.droppedRecords(), 1)
    assert.throws(() => strict.pipeBytes("numbers", bytes), /Deserialize in KSTREAM-SOURCE-0000000000/)
    const lenient = TopologyTestDriver.make(topology, { deserializationExceptionHandler: "continue" })
    lenient.pipeBytes("numbers", bytes)
    lenient.pipe(numbers, { key: "k", value: 1 })
    assert.strictEqual(lenient.droppedRecords(), 1)
    assert.deepStrictEqual(lenient.readTable(counts), new Map([["k", 1]]))
  })

  it("refuses topics that are not read", () => {
    const driver = TopologyTestDriver.make(wordCount)
    assert.throws(() => driver.pipe(counts, { key: "k", value: 1 }), /does not read counts/)
  })

  it("runs effects with the services of a layer, at once", () => {
    class Dictionary extends Context.Service<Dictionary, {
      readonly translate: (word: string) => Effect.Effect<string, string>
    }>()("test/Dictionary") {}
    const topology = Topology.make(
      KStream.from(lines).pipe(
        KStream.mapValuesEffect((line) => Dictionary.use((each) => each.translate(line)), Serde.string),
        KStream.to(translated)
      )
    )
    let isOpen = false
    const layer = Layer.effect(
      Dictionary,
      Effect.as(
        Effect.acquireRelease(Effect.sync(() => void (isOpen = true)), () => Effect.sync(() => void (isOpen = false))),
        {
          translate: (word: string) =>
            word === "slow" ? Effect.as(Effect.sleep(1), word) : word === "bad" ? Effect.fail("no word") : Effect.map(
              Clock.currentTimeMillis,
              (ms) => `${word}!${ms}`
            )
        }
      )
    )
    const driver = TopologyTestDriver.make(topology, { layer, wallClockMs: 7 })
    driver.pipe(lines, { key: "k", value: "hello" })
    driver.pipe(lines, { key: "k", value: "again" })
    assert.deepStrictEqual(driver.read(translated).map((each) => each.value), ["hello!7", "again!7"])
    assert.isTrue(isOpen)
    driver.close()
    assert.isFalse(isOpen)
    // @ts-expect-error the topology needs a Dictionary
    const incomplete = () => TopologyTestDriver.make(topology)
    assert.isFunction(incomplete)

    const failing = TopologyTestDriver.make(topology, { layer })
    const failure = caught(() => failing.pipe(lines, { key: "k", value: "bad" }))
    assert.instanceOf(failure, TaskError)
    assert.deepStrictEqual([failure.reason, failure.cause], ["Effect", "no word"])
    const waiting = TopologyTestDriver.make(topology, { layer })
    const refusal = caught(() => waiting.pipe(lines, { key: "k", value: "slow" }))
    assert.instanceOf(refusal, DriverError)
    assert.strictEqual(refusal.reason, "EffectWaits")
  })
})

const letters = Topic.make("letters", { key: Serde.string, value: Serde.string })
const numbers = Topic.make("numbers", { key: Serde.string, value: Serde.string })

describe("tables joined", () => {
  it("takes back what a side no longer has, and looks through what is not stored", () => {
    const table = KTable.from(letters)
    const joined = table.pipe(
      KTable.outerJoin(KTable.from(numbers), (left, right) => `${left}${right}`),
      KTable.mapValues((value) => `${value}!`)
    )
    const out = Topic.make("out", { key: Serde.string, value: Serde.nullable(Serde.string) })
    const again = KTable.leftJoin(table, joined, (left, right) => `${left}=${right}`, Serde.string)
    const driver = TopologyTestDriver.make(Topology.make(again.pipe(KTable.toStream, KStream.to(out))))
    driver.pipe(letters, { key: "k", value: "a", timestamp: 5 })
    driver.pipe(numbers, { key: "k", value: "1", timestamp: 9 })
    driver.pipe(letters, { key: "k", value: null, timestamp: 3 })
    const last = driver.read(out).at(-1)
    assert.deepStrictEqual([last?.value, last?.timestamp], [null, 9])
  })
})

describe("windows that follow records", () => {
  it("joins two sessions, deletes them, and keeps one", () => {
    const sessions = KStream.from(letters).pipe(
      KStream.groupByKey,
      KGroupedStream.windowedBy(SessionWindows.withGap(5, { grace: 20 })),
      SessionWindowedKStream.count({ as: "sessions", caching: false })
    )
    const out = Topic.make("out", { key: Serde.sessionWindowed(Serde.string), value: Serde.nullable(Serde.long) })
    const driver = TopologyTestDriver.make(Topology.make(sessions.pipe(KTable.toStream, KStream.to(out))))
    for (const timestamp of [0, 9, 5, 60, 1]) driver.pipe(letters, { key: "k", value: "a", timestamp })
    const shown = driver.read(out).map(({ key, value }) => `${key?.start}..${key?.end}=${value}`)
    assert.deepStrictEqual(shown, ["0..0=1", "9..9=1", "0..0=null", "9..9=null", "0..9=3", "60..60=1"])
    assert.deepStrictEqual([...driver.sessionStore("sessions").fetch("k")].map(({ value }) => value), [1])
    assert.strictEqual(driver.droppedRecords(), 1)
    assert.throws(() => driver.sessionStore("nothing"))
  })

  it("opens a sliding window at each record and right after it", () => {
    const sliding = KStream.from(letters).pipe(
      KStream.groupByKey,
      KGroupedStream.windowedBy(SlidingWindows.ofTimeDifference(10)),
      TimeWindowedKStream.reduce((all, value) => all + value, { as: "sliding" })
    )
    const driver = TopologyTestDriver.make(Topology.make(sliding))
    for (const [value, timestamp] of [["a", 20], ["b", 25], ["c", 40]] as const) {
      driver.pipe(letters, { key: "k", value, timestamp })
    }
    const windows = [...driver.windowStore("sliding").fetch("k", 0, 100)].map(({ key, value }) => [key.start, value])
    assert.deepStrictEqual(windows, [[15, "ab"], [21, "b"], [30, "c"]])
  })

  it("never closes an unlimited window", () => {
    const unlimited = KStream.from(letters).pipe(
      KStream.groupByKey,
      KGroupedStream.windowedBy(UnlimitedWindows.from(10)),
      TimeWindowedKStream.count({ as: "unlimited" })
    )
    const driver = TopologyTestDriver.make(Topology.make(unlimited))
    for (const timestamp of [9, 10, 1e12, 11]) driver.pipe(letters, { key: "k", value: "a", timestamp })
    assert.strictEqual(driver.windowStore("unlimited").get("k", 10)?.value, 3)
  })
})

describe("emission when windows close", () => {
  const grouped = KStream.from(letters).pipe(KStream.groupByKey)
  const out = Topic.make("out", { key: Serde.string, value: Serde.long })
  const shown = (
    topology: Topology.Topology<never, never>,
    timestamps: ReadonlyArray<number>,
    emitIntervalMs = 0
  ) => {
    const driver = TopologyTestDriver.make(topology, { emitIntervalMs })
    for (const timestamp of timestamps) driver.pipe(letters, { key: "k", value: "a", timestamp })
    return driver.read(out).map(({ key, timestamp, value }) => `${key} ${value} at ${timestamp}`)
  }
  const key = ({ end, key, start }: { readonly key: string; readonly start: number; readonly end: number }) =>
    `${key}@${start}..${end}`
  const tumbling = Topology.make(grouped.pipe(
    KGroupedStream.windowedBy(TimeWindows.tumbling(10, { grace: 5 }), { emit: "onWindowClose" }),
    TimeWindowedKStream.count({ retention: 100 }),
    KTable.toStream,
    KStream.selectKey(key, Serde.string),
    KStream.to(out)
  ))

  it("shows each window once, at the time of its last record", () => {
    assert.deepStrictEqual(shown(tumbling, [1, 12, 4, 15, 35]), ["k@0..10 2 at 4", "k@10..20 2 at 15"])
  })

  it("looks no more often than it is told to", () => {
    assert.deepStrictEqual(shown(tumbling, [1, 12, 35], 1000), [])
  })

  it("shows sessions without what they were made of", () => {
    const sessions = Topology.make(grouped.pipe(
      KGroupedStream.windowedBy(SessionWindows.withGap(5), { emit: "onWindowClose" }),
      SessionWindowedKStream.count({ retention: 100 }),
      KTable.toStream,
      KStream.selectKey(key, Serde.string),
      KStream.to(out)
    ))
    assert.deepStrictEqual(shown(sessions, [0, 4, 20]), ["k@0..4 2 at 4"])
  })
})

describe("suppress", () => {
  const table = KTable.from(letters, { as: "letters" })
  const shown = (suppressed: Suppressed.Suppressed<unknown>, inputs: ReadonlyArray<readonly [string, number]>) => {
    const out = Topic.make("out", { key: Serde.string, value: Serde.string })
    const topology = Topology.make(table.pipe(KTable.suppress(suppressed), KTable.toStream, KStream.to(out)))
    const driver = TopologyTestDriver.make(topology)
    for (const [value, timestamp] of inputs) driver.pipe(letters, { key: value[0]!, value, timestamp })
    return driver.read(out).map(({ timestamp, value }) => `${value} at ${timestamp}`)
  }

  it("lets the newest change out when the first has waited long enough", () => {
    const inputs = [["a1", 0], ["a2", 5], ["b1", 9], ["b2", 10]] as const
    assert.deepStrictEqual(shown(Suppressed.untilTimeLimit(10), inputs), ["a2 at 5"])
  })

  it("lets the oldest out early when there is no more room", () => {
    const inputs = [["a1", 0], ["b1", 1], ["a2", 2], ["c1", 3]] as const
    assert.deepStrictEqual(shown(Suppressed.untilTimeLimit(100, { recordsMax: 2 }), inputs), ["a2 at 2"])
  })

  it("fails the task when there is no more room and nothing may leave early", () => {
    const full = Suppressed.untilTimeLimit(100, { recordsMax: 1, whenFull: "ShutDown" })
    assert.throws(() => shown(full, [["a1", 0], ["b1", 1]]), TaskError)
  })

  it("shows those below it what was before", () => {
    const out = Topic.make("out", { key: Serde.string, value: Serde.string })
    const held = table.pipe(KTable.suppress(Suppressed.untilTimeLimit(10)))
    const joined = KStream.from(numbers).pipe(
      KStream.leftJoin(held, (number, letter) => `${number}${letter}`),
      KStream.mapValues((value) => value, Serde.string),
      KStream.to(out)
    )
    const driver = TopologyTestDriver.make(Topology.make(joined))
    driver.pipe(letters, { key: "k", value: "a", timestamp: 0 })
    driver.pipe(numbers, { key: "k", value: "1", timestamp: 1 })
    driver.pipe(letters, { key: "x", value: "b", timestamp: 20 })
    driver.pipe(numbers, { key: "k", value: "2", timestamp: 21 })
    assert.deepStrictEqual(driver.read(out).map(({ value }) => value), ["1null", "2a"])
  })
})
