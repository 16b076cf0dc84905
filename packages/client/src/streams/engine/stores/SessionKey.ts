/**
 * Sessions in changelogs, and what stores of sessions do alike: each put is logged, whether or not it is kept.
 *
 * @since 0.1.0
 */
import * as Integers from "@millrace/core/serde/Integers"
import type { Headers } from "../Flow.ts"
import { compareBytes, partOf } from "./BytesMap.ts"
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
  Integers.writeLong(bytes, key.length, end)
  Integers.writeLong(bytes, key.length + 8, start)
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
  const start = Integers.readLong(bytes, at + 8)
  return { key: partOf(bytes, 0, at), start, end: Integers.readLong(bytes, at) }
}

/**
 * The order in which stores in segments give what has ended: by end, start and key.
 *
 * @since 0.1.0
 */
export const compareEndedInSegments: SessionStore["compareEnded"] = (
  { key: a, session: one }: SessionPlace,
  { key: b, session: other }: SessionPlace
) => one.end - other.end || one.start - other.start || compareBytes(a, b)

/**
 * Puts, removals and restores of a store that keeps sessions by `apply` (false: it has expired). `remove`: how it deletes
 * what is removed, if not as what null is put for.
 *
 * @since 0.1.0
 */
export const logged = (
  log: ChangeLog,
  apply: (key: Uint8Array, start: number, end: number, value: Uint8Array | null, headers?: Headers) => boolean,
  remove: (key: Uint8Array, start: number, end: number) => void = (key, start, end) => void apply(key, start, end, null)
): Pick<SessionStore, "put" | "remove" | "restore"> => ({
  put: (key, start, end, value, timestamp, headers) => {
    const kept = apply(key, start, end, value, headers)
    log.append(sessionKey(key, start, end), value, timestamp, headers)
    return kept
  },
  remove: (key, start, end, timestamp, headers) => {
    remove(key, start, end)
    log.append(sessionKey(key, start, end), null, timestamp, headers)
  },
  restore: (bytes, value, _timestamp, headers) => {
    const { end, key, start } = sessionOf(bytes)
    apply(key, start, end, value, headers)
  }
})
