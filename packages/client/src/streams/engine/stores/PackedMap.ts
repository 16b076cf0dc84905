/**
 * An ordered map from bytes to bytes in memory that keeps keys and values in large buffers: millions of entries are a few
 * objects, which the garbage collector need not look through.
 *
 * Keeps true: what is given out is a copy; a scan gives each key once that was there when it began, and values as they are
 * at that moment.
 * Leaves to others: what keys and values mean, and how many may be held.
 *
 * @since 0.1.0
 */
import { Arena } from "./Arena.ts"
import { hashOf } from "./BytesMap.ts"
import type { OrderedMap } from "./OrderedMap.ts"
import { SortedKeys } from "./SortedKeys.ts"

const capacityMin = 16

/** Fewer bytes are not worth being taken back. */
const wasteMinBytes = 64 * 1024

/** Bytes that may be left over in a block of any size. */
const leftMax = 64

/**
 * What an entry has: a value, or null, which is a note that there is none.
 *
 * @since 0.1.0
 */
export type PackedEntry = readonly [key: Uint8Array, value: Uint8Array | null]

/**
 * What a scan gives that finds nothing.
 *
 * @since 0.1.0
 */
export const nothing: ReadonlyArray<never> = []

/** The second word of a key's block: the place of its value; this if that is null. */
const nullValue = 0

/** The first word of a key's block: its length, and whether the entry is marked. */
const markBit = 0x80000000
const lengthMask = 0x7fffffff

/**
 * The map: open addressing with linear probing and backward-shift removal. A slot has the place of a key's block, whose words
 * are its length and the place of the value's block; that one's are its length and how much it can hold.
 *
 * @since 0.1.0
 */
export class PackedMap implements OrderedMap {
  private arena = new Arena()
  /** By slot; 0 is free. */
  private places = new Uint32Array(capacityMin)
  private hashes = new Int32Array(capacityMin)
  private mask = capacityMin - 1
  private count = 0
  private markedCount = 0
  /** Where marked entries are; some of them may have left. */
  private markedPlaces: Array<number> = []
  private wasteBytes = 0
  /** Undefined until the first scan. */
  private order: SortedKeys<number> | undefined

  /** How many entries there are. */
  get size(): number {
    return this.count
  }

  /** How many entries are marked. */
  get markedSize(): number {
    return this.markedCount
  }

  /** What keys and values take, in bytes. */
  get usedBytes(): number {
    return this.arena.usedBytes - this.wasteBytes
  }

  /** Whether it has ever been scanned. */
  get isScanned(): boolean {
    return this.order !== undefined
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.find(key) ?? undefined
  }

  /** The value of a key, null, or undefined if there is no entry. */
  find(key: Uint8Array): Uint8Array | null | undefined {
    const slot = this.slotOf(key, hashOf(key))
    return slot < 0 ? undefined : this.valueOf(this.places[slot]!)
  }

  /** Sets the value of a key, which may be null; both are copied. `marks`: `marked` gives it until the next `unmark`. */
  set(key: Uint8Array, value: Uint8Array | null, marks = false): void {
    const { arena } = this
    const hash = hashOf(key)
    let slot = this.slotOf(key, hash)
    if (slot < 0) slot = this.add(~slot, key, hash)
    const place = this.places[slot]!
    if (marks && !isMarked(arena, place)) {
      arena.setFirst(place, (arena.first(place) | markBit) >>> 0)
      this.markedCount++
      this.markedPlaces.push(place)
    }
    const held = arena.second(place)
    if (value === null || held === nullValue || !isFitting(arena.second(held), value.length)) {
      if (held !== nullValue) this.wasteBytes += Arena.sizeOf(arena.second(held))
      arena.setSecond(place, value === null ? nullValue : valueIn(arena, value))
      this.takeBack()
    } else {
      arena.setFirst(held, value.length)
      arena.write(held, value)
    }
  }

