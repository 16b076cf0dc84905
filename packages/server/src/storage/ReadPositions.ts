/**
 * Where readers of a segment stopped, so that one who goes on there needs no search.
 *
 * Keeps true: a noted place is right as long as the segment is not cut; then all are to be forgotten.
 * Leaves to others: whether anything was written there yet.
 *
 * @since 0.1.0
 */
import { notedPositionsMax } from "../limits.ts"

/**
 * The latest of such places.
 *
 * @since 0.1.0
 */
export class ReadPositions {
  readonly #noted: Array<{ readonly offset: number; readonly position: number }> = []
  #next = 0

  /** Notes that the first batch that ends at or after `offset` is the one at `position`, now or when it is written. */
  note(offset: number, position: number): void {
    this.#noted[this.#next] = { offset, position }
    this.#next = (this.#next + 1) % notedPositionsMax
  }

  /** Where the first batch that ends at or after `offset` lies, if that was noted. */
  positionOf(offset: number): number | undefined {
    for (const noted of this.#noted) if (noted.offset === offset) return noted.position
    return undefined
  }
}
