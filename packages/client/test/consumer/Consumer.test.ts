import { assert, describe, it } from "@effect/vitest"
import * as Apis from "@millrace/client/cluster/Apis"
import * as Consumer from "@millrace/client/consumer/Consumer"
import { range } from "@millrace/client/consumer/assignor/Range"
import type { ConsumerCore } from "@millrace/client/consumer/ConsumerCore"
import { ChunkCursor, type RecordChunk } from "@millrace/client/consumer/RecordChunk"
import * as Producer from "@millrace/client/producer/Producer"
import * as Transaction from "@millrace/client/transaction/Transaction"
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { Kafka } from "@millrace/core/Kafka"
import type { Network } from "@millrace/core/platform/Network"
import type { FetchRequest } from "@millrace/core/protocol/messages/Fetch"
import type { Compression } from "@millrace/core/records/Compression"
import * as Serde from "@millrace/core/serde/Serde"
import * as Topic from "@millrace/core/streams/Topic"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { FakeBroker } from "../FakeBroker.ts"
import { passing } from "../passing.ts"

const orders = Topic.make("orders", { key: Serde.string, value: Serde.string })
const values = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`)
const order0 = { topic: "orders", partition: 0 }

type Needs = Kafka | Network | Compression | Scope.Scope

const withOrders = <A, E>(
  count: number,
  use: (broker: FakeBroker) => Effect.Effect<A, E, Needs>,
  partitions = 1
): Effect.Effect<A, E | unknown> => {
  const broker = new FakeBroker()
  broker.topic("orders", partitions)
  const write = Effect.gen(function*() {
    const producer = yield* Producer.make({ batchSize: 200 })
    yield* producer.sendAll(orders, values(count).map((value) => ({ key: "k", value })))
  })
  return passing(Effect.provide(Effect.andThen(Effect.scoped(write), Effect.scoped(use(broker))), broker.layer))
}

/** Polls until so many records have come, and gives their values. */
const pollValues = Effect.fnUntraced(function*(consumer: ConsumerCore, count: number) {
  const found: Array<string> = []
  while (found.length < count) {
    for (const chunk of yield* consumer.poll(500)) {
      const cursor = new ChunkCursor(chunk)
      while (cursor.next()) found.push(cursor.record.valueString()!)
    }
  }
  return found
})

describe("Consumer", () => {
  it.effect("streams records in order, and commits what was handled by itself", () =>
    withOrders(100, (broker) =>
      Effect.gen(function*() {
        const read = (count: number) =>
          Consumer.stream(orders, { groupId: "g", autoOffsetReset: "earliest" }).pipe(
            Stream.take(count),
            Stream.map((record) => record.value),
            Stream.runCollect
          )
        assert.deepStrictEqual(yield* read(100), values(100))
        const idle = yield* Effect.forkChild(
          Stream.runDrain(Consumer.stream(orders, { groupId: "g", autoOffsetReset: "earliest" }))
        )
        yield* Effect.sleep("20 seconds")
        assert.strictEqual(broker.committed.get("orders-0"), 100)
        idle.interruptUnsafe()
      })))

  it.effect("commits batches when it is told to, and begins there again", () =>
    withOrders(10, (broker) =>
      Effect.gen(function*() {
        yield* Consumer.batches(orders, { groupId: "g", autoOffsetReset: "earliest" }).pipe(
          Stream.tap((batch) => batch.commitAsync),
          Stream.take(1),
          Stream.runDrain
        )
        assert.strictEqual(broker.committed.get("orders-0"), 10)
        const producer = yield* Producer.make()
        yield* producer.send(orders, { value: "new" })
        const next = yield* Consumer.batches(orders, { groupId: "g", autoOffsetReset: "earliest" }).pipe(
          Stream.tap((batch) => batch.commit),
          Stream.take(1),
          Stream.runCollect
        )
        assert.deepStrictEqual(next[0]!.records.map((record) => [record.offset, record.value]), [[10, "new"]])
        assert.strictEqual(broker.committed.get("orders-0"), 11)
      })))

  it.effect("reads what is committed only, and passes over markers", () =>
    withOrders(0, (broker) =>
      Effect.gen(function*() {
        const layer = Transaction.layer({ transactionalId: "t", linger: 0 })
        yield* Effect.provide(
          Effect.gen(function*() {
            const write = (value: string) => Transaction.send(orders, { value })
            yield* Transaction.run(write("a"))
            yield* Effect.exit(Transaction.run(
              write("b").pipe(
                Effect.andThen(Effect.sleep("1 second")),
                Effect.andThen(Effect.fail("no"))
              )
            ))
            yield* Transaction.run(write("c"))
          }),
          layer
        )
        const consumer = yield* Consumer.make({ isolationLevel: "read_committed", autoOffsetReset: "earliest" })
        yield* consumer.assign([order0])
        assert.deepStrictEqual(yield* pollValues(consumer, 2), ["a", "c"])
        assert.strictEqual(consumer.position(order0), 6)
        const dirty = yield* Consumer.make({ autoOffsetReset: "earliest" })
        yield* dirty.assign([order0])
        assert.deepStrictEqual(yield* pollValues(dirty, 3), ["a", "b", "c"])
        assert.strictEqual(broker.log("orders").end, 6)
      })))

  it.effect("seeks, pauses, resumes, and knows positions and lag", () =>
    withOrders(20, () =>
      Effect.gen(function*() {
        const consumer = yield* Consumer.make({ autoOffsetReset: "earliest" })
        yield* consumer.assign([order0])
        assert.deepStrictEqual(yield* pollValues(consumer, 20), values(20))
        assert.strictEqual(consumer.lag(order0), 0)
        consumer.seek(order0, 17)
        assert.strictEqual(consumer.lag(order0), 3)
        consumer.pause([order0])
        assert.deepStrictEqual(yield* consumer.poll(2_000), [])
        consumer.resume([order0])
        assert.deepStrictEqual(yield* pollValues(consumer, 3), ["v17", "v18", "v19"])
        consumer.seekToBeginning([order0])
        assert.deepStrictEqual(yield* pollValues(consumer, 20), values(20))
        assert.strictEqual((yield* consumer.endOffsets([order0]))[0]?.offset, 20)
        assert.throws(() => consumer.seek({ topic: "orders", partition: 7 }, 0), /not assigned/)
      })))

  it.effect("begins at the end by default", () =>
    withOrders(5, () =>
      Effect.gen(function*() {
        const consumer = yield* Consumer.make()
        yield* consumer.assign([order0])
        yield* consumer.poll(2_000)
        const producer = yield* Producer.make()
        yield* producer.send(orders, { value: "new" })
        assert.deepStrictEqual(yield* pollValues(consumer, 1), ["new"])
      })))

  it.effect("fails where there is no position and no policy", () =>
    withOrders(5, () =>
      Effect.gen(function*() {
        const consumer = yield* Consumer.make({ groupId: "g", autoOffsetReset: "none" })
        yield* consumer.assign([order0])
        const nothing = yield* Effect.flip(Effect.forever(consumer.poll(1_000)))
        assert.strictEqual(nothing.reason, "NoPosition")
        const other = yield* Consumer.make({ autoOffsetReset: "none" })
        yield* other.assign([order0])
        other.seek(order0, 99)
        assert.strictEqual((yield* Effect.flip(Effect.forever(other.poll(1_000)))).reason, "NoPosition")
      })))

  it.effect("ends a stream with the record that cannot be read", () =>
    withOrders(1, () =>
      Effect.gen(function*() {
        const wrong = Topic.make("orders", { key: Serde.string, value: Serde.long })
        const error = yield* Effect.flip(
          Stream.runDrain(Consumer.stream(wrong, { partitions: [0], autoOffsetReset: "earliest" }))
        )
        assert.strictEqual(error.reason, "UndecodableRecord")
        const producer = yield* Producer.make()
        yield* producer.send(orders, { value: null })
        const strict = Consumer.stream(orders, { partitions: [0], autoOffsetReset: "earliest" })
        assert.strictEqual((yield* Effect.flip(Stream.runDrain(strict))).reason, "UndecodableRecord")
        const nullable = Topic.make("orders", { key: Serde.string, value: Serde.nullable(Serde.string) })
        const read = yield* Consumer.stream(nullable, { partitions: [0], autoOffsetReset: "earliest" }).pipe(
          Stream.take(2),
          Stream.map((record) => record.value),
          Stream.runCollect
        )
        assert.deepStrictEqual(read, ["v0", null])
      })))

  it.effect("awaits its listener when the group rebalances, and does not lose its place", () =>
    withOrders(10, (broker) =>
      Effect.gen(function*() {
        let rebalance = false
        broker.on(Apis.heartbeat, () => {
          if (!rebalance) return undefined
          rebalance = false
          return { errorCode: ErrorCode.REBALANCE_IN_PROGRESS }
        })
        const events: Array<string> = []
        const told = (what: string) => () =>
          Effect.andThen(Effect.sleep("100 millis"), Effect.sync(() => events.push(what)))
        const consumer = yield* Consumer.make({
          groupId: "g",
          autoOffsetReset: "earliest",
          listener: { onAssigned: told("assigned"), onRevoked: told("revoked"), onLost: told("lost") }
        })
        yield* consumer.subscribe(["orders"])
        assert.deepStrictEqual(yield* pollValues(consumer, 10), values(10))
        yield* consumer.commit([{ ...order0, offset: 10 }])
        rebalance = true
        yield* Effect.sleep("4 seconds")
        yield* consumer.poll(1_000)
        yield* consumer.poll(1_000)
        assert.deepStrictEqual(events, ["assigned", "revoked", "assigned"])
        assert.strictEqual(consumer.groupMetadata().generationId, 2)
        const producer = yield* Producer.make()
        yield* producer.send(orders, { value: "new" })
        assert.deepStrictEqual(yield* pollValues(consumer, 1), ["new"])
      })))

  it.effect("loses its partitions when the group has gone on without it, and joins again", () =>
    withOrders(1, (broker) =>
      Effect.gen(function*() {
        let forgotten = false
        broker.on(Apis.heartbeat, () => forgotten ? { errorCode: ErrorCode.UNKNOWN_MEMBER_ID } : undefined)
        const events: Array<string> = []
        const told = (what: string) => () => Effect.sync(() => events.push(what))
        const consumer = yield* Consumer.make({
          groupId: "g",
          autoOffsetReset: "earliest",
          listener: { onAssigned: told("assigned"), onRevoked: told("revoked"), onLost: told("lost") }
        })
        yield* consumer.subscribe(["orders"])
        yield* pollValues(consumer, 1)
        forgotten = true
        yield* Effect.sleep("4 seconds")
        forgotten = false
        assert.strictEqual((yield* Effect.flip(consumer.commit([{ ...order0, offset: 1 }]))).reason, "CommitFailed")
        yield* pollValues(consumer, 1)
        assert.deepStrictEqual(events, ["assigned", "lost", "assigned"])
      })))

  // Found by seed 211 of the guide's first property: a record lay unread for the five minutes that metadata lives.
  it.effect("finds a topic soon that is created after it has joined its group", () =>
    withOrders(0, (broker) =>
      Effect.gen(function*() {
        const late = Topic.make("late", { key: Serde.string, value: Serde.string })
        const consumer = yield* Consumer.make({ groupId: "g", autoOffsetReset: "earliest" })
        yield* consumer.subscribe([late.name])
        while (consumer.groupMetadata().generationId < 0) yield* consumer.poll(100)
        for (let second = 0; second < 5; second++) assert.deepStrictEqual(yield* consumer.poll(1_000), [])
        const asked = broker.named("Metadata").length
        assert.isBelow(asked, 15, "it backs off")
        broker.topic(late.name, 1)
        const producer = yield* Producer.make()
        yield* producer.send(late, { key: "k", value: "v" })
        assert.deepStrictEqual(yield* Effect.timeout(pollValues(consumer, 1), "5 seconds"), ["v"])
      })))

  it.effect("leaves its group when nobody polls, and comes back", () =>
    withOrders(1, (broker) =>
      Effect.gen(function*() {
        const consumer = yield* Consumer.make({
          groupId: "g",
          autoOffsetReset: "earliest",
          maxPollInterval: "10 seconds"
        })
        yield* consumer.subscribe(["orders"])
        yield* pollValues(consumer, 1)
        yield* Effect.sleep("20 seconds")
        assert.strictEqual(broker.named("LeaveGroup").length, 1)
        yield* pollValues(consumer, 1)
        assert.isAtLeast(broker.named("JoinGroup").length, 3)
      })))

  it.effect("fails for good when it is fenced", () =>
    withOrders(1, (broker) =>
      Effect.gen(function*() {
        broker.on(Apis.joinGroup, () => ({
          errorCode: ErrorCode.FENCED_INSTANCE_ID,
          protocolName: null,
          leader: "",
          memberId: "",
          members: []
        }))
        const error = yield* Effect.flip(
          Stream.runDrain(Consumer.stream(orders, { groupId: "g", groupInstanceId: "i" }))
        )
        assert.strictEqual(error.reason, "Fenced")
      })))

  it.effect("fails each poll while it is refused for good, and goes on when that has passed", () =>
    withOrders(1, (broker) =>
      Effect.gen(function*() {
        let isRefused = true
        broker.on(Apis.joinGroup, () =>
          isRefused
            ? {
              errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED,
              protocolName: null,
              leader: "",
              memberId: "",
              members: []
            }
            : undefined)
        const consumer = yield* Consumer.make({ groupId: "g", autoOffsetReset: "earliest" })
        yield* consumer.subscribe(["orders"])
        for (let poll = 0; poll < 4; poll++) {
          assert.strictEqual((yield* Effect.flip(consumer.poll(30_000))).reason, "Refused", `poll ${poll}`)
        }
        isRefused = false
        assert.deepStrictEqual(yield* pollValues(consumer, 1), ["v0"])
      })))

  it.effect("leaves its group when its scope closes", () =>
    withOrders(1, (broker) =>
      Effect.gen(function*() {
        yield* Effect.scoped(Effect.gen(function*() {
          const consumer = yield* Consumer.make({ groupId: "g", autoOffsetReset: "earliest" })
          yield* consumer.subscribe(["orders"])
          yield* pollValues(consumer, 1)
        }))
        assert.strictEqual(broker.named("LeaveGroup").length, 1)
      })))

  it.effect("goes on after lost answers and moved leaders", () =>
    withOrders(50, (broker) =>
      Effect.gen(function*() {
        let fetches = 0
        broker.on(Apis.fetch, (body) => {
          fetches++
          if (fetches === 1) return null
          if (fetches > 4) return undefined
          return {
            throttleTimeMs: 0,
            errorCode: 0,
            responses: body.topics.map(({ partitions, topic }) => ({
              topic,
              partitions: partitions.map(({ partition }) => ({
                partitionIndex: partition,
                errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER,
                highWatermark: -1,
                abortedTransactions: null,
                records: null
              }))
            }))
          }
        })
        const consumer = yield* Consumer.make({ autoOffsetReset: "earliest" })
        yield* consumer.assign([order0])
        assert.deepStrictEqual(yield* pollValues(consumer, 50), values(50))
      })))

  it.effect("learns the watermarks of a partition whose first answer was thrown away", () =>
    withOrders(10, (broker) =>
      Effect.gen(function*() {
        broker.hasFetchSessions = true
        broker.hasTopicIds = true
        const consumer = yield* Consumer.make({ autoOffsetReset: "earliest" })
        yield* consumer.assign([order0])
        consumer.seek(order0, 10)
        while (broker.named("Fetch").length === 0) yield* consumer.poll(10)
        // The fetch is on its way: its answer comes for a position that is not wanted any more.
        consumer.seek(order0, 10)
        assert.deepStrictEqual(yield* consumer.poll(5_000), [])
        assert.strictEqual(consumer.watermarks(order0)?.highWatermark, 10)
        assert.strictEqual(consumer.lag(order0), 0)
        assert.isAtLeast(broker.named("Fetch")[0]!.version, 13)
      })))

  it.effect("says in a session only what has changed, and begins another when it is lost", () =>
    withOrders(10, (broker) =>
      Effect.gen(function*() {
        broker.hasFetchSessions = true
        broker.hasTopicIds = true
        const consumer = yield* Consumer.make({ autoOffsetReset: "earliest" })
        const order1 = { topic: "orders", partition: 1 }
        yield* consumer.assign([order0, order1])
        const producer = yield* Producer.make()
        const write = (value: string) => producer.send(orders, { value, partition: 0 })
        const read = (yield* pollValues(consumer, 10)).length
        assert.strictEqual(read, 10)
        const said = () =>
          (broker.named("Fetch") as ReadonlyArray<{ readonly body: FetchRequest }>).map(({ body }) => ({
            id: body.sessionId,
            epoch: body.sessionEpoch,
            partitions: body.topics.reduce((sum, topic) => sum + topic.partitions.length, 0)
          }))
        yield* consumer.poll(2_000)
        const quiet = said().at(-1)!
        assert.isAbove(quiet.epoch, 1)
        assert.strictEqual(quiet.partitions, 0)
        broker.sessions.clear()
        yield* write("new")
        assert.deepStrictEqual(yield* pollValues(consumer, 1), ["new"])
        yield* consumer.poll(2_000)
        const again = said().find((one, i) => i > 0 && one.epoch === 0)
        assert.deepStrictEqual(again, { id: 0, epoch: 0, partitions: 2 })
        assert.strictEqual(consumer.lag(order1), 0)
      }), 2))

  it.effect("asks for all again when the broker has lost count", () =>
    withOrders(3, (broker) =>
      Effect.gen(function*() {
        broker.hasFetchSessions = true
        const consumer = yield* Consumer.make({ autoOffsetReset: "earliest" })
        yield* consumer.assign([order0])
        yield* pollValues(consumer, 3)
        for (const session of broker.sessions.values()) session.epoch += 5
        const producer = yield* Producer.make()
        yield* producer.send(orders, { value: "new" })
        assert.deepStrictEqual(yield* pollValues(consumer, 1), ["new"])
        assert.strictEqual(broker.sessions.size, 2)
      })))

  it.effect("backs off from errors of the whole fetch", () =>
    withOrders(3, (broker) =>
      Effect.gen(function*() {
        broker.hasTopicIds = true
        broker.on(Apis.fetch, () => ({
          throttleTimeMs: 0,
          errorCode: ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR,
          responses: []
        }))
        const consumer = yield* Consumer.make({ autoOffsetReset: "earliest" })
        yield* consumer.assign([order0])
        yield* consumer.poll(10_000)
        assert.isBelow(broker.named("Fetch").length, 30)
      })))

  it.effect("hears of its rebalance again when the poll that told it was interrupted", () =>
    withOrders(10, () =>
      Effect.gen(function*() {
        const events: Array<string> = []
        let slow = true
        const consumer = yield* Consumer.make({
          groupId: "g",
          autoOffsetReset: "earliest",
          listener: {
            onAssigned: (added) =>
              Effect.sync(() => events.push(`assigned ${added.length}`)).pipe(
                Effect.andThen(slow ? Effect.never : Effect.void)
              )
          }
        })
        yield* consumer.subscribe(["orders"])
        yield* Effect.timeoutOption(Effect.forever(consumer.poll(1_000)), "5 seconds")
        assert.deepStrictEqual(events, ["assigned 1"])
        assert.deepStrictEqual(consumer.assignment(), [])
        slow = false
        assert.deepStrictEqual(yield* pollValues(consumer, 10), values(10))
        assert.deepStrictEqual(events, ["assigned 1", "assigned 1"])
      })))

  it.effect("loses nothing to polls that are interrupted at any time", () =>
    withOrders(200, () =>
      Effect.gen(function*() {
        const consumer = yield* Consumer.make({ groupId: "g", autoOffsetReset: "earliest", fetchMaxWait: 50 })
        yield* consumer.subscribe(["orders"])
        const found: Array<string> = []
        const keep = (chunks: ReadonlyArray<RecordChunk>) => {
          for (const chunk of chunks) {
            const cursor = new ChunkCursor(chunk)
            while (cursor.next()) found.push(cursor.record.valueString()!)
          }
        }
        for (let i = 0; found.length < 200 && i < 500; i++) {
          const poll = yield* Effect.forkChild(consumer.poll(500, keep), { startImmediately: true })
          for (let turn = 0; turn < i % 7; turn++) yield* Effect.yieldNow
          yield* Effect.sleep(i % 3 === 0 ? 60 : 1)
          yield* Fiber.interrupt(poll)
        }
        assert.deepStrictEqual(found, values(200))
      })))

  it.effect("fails the poll with what an assignor died of", () =>
    withOrders(1, () =>
      Effect.gen(function*() {
        const consumer = yield* Consumer.make({
          groupId: "g",
          assignors: [{
            ...range,
            assign: () => {
              throw new Error("a bug")
            }
          }]
        })
        yield* consumer.subscribe(["orders"])
        const exit = yield* Effect.exit(Effect.forever(consumer.poll(1_000)))
        assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
      })))

  it.effect("sees that the log was cut below its position", () =>
    withOrders(10, (broker) =>
      Effect.gen(function*() {
        const consumer = yield* Consumer.make({ autoOffsetReset: "none" })
        yield* consumer.assign([order0])
        consumer.seek(order0, 0)
        yield* pollValues(consumer, 10)
        broker.on(Apis.fetch, ({ topics }) => ({
          throttleTimeMs: 0,
          errorCode: 0,
          responses: topics.map(({ partitions, topic }) => ({
            topic,
            partitions: partitions.map(({ lastFetchedEpoch, partition }) => ({
              partitionIndex: partition,
              errorCode: 0,
              highWatermark: 5,
              divergingEpoch: { epoch: lastFetchedEpoch, endOffset: 5 },
              abortedTransactions: null,
              records: null
            }))
          }))
        }))
        assert.strictEqual((yield* Effect.flip(Effect.forever(consumer.poll(1_000)))).reason, "Truncated")
      })))
})
