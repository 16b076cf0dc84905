import {
  type Client,
  type ClientState,
  type Configs,
  latestOffset
} from "@millrace/client/streams/runtime/assignment/ClientState"
import * as FallbackPrior from "@millrace/client/streams/runtime/assignment/FallbackPrior"
import { type Edge, FlowGraph, source } from "@millrace/client/streams/runtime/assignment/FlowGraph"
import * as HighAvailability from "@millrace/client/streams/runtime/assignment/HighAvailability"
import * as LegacySticky from "@millrace/client/streams/runtime/assignment/LegacySticky"
import * as Sticky from "@millrace/client/streams/runtime/assignment/Sticky"
import type { Answer, Question, TaskPartition } from "@millrace/client/streams/runtime/assignment/TaskAssignor"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const small = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** A group: threads by client, tasks by sub-topology (the even ones have state), and how it is to be shared out. */
const Group = Schema.Struct({
  threads: Schema.Array(small(1, 3)),
  partitions: Schema.Array(small(1, 5)),
  copies: small(0, 2),
  strategy: Schema.Literals(["none", "min_traffic", "balance_subtopology"]),
  racks: Schema.Array(small(0, 2))
})
type Group = typeof Group.Type

const uuid = (at: number) => `00000000-0000-0000-0000-${at.toString(16).padStart(12, "0")}`
const acceptableRecoveryLag = 100

const questionOf = ({ copies, partitions, racks, strategy, threads }: Group): Question => {
  const counts = partitions.slice(0, 3)
  const stateful = counts.flatMap((count, id) => id % 2 === 0 ? idsOf(id, count) : [])
  const tasks = counts.flatMap((count, id) => idsOf(id, count))
  const configs: Configs = {
    acceptableRecoveryLag,
    maxWarmupReplicas: 2,
    numStandbyReplicas: copies,
    rackAwareAssignmentTags: [],
    rackAwareAssignmentStrategy: strategy,
    rackAwareAssignmentTrafficCost: 3,
    rackAwareAssignmentNonOverlapCost: 1
  }
  const clients = [1, ...threads].slice(0, 4).map((count, at): Client => ({
    processId: uuid(at + 1),
    threads: count,
    lags: new Map(stateful.map((task) => [task, 1000])),
    tags: new Map(),
    rack: `r${at % 3}`,
    previousActive: [],
    previousStandby: []
  }))
  const rackOf = (index: number) => new Set([`r${racks.length === 0 ? 0 : racks[index % racks.length]!}`])
  const located = new Map(tasks.map((task, at): [string, ReadonlyArray<TaskPartition>] => [
    task,
    [
      { racks: rackOf(at), isSource: true, isChangelog: false },
      ...(stateful.includes(task) ? [{ racks: rackOf(at + 1), isSource: false, isChangelog: true }] : [])
    ]
  ]))
  return { clients, tasks, statefulTasks: new Set(stateful), partitions: located, configs }
}

const idsOf = (id: number, count: number) => Array.from({ length: count }, (_, partition) => `${id}_${partition}`)

/** The same group, once everybody runs what it was given and its standbys have caught up. */
const after = (question: Question, { clients }: Answer): Question => ({
  ...question,
  clients: clients.map(({ active, client, standby }) => ({
    ...client,
    previousActive: [...active],
    previousStandby: [...standby],
    lags: new Map([...client.lags.keys()].map((task) => [
      task,
      active.has(task) ? latestOffset : standby.has(task) ? 0 : 1000
    ]))
  }))
})

const assertWhole = (question: Question, { clients }: Answer) => {
  assert.deepStrictEqual(clients.flatMap(({ active }) => [...active]).sort(), [...question.tasks].sort())
  const holders = (task: string) => clients.filter((state) => state.standby.has(task))
  for (const task of question.tasks) {
    assert.isFalse(holders(task).some(({ active }) => active.has(task)), `${task} is twice on a client`)
    const least = question.statefulTasks.has(task)
      ? Math.min(question.configs.numStandbyReplicas, clients.length - 1)
      : 0
    assert.isAtLeast(holders(task).length, least)
    if (!question.statefulTasks.has(task)) assert.strictEqual(holders(task).length, 0)
  }
}

