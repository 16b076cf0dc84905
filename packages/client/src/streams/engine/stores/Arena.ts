/**
 * Blocks of bytes in a few large buffers: what holds many small byte strings without an object for each of them.
 *
 * A block is known by its place, an unsigned 32-bit number of units of 8 bytes; 0 is no block. It has two words of its
 * owner's, then its bytes.
 *
 * Keeps true: a block stays where it is, and its bytes as they are but for what its owner writes.
 * Leaves to others: which blocks are still wanted: none are taken back, who wants less makes a new arena.
 *
 * @since 0.1.0
 */

const unitShift = 3
const headerBytes = 8
/** Units of one buffer: 2 ** 15, which are 256 KiB. A larger block has a buffer of its own. */
const chunkShift = 15
const chunkUnits = 1 << chunkShift
const unitMask = chunkUnits - 1
const firstUnits = 64

/** Fewer bytes are copied one by one. */
const loopMax = 48

const unitsOf = (byteCount: number): number => (byteCount + headerBytes + 7) >>> unitShift

/**
 * The blocks.
 *
 * @since 0.1.0
 */
export class Arena {
  private readonly bytes: Array<Uint8Array> = []
  private readonly words: Array<Uint32Array> = []
  /** The buffer that blocks are added to, its length, and where its free part begins, in units. */
  private current = this.addChunk(firstUnits)
  private currentUnits = firstUnits
  private free = 1
  /** What all blocks take, in bytes. */
  usedBytes = 0

  /** A new block of so many bytes, with 0 in its words. */
  allocate(byteCount: number): number {
    const units = unitsOf(byteCount)
    this.usedBytes += units << unitShift
    if (units > chunkUnits) return (this.addChunk(units) << chunkShift) >>> 0
    if (this.free + units > this.currentUnits) this.makeRoom(units)
    const at = this.free
    this.free += units
    return ((this.current << chunkShift) | at) >>> 0
  }

  /** How many bytes a block can hold that was made for so many. */
  static capacityOf(byteCount: number): number {
    return (unitsOf(byteCount) << unitShift) - headerBytes
  }

  /** What a block for so many bytes takes. */
  static sizeOf(byteCount: number): number {
    return unitsOf(byteCount) << unitShift
  }

  first(place: number): number {
    return this.words[place >>> chunkShift]![(place & unitMask) << 1]!
  }

  setFirst(place: number, value: number): void {
    this.words[place >>> chunkShift]![(place & unitMask) << 1] = value
  }

  second(place: number): number {
    return this.words[place >>> chunkShift]![((place & unitMask) << 1) + 1]!
  }

  setSecond(place: number, value: number): void {
    this.words[place >>> chunkShift]![((place & unitMask) << 1) + 1] = value
  }

  /** Writes the bytes of a block. */
  write(place: number, source: Uint8Array): void {
    const bytes = this.bytes[place >>> chunkShift]!
    const start = ((place & unitMask) << unitShift) + headerBytes
    if (source.length > loopMax) bytes.set(source, start)
    else for (let i = 0; i < source.length; i++) bytes[start + i] = source[i]!
  }

  /** A copy of the first bytes of a block. */
  read(place: number, length: number): Uint8Array {
    const bytes = this.bytes[place >>> chunkShift]!
    const start = ((place & unitMask) << unitShift) + headerBytes
    if (length > loopMax) return bytes.slice(start, start + length)
    const copy = new Uint8Array(length)
    for (let i = 0; i < length; i++) copy[i] = bytes[start + i]!
    return copy
  }

  /** Whether the first bytes of a block are these. */
  isEqual(place: number, key: Uint8Array): boolean {
    const bytes = this.bytes[place >>> chunkShift]!
    const start = ((place & unitMask) << unitShift) + headerBytes
    for (let i = 0; i < key.length; i++) if (bytes[start + i] !== key[i]) return false
    return true
  }

  /** Compares the first bytes of a block with others, as `compareBytes`. */
  compareTo(place: number, length: number, other: Uint8Array): number {
    const bytes = this.bytes[place >>> chunkShift]!
    const start = ((place & unitMask) << unitShift) + headerBytes
    const common = length < other.length ? length : other.length
    for (let i = 0; i < common; i++) {
      const difference = bytes[start + i]! - other[i]!
      if (difference !== 0) return difference
    }
    return length - other.length
  }

  /** Compares the first bytes of two blocks. */
  compare(a: number, aLength: number, b: number, bLength: number): number {
    const aBytes = this.bytes[a >>> chunkShift]!
    const bBytes = this.bytes[b >>> chunkShift]!
    const aStart = ((a & unitMask) << unitShift) + headerBytes
    const bStart = ((b & unitMask) << unitShift) + headerBytes
    const common = aLength < bLength ? aLength : bLength
    for (let i = 0; i < common; i++) {
      const difference = aBytes[aStart + i]! - bBytes[bStart + i]!
      if (difference !== 0) return difference
    }
    return aLength - bLength
  }

  private addChunk(units: number): number {
    const bytes = new Uint8Array(units << unitShift)
    this.words.push(new Uint32Array(bytes.buffer))
    return this.bytes.push(bytes) - 1
  }

  /** The first buffer grows until it is as large as the others, so that an arena with little in it is small. */
  private makeRoom(units: number): void {
    const needed = this.free + units
    if (needed > chunkUnits) {
      this.current = this.addChunk(chunkUnits)
      this.currentUnits = chunkUnits
      this.free = 0
      return
    }
    while (this.currentUnits < needed) this.currentUnits *= 2
    const bytes = new Uint8Array(this.currentUnits << unitShift)
    bytes.set(this.bytes[this.current]!)
    this.bytes[this.current] = bytes
    this.words[this.current] = new Uint32Array(bytes.buffer)
  }
}
