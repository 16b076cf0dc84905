import type { Member } from "@millrace/client/consumer/assignor/Assignor"
import type { GroupAssignment } from "@millrace/client/consumer/ConsumerCore"
import * as StreamsAssignor from "@millrace/client/streams/runtime/StreamsAssignor"
import * as StreamsProtocol from "@millrace/client/streams/runtime/assignment/StreamsProtocol"
import { tasksOf } from "@millrace/client/streams/runtime/TaskId"
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

const tasks = tasksOf(topology, new Map(topics.map((topic) => [topic.name, topic.racks.length])))
const stateful = tasks.filter((task) => task.changelogs.length > 0).map((task) => task.id)
const end = 100_000
const configs: StreamsAssignor.Circumstances["configs"] = {
  acceptableRecoveryLag: 10_000,
  maxWarmupReplicas: 2,
  numStandbyReplicas: 0,
  rackAwareAssignmentTags: [],
  rackAwareAssignmentStrategy: "none",
  rackAwareAssignmentTrafficCost: undefined,
  rackAwareAssignmentNonOverlapCost: undefined,
  taskAssignor: "highAvailability"
}
const circumstances = (numStandbyReplicas: number): StreamsAssignor.Circumstances => ({
  configs: { ...configs, numStandbyReplicas },
  racksOf: () => new Set(),
  endOffsets: new Map(tasks.flatMap((task) => task.changelogs).map((each) => [`${each.topic}-${each.partition}`, end])),
  nowMs: 0,
  probingRebalanceIntervalMs: 1000
})

/** A member as it is between two rebalances: what it runs, and how far it has read the changelogs of its tasks. */
interface Living {
  readonly processId: string
  readonly owned: Member["ownedPartitions"]
  readonly sums: ReadonlyMap<string, number>
}

const living = (process: number): Living => ({
  processId: process.toString(16).padStart(32, "0"),
  owned: [],
  sums: new Map()
})

const memberOf = (memberId: string, { owned, processId, sums }: Living, generationId: number): Member => ({
  memberId,
  groupInstanceId: null,
  rackId: null,
  topics: topics.map((topic) => topic.name),
  ownedPartitions: owned,
  generationId,
  userData: StreamsProtocol.encodeSubscription({
    processId,
    endPoint: undefined,
    offsetSums: sums,
    uniqueField: 0,
    errorCode: 0,
    tags: new Map()
  })
})

const infoOf = (assignment: GroupAssignment) => StreamsProtocol.decodeAssignment(assignment.userData)!

/** A member after it was given something: what it is active for it runs, its standbys have caught up. */
const after = (before: Living, assignment: GroupAssignment): Living => {
  const { active, standby } = infoOf(assignment)
  const sums = new Map<string, number>()
  for (const id of standby.keys()) sums.set(id, before.sums.get(id) === -2 ? 0 : end)
  for (const id of active) sums.set(id, -2)
  return { ...before, owned: assignment.partitions, sums }
}

