/**
 * Foreign-key joins of tables, against what a database would answer.
 */
import { KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import * as ForeignKey from "@millrace/core/serde/ForeignKey"
import { TopologyTestDriver } from "@millrace/testkit"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const Order = Schema.Struct({ customer: Schema.NullOr(Schema.String), amount: Schema.Int })
const orders = Topic.make("orders", { key: Serde.string, value: Serde.json(Order) })
const customers = Topic.make("customers", { key: Serde.string, value: Serde.string })
const described = Topic.make("described", { key: Serde.string, value: Serde.string })

const describeOrder = (order: typeof Order.Type, customer: string | null) => `${customer ?? "nobody"} ${order.amount}`
const customerOf = (order: typeof Order.Type) => order.customer

const topologyOf = (isLeft: boolean) => {
  const [left, right] = [KTable.from(orders, { as: "orders" }), KTable.from(customers)]
  const joined = isLeft
    ? left.pipe(KTable.leftJoin(right, customerOf, describeOrder, { value: Serde.string, as: "joined" }))
    : KTable.join(left, right, customerOf, describeOrder, { value: Serde.string, as: "joined" })
  return Topology.make(joined.pipe(KTable.toStream, KStream.to(described)))
}

const Change = Schema.Union([
  Schema.Struct({
    order: Schema.Literals(["1", "2", "3"]),
    value: Schema.NullOr(Schema.Struct({
      customer: Schema.NullOr(Schema.Literals(["a", "b", "ab"])),
      amount: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 }))
    }))
  }),
  Schema.Struct({ customer: Schema.Literals(["a", "b", "ab"]), name: Schema.NullOr(Schema.Literals(["Ann", "Bob"])) })
])

describe("joins by foreign key", () => {
  it.effect.prop(
    "are what a database would answer, after each change",
    [Schema.Array(Change)],
    ([changes]) =>
      Effect.sync(() => {
        for (const isLeft of [false, true]) {
          const driver = TopologyTestDriver.make(topologyOf(isLeft))
          const rows = new Map<string, typeof Order.Type>()
          const names = new Map<string, string>()
          changes.forEach((change, timestamp) => {
            if ("order" in change) {
              driver.pipe(orders, { key: change.order, value: change.value, timestamp })
              if (change.value === null) rows.delete(change.order)
              else rows.set(change.order, change.value)
            } else {
              driver.pipe(customers, { key: change.customer, value: change.name, timestamp })
              if (change.name === null) names.delete(change.customer)
              else names.set(change.customer, change.name)
            }
            const expected = [...rows].flatMap(([key, order]) => {
              const name = names.get(order.customer ?? "") ?? null
              return name === null && !isLeft ? [] : [[key, describeOrder(order, name)] as const]
            })
            const found = [...driver.keyValueStore<string, string>("joined").range()]
            assert.sameDeepMembers(found.map(({ key, value }) => [key, value] as const), expected)
            assert.deepStrictEqual(driver.readTable(described), new Map(expected))
          })
        }
      }),
    { arbitrary: { runs: 100, seed: "foreign keys" } }
  )

  it("keep one subscription for each row that belongs to another", () => {
    const driver = TopologyTestDriver.make(topologyOf(true))
    const subscriptions = () =>
      [...driver.stores].flatMap(([name]) =>
        name.includes("SUBSCRIPTION") ? [...driver.keyValueStore(name).range()] : []
      )
        .map(({ key }) => key)
    driver.pipe(orders, { key: "1", value: { customer: "a", amount: 1 } })
    driver.pipe(orders, { key: "1", value: { customer: "b", amount: 1 } })
    driver.pipe(orders, { key: "2", value: { customer: null, amount: 1 } })
    assert.deepStrictEqual(subscriptions(), [{ foreignKey: "b", primaryKey: "1" }])
    driver.pipe(orders, { key: "1", value: null })
    assert.deepStrictEqual(subscriptions(), [])
  })

  it("drop rows without foreign key, unless they are kept", () => {
    for (const [isLeft, dropped] of [[false, 1], [true, 0]] as const) {
      const driver = TopologyTestDriver.make(topologyOf(isLeft))
      driver.pipe(orders, { key: "1", value: { customer: null, amount: 7 } })
      assert.strictEqual(driver.droppedRecords(), dropped)
      assert.deepStrictEqual(driver.readTable(described), new Map(isLeft ? [["1", "nobody 7"]] : []))
    }
  })

  it("choose partitions by key where they are told to", () => {
    const joined = KTable.from(orders).pipe(
      KTable.join(KTable.from(customers), customerOf, describeOrder, {
        name: "fk",
        partition: (key, partitions) => Number(key) % partitions,
        otherPartition: (customer, partitions) => (customer ?? "").length % partitions
      })
    )
    const resolved = Result.getOrThrow(Topology.resolve(Topology.make(joined), { applicationId: "app" }))
    const chosen = resolved.nodes.flatMap((node) =>
      node._tag === "Sink" ? [node.partitioner?.("", node.name.includes("response") ? "7" : "abc", null, 4)] : []
    )
    assert.deepStrictEqual(chosen, [3, 3])
    assert.deepStrictEqual(resolved.repartitionTopics.map(({ topic }) => topic), [
      "app-fk-subscription-registration-topic",
      "app-fk-subscription-response-topic"
    ])
  })

  it("read what versions of Kafka Streams before partitions were told have written", () => {
    const serde = ForeignKey.subscription(Serde.string)
    const old: ForeignKey.Subscription<string> = {
      hash: null,
      instruction: "DeleteKeyAndPropagate",
      primaryKey: "k",
      primaryPartition: null
    }
    const bytes = serde.serializeUnsafe(old)
    assert.deepStrictEqual([...bytes], [0x80, 1, 0x6b])
    assert.deepStrictEqual(serde.deserializeUnsafe(bytes), old)
  })

  it("refuse bytes that are none of theirs", () => {
    const subscription = ForeignKey.subscription(Serde.string)
    const response = ForeignKey.response(Serde.string)
    const combined = ForeignKey.combinedKey(Serde.string, Serde.string)
    for (const bytes of [[], [1], [2, 0, 0, 0, 0, 0], [1, 9], [1, 0, 1, 2, 3]]) {
      assert.isTrue(Result.isFailure(Serde.deserialize(subscription, Uint8Array.from(bytes))), `${bytes}`)
    }
    for (const bytes of [[], [0, 1], [1]]) {
      assert.isTrue(Result.isFailure(Serde.deserialize(response, Uint8Array.from(bytes))), `${bytes}`)
    }
    for (const bytes of [[], [0, 0, 0, 9, 1], [255, 255, 255, 255]]) {
      assert.isTrue(Result.isFailure(Serde.deserialize(combined, Uint8Array.from(bytes))), `${bytes}`)
    }
  })
})
