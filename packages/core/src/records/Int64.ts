/**
 * Big-endian integers at a place in a byte array, with int64 as the nearest number.
 *
 * Keeps true: nothing is allocated; 2^63-1 survives as such (it is read as 2^63, and 2^63 is written as 2^63-1).
 *
 * @since 0.1.0
 */

const two32 = 0x1_0000_0000
const two63 = 0x8000_0000_0000_0000

/**
 * A signed 16-bit integer.
 *
 * @since 0.1.0
 */
export const readInt16 = (bytes: Uint8Array, at: number): number => ((bytes[at]! << 24) | (bytes[at + 1]! << 16)) >> 16

/**
 * A signed 32-bit integer.
 *
 * @since 0.1.0
 */
export const readInt32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!

/**
 * A signed 64-bit integer, as the nearest number.
 *
 * @since 0.1.0
 */
export const readInt64 = (bytes: Uint8Array, at: number): number =>
  readInt32(bytes, at) * two32 + (readInt32(bytes, at + 4) >>> 0)

/**
 * A signed 64-bit integer, exactly.
 *
 * @since 0.1.0
 */
export const readInt64Exact = (bytes: Uint8Array, at: number): bigint =>
  (BigInt(readInt32(bytes, at)) << 32n) | BigInt(readInt32(bytes, at + 4) >>> 0)

/**
 * Writes the low 16 bits of `value`.
 *
 * @since 0.1.0
 */
export const writeInt16 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

/**
 * Writes the low 32 bits of `value`.
 *
 * @since 0.1.0
 */
export const writeInt32 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/**
 * Writes an integral number as 64 bits.
 *
 * @since 0.1.0
 */
export const writeInt64 = (bytes: Uint8Array, at: number, value: number): void => {
  if (value >= two63) {
    writeInt32(bytes, at, 0x7fffffff)
    writeInt32(bytes, at + 4, -1)
  } else {
    writeInt32(bytes, at, Math.floor(value / two32))
    writeInt32(bytes, at + 4, value % two32 + two32)
  }
}

/**
 * Writes the low 64 bits of `value`.
 *
 * @since 0.1.0
 */
export const writeInt64Exact = (bytes: Uint8Array, at: number, value: bigint): void => {
  writeInt32(bytes, at, Number(BigInt.asIntN(32, value >> 32n)))
  writeInt32(bytes, at + 4, Number(BigInt.asIntN(32, value)))
}