  /** Removes a key; false if there was no entry. */
  delete(key: Uint8Array): boolean {
    const slot = this.slotOf(key, hashOf(key))
    if (slot < 0) return false
    this.remove(slot)
    this.takeBack()
    return true
  }

  clear(): void {
    this.arena = new Arena()
    this.places = new Uint32Array(capacityMin)
    this.hashes = new Int32Array(capacityMin)
    this.mask = capacityMin - 1
    this.count = 0
    this.markedCount = 0
    this.markedPlaces = []
    this.wasteBytes = 0
    this.order = undefined
  }

  *range(
    from: Uint8Array | undefined,
    to: Uint8Array | undefined,
    reverse = false
  ): Generator<readonly [Uint8Array, Uint8Array]> {
    for (const [key, value] of this.scan(from, to, reverse)) if (value !== null) yield [key, value]
  }

  /** As `range`, with the entries that have null; one that is removed meanwhile is given as null, too. `nothing` if there are none. */
  scan(from: Uint8Array | undefined, to: Uint8Array | undefined, reverse = false): Iterable<PackedEntry> {
    const pieces = this.sorted().between(from, to)
    return pieces.length === 0 ? nothing : this.entriesOf(pieces, reverse)
  }

  /** The entries that are marked, in order. */
  *marked(): Generator<PackedEntry> {
    const { arena, markedPlaces, order } = this
    let marked: Array<number>
    if (order === undefined) {
      marked = markedPlaces.filter((place) => isMarked(arena, place))
      marked.sort((a, b) => arena.compare(a, lengthOf(arena, a), b, lengthOf(arena, b)))
    } else {
      marked = order.between(undefined, undefined).flatMap((piece) => piece.filter((place) => isMarked(arena, place)))
    }
    for (const place of marked) yield [arena.read(place, lengthOf(arena, place)), this.valueOf(place)]
  }

  /** Takes all marks away, and the marked entries that have null. */
  unmark(): void {
    const { arena, markedPlaces } = this
    for (const place of markedPlaces) {
      if (!isMarked(arena, place)) continue
      arena.setFirst(place, lengthOf(arena, place))
      if (arena.second(place) === nullValue) this.remove(this.slotOfPlace(place))
    }
    this.markedCount = 0
    this.markedPlaces = []
    this.takeBack()
  }

