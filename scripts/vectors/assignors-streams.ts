/**
 * The part of the assignors area that assigns tasks of stream apps: by the leader of a group (`streams-client-*`), and by the
 * broker (`streams-sticky`). An owner is a process or a member; who gets which task, active or standby, is what must match.
 */
import type { Client } from "@millrace/client/streams/runtime/assignment/ClientState"
import * as FallbackPrior from "@millrace/client/streams/runtime/assignment/FallbackPrior"
import * as HighAvailability from "@millrace/client/streams/runtime/assignment/HighAvailability"
import * as LegacySticky from "@millrace/client/streams/runtime/assignment/LegacySticky"
import * as Sticky from "@millrace/client/streams/runtime/assignment/Sticky"
import type { Question, TaskAssignor, TaskPartition } from "@millrace/client/streams/runtime/assignment/TaskAssignor"
import * as StreamsSticky from "@millrace/server/coordination/group/StreamsSticky"
import { isDeepStrictEqual } from "node:util"

interface Verdict {
  readonly exact: boolean
  readonly invariants?: { readonly [name: string]: unknown }
}

/** A step of a chain of `streams-client-*`, as the file has it. */
export interface ClientStep extends Verdict {
  readonly configs: {
    readonly acceptableRecoveryLag: number
    readonly maxWarmupReplicas: number
    readonly numStandbyReplicas: number
    readonly rackAwareAssignmentTags: ReadonlyArray<string>
    readonly rackAwareAssignmentStrategy: "none" | "min_traffic" | "balance_subtopology"
    readonly rackAwareTrafficCost?: number
    readonly rackAwareNonOverlapCost?: number
  }
  readonly subtopologies: ReadonlyArray<
    { readonly id: number; readonly stateful: boolean; readonly partitions: number }
  >
  readonly clients: ReadonlyArray<{
    readonly processId: string
    readonly threads: number
    readonly prevActive: ReadonlyArray<string>
    readonly prevStandby: ReadonlyArray<string>
    readonly lags: { readonly [task: string]: number }
    readonly tags?: { readonly [tag: string]: string }
    readonly rack?: string
  }>
  readonly brokers?: ReadonlyArray<{ readonly id: number; readonly rack?: string }>
  readonly replicas?: { readonly [topic: string]: ReadonlyArray<ReadonlyArray<number>> }
  readonly output: {
    readonly clients: {
      readonly [processId: string]: { readonly active: ReadonlyArray<string>; readonly standby: ReadonlyArray<string> }
    }
    readonly probingRebalanceNeeded?: boolean
  }
}

interface Partitions {
  readonly [subtopology: string]: ReadonlyArray<number>
}

/** A step of a chain of `streams-sticky`, as the file has it. */
export interface BrokerStep extends Verdict {
  readonly configs: { readonly "num.standby.replicas": string }
  readonly subtopologies: ReadonlyArray<StreamsSticky.SubTopology>
  readonly members: ReadonlyArray<{
    readonly id: string
    readonly processId: string
    readonly active: Partitions
    readonly standby: Partitions
  }>
  readonly output: { readonly [member: string]: { readonly active: Partitions; readonly standby: Partitions } }
}

/** What an owner had, has, and ought to have. */
interface Share {
  readonly owner: string
  readonly processId: string
  readonly active: Iterable<string>
  readonly standby: Iterable<string>
  readonly previousActive: ReadonlyArray<string>
  readonly previousStandby: ReadonlyArray<string>
  readonly wanted: { readonly active: ReadonlyArray<string>; readonly standby: ReadonlyArray<string> }
}

const taskIds = (
  subtopologies: ReadonlyArray<
    { readonly id: number | string; readonly stateful: boolean; readonly partitions: number }
  >,
  isStateful?: boolean
): ReadonlyArray<string> =>
  subtopologies.filter(({ stateful }) => isStateful === undefined || stateful === isStateful).flatMap((
    { id, partitions }
  ) => Array.from({ length: partitions }, (_, partition) => `${id}_${partition}`))

