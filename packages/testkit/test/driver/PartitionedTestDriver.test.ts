import {
  GlobalKTable,
  KGroupedStream,
  KStream,
  KTable,
  Serde,
  SessionWindowedKStream,
  SessionWindows,
  TimeWindowedKStream,
  TimeWindows,
  Topic,
  Topology
} from "@millrace/core"
import { PartitionedTestDriver, TopologyTestDriver } from "@millrace/testkit"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
const lines2 = Topic.make("lines-2", { key: Serde.string, value: Serde.string })
const counts = Topic.make("counts", { key: Serde.string, value: Serde.long })

const wordCount = Topology.make(
  KStream.from(lines).pipe(
    KStream.flatMapValues((line) => line.split(" "), Serde.string),
    KStream.groupBy((_key, word) => word, Serde.string),
    KGroupedStream.count({ as: "counts" }),
    KTable.toStream,
    KStream.to(counts)
  )
)

const Action = Schema.Union([
  Schema.Struct({
    _tag: Schema.tag("Pipe"),
    key: Schema.Literals(["k1", "k2", "k3", "k4"]),
    line: Schema.Literals(["a", "b a", "c b a", "d d"])
  }),
  Schema.Struct({ _tag: Schema.tag("Process"), most: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 3 })) }),
  Schema.Struct({ _tag: Schema.Literals(["Commit", "Add", "Stop", "Crash"]) })
])
type Action = typeof Action.Type

const instancesMax = 3

const run = (driver: PartitionedTestDriver.PartitionedTestDriver, actions: ReadonlyArray<Action>): void => {
  for (const action of actions) {
    const names = [...driver.assignment().keys()]
    if (action._tag === "Pipe") driver.pipe(lines, { key: action.key, value: action.line, timestamp: 0 })
    else if (action._tag === "Process") driver.process(action.most)
    else if (action._tag === "Commit") driver.commit()
    else if (action._tag === "Add" && names.length < instancesMax) driver.addInstance()
    else if (action._tag === "Stop" && names.length > 1) driver.stopInstance(names[0]!)
    else if (action._tag === "Crash" && names.length > 1) driver.crashInstance(names.at(-1)!)
  }
  do driver.commit()
  while (driver.process() > 0)
}

/** How often each word was piped. */
const reference = (actions: ReadonlyArray<Action>): Map<string, number> => {
  const words = actions.flatMap((action) => action._tag === "Pipe" ? action.line.split(" ") : [])
  return new Map([...Map.groupBy(words, (word) => word)].map(([word, all]) => [word, all.length]))
}

const options = { partitions: { lines: 3, counts: 2 }, instances: 2, commits: "manual" } as const

