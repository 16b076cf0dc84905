/**
 * What must be true of every message in every version, as functions that throw where it is not.
 */
import { assert } from "@effect/vitest"
import { frameBufferMinBytes, messageMemoryBaseBytes, messageMemoryFactorMax } from "@millrace/core/limits"
import { ByteReader } from "@millrace/core/protocol/ByteReader"
import { type AnyField, defaultOf, type Fields, isIn, isNullable } from "@millrace/core/protocol/Field"
import * as Frame from "@millrace/core/protocol/Frame"
import * as Message from "@millrace/core/protocol/Message"
import { ProtocolError } from "@millrace/core/protocol/ProtocolError"
import * as Result from "effect/Result"
import { type Chance, randomBytes, randomMessage, type Struct } from "./tables.ts"

/** One case: a message in one of its versions, with random values of it. */
export interface Case {
  readonly message: Message.Any
  readonly version: number
  readonly random: Chance
}

/** Decoding gives back what was encoded, unknown tagged fields too, and encoding that the same bytes. */
export const identity = ({ message, random, version }: Case): void => {
  const value = randomMessage(message, version, random)
  const bytes = Message.encodeExactUnsafe(message, version, value)
  const reader = new ByteReader(bytes)
  const read = Message.readExactUnsafe(message, version, reader) as Struct
  assert.strictEqual(reader.remaining, 0)
  assert.isTrue(holds(read, value), "reads something else")
  const names = Object.keys(read).filter((name) => name !== "unknownTaggedFields")
  assert.deepStrictEqual(names, Object.keys(message.fields))
  assert.isTrue(same(Message.encodeExactUnsafe(message, version, read), bytes), "writes other bytes")
}

/** Numbers in place of bigints change nothing up to 2^53. */
export const numbers = ({ message, random, version }: Case): void => {
  const bytes = Message.encodeExactUnsafe(message, version, small(randomMessage(message, version, random)))
  const value = Message.decodeUnsafe(message, version, bytes)
  assert.isTrue(same(Message.encodeBytesUnsafe(message, version, value), bytes), "writes other bytes")
}

/** A message that ends early is refused as such. */
export const prefix = ({ message, random, version }: Case): void => {
  const bytes = Message.encodeExactUnsafe(message, version, randomMessage(message, version, random))
  if (bytes.length === 0) return
  const cut = bytes.subarray(0, random(bytes.length))
  const result = Message.decode(message, version, cut)
  assert.isTrue(Result.isFailure(result), `reads ${cut.length} of ${bytes.length} bytes`)
  assert.instanceOf((result as Result.Failure<never, unknown>).failure, ProtocolError)
}

/** A frame that ends early asks for more, holds little meanwhile, and is whole when the rest has come. */
export const framePrefix = ({ message, random, version }: Case): void => {
  const frame = frameOf(message, version, randomMessage(message, version, random))
  const cut = random(frame.length)
  const decoder = new Frame.FrameDecoder()
  assert.deepStrictEqual(decoder.push(frame.subarray(0, cut)), { frames: [], failure: undefined })
  assert.isAtMost(decoder.pendingBytes, frameBufferMinBytes + 4 * cut)
  const { failure, frames } = decoder.push(frame.subarray(cut))
  assert.isUndefined(failure)
  assert.strictEqual(frames.length, 1)
  assert.isTrue(same(frames[0]!, frame.subarray(4)), "gives another frame")
}

/** One flipped byte, or none but random ones, give a value of bounded size or a typed error. */
export const hostile = ({ message, random, version }: Case): void => {
  const frame = frameOf(message, version, randomMessage(message, version, random))
  const changed = frame.slice()
  changed[random(changed.length)]! ^= 1 + random(255)
  const { frames } = new Frame.FrameDecoder().push(changed)
  for (const inner of [...frames, randomBytes(random)]) readBounded(message, version, inner)
}

