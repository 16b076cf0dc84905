/**
 * The sticky assignment when all members want the same topics: quotas are known beforehand, so one pass will do.
 *
 * Keeps true: sizes differ by one at most; what a member keeps is the most that its quota allows, except that
 * partitions move to members near to them where racks make a difference.
 *
 * @since 0.1.0
 */
import { compareText } from "../../cluster/TopicPartition.ts"
import { type Part, remove, type StickyBoard } from "./StickyBoard.ts"

/**
 * Gives out all partitions. `moved` has those that somebody else said to own, with their new owner.
 *
 * @since 0.1.0
 */
export const assign = (board: StickyBoard): { assignment: Map<string, Array<Part>>; moved: Map<Part, string> } => {
  const deal = new Deal(board)
  deal.keep()
  const left = deal.left()
  deal.dealNear(left)
  deal.dealAround(left)
  return { assignment: deal.assignment, moved: deal.moved }
}

class Deal {
  readonly assignment: Map<string, Array<Part>>
  readonly moved = new Map<Part, string>()
  readonly #board: StickyBoard
  readonly #revoked = new Map<Part, string>()
  readonly #low: number
  readonly #high: number
  /** How many members may have `high`, and how many have. */
  readonly #fullMax: number
  #full = 0
  /** Members below `low`, and members at `low` that may get one more. */
  #short: Array<string> = []
  #even: Array<string> = []

  constructor(board: StickyBoard) {
    this.#board = board
    this.assignment = new Map(board.members.map((member) => [member.memberId, []]))
    this.#low = Math.floor(board.partitionCount / board.members.length)
    this.#high = Math.ceil(board.partitionCount / board.members.length)
    this.#fullMax = board.partitionCount % board.members.length
  }

  #countFull(): void {
    this.#full++
    if (this.#full === this.#fullMax) this.#even = []
  }

  keep(): void {
    for (const [memberId, claimed] of this.#board.owned) {
      const owned: Array<Part> = []
      for (const part of claimed) {
        if (this.#board.racks.isFar(memberId, part)) this.#revoked.set(part, memberId)
        else if (!this.#board.contested.has(part)) owned.push(part)
      }
      owned.sort((a, b) => a.partition - b.partition || compareText(a.topic, b.topic))
      let kept = owned.length
      if (owned.length < this.#low) {
        this.#short.push(memberId)
      } else if (owned.length >= this.#high && this.#full < this.#fullMax) {
        kept = this.#high
        this.#countFull()
      } else {
        kept = this.#low
        if (this.#full < this.#fullMax) this.#even.push(memberId)
      }
      this.assignment.get(memberId)!.push(...owned.slice(0, kept))
      for (const part of owned.slice(kept)) this.#revoked.set(part, memberId)
    }
    this.#short.sort(compareText)
    this.#even.sort(compareText)
  }

  left(): Array<Part> {
    const taken = new Set<Part>()
    for (const parts of this.assignment.values()) for (const part of parts) taken.add(part)
    const left: Array<Part> = []
    for (const parts of this.#board.topics.values()) for (const part of parts) if (!taken.has(part)) left.push(part)
    return this.#board.racks.sort(left)
  }

  #give(part: Part, memberId: string): number {
    const revokedFrom = this.#revoked.get(part)
    if ((revokedFrom !== undefined && revokedFrom !== memberId) || this.#board.contested.has(part)) {
      this.moved.set(part, memberId)
    }
    return this.assignment.get(memberId)!.push(part)
  }

  /** To members that are near, in turn; takes what it gave out of `left`. */
  dealNear(left: Array<Part>): void {
    if (!this.#board.racks.aware) return
    let turn = 0
    for (const part of [...left]) {
      const at = this.#board.racks.next(part, this.#short, turn)
      let memberId: string | undefined
      if (at >= 0) {
        memberId = this.#short[at]!
        turn = this.#advance(memberId, at)
      } else {
        memberId = this.#nearAmongEven(part)
      }
      if (memberId === undefined) continue
      this.#give(part, memberId)
      remove(left, part)
    }
  }

  #advance(memberId: string, at: number): number {
    const count = this.assignment.get(memberId)!.length + 1
    if (count < this.#low) return (at + 1) % this.#short.length
    remove(this.#short, memberId)
    if (count < this.#high && this.#full < this.#fullMax) this.#even.push(memberId)
    return this.#short.length === 0 ? 0 : at % this.#short.length
  }

  #nearAmongEven(part: Part): string | undefined {
    const at = this.#board.racks.next(part, this.#even, 0)
    if (at < 0) return undefined
    const memberId = this.#even[at]!
    if (this.assignment.get(memberId)!.length + 1 === this.#high) {
      this.#even.splice(at, 1)
      this.#countFull()
    }
    return memberId
  }

  /** To members below `low` in turn, then one more to each that may have it. */
  dealAround(left: ReadonlyArray<Part>): void {
    let turn = 0
    for (const part of left) {
      if (this.#short.length > 0) {
        if (turn >= this.#short.length) turn = 0
        const memberId = this.#short[turn++]!
        if (this.#give(part, memberId) !== this.#low) continue
        this.#short.splice(--turn, 1)
        this.#even.push(memberId)
      } else {
        this.#give(part, this.#even.shift()!)
        this.#full++
      }
    }
  }
}
