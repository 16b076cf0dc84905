/** Transactions against a broker whose fibers are stopped between any two operations. */
import { assert, describe, it, vi } from "@effect/vitest"
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { AddOffsetsToTxnRequest, AddOffsetsToTxnResponse } from "@millrace/core/protocol/messages/AddOffsetsToTxn"
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse
} from "@millrace/core/protocol/messages/AddPartitionsToTxn"
import { EndTxnRequest, EndTxnResponse } from "@millrace/core/protocol/messages/EndTxn"
import { FindCoordinatorRequest, FindCoordinatorResponse } from "@millrace/core/protocol/messages/FindCoordinator"
import { InitProducerIdRequest, InitProducerIdResponse } from "@millrace/core/protocol/messages/InitProducerId"
import { ListOffsetsRequest, ListOffsetsResponse } from "@millrace/core/protocol/messages/ListOffsets"
import { ProduceRequest, ProduceResponse } from "@millrace/core/protocol/messages/Produce"
import { TxnOffsetCommitRequest, TxnOffsetCommitResponse } from "@millrace/core/protocol/messages/TxnOffsetCommit"
import { RecordBatchBuilder } from "@millrace/core/records/RecordBatchBuilder"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { simulate } from "../preempting.ts"
import { broker, client, createTopic, ports } from "./broker.ts"
import type { RawClient } from "./RawClient.ts"

const settings = {
  "offsets.topic.num.partitions": "1",
  "transaction.state.log.num.partitions": "1",
  "share.coordinator.state.topic.num.partitions": "1"
}
const retries = 200

/** Asks until the answer is right; coordinators may be loading, a transaction may still be ending. */
const until = <A, E, R>(what: string, ask: Effect.Effect<A, E, R>, isRight: (a: A) => boolean) =>
  Effect.gen(function*() {
    for (let attempt = 0; attempt < retries; attempt++) {
      const answer = yield* ask
      if (isRight(answer)) return answer
      yield* Effect.sleep(20)
    }
    return yield* Effect.die(new Error(`in vain: ${what}`))
  })

const coordinators = (raw: RawClient) =>
  Effect.forEach([[0, "g"], [1, "x"]] as const, ([keyType, key]) =>
    until(
      `coordinator of ${key}`,
      raw.call(FindCoordinatorRequest, FindCoordinatorResponse, 3, { key, keyType }),
      ({ errorCode }) => errorCode === 0
    ))

const newProducer = (raw: RawClient) =>
  Effect.map(
    until(
      "a producer",
      raw.call(InitProducerIdRequest, InitProducerIdResponse, 3, {
        transactionalId: "x",
        transactionTimeoutMs: 60_000
      }),
      ({ errorCode }) => errorCode === 0
    ),
    ({ producerEpoch, producerId }) => ({ transactionalId: "x", producerId, producerEpoch })
  )

type Producer = Effect.Success<ReturnType<typeof newProducer>>

const commitOffsets = (raw: RawClient, producer: Producer) =>
  raw.call(TxnOffsetCommitRequest, TxnOffsetCommitResponse, 3, {
    ...producer,
    groupId: "g",
    topics: [{ name: "t", partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: null }] }]
  })

const produce = (
  raw: RawClient,
  producer: Producer,
  { baseSequence = 0, partition = 0, version = 9 }: { baseSequence?: number; partition?: number; version?: number } = {}
) => {
  const { producerEpoch, producerId, transactionalId } = producer
  const records = new RecordBatchBuilder()
  records.append(0, null, "a")
  const batch = records.build({ producerId, producerEpoch, baseSequence, transactional: true })
  return raw.call(ProduceRequest, ProduceResponse, version, {
    transactionalId,
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name: "t", partitionData: [{ index: partition, records: batch }] }]
  })
}

const end = (raw: RawClient, producer: Producer, committed: boolean) =>
  raw.call(EndTxnRequest, EndTxnResponse, 3, { ...producer, committed })

const lastOffset = (raw: RawClient, name: string, isolationLevel: number) =>
  Effect.map(
    raw.call(ListOffsetsRequest, ListOffsetsResponse, 5, {
      replicaId: -1,
      isolationLevel,
      topics: [{ name, partitions: [{ partitionIndex: 0, timestamp: -1 }] }]
    }),
    ({ topics }) => topics[0]!.partitions[0]!.offset
  )

/** Nothing is left open: all that is written can be read by those who read what is committed. */
const allEnded = (raw: RawClient, topic: string) =>
  until(
    `the end of the transactions in ${topic}`,
    Effect.all([lastOffset(raw, topic, 0), lastOffset(raw, topic, 1)]),
    ([written, stable]) => written === stable
  )

