/**
 * Joins of streams, against the table of Kafka's documentation and against all pairs that there are.
 */
import { JoinWindows, KStream, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const lefts = Topic.make("lefts", { key: Serde.string, value: Serde.nullable(Serde.string) })
const rights = Topic.make("rights", { key: Serde.string, value: Serde.nullable(Serde.string) })
const results = Topic.make("results", { key: Serde.string, value: Serde.string })

type Kind = "join" | "leftJoin" | "outerJoin"

const pair = (left: string | null, right: string | null) => `${left ?? "-"}${right ?? "-"}`

const topologyOf = (kind: Kind, windows: JoinWindows.JoinWindows) => {
  const [left, right] = [KStream.from(lefts), KStream.from(rights)]
  switch (kind) {
    case "join":
      return Topology.make(left.pipe(KStream.join(right, pair, windows), KStream.to(results)))
    case "leftJoin":
      return Topology.make(left.pipe(KStream.leftJoin(right, pair, windows), KStream.to(results)))
    case "outerJoin":
      return Topology.make(KStream.to(KStream.outerJoin(left, right, pair, windows), results))
  }
}

const Arrival = Schema.Struct({
  side: Schema.Literals(["left", "right"]),
  key: Schema.Literals(["a", "b"]),
  time: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 })),
  delay: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 }))
})

interface Joined {
  readonly pairs: ReadonlyArray<string>
  readonly alone: ReadonlyArray<string>
}

/** The joined records as text, in no order. `value` is a number of its own for each record. */
const joinedOf = (kind: Kind, arrivals: ReadonlyArray<typeof Arrival.Type>): Joined => {
  const driver = TopologyTestDriver.make(topologyOf(kind, windows))
  arrivals.forEach(({ key, side, time }, index) => {
    driver.pipe(side === "left" ? lefts : rights, { key, value: String(index), timestamp: time })
  })
  for (const topic of [lefts, rights]) driver.pipe(topic, { key: topic.name, value: "", timestamp: 1_000 })
  const found = driver.read(results).map(({ key, timestamp, value }) => `${key}@${timestamp}:${value}`).sort()
  return { pairs: found.filter((text) => !text.includes("-")), alone: found.filter((text) => text.includes("-")) }
}

const windows = JoinWindows.ofTimeDifference(4, { after: 7, grace: 5 })

const expectedOf = (kind: Kind, arrivals: ReadonlyArray<typeof Arrival.Type>): Joined => {
  const pairs: Array<string> = []
  const met = new Set<number>()
  arrivals.forEach((left, index) => {
    arrivals.forEach((right, other) => {
      const isApart = right.time < left.time - windows.beforeMs || right.time > left.time + windows.afterMs
      if (left.side !== "left" || right.side !== "right" || left.key !== right.key || isApart) return
      met.add(index).add(other)
      pairs.push(`${left.key}@${Math.max(left.time, right.time)}:${index}${other}`)
    })
  })
  const alone = arrivals.flatMap(({ key, side, time }, index) => {
    if (met.has(index) || kind === "join" || (kind === "leftJoin" && side === "right")) return []
    return [`${key}@${time}:${side === "left" ? `${index}-` : `-${index}`}`]
  })
  return { pairs: pairs.sort(), alone: alone.sort() }
}