const readBounded = (message: Message.Any, version: number, bytes: Uint8Array): void => {
  const result = Message.attempt(() => {
    const reader = new ByteReader(bytes)
    if (message.type === "request") Frame.readRequestHeaderUnsafe(reader)
    else if (message.type === "response") Frame.readResponseHeaderUnsafe(keyOf(message), version, reader)
    return Message.readUnsafe(message, version, reader)
  })
  if (Result.isFailure(result)) return
  assert.isAtMost(memoryOf(result.success), memoryMax(bytes.length), "takes more memory than it may")
}

const memoryMax = (bytes: number): number => messageMemoryBaseBytes + messageMemoryFactorMax * bytes

/** What costs a sender least and a reader most, a collection of the smallest elements, stays within the bound. */
export const dense = (message: Message.Any, version: number): void => {
  for (const value of crowds(message.fields, version)) {
    const bytes = Message.encodeExactUnsafe(message, version, value)
    const read = Message.decodeUnsafe(message, version, bytes)
    assert.isAtMost(memoryOf(read), memoryMax(bytes.length), `${message.name} ${version}`)
  }
}

const crowdSize = 300

/** The smallest values but for one collection, which is large; a value for each collection. */
const crowds = (fields: Fields, version: number): ReadonlyArray<Struct> =>
  Object.entries(fields).filter(([, field]) => isIn(field, version)).flatMap(([name, field]) => {
    const parts = innerFields(field)
    const inner = parts === undefined ? [] : crowds(parts, version)
    const values: ReadonlyArray<Message.Exact> = field.kind !== "array"
      ? inner
      : [...inner.map((one) => [one]), Array.from({ length: crowdSize }, () => smallest(field.element!, version))]
    return values.map((value) => ({ ...smallestStruct(fields, version), [name]: value }))
  })

const smallest = (field: AnyField, version: number): Message.Exact => {
  if (field.kind === "struct") return smallestStruct(field.fields!, version)
  // A view costs a reader more than null.
  if (field.kind === "bytes" || field.kind === "records") return new Uint8Array(0)
  return defaultOf({ ...field, options: {} }, true) as Message.Exact
}

const smallestStruct = (fields: Fields, version: number): Struct =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, field]) => isIn(field, version) && field.options.tag === undefined)
      .map(([name, field]) => [name, smallest(field, version)])
  )

/** In another version, a value says the same except for what that version lacks, or is refused as Kafka refuses it. */
export const conversion = ({ message, random, version }: Case): void => {
  const other = message.versionMin + random(message.versionMax - message.versionMin + 1)
  const written = Message.encodeExactUnsafe(message, version, randomMessage(message, version, random))
  const value = Message.readExactUnsafe(message, version, new ByteReader(written)) as Struct
  const result = Message.attempt(() => Message.encodeExactUnsafe(message, other, value))
  const carries = canCarry(message.fields, other, other >= message.flexibleSince, value)
  assert.strictEqual(Result.isSuccess(result), carries, `from version ${version} to ${other}`)
  if (Result.isFailure(result)) {
    assert.strictEqual(result.failure.reason, "Unencodable")
    return
  }
  const read = Message.readExactUnsafe(message, other, new ByteReader(result.success)) as Struct
  const kept = without(message.fields, other, value)
  assert.isTrue(holds(read, kept) && holds(kept, read), `from version ${version} to ${other}`)
}

/** Every law, by name. */
export const laws: Readonly<Record<string, (one: Case) => void>> = {
  identity,
  numbers,
  prefix,
  framePrefix,
  hostile,
  conversion
}

const keyOf = ({ apiKey, flexibleSince }: Message.Any) => ({ key: apiKey, flexibleSince })

