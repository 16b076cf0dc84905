/**
 * Keys longer than LMDB can hold: entries whose keys begin with the same `headBytes` bytes lie together in a bucket, which is
 * one entry of LMDB, with this head as its key. A bucket is an ordered list: of each entry the lengths of the rest of its
 * key and of its value, as 32 bits each, then both.
 *
 * Keeps true: no other key has the length of a head, so buckets are told from other entries by their keys alone, and take
 * their entries' place in the order.
 * Leaves to others: reading and writing buckets (`NodeStoreEngine`).
 *
 * @since 0.1.0
 */
import type { StoreEntry } from "../StoreEngine.ts"

/**
 * Keys of so many bytes or more are in buckets. One byte more is the longest key of LMDB; it is put before each key, because
 * none may be empty.
 *
 * @since 0.1.0
 */
export const headBytes = 1977

/**
 * The key of the bucket that a long key is in.
 *
 * @since 0.1.0
 */
export const headOf = (key: Uint8Array): Uint8Array => key.subarray(0, headBytes)

const lengthsBytes = 8

/**
 * The entries of one bucket.
 *
 * @since 0.1.0
 */
export class KeyBucket {
  readonly head: Uint8Array
  /** By the rests of their keys. */
  readonly #entries: Array<StoreEntry>

  /** `bytes`: what was stored under the head, undefined if nothing was. */
  constructor(head: Uint8Array, bytes: Uint8Array | undefined) {
    this.head = head
    this.#entries = bytes === undefined ? [] : decode(bytes)
  }

  /** Whether a long key belongs here. */
  isOf(key: Uint8Array): boolean {
    return Buffer.compare(headOf(key), this.head) === 0
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const rest = key.subarray(headBytes)
    const at = this.#placeOf(rest)
    return this.#isAt(at, rest) ? this.#entries[at]![1].slice() : undefined
  }

  /** Puts a value, or (null) deletes it. */
  set(key: Uint8Array, value: Uint8Array | null): void {
    const rest = key.subarray(headBytes)
    const at = this.#placeOf(rest)
    this.#entries.splice(at, this.#isAt(at, rest) ? 1 : 0, ...(value === null ? [] : [[rest, value] as const]))
  }

  /** Entries from `from` to `to`, both included; undefined is no bound. */
  *range(from: Uint8Array | undefined, to: Uint8Array | undefined, reverse: boolean): Generator<StoreEntry> {
    for (const [rest, value] of reverse ? this.#entries.toReversed() : this.#entries) {
      const key = new Uint8Array(headBytes + rest.length)
      key.set(this.head)
      key.set(rest, headBytes)
      const isIn = (from === undefined || Buffer.compare(from, key) <= 0) &&
        (to === undefined || Buffer.compare(key, to) <= 0)
      if (isIn) yield [key, value.slice()]
    }
  }

  /** What is to be stored under the head; undefined if nothing is left. */
  encoded(): Uint8Array | undefined {
    if (this.#entries.length === 0) return undefined
    const size = this.#entries.reduce((sum, [rest, value]) => sum + lengthsBytes + rest.length + value.length, 0)
    const bytes = new Uint8Array(size)
    const view = new DataView(bytes.buffer)
    let at = 0
    for (const [rest, value] of this.#entries) {
      view.setUint32(at, rest.length)
      view.setUint32(at + 4, value.length)
      bytes.set(rest, at += lengthsBytes)
      bytes.set(value, at += rest.length)
      at += value.length
    }
    return bytes
  }

  /** The first place whose rest is not smaller. */
  #placeOf(rest: Uint8Array): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (Buffer.compare(this.#entries[middle]![0], rest) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  #isAt(place: number, rest: Uint8Array): boolean {
    return place < this.#entries.length && Buffer.compare(this.#entries[place]![0], rest) === 0
  }
}

const decode = (bytes: Uint8Array): Array<StoreEntry> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const entries: Array<StoreEntry> = []
  let at = 0
  while (at < bytes.length) {
    const rest = at + lengthsBytes
    const value = rest + view.getUint32(at)
    const end = value + view.getUint32(at + 4)
    entries.push([bytes.subarray(rest, value), bytes.subarray(value, end)])
    at = end
  }
  return entries
}
