/**
 * How the instances of an app share its tasks: what the leader of their group decides, as Kafka Streams' partition assignor
 * does it.
 *
 * Keeps true: a task's partitions go to one member together; a task that moves is given to its new owner only after the old
 * one has given it up (the old owner's revocation brings the next rebalance), so no task runs twice; until then the new owner
 * keeps its state up to date.
 * Leaves to others: which process is to have a task (`assignment/`), committing before a task is given up, offsets.
 *
 * @since 0.1.0
 */
import type { ResolvedTopology } from "@millrace/core/streams/ResolvedTopology"
import { keyOf, type TopicPartition } from "../../cluster/TopicPartition.ts"
import type { Member } from "../../consumer/assignor/Assignor.ts"
import type { GroupAssignment, GroupSubscription } from "../../consumer/ConsumerCore.ts"
import { type Client, type Configs, latestOffset } from "./assignment/ClientState.ts"
import * as CustomAssignor from "./assignment/CustomAssignor.ts"
import * as FallbackPrior from "./assignment/FallbackPrior.ts"
import * as HighAvailability from "./assignment/HighAvailability.ts"
import * as LegacySticky from "./assignment/LegacySticky.ts"
import * as Sticky from "./assignment/Sticky.ts"
import * as StreamsProtocol from "./assignment/StreamsProtocol.ts"
import type { TaskAssignor, TaskPartition } from "./assignment/TaskAssignor.ts"
import type { RacksOf } from "./PartitionRacks.ts"
import type { TaskAssignorName } from "./Settings.ts"
import * as TaskAssignment from "./TaskAssignment.ts"
import { type TaskDescription, tasksOf } from "./TaskId.ts"

/**
 * What the leader goes by besides the members. `endOffsets`: by changelog partition; undefined if nobody could tell them.
 *
 * @since 0.1.0
 */
export interface Circumstances {
  readonly configs: Configs & { readonly taskAssignor: TaskAssignorName | CustomAssignor.CustomAssignor }
  readonly endOffsets: ReadonlyMap<string, number> | undefined
  readonly racksOf: RacksOf
  readonly nowMs: number
  readonly probingRebalanceIntervalMs: number
}

/** The members of one process. */
interface Process {
  readonly members: Array<string>
  readonly infos: Array<StreamsProtocol.SubscriptionInfo>
  /** What its members say; one that does not know says null. */
  readonly racks: Set<string | null>
  /** The partitions that its members have, by key. */
  readonly owned: Set<string>
}

/** Who holds which partition, by the claim of the newest generation; equal claims cancel out. */
const holders = (members: ReadonlyArray<Member>): Map<string, string> => {
  const claims = new Map<string, { readonly memberId: string | undefined; readonly generationId: number }>()
  for (const { generationId, memberId, ownedPartitions } of members) {
    for (const { partition, topic } of ownedPartitions) {
      const key = keyOf(topic, partition)
      const other = claims.get(key)
      if (other === undefined || other.generationId < generationId) claims.set(key, { memberId, generationId })
      else if (other.generationId === generationId) claims.set(key, { memberId: undefined, generationId })
    }
  }
  const held = new Map<string, string>()
  for (const [key, { memberId }] of claims) if (memberId !== undefined) held.set(key, memberId)
  return held
}

const processesOf = (members: ReadonlyArray<Member>): Map<string, Process> => {
  const processes = new Map<string, Process>()
  for (
    const { memberId, ownedPartitions, rackId, userData } of [...members].sort((a, b) =>
      a.memberId < b.memberId ? -1 : 1
    )
  ) {
    const info = StreamsProtocol.decodeSubscription(userData)
    if (info === undefined) continue
    const found = processes.get(info.processId) ?? { members: [], infos: [], racks: new Set(), owned: new Set() }
    processes.set(info.processId, found)
    found.members.push(memberId)
    found.infos.push(info)
    found.racks.add(rackId)
    for (const { partition, topic } of ownedPartitions) found.owned.add(keyOf(topic, partition))
  }
  return processes
}

/** By how many records a process is behind with the state of a task. */
const lagOf = (task: TaskDescription, infos: Process["infos"], ends: ReadonlyMap<string, number>): number => {
  let sum: number | undefined
  for (const { offsetSums } of infos) {
    const given = offsetSums.get(task.id)
    if (given === latestOffset) return latestOffset
    if (given !== undefined && (sum === undefined || given > sum)) sum = given
  }
  const end = task.changelogs.reduce((all, { partition, topic }) => all + (ends.get(keyOf(topic, partition)) ?? 0), 0)
  return sum === undefined || sum < 0 || sum > end ? end : end - sum
}

