/**
 * How the instances of an app share its tasks: the assignor that the leader of their group runs.
 *
 * Keeps true: a task's partitions go to one member together; a task that moves is given to its new owner only after the old
 * one has given it up (the old owner's revocation brings the next rebalance), so no task runs twice.
 * Leaves to others: the balance (`TaskAssignment`), committing before a task is given up.
 *
 * @since 0.1.0
 */
import type { ResolvedTopology } from "@millrace/core/streams/ResolvedTopology"
import { keyOf, type TopicPartition } from "../../cluster/TopicPartition.ts"
import type { Member } from "../../consumer/assignor/Assignor.ts"
import type { GroupAssignment, GroupSubscription } from "../../consumer/ConsumerCore.ts"
import * as TaskAssignment from "./TaskAssignment.ts"
import { tasksOf } from "./TaskId.ts"

/**
 * The protocol's name in the group: it is not Kafka Streams' own, whose members could not read ours.
 *
 * @since 0.1.0
 */
export const name = "millrace-streams"

const version = "1"

/**
 * What a member tells the leader: who it is, and of which tasks it holds the state.
 *
 * @since 0.1.0
 */
export interface UserData {
  readonly processId: string
  readonly tasks: ReadonlyArray<string>
}

/**
 * The bytes of what a member tells.
 *
 * @since 0.1.0
 */
export const encodeUserData = (data: UserData): Uint8Array =>
  new TextEncoder().encode(`${version}\n${data.processId}\n${data.tasks.join(",")}`)

/**
 * Reads what a member told; undefined if it is of another version.
 *
 * @since 0.1.0
 */
export const decodeUserData = (bytes: Uint8Array | null): UserData | undefined => {
  const [given, processId, tasks] = bytes === null ? [] : new TextDecoder().decode(bytes).split("\n")
  if (given !== version || processId === undefined || tasks === undefined) return undefined
  return { processId, tasks: tasks === "" ? [] : tasks.split(",") }
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

/**
 * Gives every task to a member, or to nobody yet if it is still held by another one.
 *
 * @since 0.1.0
 */
export const assign = (topology: ResolvedTopology, group: GroupSubscription): Map<string, GroupAssignment> => {
  const tasks = tasksOf(topology, new Map(group.topics.map((topic) => [topic.name, topic.racks.length])))
  const held = holders(group.members)
  const owners = new Map<string, string>()
  for (const member of group.members) {
    for (const task of decodeUserData(member.userData)?.tasks ?? []) owners.set(task, member.memberId)
  }
  const holderOf = (partitions: ReadonlyArray<TopicPartition>) => {
    for (const { partition, topic } of partitions) {
      const holder = held.get(keyOf(topic, partition))
      if (holder !== undefined) return holder
    }
    return undefined
  }
  for (const { id, partitions } of tasks) {
    const holder = holderOf(partitions)
    if (holder !== undefined) owners.set(id, holder)
  }
  const byId = new Map(tasks.map((task) => [task.id, task]))
  const assignments = new Map<string, GroupAssignment>()
  for (const [memberId, ids] of TaskAssignment.assign(tasks, group.members.map((member) => member.memberId), owners)) {
    const partitions: Array<TopicPartition> = []
    for (const id of ids) {
      const task = byId.get(id)!
      const isHeldByAnother = task.partitions.some(({ partition, topic }) => {
        const holder = held.get(keyOf(topic, partition))
        return holder !== undefined && holder !== memberId
      })
      if (!isHeldByAnother) partitions.push(...task.partitions)
    }
    assignments.set(memberId, { partitions, userData: null })
  }
  return assignments
}
