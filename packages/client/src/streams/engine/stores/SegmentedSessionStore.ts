/**
 * A session store in the order of Kafka's stores on disk: by key, end and start, within a segment of time.
 *
 * Keeps true: a put is logged before it returns, also one that has expired; what ends at or before (largest end put −
 * retention) is not given back, what is in a segment before that is dropped. The bytes of its keys are those of the
 * changelog: key, end, start.
 * Leaves to others: which records a session still takes.
 *
 * @since 0.1.0
 */
import type { Headers } from "../Flow.ts"
import { compareBytes, equalBytes, ownBytes } from "./BytesMap.ts"
import { sessionKey, sessionOf } from "./InMemorySessionStore.ts"
import { Segments } from "./Segments.ts"
import type { ChangeLog, Session, SessionEntry, SessionStore } from "./StateStore.ts"

const timeMax = Number.MAX_SAFE_INTEGER

/**
 * Makes an empty store. `keepsHeaders`: the headers of an aggregate are kept with it.
 *
 * @since 0.1.0
 */
export const make = (name: string, retentionMs: number, log: ChangeLog, keepsHeaders = false): SessionStore => {
  const segments = new Segments<Session>(retentionMs)

  const apply = (
    key: Uint8Array,
    start: number,
    end: number,
    value: Uint8Array | null,
    headers?: Headers
  ): boolean => {
    const segment = segments.segmentOf(end)
    if (segment === undefined) return false
    const bytes = sessionKey(key, start, end)
    if (value === null) segment.delete(bytes)
    else segment.set(bytes, { start, end, value: ownBytes(value), headers: keepsHeaders ? headers : undefined })
    return true
  }
  const find = (key: Uint8Array, earliestEnd: number, latestStart: number): ReadonlyArray<Session> => {
    const first = Math.max(earliestEnd, segments.firstTime, 0)
    const found: Array<Session> = []
    const bounds = [sessionKey(key, 0, first), sessionKey(key, timeMax, timeMax)] as const
    for (const [bytes, session] of segments.range(first, timeMax, ...bounds)) {
      if (session.end < first || session.start > latestStart) continue
      if (equalBytes(sessionOf(bytes).key, key)) found.push(session)
    }
    return found
  }
  const findRange = (
    keyFrom: Uint8Array | undefined,
    keyTo: Uint8Array | undefined,
    earliestEnd: number,
    latestStart: number
  ): ReadonlyArray<SessionEntry> => {
    const first = Math.max(earliestEnd, segments.firstTime)
    const found: Array<SessionEntry> = []
    for (const [bytes, session] of segments.range(first, timeMax, keyFrom, undefined)) {
      if (session.end < first || session.start > latestStart) continue
      const { key } = sessionOf(bytes)
      const isWithin = (keyFrom === undefined || compareBytes(keyFrom, key) <= 0) &&
        (keyTo === undefined || compareBytes(key, keyTo) <= 0)
      if (isWithin) found.push({ key, session })
    }
    return found
  }
  const wipe = () => segments.clear()
  return {
    kind: "session",
    name,
    find,
    findRange,
    compare: ({ key: a, session: one }, { key: b, session: other }) =>
      segments.compare(one.end, other.end) ||
      compareBytes(sessionKey(a, one.start, one.end), sessionKey(b, other.start, other.end)),
    put: (key, start, end, value, timestamp, headers) => {
      const kept = apply(key, start, end, value, headers)
      log.append(sessionKey(key, start, end), value, timestamp, headers)
      return kept
    },
    endedBetween: (from, to) =>
      findRange(undefined, undefined, from, timeMax).filter(({ session }) => session.end <= to)
        .sort(({ session: a }, { session: b }) => a.end - b.end || a.start - b.start),
    all: () => findRange(undefined, undefined, Number.NEGATIVE_INFINITY, timeMax),
    restore: (bytes, value, _timestamp, headers) => {
      const { end, key, start } = sessionOf(bytes)
      apply(key, start, end, value, headers)
    },
    flush: () => {},
    wipe,
    close: wipe
  }
}
