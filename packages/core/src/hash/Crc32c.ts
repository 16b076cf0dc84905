/**
 * CRC-32C (Castagnoli), which guards record batches of magic 2.
 *
 * Pure: what runs without ports, and the reference for native code. Whoever has a `Compression` uses its `crc32c`,
 * which gives the same numbers and is faster on large batches.
 *
 * @since 0.1.0
 */
import * as Crc from "./Crc.ts"

/**
 * A function that computes CRC-32C: the pure one here, or a faster one with the same results.
 *
 * @since 0.1.0
 */
export type Crc32c = Crc.Crc

/**
 * CRC-32C of `bytes[start, end)`, going on from `previous` (0 when left out). Unsigned 32 bits.
 *
 * @since 0.1.0
 */
export const crc32c: Crc32c = Crc.make(0x82f63b78)