describe("joins of streams", () => {
  // the table of Kafka's documentation; kafka-surprises 25: what waits leaves one row later
  const rows: ReadonlyArray<readonly [number, "left" | "right", string | null, string, string]> = [
    [1, "left", null, "", ""],
    [2, "right", null, "", ""],
    [3, "left", "A", "", ""],
    [4, "right", "a", "Aa", "Aa"],
    [5, "left", "B", "Ba", "Ba"],
    [6, "right", "b", "Ab Bb", "Ab Bb"],
    [7, "left", null, "", ""],
    [8, "right", null, "", ""],
    [9, "left", "C", "Ca Cb", "Ca Cb"],
    [10, "right", "c", "Ac Bc Cc", "Ac Bc Cc"],
    [14, "right", "d", "Ad Bd Cd", "Ad Bd Cd"],
    [15, "left", "D", "Da Db Dc Dd", "Da Db Dc Dd"],
    [40, "left", "E", "", ""],
    [60, "left", "F", "", ""],
    [80, "right", "f", "E-", "E-"],
    [100, "left", "G", "F-", "F-"]
  ]

  it("give what Kafka's documentation says, and what waits once it is surely alone", () => {
    const quarter = JoinWindows.ofTimeDifference("15 seconds", { grace: "5 seconds" })
    for (const [kind, column] of [["leftJoin", 3], ["outerJoin", 4]] as const) {
      const driver = TopologyTestDriver.make(topologyOf(kind, quarter))
      for (const row of rows) {
        const [seconds, side, value] = row
        driver.pipe(side === "left" ? lefts : rights, { key: "k", value, timestamp: seconds * 1000 })
        assert.strictEqual(
          driver.read(results).map((record) => record.value).join(" "),
          row[column],
          `${kind} ${seconds}`
        )
      }
      assert.strictEqual(driver.droppedRecords(), 4)
    }
  })

  it.effect.prop(
    "are all pairs, and all that are alone, of records in order",
    [Schema.Array(Arrival)],
    ([given]) =>
      Effect.sync(() => {
        const arrivals = given.toSorted((a, b) => a.time - b.time)
        for (const kind of ["join", "leftJoin", "outerJoin"] as const) {
          assert.deepStrictEqual(joinedOf(kind, arrivals), expectedOf(kind, arrivals), kind)
        }
      }),
    { arbitrary: { runs: 150, seed: "stream joins in order" } }
  )

  it.effect.prop(
    "are all pairs, each once, of records that are late within the grace",
    [Schema.Array(Arrival)],
    ([given]) =>
      Effect.sync(() => {
        const arrivals = given.toSorted((a, b) => a.time + a.delay - b.time - b.delay)
        for (const kind of ["join", "leftJoin", "outerJoin"] as const) {
          const [found, expected] = [joinedOf(kind, arrivals), expectedOf(kind, arrivals)]
          assert.deepStrictEqual(found.pairs, expected.pairs, kind)
          // a late record that finds no partner leaves at once, so it may meet one yet; none leaves alone twice
          assert.includeMembers([...found.alone], [...expected.alone], kind)
          assert.strictEqual(new Set(found.alone).size, found.alone.length, kind)
        }
      }),
    { arbitrary: { runs: 150, seed: "stream joins late" } }
  )

  it.effect.prop(
    "with themselves are the same over one store",
    [Schema.Array(Arrival)],
    ([given]) =>
      Effect.sync(() => {
        const arrivals = given.toSorted((a, b) => a.time + a.delay - b.time - b.delay)
        const topology = () => {
          const stream = KStream.from(lefts)
          return Topology.make(stream.pipe(KStream.join(stream, pair, windows), KStream.to(results)))
        }
        const run = (optimization: "none" | "all") => {
          const driver = TopologyTestDriver.make(topology(), { optimization })
          arrivals.forEach(({ key, time }, index) => {
            driver.pipe(lefts, { key, value: String(index), timestamp: time })
          })
          return { stores: driver.stores.size, results: driver.read(results) }
        }
        const [two, one] = [run("none"), run("all")]
        assert.deepStrictEqual(one.results, two.results)
        assert.deepStrictEqual([one.stores, two.stores], [1, 2])
      }),
    { arbitrary: { runs: 100, seed: "self joins" } }
  )

  it("keep a record without key of a side that is kept, and drop it of another", () => {
    const driver = TopologyTestDriver.make(topologyOf("leftJoin", windows))
    driver.pipe(lefts, { key: null, value: "1", timestamp: 0 })
    driver.pipe(rights, { key: null, value: "2", timestamp: 0 })
    assert.deepStrictEqual(driver.read(results).map(({ key, value }) => [key, value]), [[null, "1-"]])
    assert.strictEqual(driver.droppedRecords(), 1)
  })

  it("look for what waits once per interval of the wall clock", () => {
    const driver = TopologyTestDriver.make(topologyOf("outerJoin", windows), { emitIntervalMs: 1000 })
    driver.pipe(lefts, { key: "a", value: "1", timestamp: 0 })
    driver.pipe(rights, { key: "b", value: "2", timestamp: 100 })
    assert.deepStrictEqual(driver.read(results), [])
    driver.advanceWallClock("1 second")
    driver.pipe(rights, { key: "b", value: "3", timestamp: 101 })
    assert.deepStrictEqual(driver.read(results).map(({ timestamp, value }) => [timestamp, value]), [[0, "1-"]])
  })

  it("refuse windows that cannot be", () => {
    const wrong = [
      JoinWindows.ofTimeDifference(5, { before: -6 }),
      JoinWindows.ofTimeDifference(5, { grace: -1 }),
      JoinWindows.ofTimeDifference(0.5)
    ]
    for (const windows of wrong) {
      assert.deepStrictEqual(Topology.validate(topologyOf("join", windows)).map(({ reason }) => reason), [
        "InvalidWindows"
      ])
    }
    assert.deepStrictEqual(Topology.validate(topologyOf("join", JoinWindows.ofTimeDifference(5, { before: -5 }))), [])
  })
})
