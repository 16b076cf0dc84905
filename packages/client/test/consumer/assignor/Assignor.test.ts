import { assert, describe, it } from "@effect/vitest"
import { keyOf } from "@millrace/client/cluster/TopicPartition"
import type { AssignableTopic, Assignor, Member } from "@millrace/client/consumer/assignor/Assignor"
import { range } from "@millrace/client/consumer/assignor/Range"
import { roundRobin } from "@millrace/client/consumer/assignor/RoundRobin"
import { cooperativeSticky, decodeUserData, encodeUserData, sticky } from "@millrace/client/consumer/assignor/Sticky"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { resolve } from "node:path"
import { run } from "../../../../../scripts/vectors/assignors.ts"

const Count = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 }))
const Wish = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })))
const Wishes = Schema.Array(Wish)
const Topics = Schema.Array(Count)

const topicsOf = (counts: ReadonlyArray<number>): ReadonlyArray<AssignableTopic> =>
  counts.slice(0, 4).map((count, at) => ({ name: `t${at}`, racks: Array.from({ length: count }, () => []) }))

const membersOf = (wishes: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<Member> =>
  wishes.slice(0, 8).map((wish, at) => ({
    memberId: `m${at}`,
    groupInstanceId: null,
    rackId: null,
    topics: [...new Set(wish)].sort().map((topic) => `t${topic}`),
    ownedPartitions: [],
    generationId: -1,
    userData: null
  }))

/** What members bring to the next rebalance, once they have what they were given. */
const after = (assignor: Assignor, members: ReadonlyArray<Member>, assignment: ReturnType<Assignor["assign"]>) =>
  members.map((member): Member => {
    const partitions = assignment.get(member.memberId) ?? []
    const isEager = assignor.protocols[0] === "eager"
    return {
      ...member,
      ownedPartitions: isEager ? [] : partitions,
      generationId: 1,
      userData: assignor.userData({ partitions, generationId: 1 })
    }
  })

describe("assignors", () => {
  it("assign what Kafka's own do", () => {
    const report = run(resolve(import.meta.dirname, "../../../../../vectors/assignors"))
    assert.deepStrictEqual(report.failures, [])
    assert.isAbove(report.passed, 300)
  })

  for (const assignor of [range, roundRobin, sticky, cooperativeSticky]) {
    it.effect.prop(
      `${assignor.name} gives each wanted partition to one who wants it`,
      [Topics, Wishes],
      ([counts, wishes]) =>
        Effect.sync(() => {
          const topics = topicsOf(counts)
          const members = membersOf(wishes)
          const assignment = assignor.assign(topics, members)
          const owners = new Set<string>()
          for (const [memberId, partitions] of assignment) {
            const wanted = members.find((member) => member.memberId === memberId)!.topics
            for (const one of partitions) {
              assert.include(wanted, one.topic)
              assert.isFalse(owners.has(keyOf(one.topic, one.partition)))
              owners.add(keyOf(one.topic, one.partition))
            }
          }
          const wanted = topics.filter((topic) => members.some((member) => member.topics.includes(topic.name)))
          assert.strictEqual(owners.size, wanted.reduce((sum, topic) => sum + topic.racks.length, 0))
        })
    )
  }

  for (const assignor of [sticky, cooperativeSticky]) {
    it.effect.prop(
      `${assignor.name} moves nothing when nothing changes`,
      [Topics, Wishes],
      ([counts, wishes]) =>
        Effect.sync(() => {
          const topics = topicsOf(counts)
          const members = membersOf(wishes)
          const first = assignor.assign(topics, members)
          const second = assignor.assign(topics, after(assignor, members, first))
          for (const [memberId, partitions] of first) {
            const names = (list: typeof partitions) => list.map((one) => keyOf(one.topic, one.partition)).sort()
            assert.deepStrictEqual(names(second.get(memberId)!), names(partitions))
          }
        })
    )
  }

  it.effect.prop(
    "user data reads back what was written",
    [Topics, Count],
    ([counts, generationId]) =>
      Effect.sync(() => {
        const partitions = topicsOf(counts).flatMap((topic) =>
          [...topic.racks.keys()].map((partition) => ({ topic: topic.name, partition }))
        )
        assert.deepStrictEqual(decodeUserData(encodeUserData({ partitions, generationId })), {
          partitions,
          generationId
        })
      })
  )
})
