import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { PartitionedTestDriver, TopologyTestDriver } from "@millrace/testkit"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
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
    assert.strictEqual(many.keyValueStore("counts").length, 8)
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

  it("refuses an instance that is not there", () => {
    const driver = PartitionedTestDriver.make(wordCount)
    assert.throws(() => driver.crashInstance("instance-7"), /there is no instance instance-7/)
  })
})
