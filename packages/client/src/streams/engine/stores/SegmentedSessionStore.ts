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
import { compareBytes, equalBytes } from "./BytesMap.ts"
import type { OrderedMap } from "./OrderedMap.ts"
import { Segments } from "./Segments.ts"
import { compareEndedInSegments, logged, sessionKey, sessionOf } from "./SessionKey.ts"
import type { ChangeLog, Session, SessionEntry, SessionPlace, SessionStore } from "./StateStore.ts"
import * as StoredBytes from "./StoredBytes.ts"

const timeMax = Number.MAX_SAFE_INTEGER

/**
 * Makes a store of what is in `map`. `keepsHeaders`: the headers of an aggregate are kept with it.
 *
 * @since 0.1.0
 */
export const make = (
  name: string,
  retentionMs: number,
  log: ChangeLog,
  map: OrderedMap,
  keepsHeaders = false
): SessionStore => {
  const segments = new Segments(map, retentionMs)
  const format = StoredBytes.timeless(keepsHeaders)

  const apply = (
    key: Uint8Array,
    start: number,
    end: number,
    value: Uint8Array | null,
    headers?: Headers
  ): boolean => {
    const bytes = sessionKey(key, start, end)
    return segments.put(end, bytes, value === null ? null : format.write(value, end, headers))
  }
  const read = (start: number, end: number, bytes: Uint8Array): Session => {
    const { headers, value } = format.read(bytes)
    return { start, end, value, headers }
  }
  const find = (key: Uint8Array, earliestEnd: number, latestStart: number): ReadonlyArray<Session> => {
    const first = Math.max(earliestEnd, segments.firstTime, 0)
    const found: Array<Session> = []
    const bounds = [sessionKey(key, 0, first), sessionKey(key, timeMax, timeMax)] as const
    for (const [bytes, value] of segments.range(first, timeMax, ...bounds)) {
      const { end, key: held, start } = sessionOf(bytes)
      if (end >= first && start <= latestStart && equalBytes(held, key)) found.push(read(start, end, value))
    }
    return found
  }
  function* findRange(
    keyFrom: Uint8Array | undefined,
    keyTo: Uint8Array | undefined,
    earliestEnd: number,
    latestStart: number,
    after?: SessionPlace
  ): Generator<SessionEntry> {
    const first = Math.max(earliestEnd, segments.firstTime)
    const place = after &&
      { time: after.session.end, key: sessionKey(after.key, after.session.start, after.session.end) }
    for (const [bytes, value] of segments.range(first, timeMax, keyFrom, undefined, false, place)) {
      const { end, key, start } = sessionOf(bytes)
      const isWithin = end >= first && start <= latestStart &&
        (keyFrom === undefined || compareBytes(keyFrom, key) <= 0) &&
        (keyTo === undefined || compareBytes(key, keyTo) <= 0)
      if (isWithin) yield { key, session: read(start, end, value) }
    }
  }
  return {
    kind: "session",
    name,
    ...logged(log, apply),
    find,
    findRange,
    compare: ({ key: a, session: one }, { key: b, session: other }) =>
      segments.compare(one.end, other.end) ||
      compareBytes(sessionKey(a, one.start, one.end), sessionKey(b, other.start, other.end)),
    endedBetween: (from, to) =>
      [...findRange(undefined, undefined, from, timeMax)].filter(({ session }) => session.end <= to)
        .sort(compareEndedInSegments),
    compareEnded: compareEndedInSegments,
    flush: () => {},
    wipe: () => segments.clear(),
    close: () => {}
  }
}
