/**
 * Entries by time, in segments that expire as a whole: the order, and the forgetting, of Kafka's window and session stores on
 * disk.
 *
 * Keeps true: a scan gives segment by segment, and in each of them entries in the order of their bytes (key, then time); no
 * segment is given that has expired; `get` gives nothing at or before (greatest time put − retention) either, though its segment
 * may still be there. All is in one ordered map, the entries below the numbers of their segments; so is the greatest time put.
 * Leaves to others: what the bytes of a key say (`SegmentedWindowStore`, `SegmentedSessionStore`), and leaving out of a scan
 * what has expired in a segment that has not.
 *
 * @since 0.1.0
 */
import { equalBytes, largerOf, smallerOf } from "./BytesMap.ts"
import { ExpiredEntries } from "./ExpiredEntries.ts"
import { addressOf, keyOf, type OrderedMap, StoredNumber } from "./OrderedMap.ts"

/**
 * The shortest time that one segment is for, in milliseconds.
 *
 * @since 0.1.0
 */
export const segmentMinMs = 60_000

/**
 * The segments of a store. Number 0 of the map's stored numbers is theirs.
 *
 * @since 0.1.0
 */
export class Segments {
  private readonly map: OrderedMap
  private readonly retentionMs: number
  private readonly segmentMs: number
  private readonly observed: StoredNumber
  private readonly expired: ExpiredEntries

  constructor(map: OrderedMap, retentionMs: number) {
    this.map = map
    this.retentionMs = retentionMs
    this.segmentMs = Math.max(Math.floor(retentionMs / 2), segmentMinMs)
    this.observed = new StoredNumber(map, 0, -1)
    this.expired = new ExpiredEntries(map)
  }

  /** The first time that is still given. */
  get firstTime(): number {
    return this.observed.value - this.retentionMs + 1
  }

  /** The entry of this key; undefined if it has expired. */
  get(time: number, key: Uint8Array): Uint8Array | undefined {
    return time < this.firstTime ? undefined : this.map.get(addressOf(this.idOf(time), key))
  }

  /** Notes a time, and puts (null: deletes) what is of that time; false if its segment has expired. */
  put(time: number, key: Uint8Array, value: Uint8Array | null): boolean {
    if (time > this.observed.value) this.observed.value = time
    const oldest = this.oldest
    const id = this.idOf(time)
    this.expired.letGo(oldest)
    if (id < oldest) return false
    const address = addressOf(id, key)
    if (value === null) this.map.delete(address)
    else this.map.set(address, value)
    return true
  }

  /**
   * The entries with keys from `from` to `to` (undefined: no bound), in the segments that hold times from `timeFrom` to
   * `timeTo`; all included. `after`: only those that follow an entry, in the direction of reading.
   */
  *range(
    timeFrom: number,
    timeTo: number,
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
    reverse = false,
    after?: { readonly time: number; readonly key: Uint8Array }
  ): Generator<readonly [Uint8Array, Uint8Array]> {
    const afterId = after === undefined ? undefined : this.idOf(after.time)
    const oldest = Math.max(this.idOf(Math.max(timeFrom, 0)), this.oldest)
    const latest = this.idOf(Math.min(timeTo, this.observed.value))
    const first = afterId === undefined || reverse ? oldest : Math.max(oldest, afterId)
    const last = afterId === undefined || !reverse ? latest : Math.min(latest, afterId)
    for (let i = 0; i <= last - first; i++) {
      const id = reverse ? last - i : first + i
      const place = id === afterId ? after?.key : undefined
      const low = reverse ? from : largerOf(from, place)
      const high = reverse ? smallerOf(to, place) : to
      const end = high === undefined ? addressOf(id + 1) : addressOf(id, high)
      for (const [address, value] of this.map.range(addressOf(id, low), end, reverse)) {
        const key = keyOf(address)
        if (place === undefined || !equalBytes(key, place)) yield [key, value]
      }
    }
  }

  /** The order of the segments of two times. */
  compare(a: number, b: number): number {
    return this.idOf(a) - this.idOf(b)
  }

  /** Forgets all. */
  clear(): void {
    this.map.clear()
    this.observed.reset()
    this.expired.reset()
  }

  /** The first segment that has not expired; there is none before time began. */
  private get oldest(): number {
    return this.idOf(Math.max(this.observed.value - this.retentionMs, 0))
  }

  private idOf(time: number): number {
    return Math.trunc(time / this.segmentMs)
  }
}
