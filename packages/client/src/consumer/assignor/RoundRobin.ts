/**
 * The `roundrobin` assignor: all partitions in order, dealt to the members in turn.
 *
 * @since 0.1.0
 */
import { compareText } from "../../cluster/TopicPartition.ts"
import {
  type AssignableTopic,
  type Assignment,
  type Assignor,
  compareMembers,
  type Member,
  wantedTopics
} from "./Assignor.ts"

/**
 * Deals the partitions, topics by name, to the members in turn; a member that did not subscribe is passed over.
 *
 * @since 0.1.0
 */
export const assign = (topics: ReadonlyArray<AssignableTopic>, members: ReadonlyArray<Member>): Assignment => {
  const assignment: Assignment = new Map(members.map((member) => [member.memberId, []]))
  const turns = [...members].sort(compareMembers).map((member) => ({
    topics: new Set(member.topics),
    partitions: assignment.get(member.memberId)!
  }))
  let turn = 0
  for (const topic of [...wantedTopics(topics, members)].sort((a, b) => compareText(a.name, b.name))) {
    for (let partition = 0; partition < topic.racks.length; partition++) {
      while (!turns[turn]!.topics.has(topic.name)) turn = (turn + 1) % turns.length
      turns[turn]!.partitions.push({ topic: topic.name, partition })
      turn = (turn + 1) % turns.length
    }
  }
  return assignment
}

/**
 * Kafka's `roundrobin`.
 *
 * @since 0.1.0
 */
export const roundRobin: Assignor = { name: "roundrobin", protocols: ["eager"], userData: () => null, assign }
