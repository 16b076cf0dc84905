/**
 * Makes the function that writes one version of a message from its table.
 *
 * Keeps true: what Kafka's own writer gives, byte for byte; a value that the version can't carry is refused unless the
 * field is ignorable, and so is one of another type; large byte fields go out by reference.
 * Leaves to others: caching (`Message.ts`).
 *
 * @since 0.1.0
 */
import { ByteWriter } from "./ByteWriter.ts"
import { type AnyField, defaultOf, type Fields, isIn, isNullable, type UnknownTaggedField } from "./Field.ts"
import { stringBytesMax, type Target } from "./MessageDecoder.ts"
import { refuse } from "./ProtocolError.ts"
import * as StructCode from "./StructCode.ts"
import * as Utf8 from "./Utf8.ts"

type Struct = StructCode.Struct

/**
 * Writes one value. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export type Write = (writer: ByteWriter, value: unknown) => void

interface Tagged {
  readonly tag: number
  readonly field: AnyField
  readonly fallback: unknown
  readonly get: (struct: Struct) => unknown
  readonly write: Write
}

/**
 * The writer of a struct's fields in one version.
 *
 * @since 0.1.0
 */
export const compileStruct = (fields: Fields, target: Target): Write => {
  const writeFields = StructCode.writer(
    Object.keys(fields).flatMap((name) => compilePart(name, fields[name]!, target))
  )
  const writeTags = target.flexible ? compileTags(fields, target) : refuseTags
  return (writer, value) => {
    if (typeof value !== "object" || value === null) refuse("Unencodable", `not a struct: ${shown(value)}`)
    writeFields(writer, value as Struct)
    writeTags(writer, value as Struct)
  }
}

const isOptional = (field: AnyField): boolean => {
  const { since, until, default: given, tag } = field.options
  return since !== undefined || until !== undefined || given !== undefined || tag !== undefined
}

const compilePart = (name: string, field: AnyField, target: Target): ReadonlyArray<StructCode.WritePart> => {
  if (!isIn(field, target.version)) {
    return field.options.ignorable === true ? [] : [compileLacking(name, field, target)]
  }
  if (field.options.tag !== undefined) return []
  const part = compileValue(name, field, target, false)
  if (!isOptional(field)) return [{ ...part, name }]
  const { typeOf, write, writeNull, writeOther } = part
  const fallback = defaultOf(field, target.exact)
  const writeMissing = fallback === null ? writeNull : (writer: ByteWriter) => write(writer, fallback)
  const writeRest: Write = (writer, value) => value === undefined ? writeMissing(writer) : writeOther(writer, value)
  return [{ name, typeOf, write, writeNull, writeOther: writeRest }]
}

/** A field that the version lacks: nothing is written, so nothing may be said. */
const compileLacking = (name: string, field: AnyField, target: Target): StructCode.WritePart => {
  const fallback = defaultOf(field, target.exact)
  const write: Write = (_, value) => {
    if (!isDefault(field, value, fallback, target.exact)) {
      refuse("Unencodable", `${name} is set, but version ${target.version} lacks it`)
    }
  }
  return { name, typeOf: typeOf(field, target), write, writeNull: (writer) => write(writer, null), writeOther: write }
}

const refuseTags = (_: ByteWriter, struct: Struct): void => {
  const unknown = unknownOf(struct)
  if (unknown !== undefined && unknown.length > 0) refuse("Unencodable", "this version has no tagged fields")
}

const unknownOf = (struct: Struct): ReadonlyArray<UnknownTaggedField> | undefined => {
  const given = struct.unknownTaggedFields
  if (given === undefined) return undefined
  if (!Array.isArray(given) || !given.every(isTaggedField)) {
    refuse("Unencodable", `unknownTaggedFields takes tags with data, not ${shown(given)}`)
  }
  return given as ReadonlyArray<UnknownTaggedField>
}

const isTaggedField = (given: Partial<UnknownTaggedField> | null): boolean =>
  given?.data instanceof Uint8Array && Number.isInteger(given.tag)

