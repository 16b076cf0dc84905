import { PriorityQueue } from "@millrace/server/coordination/group/PriorityQueue"
import * as StreamsSticky from "@millrace/server/coordination/group/StreamsSticky"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const small = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** Members by process, tasks by sub-topology (the even ones have state), standbys. */
const Group = Schema.Struct({
  members: Schema.Array(small(1, 3)),
  partitions: Schema.Array(small(0, 6)),
  copies: small(0, 3)
})

const questionOf = ({ copies, members, partitions }: typeof Group.Type): StreamsSticky.Question => ({
  numStandbyReplicas: copies,
  subTopologies: partitions.slice(0, 4).map((count, at) => ({
    id: `${at}`,
    stateful: at % 2 === 0,
    partitions: count
  })),
  members: [1, ...members].slice(0, 4).flatMap((count, process) =>
    Array.from({ length: count }, (_, at) => ({
      memberId: `m${process}-${at}`,
      processId: `p${process}`,
      active: [],
      standby: []
    }))
  )
})

type Target = ReturnType<typeof StreamsSticky.assign>

const after = (question: StreamsSticky.Question, target: Target): StreamsSticky.Question => ({
  ...question,
  members: question.members.map((member) => ({ ...member, ...target.get(member.memberId) }))
})

const keysOf = (tasks: ReadonlyArray<StreamsSticky.Task>) =>
  tasks.map(({ partition, subTopology }) => `${subTopology}_${partition}`)

const assertWhole = ({ members, numStandbyReplicas, subTopologies }: StreamsSticky.Question, target: Target) => {
  const processes = new Map<string, Array<string>>()
  const counts: Array<number> = []
  for (const { memberId, processId } of members) {
    const { active, standby } = target.get(memberId)!
    counts.push(active.length)
    processes.set(processId, [...processes.get(processId) ?? [], ...keysOf(active), ...keysOf(standby)])
  }
  for (const tasks of processes.values()) assert.strictEqual(new Set(tasks).size, tasks.length)
  const active = [...target.values()].flatMap((each) => keysOf(each.active))
  const standby = [...target.values()].flatMap((each) => keysOf(each.standby))
  const all = subTopologies.flatMap(({ id, partitions, stateful }) =>
    Array.from({ length: partitions }, (_, partition) => ({ task: `${id}_${partition}`, stateful }))
  )
  assert.deepStrictEqual(active.sort(), all.map(({ task }) => task).sort())
  for (const { stateful, task } of all) {
    const wanted = stateful ? Math.min(numStandbyReplicas, processes.size - 1) : 0
    assert.strictEqual(standby.filter((each) => each === task).length, wanted, task)
  }
  return counts
}

describe("StreamsSticky", () => {
  it("has nothing for nobody", () => {
    assert.strictEqual(StreamsSticky.assign({ members: [], subTopologies: [], numStandbyReplicas: 1 }).size, 0)
  })

  it.effect.prop(
    "gives every task to one member, as many to each of a process, and all copies",
    [Group],
    ([group]) =>
      Effect.sync(() => {
        const question = questionOf(group)
        const target = StreamsSticky.assign(question)
        const counts = assertWhole(question, target)
        if (group.members.every((count) => count === 1)) assert.isAtMost(Math.max(...counts) - Math.min(...counts), 1)
        const fewer = after({ ...question, members: question.members.slice(1) }, target)
        if (fewer.members.length > 0) assertWhole(fewer, StreamsSticky.assign(fewer))
      })
  )

  it.effect.prop(
    "leaves active tasks with who has them when nothing has changed",
    [Group],
    ([group]) =>
      Effect.sync(() => {
        const question = questionOf({ ...group, members: group.members.map(() => 1) })
        const target = StreamsSticky.assign(question)
        const again = StreamsSticky.assign(after(question, target))
        const actives = (given: Target) => [...given].map(([id, { active }]) => [id, keysOf(active).sort()])
        assert.deepStrictEqual(actives(again), actives(target))
      })
  )
})

describe("PriorityQueue", () => {
  it.effect.prop("gives the least first", [Schema.Array(small(0, 9))], ([numbers]) =>
    Effect.sync(() => {
      const queue = PriorityQueue.of(numbers, (a, b) => a - b)
      const given: Array<number> = []
      for (let least = queue.poll(); least !== undefined; least = queue.poll()) given.push(least)
      assert.deepStrictEqual(given, [...numbers].sort((a, b) => a - b))
    }))
})
