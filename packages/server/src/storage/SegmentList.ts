/**
 * The segments of a log in order of their base offsets.
 *
 * Keeps true: there is always a last one, the active; only a few old segments keep their indexes in memory.
 *
 * @since 0.1.0
 */
import { residentSegmentsMax } from "../limits.ts"
import type { Segment } from "./Segment.ts"

/**
 * The segments of one log.
 *
 * @since 0.1.0
 */
export class SegmentList {
  #segments: ReadonlyArray<Segment>
  /** Old segments that were read last, the latest last. */
  #resident: Array<Segment> = []

  constructor(segments: ReadonlyArray<Segment>) {
    this.#segments = segments
    this.active.active = true
  }

  get all(): ReadonlyArray<Segment> {
    return this.#segments
  }

  get active(): Segment {
    return this.#segments.at(-1)!
  }

  get baseOffset(): number {
    return this.#segments[0]!.baseOffset
  }

  get sizeBytes(): number {
    let size = 0
    for (const segment of this.#segments) size += segment.size
    return size
  }

  /** The number of the segment that holds `offset`; 0 if all begin later. */
  indexOf(offset: number): number {
    let low = 0
    let high = this.#segments.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#segments[middle]!.baseOffset <= offset) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }

  /** Adds the segment that is written to from now on. */
  add(segment: Segment): void {
    this.active.active = false
    this.touch(this.active)
    segment.active = true
    this.#segments = [...this.#segments, segment]
  }

  /** Takes segments out; at least one stays. */
  remove(gone: ReadonlyArray<Segment>): void {
    this.#segments = this.#segments.filter((segment) => !gone.includes(segment))
    this.active.active = true
    this.#resident = this.#resident.filter((segment) => !segment.active && !gone.includes(segment))
  }

  /** Notes that the indexes of `segment` are in use, and frees those that were not for the longest time. */
  touch(segment: Segment): void {
    if (segment.active || this.#resident.at(-1) === segment) return
    this.#resident = this.#resident.filter((other) => other !== segment)
    this.#resident.push(segment)
    while (this.#resident.length > residentSegmentsMax) this.#resident.shift()!.release()
  }
}
