/**
 * A versioned key-value store: the latest value of each key, and what it was before for as long as its history is retained.
 *
 * Keeps true: a version is in the segment of the time at which it ended, so that segments expire as a whole; what is put
 * further back than the retention is refused, yet logged, as Kafka does; the latest value of a key never expires.
 * A deletion is kept as the end of the version before it (Kafka forgets the time of one that replaces a key's only version).
 * Everything is in one ordered map: under a segment's number the lists of versions by key, under -1 the latest values.
 * Leaves to others: the bytes of values (`VersionedValue`).
 *
 * @since 0.1.0
 */
import { addressOf, type OrderedMap, prefixOf, StoredNumber } from "./OrderedMap.ts"
import type { ChangeLog, VersionedRecord, VersionedStore } from "./StateStore.ts"
import { notPut, validToUndefined } from "./StateStore.ts"
import { beginOf, endOf, fromLatest, toLatest, VersionList } from "./VersionedValue.ts"

const latestSegment = -1

/**
 * Makes a store of what is in `map`.
 *
 * @since 0.1.0
 */
export const make = (
  name: string,
  historyRetentionMs: number,
  segmentIntervalMs: number,
  log: ChangeLog,
  map: OrderedMap
): VersionedStore => new Versioned(name, historyRetentionMs, segmentIntervalMs, log, map)

class Versioned implements VersionedStore {
  readonly kind = "versioned"
  readonly name: string
  lastPut = validToUndefined
  private readonly historyRetentionMs: number
  private readonly segmentIntervalMs: number
  private readonly log: ChangeLog
  private readonly entries: OrderedMap
  /** Numbers of the segments that are there, ascending. */
  private segments: Array<number>
  private readonly time: StoredNumber

  constructor(
    name: string,
    historyRetentionMs: number,
    segmentIntervalMs: number,
    log: ChangeLog,
    map: OrderedMap
  ) {
    this.name = name
    this.historyRetentionMs = historyRetentionMs
    this.segmentIntervalMs = segmentIntervalMs
    this.log = log
    this.entries = map
    this.segments = segmentsIn(map)
    this.time = new StoredNumber(map, 0, -1)
  }

  get(key: Uint8Array, asOf?: number): VersionedRecord | undefined {
    const bytes = this.read(latestSegment, key)
    const latest = bytes === undefined ? undefined : toLatest(bytes)
    if (asOf === undefined || (latest !== undefined && latest.timestamp <= asOf)) return latest
    if (asOf < this.time.value - this.historyRetentionMs) return undefined
    for (let i = this.segments.length - 1; i >= 0 && this.segments[i]! >= this.segmentOf(asOf); i--) {
      const held = this.read(this.segments[i]!, key)
      if (held === undefined || beginOf(held) > asOf) continue
      if (endOf(held) <= asOf) return undefined
      const list = VersionList.fromBytes(held)
      const index = list.indexAt(asOf)
      const { timestamp, value } = list.versions[index]!
      return value === null ? undefined : { value, timestamp, validTo: list.endOf(index) }
    }
    return undefined
  }

  *versions(key: Uint8Array): Generator<VersionedRecord> {
    for (const segment of this.segments) {
      const held = this.read(segment, key)
      if (held === undefined) continue
      const list = VersionList.fromBytes(held)
      for (let index = list.versions.length - 1; index >= 0; index--) {
        const { timestamp, value } = list.versions[index]!
        if (value !== null) yield { value, timestamp, validTo: list.endOf(index) }
      }
    }
    const latest = this.get(key)
    if (latest !== undefined) yield latest
  }

  put(key: Uint8Array, value: Uint8Array | null, timestamp: number): number {
    this.lastPut = this.apply(key, value, timestamp)
    this.log.append(key, value, timestamp)
    return this.lastPut
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    this.apply(key, value, timestamp)
  }

  flush(): void {}

  wipe(): void {
    this.entries.clear()
    this.segments = []
    this.time.reset()
  }

  close(): void {}

  private apply(key: Uint8Array, value: Uint8Array | null, timestamp: number): number {
    if (timestamp < this.time.value - this.historyRetentionMs) return notPut
    this.time.value = Math.max(this.time.value, timestamp)
    this.expire()
    const bytes = this.read(latestSegment, key)
    const latest = bytes === undefined ? undefined : toLatest(bytes)
    if (latest === undefined) return this.putAmongEarlier(key, value, timestamp, validToUndefined)
    if (timestamp < latest.timestamp) return this.putAmongEarlier(key, value, timestamp, latest.timestamp)
    if (timestamp > latest.timestamp) this.addNewest(key, latest.value, latest.timestamp, timestamp)
    this.putLatest(key, value, timestamp)
    return validToUndefined
  }

  private putLatest(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    const at = addressOf(latestSegment, key)
    if (value === null) this.entries.delete(at)
    else this.entries.set(at, fromLatest(value, timestamp))
  }

