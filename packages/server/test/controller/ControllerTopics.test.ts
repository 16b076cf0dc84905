import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import type { CreateTopicsRequest } from "@millrace/core/protocol/messages/CreateTopics"
import * as Uuid from "@millrace/core/protocol/Uuid"
import * as ControllerTopics from "@millrace/server/coordination/controller/ControllerTopics"
import { assert, describe, it } from "@effect/vitest"
import { Cluster } from "./fixtures.ts"

type Topic = CreateTopicsRequest["topics"][number]

const topic = (name: string, more: Partial<Topic> = {}): Topic => ({
  name,
  numPartitions: 1,
  replicationFactor: 1,
  assignments: [],
  configs: [],
  ...more
})

const create = (cluster: Cluster, topics: ReadonlyArray<Topic>, validateOnly = false) =>
  cluster.commit(
    ControllerTopics.createTopics(cluster.image, { topics, timeoutMs: 1000, validateOnly }, cluster.context)
  ).topics

const codes = (results: ReadonlyArray<{ readonly name?: string | null; readonly errorCode: number }>) =>
  results.map(({ errorCode }) => errorCode)

describe("createTopics", () => {
  it("places partitions and keeps settings", () => {
    const cluster = new Cluster({}, [1, 2, 3])
    const [created] = create(cluster, [
      topic("a", { numPartitions: 4, replicationFactor: 2, configs: [{ name: "retention.ms", value: "7" }] })
    ])
    assert.strictEqual(created!.errorCode, 0)
    assert.strictEqual(created!.configs!.find(({ name }) => name === "retention.ms")!.value, "7")
    const image = cluster.image.topics.get("a")!
    assert.deepStrictEqual(image.partitions.map(({ leader, replicas }) => [leader, replicas]), [
      [1, [1, 2]],
      [2, [2, 3]],
      [3, [3, 1]],
      [1, [1, 2]]
    ])
    assert.strictEqual(cluster.image.config(2, "a").get("retention.ms"), "7")
    assert.strictEqual(cluster.image.topicsById.get(image.id), image)
  })

  it("takes the broker's defaults for -1", () => {
    const cluster = new Cluster({ "num.partitions": "3" })
    create(cluster, [topic("a", { numPartitions: -1, replicationFactor: -1 })])
    assert.strictEqual(cluster.image.topics.get("a")!.partitions.length, 3)
  })

  it("only checks when asked to", () => {
    const cluster = new Cluster()
    assert.deepStrictEqual(codes(create(cluster, [topic("a")], true)), [0])
    assert.strictEqual(cluster.image.topics.size, 0)
  })

  it("refuses each of these on its own, and creates the rest", () => {
    const cluster = new Cluster()
    create(cluster, [topic("there"), topic("x.y")])
    const refused: ReadonlyArray<readonly [Topic, number]> = [
      [topic(""), ErrorCode.INVALID_TOPIC_EXCEPTION],
      [topic(".."), ErrorCode.INVALID_TOPIC_EXCEPTION],
      [topic("a b"), ErrorCode.INVALID_TOPIC_EXCEPTION],
      [topic("n".repeat(250)), ErrorCode.INVALID_TOPIC_EXCEPTION],
      [topic("x_y"), ErrorCode.INVALID_TOPIC_EXCEPTION],
      [topic("there"), ErrorCode.TOPIC_ALREADY_EXISTS],
      [topic("p", { numPartitions: 0 }), ErrorCode.INVALID_PARTITIONS],
      [topic("r", { replicationFactor: 0 }), ErrorCode.INVALID_REPLICATION_FACTOR],
      [topic("f", { replicationFactor: 2 }), ErrorCode.INVALID_REPLICATION_FACTOR],
      [topic("c", { configs: [{ name: "no.such", value: "1" }] }), ErrorCode.INVALID_CONFIG],
      [topic("n", { configs: [{ name: "retention.ms", value: null }] }), ErrorCode.INVALID_CONFIG],
      [topic("v", { configs: [{ name: "segment.bytes", value: "1" }] }), ErrorCode.INVALID_CONFIG],
      [
        topic("m", { assignments: [{ partitionIndex: 0, brokerIds: [1] }] }),
        ErrorCode.INVALID_REQUEST
      ],
      [
        topic("g", { numPartitions: -1, replicationFactor: -1, assignments: [{ partitionIndex: 1, brokerIds: [1] }] }),
        ErrorCode.INVALID_REPLICA_ASSIGNMENT
      ],
      [
        topic("u", { numPartitions: -1, replicationFactor: -1, assignments: [{ partitionIndex: 0, brokerIds: [9] }] }),
        ErrorCode.INVALID_REPLICA_ASSIGNMENT
      ]
    ]
    const results = create(cluster, [...refused.map(([asked]) => asked), topic("fine")])
    assert.deepStrictEqual(codes(results), [...refused.map(([, code]) => code), 0])
    assert.deepStrictEqual([...cluster.image.topics.keys()], ["there", "x.y", "fine"])
  })

  it("refuses names given twice, and more partitions than one request may have", () => {
    const cluster = new Cluster()
    assert.deepStrictEqual(codes(create(cluster, [topic("a"), topic("b"), topic("a")])), [0, ErrorCode.INVALID_REQUEST])
    assert.isFalse(cluster.image.topics.has("a"))
    assert.deepStrictEqual(codes(create(cluster, [topic("c", { numPartitions: 10_001 })])), [
      ErrorCode.POLICY_VIOLATION
    ])
  })
})

