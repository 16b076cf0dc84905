/**
 * What suppress and joins with versioned tables hold back, through crashes at any point: it is in memory, and comes back from
 * its changelog.
 */
import {
  KGroupedStream,
  KStream,
  KTable,
  Serde,
  Suppressed,
  TimeWindowedKStream,
  TimeWindows,
  Topic,
  Topology
} from "@millrace/core"
import { PartitionedTestDriver } from "@millrace/testkit"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const finals = Topic.make("finals", { key: Serde.windowed(Serde.string, 10), value: Serde.long })
const latest = Topic.make("latest", { key: Serde.string, value: Serde.long })
const prices = Topic.make("prices", { key: Serde.string, value: Serde.string })
const orders = Topic.make("orders", { key: Serde.string, value: Serde.string })
const paid = Topic.make("paid", { key: Serde.string, value: Serde.string })

const graceMs = 20

const topologyOf = (logging: boolean) =>
  Topology.make(
    KStream.from(clicks).pipe(
      KStream.groupByKey,
      KGroupedStream.windowedBy(TimeWindows.tumbling(10, { grace: graceMs })),
      TimeWindowedKStream.count(),
      KTable.suppress(Suppressed.untilWindowCloses({ name: "final", logging })),
      KTable.toStream,
      KStream.to(finals)
    ),
    KStream.from(clicks).pipe(
      KStream.groupByKey,
      KGroupedStream.count(),
      KTable.suppress(Suppressed.untilTimeLimit(15, { name: "some", logging })),
      KTable.toStream,
      KStream.to(latest)
    ),
    KStream.from(orders).pipe(
      KStream.join(
        KTable.from(prices, { as: "prices", versioned: { historyRetention: 1000 } }),
        (order, price) => `${order} for ${price}`,
        { grace: graceMs, name: "wait" }
      ),
      KStream.to(paid)
    )
  )

const keys = ["k1", "k2", "k3"] as const
const Action = Schema.Union([
  Schema.Struct({
    _tag: Schema.tag("Pipe"),
    key: Schema.Literals(keys),
    lateMs: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: graceMs }))
  }),
  Schema.Struct({ _tag: Schema.tag("Process"), most: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 3 })) }),
  Schema.Struct({ _tag: Schema.Literals(["Commit", "Crash"]) })
])
type Action = typeof Action.Type

/** What was piped: each click is an order, too, and changes its key's price for the time after it. */
const run = (driver: PartitionedTestDriver.PartitionedTestDriver, actions: ReadonlyArray<Action>) => {
  const piped: Array<{ readonly key: string; readonly timestamp: number; readonly id: string }> = []
  const pipe = (key: string, timestamp: number) => {
    const id = `${piped.length}`
    piped.push({ key, timestamp, id })
    driver.pipe(clicks, { key, value: id, timestamp })
    driver.pipe(prices, { key, value: id, timestamp: timestamp + 1 })
    driver.pipe(orders, { key, value: id, timestamp })
  }
  // all keys have a price before any order
  for (const key of keys) driver.pipe(prices, { key, value: "first", timestamp: 0 })
  do driver.commit()
  while (driver.process() > 0)
  let nowMs = 100
  for (const action of actions) {
    if (action._tag === "Pipe") pipe(action.key, nowMs++ - action.lateMs)
    else if (action._tag === "Process") driver.process(action.most)
    else if (action._tag === "Commit") driver.commit()
    else {
      driver.addInstance()
      driver.crashInstance([...driver.assignment().keys()][0]!)
    }
  }
  do driver.commit()
  while (driver.process() > 0)
  // the end of time, which lets all go
  for (const key of keys) pipe(key, 10_000)
  do driver.commit()
  while (driver.process() > 0)
  return piped.slice(0, piped.length - keys.length)
}

const windowsOf = (piped: ReturnType<typeof run>): ReadonlyMap<string, number> => {
  const grouped = Map.groupBy(piped, ({ key, timestamp }) => `${key}@${timestamp - timestamp % 10}`)
  return new Map([...grouped].map(([window, all]) => [window, all.length]))
}

const read = (driver: PartitionedTestDriver.PartitionedTestDriver) => ({
  finals: driver.readAll(finals).map((
    { key, value }
  ): readonly [string, number] => [`${key!.key}@${key!.start}`, value!]),
  latest: driver.readAll(latest).map(({ key, value }) => [key!, value!] as const),
  paid: driver.readAll(paid).map(({ value }) => value!)
})

const options = { partitions: { clicks: 2, prices: 2, orders: 2 }, instances: 1, commits: "manual" } as const
const Actions = Schema.Array(Action).check(Schema.isMaxLength(40))
const arbitrary = { runs: 150, seed: "buffers" }

describe("what is held back", () => {
  it.effect.prop("goes out once, whenever the app crashes, exactly once", [Actions], ([actions]) =>
    Effect.sync(() => {
      const driver = PartitionedTestDriver.make(topologyOf(true), { ...options, processingGuarantee: "exactly_once" })
      const piped = run(driver, actions)
      const found = read(driver)
      assert.sameDeepMembers(found.finals, [...windowsOf(piped)])
      assert.sameMembers(found.paid.map((each) => each.split(" ")[0]!), piped.map(({ id }) => id))
      const undisturbed = PartitionedTestDriver.make(topologyOf(true), {
        ...options,
        processingGuarantee: "exactly_once"
      })
      run(undisturbed, actions.filter(({ _tag }) => _tag === "Pipe"))
      assert.sameMembers(found.paid, read(undisturbed).paid)
    }), { arbitrary })

  it.effect.prop("goes out, whenever the app crashes, at least once", [Actions], ([actions]) =>
    Effect.sync(() => {
      const driver = PartitionedTestDriver.make(topologyOf(true), options)
      const piped = run(driver, actions)
      const found = read(driver)
      const counted = new Map(found.finals)
      for (const [window, count] of windowsOf(piped)) assert.isAtLeast(counted.get(window) ?? 0, count, window)
      const ids = new Set(found.paid.map((each) => each.split(" ")[0]!))
      for (const { id } of piped) assert.isTrue(ids.has(id), `order ${id}`)
      const last = new Map(found.latest)
      for (const key of keys) {
        assert.isAtLeast(last.get(key) ?? 0, piped.filter((each) => each.key === key).length, key)
      }
    }), { arbitrary })

  it("is gone with the instance if it is not logged", () => {
    for (const logging of [true, false]) {
      const driver = PartitionedTestDriver.make(topologyOf(logging), options)
      run(driver, [{ _tag: "Pipe", key: "k1", lateMs: 0 }, { _tag: "Process", most: 3 }, { _tag: "Commit" }, {
        _tag: "Crash"
      }])
      assert.deepStrictEqual(read(driver).finals, logging ? [["k1@100", 1]] : [])
      assert.deepStrictEqual(read(driver).paid, ["0 for first"])
    }
  })
})