/** What travels: requests and responses with their headers, everything else as if it were a frame of its own. */
const frameOf = (message: Message.Any, version: number, value: Struct): Uint8Array => {
  const options = { version, correlationId: 7, clientId: "law" }
  const body = Message.encodeExactUnsafe(message, version, small(value))
  const plain = Message.decodeUnsafe(message, version, body)
  if (message.type === "request") return concat(Frame.encodeRequestUnsafe(message, options, plain))
  if (message.type === "response") return concat(Frame.encodeResponseUnsafe(message, options, plain))
  return concat([new Uint8Array(new Int32Array([body.length]).buffer).reverse(), body])
}

const concat = (chunks: ReadonlyArray<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat(chunks))

const same = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0

/** Whether what was read says all that was written; fields that were left out have their defaults. */
const holds = (read: Message.Exact, written: Message.Exact): boolean => {
  if (typeof written !== "object" || written === null) return Object.is(read, written)
  if (written instanceof Uint8Array) return read instanceof Uint8Array && same(read, written)
  if (typeof read !== "object" || read === null) return false
  if (Array.isArray(written) && written.length !== (read as ReadonlyArray<unknown>).length) return false
  const pairs = read as Struct
  return Object.entries(written).every(([name, inner]) => name in pairs && holds(pairs[name]!, inner))
}

/** 64-bit integers cut to what a number holds. */
const small = (value: Message.Exact): Message.Exact => {
  if (typeof value === "bigint") return BigInt.asIntN(53, value)
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(small)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, small(inner)]))
}

const isDefault = (field: AnyField, value: Message.Exact): boolean => {
  const given = defaultOf(field, true) as Message.Exact
  return holds(value, given) && holds(given, value)
}

const innerFields = (field: AnyField): Fields | undefined => field.fields ?? field.element?.fields

/** Kafka's rule: what a version lacks must be ignorable or unset, null only where it may be, tags only where there are any. */
const canCarry = (fields: Fields, version: number, flexible: boolean, value: Struct): boolean =>
  (flexible || value.unknownTaggedFields === undefined) &&
  Object.entries(fields).every(([name, field]) => {
    const inner = value[name]!
    if (!isIn(field, version)) return field.options.ignorable === true || isDefault(field, inner)
    if (inner === null) return isNullable(field, version)
    const parts = innerFields(field)
    if (parts === undefined || (field.options.tag !== undefined && isDefault(field, inner))) return true
    const structs = field.kind === "array" ? inner as ReadonlyArray<Struct> : [inner as Struct]
    return structs.every((struct) => canCarry(parts, version, flexible, struct))
  })

/** The value with its default in every field that the version lacks. */
const without = (fields: Fields, version: number, value: Struct): Struct => {
  const kept: Record<string, Message.Exact> = { ...value }
  for (const [name, field] of Object.entries(fields)) {
    const parts = innerFields(field)
    const inner = value[name]!
    if (!isIn(field, version)) kept[name] = defaultOf(field, true) as Message.Exact
    else if (parts === undefined || inner === null) continue
    else if (field.kind === "array") {
      kept[name] = (inner as ReadonlyArray<Struct>).map((struct) => without(parts, version, struct))
    } else kept[name] = without(parts, version, inner as Struct)
  }
  return kept
}

const wordBytes = 8
const headBytes = 3 * wordBytes
const viewBytes = 13 * wordBytes

/**
 * What a value takes in V8, in bytes: a head and a word per slot for objects and arrays (which may be grown by half), a
 * head and the text for strings, the object of a view. What several places share, such as defaults, counts once.
 */
export const memoryOf = (value: unknown, seen: Set<unknown> = new Set()): number => {
  if (typeof value === "string") return headBytes + value.length * 2
  if (typeof value === "number") return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 0 : 2 * wordBytes
  if (typeof value !== "object" || value === null || seen.has(value)) return 0
  seen.add(value)
  if (value instanceof Uint8Array) return viewBytes
  const inner = Object.values(value)
  const slots = Array.isArray(value) ? headBytes + 1.5 * inner.length * wordBytes : inner.length * wordBytes
  return inner.reduce<number>((sum, one) => sum + memoryOf(one, seen), headBytes + slots)
}
