import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as Uuid from "@millrace/core/protocol/Uuid"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { defaults, type GroupConfig } from "../../../src/coordination/group/GroupConfig.ts"
import * as GroupCoordinator from "../../../src/coordination/group/GroupCoordinator.ts"
import { TopicDirectory } from "../../../src/coordination/shard/TopicDirectory.ts"
import * as limits from "../../../src/limits.ts"
import { MemoryShardLog, refused } from "../MemoryShardLog.ts"

const topicId = "AAAAAAAAAAAAAAAAAAAAEA"
const topics = TopicDirectory.of({
  nameOf: (id) => (id === topicId ? "t" : undefined),
  idOf: (name) => (name === "t" ? topicId : undefined),
  partitionCount: (name) => (name === "t" ? 2 : name === "__consumer_offsets" ? 1 : 0)
})

const settle = TestClock.adjust(0)
const contextOf = (apiVersion: number) => ({ apiVersion, clientId: "client", clientHost: "/127.0.0.1" })
const range = { name: "range", metadata: new Uint8Array([1]) }

const start = Effect.fnUntraced(function*(config: Partial<GroupConfig> = {}) {
  const log = new MemoryShardLog()
  const groups = yield* Effect.provideService(
    GroupCoordinator.make({ ...defaults, initialRebalanceDelayMs: 0, ...config }),
    TopicDirectory,
    topics
  )
  yield* groups.elected(0, 0, log)
  yield* settle

  const join = (memberId: string, apiVersion = 9, groupInstanceId: string | null = null, protocols = [range]) =>
    groups.joinGroup({
      groupId: "g",
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 20_000,
      memberId,
      groupInstanceId,
      protocolType: "consumer",
      protocols,
      reason: null
    }, contextOf(apiVersion))
  const sync = (memberId: string, generationId: number, assignments: ReadonlyArray<readonly [string, number]> = []) =>
    groups.syncGroup({
      groupId: "g",
      generationId,
      memberId,
      groupInstanceId: null,
      protocolType: null,
      protocolName: null,
      assignments: assignments.map(([id, byte]) => ({ memberId: id, assignment: new Uint8Array([byte]) }))
    }, contextOf(5))
  const heartbeat = (memberId: string, generationId: number, groupInstanceId: string | null = null) =>
    Effect.map(
      groups.heartbeat({ groupId: "g", generationId, memberId, groupInstanceId }, contextOf(4)),
      ({ errorCode }) => errorCode
    )
  const commit = (
    offset: number,
    options: {
      memberId?: string
      generationId?: number
      apiVersion?: number
      retentionMs?: number
      partition?: number
    } = {}
  ) =>
    Effect.map(
      groups.offsetCommit({
        groupId: "g",
        generationIdOrMemberEpoch: options.generationId ?? -1,
        memberId: options.memberId ?? "",
        groupInstanceId: null,
        retentionTimeMs: options.retentionMs ?? -1,
        topics: [{
          name: "t",
          topicId: Uuid.zero,
          partitions: [{
            partitionIndex: options.partition ?? 0,
            committedOffset: offset,
            committedLeaderEpoch: 3,
            committedMetadata: "m"
          }]
        }]
      }, contextOf(options.apiVersion ?? 9)),
      (response) => response.topics[0]!.partitions[0]!.errorCode
    )
  const txnCommit = (offset: number, producerId: number, producerEpoch = 0, vouch = Effect.succeed(0)) =>
    Effect.map(
      groups.txnOffsetCommit({
        transactionalId: "x",
        groupId: "g",
        producerId,
        producerEpoch,
        generationId: -1,
        memberId: "",
        groupInstanceId: null,
        topics: [{
          name: "t",
          partitions: [{
            partitionIndex: 0,
            committedOffset: offset,
            committedLeaderEpoch: -1,
            committedMetadata: null
          }]
        }]
      }, () => vouch),
      (response) => response.topics[0]!.partitions[0]!.errorCode
    )
  const end = (producerId: number, committed: boolean) =>
    groups.completeTransaction(0, {
      producerId,
      producerEpoch: 1,
      committed,
      coordinatorEpoch: 0,
      transactionVersion: 2
    })
  const fetch = (requireStable = false) =>
    Effect.map(
      groups.offsetFetch({
        groupId: "g",
        topics: [{ name: "t", partitionIndexes: [0] }],
        groups: [],
        requireStable
      }, contextOf(7)),
      (response) => {
        const { committedOffset, errorCode } = response.topics[0]!.partitions[0]!
        return errorCode === 0 ? committedOffset : `error ${errorCode}`
      }
    )
  const stateOf = Effect.map(
    groups.describeGroups({ groups: ["g"], includeAuthorizedOperations: false }, contextOf(6)),
    (response) => response.groups[0]!.groupState
  )
  /** Two members with an assignment each. */
  const pair = Effect.gen(function*() {
    const a = (yield* join("")).memberId
    yield* TestClock.adjust(1)
    const first = yield* Effect.forkChild(join(a))
    yield* TestClock.adjust(1)
    yield* Fiber.join(first)
    yield* sync(a, 1, [[a, 1]])
    const b = (yield* join("")).memberId
    const joining = yield* Effect.forkChild(join(b))
    yield* settle
    const again = yield* join(a)
    assert.strictEqual(again.generationId, 2)
    assert.strictEqual(again.members.length, 2)
    yield* Fiber.join(joining)
    const waiting = yield* Effect.forkChild(sync(b, 2))
    yield* settle
    assert.deepStrictEqual([...(yield* sync(a, 2, [[a, 10], [b, 20]])).assignment], [10])
    assert.deepStrictEqual([...(yield* Fiber.join(waiting)).assignment], [20])
    return [a, b] as const
  })
  return { log, groups, join, sync, heartbeat, commit, txnCommit, end, fetch, stateOf, pair }
})

