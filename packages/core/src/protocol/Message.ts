/**
 * Messages: tables of fields with a name, versions and a place in the protocol; their types, and their bytes.
 *
 * Keeps true: types are inferred from the table; the codec of a (message, version) is made from the table when first
 * used, and kept. Decoded values are plain objects with every field, byte fields are views into what was decoded.
 * Encoded chunks refer to the large byte fields of the input. Functions in `Unsafe`, and the prefixed ones, throw
 * `ProtocolError` and nothing else, even for input that is not of its type.
 * Leaves to others: headers and frames (`Frame.ts`), which APIs there are (`Api.ts`).
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import type * as Api from "./Api.ts"
import { ByteReader } from "./ByteReader.ts"
import { ByteWriter } from "./ByteWriter.ts"
import type { Fields, StructInput, StructType } from "./Field.ts"
import * as MessageDecoder from "./MessageDecoder.ts"
import * as MessageEncoder from "./MessageEncoder.ts"
import { ProtocolError, refuse } from "./ProtocolError.ts"

/**
 * Where messages of a kind occur.
 *
 * @since 0.1.0
 */
export type MessageType =
  | "request"
  | "response"
  | "header"
  | "data"
  | "coordinator-key"
  | "coordinator-value"
  | "metadata-record"

/**
 * What a table says of its message, where no API says it.
 *
 * - `versions`: the valid ones, such as "3-13"; `flexible`: those with compact lengths and tagged fields, such as "9+".
 * - `apiKey`: the type of a record.
 * - `prefix`: "version" where the message is stored or sent behind its version; "version-lenient" where moreover a
 *   version that is not known yet is read as the latest known one.
 *
 * @since 0.1.0
 */
export interface Options {
  readonly apiKey?: number
  readonly versions: string
  readonly flexible?: string
  readonly prefix?: "version" | "version-lenient"
}

interface Codec<A> {
  readonly read: (reader: ByteReader) => A
  readonly write: MessageEncoder.Write
}

/**
 * A message: its table and what was compiled of it.
 *
 * @since 0.1.0
 */
export interface Message<out F extends Fields> {
  readonly name: string
  readonly type: MessageType
  readonly fields: F
  /** The API's key, or the type of a record; -1 where it has none. */
  readonly apiKey: number
  readonly versionMin: number
  readonly versionMax: number
  /** The first flexible version, or infinity. */
  readonly flexibleSince: number
  readonly prefix: "none" | "version" | "version-lenient"
  /** Compiled codecs by version, plain and exact; for this module only. */
  readonly codecs: ReadonlyArray<Array<Codec<unknown>>>
}

/**
 * Any message.
 *
 * @since 0.1.0
 */
export type Any = Message<Fields>

/**
 * What decoding a message gives: a plain object with every field.
 *
 * @since 0.1.0
 */
export type Type<X extends Any> = StructType<X["fields"]>

/**
 * What encoding a message takes: fields with a default, tagged ones, and those that not every version has may be left out.
 *
 * @since 0.1.0
 */
export type Input<X extends Any> = StructInput<X["fields"]>

/**
 * A value as the exact codecs hold it: 64-bit integers are bigints.
 *
 * @since 0.1.0
 */
export type Exact =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | ReadonlyArray<Exact>
  | { readonly [name: string]: Exact }

const versionsOf = (text: string): readonly [number, number] => {
  const [min, max] = text.split("-")
  return [Number(min), Number(max ?? min)]
}

const make = (type: MessageType) => <const F extends Fields>(name: string, options: Options, fields: F): Message<F> => {
  const [versionMin, versionMax] = versionsOf(options.versions)
  return {
    name,
    type,
    fields,
    apiKey: options.apiKey ?? -1,
    versionMin,
    versionMax,
    flexibleSince: options.flexible === undefined ? Infinity : Number.parseInt(options.flexible),
    prefix: options.prefix ?? "none",
    codecs: [[], []]
  }
}

