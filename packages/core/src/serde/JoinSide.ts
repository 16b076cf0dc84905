/**
 * What a left or outer join of streams keeps of a record that has met no other: Kafka's `TimestampedKeyAndJoinSide` and
 * `LeftOrRightValue`, byte for byte.
 *
 * What it keeps true: keys are in the order of their timestamps; at the same time the right side is first.
 *
 * @since 0.1.0
 */
import type { Erased } from "./Erased.ts"
import * as Integers from "./Integers.ts"
import * as Serde from "./Serde.ts"

/**
 * The key of a record, its time, and whether it is of the left stream.
 *
 * @since 0.1.0
 */
export interface SidedKey<out K> {
  readonly key: K
  readonly timestamp: number
  readonly leftSide: boolean
}

/**
 * A value of the left stream or of the right one; the other is undefined.
 *
 * @since 0.1.0
 */
export interface SidedValue<out L, out R> {
  readonly left?: L
  readonly right?: R
}

const prefixLength = 9

/**
 * A sided key: its timestamp (8 bytes), 1 for left or 0 for right, the bytes of the key.
 *
 * @since 0.1.0
 */
export const sidedKey = <K>(key: Serde.Serde<K>): Serde.Serde<SidedKey<NonNullable<K>>> =>
  Serde.make({
    name: `sided(${key.name})`,
    serialize: ({ key: inner, leftSide, timestamp }) => {
      const keyBytes = key.serializeUnsafe(inner)
      const bytes = new Uint8Array(prefixLength + keyBytes.length)
      Integers.writeLong(bytes, 0, timestamp)
      bytes[prefixLength - 1] = leftSide ? 1 : 0
      bytes.set(keyBytes, prefixLength)
      return bytes
    },
    deserialize: (bytes) => ({
      key: key.deserializeUnsafe(bytes.subarray(prefixLength)),
      timestamp: Integers.readLong(bytes, 0),
      leftSide: bytes[prefixLength - 1] === 1
    })
  })

/**
 * A sided value: 1 for left or 0 for right, the bytes of the value.
 *
 * @since 0.1.0
 */
export const sidedValue = <L, R>(
  left: Serde.Serde<L>,
  right: Serde.Serde<R>
): Serde.Serde<SidedValue<NonNullable<L>, NonNullable<R>>> =>
  Serde.make({
    name: `sided(${left.name}, ${right.name})`,
    serialize: (value) => value.left === undefined ? tagged(0, right, value.right) : tagged(1, left, value.left),
    deserialize: (bytes) => {
      const inner = bytes.subarray(1)
      return bytes[0] === 1 ? { left: left.deserializeUnsafe(inner) } : { right: right.deserializeUnsafe(inner) }
    }
  })

const tagged = (tag: number, serde: Serde.Any, value: Erased): Uint8Array => {
  const inner = serde.serializeUnsafe(value)
  const bytes = new Uint8Array(1 + inner.length)
  bytes[0] = tag
  bytes.set(inner, 1)
  return bytes
}
