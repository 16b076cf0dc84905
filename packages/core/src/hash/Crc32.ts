/**
 * CRC-32 (IEEE), which guards messages of magic 0 and 1, and gzip members.
 *
 * @since 0.1.0
 */
import * as Crc from "./Crc.ts"

/**
 * CRC-32 of `bytes[start, end)`, going on from `previous` (0 when left out). Unsigned 32 bits.
 *
 * @since 0.1.0
 */
export const crc32: Crc.Crc = Crc.make(0xedb88320)