const makeOfApi =
  (type: MessageType, suffix: "Request" | "Response") =>
  <const F extends Fields>({ flexibleSince, key, name, versionMax, versionMin }: Api.Api, fields: F): Message<F> => ({
    name: name + suffix,
    type,
    fields,
    apiKey: key,
    versionMin,
    versionMax,
    flexibleSince,
    prefix: "none",
    codecs: [[], []]
  })

/**
 * What a client asks: `request(Api.byName("Produce"), { … })` is the table of `ProduceRequest`.
 *
 * @since 0.1.0
 */
export const request = makeOfApi("request", "Request")

/**
 * What a broker answers.
 *
 * @since 0.1.0
 */
export const response = makeOfApi("response", "Response")

/**
 * What stands before requests and responses.
 *
 * @since 0.1.0
 */
export const header = make("header")

/**
 * What is neither sent nor stored as a message of its own: blobs within messages, values of control records, files.
 *
 * @since 0.1.0
 */
export const data = make("data")

/**
 * The key of a coordinator's record.
 *
 * @since 0.1.0
 */
export const coordinatorKey = make("coordinator-key")

/**
 * The value of a coordinator's record.
 *
 * @since 0.1.0
 */
export const coordinatorValue = make("coordinator-value")

/**
 * A record of the cluster's metadata log, or of another log framed alike.
 *
 * @since 0.1.0
 */
export const metadataRecord = make("metadata-record")

/**
 * Whether the message has a version.
 *
 * @since 0.1.0
 */
export const isVersion = (self: Any, version: number): boolean =>
  version >= self.versionMin && version <= self.versionMax && Number.isInteger(version)

/**
 * Whether a version is flexible: compact lengths and tagged fields.
 *
 * @since 0.1.0
 */
export const isFlexible = (self: Any, version: number): boolean => version >= self.flexibleSince

const codecOf = (self: Any, version: number, exact: boolean): Codec<unknown> =>
  self.codecs[exact ? 1 : 0]![version] ?? compile(self, version, exact)

const compile = (self: Any, version: number, exact: boolean): Codec<unknown> => {
  if (!isVersion(self, version)) {
    refuse("UnsupportedVersion", `${self.name} has no version ${version} (${self.versionMin}-${self.versionMax})`)
  }
  const target = { version, flexible: isFlexible(self, version), exact }
  const codec = {
    read: MessageDecoder.compileStruct(self.fields, target),
    write: MessageEncoder.compileStruct(self.fields, target)
  }
  self.codecs[exact ? 1 : 0]![version] = codec
  return codec
}

// The table is what makes the codec, so what it reads has the table's type; this is the one place that says so.
const typedCodec = <X extends Any>(self: X, version: number): Codec<Type<X>> =>
  codecOf(self, version, false) as Codec<Type<X>>

/**
 * Writes a message into a writer. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const writeUnsafe = <X extends Any>(self: X, version: number, input: Input<X>, writer: ByteWriter): void =>
  codecOf(self, version, false).write(writer, input)

/**
 * Reads a message and leaves the reader behind it. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const readUnsafe = <X extends Any>(self: X, version: number, reader: ByteReader): Type<X> =>
  typedCodec(self, version).read(reader)

/**
 * The message in chunks; large byte fields are the input's own. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const encodeUnsafe = <X extends Any>(self: X, version: number, input: Input<X>): ReadonlyArray<Uint8Array> => {
  const writer = new ByteWriter()
  writeUnsafe(self, version, input, writer)
  return writer.chunks()
}

/**
 * The message in one piece that nothing else shares. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const encodeBytesUnsafe = <X extends Any>(self: X, version: number, input: Input<X>): Uint8Array => {
  const writer = new ByteWriter()
  writeUnsafe(self, version, input, writer)
  return writer.toBytes()
}

/**
 * The message that starts at `offset`; bytes after it go unnoticed. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const decodeUnsafe = <X extends Any>(self: X, version: number, bytes: Uint8Array, offset = 0): Type<X> =>
  readUnsafe(self, version, new ByteReader(bytes, offset))

/**
 * `encodeUnsafe` as a `Result`.
 *
 * @since 0.1.0
 */
