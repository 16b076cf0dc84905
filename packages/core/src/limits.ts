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

/**
 * Unread bytes in one direction of an in-process connection beyond which its writer waits.
 *
 * @since 0.1.0
 */
export const memoryPipeMaxBytes = 1024 * 1024

/**
 * A connection that is silent for this long is probed, in milliseconds: who waits on one for an answer learns within
 * about twice this time that the peer's machine is gone, or has been away.
 *
 * @since 0.1.0
 */
export const keepAliveMs = 10_000

/**
 * Connections that may wait to be accepted at one listening address (Kafka's `socket.listen.backlog.size`).
 *
 * @since 0.1.0
 */
export const listenBacklogMax = 50

/**
 * Unread bytes of one socket beyond which it is paused.
 *
 * @since 0.1.0
 */
export const socketUnreadMaxBytes = 1024 * 1024

/**
 * Byte fields from this size on, in bytes, are passed on by reference when a message is encoded; smaller ones are copied.
 *
 * @since 0.1.0
 */
export const bytesByReferenceMin = 1024

/**
 * The size in bytes of the slabs that encoded messages share.
 *
 * @since 0.1.0
 */
export const writerSlabBytes = 16 * 1024

/**
 * What the records of one compressed batch may expand to, in bytes, unless the caller names another bound.
 *
 * @since 0.1.0
 */
export const decompressedBatchMaxBytes = 64 * 1024 * 1024

/**
 * Blocks up to this size, in bytes, are compressed and decompressed on the event loop, larger ones beside it.
 *
 * @since 0.1.0
 */
export const compressionInlineMaxBytes = 128 * 1024

/**
 * What is decompressed on the event loop expands to this, in bytes, at most; what is more is begun again beside it.
 *
 * @since 0.1.0
 */
export const decompressionInlineMaxBytes = 1024 * 1024

/**
 * The first buffer, in bytes, of a frame that comes in several chunks; beyond it the buffer is at most four times what came.
 *
 * @since 0.1.0
 */
export const frameBufferMinBytes = 4 * 1024

/**
 * Refused records that one answer to a produced batch names, at most; further ones only count.
 *
 * @since 0.1.0
 */
export const recordErrorsMax = 1000

/**
 * A decoded message takes at most this many times the bytes that it was read from, and `messageMemoryBaseBytes`. The worst
 * are collections of empty structs.
 *
 * @since 0.1.0
 */
export const messageMemoryFactorMax = 128

/**
 * What a message without any collection may take beyond `messageMemoryFactorMax`, in bytes.
 *
 * @since 0.1.0
 */
export const messageMemoryBaseBytes = 1024

/**
 * The most elements that the collections of one message may have in all; a small element takes some 100 bytes of memory.
 *
 * @since 0.1.0
 */
export const messageElementsMax = 4 * 1024 * 1024

/**
 * Frames up to this many bytes that come together share pieces of memory of at most this size, where chunks are only lent.
 *
 * @since 0.1.0
 */
export const frameSharedMaxBytes = 4096
