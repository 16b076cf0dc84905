/**
 * Makes the function that reads one version of a message from its table.
 *
 * Keeps true: every field is there, in the table's order, so that all values of a message have one shape; bytes are
 * views. As lenient as Kafka: any negative length is null, the size of a known tag is ignored, of a tag given twice the
 * last counts, bytes after the message go unnoticed. Memory is at most `messageMemoryFactorMax` bytes for each byte
 * read, whatever lengths they announce: a collection that can't fit in what is left is refused before there is room for
 * it, and a message has no more than `messageElementsMax` elements in all.
 * Leaves to others: caching (`Message.ts`).
 *
 * @since 0.1.0
 */
import type { ByteReader } from "./ByteReader.ts"
import { type AnyField, defaultOf, type Fields, isIn, isNullable, type UnknownTaggedField } from "./Field.ts"
import { refuse } from "./ProtocolError.ts"
import * as StructCode from "./StructCode.ts"

/**
 * Reads one value and leaves the reader behind it. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export type Read = (reader: ByteReader) => unknown

/**
 * What a codec is compiled for. `exact` holds 64-bit integers in bigints.
 *
 * @since 0.1.0
 */
export interface Target {
  readonly version: number
  readonly flexible: boolean
  readonly exact: boolean
  /** Whether it is for the elements of a collection. */
  readonly isElement?: true
}

/**
 * The longest string that Kafka writes or reads, in bytes.
 *
 * @since 0.1.0
 */
export const stringBytesMax = 0x7fff

/**
 * The reader of a struct's fields in one version.
 *
 * @since 0.1.0
 */
export const compileStruct = (fields: Fields, target: Target): Read =>
  StructCode.reader(
    Object.keys(fields).map((name) => partOf(name, fields[name]!, target)),
    target.flexible ? compileTags(fields, target) : undefined,
    target.isElement ?? false
  )

const partOf = (name: string, field: AnyField, target: Target): StructCode.ReadPart => ({
  name,
  read: compileField(name, field, target),
  fixed: isRead(field, target) && !(target.exact && field.kind === "int64") ? fixed[field.kind] : undefined
})

type Kind = AnyField["kind"]

const uint16Text = (at: string): string => `(bytes[${at}] << 8) | bytes[${at} + 1]`
const int32Text = (at: string): string => `(bytes[${at}] << 24) | (bytes[${at} + 1] << 16) | ${uint16Text(`${at} + 2`)}`

const getText = (name: string) => (at: string): string => `data.get${name}(${at})`

/** What `ByteReader` does, as code for several fields at once. */
const fixed: Partial<Record<Kind, StructCode.Fixed>> = {
  boolean: { size: 1, text: (at) => `bytes[${at}] !== 0`, dataText: (at) => `bytes[${at}] !== 0` },
  int8: { size: 1, text: (at) => `(bytes[${at}] << 24) >> 24`, dataText: getText("Int8") },
  int16: { size: 2, text: (at) => `((${uint16Text(at)}) << 16) >> 16`, dataText: getText("Int16") },
  uint16: { size: 2, text: uint16Text, dataText: getText("Uint16") },
  int32: { size: 4, text: int32Text, dataText: getText("Int32") },
  uint32: { size: 4, text: (at) => `(${int32Text(at)}) >>> 0`, dataText: getText("Uint32") },
  int64: {
    size: 8,
    text: (at) => `(${int32Text(at)}) * 0x100000000 + ((${int32Text(`${at} + 4`)}) >>> 0)`,
    dataText: (at) => `data.getInt32(${at}) * 0x100000000 + data.getUint32(${at} + 4)`
  }
}

/** The others that take more than one byte at least. */
const otherBytes: Partial<Record<Kind, number>> = { float64: 8, uuid: 16 }

const isRead = (field: AnyField, target: Target): boolean =>
  isIn(field, target.version) && field.options.tag === undefined

const compileField = (name: string, field: AnyField, target: Target): Read => {
  if (!isRead(field, target)) {
    const value = defaultOf(field, target.exact)
    return () => value
  }
  return compileValue(name, field, target, false)
}

