/**
 * Java's longs as numbers: exact up to 2^53, and without an allocation.
 *
 * @since 0.1.0
 */

/**
 * Writes eight bytes, big-endian.
 *
 * @since 0.1.0
 */
export const write = (view: DataView, at: number, value: number): void => {
  view.setInt32(at, Math.floor(value / 0x100000000))
  view.setUint32(at + 4, value >>> 0)
}

/**
 * Reads eight bytes, big-endian.
 *
 * @since 0.1.0
 */
export const read = (view: DataView, at: number): number => view.getInt32(at) * 0x100000000 + view.getUint32(at + 4)
