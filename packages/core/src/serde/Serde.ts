/**
 * Values as bytes, the way Kafka's own serdes write them.
 *
 * What it keeps true: what a serde writes it reads back equal; bytes or values that it cannot honour are a `SerdeError`,
 * never a wrong value; a serde is synchronous and holds no state.
 * What it leaves to others: null. A null key or value is null bytes, before any serde is asked (`toBytesUnsafe`,
 * `fromBytesUnsafe`); `nullable` only says in the types that null is a value.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import { type Pipeable, Prototype } from "effect/Pipeable"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Erased } from "./Erased.ts"
import * as Integers from "./Integers.ts"
import * as Text from "./internal/text.ts"
import * as Windowed from "./Windowed.ts"

/**
 * How values of type `A` are written and read.
 *
 * @since 0.1.0
 */
export interface Serde<in out A> extends Pipeable {
  readonly _tag: "Serde"
  /** What it is, for people: `string`, `json`, `windowed(string)`. */
  readonly name: string
  /** True if null is one of its values. */
  readonly isNullable: boolean
  /**
   * How many bytes a value takes, if all take the same number (Kafka's `ListSerde` writes those without their length).
   */
  readonly sizeBytes: number | undefined
  /** How many bytes at the end of a key do not decide its partition: a windowed key is partitioned by its inner key. */
  readonly partitionSuffixBytes: number
  /** The bytes of a value other than null; throws `SerdeError`. */
  readonly serializeUnsafe: (value: NonNullable<A>) => Uint8Array
  /** The value of bytes, which it must not keep; throws `SerdeError`. */
  readonly deserializeUnsafe: (bytes: Uint8Array) => NonNullable<A>
}

/**
 * A serde of whatever type.
 *
 * @since 0.1.0
 */
export type Any = Serde<Erased>

/**
 * The type that a serde writes and reads.
 *
 * @since 0.1.0
 */
export type Type<S> = S extends Serde<infer A> ? A : never

/**
 * A value that a serde cannot write, or bytes that it cannot read.
 *
 * @since 0.1.0
 */
export class SerdeError extends Data.TaggedError("SerdeError")<{
  readonly operation: "serialize" | "deserialize"
  readonly serde: string
  readonly detail: string
  readonly hint: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `cannot ${this.operation} ${this.serde}: ${this.detail}; ${this.hint}`
  }
}

/**
 * A serde from its two functions, which may throw: what is not a `SerdeError` becomes one.
 *
 * @since 0.1.0
 */
export const make = <A>(options: {
  readonly name: string
  readonly serialize: (value: NonNullable<A>) => Uint8Array
  readonly deserialize: (bytes: Uint8Array) => NonNullable<A>
}): Serde<A> =>
  build({
    name: options.name,
    serializeUnsafe: (value) => attempt("serialize", options.name, options.serialize, value),
    deserializeUnsafe: (bytes) => attempt("deserialize", options.name, options.deserialize, bytes)
  })

/**
 * The bytes of a value; null is null. Throws `SerdeError`.
 *
 * @since 0.1.0
 */
export const toBytesUnsafe = <A>(serde: Serde<A>, value: A | null | undefined): Uint8Array | null =>
  value === null || value === undefined ? null : serde.serializeUnsafe(value)

/**
 * The value of bytes; null is null. Throws `SerdeError`.
 *
 * @since 0.1.0
 */
export const fromBytesUnsafe = <A>(serde: Serde<A>, bytes: Uint8Array | null): NonNullable<A> | null =>
  bytes === null ? null : serde.deserializeUnsafe(bytes)

/**
 * The bytes of a value, or why it has none; null is null.
 *
 * @since 0.1.0
 */
export const serialize = <A>(serde: Serde<A>, value: A | null): Result.Result<Uint8Array | null, SerdeError> =>
  caught(() => toBytesUnsafe(serde, value))

/**
 * The value of bytes, or why they have none; null is null.
 *
 * @since 0.1.0
 */
export const deserialize = <A>(
  serde: Serde<A>,
  bytes: Uint8Array | null
): Result.Result<NonNullable<A> | null, SerdeError> => caught(() => fromBytesUnsafe(serde, bytes))

/**
 * Text as UTF-8. Bytes that are no UTF-8 read as U+FFFD, a leading byte order mark stays, both as Kafka has it.
 *
 * @since 0.1.0
 */
export const string: Serde<string> = build({
  name: "string",
  serializeUnsafe: (value) => {
    if (typeof value !== "string") throw notA("string", "a string", value)
    return Text.encode(value)
  },
  deserializeUnsafe: Text.decode
})

