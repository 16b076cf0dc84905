/**
 * The sticky assignment when members want different topics: start from what they own, give out the rest, then move
 * single partitions from fuller to emptier members until no move helps.
 *
 * Keeps true: a partition goes to a subscriber of its topic; if moving things about did not improve the balance, it
 * is undone.
 *
 * @since 0.1.0
 */
import { compareText } from "../../cluster/TopicPartition.ts"
import type { Member } from "./Assignor.ts"
import { type Part, remove, type StickyBoard } from "./StickyBoard.ts"
import { StickyMoves } from "./StickyMoves.ts"

/**
 * Gives out all partitions.
 *
 * @since 0.1.0
 */
export const assign = (board: StickyBoard): Map<string, Array<Part>> => new Balance(board).run()

class Balance {
  readonly #board: StickyBoard
  readonly #assignment: Map<string, Array<Part>>
  readonly #owner = new Map<Part, string>()
  /** Who wants a topic, and what a member wants of what exists. */
  readonly #subscribers = new Map<string, Array<string>>()
  readonly #wanted = new Map<string, ReadonlyArray<string>>()
  readonly #parts: ReadonlyArray<Part>
  /** Member ids, the emptiest first, then by name. */
  #bySize: Array<string> = []
  readonly #moves = new StickyMoves()
  /** Where a partition was in an earlier generation than the last. */
  readonly #before = new Map<Part, { readonly memberId: string; readonly generationId: number }>()
  #revoked = false

  constructor(board: StickyBoard) {
    this.#board = board
    this.#assignment = new Map([...board.owned].map(([memberId, parts]) => [memberId, [...parts]]))
    for (const topic of board.topics.keys()) this.#subscribers.set(topic, [])
    for (const member of board.members) {
      const wanted = member.topics.filter((topic) => board.topics.has(topic))
      this.#wanted.set(member.memberId, wanted)
      for (const topic of wanted) this.#subscribers.get(topic)!.push(member.memberId)
    }
    for (const [memberId, parts] of this.#assignment) for (const part of parts) this.#owner.set(part, memberId)
    const topics = [...board.topics.keys()].sort((a, b) =>
      this.#subscribers.get(a)!.length - this.#subscribers.get(b)!.length || compareText(a, b)
    )
    this.#parts = topics.flatMap((topic) => board.topics.get(topic)!)
  }

  run(): Map<string, Array<Part>> {
    for (const member of this.#board.members) this.#rememberBefore(member)
    const left = this.#keep()
    this.#bySize = [...this.#assignment.keys()].sort((a, b) => this.#compareSize(a, b))
    this.#balance(left)
    return this.#assignment
  }

  #rememberBefore(member: Member): void {
    const claim = this.#board.claims.get(member.memberId)!
    if (claim.generationId >= this.#board.maxGeneration) return
    for (const partition of claim.partitions) {
      const part = this.#board.part(partition)
      if (part === undefined) continue
      const known = this.#before.get(part)
      if (known !== undefined && claim.generationId <= known.generationId) continue
      this.#before.set(part, { memberId: member.memberId, generationId: claim.generationId })
    }
  }

  /** Drops what a member may not keep; gives what nobody has. */
  #keep(): Array<Part> {
    const kept = new Set<Part>()
    for (const [memberId, parts] of this.#assignment) {
      const wanted = this.#wanted.get(memberId)!
      for (const part of [...parts]) {
        if (wanted.includes(part.topic) && !this.#board.racks.isFar(memberId, part)) {
          kept.add(part)
        } else {
          remove(parts, part)
          this.#revoked = true
        }
      }
    }
    return this.#parts.filter((part) => !kept.has(part))
  }

  #size(memberId: string): number {
    return this.#assignment.get(memberId)?.length ?? 0
  }

