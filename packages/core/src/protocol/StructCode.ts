/**
 * Makes one function of the parts of a struct, or of the elements of an array, with code of its own: engines specialise code by what it meets, and a loop
 * that all structs share meets everything, which is several times slower.
 *
 * Keeps true: the code is made of the names in our tables only, never of what was read. Where a host forbids to make
 * code (a content security policy), the same is done by a loop.
 * Leaves to others: what the parts do (`MessageDecoder.ts`, `MessageEncoder.ts`).
 *
 * @since 0.1.0
 */
import type { ByteReader } from "./ByteReader.ts"
import type { ByteWriter } from "./ByteWriter.ts"

/**
 * A struct while it is read or written.
 *
 * @since 0.1.0
 */
export type Struct = Record<string, unknown>

/**
 * A value that always takes `size` bytes: `text` is the code that reads it at `at` from `bytes`, `dataText` from `data`,
 * which is the faster the more there is to read.
 *
 * @since 0.1.0
 */
export interface Fixed {
  readonly size: number
  readonly text: (at: string) => string
  readonly dataText: (at: string) => string
}

/**
 * How one field is read. Of fixed fields the engine reads several behind one check of the bounds.
 *
 * @since 0.1.0
 */
export interface ReadPart {
  readonly name: string
  readonly read: (reader: ByteReader) => unknown
  readonly fixed?: Fixed | undefined
}

/**
 * What follows the fields of a struct: tags, of which there are mostly none.
 *
 * @since 0.1.0
 */
export type ReadTags = (reader: ByteReader, value: Struct) => void

/**
 * How a value is written: by `write` if `typeof` says what it should.
 *
 * @since 0.1.0
 */
export interface ValuePart {
  readonly typeOf: "boolean" | "number" | "bigint" | "string" | "object"
  readonly write: (writer: ByteWriter, value: unknown) => void
  readonly writeNull: (writer: ByteWriter) => void
  /** Takes what is left out, too. */
  readonly writeOther: (writer: ByteWriter, value: unknown) => void
}

/**
 * How one field is written.
 *
 * @since 0.1.0
 */
export interface WritePart extends ValuePart {
  readonly name: string
}

/** A function of this text over `parts`, or nothing where that is forbidden. */
const made = <A>(parts: ReadonlyArray<unknown>, text: string): A | undefined => {
  try {
    // The text returns a function of type A: the callers below see to that.
    return new Function(...parts.map((_, i) => `p${i}`), `"use strict"; return ${text}`)(...parts) as A
  } catch {
    return undefined
  }
}

const quoted = ({ name }: { readonly name: string }): string => JSON.stringify(name)

/** Reads each of `parts` into a local; an element is one of many. */
const locals = (parts: ReadonlyArray<ReadPart>, isElement: boolean): string => {
  const lines: Array<string> = []
  for (let i = 0; i < parts.length;) {
    if (parts[i]!.fixed === undefined) {
      lines.push(`const v${i} = p${i}(reader)`)
      i++
      continue
    }
    const reads: Array<string> = []
    let size = 0
    for (let fixed; (fixed = parts[i]?.fixed) !== undefined; i++) {
      reads.push(`const v${i} = ${(isElement ? fixed.dataText : fixed.text)(`at + ${size}`)}`)
      size += fixed.size
    }
    lines.push(`at = reader.take(${size})`, ...reads)
  }
  return lines.join("\n")
}

/**
 * Reads the parts one after the other into an object whose fields have their order, and the tags behind them.
 * `isElement`: there are many of these structs.
 *
 * @since 0.1.0
 */
export const reader = (
  parts: ReadonlyArray<ReadPart>,
  readTags: ReadTags | undefined,
  isElement: boolean
): (reader: ByteReader) => Struct => {
  const fields = parts.map((part, i) => `${quoted(part)}: v${i}`)
  const tags = `if (reader.position < reader.end && bytes[reader.position] === 0) reader.position++
    else p${parts.length}(reader, value)`
  const text = `(reader) => {
    const bytes = reader.bytes
    ${isElement ? "const data = reader.data" : ""}
    let at = 0
    ${locals(parts, isElement)}
    const value = { ${fields.join(", ")} }
    ${readTags === undefined ? "" : tags}
    return value
  }`
  return made([...parts.map(({ read }) => read), readTags], text) ?? readerLoop(parts, readTags)
}

/**
 * `reader` where code can't be made.
 *
 * @since 0.1.0
 */