/**
 * A 64-bit integer held in a number: beyond ±(2^53 - 1) is an error, never a neighbouring number. See `int64`.
 *
 * @since 0.1.0
 */
export const long: Serde<number> = build({
  name: "long",
  sizeBytes: 8,
  serializeUnsafe: (value) => {
    if (!Number.isSafeInteger(value)) throw notA("long", "an integer of at most 2^53 - 1", value)
    const bytes = new Uint8Array(8)
    Integers.writeLong(bytes, 0, value)
    return bytes
  },
  deserializeUnsafe: (bytes) => {
    checkSize("long", bytes, 8)
    const value = Integers.readLong(bytes, 0)
    if (Number.isSafeInteger(value)) return value
    throw new SerdeError({
      operation: "deserialize",
      serde: "long",
      detail: "the integer is beyond 2^53 - 1",
      hint: "read it with Serde.int64, as a bigint"
    })
  }
})

/**
 * A 64-bit integer as a bigint; the same bytes as `long`.
 *
 * @since 0.1.0
 */
export const int64: Serde<bigint> = build({
  name: "int64",
  sizeBytes: 8,
  serializeUnsafe: (value) => {
    if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) throw notA("int64", "a 64-bit bigint", value)
    const bytes = new Uint8Array(8)
    view(bytes).setBigInt64(0, value)
    return bytes
  },
  deserializeUnsafe: (bytes) => view(checkSize("int64", bytes, 8)).getBigInt64(0)
})

/**
 * A 32-bit integer.
 *
 * @since 0.1.0
 */
export const int: Serde<number> = build({
  name: "int",
  sizeBytes: 4,
  serializeUnsafe: (value) => {
    if ((value | 0) !== value) throw notA("int", "a 32-bit integer", value)
    const bytes = new Uint8Array(4)
    Integers.writeInt(bytes, 0, value)
    return bytes
  },
  deserializeUnsafe: (bytes) => Integers.readInt(checkSize("int", bytes, 4), 0)
})

/**
 * A 16-bit integer.
 *
 * @since 0.1.0
 */
export const short: Serde<number> = build({
  name: "short",
  sizeBytes: 2,
  serializeUnsafe: (value) => {
    if ((value << 16) >> 16 !== value) throw notA("short", "a 16-bit integer", value)
    return Uint8Array.of(value >> 8, value)
  },
  deserializeUnsafe: (bytes) => view(checkSize("short", bytes, 2)).getInt16(0)
})

/**
 * A 32-bit floating-point number; a value that is none is rounded to the nearest.
 *
 * @since 0.1.0
 */
export const float: Serde<number> = build({
  name: "float",
  sizeBytes: 4,
  serializeUnsafe: (value) => {
    if (typeof value !== "number") throw notA("float", "a number", value)
    const bytes = new Uint8Array(4)
    view(bytes).setFloat32(0, value)
    return bytes
  },
  deserializeUnsafe: (bytes) => view(checkSize("float", bytes, 4)).getFloat32(0)
})

/**
 * A 64-bit floating-point number.
 *
 * @since 0.1.0
 */
export const double: Serde<number> = build({
  name: "double",
  sizeBytes: 8,
  serializeUnsafe: (value) => {
    if (typeof value !== "number") throw notA("double", "a number", value)
    const bytes = new Uint8Array(8)
    view(bytes).setFloat64(0, value)
    return bytes
  },
  deserializeUnsafe: (bytes) => view(checkSize("double", bytes, 8)).getFloat64(0)
})

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * A UUID as lower-case text, `01234567-89ab-cdef-0123-456789abcdef`; the bytes are that text.
 *
 * @since 0.1.0
 */
export const uuid: Serde<string> = build({
  name: "uuid",
  sizeBytes: 36,
  serializeUnsafe: (value) => {
    const lower = String(value).toLowerCase()
    if (!uuidPattern.test(lower)) throw notA("uuid", "the text of a uuid", value)
    return Text.encode(lower)
  },
  deserializeUnsafe: (bytes) => {
    const text = Text.decode(bytes).toLowerCase()
    if (uuidPattern.test(text)) return text
    throw malformed("uuid", "the bytes are not the text of a uuid")
  }
})

/**
 * Bytes as they are.
 *
 * @since 0.1.0
 */
export const bytes: Serde<Uint8Array> = build({
  name: "bytes",
  serializeUnsafe: (value) => {
    if (!(value instanceof Uint8Array)) throw notA("bytes", "a Uint8Array", value)
    return value
  },
  deserializeUnsafe: (value) => value
})

