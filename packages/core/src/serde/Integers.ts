/**
 * Big-endian integers in bytes, without a DataView: these run for every record.
 *
 * @since 0.1.0
 */

const two32 = 0x1_0000_0000

/**
 * Writes 32 bits at `at`.
 *
 * @since 0.1.0
 */
export const writeInt = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >> 24
  bytes[at + 1] = value >> 16
  bytes[at + 2] = value >> 8
  bytes[at + 3] = value
}

/**
 * The 32 bits at `at`, signed.
 *
 * @since 0.1.0
 */
export const readInt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!

/**
 * Writes 64 bits at `at`, of an integer of at most 2^53.
 *
 * @since 0.1.0
 */
export const writeLong = (bytes: Uint8Array, at: number, value: number): void => {
  writeInt(bytes, at, Math.floor(value / two32))
  writeInt(bytes, at + 4, value >>> 0)
}

/**
 * The 64 bits at `at`, signed, as the nearest number.
 *
 * @since 0.1.0
 */
export const readLong = (bytes: Uint8Array, at: number): number =>
  readInt(bytes, at) * two32 + (readInt(bytes, at + 4) >>> 0)
