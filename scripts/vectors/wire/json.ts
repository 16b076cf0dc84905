/**
 * Between the exact values of messages and the JSON of the vectors: 64-bit integers and uint32 as decimal strings, bytes
 * as base64, fields that the version lacks and tagged fields with their default absent.
 */
import { isDeepStrictEqual } from "node:util"
import { type AnyField, defaultOf, type Fields, isIn } from "@millrace/core/protocol/Field"
import type * as Message from "@millrace/core/protocol/Message"

/** Any JSON. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [name: string]: Json }

type Struct = { readonly [name: string]: Message.Exact }

/** The JSON of a struct in a version. */
export const toJson = (fields: Fields, version: number, value: Message.Exact): Json => {
  const struct = value as Struct
  const json: Record<string, Json> = {}
  for (const [name, field] of Object.entries(fields)) {
    if (!isIn(field, version)) continue
    const seen = fieldToJson(field, version, struct[name]!)
    if (field.options.tag !== undefined) {
      const fallback = fieldToJson(field, version, defaultOf(field, true) as Message.Exact)
      if (isDeepStrictEqual(seen, fallback)) continue
    }
    json[name] = seen
  }
  return json
}

const fieldToJson = (field: AnyField, version: number, value: Message.Exact): Json => {
  if (value === null) return null
  switch (field.kind) {
    case "int64":
    case "uint32":
      return String(value)
    case "float64":
      return Number.isFinite(value) ? value as number : String(value)
    case "bytes":
    case "records":
      return Buffer.from(value as Uint8Array).toString("base64")
    case "array":
      return (value as ReadonlyArray<Message.Exact>).map((item) => fieldToJson(field.element!, version, item))
    case "struct":
      return toJson(field.fields!, version, value)
    default:
      return value as Json
  }
}

/** The exact value of a struct's JSON. */
export const fromJson = (fields: Fields, json: Json): Message.Exact => {
  const value: Record<string, Message.Exact> = {}
  for (const [name, inner] of Object.entries(json as { readonly [name: string]: Json })) {
    const field = fields[name]
    if (field === undefined) throw new Error(`the table lacks the field ${name}`)
    value[name] = fieldFromJson(field, inner)
  }
  return value
}

const fieldFromJson = (field: AnyField, json: Json): Message.Exact => {
  if (json === null) return null
  switch (field.kind) {
    case "int64":
      return BigInt(json as string)
    case "uint32":
    case "float64":
      return Number(json)
    case "bytes":
    case "records":
      return new Uint8Array(Buffer.from(json as string, "base64"))
    case "array":
      return (json as ReadonlyArray<Json>).map((item) => fieldFromJson(field.element!, item))
    case "struct":
      return fromJson(field.fields!, json)
    default:
      return json as Message.Exact
  }
}
