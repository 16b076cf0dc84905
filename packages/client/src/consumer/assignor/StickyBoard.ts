/**
 * What the sticky assignors start from: all partitions, who says to own them, and where racks make a difference.
 *
 * Keeps true: each partition is one value (compared by identity) and has at most one believed owner. Of two members
 * that claim a partition the one with the later generation is believed; of two in the same generation, neither.
 * Leaves to others: giving partitions out (`StickyConstrained`, `StickyGeneral`).
 *
 * @since 0.1.0
 */
import { compareText, keyOf, type TopicPartition } from "../../cluster/TopicPartition.ts"
import { type AssignableTopic, type Member, rackOf, racksMatter, wantedTopics } from "./Assignor.ts"

/**
 * One partition, by identity.
 *
 * @since 0.1.0
 */
export interface Part extends TopicPartition {
  readonly racks: ReadonlySet<string>
}

/**
 * What a member says about itself: its partitions, and the generation in which it got them (-1: not known).
 *
 * @since 0.1.0
 */
export interface Claim {
  readonly partitions: ReadonlyArray<TopicPartition>
  readonly generationId: number
}

/**
 * The racks of members and partitions, as far as they make a difference.
 *
 * @since 0.1.0
 */
export class Racks {
  readonly #memberRacks = new Map<string, string>()
  readonly #candidates = new Map<Part, number>()
  readonly aware: boolean

  constructor(parts: ReadonlyArray<Part>, members: ReadonlyArray<Member>) {
    const sizes = new Map<string, number>()
    for (const member of members) {
      const rack = rackOf(member)
      if (rack !== null) sizes.set(rack, (sizes.get(rack) ?? 0) + 1)
    }
    this.aware = racksMatter(new Set(sizes.keys()), parts.map((part) => [...part.racks]))
    if (sizes.size > 0) {
      for (const part of parts) {
        let candidates = 0
        for (const rack of part.racks) candidates += sizes.get(rack) ?? 0
        this.#candidates.set(part, candidates)
      }
    }
    if (!this.aware) return
    for (const member of members) {
      const rack = rackOf(member)
      if (rack !== null) this.#memberRacks.set(member.memberId, rack)
    }
  }

  /** Whether the member has a rack in which the partition has no replica. */
  isFar(memberId: string, part: Part): boolean {
    const rack = this.#memberRacks.get(memberId)
    return rack !== undefined && !part.racks.has(rack)
  }

  /** Whether the member has a rack in which the partition has a replica. */
  isNear(memberId: string, part: Part): boolean {
    const rack = this.#memberRacks.get(memberId)
    return rack !== undefined && part.racks.has(rack)
  }

  /** Those first that the fewest members are near to. */
  sort(parts: ReadonlyArray<Part>): Array<Part> {
    return [...parts].sort((a, b) => (this.#candidates.get(a) ?? 0) - (this.#candidates.get(b) ?? 0))
  }

  /** The first member, from `from` on and around, that is near to the partition; -1 if none is. */
  next(part: Part, memberIds: ReadonlyArray<string>, from: number): number {
    for (let i = 0; i < memberIds.length; i++) {
      const at = (from + i) % memberIds.length
      if (this.isNear(memberIds[at]!, part)) return at
    }
    return -1
  }
}

/**
 * The start of a sticky assignment.
 *
 * @since 0.1.0
 */
export class StickyBoard {
  readonly members: ReadonlyArray<Member>
  readonly claims: ReadonlyMap<string, Claim>
  /** By topic name, in the order of names. */
  readonly topics = new Map<string, ReadonlyArray<Part>>()
  readonly racks: Racks
  /** The believed owner's partitions, by member id. */
  readonly owned = new Map<string, Array<Part>>()
  /** Claimed by two members of one generation. */
  readonly contested = new Set<Part>()
  readonly sameTopics: boolean
  readonly maxGeneration: number
  readonly #parts = new Map<string, Part>()

  constructor(
    topics: ReadonlyArray<AssignableTopic>,
    members: ReadonlyArray<Member>,
    claimOf: (member: Member) => Claim
  ) {
    this.members = members
    this.claims = new Map(members.map((member) => [member.memberId, claimOf(member)]))
    for (const topic of [...wantedTopics(topics, members)].sort((a, b) => compareText(a.name, b.name))) {
      this.topics.set(topic.name, topic.racks.map((racks, partition) => this.#add(topic.name, partition, racks)))
    }
    this.racks = new Racks([...this.#parts.values()], members)
    let maxGeneration = -1
    for (const claim of this.claims.values()) maxGeneration = Math.max(maxGeneration, claim.generationId)
    this.maxGeneration = maxGeneration
    this.sameTopics = this.#haveSameTopics()
    this.#believe()
  }

  #add(topic: string, partition: number, racks: ReadonlyArray<string>): Part {
    const part: Part = { topic, partition, racks: new Set(racks) }
    this.#parts.set(keyOf(topic, partition), part)
    return part
  }

  part(partition: TopicPartition): Part | undefined {
    return this.#parts.get(keyOf(partition.topic, partition.partition))
  }

  get partitionCount(): number {
    return this.#parts.size
  }

  #haveSameTopics(): boolean {
    const first = new Set(this.members[0]?.topics)
    return this.members.every(({ topics }) => topics.length === first.size && topics.every((topic) => first.has(topic)))
  }

  #believe(): void {
    const owners = new Map<Part, Member>()
    for (const member of this.members) {
      const owned: Array<Part> = []
      this.owned.set(member.memberId, owned)
      const claim = this.claims.get(member.memberId)!
      for (const partition of claim.partitions) {
        const part = this.part(partition)
        if (part === undefined) continue
        const other = owners.get(part)
        if (other !== undefined) {
          if (claim.generationId < other.generationId) continue
          remove(this.owned.get(other.memberId)!, part)
          if (claim.generationId === other.generationId) this.contested.add(part)
          else owned.push(part)
        } else {
          owned.push(part)
        }
        owners.set(part, member)
      }
    }
  }
}

/**
 * Takes the first occurrence out of a list.
 *
 * @since 0.1.0
 */
export const remove = <A>(list: Array<A>, element: A): void => {
  const at = list.indexOf(element)
  if (at >= 0) list.splice(at, 1)
}
