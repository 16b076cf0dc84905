/**
 * What stores are written over: a map from bytes to bytes, in the order of its unsigned key bytes. In memory it is a
 * `PackedMap`, on disk a `DiskMap`.
 *
 * Keeps true: a scan gives each key once, in order, also when the map changes meanwhile; what enters is copied.
 * Leaves to others: what keys and values mean (the stores), when changes come to the disk (`LocalState`).
 *
 * @since 0.1.0
 */
import * as Integers from "@millrace/core/serde/Integers"
import { partOf } from "./BytesMap.ts"

/**
 * The map.
 *
 * @since 0.1.0
 */
export interface OrderedMap {
  /** How many keys there are; on disk approximately. */
  readonly size: number
  /** The value of a key, or undefined. It belongs to the map. */
  readonly get: (key: Uint8Array) => Uint8Array | undefined
  /** Sets the value of a key, and takes it over: it must own its memory. */
  readonly set: (key: Uint8Array, value: Uint8Array) => void
  readonly delete: (key: Uint8Array) => void
  /** Entries from `from` to `to`, both included; undefined is no bound. `reverse` gives the largest key first. */
  readonly range: (
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
    reverse?: boolean
  ) => Iterable<readonly [key: Uint8Array, value: Uint8Array]>
  /** Forgets everything. */
  readonly clear: () => void
}

const prefixBytes = 8

const noBytes = new Uint8Array(0)

/**
 * A key below a number, which comes first in the order: 8 bytes, big-endian.
 *
 * @since 0.1.0
 */
export const addressOf = (prefix: number, key: Uint8Array = noBytes): Uint8Array => {
  const bytes = new Uint8Array(prefixBytes + key.length)
  Integers.writeLong(bytes, 0, prefix)
  bytes.set(key, prefixBytes)
  return bytes
}

/**
 * The number that a key is below.
 *
 * @since 0.1.0
 */
export const prefixOf = (address: Uint8Array): number => Integers.readLong(address, 0)

/**
 * The key without its number.
 *
 * @since 0.1.0
 */
export const keyOf = (address: Uint8Array): Uint8Array => partOf(address, prefixBytes)

/** Numbers are under negative prefixes; -1 is left to stores. */
const numbersPrefix = -2

/**
 * A number that a store finds again when it is opened on its map, such as how far time has come. It is written to the map when
 * it changes.
 *
 * @since 0.1.0
 */
export class StoredNumber {
  private readonly map: OrderedMap
  private readonly key: Uint8Array
  private readonly initial: number
  private current: number

  /** `id`: which of the store's numbers it is, from 0. */
  constructor(map: OrderedMap, id: number, initial: number) {
    this.map = map
    this.key = addressOf(numbersPrefix - id)
    this.initial = initial
    const bytes = map.get(this.key)
    this.current = bytes === undefined ? initial : prefixOf(bytes)
  }

  get value(): number {
    return this.current
  }

  set value(value: number) {
    if (value === this.current) return
    this.current = value
    this.map.set(this.key, addressOf(value))
  }

  /** Makes it what it was at first, for a map that was cleared. */
  reset(): void {
    this.current = this.initial
  }
}
