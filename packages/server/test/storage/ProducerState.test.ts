import { assert, describe, it } from "@effect/vitest"
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as ControlRecord from "@millrace/core/records/ControlRecord"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import { type BuildOptions, RecordBatchBuilder } from "@millrace/core/records/RecordBatchBuilder"
import * as ProducerSnapshot from "@millrace/server/storage/ProducerSnapshot"
import { ProducerState, type Verification } from "@millrace/server/storage/ProducerState"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const producerId = 9

const batch = (count: number, options: BuildOptions): Uint8Array => {
  const builder = new RecordBatchBuilder()
  for (let index = 0; index < count; index++) builder.append(1000, null, "value")
  return builder.build({ producerId, producerEpoch: 0, ...options })
}

const marker = (type: "COMMIT" | "ABORT", baseOffset: number, producerEpoch = 0, coordinatorEpoch = 0): Uint8Array =>
  ControlRecord.buildMarker({ type, producerId, producerEpoch, coordinatorEpoch, timestamp: 2000, baseOffset })

/** Five batches of ten, from sequence and offset 0 on. */
const afterFive = (count = 5): ProducerState => {
  const state = new ProducerState()
  for (let index = 0; index < count; index++) {
    state.apply(batch(10, { baseOffset: index * 10, baseSequence: index * 10 }), 0)
  }
  return state
}

const codeOf = (state: ProducerState, bytes: Uint8Array): number | undefined => state.check(bytes, 0, true)?.code

