/**
 * Which partition a record without one goes to: by its key, or, without key, to one partition until a batch is full
 * (KIP-794: uniform in bytes, and less to partitions that are slow).
 *
 * @since 0.1.0
 */
import { murmur2 } from "@millrace/core/hash/Murmur2"

const encoder = new TextEncoder()

/**
 * The partition of a key, as every Kafka client of the Java family computes it.
 *
 * @since 0.1.0
 */
export const partitionOfKey = (key: Uint8Array | string, partitions: number): number =>
  (murmur2(typeof key === "string" ? encoder.encode(key) : key) & 0x7fffffff) % partitions

/**
 * Chooses a partition from a random number in [0, 1), in inverse proportion to how much waits in each.
 *
 * @since 0.1.0
 */
export const choose = (waiting: ReadonlyArray<number>, random: number): number => {
  let most = 0
  for (const count of waiting) most = Math.max(most, count)
  let total = 0
  for (const count of waiting) total += most + 1 - count
  let at = random * total
  for (const [partition, count] of waiting.entries()) {
    at -= most + 1 - count
    if (at < 0) return partition
  }
  return waiting.length - 1
}

/**
 * The partition that records without key go to at the moment.
 *
 * @since 0.1.0
 */
export class Sticky {
  #partition = -1
  #bytes = 0
  readonly #batchBytes: number

  constructor(batchBytes: number) {
    this.#batchBytes = batchBytes
  }

  /** The current partition; a new one, chosen by `next`, after a batch's worth of bytes. */
  current(partitions: number, next: () => number): number {
    if (this.#partition < 0 || this.#partition >= partitions || this.#bytes >= this.#batchBytes) {
      this.#partition = next()
      this.#bytes = 0
    }
    return this.#partition
  }

  /** Notes how many bytes went to the current partition. */
  wrote(bytes: number): void {
    this.#bytes += bytes
  }
}