/**
 * One byte, 1 or 0.
 *
 * @since 0.1.0
 */
export const boolean: Serde<boolean> = build({
  name: "boolean",
  serializeUnsafe: (value) => {
    if (typeof value !== "boolean") throw notA("boolean", "true or false", value)
    return Uint8Array.of(value ? 1 : 0)
  },
  deserializeUnsafe: (value) => {
    if (value.length === 1 && value[0]! < 2) return value[0] === 1
    throw malformed("boolean", "the bytes are not one byte 0 or 1")
  }
})

/**
 * Always null.
 *
 * @since 0.1.0
 */
const nothing: Serde<null> = build<null>({
  name: "void",
  isNullable: true,
  serializeUnsafe: (value) => {
    throw notA("void", "null", value)
  },
  deserializeUnsafe: () => {
    throw malformed("void", "there are bytes where null was expected")
  }
})

export {
  /**
   * Always null.
   *
   * @since 0.1.0
   */
  nothing as void
}

/**
 * JSON text of what the schema encodes to. What does not match the schema is an error, both ways.
 *
 * @since 0.1.0
 */
export const json = <A, I>(schema: Schema.Codec<A, I>): Serde<A> => {
  const codec = Schema.toCodecJson(schema)
  const encode = Schema.encodeSync(codec)
  const decode = Schema.decodeUnknownSync(codec)
  return make<A>({
    name: "json",
    serialize: (value) => Text.encode(JSON.stringify(encode(value))),
    deserialize: (value) => nonNull(decode(JSON.parse(Text.decode(value))))
  })
}

/**
 * The same serde, of which null is a value too.
 *
 * @since 0.1.0
 */
export const nullable = <A>(serde: Serde<A>): Serde<A | null> => {
  const { serializeUnsafe, deserializeUnsafe } = serde
  return build<A | null>({ ...serde, isNullable: true, serializeUnsafe, deserializeUnsafe })
}

/**
 * Keys in time windows of a size, such as `"1 minute"`: the inner key, then the start (8 bytes), as Kafka writes them. The end
 * is not in the bytes, hence the size.
 *
 * @since 0.1.0
 */
export const windowed = <K>(inner: Serde<K>, size: Duration.Input): Serde<Windowed.Windowed<K>> => {
  const sizeMs = Duration.toMillis(size)
  return build({
    name: `windowed(${inner.name})`,
    partitionSuffixBytes: 8,
    serializeUnsafe: (key) => {
      const bytes = withSuffix(inner, key, 8)
      Integers.writeLong(bytes, bytes.length - 8, key.start)
      return bytes
    },
    deserializeUnsafe: (bytes) => {
      const at = prefixLength(bytes, 8)
      const start = Integers.readLong(bytes, at)
      return Windowed.make<K>(inner.deserializeUnsafe(bytes.subarray(0, at)), start, start + sizeMs)
    }
  })
}

/**
 * Keys in session windows: the inner key, then the end and the start (8 bytes each), as Kafka writes them.
 *
 * @since 0.1.0
 */
export const sessionWindowed = <K>(inner: Serde<K>): Serde<Windowed.Windowed<K>> =>
  build({
    name: `sessionWindowed(${inner.name})`,
    partitionSuffixBytes: 16,
    serializeUnsafe: (key) => {
      const bytes = withSuffix(inner, key, 16)
      Integers.writeLong(bytes, bytes.length - 16, key.end)
      Integers.writeLong(bytes, bytes.length - 8, key.start)
      return bytes
    },
    deserializeUnsafe: (bytes) => {
      const at = prefixLength(bytes, 16)
      return Windowed.make<K>(
        inner.deserializeUnsafe(bytes.subarray(0, at)),
        Integers.readLong(bytes, at + 8),
        Integers.readLong(bytes, at)
      )
    }
  })

/**
 * A list, in the format of Kafka's `ListSerde`. Its items may be null if their serde is nullable.
 *
 * @since 0.1.0
 */
export const list = <A>(item: Serde<A>): Serde<ReadonlyArray<A>> =>
  make<ReadonlyArray<A>>({
    name: `list(${item.name})`,
    serialize: (values) => writeList(item, values),
    deserialize: (bytes) => readList(item, bytes)
  })