const compileTags = (fields: Fields, target: Target): (reader: ByteReader, value: StructCode.Struct) => void => {
  const known = new Map<number, { readonly name: string; readonly read: Read }>()
  for (const name in fields) {
    const field = fields[name]!
    const tag = field.options.tag
    if (tag === undefined) continue
    const read = isIn(field, target.version) ?
      compileValue(name, field, target, true) :
      () => refuse("Malformed", `${name}: version ${target.version} has no tag ${tag}`)
    known.set(tag, { name, read })
  }
  return (reader, value) => {
    const count = reader.unsignedVarint()
    if (count <= 0) return
    const unknown: Array<UnknownTaggedField> = []
    for (let i = 0; i < count; i++) {
      const tag = reader.unsignedVarint()
      const size = reader.unsignedVarint()
      const field = known.get(tag)
      if (field === undefined) {
        reader.claim(1)
        unknown.push({ tag, data: reader.view(size) })
      } else value[field.name] = field.read(reader)
    }
    if (unknown.length > 0) value.unknownTaggedFields = unknown
  }
}

const compileValue = (name: string, field: AnyField, target: Target, tagged: boolean): Read => {
  const nullable = isNullable(field, target.version)
  const flexible = target.flexible && field.options.plain !== true
  switch (field.kind) {
    case "boolean":
      return (reader) => reader.boolean()
    case "int8":
      return (reader) => reader.int8()
    case "int16":
      return (reader) => reader.int16()
    case "uint16":
      return (reader) => reader.uint16()
    case "int32":
      return (reader) => reader.int32()
    case "uint32":
      return (reader) => reader.uint32()
    case "int64":
      return target.exact ? (reader) => reader.bigint64() : (reader) => reader.int64()
    case "float64":
      return (reader) => reader.float64()
    case "uuid":
      return (reader) => reader.uuid()
    case "string":
      return stringOf(name, flexible ? compactLength : shortLength, nullable)
    case "bytes":
    case "records":
      return bytesOf(name, flexible ? compactLength : longLength, nullable)
    case "array":
      return arrayOf(name, flexible, nullable, field.element!, target)
    case "struct":
      return structOf(field.fields!, target, nullable, tagged)
  }
}

type Length = (reader: ByteReader) => number

const compactLength: Length = (reader) => (reader.unsignedVarint() - 1) | 0
const shortLength: Length = (reader) => reader.int16()
const longLength: Length = (reader) => reader.int32()

const nullIn = (name: string, nullable: boolean): null =>
  nullable ? null : refuse("Malformed", `${name} may not be null`)

const stringOf = (name: string, lengthOf: Length, nullable: boolean): Read => (reader) => {
  const length = lengthOf(reader)
  if (length < 0) return nullIn(name, nullable)
  if (length > stringBytesMax) refuse("Oversized", `${name}: a string of ${length} bytes (at most ${stringBytesMax})`)
  return reader.string(length)
}

const bytesOf = (name: string, lengthOf: Length, nullable: boolean): Read => (reader) => {
  const length = lengthOf(reader)
  return length < 0 ? nullIn(name, nullable) : reader.view(length)
}

/** Shared by all values, as defaults are. */
const noElements: ReadonlyArray<never> = []

const arrayOf = (name: string, isCompact: boolean, nullable: boolean, element: AnyField, target: Target): Read => {
  const elementBytesMin = bytesMin(element, target)
  return StructCode.arrayReader({
    isCompact,
    empty: noElements,
    readNull: () => nullIn(name, nullable),
    check: (reader, length) => {
      if (length * elementBytesMin > reader.remaining) {
        refuse("Truncated", `${name}: a collection of ${length} can't be in ${reader.remaining} bytes`)
      }
      reader.claim(length)
    },
    read: element.kind === "int32" ? undefined : compileValue(name, element, { ...target, isElement: true }, false)
  })
}

// A nullable struct is preceded by a byte, negative for null; as a tagged field by a varint, not positive for null.
const structOf = (fields: Fields, target: Target, nullable: boolean, tagged: boolean): Read => {
  const read = compileStruct(fields, target)
  if (!nullable) return read
  if (tagged) return (reader) => reader.unsignedVarint() <= 0 ? null : read(reader)
  return (reader) => reader.int8() < 0 ? null : read(reader)
}

/** The fewest bytes that a value takes; at least one, so that no length is believed without bytes behind it. */
const bytesMin = (field: AnyField, target: Target): number => {
  if (field.kind !== "struct") return fixed[field.kind]?.size ?? otherBytes[field.kind] ?? 1
  let total = target.flexible ? 1 : 0
  for (const name in field.fields!) {
    const inner = field.fields[name]!
    if (isIn(inner, target.version) && inner.options.tag === undefined) {
      total += isNullable(inner, target.version) && inner.kind === "struct" ? 1 : bytesMin(inner, target)
    }
  }
  return Math.max(1, total)
}