describe("a driver with partitions and instances", () => {
  it.effect.prop(
    "counts each word exactly once, whoever crashes",
    [Schema.Array(Action)],
    ([actions]) =>
      Effect.sync(() => {
        const driver = PartitionedTestDriver.make(wordCount, { ...options, processingGuarantee: "exactly_once" })
        run(driver, actions)
        const expected = reference(actions)
        assert.sameDeepMembers([...driver.readTable(counts)], [...expected])
        for (const [word, count] of expected) {
          const seen = driver.readAll(counts).filter(({ key }) => key === word).map(({ value }) => value)
          assert.deepStrictEqual(seen, Array.from({ length: count }, (_, at) => at + 1), word)
        }
      }),
    { arbitrary: { runs: 200, seed: "driver" } }
  )

  it.effect.prop(
    "counts each word at least once, whoever crashes",
    [Schema.Array(Action)],
    ([actions]) =>
      Effect.sync(() => {
        const driver = PartitionedTestDriver.make(wordCount, options)
        run(driver, actions)
        const found = driver.readTable(counts)
        for (const [word, count] of reference(actions)) assert.isAtLeast(found.get(word)!, count)
      }),
    { arbitrary: { runs: 100, seed: "driver" } }
  )

  it("counts twice what is done again after a crash, at least once", () => {
    const driver = PartitionedTestDriver.make(wordCount, options)
    driver.pipe(lines, { key: "k1", value: "a", timestamp: 0 })
    driver.process()
    const owner = [...driver.assignment()].find(([, ids]) => ids.includes("0_0"))![0]
    for (const name of driver.assignment().keys()) if (name !== owner) driver.stopInstance(name)
    driver.addInstance()
    driver.commit()
    driver.pipe(lines, { key: "k1", value: "a", timestamp: 0 })
    while (driver.process() > 0);
    for (const name of [...driver.assignment().keys()]) {
      driver.addInstance()
      driver.crashInstance(name)
    }
    while (driver.process() > 0) driver.commit()
    assert.isAtLeast(driver.readTable(counts).get("a")!, 2)
  })

  it("agrees with the driver of one partition, record by record of a key", () => {
    const one = TopologyTestDriver.make(wordCount)
    const many = PartitionedTestDriver.make(wordCount, { partitions: { lines: 4, counts: 3 }, instances: 3 })
    for (const [at, value] of ["to be or not", "to be that", "is the question", "be"].entries()) {
      const record = { key: `k${at}`, value, timestamp: at }
      one.pipe(lines, record)
      many.pipe(lines, record)
    }
    assert.sameDeepMembers([...many.readTable(counts)], [...one.readTable(counts)])
    assert.lengthOf([...many.keyValueStore("counts").range()], 8)
    assert.deepStrictEqual(many.keyValueStore("counts").get("be"), { value: 3, timestamp: 3 })
    assert.deepStrictEqual([...many.assignment().values()].flat().sort(), [
      "0_0",
      "0_1",
      "0_2",
      "0_3",
      "1_0",
      "1_1",
      "1_2",
      "1_3"
    ])
  })

  it("keeps tasks where they are when an instance comes, and restores what moves", () => {
    const driver = PartitionedTestDriver.make(wordCount, { partitions: { lines: 4 } })
    for (const key of ["k1", "k2", "k3", "k4"]) driver.pipe(lines, { key, value: "a b c d", timestamp: 0 })
    const before = driver.assignment().get("instance-1")!
    driver.addInstance()
    const [kept, moved] = [...driver.assignment().values()]
    assert.lengthOf(kept!, 4)
    assert.lengthOf(moved!, 4)
    assert.includeMembers([...before], [...kept!, ...moved!])
    for (const key of ["k1", "k2", "k3", "k4"]) driver.pipe(lines, { key, value: "a b c d", timestamp: 0 })
    assert.sameDeepMembers([...driver.readTable(counts)], [["a", 8], ["b", 8], ["c", 8], ["d", 8]])
  })

  it("reads the topics of a pattern, those too that come while it runs", () => {
    const seen = Topology.make(
      KStream.fromPattern(/events-.*/, { key: Serde.string, value: Serde.string }).pipe(
        KStream.groupByKey,
        KGroupedStream.count({ as: "seen" }),
        KTable.toStream,
        KStream.to(counts)
      )
    )
    const driver = PartitionedTestDriver.make(seen, { partitions: { "events-a": 2, "events-c": 3 }, instances: 2 })
    assert.deepStrictEqual([...driver.assignment().values()].flat().sort(), ["0_0", "0_1", "0_2"])
    const event = (name: string) => Topic.make(name, { key: Serde.string, value: Serde.string })
    const keys = ["k1", "k2", "k3", "k4"]
    for (const name of ["events-a", "events-b", "events-c"]) {
      for (const key of keys) {
        driver.pipe(event(name), { key, value: "", partition: name === "events-b" ? 0 : undefined })
      }
    }
    assert.throws(() => driver.pipe(event("other-a"), { key: "k1", value: "" }), /does not read other-a/)
    const found = [...driver.keyValueStore<string, number>("seen").range()]
    assert.strictEqual(found.reduce((sum, { value }) => sum + value, 0), 3 * keys.length)
  })

  it("has tasks for a pattern once there is a topic that it matches, also one that the topology writes", () => {
    const text = { key: Serde.string, value: Serde.string }
    const topology = Topology.make(
      KStream.from(lines).pipe(KStream.toDynamic(({ value }) => `to-${value}`, text)),
      KStream.fromPattern(/to-.*/, text).pipe(
        KStream.groupBy((_key, value) => value, Serde.string),
        KGroupedStream.count({ as: "written" }),
        KTable.toStream,
        KStream.to(counts)
      )
    )
    const driver = PartitionedTestDriver.make(topology, {
      partitions: { lines: 2 },
      processingGuarantee: "exactly_once"
    })
    assert.deepStrictEqual([...driver.assignment().values()].flat(), ["0_0", "0_1"])
    for (const value of ["a", "b", "a"]) driver.pipe(lines, { key: value, value })
    assert.deepStrictEqual([...driver.assignment().values()].flat(), ["0_0", "0_1", "1_0", "2_0"])
    assert.deepStrictEqual([...driver.readTable(counts)], [["a", 2], ["b", 1]])
    driver.crashInstance("instance-1")
    driver.addInstance()
    driver.pipe(lines, { key: "b", value: "b" })
    assert.deepStrictEqual([...driver.readTable(counts)], [["a", 2], ["b", 2]])
  })

  it("punctuates by the wall clock from when a task begins, and what that writes is committed", () => {
    const ticks = Topology.make(
      KStream.from(lines).pipe(
        KStream.process({
          init: (context) => {
            context.schedule(
              { interval: "10 seconds", type: "wall-clock-time" },
              (timestamp) => context.forward({ key: context.taskId, value: timestamp, timestamp })
            )
            return () => {}
          }
        }, { key: Serde.string, value: Serde.long }),
        KStream.to(counts)
      )
    )
    for (const processingGuarantee of ["at_least_once", "exactly_once"] as const) {
      const driver = PartitionedTestDriver.make(ticks, { partitions: { lines: 2 }, instances: 2, processingGuarantee })
      driver.advanceWallClock("9 seconds")
      assert.deepStrictEqual(driver.readAll(counts), [])
      driver.advanceWallClock("1 second")
      assert.sameDeepMembers([...driver.readTable(counts)], [["0_0", 10_000], ["0_1", 10_000]])
    }
  })

  it("shows the stores of all tasks as one, and global ones, whoever has them", () => {
    const names = Topic.make("names", { key: Serde.string, value: Serde.string })
    const grouped = KStream.from(lines).pipe(
      KStream.join(GlobalKTable.from(names, { as: "names" }), (_key, line) => line, (_line, name) => name),
      KStream.groupByKeyAs({ key: Serde.string, value: Serde.string })
    )
    const topology = Topology.make(
      grouped.pipe(
        KGroupedStream.windowedBy(TimeWindows.tumbling("10 millis")),
        TimeWindowedKStream.count({ as: "windows", retention: "1 second" })
      ),
      grouped.pipe(
        KGroupedStream.windowedBy(SessionWindows.withGap("10 millis")),
        SessionWindowedKStream.count({ as: "sessions", retention: "1 second" })
      ),
      grouped.pipe(KGroupedStream.count({ as: "versions", versioned: { historyRetention: "1 second" } }))
    )
    const driver = PartitionedTestDriver.make(topology, { partitions: { lines: 3 }, instances: 2 })
    driver.pipe(names, { key: "a", value: "A" })
    const keys = ["k1", "k2", "k3", "k4", "k5"]
    for (const timestamp of [0, 5, 50]) for (const key of keys) driver.pipe(lines, { key, value: "a", timestamp })
    driver.pipe(lines, { key: null, value: "a", timestamp: 60 })
    driver.stopInstance("instance-1")
    assert.deepStrictEqual(driver.keyValueStore("names").get("a")?.value, "A")
    for (const key of keys) {
      assert.strictEqual(driver.windowStore<string, number>("windows").get(key, 0)?.value, 2)
      const sessions = [...driver.sessionStore<string, number>("sessions").fetch(key)]
      assert.deepStrictEqual(sessions.map(({ value }) => value), [2, 1])
      assert.strictEqual(driver.versionedStore<string, number>("versions").get(key, 7)?.value, 2)
    }
    assert.lengthOf([...driver.windowStore("windows").fetchAll(0, 100)], 2 * keys.length)
    assert.throws(() => driver.windowStore("sessions"), /there is no window store sessions/)
    assert.strictEqual(driver.droppedRecords(), 3, "by each aggregation")
  })

  it("is done after a failure, as the app would be", () => {
    const failing = Topology.make(
      KStream.from(lines).pipe(
        KStream.mapValues((line) => JSON.parse(line) as string, Serde.string),
        KStream.to(lines2)
      )
    )
    const driver = PartitionedTestDriver.make(failing)
    assert.throws(() => driver.pipe(lines, { key: "k", value: "{" }))
    assert.throws(() => driver.pipe(lines, { key: "k", value: "1" }), /has failed before/)
  })

  it("refuses an instance that is not there", () => {
    const driver = PartitionedTestDriver.make(wordCount)
    assert.throws(() => driver.crashInstance("instance-7"), /there is no instance instance-7/)
  })
})
