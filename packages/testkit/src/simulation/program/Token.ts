/**
 * What it takes to replay a failure, as a short text: seed, records and faults, compressed.
 *
 * Keeps true: a token needs nothing but the program; one that was cut or altered is a `SimulationError`.
 *
 * @since 0.1.0
 */
import * as NodeZlib from "node:zlib"
import * as limits from "../../limits.ts"
import type { AnyFault } from "./FaultKind.ts"
import type { PlannedRecord } from "./Records.ts"
import { SimulationError } from "./SimulationError.ts"

/**
 * What is replayed.
 *
 * @since 0.1.0
 */
export interface Replay {
  readonly seed: number
  readonly schedule: number
  readonly records: ReadonlyArray<PlannedRecord>
  readonly faults: ReadonlyArray<AnyFault>
  /** The test it belongs to, where that is known; other tests do not replay it. */
  readonly test: string | undefined
}

const base64 = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString("base64")

const bytesOf = (text: string | null): Uint8Array | null =>
  text === null ? null : Uint8Array.from(Buffer.from(text, "base64"))

/** A record without the names of its fields. */
const pack = ({ atMs, call, headers, index, key, partition, timestamp, value }: PlannedRecord) =>
  [
    call,
    index,
    atMs,
    timestamp,
    base64(key),
    base64(value),
    partition ?? -1,
    headers.map((header) => [header.key, base64(header.value)] as const)
  ] as const

const unpack = (
  [call, index, atMs, timestamp, key, value, partition, headers]: ReturnType<typeof pack>
): PlannedRecord => ({
  call,
  index,
  atMs,
  timestamp,
  key: bytesOf(key),
  value: bytesOf(value),
  partition: partition < 0 ? undefined : partition,
  headers: headers.map(([name, bytes]) => ({ key: name, value: bytesOf(bytes) }))
})

/** What the compressed part of a token holds. */
interface Content {
  readonly schedule: number
  readonly records: ReadonlyArray<ReturnType<typeof pack>>
  readonly faults: ReadonlyArray<AnyFault>
  readonly test: string | undefined
}

/**
 * Writes a token: the seed, a colon, and the rest.
 *
 * @since 0.1.0
 */
export const encode = ({ faults, records, schedule, seed, test }: Replay): string => {
  const content: Content = { schedule, records: records.map(pack), faults, test }
  return `${seed}:${NodeZlib.deflateRawSync(JSON.stringify(content)).toString("base64url")}`
}

/**
 * Reads a token; throws `SimulationError`.
 *
 * @since 0.1.0
 */
export const decode = (token: string): Replay => {
  const fail = (detail: string, cause?: unknown) =>
    new SimulationError({ reason: "Replay", detail, hint: "copy the token as it was printed, to its end", cause })
  const [, seed, rest] = /^(\d+):([\w-]+)$/.exec(token.trim()) ?? []
  if (seed === undefined || rest === undefined) throw fail("MILLRACE_REPLAY is no token")
  if (token.length > limits.tokenMaxLength) throw fail("MILLRACE_REPLAY is too long")
  try {
    const options = { maxOutputLength: limits.tokenMaxBytes }
    const text = NodeZlib.inflateRawSync(Buffer.from(rest, "base64url"), options).toString()
    const content: Content = JSON.parse(text)
    return { ...content, seed: Number(seed), records: content.records.map(unpack) }
  } catch (cause) {
    throw fail("MILLRACE_REPLAY cannot be read", cause)
  }
}
