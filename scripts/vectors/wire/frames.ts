/**
 * Whole frames of the wire vectors: length, header and body, read by the framing and written again.
 */
import { isDeepStrictEqual } from "node:util"
import * as Api from "@millrace/core/protocol/Api"
import { ByteReader } from "@millrace/core/protocol/ByteReader"
import { ByteWriter } from "@millrace/core/protocol/ByteWriter"
import type { UnknownTaggedField } from "@millrace/core/protocol/Field"
import * as Frame from "@millrace/core/protocol/Frame"
import * as Message from "@millrace/core/protocol/Message"
import { fromJson, type Json, toJson } from "./json.ts"

interface Line {
  readonly api: Api.Name
  readonly apiKey: number
  readonly version: number
  readonly kind: "request" | "response"
  readonly headerVersion: number
  readonly correlationId: number
  readonly clientId?: string | null
  readonly headerTags?: ReadonlyArray<{ readonly tag: number; readonly hex: string }>
  readonly hex: string
  readonly json: Json
}

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

/** What is wrong with a line, if anything. */
export const check = (messages: ReadonlyMap<string, Message.Any>) => (line: Line): string | undefined => {
  const api = Api.byName(line.api)
  const frame = oneFrame(line)
  if (typeof frame === "string") return frame
  const reader = new ByteReader(frame)
  const wrong = line.kind === "request" ? checkRequestHeader(line, reader) : checkResponseHeader(api, line, reader)
  // A request in a version that nobody knows has a header only; its body is not read.
  if (wrong !== undefined || line.json === null) return wrong
  const message = messages.get(line.kind === "request" ? `${line.api}Request` : `${line.api}Response`)!
  const start = reader.position
  const value = Message.readExactUnsafe(message, line.version, reader)
  if (reader.remaining !== 0) return `leaves ${reader.remaining} bytes`
  const seen = toJson(message.fields, line.version, value)
  if (!isDeepStrictEqual(seen, line.json)) return `reads ${JSON.stringify(seen)}, not ${JSON.stringify(line.json)}`
  return checkWrite(message, line, frame, start)
}

const oneFrame = (line: Line): Uint8Array | string => {
  const bytes = new Uint8Array(Buffer.from(line.hex, "hex"))
  const whole = new Frame.FrameDecoder().push(bytes)
  const split = new Frame.FrameDecoder()
  const pieces = [...bytes].flatMap((byte) => split.push(new Uint8Array([byte])).frames)
  if (whole.frames.length !== 1 || pieces.length !== 1) return `${whole.frames.length} and ${pieces.length} frames`
  return toHex(whole.frames[0]!) === toHex(pieces[0]!) ? whole.frames[0]! : "differs when it comes byte by byte"
}

const tagsOf = (line: Line): ReadonlyArray<UnknownTaggedField> | undefined =>
  line.headerTags?.map(({ hex, tag }) => ({ tag, data: new Uint8Array(Buffer.from(hex, "hex")) }))

const checkRequestHeader = (line: Line, reader: ByteReader): string | undefined => {
  const header = Frame.readRequestHeaderUnsafe(reader)
  const seen = [header.requestApiKey, header.requestApiVersion, header.correlationId, header.clientId]
  const expected = [line.apiKey, line.version, line.correlationId, line.clientId]
  if (!isDeepStrictEqual(seen, expected)) return `reads the header ${JSON.stringify(seen)}`
  return isDeepStrictEqual(header.unknownTaggedFields, tagsOf(line)) ? undefined : "reads other tags in the header"
}

const checkResponseHeader = (api: Api.Api, line: Line, reader: ByteReader): string | undefined => {
  if (Api.responseHeaderVersion(api, line.version) !== line.headerVersion) return "expects another header version"
  const header = Frame.readResponseHeaderUnsafe(api, line.version, reader)
  if (header.correlationId !== line.correlationId) return `reads the correlation id ${header.correlationId}`
  return isDeepStrictEqual(header.unknownTaggedFields, tagsOf(line)) ? undefined : "reads other tags in the header"
}

/** The header as the framing writes it around a value without 64-bit integers, and the body by the exact codec. */
const checkWrite = (message: Message.Any, line: Line, frame: Uint8Array, start: number): string | undefined => {
  const tags = tagsOf(line)
  const options = { version: line.version, correlationId: line.correlationId, clientId: line.clientId ?? null }
  const tagged = tags === undefined ? options : { ...options, unknownTaggedFields: tags }
  const value = Message.readUnsafe(message, line.version, new ByteReader(frame, start))
  const chunks = line.kind === "request"
    ? Frame.encodeRequestUnsafe(message, tagged, value)
    : Frame.encodeResponseUnsafe(message, tagged, value)
  const writer = new ByteWriter()
  for (const chunk of chunks) writer.bytes(chunk)
  const written = writer.toBytes()
  const head = line.hex.slice(0, 2 * (start + 4))
  if (toHex(written.subarray(0, start + 4)) !== head) return `writes the head ${toHex(written.subarray(0, start + 4))}`
  const body = toHex(Message.encodeExactUnsafe(message, line.version, fromJson(message.fields, line.json)))
  return head + body === line.hex ? undefined : `writes the body ${body}`
}