const traffic = (question: Question, { clients }: Answer): number => {
  const costOf = (state: ClientState) =>
    [...state.active].flatMap((task) => question.partitions!.get(task)!)
      .filter(({ isSource, racks }) => isSource && !racks.has(state.client.rack!)).length
  return clients.reduce((sum, state) => sum + costOf(state), 0)
}

const assignors = {
  HighAvailability: HighAvailability.assign,
  Sticky: Sticky.assign,
  LegacySticky: LegacySticky.assign,
  FallbackPrior: FallbackPrior.assign
}

describe("task assignors", () => {
  for (const [name, assign] of Object.entries(assignors)) {
    it.effect.prop(
      `${name} gives every task to one client, and copies to others`,
      [Group],
      ([group]) =>
        Effect.sync(() => {
          const question = questionOf(group)
          const first = assign(question)
          assertWhole(question, first)
          const next = after(question, first)
          assertWhole(next, assign(next))
          const fewer = { ...next, clients: next.clients.slice(1) }
          if (fewer.clients.length > 0) assertWhole(fewer, assign(fewer))
        })
    )
  }

  it.effect.prop(
    "sticky ones leave a client what it had, up to its share of threads",
    [Group],
    ([group]) =>
      Effect.sync(() => {
        const question = questionOf({ ...group, strategy: "none" })
        const next = after(question, HighAvailability.assign(question))
        const joining = { ...next.clients[0]!, processId: uuid(99), previousActive: [], previousStandby: [] }
        const joined = { ...next, clients: [...next.clients, joining] }
        const threads = joined.clients.reduce((sum, client) => sum + client.threads, 0)
        const perThread = Math.floor(joined.tasks.length / threads)
        for (const assign of [Sticky.assign, LegacySticky.assign, FallbackPrior.assign]) {
          for (const { active, client } of assign(joined).clients) {
            const had = client.previousActive.length
            const share = assign === FallbackPrior.assign ? had : Math.min(had, client.threads * perThread)
            assert.isAtLeast(client.previousActive.filter((task) => active.has(task)).length, share)
          }
        }
      })
  )

  it.effect.prop(
    "minding racks makes no more traffic, and leaves all with as many tasks",
    [Group],
    ([group]) =>
      Effect.sync(() => {
        const sizes = ({ clients }: Answer) => clients.map(({ active }) => active.size)
        for (const assign of [HighAvailability.assign, LegacySticky.assign]) {
          const unaware = questionOf({ ...group, strategy: "none", copies: 0 })
          const aware = questionOf({ ...group, strategy: "min_traffic", copies: 0 })
          const [before, now] = [assign(unaware), assign(aware)]
          assert.deepStrictEqual(sizes(now), sizes(before))
          assert.isAtMost(traffic(aware, now), traffic(aware, before))
        }
      })
  )
})

describe("FlowGraph", () => {
  /** What each of the workers asks for each of the jobs: as many of both. */
  const Prices = Schema.Array(Schema.Array(small(0, 9)))

  it.effect.prop("finds the least cost of all ways to hand out jobs", [Prices], ([prices]) =>
    Effect.sync(() => {
      const size = Math.min(4, prices.length)
      const priceOf = (job: number, worker: number) => prices[job]![worker] ?? 5
      const edges: Array<Edge> = []
      for (let job = 0; job < size; job++) {
        edges.push({ from: source, to: job + 1, capacity: 1, cost: 0, flow: 0 })
        edges.push({ from: size + job + 1, to: 2 * size + 1, capacity: 1, cost: 0, flow: 0 })
        for (let worker = 0; worker < size; worker++) {
          edges.push({ from: job + 1, to: size + worker + 1, capacity: 1, cost: priceOf(job, worker), flow: 0 })
        }
      }
      const graph = new FlowGraph(2 * size + 1, edges)
      graph.maximiseFlow()
      graph.minimiseCost()
      assert.strictEqual(graph.flow, size)
      const least = (job: number, free: ReadonlyArray<number>): number =>
        job === size
          ? 0
          : Math.min(
            ...free.map((worker) => priceOf(job, worker) + least(job + 1, free.filter((each) => each !== worker)))
          )
      assert.strictEqual(graph.cost, least(0, Array.from({ length: size }, (_, worker) => worker)))
    }))
})
