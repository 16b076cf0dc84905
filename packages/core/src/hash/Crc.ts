/**
 * The CRC machine behind `Crc32c` and `Crc32`: sixteen bytes per step, sixteen tables, no allocation per call.
 *
 * Keeps true: `crc(b, 0, n)` equals `crc(b, k, n, crc(b, 0, k))` for every k. Results are unsigned.
 * Leaves to others: which polynomial, and native code for large inputs (`Compression.crc32c`).
 *
 * @since 0.1.0
 */

/**
 * The checksum of `bytes[start, end)`, going on from `previous` (0 when left out). Unsigned 32 bits.
 *
 * @since 0.1.0
 */
export type Crc = (bytes: Uint8Array, start: number, end: number, previous?: number) => number

const slices = 16

const tablesOf = (polynomial: number): Int32Array => {
  const tables = new Int32Array(slices * 256)
  for (let index = 0; index < 256; index++) {
    let crc = index
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ polynomial
    tables[index] = crc
  }
  for (let index = 256; index < slices * 256; index++) {
    const before = tables[index - 256]!
    tables[index] = (before >>> 8) ^ tables[before & 0xff]!
  }
  return tables
}

/**
 * The checksum of a reflected polynomial.
 *
 * @since 0.1.0
 */
export const make = (polynomial: number): Crc => {
  const t = tablesOf(polynomial)
  return (bytes, start, end, previous = 0) => {
    let crc = ~previous
    let at = start
    for (const last = end - slices; at <= last; at += slices) {
      crc = t[0xf00 + ((crc ^ bytes[at]!) & 0xff)]! ^
        t[0xe00 + (((crc >>> 8) ^ bytes[at + 1]!) & 0xff)]! ^
        t[0xd00 + (((crc >>> 16) ^ bytes[at + 2]!) & 0xff)]! ^
        t[0xc00 + ((crc >>> 24) ^ bytes[at + 3]!)]! ^
        t[0xb00 + bytes[at + 4]!]! ^
        t[0xa00 + bytes[at + 5]!]! ^
        t[0x900 + bytes[at + 6]!]! ^
        t[0x800 + bytes[at + 7]!]! ^
        t[0x700 + bytes[at + 8]!]! ^
        t[0x600 + bytes[at + 9]!]! ^
        t[0x500 + bytes[at + 10]!]! ^
        t[0x400 + bytes[at + 11]!]! ^
        t[0x300 + bytes[at + 12]!]! ^
        t[0x200 + bytes[at + 13]!]! ^
        t[0x100 + bytes[at + 14]!]! ^
        t[bytes[at + 15]!]!
    }
    while (at < end) crc = (crc >>> 8) ^ t[(crc ^ bytes[at++]!) & 0xff]!
    return ~crc >>> 0
  }
}
