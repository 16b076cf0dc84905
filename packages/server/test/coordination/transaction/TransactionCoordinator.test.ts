import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { TopicDirectory } from "../../../src/coordination/shard/TopicDirectory.ts"
import { type Marker, MarkerSender } from "../../../src/coordination/transaction/MarkerSender.ts"
import * as ProducerIds from "../../../src/coordination/transaction/ProducerIds.ts"
import { defaults, type TransactionConfig } from "../../../src/coordination/transaction/TransactionConfig.ts"
import type { Verification } from "../../../src/coordination/transaction/TransactionCoordinator.ts"
import * as TransactionCoordinator from "../../../src/coordination/transaction/TransactionCoordinator.ts"
import * as limits from "../../../src/limits.ts"
import { MemoryShardLog, refused } from "../MemoryShardLog.ts"

const settle = TestClock.adjust(0)
const contextOf = (apiVersion: number) => ({ apiVersion, clientId: "client", clientHost: "/127.0.0.1" })

const start = Effect.fnUntraced(function*(config: Partial<TransactionConfig> = {}) {
  const log = new MemoryShardLog()
  const markers: Array<Marker> = []
  const partitions = new Map([["t", 3], ["__transaction_state", 1], ["__consumer_offsets", 4]])
  /** What partitions answer to markers. */
  const marks = { code: (_topic: string, _partition: number): number => ErrorCode.NONE, takeMs: 0 }
  const blocks: Array<number> = []
  const services = Effect.fnUntraced(function*() {
    return yield* TransactionCoordinator.make({ ...defaults, ...config }).pipe(
      Effect.provideService(TopicDirectory, {
        nameOf: () => undefined,
        idOf: () => undefined,
        partitionCount: (name) => partitions.get(name) ?? 0
      }),
      Effect.provideService(MarkerSender, {
        send: (marker) =>
          Effect.delay(
            Effect.sync(() => {
              markers.push(marker)
              return marker.topics.flatMap(({ name, partitionIndexes }) =>
                partitionIndexes.map((partition) => ({
                  topic: name,
                  partition,
                  errorCode: marks.code(name, partition)
                }))
              )
            }),
            marks.takeMs
          )
      }),
      Effect.provideService(
        ProducerIds.ProducerIds,
        ProducerIds.make(Effect.sync(() => {
          const first = 1000 * (blocks.length + 1)
          blocks.push(first)
          return { first, length: 2 }
        }))
      )
    )
  })
  const coordinator = yield* services()
  yield* coordinator.elected(0, 7, log)
  yield* settle

  const init = (id: string | null, apiVersion = 5, producerId = -1, producerEpoch = -1) =>
    Effect.map(
      coordinator.initProducerId({
        transactionalId: id,
        transactionTimeoutMs: 60_000,
        producerId,
        producerEpoch,
        enable2Pc: false,
        keepPreparedTxn: false
      }, contextOf(apiVersion)),
      (response) => response.errorCode === 0 ? [response.producerId, response.producerEpoch] : response.errorCode
    )
  const add = (producerId: number, producerEpoch: number, apiVersion = 3, name = "t", indexes = [0]) =>
    Effect.map(
      coordinator.addPartitionsToTxn({
        transactions: [],
        v3AndBelowTransactionalId: "x",
        v3AndBelowProducerId: producerId,
        v3AndBelowProducerEpoch: producerEpoch,
        v3AndBelowTopics: [{ name, partitions: indexes }]
      }, contextOf(apiVersion)),
      (response) =>
        response.resultsByTopicV3AndBelow[0]!.resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode)
    )
  const end = (producerId: number, producerEpoch: number, committed: boolean, apiVersion = 3) =>
    Effect.map(
      coordinator.endTxn({ transactionalId: "x", producerId, producerEpoch, committed }, contextOf(apiVersion)),
      (response) =>
        response.errorCode !== 0 || apiVersion < 5 ? response.errorCode : [response.producerId, response.producerEpoch]
    )
  const verify = (producerId: number, producerEpoch: number, operation: Verification["operation"], name = "t") =>
    Effect.map(
      coordinator.verify({
        transactionalId: "x",
        producerId,
        producerEpoch,
        operation,
        topics: [{ name, partitions: [1] }]
      }),
      ([partition]) => partition!.errorCode
    )
  const stateOf = Effect.map(
    coordinator.describeTransactions({ transactionalIds: ["x"] }, contextOf(0)),
    ({ transactionStates: [state] }) => state!.errorCode === 0 ? state!.transactionState : state!.errorCode
  )
  return { log, markers, marks, partitions, coordinator, init, add, end, verify, stateOf }
})

