/**
 * A map from byte strings to values: hashed for point reads, ordered as unsigned bytes for scans.
 *
 * Keeps true: keys are copied when they enter, so that a key may be a view into a fetched frame; scans see each key once,
 * in unsigned lexicographic order, and read values as they are at that moment, also when the map changes meanwhile.
 * Leaves to others: what values mean, and how many may be held.
 *
 * @since 0.1.0
 */
import { SortedKeys } from "./SortedKeys.ts"

/**
 * Compares as unsigned bytes, a prefix first: the order in which Kafka's stores iterate.
 *
 * @since 0.1.0
 */
export const compareBytes = (a: Uint8Array, b: Uint8Array): number => {
  const length = a.length < b.length ? a.length : b.length
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]!
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/**
 * The larger of two lower bounds; undefined is no bound.
 *
 * @since 0.1.0
 */
export const largerOf = (a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined =>
  a === undefined || (b !== undefined && compareBytes(a, b) < 0) ? b : a

/**
 * The smaller of two upper bounds; undefined is no bound.
 *
 * @since 0.1.0
 */
export const smallerOf = (a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined =>
  a === undefined || (b !== undefined && compareBytes(a, b) > 0) ? b : a

/**
 * Equality of contents.
 *
 * @since 0.1.0
 */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/**
 * Whether bytes begin with `prefix`.
 *
 * @since 0.1.0
 */
export const startsWith = (bytes: Uint8Array, prefix: Uint8Array): boolean => {
  if (bytes.length < prefix.length) return false
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false
  return true
}

/** Arrays of so many bytes are without a buffer until somebody asks for it; that costs more than a copy. */
const unbufferedMax = 64

/**
 * The bytes as an array that owns its memory: a view into a larger buffer is copied, so that it does not keep it alive.
 *
 * @since 0.1.0
 */
export const ownBytes = (bytes: Uint8Array): Uint8Array =>
  bytes.length > unbufferedMax && bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)

/**
 * Some of the bytes: a copy of few, a view of many.
 *
 * @since 0.1.0
 */
export const partOf = (bytes: Uint8Array, from: number, to = bytes.length): Uint8Array =>
  bytes.length > unbufferedMax ? bytes.subarray(from, to) : bytes.slice(from, to)

/**
 * A hash of bytes, as an int32.
 *
 * @since 0.1.0
 */
export const hashOf = (key: Uint8Array): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key[i]!, 0x01000193)
  return hash ^ (hash >>> 15)
}

const capacityMin = 16

/**
 * Open addressing with linear probing and backward-shift removal.
 *
 * @since 0.1.0
 */
export class BytesMap<V> {
  private keys: Array<Uint8Array | undefined> = new Array(capacityMin)
  private values: Array<V | undefined> = new Array(capacityMin)
  private hashes = new Int32Array(capacityMin)
  private mask = capacityMin - 1
  private count = 0
  /** Undefined until the first scan. */
  private order: SortedKeys<Uint8Array> | undefined

  /** How many keys there are. */
  get size(): number {
    return this.count
  }

  private slotOf(key: Uint8Array, hash: number): number {
    let slot = hash & this.mask
    while (true) {
      const held = this.keys[slot]
      if (held === undefined) return ~slot
      if (this.hashes[slot] === hash && equalBytes(held, key)) return slot
      slot = (slot + 1) & this.mask
    }
  }

  /** The value of a key, or undefined. */
  get(key: Uint8Array): V | undefined {
    const slot = this.slotOf(key, hashOf(key))
    return slot < 0 ? undefined : this.values[slot]
  }

  /** Sets the value of a key; the key is copied if it is new. */
  set(key: Uint8Array, value: V): void {
    const hash = hashOf(key)
    const slot = this.slotOf(key, hash)
    if (slot >= 0) this.values[slot] = value
    else this.add(slot, new Uint8Array(key), hash, value)
  }

  /** Sets the value of a key that is new here; it is not copied, and must not change any more. */
  addOwned(key: Uint8Array, value: V): void {
    const hash = hashOf(key)
    this.add(this.slotOf(key, hash), key, hash, value)
  }

  private add(slot: number, key: Uint8Array, hash: number, value: V): void {
    const isFull = this.count * 2 >= this.mask
    if (isFull) this.grow()
    this.place(~(isFull ? this.slotOf(key, hash) : slot), key, hash, value)
    this.count++
    this.order?.note(key)
  }

  /** Removes a key; false if it was not there. */
  delete(key: Uint8Array): boolean {
    let hole = this.slotOf(key, hashOf(key))
    if (hole < 0) return false
    const removed = this.keys[hole]!
    let slot = hole
    while (true) {
      slot = (slot + 1) & this.mask
      const held = this.keys[slot]
      if (held === undefined) break
      const home = this.hashes[slot]! & this.mask
      if (((slot - home) & this.mask) >= ((slot - hole) & this.mask)) {
        this.place(hole, held, this.hashes[slot]!, this.values[slot]!)
        hole = slot
      }
    }
    this.keys[hole] = undefined
    this.values[hole] = undefined
    this.count--
    this.order?.note(removed)
    return true
  }

  /** Forgets everything. */
  clear(): void {
    this.keys = new Array(capacityMin)
    this.values = new Array(capacityMin)
    this.hashes = new Int32Array(capacityMin)
    this.mask = capacityMin - 1
    this.count = 0
    this.order = undefined
  }

  /**
   * Entries from `from` to `to`, both included; undefined means no bound. `reverse` gives the largest key first. `gone`: what
   * is given for keys that leave meanwhile; undefined leaves them out.
   */
  *range(
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
    reverse = false,
    gone?: V
  ): Generator<readonly [Uint8Array, V]> {
    this.order ??= new SortedKeys<Uint8Array>({
      size: () => this.count,
      allKeys: () => this.keys.filter((key) => key !== undefined),
      hasKey: (key) => this.slotOf(key, hashOf(key)) >= 0,
      compareKeys: compareBytes,
      compareTo: compareBytes
    })
    const pieces = this.order.between(from, to)
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[reverse ? pieces.length - 1 - i : i]!
      for (let j = 0; j < piece.length; j++) {
        const key = piece[reverse ? piece.length - 1 - j : j]!
        const held = this.get(key)
        const value = held === undefined ? gone : held
        if (value !== undefined) yield [key, value]
      }
    }
  }

  private place(slot: number, key: Uint8Array, hash: number, value: V): void {
    this.keys[slot] = key
    this.hashes[slot] = hash
    this.values[slot] = value
  }

  private grow(): void {
    const { keys, values, hashes } = this
    const capacity = (this.mask + 1) * 2
    this.keys = new Array(capacity)
    this.values = new Array(capacity)
    this.hashes = new Int32Array(capacity)
    this.mask = capacity - 1
    for (let slot = 0; slot < keys.length; slot++) {
      const key = keys[slot]
      if (key !== undefined) this.place(~this.slotOf(key, hashes[slot]!), key, hashes[slot]!, values[slot]!)
    }
  }
}
