import { assert, describe, it } from "@effect/vitest"
import { Consumer, Producer, Transaction } from "@millrace/client"
import { Serde, Topic } from "@millrace/core"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { FakeBroker } from "./FakeBroker.ts"
import { passing } from "./passing.ts"

const Order = Schema.Struct({ id: Schema.String, amount: Schema.Int })
type Order = typeof Order.Type
const order: Order = { id: "o-1", amount: 7 }

const orders = Topic.make("orders", { key: Serde.string, value: Serde.json(Order) })
const payments = Topic.make("payments", { key: Serde.string, value: Serde.long })
const ledger = Topic.make("ledger", { key: Serde.string, value: Serde.long })

describe("what users write", () => {
  it.effect("producing and consuming", () => {
    const broker = new FakeBroker()
    broker.topic("orders")
    const orderEvents = Stream.fromIterable([1, 2, 3]).pipe(
      Stream.map((amount) => ({ key: `o-${amount}`, value: { ...order, amount } }))
    )
    const billed: Array<number> = []
    const bill = (records: ReadonlyArray<{ readonly value: Order }>) =>
      Effect.sync(() => billed.push(...records.map((record) => record.value.amount)))

    const program = Effect.gen(function*() {
      const producer = yield* Producer.make({ acks: "all", linger: "5 millis", compression: "zstd" })
      yield* producer.send(orders, { key: order.id, value: order })
      yield* producer.enqueue(orders, { key: order.id, value: order })
      yield* Stream.run(orderEvents, producer.sink(orders))

      const billing = yield* Effect.forkChild(
        Consumer.batches(orders, { groupId: "billing", autoOffsetReset: "earliest" }).pipe(
          Stream.runForEach((batch) => Effect.andThen(bill(batch.records), batch.commitAsync))
        )
      )
      yield* Effect.sleep("10 seconds")
      yield* Fiber.interrupt(billing)
    })
    return passing(Effect.provide(Effect.scoped(program), broker.layer)).pipe(
      Effect.andThen(Effect.sync(() => {
        assert.deepStrictEqual(billed, [7, 7, 1, 2, 3])
        assert.strictEqual(broker.committed.get("orders-0"), 5)
      }))
    )
  })

  it.effect("exactly once, as a scoped resource", () => {
    const broker = new FakeBroker()
    broker.topic("payments")
    broker.topic("ledger")
    const toEntry = (payment: { readonly key: string | null; readonly value: number }) => ({
      key: payment.key,
      value: payment.value * 2
    })

    const settle = Transaction.run(Effect.gen(function*() {
      const batch = yield* Transaction.take(payments)
      yield* Transaction.sendAll(ledger, batch.records.map(toEntry))
    }))

    const program = Effect.gen(function*() {
      const producer = yield* Producer.make()
      yield* producer.send(payments, { key: "a", value: 21 })
      yield* Effect.provide(settle, Transaction.layer({ transactionalId: "settle-1" }))
      return broker.log("ledger").batches.filter((batch) => !batch.isControl).length
    })
    return Effect.map(
      passing(Effect.provide(Effect.scoped(program), Layer.mergeAll(broker.layer))),
      (batches) => assert.strictEqual(batches, 1)
    )
  })
})
