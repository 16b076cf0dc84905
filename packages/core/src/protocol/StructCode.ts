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
 * How one field is read.
 *
 * @since 0.1.0
 */
export interface ReadPart {
  readonly name: string
  readonly read: (reader: ByteReader) => unknown
}

/**
 * How one field is written, by what is given.
 *
 * @since 0.1.0
 */
export interface WritePart {
  readonly name: string
  readonly write: (writer: ByteWriter, value: unknown) => void
  readonly writeNull: (writer: ByteWriter) => void
  readonly writeMissing: (writer: ByteWriter) => void
}

/** A function of this text over `parts`, or nothing where that is forbidden. */
const made = <A>(parts: ReadonlyArray<unknown>, text: string): A | undefined => {
  try {
    // The text returns a function of type A: the three callers below see to that.
    return new Function(...parts.map((_, i) => `p${i}`), `"use strict"; return ${text}`)(...parts) as A
  } catch {
    return undefined
  }
}

const quoted = ({ name }: { readonly name: string }): string => JSON.stringify(name)

/**
 * Reads the parts one after the other into an object whose fields have their order.
 *
 * @since 0.1.0
 */
export const reader = (parts: ReadonlyArray<ReadPart>): (reader: ByteReader) => Struct => {
  const fields = parts.map((part, i) => `${quoted(part)}: p${i}(reader)`)
  return made(parts.map(({ read }) => read), `(reader) => ({ ${fields.join(", ")} })`) ?? readerLoop(parts)
}

/**
 * `reader` where code can't be made.
 *
 * @since 0.1.0
 */
export const readerLoop = (parts: ReadonlyArray<ReadPart>) => (reader: ByteReader): Struct => {
  const value: Struct = {}
  for (const { name, read } of parts) value[name] = read(reader)
  return value
}

/**
 * Writes the parts one after the other.
 *
 * @since 0.1.0
 */
export const writer = (parts: ReadonlyArray<WritePart>): (writer: ByteWriter, struct: Struct) => void => {
  const lines = parts.map((part, i) => `
    value = struct[${quoted(part)}]
    if (value === undefined) p${3 * i + 2}(writer)
    else if (value === null) p${3 * i + 1}(writer)
    else p${3 * i}(writer, value)`)
  const functions = parts.flatMap(({ write, writeMissing, writeNull }) => [write, writeNull, writeMissing])
  return made(functions, `(writer, struct) => { let value;${lines.join("")}\n}`) ?? writerLoop(parts)
}

/**
 * `writer` where code can't be made.
 *
 * @since 0.1.0
 */
export const writerLoop = (parts: ReadonlyArray<WritePart>) => (writer: ByteWriter, struct: Struct): void => {
  for (const { name, write, writeMissing, writeNull } of parts) {
    const value = struct[name]
    if (value === undefined) writeMissing(writer)
    else if (value === null) writeNull(writer)
    else write(writer, value)
  }
}

/**
 * Reads so many elements.
 *
 * @since 0.1.0
 */
export const elementsReader = (
  read: (reader: ByteReader) => unknown
): (reader: ByteReader, count: number) => Array<unknown> =>
  made(
    [read],
    `(reader, count) => {
    const values = new Array(count)
    for (let i = 0; i < count; i++) values[i] = p0(reader)
    return values
  }`
  ) ?? ((reader, count) => Array.from({ length: count }, () => read(reader)))

/**
 * Writes all elements.
 *
 * @since 0.1.0
 */
export const elementsWriter = (
  write: (writer: ByteWriter, value: unknown) => void
): (writer: ByteWriter, values: ReadonlyArray<unknown>) => void =>
  made([write], `(writer, values) => { for (let i = 0; i < values.length; i++) p0(writer, values[i]) }`) ??
    ((writer, values) => values.forEach((value) => write(writer, value)))

/**
 * Gets one field.
 *
 * @since 0.1.0
 */
export const getter = (name: string): (struct: Struct) => unknown =>
  made([], `(struct) => struct[${quoted({ name })}]`) ?? ((struct) => struct[name])