  private *entriesOf(pieces: ReadonlyArray<ReadonlyArray<number>>, reverse: boolean): Generator<PackedEntry> {
    // places are of this arena; what is written meanwhile may be in another
    const { arena } = this
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[reverse ? pieces.length - 1 - i : i]!
      for (let j = 0; j < piece.length; j++) {
        const place = piece[reverse ? piece.length - 1 - j : j]!
        const key = arena.read(place, lengthOf(arena, place))
        yield [key, this.find(key) ?? null]
      }
    }
  }

  private sorted(): SortedKeys<number> {
    this.order ??= new SortedKeys<number>({
      size: () => this.count,
      allKeys: () => this.allPlaces(),
      hasKey: (place) => this.slotOfPlace(place) >= 0,
      compareKeys: (a, b) => this.arena.compare(a, lengthOf(this.arena, a), b, lengthOf(this.arena, b)),
      compareTo: (place, key) => this.arena.compareTo(place, lengthOf(this.arena, place), key)
    })
    return this.order
  }

  private allPlaces(): Array<number> {
    const all: Array<number> = []
    for (let slot = 0; slot <= this.mask; slot++) if (this.places[slot] !== 0) all.push(this.places[slot]!)
    return all
  }

  private slotOf(key: Uint8Array, hash: number): number {
    const { arena, hashes, mask, places } = this
    let slot = hash & mask
    while (true) {
      const place = places[slot]!
      if (place === 0) return ~slot
      const isFound = hashes[slot] === hash && lengthOf(arena, place) === key.length && arena.isEqual(place, key)
      if (isFound) return slot
      slot = (slot + 1) & mask
    }
  }

  private slotOfPlace(place: number): number {
    const key = this.arena.read(place, lengthOf(this.arena, place))
    return this.slotOf(key, hashOf(key))
  }

  private valueOf(place: number): Uint8Array | null {
    const { arena } = this
    const value = arena.second(place)
    return value === nullValue ? null : arena.read(value, arena.first(value))
  }

  /** Adds a key that has null, with `free` as the slot that it would have; gives the one that it has. */
  private add(free: number, key: Uint8Array, hash: number): number {
    const isFull = this.count * 2 >= this.mask
    if (isFull) this.grow()
    const slot = isFull ? ~this.slotOf(key, hash) : free
    const place = this.arena.allocate(key.length)
    this.arena.setFirst(place, key.length)
    this.arena.write(place, key)
    this.places[slot] = place
    this.hashes[slot] = hash
    this.count++
    this.order?.note(place)
    return slot
  }

  private remove(removed: number): void {
    const { arena, hashes, mask, places } = this
    const place = places[removed]!
    const value = arena.second(place)
    if (isMarked(arena, place)) {
      arena.setFirst(place, lengthOf(arena, place))
      this.markedCount--
    }
    this.wasteBytes += Arena.sizeOf(lengthOf(arena, place))
    if (value !== nullValue) this.wasteBytes += Arena.sizeOf(arena.second(value))
    let hole = removed
    let slot = removed
    while (true) {
      slot = (slot + 1) & mask
      if (places[slot] === 0) break
      const home = hashes[slot]! & mask
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue
      places[hole] = places[slot]!
      hashes[hole] = hashes[slot]!
      hole = slot
    }
    places[hole] = 0
    this.count--
    this.order?.note(place)
  }

  private grow(): void {
    const { hashes, places } = this
    const capacity = places.length * 2
    this.places = new Uint32Array(capacity)
    this.hashes = new Int32Array(capacity)
    this.mask = capacity - 1
    for (let old = 0; old < places.length; old++) {
      if (places[old] === 0) continue
      let slot = hashes[old]! & this.mask
      while (this.places[slot] !== 0) slot = (slot + 1) & this.mask
      this.places[slot] = places[old]!
      this.hashes[slot] = hashes[old]!
    }
  }

  /** Moves all entries to a new arena when half of this one is waste: in their order if it is known. */
  private takeBack(): void {
    const { arena, order } = this
    if (this.wasteBytes < wasteMinBytes || this.wasteBytes * 2 < arena.usedBytes) return
    const pieces = order === undefined ? [this.allPlaces()] : order.between(undefined, undefined)
    const slots = pieces.flatMap((piece) => piece.map((place) => this.slotOfPlace(place)))
    const next = new Arena()
    const moved = slots.map((slot) => (this.places[slot] = moveEntry(arena, this.places[slot]!, next)))
    this.arena = next
    this.wasteBytes = 0
    this.markedPlaces = moved.filter((place) => isMarked(next, place))
    order?.renew(moved)
  }
}

const lengthOf = (arena: Arena, place: number): number => arena.first(place) & lengthMask

const isMarked = (arena: Arena, place: number): boolean => arena.first(place) >= markBit

/** Whether so many bytes may be written to a block of that capacity: without too much of it left over. */
const isFitting = (capacity: number, length: number): boolean => length <= capacity && capacity <= 2 * length + leftMax

/** A new block with a value. */
const valueIn = (arena: Arena, value: Uint8Array): number => {
  const place = arena.allocate(value.length)
  arena.setFirst(place, value.length)
  arena.setSecond(place, Arena.capacityOf(value.length))
  arena.write(place, value)
  return place
}

const moveEntry = (from: Arena, place: number, to: Arena): number => {
  const length = lengthOf(from, place)
  const moved = to.allocate(length)
  to.setFirst(moved, from.first(place))
  to.write(moved, from.read(place, length))
  const value = from.second(place)
  if (value !== nullValue) to.setSecond(moved, valueIn(to, from.read(value, from.first(value))))
  return moved
}
