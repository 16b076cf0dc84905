/**
 * The `sticky` and `cooperative-sticky` assignors: balance first, then as few moves as possible.
 *
 * Keeps true: `cooperative-sticky` never gives a partition to a member while another one says to own it; the next
 * rebalance does, when that one has given it up.
 *
 * @since 0.1.0
 */
import { groupByTopic, keyOf, type TopicPartition } from "../../cluster/TopicPartition.ts"
import type { AssignableTopic, Assignment, Assignor, LastAssignment, Member } from "./Assignor.ts"
import { type Claim, type Part, StickyBoard } from "./StickyBoard.ts"
import * as StickyConstrained from "./StickyConstrained.ts"
import * as StickyGeneral from "./StickyGeneral.ts"

const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/**
 * The user data of `sticky`, version 1: the partitions by topic, and the generation.
 *
 * @since 0.1.0
 */
export const encodeUserData = (last: LastAssignment): Uint8Array => {
  const topics = [...groupByTopic(last.partitions)].map(([topic, partitions]) => ({
    name: encoder.encode(topic),
    partitions
  }))
  let size = 8
  for (const topic of topics) size += 6 + topic.name.length + 4 * topic.partitions.length
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  view.setInt32(0, topics.length)
  let at = 4
  for (const { name, partitions } of topics) {
    view.setInt16(at, name.length)
    bytes.set(name, at + 2)
    at += 2 + name.length
    view.setInt32(at, partitions.length)
    at += 4
    for (const partition of partitions) {
      view.setInt32(at, partition)
      at += 4
    }
  }
  view.setInt32(at, last.generationId)
  return bytes
}

const nothing: Claim = { partitions: [], generationId: -1 }

/**
 * Reads the user data of `sticky`, version 1 or 0 (without generation); whatever is neither says nothing.
 *
 * @since 0.1.0
 */
export const decodeUserData = (bytes: Uint8Array | null): Claim => {
  if (bytes === null || bytes.length === 0) return nothing
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const partitions: Array<TopicPartition> = []
  let at = 0
  const fits = (size: number) => size >= 0 && at + size <= bytes.length
  if (!fits(4)) return nothing
  const topics = view.getInt32(at)
  at += 4
  if (topics < 0) return nothing
  for (let i = 0; i < topics; i++) {
    if (!fits(2)) return nothing
    const length = view.getInt16(at)
    at += 2
    if (length < 0 || !fits(length + 4)) return nothing
    const topic = decoder.decode(bytes.subarray(at, at + length))
    const count = view.getInt32(at + length)
    at += length + 4
    if (count < 0 || !fits(4 * count)) return nothing
    for (let j = 0; j < count; j++, at += 4) partitions.push({ topic, partition: view.getInt32(at) })
  }
  return fits(4)
    ? { partitions, generationId: view.getInt32(at) }
    : { partitions, generationId: -1 }
}

const cooperativeClaim = (member: Member): Claim => {
  const { generationId, ownedPartitions: partitions, userData } = member
  if (generationId >= 0) return { partitions, generationId }
  if (userData === null) return { partitions, generationId: -1 }
  if (userData.length < 4) return { partitions, generationId: -1 }
  const view = new DataView(userData.buffer, userData.byteOffset, userData.byteLength)
  return { partitions, generationId: view.getInt32(0) }
}

const toAssignment = (
  parts: ReadonlyMap<string, ReadonlyArray<Part>>,
  without: ReadonlyMap<Part, string>
): Assignment => {
  const assignment: Assignment = new Map()
  for (const [memberId, given] of parts) {
    const partitions = given.filter((part) => without.get(part) !== memberId)
    assignment.set(memberId, partitions.map(({ partition, topic }) => ({ topic, partition })))
  }
  return assignment
}

const nobody: ReadonlyMap<Part, string> = new Map()

/**
 * The `sticky` assignment: what members had comes from their user data.
 *
 * @since 0.1.0
 */
export const assignSticky = (topics: ReadonlyArray<AssignableTopic>, members: ReadonlyArray<Member>): Assignment => {
  if (members.length === 0) return new Map()
  const board = new StickyBoard(topics, members, (member) => decodeUserData(member.userData))
  const parts = board.sameTopics ? StickyConstrained.assign(board).assignment : StickyGeneral.assign(board)
  return toAssignment(parts, nobody)
}

/** What is given to one member while another still says to own it. */
const transferring = (
  parts: ReadonlyMap<string, ReadonlyArray<Part>>,
  members: ReadonlyArray<Member>
): Map<Part, string> => {
  const owners = new Map<string, Set<string>>()
  for (const member of members) {
    for (const { partition, topic } of member.ownedPartitions) {
      const key = keyOf(topic, partition)
      const known = owners.get(key)
      if (known === undefined) owners.set(key, new Set([member.memberId]))
      else known.add(member.memberId)
    }
  }
  const moved = new Map<Part, string>()
  for (const [memberId, given] of parts) {
    for (const part of given) {
      const had = owners.get(keyOf(part.topic, part.partition))
      if (had !== undefined && !had.has(memberId)) moved.set(part, memberId)
    }
  }
  return moved
}

/**
 * The `cooperative-sticky` assignment: what members had comes from their subscriptions; what moves is held back.
 *
 * @since 0.1.0
 */
export const assignCooperative = (
  topics: ReadonlyArray<AssignableTopic>,
  members: ReadonlyArray<Member>
): Assignment => {
  if (members.length === 0) return new Map()
  const board = new StickyBoard(topics, members, cooperativeClaim)
  if (board.sameTopics) {
    const { assignment, moved } = StickyConstrained.assign(board)
    return toAssignment(assignment, moved)
  }
  const parts = StickyGeneral.assign(board)
  return toAssignment(parts, transferring(parts, members))
}

/**
 * Kafka's `sticky`.
 *
 * @since 0.1.0
 */
export const sticky: Assignor = {
  name: "sticky",
  protocols: ["eager"],
  userData: (last) => last === null ? null : encodeUserData(last),
  assign: assignSticky
}

/**
 * Kafka's `cooperative-sticky`.
 *
 * @since 0.1.0
 */
export const cooperativeSticky: Assignor = {
  name: "cooperative-sticky",
  protocols: ["cooperative", "eager"],
  userData: (last) => {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setInt32(0, last === null ? -1 : last.generationId)
    return bytes
  },
  assign: assignCooperative
}