const clientOf = (
  processId: string,
  { infos, members, owned, racks }: Process,
  tasks: ReadonlyArray<TaskDescription>,
  ends: ReadonlyMap<string, number>
): Client => {
  const stateful = tasks.filter((task) => task.changelogs.length > 0)
  const runs = ({ id, partitions }: TaskDescription) =>
    partitions.some(({ partition, topic }) => owned.has(keyOf(topic, partition))) ||
    infos.some(({ offsetSums }) => offsetSums.get(id) === latestOffset)
  const active = new Set(tasks.filter(runs).map((task) => task.id))
  const kept = tasks.filter(({ id }) => !active.has(id) && infos.some(({ offsetSums }) => offsetSums.has(id)))
  const [rack] = racks
  return {
    processId,
    threads: members.length,
    lags: new Map(stateful.map((task) => [task.id, lagOf(task, infos, ends)])),
    tags: infos[0]!.tags,
    rack: racks.size === 1 ? rack ?? undefined : undefined,
    previousActive: [...active],
    previousStandby: kept.map((task) => task.id)
  }
}

const located = ({ changelogs, partitions }: TaskDescription, racksOf: RacksOf): ReadonlyArray<TaskPartition> => {
  const all = new Map([...partitions, ...changelogs].map((each) => [keyOf(each.topic, each.partition), each]))
  return [...all.values()].map((each) => {
    const isIn = (list: ReadonlyArray<TopicPartition>) =>
      list.some(({ partition, topic }) => topic === each.topic && partition === each.partition)
    return { racks: racksOf(each), isSource: isIn(partitions), isChangelog: isIn(changelogs) }
  })
}

/** Without the ends of changelogs nobody's lag is known: tasks stay where they run. */
const assignorOf = ({ configs: { taskAssignor }, endOffsets }: Circumstances): TaskAssignor => {
  if (typeof taskAssignor === "function") return CustomAssignor.fromCustom(taskAssignor)
  if (taskAssignor === "sticky") return Sticky.assign
  if (taskAssignor === "legacySticky") return LegacySticky.assign
  return endOffsets === undefined ? FallbackPrior.assign : HighAvailability.assign
}

/** What each member gets: its active tasks, those that it has to wait for, and its standbys. */
interface Share {
  readonly active: Array<TaskDescription>
  readonly standby: Array<TaskDescription>
}

/**
 * Gives every task to a member, or to nobody yet if it is still held by another one. Members that speak another version get
 * nothing. Throws `InvalidAssignment`, if the app has an assignor of its own.
 *
 * @since 0.1.0
 */
export const assign = (
  topology: ResolvedTopology,
  group: GroupSubscription,
  circumstances: Circumstances
): Map<string, GroupAssignment> => {
  const tasks = tasksOf(topology, new Map(group.topics.map((topic) => [topic.name, topic.racks.length])))
  const processes = processesOf(group.members)
  const { configs, endOffsets = new Map<string, number>(), racksOf } = circumstances
  const { clients, isProbingNeeded } = assignorOf(circumstances)({
    clients: [...processes].map(([processId, process]) => clientOf(processId, process, tasks, endOffsets)),
    tasks: tasks.map((task) => task.id),
    statefulTasks: new Set(tasks.filter((task) => task.changelogs.length > 0).map((task) => task.id)),
    partitions: configs.rackAwareAssignmentStrategy === "none"
      ? undefined
      : new Map(tasks.map((task) => [task.id, located(task, racksOf)])),
    configs
  })
  const held = holders(group.members)
  const byId = new Map(tasks.map((task) => [task.id, task]))
  const described = (ids: Iterable<string>) => [...ids].map((id) => byId.get(id)!)
  const shares = new Map<string, Share>()
  for (const { active, client: { processId }, standby } of clients) {
    const { members } = processes.get(processId)!
    for (const [memberId, share] of amongMembers(members, described(active), described(standby), held)) {
      shares.set(memberId, share)
    }
  }
  return told(group.members, shares, processes, isProbingNeeded, circumstances)
}