export const encode = <X extends Any>(
  self: X,
  version: number,
  input: Input<X>
): Result.Result<ReadonlyArray<Uint8Array>, ProtocolError> => attempt(() => encodeUnsafe(self, version, input))

/**
 * `decodeUnsafe` as a `Result`.
 *
 * @since 0.1.0
 */
export const decode = <X extends Any>(
  self: X,
  version: number,
  bytes: Uint8Array,
  offset = 0
): Result.Result<Type<X>, ProtocolError> => attempt(() => decodeUnsafe(self, version, bytes, offset))

/**
 * Runs synchronous codec code; what it refuses becomes a failure, a defect stays one.
 *
 * @since 0.1.0
 */
export const attempt = <A>(run: () => A): Result.Result<A, ProtocolError> => {
  try {
    return Result.succeed(run())
  } catch (error) {
    if (error instanceof ProtocolError) return Result.fail(error)
    throw error
  }
}

/**
 * `encodeBytesUnsafe` with 64-bit integers as bigints, for tools. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const encodeExactUnsafe = (self: Any, version: number, input: Exact): Uint8Array => {
  const writer = new ByteWriter()
  codecOf(self, version, true).write(writer, input)
  return writer.toBytes()
}

/**
 * `readUnsafe` with 64-bit integers as bigints, for tools. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const readExactUnsafe = (self: Any, version: number, reader: ByteReader): Exact =>
  codecOf(self, version, true).read(reader) as Exact

/** The version of the frame around metadata records. */
const metadataFrameVersion = 1

/**
 * Writes what stands before a stored message: the type before a coordinator's key, the version before its value and
 * before the blobs that say so, and the frame of a metadata record. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const writePrefixUnsafe = (self: Any, version: number, writer: ByteWriter): void => {
  if (self.type === "coordinator-key") writer.int16(self.apiKey)
  else if (self.type === "coordinator-value" || self.prefix !== "none") writer.int16(version)
  else if (self.type === "metadata-record") {
    writer.unsignedVarint(metadataFrameVersion)
    writer.unsignedVarint(self.apiKey)
    writer.unsignedVarint(version)
  } else refuse("Unencodable", `${self.name} is not stored with a prefix`)
}

/**
 * Reads what stands before a stored message and returns the version to read it in. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const readPrefixUnsafe = (self: Any, reader: ByteReader): number => {
  if (self.type === "coordinator-key") {
    expectType(self, reader.int16())
    return self.versionMin
  }
  if (self.type === "metadata-record") {
    const { type, version } = readMetadataFrameUnsafe(reader)
    expectType(self, type)
    return version
  }
  if (self.type !== "coordinator-value" && self.prefix === "none") {
    refuse("Malformed", `${self.name} is not stored with a prefix`)
  }
  const version = reader.int16()
  return self.prefix === "version-lenient" ? Math.min(version, self.versionMax) : version
}

/**
 * The frame of a metadata record: which record follows, in which version. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const readMetadataFrameUnsafe = (reader: ByteReader): { readonly type: number; readonly version: number } => {
  const frame = reader.unsignedVarint()
  if (frame !== metadataFrameVersion) refuse("UnsupportedVersion", `unknown version ${frame} of a metadata frame`)
  const type = reader.unsignedVarint()
  return { type, version: reader.unsignedVarint() }
}

const expectType = (self: Any, type: number): void => {
  if (type !== self.apiKey) refuse("Malformed", `${self.name} is a record of type ${self.apiKey}, not ${type}`)
}

/**
 * A stored message with its prefix (`writePrefixUnsafe`), in one piece. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const encodePrefixed = <X extends Any>(self: X, version: number, input: Input<X>): Uint8Array => {
  const writer = new ByteWriter()
  writePrefixUnsafe(self, version, writer)
  writeUnsafe(self, version, input, writer)
  return writer.toBytes()
}

/**
 * A stored message behind its prefix. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const decodePrefixed = <X extends Any>(self: X, bytes: Uint8Array): Type<X> => {
  const reader = new ByteReader(bytes)
  const version = readPrefixUnsafe(self, reader)
  return readUnsafe(self, version, reader)
}
