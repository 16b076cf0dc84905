import { assert, describe, it } from "@effect/vitest"
import * as Admin from "@millrace/client/admin/Admin"
import type { Failure } from "@millrace/client/admin/AdminModel"
import * as Apis from "@millrace/client/cluster/Apis"
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { FakeBroker } from "../FakeBroker.ts"
import { passing } from "../passing.ts"

const withAdmin = <A, E>(use: (admin: Admin.Admin["Service"], broker: FakeBroker) => Effect.Effect<A, E>) => {
  const broker = new FakeBroker()
  broker.topic("there", 2)
  return passing(Effect.provide(
    Admin.Admin.use((admin) => use(admin, broker)),
    Admin.layer.pipe(Layer.provide(broker.layer))
  ))
}

/** What was refused, by name. */
const refusalsOf = <A>(self: Effect.Effect<A, Failure>) =>
  Effect.map(Effect.flip(self), (failure) => {
    if (failure._tag !== "AdminError") return [failure.message]
    return [failure.operation, ...failure.refusals.map(({ error, name }) => `${name}: ${error.name}`)]
  })

const created = (name: string, errorCode: number) => ({
  name,
  topicId: broker0Id,
  errorCode,
  errorMessage: null,
  numPartitions: 3,
  replicationFactor: 1,
  configs: []
})
const broker0Id = "AAAAAAAAAAAAAAAAAAAAAg"

