import { assert, describe, it } from "@effect/vitest"
import * as Admin from "@millrace/client/admin/Admin"
import * as Consumer from "@millrace/client/consumer/Consumer"
import * as Producer from "@millrace/client/producer/Producer"
import * as Transaction from "@millrace/client/transaction/Transaction"
import * as Serde from "@millrace/core/serde/Serde"
import * as Topic from "@millrace/core/streams/Topic"
import { brokerName, World } from "@millrace/testkit/simulation/World"
import * as Effect from "effect/Effect"

const topic = Topic.make("events", { key: Serde.string, value: Serde.string })

/** How far clocks are set back, in milliseconds. */
const backMs = 3_600_000

// Found by the simulation, seeds 40107 and 30624 of its first size: a producer waited until its clock had caught up.
describe("a client whose wall clock is set back", () => {
  it("keeps its time limits", () => {
    const world = new World({ seed: 1, stepsMax: 1_000_000, timeMaxMs: 600_000 })
    const { network, universe } = world
    const took = new Map<string, number>()
    const timed = (what: string, effect: Effect.Effect<unknown, unknown>) =>
      Effect.suspend(() => {
        const startedUs = universe.nowUs
        return Effect.exit(effect).pipe(
          Effect.tap(() => Effect.sync(() => took.set(what, (universe.nowUs - startedUs) / 1_000_000)))
        )
      })
    world.addBroker().start()
    const client = world.addClient(
      "client",
      Effect.gen(function*() {
        const admin = yield* Admin.make
        yield* admin.createTopics([{ name: topic.name, partitions: 1 }])
        const producer = yield* Producer.make({ deliveryTimeout: "4 seconds", requestTimeout: "1500 millis" })
        const consumer = yield* Consumer.make({ autoOffsetReset: "earliest" })
        yield* consumer.assign([{ topic: topic.name, partition: 0 }])
        consumer.seekToBeginning([{ topic: topic.name, partition: 0 }])
        yield* producer.send(topic, { key: "a", value: "a" })
        yield* consumer.poll(5_000)
        yield* Effect.sync(() => {
          network.block("client", brokerName)
          universe.after(500_000, () => {
            client.clock.skewMs -= backMs
          })
        })
        const send = timed("send", producer.send(topic, { key: "b", value: "b" }))
        const poll = timed("poll", consumer.poll(2_000))
        const describe = timed("describe", admin.describeTopics([topic.name]))
        yield* Effect.all([send, poll, describe], { concurrency: "unbounded" })
      }).pipe(Effect.scoped)
    )
    client.start()
    assert.strictEqual(universe.run(() => took.size === 3), "done")
    assert.closeTo(took.get("send")!, 4, 1)
    assert.closeTo(took.get("poll")!, 2, 1)
    assert.isBelow(took.get("describe")!, 90)
    assert.deepStrictEqual(world.anomalies, [])
  })
})

