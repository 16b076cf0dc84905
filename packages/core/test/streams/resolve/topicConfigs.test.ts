/**
 * Settings of internal topics, by Kafka's order: Kafka Streams' own, then the app's `topic.…`, then the retention that the store
 * needs, then what was said of the one changelog.
 */
import {
  JoinWindows,
  KGroupedStream,
  KStream,
  KTable,
  ProcessorApi,
  Serde,
  StateStore,
  Suppressed,
  TimeWindowedKStream,
  TimeWindows,
  Topic,
  Topology
} from "@millrace/core"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"

const text = { key: Serde.string, value: Serde.string }
const a = KStream.from(Topic.make("a", text))
const b = KStream.from(Topic.make("b", text))

const configsOf = (topology: Topology.Topology, options: Topology.DescribeOptions = {}) => {
  const resolved = Result.getOrThrow(Topology.resolve(topology, { ...options, applicationId: "app" }))
  return Object.fromEntries([...resolved.repartitionTopics, ...resolved.changelogTopics].map((each) => [
    each.topic.replace(/^app-/, ""),
    each.config
  ]))
}

const created = { "message.timestamp.type": "CreateTime" }
const dayMs = 86_400_000
const app = {
  topicConfigs: { "segment.bytes": "1048576", "retention.ms": "7", "min.compaction.lag.ms": "8" },
  windowStoreChangelogAdditionalRetention: "1 second"
} as const

const windowed = (logging?: Readonly<Record<string, string>>) =>
  a.pipe(
    KStream.groupByKey,
    KGroupedStream.windowedBy(TimeWindows.tumbling("10 seconds")),
    TimeWindowedKStream.count({ as: "windows", logging }),
    KTable.suppress(Suppressed.untilWindowCloses({ name: "late", logging: { "max.message.bytes": "99" } }))
  )

describe("settings of internal topics", () => {
  it("are Kafka Streams' own, then those of the app, then those of one changelog", () => {
    const counted = (logging?: Readonly<Record<string, string>>) =>
      Topology.make(a.pipe(
        KStream.repartition({ name: "moved" }),
        KStream.groupByKey,
        KGroupedStream.count({ as: "counts", logging })
      ))
    const moved = { ...created, "cleanup.policy": "delete", "retention.ms": "-1", "segment.bytes": "52428800" }
    const counts = { ...created, "cleanup.policy": "compact" }
    assert.deepStrictEqual(configsOf(counted()), { "moved-repartition": moved, "counts-changelog": counts })
    assert.deepStrictEqual(configsOf(counted({ "segment.bytes": "1", "cleanup.policy": "compact,delete" }), app), {
      "moved-repartition": { ...moved, ...app.topicConfigs },
      "counts-changelog": { ...created, ...app.topicConfigs, "segment.bytes": "1", "cleanup.policy": "compact,delete" }
    })
  })

  it("keep windows as long as their stores and a day, or what the app adds, unless the changelog's own say otherwise", () => {
    const windows = { ...created, "cleanup.policy": "compact,delete" }
    const late = { ...created, "cleanup.policy": "compact", "max.message.bytes": "99" }
    assert.deepStrictEqual(configsOf(Topology.make(windowed())), {
      "windows-changelog": { ...windows, "retention.ms": String(10_000 + dayMs) },
      "late-store-changelog": late
    })
    assert.deepStrictEqual(configsOf(Topology.make(windowed()), app), {
      "windows-changelog": { ...windows, ...app.topicConfigs, "retention.ms": "11000" },
      "late-store-changelog": { ...app.topicConfigs, ...late }
    })
    const own = configsOf(Topology.make(windowed({ "retention.ms": "5" })), app)["windows-changelog"]
    assert.strictEqual(own?.["retention.ms"], "5")
  })

  it("keep histories of versioned stores for themselves and a day, whatever the app adds", () => {
    const table = (logging?: Readonly<Record<string, string>>) =>
      Topology.make(KTable.from(Topic.make("a", text), { as: "rows", versioned: { historyRetention: 500 }, logging }))
    const lag = (configs: ReturnType<typeof configsOf>) => configs["rows-changelog"]?.["min.compaction.lag.ms"]
    assert.strictEqual(lag(configsOf(table(), app)), String(500 + dayMs))
    assert.strictEqual(lag(configsOf(table({ "min.compaction.lag.ms": "3" }), app)), "3")
  })

  it("of joined streams never compact, whatever is said of them", () => {
    const joined = KStream.join(a, b, (left, right) => left + right, JoinWindows.ofTimeDifference("1 second"), {
      storeName: "pairs",
      logging: { "cleanup.policy": "compact", "segment.ms": "4" }
    })
    const config = { ...created, "segment.ms": "4", "cleanup.policy": "delete", "retention.ms": String(2000 + dayMs) }
    assert.deepStrictEqual(configsOf(Topology.make(joined)), {
      "pairs-this-join-store-changelog": config,
      "pairs-other-join-store-changelog": config
    })
  })

  it("belong to stores of processors as well, and to none that is not logged", () => {
    const one = StateStore.keyValue({ ...text, name: "one", logging: { "max.message.bytes": "5" } })
    const none = StateStore.keyValue({ ...text, name: "none", logging: false })
    const processed = a.pipe(KStream.process({ stores: [one, none], init: () => () => {} }))
    assert.deepStrictEqual(configsOf(Topology.make(processed)), {
      "one-changelog": { ...created, "cleanup.policy": "compact", "max.message.bytes": "5" }
    })
    const source = ProcessorApi.source("source", Topic.make("a", text))
    const user = ProcessorApi.processor("user", source, { init: () => () => {} })
    const several = StateStore.window({ ...text, name: "w", retention: 5, windowSize: 1, retainDuplicates: true })
    assert.strictEqual(
      configsOf(Topology.make(ProcessorApi.connect(several, user)))["w-changelog"]?.["cleanup.policy"],
      "delete"
    )
  })
})
