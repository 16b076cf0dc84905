import { GlobalKTable, KGroupedStream, KStream, KTable, Serde, Suppressed, Topic, Topology } from "@millrace/core"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"

const input = Topic.make("input", { key: Serde.string, value: Serde.string })
const other = Topic.make("other", { key: Serde.string, value: Serde.string })

const resolve = (topology: Topology.Topology) => Result.getOrThrow(Topology.resolve(topology, { applicationId: "app" }))

const reasons = (topology: Topology.Topology) => Topology.validate(topology).map(({ reason }) => reason)

describe("versioned tables", () => {
  const versioned = (historyRetention: number) =>
    KTable.from(other, { as: "versions", versioned: { historyRetention } })
  const waiting = (table: KTable.KTable<string, string>) =>
    Topology.make(KStream.from(input).pipe(KStream.join(table, (a, b) => a + b, { grace: "10 seconds", name: "then" })))

  it("have a changelog whose cleaner waits for the history, and segments of Kafka's lengths", () => {
    const { changelogTopics, stores } = resolve(Topology.make(versioned(600_000)))
    assert.deepStrictEqual(changelogTopics, [{
      topic: "app-versions-changelog",
      store: "versions",
      subTopology: 0,
      config: {
        "cleanup.policy": "compact",
        "message.timestamp.type": "CreateTime",
        "min.compaction.lag.ms": String(600_000 + 86_400_000)
      }
    }])
    const segments = [0, 9_000, 60_000, 100_000, 600_000, 86_400_000].map((retention) => {
      const store = resolve(Topology.make(versioned(retention))).stores[0]
      return store?._tag === "Versioned" ? store.segmentIntervalMs : undefined
    })
    assert.deepStrictEqual(segments, [2_000, 3_000, 20_000, 20_000, 60_000, 3_600_000])
    assert.isFalse(stores[0]?.caching)
  })

  it("are needed by a join with grace, with a history at least as long", () => {
    assert.deepStrictEqual(reasons(waiting(versioned(10_000))), [])
    assert.deepStrictEqual(reasons(waiting(versioned(9_999))), ["InvalidRetention"])
    assert.deepStrictEqual(reasons(waiting(KTable.from(other))), ["NotVersioned"])
    const filtered = versioned(10_000).pipe(KTable.filter((value) => value !== ""))
    assert.deepStrictEqual(reasons(waiting(filtered)), [])
    const kept = versioned(10_000).pipe(KTable.filter((value) => value !== "", { as: "kept" }))
    assert.deepStrictEqual(reasons(waiting(kept)), ["NotVersioned"])
  })

  it("have no numbers that cannot be, and are not suppressed", () => {
    const held = versioned(10).pipe(KTable.mapValues((value) => value, Serde.string))
    assert.deepStrictEqual(reasons(Topology.make(versioned(-1))), ["InvalidRetention"])
    const suppressed = KTable.suppress(Suppressed.untilTimeLimit("1 second"))
    assert.deepStrictEqual(reasons(Topology.make(versioned(10).pipe(suppressed))), ["Versioned"])
    assert.deepStrictEqual(reasons(Topology.make(held.pipe(suppressed))), ["Versioned"])
    // a store that knows the present only ends it
    const kept = held.pipe(KTable.filter(() => true, { as: "kept" }))
    assert.deepStrictEqual(reasons(Topology.make(kept.pipe(suppressed))), [])
  })

  it("tell those below them, up to the next store, that a change may be of the past", () => {
    const isVersioned = (table: KTable.KTable<string, string>) => {
      const serdes = { key: Serde.string, value: Serde.string }
      const grouped = table.pipe(KTable.groupBy((key, value) => [value, key], serdes))
      const node = resolve(Topology.make(grouped)).nodes.find(({ name }) => name.startsWith("KTABLE-SELECT"))
      return node?._tag === "Processor" && node.processor._tag === "TableGroupBy" && node.processor.isVersioned
    }
    assert.isTrue(isVersioned(versioned(10)))
    assert.isTrue(isVersioned(versioned(10).pipe(KTable.filter(() => true))))
    assert.isFalse(isVersioned(versioned(10).pipe(KTable.filter(() => true, { as: "kept" }))))
    assert.isFalse(isVersioned(KTable.from(other)))
  })
})

describe("global tables", () => {
  const joined = Topology.make(
    KStream.from(input).pipe(
      KStream.join(GlobalKTable.from(other, { as: "everywhere" }), (_key, value) => value, (a, b) => a + b),
      KStream.groupByKeyAs({ key: Serde.string, value: Serde.string }),
      KGroupedStream.count({ as: "counts" })
    )
  )

  it("take a number among the sub-topologies, and nothing of them is a task's", () => {
    const { changelogTopics, globalStores, nodes, stores, subTopologies } = resolve(joined)
    assert.deepStrictEqual(subTopologies.map(({ id }) => id), [0])
    assert.deepStrictEqual(
      globalStores.map(({ id, processor, store, topic }) => [id, topic, processor.name, store.name]),
      [
        [1, "other", "KTABLE-SOURCE-0000000002", "everywhere"]
      ]
    )
    assert.deepStrictEqual(globalStores[0]?.store.changelog, { _tag: "Source", topic: "other" })
    assert.deepStrictEqual(stores.map(({ name }) => name), ["counts"])
    assert.deepStrictEqual(changelogTopics.map(({ topic }) => topic), ["app-counts-changelog"])
    assert.isFalse(nodes.some(({ name }) => name === "KTABLE-SOURCE-0000000002"))
  })

  it("are read once", () => {
    assert.deepStrictEqual(reasons(Topology.make(GlobalKTable.from(other), KTable.from(other))), ["OverlappingSources"])
    const twice = Topology.make(GlobalKTable.from(input, { as: "one" }), GlobalKTable.from(other, { as: "one" }))
    assert.deepStrictEqual(reasons(twice), ["DuplicateName"])
  })
})
