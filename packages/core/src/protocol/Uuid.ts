/**
 * UUIDs as Kafka shows them: sixteen bytes as 22 characters of URL-safe base64.
 *
 * Keeps true: `fromBytes` and `toBytes` are inverse; new ones are version 4 and start with no dash.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { refuse } from "./ProtocolError.ts"

/**
 * The UUID of sixteen zero bytes: Kafka's "none".
 *
 * @since 0.1.0
 */
export const zero = "AAAAAAAAAAAAAAAAAAAAAA"

/**
 * The topic id that Kafka reserves for `__cluster_metadata`.
 *
 * @since 0.1.0
 */
export const metadataTopic = "AAAAAAAAAAAAAAAAAAAAAQ"

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

const valueOf = new Int8Array(128).fill(-1)
for (let i = 0; i < 64; i++) valueOf[alphabet.charCodeAt(i)] = i

/**
 * The text of the sixteen bytes from `at` on.
 *
 * @since 0.1.0
 */
export const fromBytes = (bytes: Uint8Array, at = 0): string => {
  let text = ""
  for (let i = at; i < at + 15; i += 3) {
    const word = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!
    text += alphabet[word >> 18]! + alphabet[(word >> 12) & 63]! + alphabet[(word >> 6) & 63]! + alphabet[word & 63]!
  }
  const last = bytes[at + 15]!
  return text + alphabet[last >> 2]! + alphabet[(last & 3) << 4]!
}

const sextet = (text: string, i: number): number => {
  const code = text.charCodeAt(i)
  const value = code < 128 ? valueOf[code]! : -1
  return value >= 0 ? value : refuse("Unencodable", `not a uuid: ${JSON.stringify(text)}`)
}

/**
 * Writes the sixteen bytes of a UUID from `at` on. Throws `ProtocolError` where the text is none.
 *
 * @since 0.1.0
 */
export const writeUnsafe = (text: string, bytes: Uint8Array, at: number): void => {
  if (text.length !== 22) refuse("Unencodable", `not a uuid (22 characters of base64url): ${JSON.stringify(text)}`)
  for (let i = 0, to = at; i < 20; i += 4, to += 3) {
    const word = (sextet(text, i) << 18) | (sextet(text, i + 1) << 12) | (sextet(text, i + 2) << 6) |
      sextet(text, i + 3)
    bytes[to] = word >> 16
    bytes[to + 1] = word >> 8
    bytes[to + 2] = word
  }
  bytes[at + 15] = (sextet(text, 20) << 2) | (sextet(text, 21) >> 4)
}

/**
 * The sixteen bytes of a UUID. Throws `ProtocolError` where the text is none.
 *
 * @since 0.1.0
 */
export const toBytesUnsafe = (text: string): Uint8Array => {
  const bytes = new Uint8Array(16)
  writeUnsafe(text, bytes, 0)
  return bytes
}

/**
 * The UUID (version 4) made of four random 32-bit integers.
 *
 * @since 0.1.0
 */
export const fromInts = (a: number, b: number, c: number, d: number): string => {
  const bytes = new Uint8Array(16)
  const words = [a, b, c, d]
  for (let i = 0; i < 16; i++) bytes[i] = words[i >> 2]! >> (8 * (3 - (i & 3)))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return fromBytes(bytes)
}

/**
 * A random UUID (version 4) that starts with no dash, so that it may follow a flag on a command line.
 *
 * @since 0.1.0
 */
export const make: Effect.Effect<string> = Effect.gen(function*() {
  const service = yield* Random.Random
  const word = () => Math.floor(service.nextDoubleUnsafe() * 0x100000000) | 0
  // A dash comes first in one of 64; the loop is bounded so that a stuck source of chance can't hang it.
  let uuid = zero
  for (let attempt = 0; attempt < 64; attempt++) {
    uuid = fromInts(word(), word(), word(), word())
    if (!uuid.startsWith("-")) return uuid
  }
  return `A${uuid.slice(1)}`
})