  /** Keeps a version that has ended, if its segment has not expired. */
  private addNewest(key: Uint8Array, value: Uint8Array | null, from: number, to: number): void {
    const segment = this.segmentOf(to)
    if (!this.claim(segment)) return
    const held = this.read(segment, key)
    const list = held === undefined ? VersionList.of(value, from, to) : VersionList.fromBytes(held)
    if (held !== undefined) list.addNewest(value, from, to)
    this.write(segment, key, list)
  }

  /**
   * Puts what is older than the latest value, if there is one. `next` is when the version that follows begins, as far as is
   * known.
   */
  private putAmongEarlier(key: Uint8Array, value: Uint8Array | null, timestamp: number, next: number): number {
    let validTo = next
    for (let i = this.segments.length - 1; i >= 0 && this.segments[i]! >= this.segmentOf(timestamp); i--) {
      const segment = this.segments[i]!
      const held = this.read(segment, key)
      if (held === undefined) continue
      if (endOf(held) <= timestamp) break
      if (beginOf(held) <= timestamp) return this.putInto(segment, held, key, value, timestamp)
      validTo = beginOf(held)
    }
    if (validTo === validToUndefined) this.putNewest(key, value, timestamp)
    else this.putBefore(validTo, key, value, timestamp)
    return validTo
  }

  /** Puts a version within the times of a list: what was valid then ends, perhaps in an earlier segment. */
  private putInto(
    segment: number,
    held: Uint8Array,
    key: Uint8Array,
    value: Uint8Array | null,
    timestamp: number
  ): number {
    const list = VersionList.fromBytes(held)
    const index = list.indexAt(timestamp)
    const ended = list.versions[index]!
    const validTo = list.endOf(index)
    if (ended.timestamp === timestamp) {
      list.replace(index, { timestamp, value })
    } else if (this.segmentOf(timestamp) === segment) {
      list.insert(index, { timestamp, value })
    } else {
      this.addNewest(key, ended.value, ended.timestamp, timestamp)
      list.replace(index, { timestamp, value })
    }
    this.write(segment, key, list)
    return validTo
  }

  /** Puts what nothing follows. A deletion is kept as the end of what was before it. */
  private putNewest(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    if (value !== null) return this.putLatest(key, value, timestamp)
    const segment = this.segmentOf(timestamp)
    if (!this.claim(segment)) return
    const held = this.read(segment, key)
    if (held === undefined) return this.write(segment, key, VersionList.of(null, timestamp, timestamp))
    if (endOf(held) === timestamp) return
    const list = VersionList.fromBytes(held)
    list.addNewest(null, list.end, timestamp)
    this.write(segment, key, list)
  }

  /** Puts what is followed by a version that begins at `validTo`, into the segment of that time. */
  private putBefore(validTo: number, key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    const segment = this.segmentOf(validTo)
    if (!this.claim(segment)) return
    const held = this.read(segment, key)
    if (held === undefined) return this.write(segment, key, VersionList.of(value, timestamp, validTo))
    const list = VersionList.fromBytes(held)
    if (list.end <= timestamp) list.addNewest(value, timestamp, validTo)
    else list.addOldest(value, timestamp)
    this.write(segment, key, list)
  }

  private segmentOf(timestamp: number): number {
    return Math.floor(timestamp / this.segmentIntervalMs)
  }

  private firstLive(): number {
    return this.segmentOf(this.time.value - this.historyRetentionMs)
  }

  /** Forgets the segments that have expired, whatever is put. */
  private expire(): void {
    const first = this.firstLive()
    while (this.segments.length > 0 && this.segments[0]! < first) this.forget(this.segments.shift()!)
  }

  /** Makes sure that a segment is there; false if it has expired. */
  private claim(segment: number): boolean {
    if (segment < this.firstLive()) return false
    if (!this.segments.includes(segment)) this.segments = [...this.segments, segment].sort((a, b) => a - b)
    return true
  }

  private forget(segment: number): void {
    for (const [address] of this.entries.range(addressOf(segment), addressOf(segment + 1))) {
      if (prefixOf(address) === segment) this.entries.delete(address)
    }
  }

  private read(segment: number, key: Uint8Array): Uint8Array | undefined {
    return this.entries.get(addressOf(segment, key))
  }

  private write(segment: number, key: Uint8Array, list: VersionList): void {
    this.entries.set(addressOf(segment, key), list.toBytes())
  }
}

/** The numbers of the segments that a map has, ascending. */
const segmentsIn = (map: OrderedMap): Array<number> => {
  const found: Array<number> = []
  for (let next: number | undefined = 0; next !== undefined;) {
    const [first] = map.range(addressOf(next), addressOf(Number.MAX_SAFE_INTEGER))
    if (first !== undefined) found.push(prefixOf(first[0]))
    next = first === undefined ? undefined : prefixOf(first[0]) + 1
  }
  return found
}