describe("a broker whose wall clock is set to another time", () => {
  /** When the first of two members has all partitions, in seconds after the second died; and how often it was assigned some. */
  const takeOver = (seed: number, skewMs: number) => {
    const world = new World({ seed, stepsMax: 2_000_000, timeMaxMs: 120_000 })
    const { universe } = world
    const assigned = { one: 0, two: 0 }
    let assignments = 0
    const member = (name: "one" | "two") =>
      Effect.gen(function*() {
        const consumer = yield* Consumer.make({
          groupId: "readers",
          sessionTimeout: "6 seconds",
          heartbeatInterval: "1 second",
          listener: { onAssigned: () => Effect.sync(() => void assignments++) }
        })
        yield* consumer.subscribe([topic.name])
        while (true) {
          yield* consumer.poll(200)
          assigned[name] = consumer.assignment().length
        }
      }).pipe(Effect.scoped)
    world.addBroker().start()
    world.addClient(
      "setup",
      Effect.scoped(Effect.flatMap(Admin.make, (admin) => admin.createTopics([{ name: topic.name, partitions: 2 }])))
    ).start()
    for (const name of ["one", "two"] as const) world.addClient(name, member(name), true).start()
    assert.strictEqual(universe.run(() => assigned.one === 1 && assigned.two === 1), "done")
    const before = assignments
    world.process(brokerName).clock.skewMs += skewMs
    const untilUs = universe.nowUs + 5_000_000
    assert.strictEqual(universe.run(() => universe.nowUs >= untilUs), "done")
    assert.strictEqual(assignments, before, "nobody has lost its place")
    world.process("two").crash("power")
    assigned.two = 0
    const startedUs = universe.nowUs
    assert.strictEqual(universe.run(() => assigned.one === 2), "done")
    return (universe.nowUs - startedUs) / 1_000_000
  }

  it("lets members live, and finds the dead, in the same time", () => {
    for (const [seed, skewMs] of [[1, 0], [2, backMs], [3, -backMs]] as const) {
      assert.closeTo(takeOver(seed, skewMs), 7, 3, `${skewMs} ms`)
    }
  })

  /**
   * Begins a transaction of ten seconds and has the clock set two seconds later. Says after how many seconds it was aborted,
   * or with `endsAfterMs` how it ended.
   */
  const transact = (
    seed: number,
    skewMs: number,
    options: { readonly endsAfterMs?: number; readonly restarts?: boolean }
  ) => {
    const world = new World({ seed, stepsMax: 2_000_000, timeMaxMs: 120_000 })
    const { universe } = world
    let begunUs: number | undefined
    let ended: string | undefined
    let state: string | undefined
    world.addBroker({ "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000" }).start()
    const transaction = Effect.gen(function*() {
      yield* Effect.flatMap(Admin.make, (admin) => admin.createTopics([{ name: topic.name, partitions: 1 }]))
      const write = Effect.gen(function*() {
        yield* Transaction.send(topic, { key: "a", value: "a" })
        yield* Effect.sync(() => {
          begunUs = universe.nowUs
        })
        yield* Effect.sleep(options.endsAfterMs ?? Number.POSITIVE_INFINITY)
      })
      const exit = yield* Effect.exit(Transaction.run(write))
      ended = exit._tag
    })
    world.addClient(
      "writer",
      Effect.provide(transaction, Transaction.layer({ transactionalId: "t", transactionTimeout: "10 seconds" })).pipe(
        Effect.scoped
      )
    ).start()
    world.addClient(
      "watcher",
      Effect.gen(function*() {
        const admin = yield* Admin.make
        while (true) {
          const [found] = yield* admin.describeTransactions(["t"])
          state = found?.state
          yield* Effect.sleep(100)
        }
      }).pipe(Effect.scoped),
      true
    ).start()
    const broker = world.process(brokerName)
    assert.strictEqual(universe.run(() => begunUs !== undefined && universe.nowUs >= begunUs + 2_000_000), "done")
    broker.clock.skewMs += skewMs
    if (options.restarts === true) {
      broker.crash("power")
      broker.start()
    }
    const restartUs = universe.nowUs
    if (options.endsAfterMs !== undefined) {
      assert.strictEqual(universe.run(() => ended !== undefined), "done")
      return ended
    }
    assert.strictEqual(universe.run(() => state === "CompleteAbort"), "done")
    return (universe.nowUs - (options.restarts === true ? restartUs : begunUs!)) / 1_000_000
  }

  it("gives each transaction its time, and no more", () => {
    for (const [seed, skewMs] of [[1, 0], [2, backMs], [3, -backMs]] as const) {
      assert.closeTo(transact(seed, skewMs, {}) as number, 11, 1, `${skewMs} ms`)
      assert.strictEqual(transact(seed, skewMs, { endsAfterMs: 8_000 }), "Success", `${skewMs} ms`)
    }
  })

  it("keeps to that when it starts anew between", () => {
    for (const [seed, skewMs, atMost] of [[1, 0, 12], [2, backMs, 4], [3, -backMs, 15]] as const) {
      assert.isBelow(transact(seed, skewMs, { restarts: true }) as number, atMost, `${skewMs} ms`)
    }
  })

  it("forgets no offsets, and no producers, when its clock is set to years later", () => {
    for (const [seed, skewMs] of [[1, 0], [2, 2 * 365 * 86_400_000]] as const) {
      const world = new World({ seed, stepsMax: 2_000_000, timeMaxMs: 120_000 })
      const { universe } = world
      let done = false
      world.addBroker({
        "offsets.retention.check.interval.ms": "1000",
        "transaction.remove.expired.transaction.cleanup.interval.ms": "1000",
        "producer.id.expiration.check.interval.ms": "1000"
      }).start()
      const transaction = Transaction.run(Transaction.send(topic, { key: "a", value: "a" }))
      const program = Effect.gen(function*() {
        const admin = yield* Admin.make
        yield* admin.createTopics([{ name: topic.name, partitions: 1 }])
        const offsets = [{ topic: topic.name, partition: 0, offset: 7 }]
        yield* admin.alterConsumerGroupOffsets("g", offsets)
        yield* transaction
        world.process(brokerName).clock.skewMs += skewMs
        yield* Effect.sleep(5_000)
        const kept = yield* admin.listConsumerGroupOffsets("g")
        assert.deepStrictEqual(kept.map(({ offset }) => offset), [7])
        assert.lengthOf(yield* admin.describeProducers([{ topic: topic.name, partition: 0 }]), 1)
        yield* transaction
        done = true
      }).pipe(Effect.orDie)
      const layer = Transaction.layer({ transactionalId: "t" })
      world.addClient("client", Effect.scoped(Effect.provide(program, layer))).start()
      assert.strictEqual(universe.run(() => done || world.anomalies.length > 0), "done")
      assert.deepStrictEqual(world.anomalies, [], `${skewMs} ms`)
    }
  })
})