describe("Admin", () => {
  it.effect("creates topics, and names each that was refused", () =>
    withAdmin((admin, broker) =>
      Effect.gen(function*() {
        broker.on(Apis.createTopics, ({ topics }) => ({
          throttleTimeMs: 0,
          topics: topics.map(({ name }) =>
            created(
              name,
              { there: ErrorCode.TOPIC_ALREADY_EXISTS, "a b": ErrorCode.INVALID_TOPIC_EXCEPTION }[name] ?? 0
            )
          )
        }))
        assert.deepStrictEqual(yield* admin.createTopics([{ name: "new", partitions: 3, configs: { a: "1" } }]), [
          { name: "new", topicId: broker0Id, partitions: 3, replicationFactor: 1 }
        ])
        const refused = yield* refusalsOf(admin.createTopics([{ name: "there" }, { name: "other" }, { name: "a b" }]))
        assert.deepStrictEqual(refused, [
          "create topics",
          "there: TOPIC_ALREADY_EXISTS",
          "a b: INVALID_TOPIC_EXCEPTION"
        ])
      })
    ))

  it.effect("asks again for what may pass, and not for what is done", () =>
    withAdmin((admin, broker) =>
      Effect.gen(function*() {
        const asked: Array<ReadonlyArray<string>> = []
        broker.on(Apis.createTopics, ({ topics }) => {
          asked.push(topics.map(({ name }) => name))
          const isFirst = asked.length === 1
          return {
            throttleTimeMs: 0,
            topics: topics.map(({ name }) => created(name, isFirst && name === "b" ? ErrorCode.NOT_CONTROLLER : 0))
          }
        })
        const topics = yield* admin.createTopics([{ name: "a" }, { name: "b" }])
        assert.deepStrictEqual(asked, [["a", "b"], ["b"]])
        assert.deepStrictEqual(topics.map(({ name }) => name), ["a", "b"])
      })
    ))

  it.effect("gives up what does not pass in time, with the refusal", () =>
    withAdmin((admin, broker) =>
      Effect.gen(function*() {
        broker.on(Apis.deleteTopics, ({ topics }) => ({
          throttleTimeMs: 0,
          responses: topics.map(({ name }) => ({
            name,
            topicId: broker0Id,
            errorCode: ErrorCode.NOT_CONTROLLER,
            errorMessage: null
          }))
        }))
        assert.deepStrictEqual(yield* refusalsOf(admin.deleteTopics(["there"])), [
          "delete topics",
          "there: NOT_CONTROLLER"
        ])
        assert.isAbove(broker.named("DeleteTopics").length, 5)
      })
    ))

  it.effect("names the topics whose partitions cannot be raised, and those that are not there", () =>
    withAdmin((admin, broker) =>
      Effect.gen(function*() {
        broker.on(Apis.createPartitions, ({ topics }) => ({
          throttleTimeMs: 0,
          results: topics.map(({ count, name }) => ({
            name,
            errorCode: count < 3 ? ErrorCode.INVALID_PARTITIONS : 0,
            errorMessage: null
          }))
        }))
        yield* admin.createPartitions([{ name: "there", count: 3 }])
        const refused = yield* refusalsOf(
          admin.createPartitions([{ name: "there", count: 4 }, { name: "x", count: 1 }])
        )
        assert.deepStrictEqual(refused, ["create partitions", "x: INVALID_PARTITIONS"])
        assert.strictEqual((yield* admin.describeTopics(["there"]))[0]?.partitions.length, 2)
        assert.deepStrictEqual((yield* admin.listTopics).map(({ name }) => name), ["there"])
        broker.on(Apis.metadata, ({ topics }) =>
          topics === null || topics.length === 0 ? undefined : {
            brokers: [],
            clusterId: "fake",
            controllerId: 1,
            topics: topics.map(({ name }) => ({
              name,
              errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
              partitions: []
            }))
          })
        assert.deepStrictEqual(yield* refusalsOf(admin.describeTopics(["hidden"])), [
          "describe topics",
          "hidden: TOPIC_AUTHORIZATION_FAILED"
        ])
      })
    ))

  it.effect("reads and changes settings, and names what was refused", () =>
    withAdmin((admin, broker) =>
      Effect.gen(function*() {
        broker.on(Apis.describeConfigs, ({ resources }) => ({
          throttleTimeMs: 0,
          results: resources.map(({ resourceName, resourceType }) => ({
            errorCode: resourceName === "there" ? 0 : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
            errorMessage: null,
            resourceType,
            resourceName,
            configs: [{
              name: "retention.ms",
              value: "5",
              readOnly: false,
              configSource: 1,
              isSensitive: false,
              synonyms: [],
              documentation: null
            }]
          }))
        }))
        broker.on(Apis.incrementalAlterConfigs, ({ resources }) => ({
          throttleTimeMs: 0,
          responses: resources.map(({ configs, resourceName, resourceType }) => ({
            errorCode: configs[0]?.value === "-7" ? ErrorCode.INVALID_CONFIG : 0,
            errorMessage: "no",
            resourceType,
            resourceName
          }))
        }))
        const [config] = yield* admin.describeConfigs([{ type: "topic", name: "there" }])
        assert.deepStrictEqual(config?.entries[0], {
          name: "retention.ms",
          value: "5",
          source: "topic",
          isReadOnly: false,
          isSensitive: false
        })
        const change = (value: string) => ({
          type: "topic" as const,
          name: "there",
          changes: [{ name: "retention.ms", operation: "set" as const, value }]
        })
        yield* admin.incrementalAlterConfigs([change("7")])
        assert.deepStrictEqual(yield* refusalsOf(admin.incrementalAlterConfigs([change("-7")])), [
          "alter configs",
          "there: INVALID_CONFIG"
        ])
      })
    ))

  it.effect("deletes the groups that it may, and names the others", () =>
    withAdmin((admin, broker) =>
      Effect.gen(function*() {
        const deleted: Array<string> = []
        broker.on(Apis.deleteGroups, ({ groupsNames }) => ({
          throttleTimeMs: 0,
          results: groupsNames.map((groupId) => {
            const errorCode = groupId === "busy" ? ErrorCode.NON_EMPTY_GROUP : 0
            if (errorCode === 0) deleted.push(groupId)
            return { groupId, errorCode }
          })
        }))
        assert.deepStrictEqual(yield* refusalsOf(admin.deleteGroups(["a", "busy", "b"])), [
          "delete groups",
          "busy: NON_EMPTY_GROUP"
        ])
        assert.deepStrictEqual(deleted, ["a", "b"])
      })
    ))

  it.effect("looks for a coordinator that has moved", () =>
    withAdmin((admin, broker) =>
      Effect.gen(function*() {
        let moved = true
        broker.on(Apis.deleteGroups, ({ groupsNames }) => ({
          throttleTimeMs: 0,
          results: groupsNames.map((groupId) => ({ groupId, errorCode: moved ? ErrorCode.NOT_COORDINATOR : 0 }))
        }))
        broker.on(Apis.findCoordinator, () => {
          moved = broker.named("FindCoordinator").length < 3
          return undefined
        })
        yield* admin.deleteGroups(["g"])
        assert.strictEqual(broker.named("FindCoordinator").length, 3)
      })
    ))

  it.effect("reads, sets and deletes what a group has committed", () =>
    withAdmin((admin, broker) =>
      Effect.gen(function*() {
        const there = (partition: number) => ({ topic: "there", partition })
        broker.on(Apis.offsetDelete, ({ topics }) => ({
          errorCode: 0,
          throttleTimeMs: 0,
          topics: topics.map(({ name, partitions }) => ({
            name,
            partitions: partitions.map(({ partitionIndex }) => ({
              partitionIndex,
              errorCode: partitionIndex === 1 ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : 0
            }))
          }))
        }))
        yield* admin.alterConsumerGroupOffsets("g", [{ ...there(0), offset: 7 }])
        const [committed] = yield* admin.listConsumerGroupOffsets("g", [there(0)])
        assert.strictEqual(committed?.offset, 7)
        assert.deepStrictEqual(yield* refusalsOf(admin.deleteConsumerGroupOffsets("g", [there(0), there(1)])), [
          "delete offsets",
          "there-1: GROUP_SUBSCRIBED_TO_TOPIC"
        ])
        broker.on(Apis.offsetDelete, () => ({
          errorCode: ErrorCode.GROUP_ID_NOT_FOUND,
          throttleTimeMs: 0,
          topics: []
        }))
        const failure = yield* Effect.flip(admin.deleteConsumerGroupOffsets("g", [there(0)]))
        assert.strictEqual(failure._tag === "KafkaError" ? failure.name : failure._tag, "GROUP_ID_NOT_FOUND")
      })
    ))

  it.effect("deletes records, and names the partitions where it may not", () =>
    withAdmin((admin, broker) =>
      Effect.gen(function*() {
        broker.on(Apis.deleteRecords, ({ topics }) => ({
          throttleTimeMs: 0,
          topics: topics.map(({ name, partitions }) => ({
            name,
            partitions: partitions.map(({ offset, partitionIndex }) => ({
              partitionIndex,
              lowWatermark: offset,
              errorCode: offset > 10 ? ErrorCode.OFFSET_OUT_OF_RANGE : 0
            }))
          }))
        }))
        const at = (partition: number, offset: number) => ({ topic: "there", partition, offset })
        assert.deepStrictEqual(yield* admin.deleteRecords([at(0, 3)]), [
          { topic: "there", partition: 0, lowWatermark: 3 }
        ])
        assert.deepStrictEqual(yield* refusalsOf(admin.deleteRecords([at(0, 3), at(1, 11)])), [
          "delete records",
          "there-1: OFFSET_OUT_OF_RANGE"
        ])
      })
    ))

  it.effect("describes producers and transactions, and names those that are not there", () =>
    withAdmin((admin, broker) =>
      Effect.gen(function*() {
        broker.on(Apis.describeProducers, ({ topics }) => ({
          throttleTimeMs: 0,
          topics: topics.map(({ name, partitionIndexes }) => ({
            name,
            partitions: partitionIndexes.map((partitionIndex) => ({
              partitionIndex,
              errorCode: partitionIndex === 1 ? ErrorCode.TOPIC_AUTHORIZATION_FAILED : 0,
              errorMessage: null,
              activeProducers: []
            }))
          }))
        }))
        const there = (partition: number) => ({ topic: "there", partition })
        assert.deepStrictEqual(yield* refusalsOf(admin.describeProducers([there(0), there(1)])), [
          "describe producers",
          "there-1: TOPIC_AUTHORIZATION_FAILED"
        ])
        broker.on(Apis.describeTransactions, ({ transactionalIds }) => ({
          throttleTimeMs: 0,
          transactionStates: transactionalIds.map((transactionalId) => ({
            errorCode: transactionalId === "t" ? 0 : ErrorCode.TRANSACTIONAL_ID_NOT_FOUND,
            transactionalId,
            transactionState: "Ongoing",
            transactionTimeoutMs: 1,
            transactionStartTimeMs: 2,
            producerId: 3,
            producerEpoch: 4,
            topics: [{ topic: "there", partitions: [1] }]
          }))
        }))
        const [transaction] = yield* admin.describeTransactions(["t"])
        assert.deepStrictEqual(transaction?.partitions, [there(1)])
        assert.deepStrictEqual(yield* refusalsOf(admin.describeTransactions(["x", "t", "y"])), [
          "describe transactions",
          "x: TRANSACTIONAL_ID_NOT_FOUND",
          "y: TRANSACTIONAL_ID_NOT_FOUND"
        ])
      })
    ))

  it.effect("says what the broker does not serve, at once", () =>
    withAdmin((admin) =>
      Effect.gen(function*() {
        const failure = yield* Effect.flip(admin.listTransactions())
        assert.strictEqual(failure._tag === "ClientError" ? failure.reason : failure._tag, "UnsupportedVersion")
      })
    ))
})
