import type { Member } from "@millrace/client/consumer/assignor/Assignor"
import type { GroupAssignment } from "@millrace/client/consumer/ConsumerCore"
import * as StreamsAssignor from "@millrace/client/streams/runtime/StreamsAssignor"
import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
const counts = Topic.make("counts", { key: Serde.string, value: Serde.long })

const topology = Result.getOrThrow(Topology.resolve(
  Topology.make(
    KStream.from(lines).pipe(
      KStream.groupBy((_key, word) => word, Serde.string),
      KGroupedStream.count({ as: "counts" }),
      KTable.toStream,
      KStream.to(counts)
    )
  ),
  { applicationId: "app" }
))

const topics = [
  { name: "lines", racks: [[], [], []] },
  { name: "app-counts-repartition", racks: [[], [], [], []] }
]
const taskCount = 7

const member = (memberId: string, owned: Member["ownedPartitions"], generationId: number): Member => ({
  memberId,
  groupInstanceId: null,
  rackId: null,
  topics: topics.map((topic) => topic.name),
  ownedPartitions: owned,
  generationId,
  userData: StreamsAssignor.encodeUserData({ processId: memberId, tasks: [] })
})

const sizes = (assignment: ReadonlyMap<string, GroupAssignment>) =>
  [...assignment.values()].map(({ partitions }) => partitions.length)

describe("StreamsAssignor", () => {
  it("reads what it writes, and nothing of other versions", () => {
    const data = { processId: "p", tasks: ["0_0", "1_3"] }
    assert.deepStrictEqual(StreamsAssignor.decodeUserData(StreamsAssignor.encodeUserData(data)), data)
    const none = { processId: "p", tasks: [] }
    assert.deepStrictEqual(StreamsAssignor.decodeUserData(StreamsAssignor.encodeUserData(none)), none)
    assert.isUndefined(StreamsAssignor.decodeUserData(new TextEncoder().encode("2\nother")))
    assert.isUndefined(StreamsAssignor.decodeUserData(null))
  })

  it("gives all to the only member", () => {
    const assignment = StreamsAssignor.assign(topology, { members: [member("a", [], -1)], topics })
    assert.strictEqual(assignment.get("a")!.partitions.length, taskCount)
  })

  it("goes by what a member holds the state of, if it owns nothing", () => {
    const holder = {
      ...member("b", [], -1),
      userData: StreamsAssignor.encodeUserData({ processId: "b", tasks: ["1_0", "1_1"] })
    }
    const assignment = StreamsAssignor.assign(topology, { members: [member("a", [], -1), holder], topics })
    const repartition = assignment.get("b")!.partitions.filter((each) => each.topic === "app-counts-repartition")
    assert.deepStrictEqual(repartition.map((each) => each.partition), [0, 1])
  })

  const Step = Schema.Literals(["join", "leave", "settle"])

  it.effect.prop(
    "never gives a partition to two, and settles in balance",
    [Schema.Array(Step)],
    ([steps]) =>
      Effect.sync(() => {
        let owned = new Map<string, Member["ownedPartitions"]>([["m0", []]])
        let generation = 1
        let next = 1
        const rebalance = () => {
          const members = [...owned].map(([id, partitions]) => member(id, partitions, generation))
          const assignment = StreamsAssignor.assign(topology, { members, topics })
          const holders = new Map<string, string>()
          for (const [id, partitions] of owned) {
            for (const each of partitions) holders.set(`${each.topic}-${each.partition}`, id)
          }
          const given = new Set<string>()
          for (const [id, { partitions }] of assignment) {
            for (const { partition, topic } of partitions) {
              const name = `${topic}-${partition}`
              assert.isFalse(given.has(name))
              given.add(name)
              // what another one still holds is not given away before it was given up
              assert.strictEqual(holders.get(name) ?? id, id)
            }
          }
          generation++
          owned = new Map([...assignment].map(([id, { partitions }]) => [id, partitions]))
          return assignment
        }
        for (const step of steps) {
          if (step === "join") owned.set(`m${next++}`, [])
          else if (step === "leave" && owned.size > 1) owned.delete([...owned.keys()][0]!)
          rebalance()
        }
        rebalance()
        rebalance()
        const settled = rebalance()
        const held = sizes(settled)
        assert.strictEqual(held.reduce((sum, size) => sum + size, 0), taskCount)
        assert.isAtMost(Math.max(...held) - Math.min(...held), 1)
        assert.deepStrictEqual(rebalance(), settled)
      }),
    { arbitrary: { runs: 100, seed: "streams" } }
  )
})
