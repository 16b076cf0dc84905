/**
 * The primitive types of the wire vectors. Lines marked `decodeOnly` are never written, only read or refused.
 */
import { isDeepStrictEqual } from "node:util"
import { ByteReader } from "@millrace/core/protocol/ByteReader"
import { ByteWriter } from "@millrace/core/protocol/ByteWriter"
import { array, bytes, type Fields, int32, string } from "@millrace/core/protocol/Field"
import * as MessageDecoder from "@millrace/core/protocol/MessageDecoder"
import * as MessageEncoder from "@millrace/core/protocol/MessageEncoder"
import { ProtocolError } from "@millrace/core/protocol/ProtocolError"
import { fromJson, type Json, toJson } from "./json.ts"
import type * as Message from "@millrace/core/protocol/Message"

interface Line {
  readonly type: string
  readonly value?: Json
  readonly hex: string
  readonly decodeOnly?: boolean
  readonly errorClass?: string
}

interface Primitive {
  readonly read: (reader: ByteReader) => Json
  readonly write: (writer: ByteWriter, value: Json) => void
}

const number = (
  read: (reader: ByteReader) => number,
  write: (writer: ByteWriter, value: number) => void
): Primitive => ({ read, write: (writer, value) => write(writer, value as number) })

const bigint = (
  read: (reader: ByteReader) => bigint,
  write: (writer: ByteWriter, value: bigint) => void
): Primitive => ({
  read: (reader) => String(read(reader)),
  write: (writer, value) => write(writer, BigInt(value as string))
})

/** A type that exists only within messages: a struct of one field, without the tags that end a flexible struct. */
const field = (fields: Fields, flexible: boolean): Primitive => {
  const target = { version: 0, flexible, exact: true }
  const read = MessageDecoder.compileStruct(fields, target)
  const write = MessageEncoder.compileStruct(fields, target)
  return {
    read: (reader) => {
      const padded = new ByteReader(new Uint8Array([...reader.bytes, 0]))
      const value = toJson(fields, 0, read(flexible ? padded : reader) as Message.Exact) as { readonly value: Json }
      if (flexible) reader.position = padded.position - 1
      return value.value
    },
    write: (writer, value) => {
      const inner = new ByteWriter()
      write(inner, fromJson(fields, { value }))
      const bytes = inner.toBytes()
      writer.bytes(flexible ? bytes.subarray(0, -1) : bytes)
    }
  }
}

const forms = (name: string, suffix: string, plain: Fields, nullable: Fields): Record<string, Primitive> => ({
  [`${name}${suffix}`]: field(plain, false),
  [`nullable${capital(name)}${suffix}`]: field(nullable, false),
  [`compact${capital(name)}${suffix}`]: field(plain, true),
  [`compactNullable${capital(name)}${suffix}`]: field(nullable, true)
})

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

const primitives: Record<string, Primitive> = {
  boolean: { read: (reader) => reader.boolean(), write: (writer, value) => writer.boolean(value as boolean) },
  int8: number((reader) => reader.int8(), (writer, value) => writer.int8(value)),
  int16: number((reader) => reader.int16(), (writer, value) => writer.int16(value)),
  uint16: number((reader) => reader.uint16(), (writer, value) => writer.uint16(value)),
  int32: number((reader) => reader.int32(), (writer, value) => writer.int32(value)),
  uint32: {
    read: (reader) => String(reader.uint32()),
    write: (writer, value) => writer.uint32(Number(value))
  },
  int64: bigint((reader) => reader.bigint64(), (writer, value) => writer.bigint64(value)),
  float64: {
    read: (reader) => {
      const value = reader.float64()
      return Number.isFinite(value) ? value : String(value)
    },
    write: (writer, value) => writer.float64(Number(value))
  },
  uuid: { read: (reader) => reader.uuid(), write: (writer, value) => writer.uuid(value as string) },
  varint: number((reader) => reader.varint(), (writer, value) => writer.varint(value)),
  unsignedVarint: number((reader) => reader.unsignedVarint() >>> 0, (writer, value) => writer.unsignedVarint(value)),
  varlong: bigint((reader) => reader.varlong(), (writer, value) => writer.varlong(value)),
  unsignedVarlong: bigint((reader) => reader.unsignedVarlong(), (writer, value) => writer.unsignedVarlong(value)),
  ...forms("string", "", { value: string() }, { value: string({ nullable: true }) }),
  ...forms("bytes", "", { value: bytes() }, { value: bytes({ nullable: true }) }),
  ...forms("array", "(int32)", { value: array(int32()) }, { value: array({ nullable: true }, int32()) })
}

/** What is wrong with a line, if anything. */
export const check = (line: Line): string | undefined => {
  const primitive = primitives[line.type]
  if (primitive === undefined) return `unknown type ${line.type}`
  const bytes = new Uint8Array(Buffer.from(line.hex, "hex"))
  const wrong = checkRead(primitive, line, bytes)
  if (wrong !== undefined || line.decodeOnly === true) return wrong
  const writer = new ByteWriter()
  primitive.write(writer, line.value!)
  const written = Buffer.from(writer.toBytes()).toString("hex")
  return written === line.hex ? undefined : `${line.type} writes ${written}, not ${line.hex}`
}

const checkRead = (primitive: Primitive, line: Line, bytes: Uint8Array): string | undefined => {
  try {
    const reader = new ByteReader(bytes)
    const value = primitive.read(reader)
    if (line.errorClass !== undefined) return `${line.type} reads what Kafka refuses: ${line.hex}`
    if (reader.remaining !== 0) return `${line.type} leaves ${reader.remaining} bytes of ${line.hex}`
    return isDeepStrictEqual(value, line.value) ? undefined : `${line.type} reads ${JSON.stringify(value)}`
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return line.errorClass === undefined ? `${line.type} refuses ${line.hex}: ${error.message}` : undefined
  }
}
