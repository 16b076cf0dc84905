import { assert, describe, it } from "@effect/vitest"
import * as Admin from "@millrace/client/admin/Admin"
import * as Consumer from "@millrace/client/consumer/Consumer"
import * as Producer from "@millrace/client/producer/Producer"
import * as Kafka from "@millrace/core/Kafka"
import { NodePlatform } from "@millrace/core/node"
import * as Serde from "@millrace/core/serde/Serde"
import * as Topic from "@millrace/core/streams/Topic"
import { EmbeddedKafka } from "@millrace/testkit"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

const orders = Topic.make("orders", { key: Serde.string, value: Serde.string })

type Services = Kafka.Kafka | Layer.Success<typeof NodePlatform.layer> | Scope.Scope

const use = <A, E>(kafka: EmbeddedKafka.Started, program: Effect.Effect<A, E, Services>): Promise<A> => {
  const cluster = Layer.orDie(Kafka.layer({ bootstrapServers: kafka.bootstrapServers }))
  return Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Layer.mergeAll(cluster, NodePlatform.layer))))
}

const withKafka = async (run: (kafka: EmbeddedKafka.Started) => Promise<void>): Promise<void> => {
  await using kafka = await EmbeddedKafka.start({ topics: { orders: 1 } })
  await run(kafka)
}

const send = (kafka: EmbeddedKafka.Started, ...values: ReadonlyArray<string>) =>
  use(
    kafka,
    Effect.flatMap(
      Producer.make(),
      (producer) => producer.sendAll(orders, values.map((value) => ({ key: "k", value })))
    )
  )

const readAll = (kafka: EmbeddedKafka.Started, count: number) =>
  use(
    kafka,
    Effect.gen(function*() {
      const consumer = yield* Consumer.make({ autoOffsetReset: "earliest" })
      yield* consumer.assign([{ topic: "orders", partition: 0 }])
      const values: Array<string> = []
      while (values.length < count) {
        for (const chunk of yield* consumer.poll(1000)) {
          for (const { value } of yield* Consumer.decode(orders, chunk)) values.push(value)
        }
      }
      return values
    })
  )

describe("an embedded Kafka", () => {
  it("refuses what it is told to, by Kafka's names, and clients get over it", () =>
    withKafka(async (kafka) => {
      await send(kafka, "a")
      await kafka.failNext("Produce", { error: "NOT_ENOUGH_REPLICAS", times: 2 })
      const before = await kafka.requestCount("Produce")
      await send(kafka, "b")
      assert.strictEqual(await kafka.requestCount("Produce") - before, 3)
      assert.deepStrictEqual(await readAll(kafka, 2), ["a", "b"])
    }))

  it("tells clients of errors that no retry gets over", () =>
    withKafka(async (kafka) => {
      await kafka.failNext("Produce", { error: "TOPIC_AUTHORIZATION_FAILED", topic: "others" })
      await kafka.failNext("Produce", { error: "TOPIC_AUTHORIZATION_FAILED", topic: "orders" })
      const failure = await send(kafka, "a").then(() => undefined, (error: unknown) => String(error))
      assert.include(failure, "TOPIC_AUTHORIZATION_FAILED")
      await kafka.failNext("CreateTopics", { error: "POLICY_VIOLATION" })
      const created = use(kafka, Effect.flatMap(Admin.make, (admin) => admin.createTopics([{ name: "more" }])))
      assert.include(await created.then(() => "", (error: unknown) => String(error)), "a policy")
    }))

  it("fails requests of every API that has a place for errors", () =>
    withKafka(async (kafka) => {
      await kafka.failNext("Metadata", { error: "LEADER_NOT_AVAILABLE", times: 2 })
      await kafka.failNext("Fetch", { error: "NOT_LEADER_OR_FOLLOWER" })
      await kafka.failNext("ListOffsets", { error: "NOT_LEADER_OR_FOLLOWER" })
      await kafka.failNext("InitProducerId", { error: "COORDINATOR_LOAD_IN_PROGRESS" })
      await send(kafka, "a")
      assert.deepStrictEqual(await readAll(kafka, 1), ["a"])
    }))

  it("keeps its data and its address over a restart, and closes connections", () =>
    withKafka(async (kafka) => {
      await send(kafka, "a")
      const { bootstrapServers } = kafka
      await kafka.restart()
      assert.strictEqual(kafka.bootstrapServers, bootstrapServers)
      const reading = readAll(kafka, 2)
      await kafka.dropConnections()
      await send(kafka, "b")
      assert.deepStrictEqual(await reading, ["a", "b"])
    }))

  it("holds up requests: one for a time, all until further notice", () =>
    withKafka(async (kafka) => {
      const elapsedMs = async (run: () => Promise<unknown>) => {
        const before = performance.now()
        await run()
        return performance.now() - before
      }
      await kafka.delayNext("Produce", { by: "100 millis" })
      assert.isAtLeast(await elapsedMs(() => send(kafka, "a")), 100)
      await kafka.pause()
      let isSent = false
      const sending = send(kafka, "b").then(() => {
        isSent = true
      })
      await new Promise((resolve) => setTimeout(resolve, 50))
      assert.isFalse(isSent)
      await kafka.resume()
      await sending
    }))

  it("says what is wrong with its options", async () => {
    const failed = await EmbeddedKafka.start({ config: { "num.partitions": "none" } }).catch((error: unknown) => error)
    assert.strictEqual((failed as { readonly _tag: string })._tag, "BrokerError")
  })

  it.live("is a layer, too", () =>
    Effect.gen(function*() {
      const kafka = yield* EmbeddedKafka.EmbeddedKafka
      yield* kafka.failNext("Produce", { error: "NOT_ENOUGH_REPLICAS" })
      const producer = yield* Producer.make()
      assert.strictEqual((yield* producer.send(orders, { key: "k", value: "a" })).offset, 0)
      assert.strictEqual(yield* kafka.requestCount("Produce"), 2)
    }).pipe(
      Effect.scoped,
      Effect.provide(Layer.mergeAll(EmbeddedKafka.layer({ topics: { orders: 1 } }), NodePlatform.layer))
    ))
})
