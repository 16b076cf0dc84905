/**
 * An ordered map of bytes on disk: what was changed since the table was written lies in memory above it.
 *
 * Keeps true: the table is as it was when it was written, whatever happens until the next time; reads see all changes. A scan
 * gives each key that was there when it began, and still is when it comes to it, once, with the value of that moment. Bytes that
 * are given out belong to the map.
 * Leaves to others: when to write (the app's loop, after commits), what keys and values mean.
 *
 * @since 0.1.0
 */
import type { StoreTable, TableWrites } from "@millrace/core/platform/StoreEngine"
import * as limits from "../../../limits.ts"
import { BytesMap, compareBytes, equalBytes } from "./BytesMap.ts"
import type { OrderedMap } from "./OrderedMap.ts"

type Entry = readonly [key: Uint8Array, value: Uint8Array]

/**
 * The map.
 *
 * @since 0.1.0
 */
export class DiskMap implements OrderedMap {
  readonly #table: StoreTable
  /** Changes that are not written; null is a deletion. */
  #changes = new BytesMap<Uint8Array | null>()
  #isCleared = false
  #changedBytes = 0
  #isScanned = false
  /** How often anything was changed: what a scan has read ahead may be old then. */
  #version = 0
  /** Values that were read or written lately, and are the same in the table. */
  #recent = new BytesMap<Uint8Array>()
  #recentBytes = 0

  constructor(table: StoreTable) {
    this.#table = table
  }

  /** The size of the changes that are not written, in bytes. */
  get changedBytes(): number {
    return this.#changedBytes
  }

  /** Whether anybody has scanned changes since they were last written: scans cost more, the more changes there are. */
  get isScanned(): boolean {
    return this.#isScanned
  }

  get size(): number {
    return (this.#isCleared ? 0 : this.#table.sizeUnsafe()) + this.#changes.size
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const changed = this.#changes.get(key)
    if (changed !== undefined) return changed ?? undefined
    if (this.#isCleared) return undefined
    const recent = this.#recent.get(key)
    if (recent !== undefined) return recent
    const stored = this.#table.getUnsafe(key)
    if (stored !== undefined) this.#remember(key, stored)
    return stored
  }

  set(key: Uint8Array, value: Uint8Array): void {
    this.#version++
    this.#changes.set(key, value)
    this.#changedBytes += key.length + value.length
  }

  delete(key: Uint8Array): void {
    this.#version++
    this.#changes.set(key, null)
    this.#changedBytes += key.length
  }

  *range(from: Uint8Array | undefined, to: Uint8Array | undefined, reverse = false): Generator<Entry> {
    this.#isScanned ||= this.#changes.size > 0
    const version = this.#version
    const changes = this.#changes.range(from, to, reverse)
    const stored = (this.#isCleared ? [] : this.#table.rangeUnsafe(from, to, reverse))[Symbol.iterator]()
    const sign = reverse ? -1 : 1
    let change = changes.next()
    let held = stored.next()
    while (change.done !== true || held.done !== true) {
      let next: readonly [Uint8Array, Uint8Array | null]
      if (change.done === true || (held.done !== true && sign * compareBytes(held.value[0], change.value[0]) < 0)) {
        next = held.value as Entry
        held = stored.next()
      } else {
        next = change.value
        if (held.done !== true && equalBytes(held.value[0], next[0])) held = stored.next()
        change = changes.next()
      }
      const value = version === this.#version ? next[1] : this.get(next[0]) ?? null
      if (value !== null) yield [next[0], value]
    }
  }

  /** Forgets everything, when it is written next. */
  clear(): void {
    this.#version++
    this.#isCleared = true
    this.#changes.clear()
    this.#changedBytes = 0
    this.#recent.clear()
    this.#recentBytes = 0
  }

  /** What is to be written to the table. */
  writes(): TableWrites | undefined {
    if (!this.#isCleared && this.#changes.size === 0) return undefined
    return { table: this.#table.name, clear: this.#isCleared, entries: this.#changes.range(undefined, undefined) }
  }

  /** Tells that it was written. */
  noteWritten(): void {
    for (const [key, value] of this.#changes.range(undefined, undefined)) {
      if (value === null) this.#recent.delete(key)
      else this.#remember(key, value)
    }
    this.#changes = new BytesMap()
    this.#isCleared = false
    this.#changedBytes = 0
    this.#isScanned = false
  }

  #remember(key: Uint8Array, value: Uint8Array): void {
    if (this.#recentBytes > limits.diskMapRecentMaxBytes) {
      this.#recent = new BytesMap()
      this.#recentBytes = 0
    }
    this.#recent.set(key, value)
    this.#recentBytes += key.length + value.length
  }
}
