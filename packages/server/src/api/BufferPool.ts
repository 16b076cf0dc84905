/**
 * Buffers that are used again, for the bytes that pass through a broker: frames that come and records that go. Made anew
 * for each request they would be garbage of the size of all that is moved, which costs more than moving it.
 *
 * Keeps true: no more than `maxBytes` lie ready; sizes are powers of two between `pooledBufferMinBytes` and
 * `pooledBufferMaxBytes`, others are made as asked for and never kept.
 * Leaves to others: not to use what was given back. What is never given back is garbage as ever.
 *
 * @since 0.1.0
 */
import { pooledBufferMaxBytes, pooledBufferMinBytes } from "../limits.ts"

/**
 * A pool of buffers.
 *
 * @since 0.1.0
 */
export class BufferPool {
  readonly maxBytes: number
  #readyBytes = 0
  /** What lies ready, by the logarithm of the size. */
  readonly #ready: Array<Array<Uint8Array>> = []

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  get readyBytes(): number {
    return this.#readyBytes
  }

  /** A buffer of at least `size` bytes that lies ready, if any; what it holds is of no meaning. */
  readonly spare = (size: number): Uint8Array | undefined => {
    if (size < pooledBufferMinBytes || size > pooledBufferMaxBytes) return undefined
    const buffer = this.#ready[classOf(size)]?.pop()
    if (buffer !== undefined) this.#readyBytes -= buffer.length
    return buffer
  }

  /** A buffer of at least `size` bytes; what it holds is of no meaning. */
  readonly take = (size: number): Uint8Array =>
    this.spare(size) ??
      new Uint8Array(size < pooledBufferMinBytes || size > pooledBufferMaxBytes ? size : 2 ** classOf(size))

  /** Takes back the buffer, or the one in which the bytes lie; what is not a buffer of a pool is let go. */
  give(bytes: Uint8Array): void {
    const size = bytes.buffer.byteLength
    const pooled = size >= pooledBufferMinBytes && size <= pooledBufferMaxBytes && 2 ** classOf(size) === size
    if (!pooled || this.#readyBytes + size > this.maxBytes) return
    const kind = classOf(size)
    const ready = this.#ready[kind] ?? (this.#ready[kind] = [])
    ready.push(new Uint8Array(bytes.buffer))
    this.#readyBytes += size
  }
}

const classOf = (size: number): number => 32 - Math.clz32(size - 1)