const compileTags = (fields: Fields, target: Target): (writer: ByteWriter, struct: Struct) => void => {
  const known: Array<Tagged> = []
  for (const name in fields) {
    const field = fields[name]!
    const tag = field.options.tag
    if (tag === undefined || !isIn(field, target.version)) continue
    const fallback = defaultOf(field, target.exact)
    const write = StructCode.valueWriter(compileValue(name, field, target, true))
    known.push({ field, tag, fallback, get: StructCode.getter(name), write })
  }
  known.sort((left, right) => left.tag - right.tag)
  return (writer, struct) => {
    const unknown = unknownOf(struct)
    let set: Array<Tagged> | undefined
    for (let i = 0; i < known.length; i++) {
      const part = known[i]!
      if (!isDefault(part.field, part.get(struct), part.fallback, target.exact)) (set ??= []).push(part)
    }
    writer.unsignedVarint((set?.length ?? 0) + (unknown?.length ?? 0))
    if (unknown !== undefined && unknown.length > 0) writeMerged(writer, set ?? [], unknown, struct)
    else if (set !== undefined) { for (const part of set) writeTag(writer, part, part.get(struct)) }
  }
}

const writeTag = (writer: ByteWriter, part: Tagged, value: unknown): void => {
  const inner = new ByteWriter()
  part.write(inner, value)
  writer.unsignedVarint(part.tag)
  writer.unsignedVarint(inner.length)
  for (const chunk of inner.chunks()) writer.bytes(chunk)
}

const writeMerged = (
  writer: ByteWriter,
  set: ReadonlyArray<Tagged>,
  unknown: ReadonlyArray<UnknownTaggedField>,
  struct: Struct
): void => {
  let last = -1
  const next = (tag: number): void => {
    if (tag <= last) refuse("Unencodable", `tag ${tag} follows tag ${last}: tags must ascend`)
    last = tag
  }
  let at = 0
  for (const field of unknown) {
    while (at < set.length && set[at]!.tag <= field.tag) {
      next(set[at]!.tag)
      writeTag(writer, set[at]!, set[at]!.get(struct))
      at++
    }
    next(field.tag)
    writer.unsignedVarint(field.tag)
    writer.unsignedVarint(field.data.length)
    writer.bytes(field.data)
  }
  for (; at < set.length; at++) writeTag(writer, set[at]!, set[at]!.get(struct))
}

const compileValue = (name: string, field: AnyField, target: Target, tagged: boolean): StructCode.ValuePart => ({
  typeOf: typeOf(field, target),
  write: compilePresent(name, field, target, tagged),
  writeNull: compileNull(name, field, target, tagged),
  writeOther: (_, value) => refuseValue(name, field, value)
})

const typeOf = ({ kind }: AnyField, { exact }: Target): StructCode.ValuePart["typeOf"] => {
  switch (kind) {
    case "boolean":
      return "boolean"
    case "string":
    case "uuid":
      return "string"
    case "int64":
      return exact ? "bigint" : "number"
    case "bytes":
    case "records":
    case "array":
    case "struct":
      return "object"
    default:
      return "number"
  }
}

const refuseValue = (name: string, { kind }: AnyField, value: unknown): never =>
  refuse("Unencodable", value === undefined ? `${name} is missing` : `${name} takes ${kind}, not ${shown(value)}`)

const shown = (value: unknown): string => typeof value === "object" && value !== null ? "an object" : String(value)

const compileNull = (name: string, field: AnyField, target: Target, tagged: boolean): (writer: ByteWriter) => void => {
  if (!isNullable(field, target.version)) return () => refuse("Unencodable", `${name} may not be null`)
  const compact = target.flexible && field.options.plain !== true
  if (field.kind === "struct") return tagged ? (writer) => writer.unsignedVarint(0) : (writer) => writer.int8(-1)
  if (compact) return (writer) => writer.unsignedVarint(0)
  return field.kind === "string" ? (writer) => writer.int16(-1) : (writer) => writer.int32(-1)
}