  #compareSize(a: string, b: string): number {
    return this.#size(a) - this.#size(b) || compareText(a, b)
  }

  #place(memberId: string): void {
    let low = 0
    let high = this.#bySize.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#compareSize(this.#bySize[middle]!, memberId) < 0) low = middle + 1
      else high = middle
    }
    this.#bySize.splice(low, 0, memberId)
  }

  #giveToEmptiest(part: Part, nearOnly: boolean): boolean {
    for (const memberId of this.#bySize) {
      if (!this.#wanted.get(memberId)!.includes(part.topic)) continue
      if (nearOnly && this.#board.racks.isFar(memberId, part)) continue
      remove(this.#bySize, memberId)
      this.#assignment.get(memberId)!.push(part)
      this.#owner.set(part, memberId)
      this.#place(memberId)
      return true
    }
    return false
  }

  #balance(left: Array<Part>): void {
    const initial = this.#size(this.#bySize[this.#bySize.length - 1]!) === 0
    let toGive = left
    if (this.#board.racks.aware) toGive = left.filter((part) => !this.#giveToEmptiest(part, true))
    for (const part of toGive) this.#giveToEmptiest(part, false)

    const isMovable = (part: Part) => this.#subscribers.get(part.topic)!.length >= 2
    const fixed = this.#takeFixed()
    const before = new Map([...this.#assignment].map(([memberId, parts]) => [memberId, [...parts]]))
    if (!this.#revoked) this.#reassign(left.filter(isMovable))
    const moved = this.#reassign(this.#parts.filter(isMovable))
    if (!initial && moved && imbalance(this.#assignment) >= imbalance(before)) {
      for (const [memberId, parts] of before) this.#assignment.set(memberId, parts)
    }
    for (const [memberId, parts] of fixed) this.#assignment.set(memberId, parts)
  }

  /** Members that can neither give nor take leave the game. */
  #takeFixed(): Map<string, Array<Part>> {
    const fixed = new Map<string, Array<Part>>()
    for (const [memberId, parts] of [...this.#assignment]) {
      if (parts.length < this.#sizeMax(memberId)) continue
      if (parts.some((part) => this.#subscribers.get(part.topic)!.length >= 2)) continue
      remove(this.#bySize, memberId)
      this.#assignment.delete(memberId)
      fixed.set(memberId, parts)
    }
    return fixed
  }

  #sizeMax(memberId: string): number {
    let size = 0
    for (const topic of this.#wanted.get(memberId)!) size += this.#board.topics.get(topic)!.length
    return size
  }

  #isBalanced(): boolean {
    const smallest = this.#size(this.#bySize[0]!)
    const largest = this.#size(this.#bySize[this.#bySize.length - 1]!)
    if (smallest >= largest - 1) return true
    const owners = new Map<Part, string>()
    for (const [memberId, parts] of this.#assignment) for (const part of parts) owners.set(part, memberId)
    for (const memberId of this.#bySize) {
      const size = this.#size(memberId)
      if (size === this.#sizeMax(memberId)) continue
      for (const topic of this.#wanted.get(memberId)!) {
        for (const part of this.#board.topics.get(topic)!) {
          const other = owners.get(part)
          if (other !== undefined && other !== memberId && size + 1 < this.#size(other)) return false
        }
      }
    }
    return true
  }

  #reassign(parts: ReadonlyArray<Part>): boolean {
    let moved = false
    for (let again = true; again;) {
      again = false
      for (const part of parts) {
        if (this.#isBalanced()) break
        if (!this.#improve(part)) continue
        again = true
        moved = true
      }
    }
    return moved
  }

  /** Moves the partition if its owner has at least two more than somebody who could have it. */
  #improve(part: Part): boolean {
    const owner = this.#owner.get(part)!
    const size = this.#size(owner)
    const before = this.#before.get(part)
    if (before !== undefined && this.#assignment.has(before.memberId) && size > this.#size(before.memberId) + 1) {
      this.#move(part, before.memberId)
      return true
    }
    const subscribers = this.#subscribers.get(part.topic)!
    if (!subscribers.some((other) => size > this.#size(other) + 1)) return false
    const emptiest = this.#bySize.find((memberId) => this.#wanted.get(memberId)!.includes(part.topic))!
    this.#move(part, emptiest)
    return true
  }

  #move(wanted: Part, to: string): void {
    const part = this.#moves.instead(wanted, this.#owner.get(wanted)!, to)
    const from = this.#owner.get(part)!
    remove(this.#bySize, from)
    remove(this.#bySize, to)
    this.#moves.record(part, from, to)
    remove(this.#assignment.get(from)!, part)
    this.#assignment.get(to)!.push(part)
    this.#owner.set(part, to)
    this.#place(to)
    this.#place(from)
  }
}

/** The sum of the differences in size of all pairs. */
const imbalance = (assignment: ReadonlyMap<string, ReadonlyArray<Part>>): number => {
  const sizes = [...assignment.values()].map((parts) => parts.length).sort((a, b) => a - b)
  let score = 0
  let sum = 0
  for (const [at, size] of sizes.entries()) {
    score += size * at - sum
    sum += size
  }
  return score
}
