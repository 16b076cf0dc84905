import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as ControllerConfigs from "@millrace/server/coordination/controller/ControllerConfigs"
import * as ControllerTopics from "@millrace/server/coordination/controller/ControllerTopics"
import * as TopicConfig from "@millrace/server/coordination/controller/TopicConfig"
import { assert, describe, it } from "@effect/vitest"
import { Cluster } from "./fixtures.ts"

const withTopic = (settings: Record<string, string> = {}) => {
  const cluster = new Cluster(settings)
  const topic = { name: "a", numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
  cluster.commit(
    ControllerTopics.createTopics(
      cluster.image,
      { topics: [topic], timeoutMs: 1000, validateOnly: false },
      cluster.context
    )
  )
  return cluster
}

type Change = readonly [name: string, configOperation: number, value: string | null]

const alter = (cluster: Cluster, resourceType: number, resourceName: string, ...changes: ReadonlyArray<Change>) => {
  const configs = changes.map(([name, configOperation, value]) => ({ name, configOperation, value }))
  const request = { resources: [{ resourceType, resourceName, configs }], validateOnly: false }
  return cluster.commit(ControllerConfigs.incrementalAlterConfigs(cluster.image, request, cluster.context))
    .responses[0]!.errorCode
}

const text = (cluster: Cluster, name: string) =>
  TopicConfig.text(cluster.context.config, cluster.image.config(2, "a"), name)

describe("incrementalAlterConfigs", () => {
  it("sets, deletes, appends and subtracts", () => {
    const cluster = withTopic()
    assert.strictEqual(alter(cluster, 2, "a", ["retention.ms", 0, "5"], ["cleanup.policy", 2, "compact"]), 0)
    assert.strictEqual(text(cluster, "retention.ms"), "5")
    assert.strictEqual(text(cluster, "cleanup.policy"), "delete,compact")
    assert.strictEqual(alter(cluster, 2, "a", ["retention.ms", 1, null], ["cleanup.policy", 3, "delete"]), 0)
    assert.strictEqual(text(cluster, "retention.ms"), "604800000")
    assert.strictEqual(text(cluster, "cleanup.policy"), "compact")
  })

  it("refuses all changes of a resource together", () => {
    const cluster = withTopic()
    assert.strictEqual(
      alter(cluster, 2, "a", ["retention.ms", 0, "5"], ["segment.bytes", 0, "1"]),
      ErrorCode.INVALID_CONFIG
    )
    assert.strictEqual(text(cluster, "retention.ms"), "604800000")
    assert.strictEqual(alter(cluster, 2, "a", ["retention.ms", 0, null]), ErrorCode.INVALID_REQUEST)
    assert.strictEqual(alter(cluster, 2, "a", ["retention.ms", 2, "5"]), ErrorCode.INVALID_CONFIG)
    assert.strictEqual(alter(cluster, 2, "nope", ["retention.ms", 0, "5"]), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  })

  it("keeps read-only settings of brokers", () => {
    const cluster = withTopic()
    assert.strictEqual(alter(cluster, 4, "1", ["log.dirs", 0, "/x"]), ErrorCode.INVALID_REQUEST)
    assert.strictEqual(alter(cluster, 4, "", ["log.retention.ms", 0, "9"]), 0)
    assert.strictEqual(cluster.image.config(4, "").get("log.retention.ms"), "9")
  })
})

describe("TopicConfig", () => {
  it("takes what a topic does not set from the broker, in its units", () => {
    assert.strictEqual(text(withTopic({ "log.retention.hours": "2" }), "retention.ms"), "7200000")
    assert.strictEqual(text(withTopic({ "log.retention.hours": "2", "log.retention.ms": "3" }), "retention.ms"), "3")
    assert.strictEqual(text(withTopic({ "log.retention.minutes": "-1" }), "retention.ms"), "-1")
  })
})

describe("alterConfigs", () => {
  it("replaces what was set", () => {
    const cluster = withTopic()
    alter(cluster, 2, "a", ["retention.ms", 0, "5"])
    const resources = [{ resourceType: 2, resourceName: "a", configs: [{ name: "flush.ms", value: "1" }] }]
    const request = { resources, validateOnly: false }
    cluster.commit(ControllerConfigs.alterConfigs(cluster.image, request, cluster.context))
    assert.deepStrictEqual([...cluster.image.config(2, "a")], [["flush.ms", "1"]])
  })
})
