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

const hashOf = (key: Uint8Array): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key[i]!, 0x01000193)
  return hash ^ (hash >>> 15)
}

const capacityMin = 16

/** Keys that came or left are few if there are so many times more in order. */
const fewShare = 32

/** A run of more keys is cut in two. */
const runMax = 256

/** Sorted keys in runs that never change: another order has other runs in the places of those that would. */
type Runs = ReadonlyArray<ReadonlyArray<Uint8Array>>

/**
 * Open addressing with linear probing and backward-shift removal; the sorted keys are made when first asked for and
 * then kept up with what has come and left since, so that a scan after a few changes costs little more than what it gives.
 *
 * @since 0.1.0
 */
export class BytesMap<V> {
  private keys: Array<Uint8Array | undefined> = new Array(capacityMin)
  private values: Array<V | undefined> = new Array(capacityMin)
  private hashes = new Int32Array(capacityMin)
  private mask = capacityMin - 1
  private count = 0
  /** The sorted keys, as they were before `changed`; undefined if nobody has asked for them. */
  private order: Runs | undefined
  /** Keys that came or left since `order` was made. */
  private changed: Array<Uint8Array> = []

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
    this.noteChange(key)
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
    this.noteChange(removed)
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
    this.changed = []
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
    const runs = this.sorted()
    const first = from === undefined ? 0 : runOf(runs, from)
    const last = to === undefined ? runs.length - 1 : runOf(runs, to)
    for (let i = 0; i <= last - first; i++) {
      const at = reverse ? last - i : first + i
      const run = runs[at]!
      const start = from !== undefined && at === first ? lowerBound(run, from) : 0
      const end = to !== undefined && at === last ? upperBound(run, to) : run.length
      for (let j = 0; j < end - start; j++) {
        const key = run[reverse ? end - 1 - j : start + j]!
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

  private has(key: Uint8Array): boolean {
    return this.slotOf(key, hashOf(key)) >= 0
  }

  private noteChange(key: Uint8Array): void {
    if (this.order === undefined) return
    this.changed.push(key)
    if (this.changed.length <= this.count + capacityMin) return
    this.order = undefined
    this.changed = []
  }

  private sorted(): Runs {
    const { changed, order } = this
    if (order !== undefined && changed.length === 0) return order
    this.changed = []
    if (order === undefined) this.order = runsOf(this.keys.filter((key) => key !== undefined).sort(compareBytes))
    else if (changed.length * fewShare < this.count) this.order = this.changeFew(order, changed)
    else this.order = this.changeMany(order, changed)
    return this.order
  }

  /** Looks for the place of each key that has changed. */
  private changeFew(order: Runs, changed: ReadonlyArray<Uint8Array>): Runs {
    const runs = order.slice()
    for (const key of changed) {
      const at = runOf(runs, key)
      const run = runs[at]!
      const place = lowerBound(run, key)
      const isThere = place < run.length && equalBytes(run[place]!, key)
      if (this.has(key) === isThere) continue
      const next = run.slice()
      if (isThere) next.splice(place, 1)
      else next.splice(place, 0, key)
      if (next.length > runMax) runs.splice(at, 1, next.slice(0, runMax / 2), next.slice(runMax / 2))
      else if (next.length === 0 && runs.length > 1) runs.splice(at, 1)
      else runs[at] = next
    }
    return runs
  }

  /** Merges the keys that have changed with all others. */
  private changeMany(order: Runs, changed: Array<Uint8Array>): Runs {
    changed.sort(compareBytes)
    const merged: Array<Uint8Array> = []
    let at = 0
    const takeChanged = () => {
      const key = changed[at++]!
      while (at < changed.length && equalBytes(changed[at]!, key)) at++
      if (this.has(key)) merged.push(key)
    }
    for (const run of order) {
      for (const key of run) {
        while (at < changed.length && compareBytes(changed[at]!, key) < 0) takeChanged()
        if (at < changed.length && equalBytes(changed[at]!, key)) takeChanged()
        else merged.push(key)
      }
    }
    while (at < changed.length) takeChanged()
    return runsOf(merged)
  }
}

/** Runs of half the length that they may have; there is always one. */
const runsOf = (keys: ReadonlyArray<Uint8Array>): Runs => {
  const runs: Array<ReadonlyArray<Uint8Array>> = []
  for (let at = 0; at < keys.length; at += runMax / 2) runs.push(keys.slice(at, at + runMax / 2))
  return runs.length === 0 ? [[]] : runs
}

/** The run that a key is in, or would be: the last one that begins at it or before, or the first. */
const runOf = (runs: Runs, key: Uint8Array): number => {
  let low = 0
  let high = runs.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (compareBytes(runs[middle]![0]!, key) <= 0) low = middle
    else high = middle - 1
  }
  return low
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

/** The first index whose key is larger. */
const upperBound = (keys: ReadonlyArray<Uint8Array>, key: Uint8Array): number => {
  const at = lowerBound(keys, key)
  return at < keys.length && equalBytes(keys[at]!, key) ? at + 1 : at
}