const sums = (shares: ReadonlyArray<Share>, keyOf: (share: Share) => string, sizeOf: (share: Share) => number) => {
  const sizes: Record<string, number> = {}
  for (const share of shares) sizes[keyOf(share)] = (sizes[keyOf(share)] ?? 0) + sizeOf(share)
  return sizes
}
const ascending = (sizes: Record<string, number>) => Object.values(sizes).sort((a, b) => a - b)
const ownerOf = (share: Share) => share.owner
const processOf = (share: Share) => share.processId
const activeOf = (share: Share) => [...share.active].length
const standbyOf = (share: Share) => [...share.standby].length
const countOf = (share: Share) => activeOf(share) + standbyOf(share)
const common = (some: Iterable<string>, others: ReadonlyArray<string>) =>
  [...some].filter((each) => others.includes(each)).length

/** Invariants that can be read off an answer. */
const invariants = (step: Verdict, shares: ReadonlyArray<Share>): string | undefined => {
  const total = shares.reduce((sum, share) => sum + countOf(share), 0)
  const standbys = new Set(shares.flatMap((share) => [...share.standby])).size
  const keptActive = shares.reduce((sum, share) => sum + common(share.active, share.previousActive), 0)
  const sizes = sums(shares, ownerOf, countOf)
  const activeSizes = sums(shares, ownerOf, activeOf)
  const standbySizes = sums(shares, ownerOf, standbyOf)
  const found: Record<string, unknown> = {
    sizes,
    activeSizes,
    standbySizes,
    sortedSizes: ascending(sizes),
    sortedActiveSizes: ascending(activeSizes),
    sortedStandbySizes: ascending(standbySizes),
    sortedProcessSizes: ascending(sums(shares, processOf, countOf)),
    sortedProcessActiveSizes: ascending(sums(shares, processOf, activeOf)),
    total,
    assigned: shares.reduce((sum, share) => sum + activeOf(share), 0) + standbys,
    keptActive,
    kept: keptActive + shares.reduce((sum, share) => sum + common(share.standby, share.previousStandby), 0)
  }
  for (const [name, wanted] of Object.entries(step.invariants ?? {})) {
    if (name in found && !isDeepStrictEqual(found[name], wanted)) {
      return `${name}: wanted ${JSON.stringify(wanted)}, got ${JSON.stringify(found[name])}`
    }
  }
  return undefined
}

/** What holds always. `copies`: how many standbys a stateful task has, if there are as many other processes. */
const rules = (
  subtopologies: Parameters<typeof taskIds>[0],
  shares: ReadonlyArray<Share>,
  copies: number
): string | undefined => {
  const actives = shares.flatMap((share) => [...share.active]).sort()
  if (actives.join() !== [...taskIds(subtopologies)].sort().join()) return "not each task is active once"
  const processes = new Map<string, Array<string>>()
  for (const { active, processId, standby } of shares) {
    processes.set(processId, [...processes.get(processId) ?? [], ...active, ...standby])
  }
  for (const tasks of processes.values()) {
    if (new Set(tasks).size !== tasks.length) return "a task is twice on a process"
  }
  const standbys = shares.flatMap((share) => [...share.standby])
  const stateless = new Set(taskIds(subtopologies, false))
  const wrong = standbys.find((task) => stateless.has(task))
  if (wrong !== undefined) return `${wrong} has no state and a standby`
  const least = Math.min(copies, processes.size - 1)
  const short = taskIds(subtopologies, true).find((task) => standbys.filter((each) => each === task).length < least)
  return short === undefined ? undefined : `${short} has fewer than ${least} standbys`
}

const same = (shares: ReadonlyArray<Share>): string | undefined => {
  for (const { active, owner, standby, wanted } of shares) {
    for (const [kind, given] of [["active", active], ["standby", standby]] as const) {
      const sorted = [...given].sort().join()
      const expected = [...wanted[kind]].sort().join()
      if (sorted !== expected) return `${owner} ${kind}: wanted ${expected}, got ${sorted}`
    }
  }
  return undefined
}

const clientOf = (given: ClientStep["clients"][number]): Client => ({
  processId: given.processId,
  threads: given.threads,
  lags: new Map(Object.entries(given.lags)),
  tags: new Map(Object.entries(given.tags ?? {})),
  rack: given.rack,
  previousActive: given.prevActive,
  previousStandby: given.prevStandby
})

