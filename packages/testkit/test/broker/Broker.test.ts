import { assert, describe, it } from "@effect/vitest"
import * as Admin from "@millrace/client/admin/Admin"
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { ApiVersionsRequest, ApiVersionsResponse } from "@millrace/core/protocol/messages/ApiVersions"
import { FetchRequest, FetchResponse } from "@millrace/core/protocol/messages/Fetch"
import { MetadataRequest, MetadataResponse } from "@millrace/core/protocol/messages/Metadata"
import { ProduceRequest, ProduceResponse } from "@millrace/core/protocol/messages/Produce"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Broker from "@millrace/server/Broker"
import { fetchWaitMaxMs, frameReceiveTimeMaxMs } from "@millrace/server/limits"
import * as MemoryDisk from "@millrace/testkit/platform/MemoryDisk"
import * as MemoryNetwork from "@millrace/core/platform/MemoryNetwork"
import * as PureCompression from "@millrace/core/records/PureCompression"
import { Disk } from "@millrace/core/platform/Disk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { TestClock } from "effect/testing"
import { batchOf, broker, client, createTopic, fetch, fetchInput, ports, produce, produceInput } from "./broker.ts"

/** Runs a program against a new broker in memory. */
const withBroker = <A, E, R>(program: Effect.Effect<A, E, R>, config: Record<string, string> = {}) =>
  program.pipe(Effect.scoped, Effect.provide(Layer.provideMerge(broker(config), ports)))

/** Runs programs against brokers that come one after the other on the same disk. */
const onDisk = (disk: Disk["Service"]) => <A, E, R>(program: Effect.Effect<A, E, R>) =>
  program.pipe(
    Effect.scoped,
    Effect.provide(Layer.provideMerge(
      broker(),
      Layer.mergeAll(Layer.succeed(Disk, disk), MemoryNetwork.layer, PureCompression.layer)
    ))
  )

const metadataInput = (...names: ReadonlyArray<string>) => ({
  topics: names.map((name) => ({ name })),
  allowAutoTopicCreation: true
})