describe("ProducerState", () => {
  it("answers a retry of one of the last five batches, and of no older one", () => {
    const state = afterFive(6)
    for (let index = 1; index < 6; index++) {
      assert.strictEqual(state.duplicateOf(batch(10, { baseSequence: index * 10 }), 0)?.lastOffset, index * 10 + 9)
    }
    const oldest = batch(10, { baseSequence: 0 })
    assert.isUndefined(state.duplicateOf(oldest, 0))
    assert.strictEqual(codeOf(state, oldest), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    assert.isUndefined(state.duplicateOf(batch(9, { baseSequence: 50 }), 0), "another length is another batch")
    assert.isUndefined(state.duplicateOf(batch(10, { baseSequence: 50, producerEpoch: 1 }), 0))
  })

  it("refuses gaps, old epochs, and new epochs that do not begin at 0", () => {
    const state = afterFive()
    assert.isUndefined(codeOf(state, batch(1, { baseSequence: 50 })))
    assert.strictEqual(codeOf(state, batch(1, { baseSequence: 51 })), ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    assert.isUndefined(codeOf(state, batch(1, { baseSequence: 0, producerEpoch: 1 })))
    assert.strictEqual(
      codeOf(state, batch(1, { baseSequence: 50, producerEpoch: 1 })),
      ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    )
    state.apply(batch(1, { baseOffset: 50, baseSequence: 0, producerEpoch: 1 }), 0)
    assert.strictEqual(codeOf(state, batch(1, { baseSequence: 50 })), ErrorCode.INVALID_PRODUCER_EPOCH)
    assert.isUndefined(
      state.check(batch(1, { baseSequence: 7, producerEpoch: 1 }), 0, false),
      "coordinators do not count"
    )
  })

  it("accepts any first sequence of an unknown producer, and 0 after 2^31-1", () => {
    const state = new ProducerState()
    assert.isUndefined(codeOf(state, batch(1, { baseSequence: 77 })))
    state.apply(batch(3, { baseOffset: 0, baseSequence: 0x7ffffffd }), 0)
    assert.isUndefined(codeOf(state, batch(1, { baseSequence: 0 })))
    const wrapped = batch(4, { baseOffset: 3, baseSequence: 0x7ffffffe })
    state.apply(wrapped, 0)
    assert.strictEqual(state.duplicateOf(wrapped, 0)?.lastOffset, 6)
    assert.isUndefined(codeOf(state, batch(1, { baseSequence: 2 })))
  })

  it("keeps the last stable offset below open transactions, and below ended ones until their marker is safe", () => {
    const state = new ProducerState()
    assert.isUndefined(state.firstUnstableOffset)
    state.apply(batch(2, { baseOffset: 0, baseSequence: 0, transactional: true }), 0)
    const other = RecordBatch.setProducer
    const second = batch(2, { baseOffset: 2, baseSequence: 0, transactional: true })
    other(second, 0, { producerId: 10, producerEpoch: 0, baseSequence: 0 })
    state.apply(second, 0)
    assert.strictEqual(state.firstUnstableOffset, 0)
    const completed = state.apply(marker("ABORT", 4), 0)
    assert.deepStrictEqual(completed, { producerId, firstOffset: 0, lastOffset: 4, aborted: true })
    assert.strictEqual(state.lastStableOffsetAfter(completed!), 2)
    assert.strictEqual(state.firstUnstableOffset, 0, "the marker is not below the high watermark")
    assert.isFalse(state.advanceHighWatermark(4))
    assert.isTrue(state.advanceHighWatermark(5))
    assert.strictEqual(state.firstUnstableOffset, 2)
    assert.isUndefined(state.apply(marker("COMMIT", 5), 0), "a marker without a transaction ends none")
  })

  it("refuses data outside of an open transaction, fenced markers, and fenced coordinators", () => {
    const state = new ProducerState()
    state.apply(batch(2, { baseOffset: 0, baseSequence: 0, transactional: true }), 0)
    assert.strictEqual(codeOf(state, batch(1, { baseSequence: 2 })), ErrorCode.INVALID_TXN_STATE)
    const markerOf = (producerEpoch: number, coordinatorEpoch: number) => ({
      producerId,
      producerEpoch,
      coordinatorEpoch
    })
    assert.strictEqual(state.checkMarker(markerOf(0, 3), 2)?.code, ErrorCode.INVALID_PRODUCER_EPOCH)
    assert.isUndefined(state.checkMarker(markerOf(1, 3), 2))
    assert.isUndefined(state.checkMarker(markerOf(0, 3), 0))
    state.apply(marker("COMMIT", 2, 1, 3), 0)
    assert.isUndefined(state.checkMarker(markerOf(1, 3), 2), "the same marker again")
    assert.strictEqual(state.checkMarker(markerOf(1, 2), 2)?.code, ErrorCode.TRANSACTION_COORDINATOR_FENCED)
    assert.strictEqual(state.checkMarker(markerOf(0, 3), 1)?.code, ErrorCode.INVALID_PRODUCER_EPOCH)
    assert.strictEqual(
      codeOf(state, batch(1, { baseSequence: 2, producerEpoch: 1 })),
      ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    )
    assert.isUndefined(codeOf(state, batch(1, { baseSequence: 0, producerEpoch: 1 })))
  })

  const verificationOf = (given: Partial<Verification>): Verification => ({
    producerId,
    producerEpoch: 0,
    mustStartAtZero: false,
    lowestSequence: 0,
    startedMs: 0,
    ...given
  })

  it("forgets a verification when the transaction begins or ends", () => {
    const state = new ProducerState()
    const wanted = (lowestSequence: number) => verificationOf({ lowestSequence })
    const verification = state.startVerification(wanted(3))
    assert.strictEqual(state.startVerification(wanted(0)), verification)
    assert.strictEqual(verification.lowestSequence, 0)
    assert.isTrue(state.isVerified(verification))
    assert.strictEqual(
      codeOf(state, batch(1, { baseSequence: 4, transactional: true })),
      ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    )
    state.apply(marker("ABORT", 0), 0)
    assert.isFalse(state.isVerified(verification))
  })

  it("goes on verifying a transaction of the second protocol when the marker of the one before comes again", () => {
    const state = new ProducerState()
    state.apply(batch(1, { baseSequence: 0, transactional: true }), 0)
    state.apply(marker("COMMIT", 1, 1), 0)
    const verification = state.startVerification(verificationOf({ producerEpoch: 1, mustStartAtZero: true }))
    state.apply(marker("COMMIT", 2, 1), 0)
    assert.isTrue(state.isVerified(verification))
    state.apply(marker("COMMIT", 3, 2), 0)
    assert.isFalse(state.isVerified(verification))
  })

  it("forgets idle producers, but none with an open transaction", () => {
    const state = afterFive()
    const sizes = (...times: ReadonlyArray<number>) =>
      times.map((nowMs) => {
        state.expire(nowMs, 100)
        return state.producers.size
      })
    assert.deepStrictEqual(sizes(5, 104), [1, 1])
    state.apply(batch(1, { baseOffset: 50, baseSequence: 5 }), 0)
    assert.deepStrictEqual(sizes(105, 204, 205), [1, 1, 0], "idle anew")
    state.apply(batch(1, { baseOffset: 51, baseSequence: 0, transactional: true }), 0)
    assert.deepStrictEqual(sizes(300, 1_000_000), [1, 1])
  })
})

const int = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

const Entry = Schema.Struct({
  producerId: int(0, Number.MAX_SAFE_INTEGER),
  producerEpoch: int(0, 0x7fff),
  coordinatorEpoch: int(-1, 0x7fffffff),
  lastTimestamp: int(-1, Number.MAX_SAFE_INTEGER),
  currentTransactionFirstOffset: int(-1, Number.MAX_SAFE_INTEGER),
  lastSequence: int(0, 0x7fffffff),
  lastOffset: int(0, Number.MAX_SAFE_INTEGER),
  offsetDelta: int(0, 0x7fffffff)
})

describe("ProducerSnapshot", () => {
  it.effect.prop("keeps each producer with its last batch", [Schema.Array(Entry)], ([entries]) =>
    Effect.sync(() => {
      const producers = entries.map(({ lastOffset, lastSequence, offsetDelta, ...entry }) => ({
        ...entry,
        batches: [{ lastSequence, lastOffset, offsetDelta, timestamp: entry.lastTimestamp }],
        idleSinceMs: undefined
      }))
      const bytes = ProducerSnapshot.encode(producers)
      assert.deepStrictEqual(ProducerSnapshot.decode(bytes), producers)
      bytes[bytes.length - 1]! ^= 1
      assert.isUndefined(ProducerSnapshot.decode(bytes))
    }))

  it("does not trust what is cut short", () => {
    assert.isUndefined(ProducerSnapshot.decode(ProducerSnapshot.encode([]).subarray(0, 9)))
    assert.isUndefined(ProducerSnapshot.decode(new Uint8Array(0)))
  })
})
