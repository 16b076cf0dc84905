import { KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const orders = Topic.make("orders", { key: Serde.string, value: Serde.string })
const prices = Topic.make("prices", { key: Serde.string, value: Serde.string })
const priced = Topic.make("priced", { key: Serde.string, value: Serde.string })

const graceMs = 40

const table = KTable.from(prices, { as: "prices", versioned: { historyRetention: 1_000, segmentInterval: 7 } })
const waiting = Topology.make(
  KStream.from(orders).pipe(
    KStream.leftJoin(table, (order, price) => `${order}=${price}`, { grace: graceMs }),
    KStream.to(priced)
  )
)

const Event = Schema.Struct({
  isOrder: Schema.Boolean,
  key: Schema.Literals(["a", "b"]),
  isDeletion: Schema.Boolean,
  after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 15 })),
  late: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: graceMs / 2 - 1 }))
})

describe("versioned tables", () => {
  it.effect.prop(
    "give each record of a stream that waits what they held at its time, however late they were told",
    [Schema.Array(Event)],
    ([events]) =>
      Effect.sync(() => {
        const driver = TopologyTestDriver.make(waiting)
        const history: Array<{ readonly key: string; readonly at: number; readonly value: string | null }> = []
        const given: Array<{ readonly key: string; readonly at: number; readonly value: string }> = []
        let now = graceMs
        for (const [index, { after, isDeletion, isOrder, key, late }] of events.entries()) {
          now += after
          // deletions come at odd times: Kafka forgets when a key's only version was deleted at its own time
          const at = 2 * (now - late) + (isDeletion && !isOrder ? 1 : 0)
          const value = `${index}`
          if (isOrder) {
            given.push({ key, at, value })
            driver.pipe(orders, { key, value, timestamp: at })
          } else {
            history.push({ key, at, value: isDeletion ? null : value })
            driver.pipe(prices, { key, value: isDeletion ? null : value, timestamp: at })
          }
        }
        // an order that lets all others go, and waits itself
        driver.pipe(orders, { key: "z", value: "last", timestamp: 2 * now + graceMs })
        const priceAt = (key: string, at: number) => {
          let last: (typeof history)[number] | undefined
          for (const each of history) {
            if (each.key === key && each.at <= at && (last === undefined || each.at >= last.at)) last = each
          }
          return last?.value ?? null
        }
        const expected = given.map(({ at, key, value }) => `${at} ${key} ${value}=${priceAt(key, at)}`)
        const found = driver.read(priced).map(({ key, timestamp, value }) => `${timestamp} ${key} ${value}`)
        assert.sameMembers(found, expected)
        const times = found.map((each) => Number(each.split(" ")[0]))
        assert.deepStrictEqual(times, [...times].sort((a, b) => a - b))
        const store = driver.versionedStore<string, string>("prices")
        for (const key of ["a", "b"]) {
          assert.strictEqual(store.get(key)?.value ?? null, priceAt(key, Number.POSITIVE_INFINITY))
          for (const version of store.versions(key)) assert.strictEqual(version.value, priceAt(key, version.timestamp))
        }
      }),
    { arbitrary: { runs: 100, seed: "versioned" } }
  )
})
