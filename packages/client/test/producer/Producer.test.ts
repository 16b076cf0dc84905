import { assert, describe, it } from "@effect/vitest"
import * as Apis from "@millrace/client/cluster/Apis"
import * as Partitioner from "@millrace/client/producer/Partitioner"
import * as Producer from "@millrace/client/producer/Producer"
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { Kafka } from "@millrace/core/Kafka"
import type { Network } from "@millrace/core/platform/Network"
import type { ProduceRequest } from "@millrace/core/protocol/messages/Produce"
import { Compression, CompressionError } from "@millrace/core/records/Compression"
import * as PureCompression from "@millrace/core/records/PureCompression"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Serde from "@millrace/core/serde/Serde"
import * as Topic from "@millrace/core/streams/Topic"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { FakeBroker } from "../FakeBroker.ts"
import { passing } from "../passing.ts"

const orders = Topic.make("orders", { key: Serde.string, value: Serde.string })
const numbers = Topic.make("numbers", { key: Serde.string, value: Serde.long })
const record = (value: string) => ({ key: "k", value })
const values = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`)

const withProducer = <A, E>(
  use: (broker: FakeBroker) => Effect.Effect<A, E, Kafka | Network | Compression | Scope.Scope>,
  partitions = 1
): Effect.Effect<A, E> => {
  const broker = new FakeBroker()
  broker.topic("orders", partitions)
  broker.topic("numbers")
  return passing(Effect.provide(Effect.scoped(use(broker)), broker.layer))
}

/** Answers a produce request with an error for every partition of it. */
const refusing = ({ topicData }: ProduceRequest, errorCode: number) => ({
  responses: topicData.map(({ name, partitionData }) => ({
    name,
    partitionResponses: partitionData.map(({ index }) => ({ index, errorCode, baseOffset: -1 }))
  }))
})

describe("Producer", () => {
  it.effect("fails what its codec cannot write, and goes on", () =>
    withProducer((broker) =>
      Effect.gen(function*() {
        let isBroken = true
        const codecs: Compression["Service"] = {
          ...PureCompression.make,
          compressUnsafe: (codec, bytes, level) => {
            if (isBroken) throw new CompressionError({ reason: "Unsupported", codec, detail: "not here" })
            return PureCompression.make.compressUnsafe(codec, bytes, level)
          }
        }
        const producer = yield* Effect.provideService(Producer.make({ compression: "zstd" }), Compression, codecs)
        const failure = yield* Effect.flip(producer.send(orders, record("a")))
        assert.strictEqual(failure.reason, "Refused")
        isBroken = false
        yield* producer.send(orders, record("b"))
        assert.deepStrictEqual(broker.log("orders").values(), ["b"])
      })
    ))

  it.effect("tells all who wait when it is broken", () =>
    withProducer(() =>
      Effect.gen(function*() {
        const codecs: Compression["Service"] = {
          ...PureCompression.make,
          compressUnsafe: () => {
            throw new Error("a bug")
          }
        }
        const producer = yield* Effect.provideService(Producer.make({ compression: "zstd" }), Compression, codecs)
        assert.strictEqual((yield* Effect.flip(producer.send(orders, record("a")))).reason, "Closed")
        assert.strictEqual((yield* Effect.flip(producer.send(orders, record("b")))).reason, "Closed")
      })
    ))

  it.effect("waits for the acknowledgement and says where the record is", () =>
    withProducer((broker) =>
      Effect.gen(function*() {
        const producer = yield* Producer.make()
        assert.deepStrictEqual(yield* producer.send(orders, record("a")), { topic: "orders", partition: 0, offset: 0 })
        assert.deepStrictEqual(yield* producer.send(orders, record("b")), { topic: "orders", partition: 0, offset: 1 })
        assert.deepStrictEqual(broker.log("orders").values(), ["a", "b"])
      })
    ))

  it.effect("gathers what comes within the linger into one batch", () =>
    withProducer((broker) =>
      Effect.gen(function*() {
        const producer = yield* Producer.make({ linger: "1 second" })
        const written = yield* producer.sendAll(orders, values(100).map(record))
        assert.deepStrictEqual(written.map((one) => one.offset), Array.from({ length: 100 }, (_, i) => i))
        assert.strictEqual(broker.log("orders").batches.length, 1)
      })
    ))

  it.effect("sends keys where every Kafka client does, and records without key to one partition at a time", () =>
    withProducer((broker) =>
      Effect.gen(function*() {
        const producer = yield* Producer.make({ linger: "1 second" })
        for (const key of ["a", "b", "order-17", "äöü"]) {
          const { partition } = yield* producer.send(orders, { key, value: "x" })
          assert.strictEqual(partition, Partitioner.partitionOfKey(key, 8))
        }
        const written = yield* producer.sendAll(orders, values(50).map((value) => ({ key: null, value })))
        assert.strictEqual(new Set(written.map((one) => one.partition)).size, 1)
        assert.strictEqual((yield* producer.send(orders, { value: "x", partition: 5 })).partition, 5)
        assert.strictEqual(broker.log("orders", 5).values().at(-1), "x")
      }), 8))

  it.effect("keeps order and writes once when a request in the middle of the pipeline fails", () =>
    withProducer((broker) =>
      Effect.gen(function*() {
        let requests = 0
        broker.on(
          Apis.produce,
          (body) => ++requests === 2 ? refusing(body, ErrorCode.NOT_LEADER_OR_FOLLOWER) : undefined
        )
        const producer = yield* Producer.make({ batchSize: 200, linger: 0 })
        yield* producer.sendAll(orders, values(100).map(record))
        assert.deepStrictEqual(broker.log("orders").values(), values(100))
        assert.isAbove(requests, 10)
      })
    ))

  it.effect("writes once when the answer is lost", () =>
    withProducer((broker) =>
      Effect.gen(function*() {
        let requests = 0
        broker.on(Apis.produce, ({ topicData }) => {
          if (++requests !== 1) return undefined
          broker.log("orders").append(topicData[0]!.partitionData[0]!.records!)
          return null
        })
        const producer = yield* Producer.make({ requestTimeout: "2 seconds" })
        yield* producer.send(orders, record("a"))
        yield* producer.send(orders, record("b"))
        assert.deepStrictEqual(broker.log("orders").values(), ["a", "b"])
      })
    ))

  it.effect("never writes anew what may have been written and the broker has forgotten, simulation seed 922868", () =>
    withProducer((broker) =>
      Effect.gen(function*() {
        let requests = 0
        broker.on(Apis.produce, (body) => {
          requests++
          if (requests > 2) return undefined
          if (requests === 2) return refusing(body, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
          broker.log("orders").append(body.topicData[0]!.partitionData[0]!.records!)
          return null
        })
        const producer = yield* Producer.make({ requestTimeout: "2 seconds" })
        assert.strictEqual((yield* Effect.flip(producer.send(orders, record("a")))).reason, "SequenceLost")
        yield* producer.send(orders, record("b"))
        assert.deepStrictEqual(broker.log("orders").values(), ["a", "b"])
      })
    ))

  it.effect("raises its epoch when the broker has forgotten it, and goes on", () =>
    withProducer((broker) =>
      Effect.gen(function*() {
        let forgotten = true
        broker.on(Apis.produce, (body) => {
          const bytes = body.topicData[0]!.partitionData[0]!.records!
          const isOld = RecordBatch.producerEpoch(bytes, 0) === 0
          return forgotten && isOld && RecordBatch.baseSequence(bytes, 0) > 0
            ? refusing(body, ErrorCode.UNKNOWN_PRODUCER_ID)
            : undefined
        })
        const producer = yield* Producer.make()
        for (const value of values(5)) yield* producer.send(orders, record(value))
        forgotten = false
        assert.deepStrictEqual(broker.log("orders").values(), values(5))
        const last = broker.log("orders").batches.at(-1)!.bytes
        assert.strictEqual(RecordBatch.producerEpoch(last, 0), 1)
      })
    ))

  it.effect("splits a batch that the broker finds too large", () =>
    withProducer((broker) =>
      Effect.gen(function*() {
        broker.on(Apis.produce, (body) =>
          RecordBatch.recordsCount(body.topicData[0]!.partitionData[0]!.records!, 0) > 10
            ? refusing(body, ErrorCode.MESSAGE_TOO_LARGE)
            : undefined)
        const producer = yield* Producer.make({ linger: "1 second" })
        const written = yield* producer.sendAll(orders, values(64).map(record))
        assert.deepStrictEqual(written.map((one) => one.offset), Array.from({ length: 64 }, (_, i) => i))
        assert.deepStrictEqual(broker.log("orders").values(), values(64))
      })
    ))

  it.effect("fails what the broker refuses, and only that", () =>
    withProducer((broker) =>
      Effect.gen(function*() {
        let refuse = true
        broker.on(Apis.produce, (body) => refuse ? refusing(body, ErrorCode.INVALID_RECORD) : undefined)
        const producer = yield* Producer.make()
        assert.strictEqual((yield* Effect.flip(producer.send(orders, record("a")))).reason, "Refused")
        refuse = false
        yield* producer.send(orders, record("b"))
        assert.deepStrictEqual(broker.log("orders").values(), ["b"])
      })
    ))

  it.effect("fails what is not acknowledged in time", () =>
    withProducer((broker) =>
      Effect.gen(function*() {
        broker.on(Apis.produce, (body) => refusing(body, ErrorCode.NOT_ENOUGH_REPLICAS))
        const producer = yield* Producer.make({ deliveryTimeout: "10 seconds" })
        assert.strictEqual((yield* Effect.flip(producer.send(orders, record("a")))).reason, "DeliveryTimeout")
      })
    ))

  it.effect("refuses what cannot be written before it is sent", () =>
    withProducer(() =>
      Effect.gen(function*() {
        const producer = yield* Producer.make({ maxBlock: "2 seconds" })
        const reasons: Array<string> = []
        for (
          const attempt of [
            producer.send(orders, { value: "x".repeat(2_000_000) }),
            producer.send(orders, { value: "x", partition: 9 }),
            producer.send(numbers, { value: 1.5 }),
            producer.send(Topic.make("nowhere", { key: Serde.string, value: Serde.string }), { value: "x" })
          ]
        ) reasons.push((yield* Effect.flip(attempt)).reason)
        assert.deepStrictEqual(reasons, ["TooLarge", "UnknownPartition", "Unserializable", "UnknownTopic"])
      })
    ))

  it.effect("slows who writes to what the broker takes, and fails when it takes nothing", () =>
    withProducer((broker) =>
      Effect.gen(function*() {
        broker.on(Apis.produce, () => null)
        const producer = yield* Producer.make({ bufferMemory: 5_000, batchSize: 1_000, maxBlock: "3 seconds" })
        const error = yield* Effect.flip(producer.enqueueAll(orders, values(10_000).map(record)))
        assert.strictEqual(error.reason, "NoRoom")
      })
    ))

  it.effect("tells of enqueued records that failed: in failures and at the next flush", () =>
    withProducer((broker) =>
      Effect.gen(function*() {
        broker.on(Apis.produce, (body) => refusing(body, ErrorCode.INVALID_RECORD))
        const producer = yield* Producer.make()
        const failures = yield* Effect.forkChild(producer.failures.pipe(Stream.take(1), Stream.runCollect))
        yield* producer.enqueue(orders, record("a"))
        assert.strictEqual((yield* Effect.flip(producer.flush)).reason, "Refused")
        assert.strictEqual((yield* Fiber.join(failures))[0]?.reason, "Refused")
        yield* producer.flush
      })
    ))

  it.effect("runs a stream into a topic and ends when all is acknowledged", () =>
    withProducer((broker) =>
      Effect.gen(function*() {
        const producer = yield* Producer.make({ bufferMemory: 5_000, batchSize: 1_000 })
        yield* Stream.run(Stream.fromIterable(values(2_000).map(record)), producer.sink(orders))
        assert.deepStrictEqual(broker.log("orders").values(), values(2_000))
      })
    ))

  it.effect("sends what is buffered when its scope closes", () =>
    withProducer((broker) =>
      Effect.gen(function*() {
        yield* Effect.scoped(Effect.gen(function*() {
          const producer = yield* Producer.make({ linger: "1 minute" })
          yield* producer.enqueueAll(orders, values(10).map(record))
        }))
        assert.deepStrictEqual(broker.log("orders").values(), values(10))
      })
    ))

  for (const acks of [0, 1] as const) {
    it.effect(`writes with acks ${acks}`, () =>
      withProducer((broker) =>
        Effect.gen(function*() {
          const producer = yield* Producer.make({ acks })
          const { offset } = yield* producer.send(orders, record("a"))
          assert.strictEqual(offset, acks === 0 ? -1 : 0)
          yield* Effect.sleep("1 second")
          assert.deepStrictEqual(broker.log("orders").values(), ["a"])
          assert.strictEqual(broker.named("InitProducerId").length, 0)
        })
      ))
  }

  for (const compression of ["none", "gzip", "snappy", "lz4", "zstd"] as const) {
    it.effect(`writes with ${compression}`, () =>
      withProducer((broker) =>
        Effect.gen(function*() {
          const producer = yield* Producer.make({ compression, linger: "1 second" })
          yield* producer.sendAll(orders, values(50).map(record))
          assert.deepStrictEqual(broker.log("orders").values(), values(50))
        })
      ))
  }
})

describe("Partitioner", () => {
  it("chooses partitions in inverse proportion to what waits in them", () => {
    const counts = [0, 0, 0]
    for (let i = 0; i < 1000; i++) counts[Partitioner.choose([0, 0, 9], i / 1000)]!++
    assert.isTrue(counts[0]! > 400 && counts[1]! > 400 && counts[2]! > 0 && counts[2]! < 100)
  })
})
