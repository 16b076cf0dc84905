/**
 * The bytes of a table's change on its way through a repartition topic, as Kafka writes them: `old 00`, `new 01`, or
 * `varint(length of new) new old 02`, the varint in zigzag.
 *
 * Keeps true: bytes that are no change are a `SerdeError`.
 * Leaves to others: the bytes of the values (their serde).
 *
 * @since 0.1.0
 */
import * as Serde from "@millrace/core/serde/Serde"

/**
 * Writes a change; both sides null has no bytes.
 *
 * @since 0.1.0
 */
export const serializeUnsafe = (serde: Serde.Any, newValue: unknown, oldValue: unknown): Uint8Array | null => {
  const newBytes = Serde.toBytesUnsafe(serde, newValue)
  const oldBytes = Serde.toBytesUnsafe(serde, oldValue)
  if (newBytes === null) return oldBytes === null ? null : tagged(oldBytes, 0)
  if (oldBytes === null) return tagged(newBytes, 1)
  const prefix = varintLength(2 * newBytes.length)
  const bytes = new Uint8Array(prefix + newBytes.length + oldBytes.length + 1)
  let left = 2 * newBytes.length
  for (let i = 0; i < prefix; i++, left >>>= 7) bytes[i] = i === prefix - 1 ? left : (left & 0x7f) | 0x80
  bytes.set(newBytes, prefix)
  bytes.set(oldBytes, prefix + newBytes.length)
  bytes[bytes.length - 1] = 2
  return bytes
}

/**
 * Reads a change as its two sides; throws `SerdeError`.
 *
 * @since 0.1.0
 */
export const deserializeUnsafe = (serde: Serde.Any, bytes: Uint8Array): { newValue: unknown; oldValue: unknown } => {
  const end = bytes.length - 1
  const flag = bytes[end]
  if (flag === 0) return { newValue: null, oldValue: serde.deserializeUnsafe(bytes.subarray(0, end)) }
  if (flag === 1) return { newValue: serde.deserializeUnsafe(bytes.subarray(0, end)), oldValue: null }
  let doubled = 0
  let at = 0
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[at++] ?? 0
    doubled |= (byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  const length = doubled % 2 === 0 ? doubled >>> 1 : -1
  if (flag !== 2 || length < 0 || at + length > end) {
    throw new Serde.SerdeError({
      operation: "deserialize",
      serde: `change(${serde.name})`,
      detail: flag === 2 ? "the bytes are cut short" : `there is no encoding ${flag}`,
      hint: "check that only this application writes its repartition topics"
    })
  }
  return {
    newValue: serde.deserializeUnsafe(bytes.subarray(at, at + length)),
    oldValue: serde.deserializeUnsafe(bytes.subarray(at + length, end))
  }
}

const tagged = (value: Uint8Array, flag: number): Uint8Array => {
  const bytes = new Uint8Array(value.length + 1)
  bytes.set(value)
  bytes[value.length] = flag
  return bytes
}

const varintLength = (value: number): number => {
  let length = 1
  for (let left = value >>> 7; left > 0; left >>>= 7) length++
  return length
}
