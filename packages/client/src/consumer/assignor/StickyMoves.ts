/**
 * Which partitions went from whom to whom while balancing, so that no two of a topic are swapped for nothing.
 *
 * @since 0.1.0
 */
import type { Part } from "./StickyBoard.ts"

interface Move {
  readonly from: string
  readonly to: string
}

const keyOf = (topic: string, from: string, to: string): string => JSON.stringify([topic, from, to])

/**
 * The moves of one assignment.
 *
 * @since 0.1.0
 */
export class StickyMoves {
  readonly #moves = new Map<Part, Move>()
  readonly #parts = new Map<string, Set<Part>>()

  /** Notes that a partition went to another member; back to where it came from means that it never moved. */
  record(part: Part, from: string, to: string): void {
    const earlier = this.#moves.get(part)
    if (earlier === undefined) return this.#add(part, { from, to })
    this.#moves.delete(part)
    this.#parts.get(keyOf(part.topic, earlier.from, earlier.to))!.delete(part)
    if (earlier.from !== to) this.#add(part, { from: earlier.from, to })
  }

  #add(part: Part, move: Move): void {
    this.#moves.set(part, move)
    const key = keyOf(part.topic, move.from, move.to)
    const parts = this.#parts.get(key)
    if (parts === undefined) this.#parts.set(key, new Set([part]))
    else parts.add(part)
  }

  /** What to move in place of `part`: one of the topic that went the opposite way, if there is one. */
  instead(part: Part, from: string, to: string): Part {
    const origin = this.#moves.get(part)?.from ?? from
    for (const opposite of this.#parts.get(keyOf(part.topic, to, origin)) ?? []) return opposite
    return part
  }
}