const addPartition = (raw: RawClient, producer: Producer) =>
  raw.call(AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, 3, {
    v3AndBelowTransactionalId: producer.transactionalId,
    v3AndBelowProducerId: producer.producerId,
    v3AndBelowProducerEpoch: producer.producerEpoch,
    v3AndBelowTopics: [{ name: "t", partitions: [0] }]
  })

const program = Effect.gen(function*() {
  const [one, other] = [yield* client, yield* client]
  assert.strictEqual(yield* createTopic(one, "t"), 0)
  yield* coordinators(one)
  for (let round = 0; round < 6; round++) {
    const producer = yield* newProducer(one)
    yield* one.call(AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, 3, { ...producer, groupId: "g" })
    yield* Effect.all([commitOffsets(one, producer), end(other, producer, round % 2 === 0)], { concurrency: 2 })
    const writer = yield* newProducer(one)
    yield* addPartition(one, writer)
    yield* Effect.all([produce(one, writer), end(other, writer, round % 2 === 0)], { concurrency: 2 })
  }
  yield* newProducer(one)
  yield* allEnded(one, "__consumer_offsets")
  yield* allEnded(one, "t")
}).pipe(
  Effect.scoped,
  Effect.provide(Layer.provideMerge(broker(settings), ports))
)

// Machines may be busy.
vi.setConfig({ testTimeout: 60_000 })

describe("a transaction of the first protocol", () => {
  it("ends for good, even if its own producer writes meanwhile", () => {
    for (let seed = 1; seed <= 25; seed++) {
      const exit = simulate(seed, program)
      if (Exit.isFailure(exit)) assert.fail(`seed ${seed}: ${Cause.pretty(exit.cause)}`)
    }
  })
})

describe("a producer that a partition does not know", () => {
  /** What becomes of batches with these sequences, by one producer after the other. */
  const codesOf = (version: number, sequences: ReadonlyArray<number>) =>
    Effect.gen(function*() {
      const raw = yield* client
      assert.strictEqual(yield* createTopic(raw, "t"), 0)
      yield* coordinators(raw)
      const producer = yield* newProducer(raw)
      if (version < 12) yield* addPartition(raw, producer)
      return yield* Effect.forEach(
        sequences,
        (baseSequence) =>
          Effect.map(
            produce(raw, producer, { baseSequence, version }),
            ({ responses }) => responses[0]!.partitionResponses[0]!.errorCode
          )
      )
    }).pipe(Effect.scoped, Effect.provide(Layer.provideMerge(broker(settings), ports)))

  it("begins a transaction of the second protocol at sequence 0", () => {
    const outOfOrder = ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert.deepStrictEqual(simulate(1, codesOf(12, [5, 0, 5, 1])), Exit.succeed([outOfOrder, 0, outOfOrder, 0]))
  })

  it("begins one of the first protocol anywhere", () => {
    assert.deepStrictEqual(simulate(1, codesOf(11, [5, 6])), Exit.succeed([0, 0]))
  })
})

describe("a transaction that begins while the one before is still ending", () => {
  /** What becomes of a batch that is sent right after the end of a transaction of many partitions. */
  const codeAfterEnd = (version: number) =>
    Effect.gen(function*() {
      const [raw, other] = [yield* client, yield* client]
      assert.strictEqual(yield* createTopic(raw, "t", 2), 0)
      yield* coordinators(raw)
      const producer = yield* newProducer(raw)
      yield* addPartition(raw, producer)
      yield* produce(raw, producer)
      const [, { responses }] = yield* Effect.all([
        end(other, producer, true),
        produce(raw, producer, { partition: 1, version })
      ], { concurrency: 2 })
      return responses[0]!.partitionResponses[0]!.errorCode
    }).pipe(
      Effect.scoped,
      Effect.provide(Layer.provideMerge(
        broker({ ...settings, "add.partitions.to.txn.retry.backoff.max.ms": "0" }),
        ports
      ))
    )

  /** The codes with these seeds, each once: the end may be over in time, or not. */
  const codes = (version: number) =>
    new Set(
      [1, 2, 3, 4, 5, 6].map((seed) => Exit.getSuccess(simulate(seed, codeAfterEnd(version)))).map(Option.getOrThrow)
    )

  it("is told so in the second protocol", () => {
    assert.deepStrictEqual(codes(12), new Set([0, ErrorCode.CONCURRENT_TRANSACTIONS]))
  })

  it("is told to try again in the first, in which the partition has to join first", () => {
    assert.deepStrictEqual(codes(11), new Set([ErrorCode.TRANSACTION_ABORTABLE, ErrorCode.NOT_ENOUGH_REPLICAS]))
  })
})