const compilePresent = (name: string, field: AnyField, target: Target, tagged: boolean): Write => {
  const compact = target.flexible && field.options.plain !== true
  switch (field.kind) {
    case "boolean":
      return (writer, value) => writer.boolean(value as boolean)
    case "int8":
      return (writer, value) => writer.int8(value as number)
    case "int16":
      return (writer, value) => writer.int16(value as number)
    case "uint16":
      return (writer, value) => writer.uint16(value as number)
    case "int32":
      return (writer, value) => writer.int32(value as number)
    case "uint32":
      return (writer, value) => writer.uint32(value as number)
    case "int64":
      return target.exact
        ? (writer, value) => writer.bigint64(value as bigint)
        : (writer, value) => writer.int64(value as number)
    case "float64":
      return (writer, value) => writer.float64(value as number)
    case "uuid":
      return (writer, value) => writer.uuid(value as string)
    case "string":
      return stringOf(name, compact)
    case "bytes":
      return bytesOf(name, field, compact)
    case "records":
      return recordsOf(name, field, compact)
    case "array":
      return arrayOf(name, field, compileValue(name, field.element!, target, false), compact)
    case "struct":
      return structOf(compileStruct(field.fields!, target), isNullable(field, target.version), tagged)
  }
}

const stringOf = (name: string, compact: boolean): Write => (writer, value) => {
  const text = value as string
  if (writer.ascii(text, compact)) return
  const length = Utf8.byteLength(text)
  if (length > stringBytesMax) refuse("Oversized", `${name}: a string of ${length} bytes (at most ${stringBytesMax})`)
  if (compact) writer.unsignedVarint(length + 1)
  else writer.int16(length)
  writer.string(text, length)
}

const writeLength = (writer: ByteWriter, length: number, compact: boolean): void => {
  if (compact) writer.unsignedVarint(length + 1)
  else writer.int32(length)
}

const bytesOf = (name: string, field: AnyField, compact: boolean): Write => (writer, value) => {
  if (!(value instanceof Uint8Array)) return refuseValue(name, field, value)
  writeLength(writer, value.length, compact)
  writer.bytes(value)
}

const recordsOf = (name: string, field: AnyField, compact: boolean): Write => {
  const writeOne = bytesOf(name, field, compact)
  return (writer, value) => {
    if (!Array.isArray(value)) return writeOne(writer, value)
    const pieces = value as ReadonlyArray<Uint8Array>
    if (pieces.some((piece) => !(piece instanceof Uint8Array))) refuseValue(name, field, value)
    let length = 0
    for (const piece of pieces) length += piece.length
    writeLength(writer, length, compact)
    for (const piece of pieces) writer.bytes(piece)
  }
}

const arrayOf = (name: string, field: AnyField, element: StructCode.ValuePart, compact: boolean): Write => {
  const writeElements = StructCode.elementsWriter(element)
  return (writer, value) => {
    if (!Array.isArray(value)) return refuseValue(name, field, value)
    writeLength(writer, value.length, compact)
    writeElements(writer, value)
  }
}

const structOf = (write: Write, nullable: boolean, tagged: boolean): Write => {
  if (!nullable) return write
  return (writer, value) => {
    if (tagged) writer.unsignedVarint(1)
    else writer.int8(1)
    write(writer, value)
  }
}

/** Whether a value, given or left out, is what the field holds when nothing is said. */
const isDefault = (field: AnyField, value: unknown, fallback: unknown, exact: boolean): boolean => {
  if (value === undefined || value === fallback) return true
  if (value === null || fallback === null) return false
  switch (field.kind) {
    case "bytes":
    case "records":
      return (value as Uint8Array).length === 0 && (fallback as Uint8Array).length === 0
    case "array":
      return (value as ReadonlyArray<unknown>).length === 0
    case "float64":
      return Object.is(value, fallback)
    case "struct":
      return typeof value === "object" && isDefaultStruct(field.fields!, value as Struct, fallback as Struct, exact)
    default:
      return false
  }
}

const isDefaultStruct = (fields: Fields, value: Struct, fallback: Struct, exact: boolean): boolean => {
  for (const name in fields) {
    if (!isDefault(fields[name]!, value[name], fallback[name], exact)) return false
  }
  const unknown = unknownOf(value)
  return unknown === undefined || unknown.length === 0
}
