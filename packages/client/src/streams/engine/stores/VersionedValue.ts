/**
 * The bytes in which a versioned store keeps values, as Kafka's does: the latest of a key as its time and the value; what was
 * before it as lists of versions, one list per key and segment.
 *
 * A list is: the time at which its newest version ended, the time of its oldest, each version's time and length (-1: a
 * deletion) from the newest to the oldest, and the values from the oldest to the newest. Times are int64, lengths int32.
 *
 * Keeps true: a version is valid from its time to that of the next newer one, the newest up to the end of the list.
 * Leaves to others: which list a version belongs to (the store).
 *
 * @since 0.1.0
 */
import * as Integers from "@millrace/core/serde/Integers"
import { partOf } from "./BytesMap.ts"
import type { Stored } from "./StateStore.ts"

const timeBytes = 8
const headBytes = 2 * timeBytes
const entryBytes = timeBytes + 4

/**
 * The bytes of a key's latest version.
 *
 * @since 0.1.0
 */
export const fromLatest = (value: Uint8Array, timestamp: number): Uint8Array => {
  const bytes = new Uint8Array(timeBytes + value.length)
  Integers.writeLong(bytes, 0, timestamp)
  bytes.set(value, timeBytes)
  return bytes
}

/**
 * The latest version that is in the bytes.
 *
 * @since 0.1.0
 */
export const toLatest = (bytes: Uint8Array): Stored => ({
  value: partOf(bytes, timeBytes),
  timestamp: Integers.readLong(bytes, 0)
})

/**
 * When the newest version of a list ended.
 *
 * @since 0.1.0
 */
export const endOf = (bytes: Uint8Array): number => Integers.readLong(bytes, 0)

/**
 * When the oldest version of a list began.
 *
 * @since 0.1.0
 */
export const beginOf = (bytes: Uint8Array): number => Integers.readLong(bytes, timeBytes)

/**
 * A version in a list: what was put at a time, null for a deletion.
 *
 * @since 0.1.0
 */
export interface Version {
  readonly timestamp: number
  readonly value: Uint8Array | null
}

/**
 * Versions of one key in one segment, the newest first, and when the newest ended. A list of one deletion that ended when it
 * began says that a key had no value from then on.
 *
 * @since 0.1.0
 */
export class VersionList {
  end: number
  readonly versions: Array<Version>

  constructor(end: number, versions: Array<Version>) {
    this.end = end
    this.versions = versions
  }

  /** A list of one version. */
  static of(value: Uint8Array | null, from: number, to: number): VersionList {
    return new VersionList(to, [{ timestamp: from, value }])
  }

  /** Reads a list; values are views. */
  static fromBytes(bytes: Uint8Array): VersionList {
    const begin = Integers.readLong(bytes, timeBytes)
    const versions: Array<Version> = []
    let end = bytes.length
    for (let at = headBytes; at < end; at += entryBytes) {
      const timestamp = Integers.readLong(bytes, at)
      const length = Integers.readInt(bytes, at + timeBytes)
      versions.push({ timestamp, value: length < 0 ? null : bytes.subarray(end - length, end) })
      end -= Math.max(length, 0)
      if (timestamp === begin) break
    }
    return new VersionList(Integers.readLong(bytes, 0), versions)
  }

  toBytes(): Uint8Array {
    let length = headBytes + this.versions.length * entryBytes
    for (const { value } of this.versions) length += value?.length ?? 0
    const bytes = new Uint8Array(length)
    Integers.writeLong(bytes, 0, this.end)
    Integers.writeLong(bytes, timeBytes, this.begin)
    let at = headBytes
    let end = length
    for (const { timestamp, value } of this.versions) {
      Integers.writeLong(bytes, at, timestamp)
      Integers.writeInt(bytes, at + timeBytes, value === null ? -1 : value.length)
      at += entryBytes
      if (value === null) continue
      end -= value.length
      bytes.set(value, end)
    }
    return bytes
  }

  /** When the oldest version began. */
  get begin(): number {
    return this.versions[this.versions.length - 1]!.timestamp
  }

  /** Index of the version that was valid at a time that is not before `begin`. */
  indexAt(timestamp: number): number {
    let index = 0
    while (this.versions[index]!.timestamp > timestamp) index++
    return index
  }

  /** When a version ended. */
  endOf(index: number): number {
    return index === 0 ? this.end : this.versions[index - 1]!.timestamp
  }

  /** Adds a version that begins when the newest ended, or later: then there was none in between. */
  addNewest(value: Uint8Array | null, from: number, to: number): void {
    if (this.isEmpty) this.versions.pop()
    if (this.end < from) this.versions.unshift({ timestamp: this.end, value: null })
    this.versions.unshift({ timestamp: from, value })
    this.end = to
  }

  /** Adds a version that ends when the oldest begins. */
  addOldest(value: Uint8Array | null, from: number): void {
    if (this.isEmpty) this.versions.pop()
    this.versions.push({ timestamp: from, value })
  }

  /** Puts another version in the place of one. */
  replace(index: number, version: Version): void {
    this.versions[index] = version
  }

  /** Adds a version that ends what was valid at `index`. */
  insert(index: number, version: Version): void {
    this.versions.splice(index, 0, version)
  }

  private get isEmpty(): boolean {
    return this.versions.length === 1 && this.end === this.begin
  }
}
