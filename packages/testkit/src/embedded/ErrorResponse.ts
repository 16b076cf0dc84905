/**
 * The response that refuses a request: the error stands wherever the API's table has a place for one, and what the request
 * names (topics, partitions, groups) is named again.
 *
 * Keeps true: made from the tables, for every API alike; undefined where a response has no place for an error.
 *
 * @since 0.1.0
 */
import * as Field from "@millrace/core/protocol/Field"
import type * as Message from "@millrace/core/protocol/Message"

type Struct = Readonly<Record<string, unknown>>

/** What requests call otherwise than their responses do. */
const otherNames: Readonly<Record<string, ReadonlyArray<string>>> = {
  index: ["partition", "partitionIndex"],
  partition: ["partitionIndex", "index"],
  partitionIndex: ["partition", "index"],
  topic: ["name"],
  name: ["topic"]
}

/** Whether a struct has a place for an error, in itself or in what it holds. */
const hasError = (fields: Field.Fields): boolean =>
  Object.entries(fields).some(([name, field]) =>
    name === "errorCode" || (field.element?.fields !== undefined && hasError(field.element.fields))
  )

const isStruct = (value: unknown): value is Struct => typeof value === "object" && value !== null

/** The list of a request that a list of its response answers: the first that is none of plain numbers. */
const listOf = (request: Struct): ReadonlyArray<unknown> =>
  Object.values(request).find((value): value is ReadonlyArray<unknown> =>
    Array.isArray(value) &&
    value.every((item) => isStruct(item) || typeof item === "string" || typeof item === "number")
  ) ?? []

/** An item that is a plain name or number stands for the first field that can hold it. */
const itemOf = (item: unknown, fields: Field.Fields): Struct => {
  if (isStruct(item)) return item
  const kinds: ReadonlyArray<Field.Kind> = typeof item === "string" ? ["string"] : ["int32"]
  const [name] = Object.entries(fields).find(([, field]) => kinds.includes(field.kind)) ?? ["name"]
  return { [name]: item }
}

const fill = (fields: Field.Fields, request: Struct, code: number): Record<string, unknown> => {
  const response = Field.defaultsOf(fields, false)
  for (const [name, { element, kind }] of Object.entries(fields)) {
    const items = element?.fields
    if (name === "errorCode") response[name] = code
    else if (kind === "array") {
      if (items !== undefined && hasError(items)) {
        response[name] = listOf(request).map((item) => fill(items, itemOf(item, items), code))
      }
    } else if (kind !== "struct") {
      const same = [name, ...otherNames[name] ?? []].find((other) => other in request)
      if (same !== undefined && typeof request[same] === typeof response[name]) response[name] = request[same]
    }
  }
  return response
}

/**
 * The response that refuses `request` with an error code; undefined if it could not say so.
 *
 * @since 0.1.0
 */
export const make = (response: Message.Any, request: unknown, code: number): Record<string, unknown> | undefined =>
  hasError(response.fields) ? fill(response.fields, isStruct(request) ? request : {}, code) : undefined
