/**
 * An ordered map of bytes on disk: what was changed since the table was written lies in memory above it, and so does what was
 * written or read lately.
 *
 * Of the keys from some key on, memory has all entries, so that nobody need ask the table for them, nor for what is not there:
 * from the first key on in a table that began empty, until there is too much for the memory. Keys that begin with a time are
 * the larger the younger they are: what is looked at is in memory then.
 *
 * Keeps true: the table is as it was when it was written, whatever happens until the next time; reads see all changes. A scan
 * gives each key that was there when it began, and still is when it comes to it, once, with the value of that moment.
 * Leaves to others: when to write (the app's loop, after commits), what keys and values mean.
 *
 * @since 0.1.0
 */
import type { StoreTable, TableWrites } from "@millrace/core/platform/StoreEngine"
import * as limits from "../../../limits.ts"
import { compareBytes, smallerOf } from "./BytesMap.ts"
import type { OrderedMap } from "./OrderedMap.ts"
import { nothing, type PackedEntry, PackedMap } from "./PackedMap.ts"

type Entry = readonly [key: Uint8Array, value: Uint8Array]

const firstKey = new Uint8Array(0)

/**
 * How much of what is written lies in memory as well: at the most, and of the largest keys when a table that was there before
 * is first scanned; in bytes.
 *
 * @since 0.1.0
 */
export interface Memory {
  readonly maxBytes: number
  readonly loadBytes: number
}

const memory: Memory = { maxBytes: limits.diskMapRecentMaxBytes, loadBytes: limits.diskMapLoadMaxBytes }

/**
 * The map.
 *
 * @since 0.1.0
 */
export class DiskMap implements OrderedMap {
  readonly #table: StoreTable
  readonly #bounds: Memory
  /** Null is a key that is not there; marked are changes that are not written. */
  #memory = new PackedMap()
  /** From this key on, memory has all that is there; undefined: of none. */
  #wholeFrom: Uint8Array | undefined
  #isCleared = false
  /** How often anything has changed or left the memory: what a scan has read ahead may be old then. */
  #version = 0
  #changedBytes = 0
  /** What was read from the table since something was last forgotten, in bytes. */
  #readBytes = 0

  constructor(table: StoreTable, bounds = memory) {
    this.#table = table
    this.#bounds = bounds
    if (table.sizeUnsafe() === 0) this.#wholeFrom = firstKey
  }

  /** The size of the changes that are not written, in bytes. */
  get changedBytes(): number {
    return this.#changedBytes
  }

  get size(): number {
    return (this.#isCleared ? 0 : this.#table.sizeUnsafe()) + this.#memory.markedSize
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const held = this.#memory.find(key)
    if (held !== undefined) return held ?? undefined
    if (this.#isWhole(key)) return undefined
    const stored = this.#table.getUnsafe(key)
    if (stored !== undefined) {
      this.#memory.set(key, stored)
      this.#readBytes += key.length + stored.length
      if (this.#readBytes > this.#bounds.maxBytes) this.#forgetWritten()
    }
    return stored
  }

  set(key: Uint8Array, value: Uint8Array): void {
    this.#version++
    this.#memory.set(key, value, true)
    this.#changedBytes += key.length + value.length
  }

  delete(key: Uint8Array): void {
    this.#version++
    this.#memory.set(key, null, true)
    this.#changedBytes += key.length
  }

  range(from: Uint8Array | undefined, to: Uint8Array | undefined, reverse = false): Iterable<Entry> {
    if (this.#wholeFrom === undefined) this.#load()
    const held = this.#memory.scan(from, to, reverse)
    if (!this.#isWhole(from ?? firstKey)) {
      return this.#merged(held, this.#table.rangeUnsafe(from, smallerOf(to, this.#wholeFrom), reverse), reverse)
    }
    return held === nothing ? nothing : this.#merged(held, nothing, reverse)
  }

  /** Forgets everything, when it is written next. */
  clear(): void {
    this.#version++
    this.#isCleared = true
    this.#memory.clear()
    this.#wholeFrom = firstKey
    this.#changedBytes = 0
    this.#readBytes = 0
  }

  /** What is to be written to the table. */
  writes(): TableWrites | undefined {
    if (!this.#isCleared && this.#memory.markedSize === 0) return undefined
    return { table: this.#table.name, clear: this.#isCleared, entries: this.#memory.marked() }
  }

  /** Tells that it was written. */
  noteWritten(): void {
    this.#memory.unmark()
    this.#isCleared = false
    this.#changedBytes = 0
    if (this.#memory.usedBytes > this.#bounds.maxBytes) this.#forgetWritten()
  }

  #isWhole(key: Uint8Array): boolean {
    return this.#wholeFrom !== undefined && compareBytes(this.#wholeFrom, key) <= 0
  }

  /** Reads the largest keys of the table, for a map that is scanned: its next keys are larger still if they have a time. */
  #load(): void {
    let bytes = 0
    for (const [key, value] of this.#table.rangeUnsafe(undefined, undefined, true)) {
      if (this.#memory.find(key) === undefined) this.#memory.set(key, value)
      bytes += key.length + value.length
      if (bytes < this.#bounds.loadBytes) continue
      this.#wholeFrom = key
      return
    }
    this.#wholeFrom = firstKey
  }

  /** Keeps changes, and in a map that is scanned half of the memory's bytes, of the largest keys. */
  #forgetWritten(): void {
    this.#version++
    const all = this.#memory
    const kept = new PackedMap()
    for (const [key, value] of all.marked()) kept.set(key, value, true)
    const isScanned = all.isScanned && this.#wholeFrom !== undefined
    if (isScanned) this.#wholeFrom = this.#keepLargest(all, kept, this.#wholeFrom!)
    else this.#wholeFrom = undefined
    this.#memory = kept
    this.#readBytes = 0
  }

  /** Copies entries, the largest first, down to `to` or until it is enough; gives the last key. */
  #keepLargest(all: PackedMap, kept: PackedMap, to: Uint8Array): Uint8Array {
    const maxBytes = kept.usedBytes + this.#bounds.maxBytes / 2
    for (const [key, value] of all.scan(to, undefined, true)) {
      if (kept.find(key) === undefined) kept.set(key, value)
      if (kept.usedBytes > maxBytes) return key
    }
    return to
  }

  /** The entries of memory and table in one order; memory says what is so. */
  *#merged(memory: Iterable<PackedEntry>, table: Iterable<Entry>, reverse: boolean): Generator<Entry> {
    const version = this.#version
    const [changes, stored] = [memory[Symbol.iterator](), table[Symbol.iterator]()]
    const sign = reverse ? -1 : 1
    let change = changes.next()
    let held = stored.next()
    while (change.done !== true || held.done !== true) {
      const order = change.done === true
        ? -1
        : held.done === true
        ? 1
        : sign * compareBytes(held.value[0], change.value[0])
      const next: PackedEntry = order < 0 ? held.value : change.value
      if (order <= 0) held = stored.next()
      if (order >= 0) change = changes.next()
      const value = version === this.#version ? next[1] : this.get(next[0]) ?? null
      if (value !== null) yield [next[0], value]
    }
  }
}