describe("deleteTopics", () => {
  const remove = (
    cluster: Cluster,
    topics: ReadonlyArray<{ readonly name: string | null; readonly topicId: string }>
  ) =>
    cluster.commit(
      ControllerTopics.deleteTopics(cluster.image, { topics, topicNames: [], timeoutMs: 1000 }, 6, cluster.context)
    ).responses

  it("deletes by name and by id, once, with the settings", () => {
    const cluster = new Cluster()
    create(cluster, [topic("a", { configs: [{ name: "retention.ms", value: "7" }] }), topic("b")])
    const id = cluster.image.topics.get("b")!.id
    assert.deepStrictEqual(codes(remove(cluster, [{ name: "a", topicId: Uuid.zero }, { name: null, topicId: id }])), [
      0,
      0
    ])
    assert.strictEqual(cluster.image.topics.size, 0)
    assert.strictEqual(cluster.image.config(2, "a").size, 0)
    assert.deepStrictEqual(codes(remove(cluster, [{ name: null, topicId: id }])), [ErrorCode.UNKNOWN_TOPIC_ID])
  })

  it("refuses what is ambiguous", () => {
    const cluster = new Cluster()
    create(cluster, [topic("a")])
    const id = cluster.image.topics.get("a")!.id
    const both = { name: "a", topicId: id }
    const neither = { name: null, topicId: Uuid.zero }
    assert.deepStrictEqual(codes(remove(cluster, [both, neither])), [
      ErrorCode.INVALID_REQUEST,
      ErrorCode.INVALID_REQUEST
    ])
    const twice = { name: "a", topicId: Uuid.zero }
    assert.deepStrictEqual(codes(remove(cluster, [twice, twice])), [ErrorCode.INVALID_REQUEST])
    assert.isTrue(cluster.image.topics.has("a"))
  })

  it("can be switched off", () => {
    const cluster = new Cluster({ "delete.topic.enable": "false" })
    create(cluster, [topic("a")])
    assert.deepStrictEqual(codes(remove(cluster, [{ name: "a", topicId: Uuid.zero }])), [
      ErrorCode.TOPIC_DELETION_DISABLED
    ])
  })
})

describe("createPartitions", () => {
  const grow = (
    cluster: Cluster,
    count: number,
    assignments: ReadonlyArray<{ readonly brokerIds: ReadonlyArray<number> }> | null = null
  ) =>
    cluster.commit(
      ControllerTopics.createPartitions(
        cluster.image,
        { topics: [{ name: "a", count, assignments }], timeoutMs: 1000, validateOnly: false },
        cluster.context
      )
    ).results

  it("only grows", () => {
    const cluster = new Cluster()
    create(cluster, [topic("a", { numPartitions: 2 })])
    assert.deepStrictEqual(codes(grow(cluster, 2)), [ErrorCode.INVALID_PARTITIONS])
    assert.deepStrictEqual(codes(grow(cluster, 1)), [ErrorCode.INVALID_PARTITIONS])
    assert.deepStrictEqual(codes(grow(cluster, 3)), [0])
    assert.deepStrictEqual(codes(grow(cluster, 5, [{ brokerIds: [1] }])), [ErrorCode.INVALID_REPLICA_ASSIGNMENT])
    assert.strictEqual(cluster.image.topics.get("a")!.partitions.length, 3)
  })
})
