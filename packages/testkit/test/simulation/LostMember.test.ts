/** A member whose group has gone on without it, and who has not heard of that yet in a poll: what it commits does not count. */
import { assert, describe, it } from "@effect/vitest"
import * as Admin from "@millrace/client/admin/Admin"
import * as Cluster from "@millrace/client/cluster/Cluster"
import * as Consumer from "@millrace/client/consumer/Consumer"
import * as Producer from "@millrace/client/producer/Producer"
import * as Transaction from "@millrace/client/transaction/Transaction"
import * as TransactionalProducer from "@millrace/client/transaction/TransactionalProducer"
import type { Kafka } from "@millrace/core/Kafka"
import * as Serde from "@millrace/core/serde/Serde"
import * as Topic from "@millrace/core/streams/Topic"
import type { Ports } from "@millrace/testkit/simulation/Process"
import { brokerName, World } from "@millrace/testkit/simulation/World"
import * as Effect from "effect/Effect"

const topic = Topic.make("events", { key: Serde.string, value: Serde.string })
const results = Topic.make("results", { key: Serde.string, value: Serde.string })

const session = { sessionTimeout: "6 seconds", heartbeatInterval: "1 second" } as const

/** A world with a broker that has one record for the member; `lose` has the group go on without it, while nobody polls. */
const prepare = (seed: number) => {
  const world = new World({ seed, stepsMax: 2_000_000, timeMaxMs: 300_000 })
  const { network } = world
  world.addBroker().start()
  const setUp = Effect.gen(function*() {
    const admin = yield* Admin.make
    yield* admin.createTopics([topic, results].map(({ name }) => ({ name, partitions: 1 })))
    const producer = yield* Producer.make()
    yield* producer.send(topic, { key: "a", value: "a" })
    return admin
  })
  const lose = Effect.gen(function*() {
    yield* Effect.sync(() => network.block("member", brokerName))
    yield* Effect.sleep("15 seconds")
    yield* Effect.sync(() => network.unblock("member", brokerName))
    // A heartbeat tells it, in the background, when the one that was lost has timed out.
    yield* Effect.sleep("60 seconds")
  })
  return { world, setUp, lose }
}

/** Runs what the member does, to its end. */
const run = (world: World, member: Effect.Effect<void, unknown, Ports | Kafka>) => {
  let isDone = false
  const program = Effect.andThen(member, Effect.sync(() => void (isDone = true)))
  world.addClient("member", Effect.orDie(program)).start()
  assert.strictEqual(world.universe.run(() => isDone || world.anomalies.length > 0), "done")
  assert.deepStrictEqual(world.anomalies, [])
}

const seeds = [1, 2, 3, 4, 5]

describe("a member that was lost in the background", () => {
  it("commits no offsets, as itself or as a stranger", () => {
    for (const seed of seeds) {
      const { lose, setUp, world } = prepare(seed)
      run(
        world,
        Effect.scoped(Effect.gen(function*() {
          const admin = yield* setUp
          const consumer = yield* Consumer.make({ groupId: "g", autoOffsetReset: "earliest", ...session })
          yield* consumer.subscribe([topic.name])
          while ((yield* consumer.poll(500)).length === 0);
          yield* lose
          const error = yield* Effect.flip(consumer.commit([{ topic: topic.name, partition: 0, offset: 1 }]))
          assert.strictEqual(error.reason, "CommitFailed")
          assert.deepStrictEqual(yield* admin.listConsumerGroupOffsets("g"), [])
        }))
      )
    }
  })

  it("sends offsets with a transaction as itself, which the group refuses", () => {
    for (const seed of seeds) {
      const { lose, setUp, world } = prepare(seed)
      run(
        world,
        Effect.scoped(Effect.gen(function*() {
          const admin = yield* setUp
          const options = { transactionalId: "t", transactionTimeout: "5 minutes" } as const
          const producer = yield* TransactionalProducer.make(yield* Cluster.current, options)
          yield* producer.init
          const consumer = yield* Consumer.make({ groupId: "g", autoOffsetReset: "earliest", ...session })
          yield* consumer.subscribe([topic.name])
          while ((yield* consumer.poll(500)).length === 0);
          yield* producer.begin
          yield* lose
          yield* producer.sendOffsets([{ topic: topic.name, partition: 0, offset: 1 }], consumer.groupMetadata())
          assert.strictEqual((yield* Effect.flip(producer.commit))._tag, "CommitFailed")
          assert.deepStrictEqual(yield* admin.listConsumerGroupOffsets("g"), [])
        }))
      )
    }
  })

  it("commits no transaction with what it has taken, and takes it again", () => {
    for (const seed of seeds) {
      const { lose, setUp, world } = prepare(seed)
      let attempts = 0
      const once = Transaction.run(Effect.gen(function*() {
        const batch = yield* Transaction.take(topic)
        yield* Transaction.sendAll(
          results,
          batch.records.map(({ value }) => ({ key: "a", value: `${value}${++attempts}` }))
        )
        if (attempts === 1) yield* lose
      }))
      const layer = Transaction.layer({
        transactionalId: "t",
        transactionTimeout: "5 minutes",
        consumer: { groupId: "g", autoOffsetReset: "earliest", ...session }
      })
      run(
        world,
        Effect.scoped(Effect.gen(function*() {
          const admin = yield* setUp
          yield* Effect.gen(function*() {
            const error = yield* Effect.flip(once)
            assert.strictEqual("remedy" in error && error.remedy, "retry", String(error))
            assert.deepStrictEqual(yield* admin.listConsumerGroupOffsets("g"), [])
            yield* once
          }).pipe(Effect.provide(layer))
          assert.deepStrictEqual((yield* admin.listConsumerGroupOffsets("g")).map(({ offset }) => offset), [1])
          const reader = yield* Consumer.make({ isolationLevel: "read_committed", autoOffsetReset: "earliest" })
          yield* reader.assign([{ topic: results.name, partition: 0 }])
          yield* reader.poll(5_000)
          assert.strictEqual(attempts, 2)
        }))
      )
    }
  })
})
