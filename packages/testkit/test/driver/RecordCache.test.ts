import {
  KGroupedStream,
  KGroupedTable,
  KStream,
  KTable,
  Serde,
  SessionWindowedKStream,
  SessionWindows,
  SlidingWindows,
  TimeWindowedKStream,
  TimeWindows,
  Topic,
  Topology
} from "@millrace/core"
import { PartitionedTestDriver, TopologyTestDriver } from "@millrace/testkit"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const text = { key: Serde.string, value: Serde.string }
const lines = Topic.make("lines", text)
const names = Topic.make("names", text)
const out = Topic.make("out", text)

const grouped = KStream.from(lines).pipe(KStream.groupByKey)
const concat = { initial: () => "", add: (all: string, line: string) => all + line, value: Serde.string }
const written = <K, E, R>(table: KTable.KTable<K, string, E, R>) =>
  Topology.make(
    KTable.toStream(table).pipe(
      KStream.selectKey((key) => JSON.stringify(key), Serde.string),
      KStream.to(out)
    )
  )

const topologies = {
  aggregate: written(grouped.pipe(KGroupedStream.aggregate(concat))),
  hopping: written(
    grouped.pipe(
      KGroupedStream.windowedBy(TimeWindows.hopping(10, { advance: 5, grace: 100 })),
      TimeWindowedKStream.aggregate(concat)
    )
  ),
  sliding: written(
    grouped.pipe(
      KGroupedStream.windowedBy(SlidingWindows.ofTimeDifference(5, { grace: 100 })),
      TimeWindowedKStream.aggregate(concat)
    )
  ),
  sessions: written(
    grouped.pipe(
      KGroupedStream.windowedBy(SessionWindows.withGap(3, { grace: 100 })),
      SessionWindowedKStream.aggregate({ ...concat, merge: (first, second) => first + second })
    )
  ),
  // one cached table below another: what the first passes on when it is flushed, the second still has to
  regrouped: written(
    KTable.from(names, { as: "names" }).pipe(
      KTable.join(KTable.from(lines, { as: "lines" }), (name, line) => name + line, {
        value: Serde.string,
        as: "joined"
      }),
      KTable.groupBy((key, line) => [line.slice(0, 1), key], text),
      KGroupedTable.aggregate({
        initial: () => "",
        add: (all, key) => [...all, key].sort().join(""),
        remove: (all, key) => all.replace(key, ""),
        value: Serde.string
      })
    )
  )
}

const Action = Schema.Union([
  Schema.Struct({
    _tag: Schema.tag("Pipe"),
    topic: Schema.Literals(["lines", "names"]),
    key: Schema.Literals(["a", "b", "c"]),
    value: Schema.Literals(["x", "y", "z"]),
    timestamp: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40 }))
  }),
  Schema.Struct({ _tag: Schema.Literals(["Commit", "Process"]) })
])

const run = (
  topology: Topology.Topology,
  stateStoreCacheMaxBytes: number,
  actions: ReadonlyArray<typeof Action.Type>
) => {
  const driver = PartitionedTestDriver.make(topology, { commits: "manual", stateStoreCacheMaxBytes })
  for (const action of actions) {
    if (action._tag === "Pipe") {
      if (action.topic === "lines") driver.pipe(lines, action)
      else if (topology === topologies.regrouped) driver.pipe(names, action)
    } else if (action._tag === "Commit") driver.commit()
    else driver.process()
  }
  do driver.commit()
  while (driver.process() > 0)
  return driver
}

/** Without the deletions of what never was, which a cache keeps to itself. */
const table = (driver: PartitionedTestDriver.PartitionedTestDriver) =>
  new Map([...driver.readTable(out)].sort(([a], [b]) => a < b ? -1 : 1))

describe("record caches", () => {
  for (const [name, topology] of Object.entries(topologies)) {
    it.effect.prop(
      `end with the table that there is without them: ${name}`,
      [Schema.Array(Action), Schema.Literals([1, 150, 400, 10_000_000])],
      ([actions, size]) =>
        Effect.sync(() => {
          const cached = run(topology, size, actions)
          const plain = run(topology, 0, actions)
          assert.deepStrictEqual(table(cached), table(plain))
          assert.isAtMost(cached.readAll(out).length, plain.readAll(out).length)
        }),
      { arbitrary: { runs: 60, seed: name } }
    )
  }

  it("pass on one change of each key at a commit, in the order of the last puts, with old values", () => {
    const driver = PartitionedTestDriver.make(topologies.aggregate, {
      commits: "manual",
      stateStoreCacheMaxBytes: 10_000
    })
    for (const key of ["a", "b", "a", "c"]) driver.pipe(lines, { key, value: key, timestamp: 1 })
    driver.process()
    assert.deepStrictEqual(driver.readAll(out), [])
    driver.commit()
    const seen = driver.readAll(out).map(({ key, value }) => [key, value])
    assert.deepStrictEqual(seen, [["\"b\"", "b"], ["\"a\"", "aa"], ["\"c\"", "c"]])
  })

  it("give up all that a store has not passed on when its oldest must leave", () => {
    // an entry: 24 + 1 + 20, its topic's name, key, timestamp and value
    const entryBytes = 24 + 1 + 20 + 5 + 1 + 8 + 1
    const driver = PartitionedTestDriver.make(topologies.aggregate, {
      commits: "manual",
      stateStoreCacheMaxBytes: 2 * entryBytes
    })
    const pipe = (key: string) => {
      driver.pipe(lines, { key, value: key, timestamp: 1 })
      driver.process()
      return driver.readAll(out).map((record) => record.value)
    }
    assert.deepStrictEqual([pipe("a"), pipe("b")], [[], []])
    assert.deepStrictEqual(pipe("c"), ["a", "b", "c"])
    assert.deepStrictEqual(pipe("b"), ["a", "b", "c"], "it is there still, and is dirty again")
    driver.commit()
    assert.deepStrictEqual(driver.readAll(out).map((record) => record.value), ["a", "b", "c", "bb"])
  })

  it("show what they hold to those who read stores, and change nothing by it", () => {
    const driver = TopologyTestDriver.make(topologies.aggregate, { stateStoreCacheMaxBytes: 1_000 })
    driver.pipe(lines, { key: "a", value: "x", timestamp: 1 })
    const [name] = [...driver.stores.keys()]
    assert.deepStrictEqual(driver.keyValueStore(name!).get("a"), { value: "x", timestamp: 1 })
    assert.deepStrictEqual([...driver.keyValueStore(name!).range()].map(({ key }) => key), ["a"])
  })
})
