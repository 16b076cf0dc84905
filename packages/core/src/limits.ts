/**
 * The limits of core: every bound on memory, frames and loops, by name, with its unit.
 *
 * @since 0.1.0
 */

/**
 * The largest frame that is read, in bytes (Kafka's `socket.request.max.bytes`).
 *
 * @since 0.1.0
 */
export const frameSizeMaxBytes = 100 * 1024 * 1024
