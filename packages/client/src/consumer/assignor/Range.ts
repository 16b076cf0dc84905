/**
 * The `range` assignor: of each topic, a run of consecutive partitions for each member; racks first where they matter.
 *
 * Keeps true: topics with equal counts and equal subscribers are cut alike, so that equal keys meet in one member.
 *
 * @since 0.1.0
 */
import { compare, compareText } from "../../cluster/TopicPartition.ts"
import {
  type AssignableTopic,
  type Assignment,
  type Assignor,
  compareMembers,
  type Member,
  rackOf,
  racksMatter,
  wantedTopics
} from "./Assignor.ts"

/** One topic while it is being cut. */
class Cut {
  readonly topic: AssignableTopic
  readonly members: ReadonlyArray<Member>
  readonly rackAware: boolean
  readonly hasRacks: boolean
  readonly #unassigned: Set<number>
  readonly #counts = new Map<string, number>()
  readonly #quota: number
  #extra: number

  constructor(topic: AssignableTopic, members: ReadonlyArray<Member>) {
    this.topic = topic
    this.members = members
    this.#unassigned = new Set(topic.racks.keys())
    this.#quota = members.length === 0 ? 0 : Math.floor(topic.racks.length / members.length)
    this.#extra = members.length === 0 ? 0 : topic.racks.length % members.length
    const memberRacks = new Set<string>()
    for (const member of members) {
      const rack = rackOf(member)
      if (rack !== null) memberRacks.add(rack)
    }
    this.hasRacks = memberRacks.size > 0
    this.rackAware = racksMatter(memberRacks, topic.racks)
  }

  isNear(member: Member, partition: number): boolean {
    const rack = rackOf(member)
    return rack === null || (this.hasRacks && this.topic.racks[partition]!.includes(rack))
  }

  room(member: Member): number {
    return Math.max(0, this.#quota + (this.#extra > 0 ? 1 : 0) - (this.#counts.get(member.memberId) ?? 0))
  }

  give(member: Member, partitions: ReadonlyArray<number>, assignment: Assignment): void {
    const count = (this.#counts.get(member.memberId) ?? 0) + partitions.length
    this.#counts.set(member.memberId, count)
    if (count > this.#quota) this.#extra--
    for (const partition of partitions) {
      this.#unassigned.delete(partition)
      assignment.get(member.memberId)!.push({ topic: this.topic.name, partition })
    }
  }

  /** Gives each member its run, of what is left and may be given to it. */
  deal(assignment: Assignment, nearOnly: boolean): void {
    for (const member of this.members) {
      if (this.#unassigned.size === 0) return
      const run: Array<number> = []
      const room = this.room(member)
      for (const partition of this.#unassigned) {
        if (run.length === room) break
        if (!nearOnly || this.isNear(member, partition)) run.push(partition)
      }
      if (run.length > 0) this.give(member, run, assignment)
    }
  }
}

/** Topics with the same members and count: one member takes a partition number of all of them, if it is near to all. */
const dealTogether = (cuts: ReadonlyArray<Cut>, assignment: Assignment): void => {
  const remaining = new Set(cuts[0]!.members)
  const partitions = cuts[0]!.hasRacks ? cuts[0]!.topic.racks.length : 0
  for (let partition = 0; partition < partitions; partition++) {
    const member = [...remaining].find((one) => cuts.every((cut) => cut.isNear(one, partition) && cut.room(one) > 0))
    if (member === undefined) continue
    for (const cut of cuts) cut.give(member, [partition], assignment)
    if (cuts.some((cut) => cut.room(member) > 0)) continue
    remaining.delete(member)
    if (remaining.size === 0) return
  }
}

const dealByRack = (cuts: ReadonlyArray<Cut>, assignment: Assignment): void => {
  const groups = new Map<string, Array<Cut>>()
  for (const cut of cuts) {
    const key = JSON.stringify([
      cut.members.map((member) => member.memberId),
      cut.hasRacks ? cut.topic.racks.length : 0
    ])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [cut])
    else group.push(cut)
  }
  for (const group of groups.values()) {
    if (group.length > 1) dealTogether(group, assignment)
    else if (group[0]!.rackAware) group[0]!.deal(assignment, true)
  }
}

/**
 * Cuts each topic into runs, one for each of its subscribers; the first of them get one more if it does not divide.
 *
 * @since 0.1.0
 */
export const assign = (topics: ReadonlyArray<AssignableTopic>, members: ReadonlyArray<Member>): Assignment => {
  const assignment: Assignment = new Map(members.map((member) => [member.memberId, []]))
  const sorted = [...members].sort(compareMembers)
  const cuts = [...wantedTopics(topics, members)]
    .sort((a, b) => compareText(a.name, b.name))
    .map((topic) => new Cut(topic, sorted.filter((member) => member.topics.includes(topic.name))))
  const rackAware = cuts.some((cut) => cut.rackAware)
  if (rackAware) dealByRack(cuts, assignment)
  for (const cut of cuts) cut.deal(assignment, false)
  if (rackAware) { for (const partitions of assignment.values()) partitions.sort(compare) }
  return assignment
}

/**
 * Kafka's `range`.
 *
 * @since 0.1.0
 */
export const range: Assignor = { name: "range", protocols: ["eager"], userData: () => null, assign }
