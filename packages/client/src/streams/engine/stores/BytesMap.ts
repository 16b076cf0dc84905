/**
 * A map from byte strings to values: hashed for point reads, ordered as unsigned bytes for scans.
 *
 * Keeps true: keys are copied when they enter, so that a key may be a view into a fetched frame; scans see each key once,
 * in unsigned lexicographic order, and read values as they are at that moment, also when the map changes meanwhile.
 * Leaves to others: what values mean, and how many may be held.
 *
 * @since 0.1.0
 */

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

/**
 * The bytes as an array that owns its memory: a view into a larger buffer is copied, so that it does not keep it alive.
 *
 * @since 0.1.0
 */
export const ownBytes = (bytes: Uint8Array): Uint8Array =>
  bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()

const hashOf = (key: Uint8Array): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key[i]!, 0x01000193)
  return hash ^ (hash >>> 15)
}

const capacityMin = 16

/** Keys that were added are few if there are so many times more in order. */
const fewShare = 32

/**
 * Open addressing with linear probing and backward-shift removal; the sorted keys are made when first asked for and
 * then kept up with what has been added since.
 *
 * @since 0.1.0
 */
export class BytesMap<V> {
  private keys: Array<Uint8Array | undefined> = new Array(capacityMin)
  private values: Array<V | undefined> = new Array(capacityMin)
  private hashes = new Int32Array(capacityMin)
  private mask = capacityMin - 1
  private count = 0
  /** Sorted; may still hold keys that were removed. */
  private order: Array<Uint8Array> = []
  /** Keys that entered since `order` was made, unsorted. */
  private added: Array<Uint8Array> = []

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
    let slot = this.slotOf(key, hash)
    if (slot >= 0) {
      this.values[slot] = value
      return
    }
    if (this.count * 2 >= this.mask) {
      this.grow()
      slot = this.slotOf(key, hash)
    }
    const owned = key.slice()
    this.place(~slot, owned, hash, value)
    this.count++
    this.added.push(owned)
  }

  /** Removes a key; false if it was not there. */
  delete(key: Uint8Array): boolean {
    let hole = this.slotOf(key, hashOf(key))
    if (hole < 0) return false
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
    if (this.isSlack()) this.sort()
    return true
  }

  /** Forgets everything. */
  clear(): void {
    this.keys = new Array(capacityMin)
    this.values = new Array(capacityMin)
    this.hashes = new Int32Array(capacityMin)
    this.mask = capacityMin - 1
    this.count = 0
    this.order = []
    this.added = []
  }

  /**
   * Entries from `from` to `to`, both included; undefined means no bound. `reverse` gives the largest key first.
   */
  *range(
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
    reverse = false
  ): Generator<readonly [Uint8Array, V]> {
    this.sort()
    const order = this.order
    const first = from === undefined ? 0 : lowerBound(order, from)
    let last = to === undefined ? order.length : lowerBound(order, to)
    if (to !== undefined && last < order.length && equalBytes(order[last]!, to)) last++
    for (let i = 0; i < last - first; i++) {
      const key = order[reverse ? last - 1 - i : first + i]!
      const value = this.get(key)
      if (value !== undefined) yield [key, value]
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

  /** Whether the sorted lists hold more removed keys than living ones. */
  private isSlack(): boolean {
    return this.order.length + this.added.length > 2 * (this.count + capacityMin)
  }

  /** Makes a new `order`, so that a scan which is under way keeps its own. */
  private sort(): void {
    if (this.added.length === 0 && !this.isSlack()) return
    if (!this.isSlack() && this.added.length * fewShare < this.order.length) return this.insertFew()
    const added = this.added.sort(compareBytes)
    const merged: Array<Uint8Array> = []
    const take = (key: Uint8Array) => {
      if (merged.length > 0 && equalBytes(merged[merged.length - 1]!, key)) return
      if (this.get(key) !== undefined) merged.push(key)
    }
    let at = 0
    for (const key of this.order) {
      while (at < added.length && compareBytes(added[at]!, key) < 0) take(added[at++]!)
      take(key)
    }
    while (at < added.length) take(added[at++]!)
    this.order = merged
    this.added = []
  }

  /** Puts a few keys in their places, without a look at all the others. */
  private insertFew(): void {
    const order = this.order.slice()
    for (const key of this.added) {
      const at = lowerBound(order, key)
      const isThere = at < order.length && equalBytes(order[at]!, key)
      if (!isThere && this.get(key) !== undefined) order.splice(at, 0, key)
    }
    this.order = order
    this.added = []
  }
}

/** The first index whose key is not smaller. */
const lowerBound = (keys: ReadonlyArray<Uint8Array>, key: Uint8Array): number => {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareBytes(keys[middle]!, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}