describe("Broker", () => {
  it.effect("says what it serves, and answers ApiVersions of the future", () =>
    withBroker(Effect.gen(function*() {
      const raw = yield* client
      const { apiKeys } = yield* raw.call(ApiVersionsRequest, ApiVersionsResponse, 3, {
        clientSoftwareName: "test",
        clientSoftwareVersion: "1"
      })
      const produce = apiKeys.find(({ apiKey }) => apiKey === 0)!
      assert.deepStrictEqual([produce.minVersion, produce.maxVersion], [0, 13])
      yield* raw.connection.write([Uint8Array.of(0, 0, 0, 10, 0, 18, 0, 99, 0, 0, 0, 7, 255, 255)])
      const answer = yield* raw.receive(ApiVersionsResponse, 0, 7)
      assert.strictEqual(answer.errorCode, ErrorCode.UNSUPPORTED_VERSION)
      assert.deepStrictEqual(answer.apiKeys.map(({ apiKey }) => apiKey), [18])
    })))

  it.effect("lets groups begin at once where it is embedded, unless it is told to wait", () => {
    const delayOf = (config: Record<string, string> | undefined) =>
      Effect.gen(function*() {
        const admin = yield* Admin.make
        const [described] = yield* admin.describeConfigs([{ type: "broker", name: "1" }])
        return described!.entries.find(({ name }) => name === "group.initial.rebalance.delay.ms")?.value
      }).pipe(
        Effect.scoped,
        Effect.provide(Layer.provideMerge(Broker.layerEmbedded({ config, nodeId: 1 }), ports))
      )
    return Effect.gen(function*() {
      assert.strictEqual(yield* delayOf(undefined), "0")
      assert.strictEqual(yield* delayOf({ "group.initial.rebalance.delay.ms": "7" }), "7")
    })
  })

  it.effect("gives back what was produced", () =>
    withBroker(Effect.gen(function*() {
      const raw = yield* client
      assert.strictEqual(yield* createTopic(raw, "a"), 0)
      assert.strictEqual((yield* produce(raw, "a", "x", "y")).baseOffset, 0)
      assert.strictEqual((yield* produce(raw, "a", "z")).baseOffset, 2)
      const { highWatermark, records } = yield* fetch(raw, "a", 0)
      assert.strictEqual(highWatermark, 3)
      assert.strictEqual(RecordBatch.recordsCount(records!, 0), 2)
      assert.strictEqual((yield* fetch(raw, "a", 4)).errorCode, ErrorCode.OFFSET_OUT_OF_RANGE)
      assert.strictEqual((yield* fetch(raw, "b", 0)).errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    })))

  it.effect("creates a topic that is asked for", () =>
    withBroker(Effect.gen(function*() {
      const raw = yield* client
      const ask = raw.call(MetadataRequest, MetadataResponse, 12, metadataInput("auto"))
      assert.strictEqual((yield* ask).topics[0]!.errorCode, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
      const { brokers, topics } = yield* ask
      assert.strictEqual(topics[0]!.errorCode, 0)
      assert.deepStrictEqual(topics[0]!.partitions.map(({ leaderId }) => leaderId), [brokers[0]!.nodeId])
    })))

  it.effect("wakes a fetch that waits", () =>
    withBroker(Effect.gen(function*() {
      const [reader, writer] = [yield* client, yield* client]
      yield* createTopic(writer, "a")
      const waiting = yield* Effect.forkChild(fetch(reader, "a", 0, 10_000), { startImmediately: true })
      yield* TestClock.adjust(100)
      yield* produce(writer, "a", "x")
      const { records } = yield* Fiber.join(waiting)
      assert.strictEqual(RecordBatch.recordsCount(records!, 0), 1)
    })))

  it.effect("lets no fetch wait for days, as its client may be gone", () =>
    withBroker(Effect.gen(function*() {
      const raw = yield* client
      assert.strictEqual(yield* createTopic(raw, "a"), 0)
      const waiting = yield* Effect.forkChild(fetch(raw, "a", 0, 0x7fffffff), { startImmediately: true })
      yield* TestClock.adjust(fetchWaitMaxMs)
      assert.strictEqual((yield* Fiber.join(waiting)).errorCode, 0)
    })))

  it.effect("lets a fetch wait no longer than it asked for", () =>
    withBroker(Effect.gen(function*() {
      const raw = yield* client
      yield* createTopic(raw, "a")
      const waiting = yield* Effect.forkChild(fetch(raw, "a", 0, 500), { startImmediately: true })
      yield* TestClock.adjust(400)
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust(200)
      assert.strictEqual((yield* Fiber.join(waiting)).records?.length, 0)
    })))

  it.effect("answers requests of one connection in their order", () =>
    withBroker(Effect.gen(function*() {
      const raw = yield* client
      yield* createTopic(raw, "a")
      const produced: Array<number> = []
      for (let i = 0; i < 10; i++) {
        produced.push(yield* raw.send(ProduceRequest, 9, produceInput("a", batchOf(`${i}`))))
      }
      const unanswered = yield* raw.send(ProduceRequest, 9, produceInput("a", batchOf("quiet"), 0))
      const fetched = yield* raw.send(FetchRequest, 12, fetchInput("a", 10))
      const asked = yield* raw.send(MetadataRequest, 12, metadataInput("a"))
      for (const [i, id] of produced.entries()) {
        const { responses } = yield* raw.receive(ProduceResponse, 9, id)
        assert.strictEqual(responses[0]!.partitionResponses[0]!.baseOffset, i)
      }
      assert.isBelow(unanswered, fetched)
      const { responses } = yield* raw.receive(FetchResponse, 12, fetched)
      assert.strictEqual(responses[0]!.partitions[0]!.highWatermark, 11)
      yield* raw.receive(MetadataResponse, 12, asked)
    })))

  it.effect("closes the connection on an error with acks=0, and on what it can't read", () =>
    withBroker(Effect.gen(function*() {
      const garbage: ReadonlyArray<Uint8Array> = [
        Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 1),
        Uint8Array.of(0xff, 0xff, 0xff, 0xff),
        Uint8Array.of(0, 0, 0, 3, 1, 2, 3),
        Uint8Array.of(0, 0, 0, 10, 0, 99, 0, 0, 0, 0, 0, 7, 255, 255),
        Uint8Array.of(0, 0, 0, 10, 0, 3, 0, 99, 0, 0, 0, 7, 255, 255),
        Uint8Array.of(0, 0, 0, 12, 0, 3, 0, 1, 0, 0, 0, 7, 255, 255, 0x7f, 0xff)
      ]
      for (const bytes of garbage) {
        const raw = yield* client
        yield* raw.connection.write([bytes])
        assert.isTrue(yield* raw.isClosed)
      }
      const raw = yield* client
      yield* raw.send(ProduceRequest, 9, produceInput("nope", batchOf("x"), 0))
      assert.isTrue(yield* raw.isClosed)
      const other = yield* client
      assert.strictEqual(yield* createTopic(other, "still-there"), 0)
    })))

  it.effect("closes connections that are idle, or slow to send a frame", () =>
    withBroker(
      Effect.gen(function*() {
        const [idle, slow] = [yield* client, yield* client]
        yield* createTopic(idle, "a")
        yield* slow.connection.write([Uint8Array.of(0, 0, 1, 0, 0)])
        const closed = yield* Effect.forkChild(Effect.all([idle.isClosed, slow.isClosed], { concurrency: 2 }))
        yield* TestClock.adjust(frameReceiveTimeMaxMs + 20_000)
        assert.deepStrictEqual(yield* Fiber.join(closed), [true, true])
      }),
      { "connections.max.idle.ms": "30000" }
    ))

  it.effect("serves small requests while large ones that never end use up the memory", () =>
    withBroker(
      Effect.gen(function*() {
        const huge = new Uint8Array(300_000)
        huge.set([0, 0x40, 0, 0])
        const hostile = yield* Effect.forEach([1, 2, 3, 4], () => client)
        for (const raw of hostile) yield* raw.connection.write([huge.slice()])
        const raw = yield* client
        assert.strictEqual(yield* createTopic(raw, "a"), 0)
        const large = yield* Effect.forkChild(produce(raw, "a", "x".repeat(400_000)), { startImmediately: true })
        const closed = yield* Effect.forkChild(Effect.forEach(hostile, ({ isClosed }) => isClosed))
        yield* TestClock.adjust(2 * frameReceiveTimeMaxMs)
        assert.strictEqual((yield* Fiber.join(large)).errorCode, 0)
        assert.deepStrictEqual(yield* Fiber.join(closed), [true, true, true, true])
      }),
      { "queued.max.request.bytes": "1000000" }
    ))

  it.effect("takes no more connections than it may", () =>
    withBroker(
      Effect.gen(function*() {
        const first = yield* client
        yield* createTopic(first, "a")
        const second = yield* client
        assert.isTrue(yield* second.isClosed)
        assert.strictEqual((yield* produce(first, "a", "x")).errorCode, 0)
      }),
      { "max.connections": "1" }
    ))

  it.effect("finds its topics and records again, and leads with a new epoch after a crash", () =>
    Effect.gen(function*() {
      const { disk } = MemoryDisk.make()
      const again = onDisk(disk)
      yield* again(Effect.gen(function*() {
        const raw = yield* client
        yield* createTopic(raw, "a", 2)
        yield* produce(raw, "a", "x")
      }))
      for (const [records, epoch, crashed] of [[1, 0, false], [2, 1, true], [3, 1, false]] as const) {
        if (crashed) yield* disk.remove("millrace-data/.kafka_cleanshutdown")
        yield* again(Effect.gen(function*() {
          const raw = yield* client
          const { topics } = yield* raw.call(MetadataRequest, MetadataResponse, 12, metadataInput("a"))
          assert.deepStrictEqual(topics[0]!.partitions.map(({ leaderEpoch }) => leaderEpoch), [epoch, epoch])
          assert.strictEqual((yield* fetch(raw, "a", 0)).highWatermark, records)
          assert.strictEqual((yield* produce(raw, "a", "y")).baseOffset, records)
        }))
      }
    }))
})
