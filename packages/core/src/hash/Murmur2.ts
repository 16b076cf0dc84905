/**
 * Kafka's murmur2: which partition a keyed record goes to.
 *
 * Keeps true: equal to `org.apache.kafka.common.utils.Utils.murmur2` and the default partitioner, for every key.
 *
 * @since 0.1.0
 */

const multiplier = 0x5bd1e995

/**
 * The signed 32-bit murmur2 hash of `bytes`, with Kafka's seed.
 *
 * @since 0.1.0
 */
export const murmur2 = (bytes: Uint8Array): number => murmur2Range(bytes, 0, bytes.length)

/**
 * The signed 32-bit murmur2 hash of `bytes[start, end)`: for keys that lie in a larger buffer.
 *
 * @since 0.1.0
 */
export const murmur2Range = (bytes: Uint8Array, start: number, end: number): number => {
  const length = end - start
  let hash = 0x9747b28c ^ length
  let at = start
  for (const last = end - 4; at <= last; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    word = Math.imul(word, multiplier)
    word ^= word >>> 24
    hash = Math.imul(hash, multiplier) ^ Math.imul(word, multiplier)
  }
  const left = length & 3
  if (left > 2) hash ^= bytes[at + 2]! << 16
  if (left > 1) hash ^= bytes[at + 1]! << 8
  if (left > 0) hash = Math.imul(hash ^ bytes[at]!, multiplier)
  hash = Math.imul(hash ^ (hash >>> 13), multiplier)
  return hash ^ (hash >>> 15)
}

/**
 * The partition, 0 to `partitionCount` - 1, of a record with this key: the sign bit is cleared, not the sign.
 *
 * @since 0.1.0
 */
export const partitionForKey = (key: Uint8Array, partitionCount: number): number =>
  (murmur2(key) & 0x7fffffff) % partitionCount