const partitionsOf = (step: ClientStep): Question["partitions"] => {
  if (step.brokers === undefined) return undefined
  const racks = new Map(step.brokers.map((broker) => [broker.id, broker.rack]))
  const at = (topic: string, partition: number): ReadonlySet<string> => {
    const found = (step.replicas?.[topic]?.[partition] ?? []).map((id) => racks.get(id))
    return new Set(found.includes(undefined) ? [] : found.flatMap((rack) => rack ?? []))
  }
  const all = new Map<string, ReadonlyArray<TaskPartition>>()
  for (const { id, partitions, stateful } of step.subtopologies) {
    for (let partition = 0; partition < partitions; partition++) {
      const source = { racks: at(`in-${id}`, partition), isSource: true, isChangelog: false }
      const changelog = { racks: at(`app-${id}-changelog`, partition), isSource: false, isChangelog: true }
      all.set(`${id}_${partition}`, stateful ? [source, changelog] : [source])
    }
  }
  return all
}

const checkClient = (assign: TaskAssignor) => (step: ClientStep): string | undefined => {
  const { clients, configs, output, subtopologies } = step
  const answer = assign({
    clients: clients.map(clientOf),
    tasks: taskIds(subtopologies),
    statefulTasks: new Set(taskIds(subtopologies, true)),
    partitions: partitionsOf(step),
    configs: {
      ...configs,
      rackAwareAssignmentTrafficCost: configs.rackAwareTrafficCost,
      rackAwareAssignmentNonOverlapCost: configs.rackAwareNonOverlapCost
    }
  })
  const shares = answer.clients.map(({ active, client, standby }): Share => ({
    owner: client.processId,
    processId: client.processId,
    active,
    standby,
    previousActive: client.previousActive,
    previousStandby: client.previousStandby,
    wanted: output.clients[client.processId] ?? { active: [], standby: [] }
  }))
  const probing = output.probingRebalanceNeeded ?? step.invariants?.["probingRebalanceNeeded"]
  if (probing !== undefined && probing !== answer.isProbingNeeded) return "probing"
  return rules(subtopologies, shares, configs.numStandbyReplicas) ??
    (step.exact ? same(shares) : invariants(step, shares))
}

const flat = (partitions: Partitions | undefined): ReadonlyArray<string> =>
  Object.entries(partitions ?? {}).flatMap(([id, list]) => list.map((partition) => `${id}_${partition}`))
const keysOf = (tasks: ReadonlyArray<StreamsSticky.Task>): ReadonlyArray<string> =>
  tasks.map(({ partition, subTopology }) => `${subTopology}_${partition}`)
const tasksOf = (partitions: Partitions): ReadonlyArray<StreamsSticky.Task> =>
  Object.entries(partitions).flatMap(([subTopology, list]) => list.map((partition) => ({ subTopology, partition })))

/** What is wrong with a step of `streams-sticky`, if anything. */
export const checkStreamsGroup = (step: BrokerStep): string | undefined => {
  const { configs, members, output, subtopologies } = step
  const copies = Number(configs["num.standby.replicas"])
  const answer = StreamsSticky.assign({
    subTopologies: subtopologies,
    numStandbyReplicas: copies,
    members: members.map(({ active, id, processId, standby }) => ({
      memberId: id,
      processId,
      active: tasksOf(active),
      standby: tasksOf(standby)
    }))
  })
  const shares = members.map(({ active, id, processId, standby }): Share => ({
    owner: id,
    processId,
    active: keysOf(answer.get(id)?.active ?? []),
    standby: keysOf(answer.get(id)?.standby ?? []),
    previousActive: flat(active),
    previousStandby: flat(standby),
    wanted: { active: flat(output[id]?.active), standby: flat(output[id]?.standby) }
  }))
  return rules(subtopologies, shares, copies) ?? (step.exact ? same(shares) : invariants(step, shares))
}

/** By file, what is wrong with a step of it, if anything. */
export const checkStreamsClient = {
  "streams-client-high-availability": checkClient(HighAvailability.assign),
  "streams-client-sticky": checkClient(Sticky.assign),
  "streams-client-legacy-sticky": checkClient(LegacySticky.assign),
  "streams-client-fallback-prior": checkClient(FallbackPrior.assign)
}