const isHeldBy = (
  held: ReadonlyMap<string, string>,
  { partitions }: TaskDescription,
  isHolder: (memberId: string) => boolean
) =>
  partitions.some(({ partition, topic }) => {
    const holder = held.get(keyOf(topic, partition))
    return holder !== undefined && isHolder(holder)
  })

/** Spreads the tasks of a process over its members (its threads): a task stays with the member that has it. */
const amongMembers = (
  members: ReadonlyArray<string>,
  active: ReadonlyArray<TaskDescription>,
  standby: ReadonlyArray<TaskDescription>,
  held: ReadonlyMap<string, string>
): ReadonlyMap<string, Share> => {
  const owners = new Map<string, string>()
  for (const task of active) {
    const owner = members.find((memberId) => isHeldBy(held, task, (holder) => holder === memberId))
    if (owner !== undefined) owners.set(task.id, owner)
  }
  const assignable = active.map(({ changelogs, id }) => ({ id, isStateful: changelogs.length > 0 }))
  const byId = new Map(active.map((task) => [task.id, task]))
  const shares = new Map<string, Share>()
  for (const [memberId, ids] of TaskAssignment.assign(assignable, members, owners)) {
    const share: Share = { active: [], standby: [] }
    for (const id of ids) {
      const task = byId.get(id)!
      if (!isHeldBy(held, task, (holder) => holder !== memberId)) share.active.push(task)
      else if (task.changelogs.length > 0) share.standby.push(task)
    }
    shares.set(memberId, share)
  }
  const sizeOf = (memberId: string) => shares.get(memberId)!.active.length + shares.get(memberId)!.standby.length
  for (const task of standby) {
    const least = members.reduce((best, memberId) => sizeOf(memberId) < sizeOf(best) ? memberId : best)
    shares.get(least)!.standby.push(task)
  }
  return shares
}

/** The answers to all members; the first one with tasks asks again if it is needed. */
const told = (
  members: ReadonlyArray<Member>,
  shares: ReadonlyMap<string, Share>,
  processes: ReadonlyMap<string, Process>,
  isProbingNeeded: boolean,
  { nowMs, probingRebalanceIntervalMs }: Circumstances
): Map<string, GroupAssignment> => {
  const activeByHost = hostsOf(processes, shares, (share) => share.active)
  const standbyByHost = hostsOf(processes, shares, (share) => share.standby)
  const isStopping = [...processes.values()].some(({ infos }) =>
    infos.some((info) => info.errorCode === StreamsProtocol.shutdownRequested)
  )
  const prober = isProbingNeeded ? shares.keys().next().value : undefined
  const assignments = new Map<string, GroupAssignment>()
  for (const { memberId } of members) {
    const share = shares.get(memberId)
    if (share === undefined) {
      assignments.set(memberId, { partitions: [], userData: null })
      continue
    }
    assignments.set(memberId, {
      partitions: share.active.flatMap((task) => task.partitions),
      userData: StreamsProtocol.encodeAssignment({
        active: share.active.flatMap((task) => task.partitions.map(() => task.id)),
        standby: new Map(share.standby.map((task) => [task.id, task.partitions])),
        activeByHost,
        standbyByHost,
        errorCode: isStopping ? StreamsProtocol.shutdownRequested : 0,
        nextRebalanceMs: memberId === prober ? nowMs + probingRebalanceIntervalMs : Number.POSITIVE_INFINITY
      })
    })
  }
  return assignments
}

/** Which partitions can be asked for where, of the processes that say where they are. */
const hostsOf = (
  processes: ReadonlyMap<string, Process>,
  shares: ReadonlyMap<string, Share>,
  tasksOfShare: (share: Share) => ReadonlyArray<TaskDescription>
): ReadonlyArray<StreamsProtocol.HostPartitions> => {
  const hosts: Array<StreamsProtocol.HostPartitions> = []
  for (const { infos, members } of processes.values()) {
    const endPoint = infos.find((info) => info.endPoint !== undefined)?.endPoint
    if (endPoint === undefined) continue
    const at = endPoint.lastIndexOf(":")
    const partitions: ReadonlyArray<TopicPartition> = members.flatMap((memberId) => {
      const share = shares.get(memberId)
      return share === undefined ? [] : tasksOfShare(share).flatMap((task) => task.partitions)
    })
    hosts.push({ host: endPoint.slice(0, at), port: Number(endPoint.slice(at + 1)), partitions })
  }
  return hosts
}
