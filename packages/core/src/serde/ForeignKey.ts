/**
 * What the two sides of a foreign-key join of tables send each other: Kafka's `SubscriptionWrapper`,
 * `SubscriptionResponseWrapper` and `CombinedKey`, byte for byte.
 *
 * The left side subscribes under its foreign key; the right side keeps the subscription, and answers with its value whenever
 * that or the subscription changes. Both name the left value by its hash, so that an answer to an older one is known.
 *
 * @since 0.1.0
 */
import * as Integers from "./Integers.ts"
import * as Serde from "./Serde.ts"

/**
 * What the right side does with a subscription; as a byte, its place in the list.
 *
 * - `DeleteKeyNoPropagate`: forget it
 * - `DeleteKeyAndPropagate`: forget it, and answer that there is no value
 * - `PropagateNullIfNoFkValAvailable`: keep it, and answer, also without a value
 * - `PropagateOnlyIfFkValAvailable`: keep it, and answer if there is a value
 *
 * @since 0.1.0
 */
export const instructions = [
  "DeleteKeyNoPropagate",
  "DeleteKeyAndPropagate",
  "PropagateNullIfNoFkValAvailable",
  "PropagateOnlyIfFkValAvailable"
] as const

/**
 * One of the instructions.
 *
 * @since 0.1.0
 */
export type Instruction = typeof instructions[number]

/**
 * What a left row says to the right side. `hash`: of its value (16 bytes), null if it is deleted. `primaryPartition`: where to
 * answer; null from versions of Kafka Streams that did not say (wire version 0).
 *
 * @since 0.1.0
 */
export interface Subscription<out K> {
  readonly hash: Uint8Array | null
  readonly instruction: Instruction
  readonly primaryKey: K
  readonly primaryPartition: number | null
}

/**
 * What the right side answers. `hash` is that of the subscription.
 *
 * @since 0.1.0
 */
export interface Response<out V> {
  readonly hash: Uint8Array | null
  readonly foreignValue: V | null
  /** Where the answer goes; not part of its bytes. */
  readonly primaryPartition: number | null
}

/**
 * A foreign key and the primary key that is subscribed to it.
 *
 * @since 0.1.0
 */
export interface CombinedKey<out FK, out K> {
  readonly foreignKey: FK
  readonly primaryKey: K
}

const hashLength = 16
const noHash = 0x80

const malformed = (serde: string, detail: string) =>
  new Serde.SerdeError({
    operation: "deserialize",
    serde,
    detail,
    hint: "check that only this application writes the topics of its foreign-key joins"
  })

/**
 * A subscription: version (1) with the highest bit set if there is no hash, instruction, hash, primary key, partition (4
 * bytes; none in version 0).
 *
 * @since 0.1.0
 */
export const subscription = <K>(key: Serde.Serde<K>): Serde.Serde<Subscription<NonNullable<K>>> => {
  const name = `subscription(${key.name})`
  return Serde.make({
    name,
    serialize: ({ hash, instruction, primaryKey, primaryPartition }) => {
      const keyBytes = key.serializeUnsafe(primaryKey)
      const keyAt = 2 + (hash === null ? 0 : hashLength)
      const bytes = new Uint8Array(keyAt + keyBytes.length + (primaryPartition === null ? 0 : 4))
      bytes[0] = (primaryPartition === null ? 0 : 1) | (hash === null ? noHash : 0)
      bytes[1] = instructions.indexOf(instruction)
      if (hash !== null) bytes.set(hash, 2)
      bytes.set(keyBytes, keyAt)
      if (primaryPartition !== null) Integers.writeInt(bytes, keyAt + keyBytes.length, primaryPartition)
      return bytes
    },
    deserialize: (bytes) => {
      const version = bytes[0]! & ~noHash
      const keyAt = 2 + ((bytes[0]! & noHash) === 0 ? hashLength : 0)
      const keyEnd = bytes.length - (version === 0 ? 0 : 4)
      const instruction = instructions[bytes[1]!]
      if (version > 1) throw malformed(name, `there is no version ${version}`)
      if (instruction === undefined || keyEnd < keyAt) throw malformed(name, "the bytes are cut short")
      return {
        hash: keyAt === 2 ? null : bytes.slice(2, keyAt),
        instruction,
        primaryKey: key.deserializeUnsafe(bytes.subarray(keyAt, keyEnd)),
        primaryPartition: version === 0 ? null : Integers.readInt(bytes, keyEnd)
      }
    }
  })
}

/**
 * A response: version (0) with the highest bit set if there is no hash, hash, value (no bytes for none).
 *
 * @since 0.1.0
 */
export const response = <V>(value: Serde.Serde<V>): Serde.Serde<Response<NonNullable<V>>> => {
  const name = `response(${value.name})`
  return Serde.make<Response<NonNullable<V>>>({
    name,
    serialize: ({ foreignValue, hash }) => {
      const valueBytes = Serde.toBytesUnsafe(value, foreignValue)
      const valueAt = 1 + (hash === null ? 0 : hashLength)
      const bytes = new Uint8Array(valueAt + (valueBytes === null ? 0 : valueBytes.length))
      if (hash === null) bytes[0] = noHash
      else bytes.set(hash, 1)
      if (valueBytes !== null) bytes.set(valueBytes, valueAt)
      return bytes
    },
    deserialize: (bytes) => {
      const version = bytes[0]! & ~noHash
      const valueAt = 1 + ((bytes[0]! & noHash) === 0 ? hashLength : 0)
      if (version !== 0) throw malformed(name, `there is no version ${version}`)
      if (bytes.length < valueAt) throw malformed(name, "the bytes are cut short")
      return {
        hash: valueAt === 1 ? null : bytes.slice(1, valueAt),
        foreignValue: bytes.length === valueAt ? null : value.deserializeUnsafe(bytes.subarray(valueAt)),
        primaryPartition: null
      }
    }
  })
}

/**
 * What the bytes of all combined keys with this foreign key begin with: its length (4 bytes) and itself.
 *
 * @since 0.1.0
 */
export const combinedPrefix = (foreignKey: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(4 + foreignKey.length)
  Integers.writeInt(bytes, 0, foreignKey.length)
  bytes.set(foreignKey, 4)
  return bytes
}

/**
 * A combined key: the length of the foreign key (4 bytes), the foreign key, the primary key.
 *
 * @since 0.1.0
 */
export const combinedKey = <FK, K>(
  foreignKey: Serde.Serde<FK>,
  primaryKey: Serde.Serde<K>
): Serde.Serde<CombinedKey<NonNullable<FK>, NonNullable<K>>> => {
  const name = `combined(${foreignKey.name}, ${primaryKey.name})`
  return Serde.make({
    name,
    serialize: (combined) => {
      const prefix = combinedPrefix(foreignKey.serializeUnsafe(combined.foreignKey))
      const primary = primaryKey.serializeUnsafe(combined.primaryKey)
      const bytes = new Uint8Array(prefix.length + primary.length)
      bytes.set(prefix)
      bytes.set(primary, prefix.length)
      return bytes
    },
    deserialize: (bytes) => {
      const end = bytes.length < 4 ? -1 : 4 + Integers.readInt(bytes, 0)
      if (end < 4 || end > bytes.length) throw malformed(name, "the bytes are cut short")
      return {
        foreignKey: foreignKey.deserializeUnsafe(bytes.subarray(4, end)),
        primaryKey: primaryKey.deserializeUnsafe(bytes.subarray(end))
      }
    }
  })
}
