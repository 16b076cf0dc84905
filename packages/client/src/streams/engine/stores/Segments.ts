/**
 * Entries by time, in segments that expire as a whole: the order, and the forgetting, of Kafka's window and session stores on
 * disk.
 *
 * Keeps true: a scan gives segment by segment, and in each of them entries in the order of their bytes (key, then time); no
 * entry is given whose time is at or before (greatest time put − retention), though its segment may still be there.
 * Leaves to others: what the bytes of a key say (`SegmentedWindowStore`, `SegmentedSessionStore`).
 *
 * @since 0.1.0
 */
import { BytesMap } from "./BytesMap.ts"

/**
 * The shortest time that one segment is for, in milliseconds.
 *
 * @since 0.1.0
 */
export const segmentMinMs = 60_000

/**
 * The segments of a store.
 *
 * @since 0.1.0
 */
export class Segments<V> {
  private readonly segments = new Map<number, BytesMap<V>>()
  private readonly retentionMs: number
  private readonly segmentMs: number
  private observedTime = -1

  constructor(retentionMs: number) {
    this.retentionMs = retentionMs
    this.segmentMs = Math.max(Math.floor(retentionMs / 2), segmentMinMs)
  }

  /** The first time that is still given. */
  get firstTime(): number {
    return this.observedTime - this.retentionMs + 1
  }

  /** The entry of this key; undefined if it has expired. */
  get(time: number, key: Uint8Array): V | undefined {
    return time < this.firstTime ? undefined : this.segments.get(this.idOf(time))?.get(key)
  }

  /** Notes a time, and gives the segment that it belongs to; undefined if that has expired. */
  segmentOf(time: number): BytesMap<V> | undefined {
    if (time > this.observedTime) this.observedTime = time
    const oldest = this.idOf(this.observedTime - this.retentionMs)
    const id = this.idOf(time)
    if (id < oldest) return undefined
    const known = this.segments.get(id)
    if (known !== undefined) return known
    for (const each of this.segments.keys()) if (each < oldest) this.segments.delete(each)
    const segment = new BytesMap<V>()
    this.segments.set(id, segment)
    return segment
  }

  /**
   * The entries with keys from `from` to `to` (undefined: no bound), in the segments that hold times from `timeFrom` to
   * `timeTo`; all included.
   */
  *range(
    timeFrom: number,
    timeTo: number,
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
    reverse = false
  ): Generator<readonly [Uint8Array, V]> {
    const first = this.idOf(timeFrom)
    const last = this.idOf(timeTo)
    const ids = [...this.segments.keys()].filter((id) => id >= first && id <= last).sort((a, b) => a - b)
    for (const id of reverse ? ids.reverse() : ids) yield* this.segments.get(id)?.range(from, to, reverse) ?? []
  }

  /** The order of the segments of two times. */
  compare(a: number, b: number): number {
    return this.idOf(a) - this.idOf(b)
  }

  /** Forgets all. */
  clear(): void {
    this.segments.clear()
    this.observedTime = -1
  }

  private idOf(time: number): number {
    return Math.trunc(time / this.segmentMs)
  }
}