describe("TransactionCoordinator", () => {
  it.effect("gives every idempotent producer an id of its own", () =>
    Effect.gen(function*() {
      const { init } = yield* start()
      const ids = yield* Effect.all([init(null), init(null), init(null)], { concurrency: 3 })
      assert.deepStrictEqual(ids, [[1000, 0], [1001, 0], [2000, 0]])
      assert.strictEqual(yield* init("", 4), ErrorCode.INVALID_REQUEST)
      assert.strictEqual(yield* init(null, 4, 5, -1), ErrorCode.INVALID_REQUEST)
    }))

  it.effect("completes a transaction when all partitions have its marker", () =>
    Effect.gen(function*() {
      const { add, end, init, markers, marks, stateOf } = yield* start()
      assert.deepStrictEqual(yield* init("x"), [1000, 0])
      assert.deepStrictEqual(yield* add(1000, 0, 3, "t", [0, 1]), [0, 0])
      marks.code = (_topic, partition) => (partition === 1 ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.NONE)
      assert.strictEqual(yield* end(1000, 0, true), ErrorCode.NONE)
      yield* settle
      assert.strictEqual(yield* stateOf, "PrepareCommit")
      assert.strictEqual(yield* end(1000, 0, true), ErrorCode.CONCURRENT_TRANSACTIONS)
      assert.strictEqual(yield* end(1000, 0, false), ErrorCode.INVALID_TXN_STATE)
      assert.deepStrictEqual(yield* add(1000, 0), [ErrorCode.CONCURRENT_TRANSACTIONS])
      assert.strictEqual(yield* init("x"), ErrorCode.CONCURRENT_TRANSACTIONS)
      marks.code = () => ErrorCode.NONE
      yield* TestClock.adjust(limits.markerRetryBackoffMaxMs)
      assert.strictEqual(yield* stateOf, "CompleteCommit")
      assert.deepStrictEqual(markers[0], {
        producerId: 1000,
        producerEpoch: 0,
        transactionResult: true,
        topics: [{ name: "t", partitionIndexes: [0, 1] }],
        coordinatorEpoch: 7,
        transactionVersion: 0
      })
      assert.deepStrictEqual(markers.at(-1)!.topics, [{ name: "t", partitionIndexes: [1] }])
      assert.strictEqual(yield* end(1000, 0, true), ErrorCode.NONE)
    }))

  it.effect("goes on with a transaction that was ending when its coordinator stopped", () =>
    Effect.gen(function*() {
      const { add, coordinator, end, init, log, markers, marks, stateOf } = yield* start()
      yield* init("x")
      yield* add(1000, 0)
      marks.code = () => ErrorCode.NOT_LEADER_OR_FOLLOWER
      yield* end(1000, 0, false)
      yield* settle
      yield* coordinator.resigned(0)
      assert.strictEqual(yield* end(1000, 0, false), ErrorCode.NOT_COORDINATOR)
      const before = markers.length
      yield* TestClock.adjust(10_000)
      assert.strictEqual(markers.length, before)
      marks.code = () => ErrorCode.NONE
      yield* coordinator.elected(0, 8, log)
      yield* settle
      yield* settle
      assert.strictEqual(markers.at(-1)!.coordinatorEpoch, 8)
      assert.strictEqual(markers.at(-1)!.transactionResult, false)
      assert.strictEqual(yield* stateOf, "CompleteAbort")
    }))

  it.effect("does not wait for partitions that are gone", () =>
    Effect.gen(function*() {
      const { add, end, init, marks, partitions, stateOf } = yield* start()
      yield* init("x")
      yield* add(1000, 0)
      marks.code = () => ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      yield* end(1000, 0, true)
      yield* TestClock.adjust(5000)
      assert.strictEqual(yield* stateOf, "PrepareCommit")
      partitions.delete("t")
      yield* TestClock.adjust(5000)
      assert.strictEqual(yield* stateOf, "CompleteCommit")
    }))

  it.effect("bumps the epoch at the end of a TV2 transaction, and knows a retry", () =>
    Effect.gen(function*() {
      const { end, init, markers, verify } = yield* start()
      yield* init("x")
      assert.strictEqual(yield* end(1000, 0, true, 5), ErrorCode.INVALID_TXN_STATE)
      assert.strictEqual(yield* verify(1000, 0, "add"), ErrorCode.NONE)
      assert.deepStrictEqual(yield* end(1000, 0, true, 5), [1000, 1])
      yield* settle
      assert.deepStrictEqual(yield* end(1000, 0, true, 5), [1000, 1])
      assert.strictEqual(yield* end(1000, 0, false, 5), ErrorCode.INVALID_TXN_STATE)
      assert.deepStrictEqual([markers[0]!.producerEpoch, markers[0]!.transactionVersion], [1, 2])
      assert.deepStrictEqual(yield* end(1000, 1, false, 5), [1000, 2])
    }))

  it.effect("tells a TV2 producer whose last transaction is still ending to wait", () =>
    Effect.gen(function*() {
      const { end, init, marks, verify } = yield* start()
      yield* init("x")
      yield* verify(1000, 0, "add")
      marks.takeMs = 50
      yield* end(1000, 0, true, 5)
      assert.strictEqual(yield* verify(1000, 1, "add"), ErrorCode.CONCURRENT_TRANSACTIONS)
      assert.strictEqual(yield* verify(1000, 1, "add", "__consumer_offsets"), ErrorCode.CONCURRENT_TRANSACTIONS)
      yield* TestClock.adjust(50)
      assert.strictEqual(yield* verify(1000, 1, "add"), ErrorCode.NONE)
    }))

  it.effect("verifies what partition leaders ask", () =>
    Effect.gen(function*() {
      const { add, init, verify } = yield* start()
      yield* init("x")
      assert.strictEqual(yield* verify(1000, 0, "default"), ErrorCode.INVALID_TXN_STATE)
      assert.strictEqual(yield* verify(1000, 0, "abortable"), ErrorCode.TRANSACTION_ABORTABLE)
      yield* add(1000, 0, 3, "t", [1])
      assert.strictEqual(yield* verify(1000, 0, "default"), ErrorCode.NONE)
      assert.strictEqual(yield* verify(1000, 1, "default"), ErrorCode.INVALID_PRODUCER_EPOCH)
      assert.strictEqual(yield* verify(999, 0, "add"), ErrorCode.INVALID_PRODUCER_ID_MAPPING)
      const lenient = yield* start({ partitionVerificationEnable: false })
      yield* lenient.init("x")
      assert.strictEqual(yield* lenient.verify(1000, 0, "default"), ErrorCode.NONE)
    }))

  it.effect("aborts what takes too long, and fences who took it", () =>
    Effect.gen(function*() {
      const { add, end, init, stateOf } = yield* start()
      yield* init("x")
      yield* TestClock.adjust(100_000)
      assert.strictEqual(yield* stateOf, "Empty")
      yield* add(1000, 0)
      yield* TestClock.adjust(59_000)
      assert.strictEqual(yield* stateOf, "Ongoing")
      yield* TestClock.adjust(11_001)
      yield* settle
      assert.strictEqual(yield* stateOf, "CompleteAbort")
      assert.deepStrictEqual(yield* add(1000, 0), [ErrorCode.PRODUCER_FENCED])
      assert.deepStrictEqual(yield* add(1000, 0, 1), [ErrorCode.INVALID_PRODUCER_EPOCH])
      assert.strictEqual(yield* end(1000, 0, true), ErrorCode.PRODUCER_FENCED)
      assert.strictEqual(yield* end(1000, 0, true, 1), ErrorCode.INVALID_PRODUCER_EPOCH)
      assert.deepStrictEqual(yield* init("x"), [1000, 2])
    }))

  it.effect("aborts the transaction of a producer that is replaced, before its successor begins", () =>
    Effect.gen(function*() {
      const { add, init, markers } = yield* start()
      yield* init("x")
      yield* add(1000, 0)
      assert.strictEqual(yield* init("x"), ErrorCode.CONCURRENT_TRANSACTIONS)
      yield* settle
      assert.strictEqual(markers[0]!.transactionResult, false)
      assert.deepStrictEqual(yield* init("x"), [1000, 2])
      assert.strictEqual(yield* init("x", 3, 1000, 0), ErrorCode.INVALID_PRODUCER_EPOCH)
      assert.strictEqual(yield* init("x", 4, 1000, 0), ErrorCode.PRODUCER_FENCED)
      assert.deepStrictEqual(yield* init("x", 4, 1000, 2), [1000, 3])
      // The answer was lost: the same producer asks the same again.
      assert.deepStrictEqual(yield* init("x", 4, 1000, 2), [1000, 3])
    }))

  it.effect("puts all partitions into a transaction or none", () =>
    Effect.gen(function*() {
      const { add, coordinator, init, stateOf } = yield* start()
      yield* init("x")
      assert.deepStrictEqual(yield* add(1000, 0, 3, "t", [0, 9]), [
        ErrorCode.OPERATION_NOT_ATTEMPTED,
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      ])
      assert.strictEqual(yield* stateOf, "Empty")
      const empty = {
        transactions: [],
        v3AndBelowTransactionalId: "",
        v3AndBelowProducerId: 0,
        v3AndBelowProducerEpoch: 0
      }
      const none = yield* coordinator.addPartitionsToTxn({ ...empty, v3AndBelowTopics: [] }, contextOf(4))
      assert.strictEqual(none.errorCode, ErrorCode.INVALID_REQUEST)
      const offsets = { transactionalId: "x", producerId: 1000, producerEpoch: 0, groupId: "g" }
      assert.strictEqual((yield* coordinator.addOffsetsToTxn(offsets, contextOf(3))).errorCode, ErrorCode.NONE)
      assert.strictEqual(yield* stateOf, "Ongoing")
    }))

  it.effect("takes back what its log refuses", () =>
    Effect.gen(function*() {
      const { add, init, log, stateOf } = yield* start()
      yield* init("x")
      log.refuse = () => refused(ErrorCode.NOT_ENOUGH_REPLICAS)
      assert.deepStrictEqual(yield* add(1000, 0), [ErrorCode.COORDINATOR_NOT_AVAILABLE])
      assert.strictEqual(yield* stateOf, "Empty")
    }))

  it.effect("forgets ids that nobody uses", () =>
    Effect.gen(function*() {
      const { init, log, stateOf } = yield* start({ transactionalIdExpirationMs: 2 * 3_600_000 })
      yield* init("x")
      yield* TestClock.adjust(3_600_000)
      assert.strictEqual(yield* stateOf, "Empty")
      yield* TestClock.adjust(3_600_000)
      assert.strictEqual(yield* stateOf, ErrorCode.TRANSACTIONAL_ID_NOT_FOUND)
      assert.isNull(log.batches.at(-1)!.records[0]!.value)
    }))

  it.effect("lists what passes the filters", () =>
    Effect.gen(function*() {
      const { add, coordinator, init } = yield* start()
      yield* init("x")
      yield* init("y")
      yield* add(1000, 0)
      const list = (filters: { states?: Array<string>; ids?: Array<number>; durationMs?: number; pattern?: string }) =>
        Effect.map(
          coordinator.listTransactions({
            stateFilters: filters.states ?? [],
            producerIdFilters: filters.ids ?? [],
            durationFilter: filters.durationMs ?? -1,
            transactionalIdPattern: filters.pattern ?? null
          }, contextOf(2)),
          (response) =>
            response.errorCode !== 0 ? response.errorCode : [
              ...response.unknownStateFilters.map((name) => `?${name}`),
              ...response.transactionStates.map(({ transactionalId }) => transactionalId)
            ]
        )
      assert.deepStrictEqual(yield* list({}), ["x", "y"])
      assert.deepStrictEqual(yield* list({ states: ["Ongoing", "Nonsense"] }), ["?Nonsense", "x"])
      assert.deepStrictEqual(yield* list({ states: ["Nonsense"] }), ["?Nonsense"])
      assert.deepStrictEqual(yield* list({ ids: [1001] }), ["y"])
      assert.deepStrictEqual(yield* list({ pattern: "[a-x]" }), ["x"])
      assert.deepStrictEqual(yield* list({ pattern: "(" }), ErrorCode.INVALID_REGULAR_EXPRESSION)
      yield* TestClock.adjust(10)
      assert.deepStrictEqual(yield* list({ durationMs: 5, states: ["Ongoing"] }), ["x"])
      assert.deepStrictEqual(yield* list({ durationMs: 50, states: ["Ongoing"] }), [])
    }))
})
