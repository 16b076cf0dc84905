import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { FetchRequest } from "@millrace/core/protocol/messages/Fetch"
import * as Uuid from "@millrace/core/protocol/Uuid"
import { FetchSessions } from "@millrace/server/api/FetchSession"
import { fetchSessionEvictionMs, fetchSessionPartitionsMax } from "@millrace/server/limits"
import { assert, describe, it } from "@effect/vitest"

const request = (
  sessionId: number,
  sessionEpoch: number,
  partitions: ReadonlyArray<number> = [],
  forgotten: ReadonlyArray<number> = []
): FetchRequest => ({
  clusterId: null,
  replicaId: -1,
  replicaState: { replicaId: -1, replicaEpoch: -1 },
  maxWaitMs: 0,
  minBytes: 1,
  maxBytes: 1000,
  isolationLevel: 0,
  sessionId,
  sessionEpoch,
  topics: [{
    topic: "a",
    topicId: Uuid.zero,
    partitions: partitions.map((partition) => ({
      partition,
      currentLeaderEpoch: -1,
      fetchOffset: 0,
      lastFetchedEpoch: -1,
      logStartOffset: -1,
      partitionMaxBytes: 100,
      replicaDirectoryId: Uuid.zero,
      highWatermark: 0
    }))
  }],
  forgottenTopicsData: [{ topic: "a", topicId: Uuid.zero, partitions: forgotten }],
  rackId: ""
})

const make = (slots: number) => {
  let next = 0
  return new FetchSessions(slots, () => next++)
}

/** Opens a session of these partitions and gives its id. */
const create = (sessions: FetchSessions, partitions: ReadonlyArray<number>, nowMs = 0): number => {
  const context = sessions.open(request(0, 0, partitions), false, nowMs)
  assert.strictEqual(context._tag, "Full")
  return context._tag === "Full" ? sessions.create(context.partitions, false, nowMs) : 0
}

const partitionsOf = (sessions: FetchSessions, id: number, epoch: number, ...more: Array<ReadonlyArray<number>>) => {
  const context = sessions.open(request(id, epoch, ...more), false, 0)
  return context._tag === "Error" ? context.code : context.partitions.map(({ partition }) => partition)
}

describe("FetchSessions", () => {
  it("ends a session that grows beyond its limit, and makes none that is larger", () => {
    const sessions = make(10)
    const many = Array.from({ length: fetchSessionPartitionsMax }, (_, partition) => partition)
    const id = create(sessions, many)
    assert.strictEqual(partitionsOf(sessions, id, 1, [many.length]), ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
    assert.strictEqual(sessions.size, 0)
    assert.strictEqual(create(sessions, [...many, many.length]), 0)
  })

  it("remembers, adds and forgets partitions", () => {
    const sessions = make(10)
    const id = create(sessions, [0, 1])
    assert.deepStrictEqual(partitionsOf(sessions, id, 1), [0, 1])
    assert.deepStrictEqual(partitionsOf(sessions, id, 2, [2], [0]), [1, 2])
  })

  it("refuses a wrong epoch without ending the session", () => {
    const sessions = make(10)
    const id = create(sessions, [0])
    assert.strictEqual(partitionsOf(sessions, id, 2), ErrorCode.INVALID_FETCH_SESSION_EPOCH)
    assert.deepStrictEqual(partitionsOf(sessions, id, 1), [0])
    assert.strictEqual(partitionsOf(sessions, id, 1), ErrorCode.INVALID_FETCH_SESSION_EPOCH)
    assert.strictEqual(partitionsOf(sessions, id + 1, 1), ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
  })

  it("refuses names in a session of ids", () => {
    const sessions = make(10)
    const id = create(sessions, [0])
    const context = sessions.open(request(id, 1), true, 0)
    assert.deepStrictEqual(context, { _tag: "Error", code: ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR })
  })

  it("ends when nothing is left, or when a full fetch names it", () => {
    const sessions = make(10)
    const id = create(sessions, [0])
    assert.deepStrictEqual(partitionsOf(sessions, id, 1, [], [0]), [])
    assert.strictEqual(sessions.size, 0)
    const other = create(sessions, [0])
    sessions.open(request(other, -1), false, 0)
    assert.strictEqual(sessions.size, 0)
  })

  it("gives a slot away only when its session is old", () => {
    const sessions = make(1)
    const first = create(sessions, [0], 0)
    assert.notStrictEqual(first, 0)
    assert.strictEqual(create(sessions, [1], fetchSessionEvictionMs - 1), 0)
    assert.notStrictEqual(create(sessions, [1], fetchSessionEvictionMs), 0)
    assert.strictEqual(sessions.size, 1)
  })
})
