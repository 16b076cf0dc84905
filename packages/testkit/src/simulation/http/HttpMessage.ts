/**
 * HTTP/1.1 messages as bytes on a connection: one request or response, with the length of its body in its head.
 *
 * Keeps true: what is not such a message, or is too long, is a `NetworkError` to who reads it.
 * Leaves to others: what requests and responses mean (`SimulatedHttp`).
 *
 * @since 0.1.0
 */
import { type Connection, NetworkError } from "@millrace/core/platform/Network"
import * as Effect from "effect/Effect"
import { httpMessageMaxBytes } from "../../limits.ts"

/**
 * A message: its first line, its headers by lower-case name, and its body.
 *
 * @since 0.1.0
 */
export interface HttpMessage {
  readonly start: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer>
}

/**
 * The bytes of a message.
 *
 * @since 0.1.0
 */
export const encode = ({ body, headers, start }: HttpMessage): Uint8Array => {
  const fields = Object.entries({ ...headers, "content-length": String(body.length) })
  const head = `${start}\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`
  return Buffer.concat([Buffer.from(head, "latin1"), body])
}

const headEnd = Buffer.from("\r\n\r\n")

/** The message at the start of some bytes; undefined if it is not all there. */
const decode = (bytes: Buffer): HttpMessage | undefined => {
  const end = bytes.indexOf(headEnd)
  if (end < 0) return undefined
  const [start = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n")
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(":")
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  const bodyAt = end + headEnd.length
  const length = Number(headers["content-length"] ?? 0)
  if (bytes.length < bodyAt + length) return undefined
  return { start, headers, body: Uint8Array.from(bytes.subarray(bodyAt, bodyAt + length)) }
}

/**
 * Reads the one message of a connection.
 *
 * @since 0.1.0
 */
export const read = Effect.fnUntraced(function*(connection: Connection) {
  let bytes = Buffer.alloc(0)
  for (;;) {
    const chunk = yield* connection.read
    if (chunk === null || bytes.length + chunk.length > httpMessageMaxBytes) {
      return yield* new NetworkError({ reason: "Reset", address: connection.remote })
    }
    bytes = Buffer.concat([bytes, chunk])
    const message = decode(bytes)
    if (message !== undefined) return message
  }
})