describe("GroupCoordinator", () => {
  it.effect("keeps members across a change of the coordinator, and loses those that stay silent", () =>
    Effect.gen(function*() {
      const { fetch, commit, groups, heartbeat, log, pair, stateOf } = yield* start()
      const [a, b] = yield* pair
      assert.strictEqual(yield* commit(7, { memberId: a, generationId: 2 }), ErrorCode.NONE)
      yield* groups.resigned(0)
      assert.strictEqual(yield* heartbeat(a, 2), ErrorCode.NOT_COORDINATOR)
      yield* groups.elected(0, 1, log)
      yield* settle
      assert.strictEqual(yield* heartbeat(a, 2), ErrorCode.NONE)
      assert.strictEqual(yield* fetch(), 7)
      for (let second = 0; second < 12; second += 3) {
        yield* TestClock.adjust(3000)
        yield* heartbeat(a, 2)
      }
      assert.strictEqual(yield* heartbeat(b, 2), ErrorCode.UNKNOWN_MEMBER_ID)
      assert.strictEqual(yield* heartbeat(a, 2), ErrorCode.REBALANCE_IN_PROGRESS)
      assert.strictEqual(yield* stateOf, "PreparingRebalance")
      yield* TestClock.adjust(30_000)
      assert.strictEqual(yield* stateOf, "Empty")
      assert.strictEqual(yield* fetch(), 7)
    }))

  it.effect("lets the first rebalance wait as long as members keep coming", () =>
    Effect.gen(function*() {
      const { join } = yield* start({ initialRebalanceDelayMs: 3000 })
      const first = yield* Effect.forkChild(join("", 3))
      yield* TestClock.adjust(2000)
      const second = yield* Effect.forkChild(join("", 3))
      yield* TestClock.adjust(2000)
      assert.isUndefined(first.pollUnsafe())
      yield* TestClock.adjust(2000)
      const answers = [yield* Fiber.join(first), yield* Fiber.join(second)]
      assert.deepStrictEqual(answers.map(({ generationId, members }) => [generationId, members.length]), [[1, 2], [
        1,
        0
      ]])
    }))

  it.effect("tells a member that does not sync in time to go, and the others to rebalance", () =>
    Effect.gen(function*() {
      const { heartbeat, join, stateOf, sync } = yield* start({ initialRebalanceDelayMs: 100 })
      const joining = yield* Effect.all([Effect.forkChild(join("", 3)), Effect.forkChild(join("", 3))])
      yield* TestClock.adjust(200)
      const [a, b] = [yield* Fiber.join(joining[0]), yield* Fiber.join(joining[1])]
      assert.strictEqual(yield* stateOf, "CompletingRebalance")
      const waiting = yield* Effect.forkChild(sync(b.memberId, 1))
      for (let second = 0; second < 20; second += 5) {
        yield* TestClock.adjust(5000)
        yield* heartbeat(a.memberId, 1)
      }
      // The leader lives, but brings no assignment.
      assert.strictEqual((yield* Fiber.join(waiting)).errorCode, ErrorCode.REBALANCE_IN_PROGRESS)
      assert.strictEqual(yield* heartbeat(a.memberId, 1), ErrorCode.UNKNOWN_MEMBER_ID)
      assert.strictEqual(yield* heartbeat(b.memberId, 1), ErrorCode.REBALANCE_IN_PROGRESS)
    }))

  it.effect("fences whoever had a static member's place, even while it waits", () =>
    Effect.gen(function*() {
      const { heartbeat, join } = yield* start({ initialRebalanceDelayMs: 3000 })
      const old = yield* Effect.forkChild(join("", 9, "i"))
      yield* TestClock.adjust(1)
      const next = yield* Effect.forkChild(join("", 9, "i"))
      yield* TestClock.adjust(10_000)
      const fenced = yield* Fiber.join(old)
      assert.strictEqual(fenced.errorCode, ErrorCode.FENCED_INSTANCE_ID)
      const { generationId, memberId } = yield* Fiber.join(next)
      assert.strictEqual(yield* heartbeat(fenced.memberId, generationId, "i"), ErrorCode.FENCED_INSTANCE_ID)
      assert.strictEqual(yield* heartbeat(memberId, generationId, "i"), ErrorCode.NONE)
    }))

  it.effect("says that it loads, but lets heartbeats pass", () =>
    Effect.gen(function*() {
      const { commit, groups, heartbeat, join, log } = yield* start()
      yield* groups.resigned(0)
      log.replayFails = 1
      yield* groups.elected(0, 1, log)
      yield* settle
      assert.strictEqual((yield* join("")).errorCode, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
      assert.strictEqual(yield* commit(1), ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
      assert.strictEqual(yield* heartbeat("m", 1), ErrorCode.NONE)
      const listed = yield* groups.listGroups({ statesFilter: [], typesFilter: [] }, contextOf(5))
      assert.strictEqual(listed.errorCode, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
      yield* TestClock.adjust(limits.shardRetryBackoffMs)
      assert.strictEqual(yield* commit(1), ErrorCode.NONE)
    }))

  it.effect("knows topics by id in version 10", () =>
    Effect.gen(function*() {
      const { groups } = yield* start()
      const partitions = [{ partitionIndex: 1, committedOffset: 4, committedLeaderEpoch: -1, committedMetadata: null }]
      const committed = yield* groups.offsetCommit({
        groupId: "g",
        generationIdOrMemberEpoch: -1,
        memberId: "",
        groupInstanceId: null,
        retentionTimeMs: -1,
        topics: [{ name: "", topicId, partitions }, { name: "", topicId: Uuid.metadataTopic, partitions }]
      }, contextOf(10))
      assert.deepStrictEqual(committed.topics.map((topic) => [topic.topicId, topic.partitions[0]!.errorCode]), [
        [topicId, ErrorCode.NONE],
        [Uuid.metadataTopic, ErrorCode.UNKNOWN_TOPIC_ID]
      ])
      const ask = (topics: ReadonlyArray<{ name: string; topicId: string; partitionIndexes: Array<number> }> | null) =>
        groups.offsetFetch({
          groupId: "",
          topics: [],
          groups: [{ groupId: "g", memberId: null, memberEpoch: -1, topics }],
          requireStable: false
        }, contextOf(10))
      const offset = { partitionIndex: 1, committedOffset: 4, committedLeaderEpoch: -1, metadata: "", errorCode: 0 }
      const named = yield* ask([
        { name: "", topicId: Uuid.metadataTopic, partitionIndexes: [0] },
        { name: "", topicId, partitionIndexes: [1] }
      ])
      assert.deepStrictEqual(named.groups[0]!.topics.map((topic) => [topic.topicId, topic.partitions[0]!.errorCode]), [
        [Uuid.metadataTopic, ErrorCode.UNKNOWN_TOPIC_ID],
        [topicId, ErrorCode.NONE]
      ])
      assert.deepStrictEqual(named.groups[0]!.topics[1]!.partitions[0], offset)
      const all = yield* ask(null)
      assert.deepStrictEqual(all.groups[0]!.topics, [{ name: "t", topicId, partitions: [offset] }])
    }))

  it.effect("shows offsets of a transaction when it commits, and never when it aborts", () =>
    Effect.gen(function*() {
      const { commit, end, fetch, groups, log, txnCommit } = yield* start()
      yield* commit(1)
      assert.strictEqual(yield* txnCommit(10, 5), ErrorCode.NONE)
      assert.strictEqual(yield* fetch(), 1)
      assert.strictEqual(yield* fetch(true), `error ${ErrorCode.UNSTABLE_OFFSET_COMMIT}`)
      yield* groups.resigned(0)
      yield* groups.elected(0, 1, log)
      yield* settle
      assert.strictEqual(yield* fetch(true), `error ${ErrorCode.UNSTABLE_OFFSET_COMMIT}`)
      yield* end(5, true)
      assert.strictEqual(yield* fetch(true), 10)
      yield* txnCommit(20, 5)
      yield* end(5, false)
      assert.strictEqual(yield* fetch(true), 10)
      // What is committed while a transaction is pending is newer than what the transaction brings.
      yield* txnCommit(30, 6)
      yield* commit(40)
      yield* end(6, true)
      assert.strictEqual(yield* fetch(true), 40)
      yield* groups.resigned(0)
      yield* groups.elected(0, 2, log)
      yield* settle
      assert.strictEqual(yield* fetch(true), 40)
    }))

  it.effect("tells what the log refuses in the terms of the API", () =>
    Effect.gen(function*() {
      const { commit, fetch, log, txnCommit } = yield* start()
      yield* commit(1)
      log.refuse = () => refused(ErrorCode.NOT_ENOUGH_REPLICAS)
      assert.strictEqual(yield* commit(2), ErrorCode.COORDINATOR_NOT_AVAILABLE)
      log.refuse = () => refused(ErrorCode.INVALID_PRODUCER_EPOCH)
      assert.strictEqual(yield* txnCommit(3, 5), ErrorCode.INVALID_PRODUCER_EPOCH)
      log.refuse = () => refused(ErrorCode.MESSAGE_TOO_LARGE)
      assert.strictEqual(yield* commit(4), ErrorCode.UNKNOWN_SERVER_ERROR)
      assert.strictEqual(yield* fetch(true), 1)
    }))

  it.effect("forgets offsets whose retention is over, and groups that have nothing left", () =>
    Effect.gen(function*() {
      const { commit, fetch, groups, log } = yield* start()
      yield* commit(1)
      yield* commit(2, { partition: 1, apiVersion: 2, retentionMs: 30 * 60_000 })
      const all = Effect.map(
        groups.offsetFetch({
          groupId: "",
          topics: [],
          groups: [{ groupId: "g", memberId: null, memberEpoch: -1, topics: null }],
          requireStable: false
        }, contextOf(9)),
        (response) => response.groups[0]!.topics.flatMap((topic) => topic.partitions.length)
      )
      yield* TestClock.adjust("29 minutes")
      assert.deepStrictEqual(yield* all, [2])
      yield* TestClock.adjust("15 minutes")
      assert.deepStrictEqual(yield* all, [1])
      yield* TestClock.adjust("6 days")
      assert.strictEqual(yield* fetch(), 1)
      yield* TestClock.adjust("1 day")
      assert.strictEqual(yield* fetch(), -1)
      const listed = yield* groups.listGroups({ statesFilter: [], typesFilter: [] }, contextOf(5))
      assert.deepStrictEqual(listed.groups, [])
      assert.isNull(log.batches.at(-1)!.records.at(-1)!.value)
    }))

  it.effect("keeps the offsets of a living group, and those of its topics when others delete", () =>
    Effect.gen(function*() {
      const { commit, fetch, groups, pair } = yield* start()
      const [a] = yield* pair
      yield* commit(5, { memberId: a, generationId: 2 })
      const refusedDelete = yield* groups.deleteGroups({ groupsNames: ["g", "g", "none"] }, contextOf(2))
      assert.deepStrictEqual(refusedDelete.results, [
        { groupId: "g", errorCode: ErrorCode.NON_EMPTY_GROUP },
        { groupId: "none", errorCode: ErrorCode.GROUP_ID_NOT_FOUND }
      ])
      yield* groups.topicsDeleted(["other"])
      assert.strictEqual(yield* fetch(), 5)
      yield* groups.topicsDeleted(["t"])
      assert.strictEqual(yield* fetch(), -1)
    }))

  it.effect("turns a group of another kind into a classic one when a classic member joins", () =>
    Effect.gen(function*() {
      const { fetch, groups, join, log } = yield* start()
      yield* groups.resigned(0)
      // ConsumerGroupMetadataKey of "g", and a value that nobody here reads.
      const key = new Uint8Array([0, 3, 0, 1, 103])
      yield* log.append({ records: [{ key, value: new Uint8Array([0, 0, 9]) }], timestamp: 0, producer: null })
      yield* groups.elected(0, 1, log)
      yield* settle
      const list = groups.listGroups({ statesFilter: [], typesFilter: [] }, contextOf(5))
      assert.deepStrictEqual((yield* list).groups.map(({ groupType }) => groupType), ["consumer"])
      assert.strictEqual(yield* fetch(), -1)
      yield* join("")
      assert.deepStrictEqual((yield* list).groups.map(({ groupType }) => groupType), ["classic"])
      assert.deepStrictEqual(log.batches.at(-1)!.records[0], { key, value: null })
    }))

  it.effect("keeps the members of a group of another kind for a session, and lets no classic member in meanwhile", () =>
    Effect.gen(function*() {
      const { commit, groups, join, log } = yield* start()
      yield* groups.resigned(0)
      // Keys of the consumer group "g" (its last part is the member "m"), and values that nobody here reads.
      const group = new Uint8Array([0, 3, 0, 1, 103])
      const assignment = new Uint8Array([0, 6, 0, 1, 103])
      const ofMember = (type: number) => new Uint8Array([0, type, 0, 1, 103, 0, 1, 109])
      const [member, target, current] = [ofMember(5), ofMember(7), ofMember(8)]
      const value = new Uint8Array([0, 0, 9])
      const written = [group, member, assignment, target, current].map((key) => ({ key, value }))
      yield* log.append({ records: written, timestamp: 0, producer: null })
      yield* groups.elected(0, 1, log)
      yield* settle
      const listed = Effect.map(
        groups.listGroups({ statesFilter: [], typesFilter: [] }, contextOf(5)),
        (list) => list.groups.map(({ groupState, groupType }) => `${groupType} ${groupState}`)
      )
      assert.deepStrictEqual(yield* listed, ["consumer Stable"])
      const described = yield* groups.describeGroups(
        { groups: ["g"], includeAuthorizedOperations: false },
        contextOf(6)
      )
      assert.deepStrictEqual(
        described.groups.map(({ errorCode, errorMessage }) => [errorCode, errorMessage]),
        [[ErrorCode.GROUP_ID_NOT_FOUND, "Group g is not a classic group."]]
      )
      assert.strictEqual((yield* join("")).errorCode, ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
      assert.strictEqual(yield* commit(1), ErrorCode.UNKNOWN_MEMBER_ID)
      const refusal = yield* groups.deleteGroups({ groupsNames: ["g"] }, contextOf(2))
      assert.strictEqual(refusal.results[0]!.errorCode, ErrorCode.NON_EMPTY_GROUP)
      assert.deepStrictEqual(log.batches.length, 1, "nothing of it is touched")

      yield* TestClock.adjust(limits.foreignGroupSessionMs)
      assert.deepStrictEqual(yield* listed, ["consumer Empty"])
      assert.strictEqual(yield* commit(1), ErrorCode.NONE)
      assert.strictEqual((yield* join("")).errorCode, ErrorCode.MEMBER_ID_REQUIRED)
      assert.deepStrictEqual(yield* listed, ["classic Empty"])
      // As Kafka reads it: what refers to the member before the member, the group last.
      const ends = log.batches.flatMap(({ records }) => records).filter(({ value }) => value === null)
      assert.deepStrictEqual(ends.map(({ key }) => key), [current, target, member, assignment, group])
    }))

  it.effect("refuses groups without a name, and sessions out of bounds", () =>
    Effect.gen(function*() {
      const { groups } = yield* start()
      const request = {
        groupId: "",
        sessionTimeoutMs: 1,
        rebalanceTimeoutMs: 1,
        memberId: "m",
        groupInstanceId: null,
        protocolType: "consumer",
        protocols: [range],
        reason: null
      }
      const nameless = yield* groups.joinGroup(request, contextOf(5))
      assert.deepStrictEqual([nameless.errorCode, nameless.protocolName], [ErrorCode.INVALID_GROUP_ID, ""])
      const short = yield* groups.joinGroup({ ...request, groupId: "g" }, contextOf(7))
      assert.deepStrictEqual([short.errorCode, short.protocolName], [ErrorCode.INVALID_SESSION_TIMEOUT, null])
      const left = yield* groups.leaveGroup({ groupId: "g", memberId: "m", members: [] }, contextOf(1))
      assert.deepStrictEqual(left, { throttleTimeMs: 0, errorCode: ErrorCode.UNKNOWN_MEMBER_ID, members: [] })
    }))
})