describe("StreamsAssignor", () => {
  it("gives all to the only member", () => {
    const members = [memberOf("a", living(1), -1)]
    const assignment = StreamsAssignor.assign(topology, { members, topics }, circumstances(1)).get("a")!
    assert.strictEqual(assignment.partitions.length, taskCount)
    assert.strictEqual(infoOf(assignment).active.length, taskCount)
    assert.strictEqual(infoOf(assignment).standby.size, 0)
  })

  it("leaves tasks where their state is, and lets others warm up before it moves them", () => {
    const holder = { ...living(1), sums: new Map(stateful.map((id) => [id, -2])) }
    const members = [memberOf("a", holder, 1), memberOf("b", living(2), -1)]
    const assignment = StreamsAssignor.assign(topology, { members, topics }, circumstances(0))
    const [a, b] = [infoOf(assignment.get("a")!), infoOf(assignment.get("b")!)]
    assert.includeMembers([...a.active], stateful)
    assert.deepStrictEqual([...b.standby.keys()].length, 2)
    assert.strictEqual(Math.min(a.nextRebalanceMs, b.nextRebalanceMs), 1000)
  })

  it("leaves tasks where they run when nobody knows the ends of changelogs", () => {
    const holder = { ...living(2), sums: new Map(stateful.map((id) => [id, -2])) }
    const members = [memberOf("a", living(1), -1), memberOf("b", holder, 1)]
    const unknown = { ...circumstances(0), endOffsets: undefined }
    const assignment = StreamsAssignor.assign(topology, { members, topics }, unknown)
    assert.includeMembers([...infoOf(assignment.get("b")!).active], stateful)
  })

  it("reads where the replicas are, if it is told to mind racks", () => {
    const members = ["a", "b"].map((id, at) => ({ ...memberOf(id, living(at + 1), -1), rackId: `r${at}` }))
    const owners = (strategy: "none" | "min_traffic", isRackOfBrokerKnown: boolean) => {
      const given = {
        ...circumstances(0),
        configs: { ...configs, rackAwareAssignmentStrategy: strategy },
        racksOf: ({ partition }: { readonly partition: number }) =>
          new Set(isRackOfBrokerKnown ? [`r${partition < 2 ? 1 : 0}`] : [])
      }
      const assignment = StreamsAssignor.assign(topology, { members, topics }, given)
      return stateful.map((id) => infoOf(assignment.get("a")!).active.includes(id) ? "r0" : "r1")
    }
    assert.deepStrictEqual(owners("none", true), ["r0", "r1", "r0", "r1"])
    assert.deepStrictEqual(owners("min_traffic", false), ["r0", "r1", "r0", "r1"])
    assert.deepStrictEqual(owners("min_traffic", true), ["r1", "r1", "r0", "r0"])
  })

  it("leaves tasks with who has them when it is told to be sticky", () => {
    const holder = { ...living(2), sums: new Map(stateful.map((id) => [id, 0])) }
    const members = [memberOf("a", living(1), -1), memberOf("b", holder, 1)]
    const activesOf = (taskAssignor: "highAvailability" | "sticky" | "legacySticky") => {
      const given = { ...circumstances(0), configs: { ...configs, taskAssignor } }
      return infoOf(StreamsAssignor.assign(topology, { members, topics }, given).get("b")!).active
    }
    assert.includeMembers([...activesOf("sticky")], stateful)
    assert.includeMembers([...activesOf("legacySticky")], stateful)
    assert.notIncludeMembers([...activesOf("highAvailability")], stateful)
  })

  it("gives nothing to members that speak another version", () => {
    const old = { ...memberOf("a", living(1), -1), userData: Uint8Array.of(0, 0, 0, 9) }
    const members = [old, memberOf("b", living(2), -1)]
    const assignment = StreamsAssignor.assign(topology, { members, topics }, circumstances(0))
    assert.deepStrictEqual(assignment.get("a"), { partitions: [], userData: null })
    assert.strictEqual(assignment.get("b")!.partitions.length, taskCount)
  })

  const Case = Schema.Struct({
    steps: Schema.Array(Schema.Literals(["join", "joinAsThread", "leave", "settle"])),
    numStandbyReplicas: Schema.Literals([0, 1, 2])
  })

  it.effect.prop(
    "never gives a partition to two, and settles in balance with all standbys",
    [Case],
    ([{ numStandbyReplicas, steps }]) =>
      Effect.sync(() => {
        let group = new Map<string, Living>([["m0", living(0)]])
        let generation = 1
        let next = 1
        const rebalance = () => {
          const members = [...group].map(([id, member]) => memberOf(id, member, generation))
          const assignment = StreamsAssignor.assign(topology, { members, topics }, circumstances(numStandbyReplicas))
          const holders = new Map<string, string>()
          for (const [id, { owned }] of group) {
            for (const each of owned) holders.set(`${each.topic}-${each.partition}`, id)
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
          group = new Map([...group].map(([id, member]) => [id, after(member, assignment.get(id)!)]))
          return assignment
        }
        for (const step of steps) {
          if (step === "join") group.set(`m${next}`, living(next++))
          if (step === "joinAsThread") {
            group.set(`m${next++}`, { ...living(0), processId: [...group.values()][0]!.processId })
          }
          if (step === "leave" && group.size > 1) {
            group.delete([...group.keys()][0]!)
          }
          rebalance()
        }
        let settled = rebalance()
        for (let round = 0; round < 30; round++) settled = rebalance()
        assert.deepStrictEqual(rebalance(), settled)
        const infos = [...settled.values()].map(infoOf)
        assert.strictEqual(infos.reduce((sum, info) => sum + info.active.length, 0), taskCount)
        assert.isTrue(infos.every((info) => info.nextRebalanceMs === Number.POSITIVE_INFINITY))
        const processes = new Set([...group.values()].map((each) => each.processId)).size
        const copies = infos.reduce((sum, info) => sum + info.standby.size, 0)
        assert.strictEqual(copies, stateful.length * Math.min(numStandbyReplicas, processes - 1))
        const threads = [...group.values()].map((each) => each.processId)
        if (new Set(threads).size === threads.length && numStandbyReplicas === 0) {
          const loads = infos.map((info) => info.active.length)
          assert.isAtMost(Math.max(...loads) - Math.min(...loads), 1)
        }
      }),
    { arbitrary: { runs: 40, seed: "streams" } }
  )
})