const writeList = <A>(item: Serde<A>, values: ReadonlyArray<A>): Uint8Array => {
  const entries = values.map((value) => toBytesUnsafe(item, value))
  const fixed = item.sizeBytes !== undefined
  const nulls = fixed ? entries.flatMap((entry, index) => entry === null ? [index] : []) : []
  let size = 1 + (fixed ? 4 + 4 * nulls.length : 0) + 4
  for (const entry of entries) size += (fixed ? 0 : 4) + (entry === null ? 0 : entry.length)
  const bytes = new Uint8Array(size)
  let at = 0
  const writeInt = (value: number) => {
    Integers.writeInt(bytes, at, value)
    at += 4
  }
  bytes[at++] = fixed ? 0 : 1
  if (fixed) [nulls.length, ...nulls].forEach(writeInt)
  writeInt(entries.length)
  for (const entry of entries) {
    if (!fixed) writeInt(entry === null ? -1 : entry.length)
    if (entry === null) continue
    bytes.set(entry, at)
    at += entry.length
  }
  return bytes
}

const readList = <A>(item: Serde<A>, bytes: Uint8Array): ReadonlyArray<A> => {
  let at = 1
  const take = (length: number): number => {
    if (length < 0 || at + length > bytes.length) throw malformed(`list(${item.name})`, "the bytes are cut short")
    at += length
    return at - length
  }
  const readInt = (): number => Integers.readInt(bytes, take(4))
  const nulls = new Set<number>()
  if (bytes[0] === 0) { for (let left = readInt(); left > 0; left--) nulls.add(readInt()) }
  const values: Array<A> = []
  const count = readInt()
  for (let index = 0; index < count; index++) {
    const length = nulls.has(index) ? -1 : bytes[0] === 0 ? item.sizeBytes! : readInt()
    if (length === -1) values.push(absent(item))
    else values.push(item.deserializeUnsafe(bytes.subarray(take(length), at)))
  }
  return values
}

const absent = <A>(item: Serde<A>): A => {
  if (item.isNullable) return null as A
  throw malformed(`list(${item.name})`, "an item is null")
}

const withSuffix = <K>(inner: Serde<K>, key: Windowed.Windowed<K>, suffixBytes: number): Uint8Array => {
  const prefix = toBytesUnsafe(inner, key.key)
  if (prefix === null) throw notA(`windowed(${inner.name})`, "a windowed key whose key is not null", key)
  const bytes = new Uint8Array(prefix.length + suffixBytes)
  bytes.set(prefix)
  return bytes
}

const prefixLength = (bytes: Uint8Array, suffixBytes: number): number => {
  if (bytes.length >= suffixBytes) return bytes.length - suffixBytes
  throw malformed("windowed", `there are ${bytes.length} bytes where a window alone takes ${suffixBytes}`)
}

function build<A>(options: {
  readonly name: string
  readonly isNullable?: boolean
  readonly sizeBytes?: number | undefined
  readonly partitionSuffixBytes?: number
  readonly serializeUnsafe: (value: NonNullable<A>) => Uint8Array
  readonly deserializeUnsafe: (bytes: Uint8Array) => NonNullable<A>
}): Serde<A> {
  return {
    ...Prototype,
    _tag: "Serde",
    name: options.name,
    isNullable: options.isNullable ?? false,
    sizeBytes: options.sizeBytes,
    partitionSuffixBytes: options.partitionSuffixBytes ?? 0,
    serializeUnsafe: options.serializeUnsafe,
    deserializeUnsafe: options.deserializeUnsafe
  }
}

function attempt<A, B>(operation: "serialize" | "deserialize", serde: string, f: (a: A) => B, a: A): B {
  try {
    return f(a)
  } catch (cause) {
    if (cause instanceof SerdeError) throw cause
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw new SerdeError({ operation, serde, detail, hint: "check that topic and serde belong together", cause })
  }
}

function caught<A>(f: () => A): Result.Result<A, SerdeError> {
  try {
    return Result.succeed(f())
  } catch (cause) {
    if (cause instanceof SerdeError) return Result.fail(cause)
    throw cause
  }
}

function notA(serde: string, expected: string, value: unknown): SerdeError {
  const detail = `${String(value).slice(0, 64)} is not ${expected}`
  return new SerdeError({ operation: "serialize", serde, detail, hint: "check the value, or take another serde" })
}

function malformed(serde: string, detail: string): SerdeError {
  return new SerdeError({ operation: "deserialize", serde, detail, hint: "check that topic and serde belong together" })
}

function checkSize(serde: string, bytes: Uint8Array, sizeBytes: number): Uint8Array {
  if (bytes.length === sizeBytes) return bytes
  throw malformed(serde, `there are ${bytes.length} bytes, not ${sizeBytes}`)
}

function nonNull<A>(value: A): NonNullable<A> {
  if (value !== null && value !== undefined) return value
  throw malformed("json", "the text is null")
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
