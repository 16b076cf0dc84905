import { assert, describe, it } from "@effect/vitest"
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as Frame from "@millrace/core/protocol/Frame"
import { EndTxnRequest, EndTxnResponse } from "@millrace/core/protocol/messages/EndTxn"
import { FetchRequest } from "@millrace/core/protocol/messages/Fetch"
import { HeartbeatRequest, HeartbeatResponse } from "@millrace/core/protocol/messages/Heartbeat"
import { MetadataRequest, MetadataResponse } from "@millrace/core/protocol/messages/Metadata"
import { Universe } from "@millrace/testkit/simulation/Universe"
import { Wiretap } from "@millrace/testkit/simulation/Wiretap"

const joined = (chunks: ReadonlyArray<Uint8Array>): Uint8Array => new Uint8Array(chunks.flatMap((chunk) => [...chunk]))

/** A connection that is read along, and what was reached on it. */
const tapped = () => {
  const universe = new Universe({ seed: 1, operationsMax: 1, stepsMax: 1, timeMaxUs: 1 })
  const connection = new Wiretap(universe, "broker").connected("app-1")
  return { universe, connection, reached: () => [...universe.sometimes.reached] }
}

const request = (correlationId: number, version: number) => ({ version, correlationId, clientId: "client" })

const endTxn = joined(
  Frame.encodeRequestUnsafe(EndTxnRequest, request(1, 5), {
    transactionalId: "t",
    producerId: 1,
    producerEpoch: 0,
    committed: true
  })
)

const endTxnAnswer = (errorCode: number) =>
  joined(
    Frame.encodeResponseUnsafe(EndTxnResponse, request(1, 5), {
      throttleTimeMs: 0,
      errorCode,
      producerId: 1,
      producerEpoch: 1
    })
  )

describe("who reads along on the wire", () => {
  it("sees a producer fenced in mid-commit, in pieces of any size", () => {
    const { connection, reached } = tapped()
    for (const byte of endTxn) connection.requested(Uint8Array.of(byte))
    const answer = endTxnAnswer(ErrorCode.PRODUCER_FENCED)
    connection.answered(answer.subarray(0, 5))
    assert.deepStrictEqual(reached(), [])
    connection.answered(answer.subarray(5))
    assert.deepStrictEqual(reached(), ["a producer was fenced in mid-commit"])
  })

  it("sees a commit that is never answered, and none in one that was", () => {
    for (const isAnswered of [true, false]) {
      const { connection, reached } = tapped()
      connection.requested(endTxn)
      if (isAnswered) connection.answered(endTxnAnswer(ErrorCode.NONE))
      connection.broken()
      assert.deepStrictEqual(reached(), isAnswered ? [] : ["a commit was never answered"])
    }
  })

  it("sees a group gather anew while an app restores its state, and not later", () => {
    for (const laterUs of [0, 1_000_000]) {
      const { connection, reached, universe } = tapped()
      const topicId = "AAAAAAAAAAAAAAAAAAAAAQ"
      connection.requested(joined(Frame.encodeRequestUnsafe(MetadataRequest, request(1, 12), { topics: null })))
      connection.answered(joined(Frame.encodeResponseUnsafe(MetadataResponse, request(1, 12), {
        throttleTimeMs: 0,
        brokers: [],
        clusterId: null,
        controllerId: 0,
        topics: [{ errorCode: 0, name: "app-store-changelog", topicId, isInternal: false, partitions: [] }]
      })))
      connection.requested(joined(Frame.encodeRequestUnsafe(FetchRequest, request(2, 13), {
        maxWaitMs: 500,
        minBytes: 1,
        topics: [{ topicId, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }]
      })))
      universe.nowUs += laterUs
      connection.requested(
        joined(
          Frame.encodeRequestUnsafe(HeartbeatRequest, request(3, 4), { groupId: "g", generationId: 1, memberId: "m" })
        )
      )
      connection.answered(
        joined(Frame.encodeResponseUnsafe(HeartbeatResponse, request(3, 4), {
          throttleTimeMs: 0,
          errorCode: ErrorCode.REBALANCE_IN_PROGRESS
        }))
      )
      const point = "a group gathered anew while an app restored its state"
      assert.include(reached(), "an app restored its state")
      assert.strictEqual(reached().includes(point), laterUs === 0)
    }
  })

  it("passes over what nobody can read", () => {
    const { connection, reached } = tapped()
    connection.requested(Uint8Array.of(0, 0, 0, 9, 0, 1, 0, 4, 0, 0, 0, 1, 255))
    connection.answered(Uint8Array.of(0, 0, 0, 3, 1, 2, 3))
    assert.deepStrictEqual(reached(), [])
  })
})
