/**
 * The wire area of `vectors`: messages, frames, primitives, malformed bodies and hashes, both ways.
 *
 * A directory holds gzip'd JSON lines: a file per message and `frames`, `primitives`, `malformed`, `murmur2`, `crc32c`,
 * `uuid`, `coordinator-partition`. Bytes that were read are written again and must be the same; JSON that is written must
 * give the same bytes.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { gunzipSync } from "node:zlib"
import { ByteReader } from "@millrace/core/protocol/ByteReader"
import { ByteWriter } from "@millrace/core/protocol/ByteWriter"
import * as Message from "@millrace/core/protocol/Message"
import type { UnknownTaggedField } from "@millrace/core/protocol/Field"
import { ProtocolError } from "@millrace/core/protocol/ProtocolError"
import { loadMessages } from "../protocol/messages.ts"
import type { Report } from "../vectors.ts"
import * as frames from "./wire/frames.ts"
import * as hashes from "./wire/hashes.ts"
import { fromJson, type Json, toJson } from "./wire/json.ts"
import * as primitives from "./wire/primitives.ts"

interface MessageLine {
  readonly message: string
  readonly version: number
  readonly json?: Json
  readonly hex: string
  readonly storedHex?: string
  readonly case?: string
  readonly how?: string
  readonly unknownTags?: ReadonlyArray<{ readonly tag: number; readonly hex: string }>
  readonly bytesLeft?: number
  readonly errorClass?: string
}

const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"))
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

const tagsOf = (line: MessageLine): ReadonlyArray<UnknownTaggedField> | undefined =>
  line.unknownTags?.map(({ tag, hex }) => ({ tag, data: fromHex(hex) }))

/** What is wrong with a line of a message's file, if anything. */
const checkMessage = (message: Message.Any, line: MessageLine): string | undefined => {
  const { json, version } = line
  const value = fromJson(message.fields, json ?? null) as { readonly [name: string]: Message.Exact }
  const tags = tagsOf(line)
  const input = tags === undefined ? value : { ...value, unknownTaggedFields: tags.map((tag) => ({ ...tag })) }
  const written = toHex(Message.encodeExactUnsafe(message, version, input))
  if (written !== line.hex) return `writes ${written}, not ${line.hex}`
  const reader = new ByteReader(fromHex(line.hex))
  const read = Message.readExactUnsafe(message, version, reader)
  if (reader.remaining !== 0) return `leaves ${reader.remaining} bytes`
  const wrong = difference(message, line, read)
  if (wrong !== undefined) return wrong
  const again = toHex(Message.encodeExactUnsafe(message, version, read))
  if (again !== line.hex) return `writes what it read as ${again}, not ${line.hex}`
  return line.storedHex === undefined ? undefined : checkStored(message, line, input)
}

const difference = (message: Message.Any, line: MessageLine, read: Message.Exact): string | undefined => {
  const seen = toJson(message.fields, line.version, read)
  if (!isDeepStrictEqual(seen, line.json)) return `reads ${JSON.stringify(seen)}, not ${JSON.stringify(line.json)}`
  const tags = (read as { readonly unknownTaggedFields?: ReadonlyArray<UnknownTaggedField> }).unknownTaggedFields
  const seenTags = tags?.map(({ data, tag }) => ({ tag, hex: toHex(data) }))
  return isDeepStrictEqual(seenTags ?? [], line.unknownTags ?? [])
    ? undefined
    : `reads the unknown tags ${JSON.stringify(seenTags)}, not ${JSON.stringify(line.unknownTags)}`
}

const checkStored = (message: Message.Any, line: MessageLine, input: Message.Exact): string | undefined => {
  const writer = new ByteWriter()
  Message.writePrefixUnsafe(message, line.version, writer)
  const stored = toHex(writer.toBytes()) + toHex(Message.encodeExactUnsafe(message, line.version, input))
  if (stored !== line.storedHex) return `stores ${stored}, not ${line.storedHex}`
  const reader = new ByteReader(fromHex(line.storedHex))
  const version = Message.readPrefixUnsafe(message, reader)
  if (version !== line.version) return `finds version ${version} stored, not ${line.version}`
  return difference(message, line, Message.readExactUnsafe(message, version, reader))
}

const checkMalformed = (message: Message.Any, line: MessageLine): string | undefined => {
  const reader = new ByteReader(fromHex(line.hex))
  try {
    const read = Message.readExactUnsafe(message, line.version, reader)
    if (line.errorClass !== undefined) return `${line.how}: reads what Kafka refuses`
    if (reader.remaining !== line.bytesLeft) return `${line.how}: leaves ${reader.remaining}, not ${line.bytesLeft}`
    const wrong = difference(message, line, read)
    return wrong === undefined ? undefined : `${line.how}: ${wrong}`
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return line.errorClass === undefined ? `${line.how}: refuses what Kafka reads: ${error.message}` : undefined
  }
}

type Check = (line: never, index: number) => string | undefined

const checkOf = (name: string, messages: ReadonlyMap<string, Message.Any>): Check => {
  const find = (message: string): Message.Any => {
    const found = messages.get(message)
    if (found === undefined) throw new Error(`no table of that name: ${message}`)
    return found
  }
  const special: Record<string, Check | undefined> = {
    frames: frames.check(messages),
    malformed: (line: MessageLine) => checkMalformed(find(line.message), line),
    primitives: primitives.check,
    ...hashes.checks
  }
  return special[name] ?? ((line: MessageLine) => checkMessage(find(line.message), line))
}

/** Checks every file of a directory. */
export const run = async (directory: string): Promise<Report> => {
  const messages = new Map((await loadMessages()).map((message) => [message.name, message]))
  const failures: Array<string> = []
  let passed = 0
  const files = existsSync(directory) ? readdirSync(directory).filter((file) => file.endsWith(".jsonl.gz")) : []
  if (files.length === 0) failures.push(`${directory} holds no vectors`)
  for (const file of files) {
    const name = basename(file, ".jsonl.gz")
    const check = checkOf(name, messages)
    const lines = gunzipSync(readFileSync(join(directory, file))).toString("utf8").split("\n")
    lines.forEach((text, index) => {
      if (text.trim() === "") return
      const wrong = attempt(() => check(JSON.parse(text) as never, index))
      if (wrong === undefined) passed++
      else failures.push(`${name}:${index + 1}: ${wrong.slice(0, 400)}`)
    })
  }
  return { passed, failed: failures.length, failures }
}

const attempt = (check: () => string | undefined): string | undefined => {
  try {
    return check()
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
}
