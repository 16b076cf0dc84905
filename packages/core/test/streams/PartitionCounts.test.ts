import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Serde from "../../src/serde/Serde.ts"
import * as KGroupedStream from "../../src/streams/KGroupedStream.ts"
import * as KStream from "../../src/streams/KStream.ts"
import * as KTable from "../../src/streams/KTable.ts"
import * as PartitionCounts from "../../src/streams/PartitionCounts.ts"
import * as Topic from "../../src/streams/Topic.ts"
import * as Topology from "../../src/streams/Topology.ts"

const strings = { key: Serde.string, value: Serde.string }
const orders = Topic.make("orders", strings)
const users = Topic.make("users", strings)

const resolved = (...parts: ReadonlyArray<Topology.Part<never, never>>) =>
  Result.getOrThrow(Topology.resolve(Topology.make(...parts), { applicationId: "app" }))

const countsOf = (counts: Record<string, number>, ...parts: ReadonlyArray<Topology.Part<never, never>>) =>
  PartitionCounts.resolve(resolved(...parts), (topic) => counts[topic])

const reasons = (result: ReturnType<typeof countsOf>) =>
  Result.match(result, { onSuccess: () => [], onFailure: (error) => error.problems.map((problem) => problem.reason) })

const rekeyed = KStream.from(orders).pipe(KStream.selectKey((_key, order) => order, Serde.string))
const counted = (name: string) =>
  rekeyed.pipe(KStream.groupByKeyAs(name), KGroupedStream.count({ as: `${name}-store` }))
const joined = (name: string) => KStream.join(KTable.from(users), (order: string, user) => order + user, { name })

describe("partition counts", () => {
  it("a repartition topic is as large as the largest topic read where it is written; a changelog follows its task", () => {
    const counts = Result.getOrThrow(countsOf({ orders: 3, users: 5 }, counted("by-user"), KTable.from(users)))
    assert.deepStrictEqual([...counts.internalTopics], [
      ["app-by-user-repartition", 3],
      ["app-by-user-store-changelog", 3]
    ])
    assert.deepStrictEqual(counts.tasks, [3, 3, 5])
  })

  it("goes on through topics of its own", () => {
    const again = KTable.toStream(counted("first")).pipe(
      KStream.selectKey((key) => key, Serde.string),
      KStream.groupByKeyAs("second"),
      KGroupedStream.count({ as: "again" })
    )
    const counts = Result.getOrThrow(countsOf({ orders: 4 }, again))
    assert.strictEqual(counts.internalTopics.get("app-second-repartition"), 4)
    assert.strictEqual(counts.internalTopics.get("app-again-changelog"), 4)
  })

  it("keeps to the number that was asked for", () => {
    const counts = Result.getOrThrow(
      countsOf({ orders: 4 }, KStream.from(orders).pipe(KStream.repartition({ name: "seven", partitions: 7 })))
    )
    assert.deepStrictEqual([...counts.internalTopics], [["app-seven-repartition", 7]])
  })

  it("joins take the count of the table's topic, even when smaller", () => {
    const counts = Result.getOrThrow(countsOf({ orders: 6, users: 2 }, rekeyed.pipe(joined("with-user"))))
    assert.strictEqual(counts.internalTopics.get("app-with-user-repartition"), 2)
  })

  it("finds counts in rings: what is joined with something that was made of it, through topics of its own", () => {
    const lengths = counted("lengths")
    const self = KStream.from(orders).pipe(KStream.join(lengths, (order, count) => order + count))
    const counts = Result.getOrThrow(countsOf({ orders: 3 }, self))
    assert.deepStrictEqual([...counts.internalTopics], [
      ["app-lengths-repartition", 3],
      ["app-lengths-store-changelog", 3]
    ])
    const moved = self.pipe(
      KStream.selectKey((key) => key, Serde.string),
      KStream.repartition({ ...strings, name: "on" })
    )
    const wider = moved.pipe(KStream.join(KTable.from(users), (order, user) => order + user))
    assert.deepStrictEqual(
      [...Result.getOrThrow(countsOf({ orders: 3, users: 7 }, wider)).internalTopics.values()],
      [3, 7, 3, 7]
    )
  })

  it("refuses to join topics of unequal counts", () => {
    assert.deepStrictEqual(reasons(countsOf({ orders: 3, users: 2 }, KStream.from(orders).pipe(joined("j")))), [
      "NotCopartitioned"
    ])
    const asked = rekeyed.pipe(KStream.repartition({ partitions: 3 }), joined("j"))
    assert.deepStrictEqual(reasons(countsOf({ orders: 3, users: 2 }, asked)), ["NotCopartitioned"])
  })

  it("names all topics that are not there", () => {
    assert.deepStrictEqual(reasons(countsOf({}, KStream.from(orders), KTable.from(users))), [
      "UnknownTopic",
      "UnknownTopic"
    ])
  })
})
