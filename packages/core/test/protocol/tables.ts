/**
 * What the tests of the protocol share: every table, a description of tables, and random values for them.
 */
import * as Api from "@millrace/core/protocol/Api"
import { type AnyField, defaultOf, type Fields, isIn, isNullable } from "@millrace/core/protocol/Field"
import type * as Message from "@millrace/core/protocol/Message"
import * as Uuid from "@millrace/core/protocol/Uuid"
import { loadMessages } from "../../../../scripts/protocol/messages.ts"

/** Every message, by name. */
export const messages = await loadMessages()

/** Every message in each of its versions. */
export const messageVersions = messages.flatMap((message) =>
  Array.from({ length: message.versionMax - message.versionMin + 1 }, (_, i) => ({
    message,
    version: message.versionMin + i
  }))
)

type Range = readonly [number, number]

const show = ([min, max]: Range): string => min <= max ? `${min}-${max}` : "-"

const defaultText = (field: AnyField): string => {
  const given = field.options.default
  if (given === undefined) return "-"
  if (typeof given === "string") return JSON.stringify(given)
  return given === 2 ** 63 ? "9223372036854775807" : String(given)
}

const typeText = (field: AnyField): string =>
  field.kind === "array" ? `[]${typeText(field.element!)}` : field.kind === "boolean" ? "bool" : field.kind

const fieldLines = (path: string, fields: Fields, [min, max]: Range): ReadonlyArray<string> =>
  Object.entries(fields).flatMap(([name, field]) => {
    const { ignorable, nullable, nullableSince, since, tag, until } = field.options
    const versions: Range = [Math.max(min, since ?? 0), Math.min(max, until ?? Infinity)]
    const nulls: Range = nullable === true ? versions : [Math.max(versions[0], nullableSince ?? Infinity), versions[1]]
    const columns = [show(versions), show(nulls), defaultText(field), tag ?? "-", String(ignorable ?? false)]
    const inner = field.fields ?? field.element?.fields ?? {}
    return [
      [`${path}.${name}`, typeText(field), ...columns].join("\t"),
      ...fieldLines(`${path}.${name}`, inner, versions)
    ]
  })

/** A message's table in the format of `scripts/tables.ts`. */
export const describe = (message: Message.Any): ReadonlyArray<string> => {
  const versions: Range = [message.versionMin, message.versionMax]
  const flexible = show([Math.max(message.versionMin, message.flexibleSince), message.versionMax])
  const hasKey = message.type !== "header" && message.type !== "data"
  // Of an API's two definitions the request's says it.
  const api = message.type === "request" ? Api.of(message) : undefined
  const unstable = String(api !== undefined && api.versionMaxStable < api.versionMax)
  const head = [message.name, message.type, hasKey ? message.apiKey : "-", show(versions), flexible, unstable]
  return [head.join("\t"), ...fieldLines(message.name, message.fields, versions)]
}

/** Random numbers from a seed: 0 up to, but not including `bound`. */
export type Chance = (bound: number) => number

/** The same numbers for the same seed. */
export const chance = (seed: number): Chance => {
  let state = seed | 0
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), state | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return Math.floor(((word ^ (word >>> 14)) >>> 0) / 0x100000000 * bound)
  }
}

const pick = <A>(random: Chance, ...values: ReadonlyArray<A>): A => values[random(values.length)]!

const texts = ["", "a", "orders", "ключ", "€uro", "𝄞", "\u0000", "\ufeffbom", "x".repeat(200)]

/** Bytes of a random length, sometimes long enough to go by reference. */
export const randomBytes = (random: Chance): Uint8Array => {
  const bytes = new Uint8Array(pick(random, 0, 1, 7, 130, 1500))
  for (let i = 0; i < bytes.length; i++) bytes[i] = random(256)
  return bytes
}

const randomInt64 = (random: Chance): bigint =>
  BigInt.asIntN(64, (BigInt(random(2 ** 32)) << BigInt(random(33))) - BigInt(random(3)))

const randomUuid = (random: Chance): string =>
  Uuid.fromInts(random(2 ** 32), random(2 ** 32), random(2 ** 32), random(2 ** 32))

/** Tagged fields that no table knows. */
const randomTags = (random: Chance): ReadonlyArray<Message.Exact> =>
  [100, 5000].slice(random(2)).map((tag) => ({ tag: tag + random(9), data: randomBytes(random) }))

const randomValue = (field: AnyField, version: number, flexible: boolean, random: Chance): Message.Exact => {
  if (isNullable(field, version) && random(4) === 0) return null
  switch (field.kind) {
    case "boolean":
      return random(2) === 0
    case "int8":
      return random(256) - 128
    case "int16":
      return random(65536) - 32768
    case "uint16":
      return random(65536)
    case "int32":
      return random(2 ** 32) - 2 ** 31
    case "uint32":
      return random(2 ** 32)
    case "int64":
      return randomInt64(random)
    case "float64":
      return pick(random, 0, -1.5, 1e300, Infinity)
    case "string":
      return pick(random, ...texts)
    case "uuid":
      return pick(random, Uuid.zero, randomUuid(random))
    case "bytes":
    case "records":
      return randomBytes(random)
    case "array":
      return Array.from({ length: random(3) }, () => randomValue(field.element!, version, flexible, random))
    case "struct":
      return randomStruct(field.fields!, version, flexible, random)
  }
}

const randomStruct = (fields: Fields, version: number, flexible: boolean, random: Chance): Struct => {
  const value: Record<string, Message.Exact> = {}
  for (const [name, field] of Object.entries(fields)) {
    if (!isIn(field, version)) continue
    const given = defaultOf(field, true) as Message.Exact
    const isDefault = random(6) === 0 && (given !== null || isNullable(field, version))
    value[name] = isDefault ? given : randomValue(field, version, flexible, random)
  }
  if (flexible && random(4) === 0) value.unknownTaggedFields = randomTags(random)
  return value
}

/** A value of an exact struct. */
export type Struct = { readonly [name: string]: Message.Exact }

/** A value with every field that the version has and perhaps some that no table knows; the others are left out. */
export const randomMessage = (message: Message.Any, version: number, random: Chance): Struct =>
  randomStruct(message.fields, version, version >= message.flexibleSince, random)