export const readerLoop = (parts: ReadonlyArray<ReadPart>, readTags?: ReadTags) => (reader: ByteReader): Struct => {
  const value: Struct = {}
  for (const { name, read } of parts) value[name] = read(reader)
  readTags?.(reader, value)
  return value
}

const functionsOf = ({ write, writeNull, writeOther }: ValuePart) => [write, writeNull, writeOther]

/** The text that writes `value` by the functions from `p${at}` on. */
const dispatch = ({ typeOf }: ValuePart, at: number): string => `
  if (value === null) p${at + 1}(writer)
  else if (typeof value === "${typeOf}") p${at}(writer, value)
  else p${at + 2}(writer, value)`

const dispatchLoop = (part: ValuePart, writer: ByteWriter, value: unknown): void => {
  if (value === null) part.writeNull(writer)
  else if (typeof value === part.typeOf) part.write(writer, value)
  else part.writeOther(writer, value)
}

/**
 * Writes the parts one after the other.
 *
 * @since 0.1.0
 */
export const writer = (parts: ReadonlyArray<WritePart>): (writer: ByteWriter, struct: Struct) => void => {
  const lines = parts.map((part, i) => `value = struct[${quoted(part)}]${dispatch(part, 3 * i)}`)
  return made(parts.flatMap(functionsOf), `(writer, struct) => { let value\n${lines.join("\n")}\n}`) ??
    writerLoop(parts)
}

/**
 * `writer` where code can't be made.
 *
 * @since 0.1.0
 */
export const writerLoop = (parts: ReadonlyArray<WritePart>) => (writer: ByteWriter, struct: Struct): void => {
  for (const part of parts) dispatchLoop(part, writer, struct[part.name])
}

/**
 * Writes one value that is no field of a struct.
 *
 * @since 0.1.0
 */
export const valueWriter = (part: ValuePart): (writer: ByteWriter, value: unknown) => void =>
  made(functionsOf(part), `(writer, value) => { ${dispatch(part, 0)}\n}`) ??
    ((writer, value) => dispatchLoop(part, writer, value))

/**
 * How an array is read: its length, then so many elements.
 *
 * @since 0.1.0
 */
export interface ReadArray {
  /** Whether the length is a varint, one too high. */
  readonly isCompact: boolean
  /** What stands for an array without elements, and for one of a negative length. */
  readonly empty: ReadonlyArray<never>
  readonly readNull: () => null
  /** Throws where so many can't be. */
  readonly check: (reader: ByteReader, length: number) => void
  /** How an element is read; nothing for 32-bit integers. */
  readonly read: ((reader: ByteReader) => unknown) | undefined
}

/**
 * Reads an array.
 *
 * @since 0.1.0
 */
export const arrayReader = (array: ReadArray): (reader: ByteReader) => ReadonlyArray<unknown> | null => {
  const { check, empty, isCompact, read, readNull } = array
  const text = `(reader) => {
    const length = ${isCompact ? "(reader.unsignedVarint() - 1) | 0" : "reader.int32()"}
    if (length <= 0) return length === 0 ? p0 : p1()
    p2(reader, length)
    ${
    read === undefined
      ? "return reader.int32s(length)"
      : "const values = new Array(length); for (let i = 0; i < length; i++) values[i] = p3(reader); return values"
  }
  }`
  return made([empty, readNull, check, read], text) ?? arrayReaderLoop(array)
}

/**
 * `arrayReader` where code can't be made.
 *
 * @since 0.1.0
 */
export const arrayReaderLoop =
  ({ check, empty, isCompact, read, readNull }: ReadArray) => (reader: ByteReader): ReadonlyArray<unknown> | null => {
    const length = isCompact ? (reader.unsignedVarint() - 1) | 0 : reader.int32()
    if (length <= 0) return length === 0 ? empty : readNull()
    check(reader, length)
    return read === undefined ? reader.int32s(length) : Array.from({ length }, () => read(reader))
  }

/**
 * Writes all elements.
 *
 * @since 0.1.0
 */
export const elementsWriter = (
  part: ValuePart
): (writer: ByteWriter, values: ReadonlyArray<unknown>) => void => {
  const text = `(writer, values) => {
    for (let i = 0; i < values.length; i++) { const value = values[i]; ${dispatch(part, 0)}\n}
  }`
  return made(functionsOf(part), text) ?? ((writer, values) => {
    for (const value of values) dispatchLoop(part, writer, value)
  })
}

/**
 * Gets one field.
 *
 * @since 0.1.0
 */
export const getter = (name: string): (struct: Struct) => unknown =>
  made([], `(struct) => struct[${quoted({ name })}]`) ?? ((struct) => struct[name])
