/**
 * Sessions in changelogs, and what stores of sessions do alike: each put is logged, whether or not it is kept.
 *
 * @since 0.1.0
 */
import type { Headers } from "../Flow.ts"
import { compareBytes } from "./BytesMap.ts"
import type { ChangeLog, SessionPlace, SessionStore } from "./StateStore.ts"

const suffixLength = 16

/**
 * The changelog's key of a session: key, end and start as int64.
 *
 * @since 0.1.0
 */
export const sessionKey = (key: Uint8Array, start: number, end: number): Uint8Array => {
  const bytes = new Uint8Array(key.length + suffixLength)
  bytes.set(key)
  const view = new DataView(bytes.buffer)
  view.setBigInt64(key.length, BigInt(end))
  view.setBigInt64(key.length + 8, BigInt(start))
  return bytes
}

/**
 * What a changelog's key says.
 *
 * @since 0.1.0
 */
export const sessionOf = (
  bytes: Uint8Array
): { readonly key: Uint8Array; readonly start: number; readonly end: number } => {
  const at = bytes.length - suffixLength
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, suffixLength)
  return { key: bytes.subarray(0, at), start: Number(view.getBigInt64(8)), end: Number(view.getBigInt64(0)) }
}

/**
 * The order of stores in order of time: by end, key and start.
 *
 * @since 0.1.0
 */
export const compareByEnd: SessionStore["compare"] = (
  { key: a, session: one }: SessionPlace,
  { key: b, session: other }: SessionPlace
) => one.end - other.end || compareBytes(a, b) || one.start - other.start

/**
 * Puts and restores of a store that keeps sessions by `apply` (false: it has expired).
 *
 * @since 0.1.0
 */
export const logged = (
  log: ChangeLog,
  apply: (key: Uint8Array, start: number, end: number, value: Uint8Array | null, headers?: Headers) => boolean
): Pick<SessionStore, "put" | "restore"> => ({
  put: (key, start, end, value, timestamp, headers) => {
    const kept = apply(key, start, end, value, headers)
    log.append(sessionKey(key, start, end), value, timestamp, headers)
    return kept
  },
  restore: (bytes, value, _timestamp, headers) => {
    const { end, key, start } = sessionOf(bytes)
    apply(key, start, end, value, headers)
  }
})
