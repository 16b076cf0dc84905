/**
 * A session store in the memory of the process: for each key its sessions, in the order of the store.
 *
 * Keeps true: a put is logged before it returns, also one that has expired, as Kafka does. Sessions that end at or before
 * (largest end put − retention) are gone; with segments, a scan by end still shows them until their segment has expired.
 * Leaves to others: which records a session still takes (the aggregation's grace).
 *
 * @since 0.1.0
 */
import { BytesMap, compareBytes, ownBytes } from "./BytesMap.ts"
import type { Headers } from "../Flow.ts"
import { compareEndedInSegments, logged } from "./SessionKey.ts"
import { SessionsByEnd } from "./SessionsByEnd.ts"
import type { ChangeLog, Session, SessionEntry, SessionPlace, SessionStore } from "./StateStore.ts"

/**
 * Makes an empty store. `segmentMs` undefined: sessions expire one by one. `keepsHeaders`: the headers of an aggregate are kept with it.
 *
 * @since 0.1.0
 */
export const make = (
  name: string,
  retentionMs: number,
  segmentMs: number | undefined,
  log: ChangeLog,
  keepsHeaders = false
): SessionStore => {
  const keys = new BytesMap<Array<Session>>()
  /** The sessions of all keys, once somebody has read them and until the next sweep. */
  let byEnd: SessionsByEnd | undefined
  const isSegmented = segmentMs !== undefined
  let observedEnd = -1
  let sweptEnd = -1
  /** The first end that is still there. */
  let firstEnd = Number.NEGATIVE_INFINITY

  /** Keys that no record comes for any more must go as well: all are looked at once per retention. */
  const sweep = () => {
    sweptEnd = observedEnd
    byEnd = undefined
    for (const [key, sessions] of keys.range(undefined, undefined)) expire(key, sessions)
  }
  const observe = (end: number) => {
    if (end <= observedEnd) return
    observedEnd = end
    const oldest = observedEnd - retentionMs
    firstEnd = segmentMs === undefined ? oldest + 1 : Math.floor(oldest / segmentMs) * segmentMs
  }
  const expire = (key: Uint8Array, sessions: Array<Session>) => {
    let expired = 0
    while (expired < sessions.length && sessions[expired]!.end < firstEnd) {
      byEnd?.delete({ key, session: sessions[expired]! })
      expired++
    }
    if (expired === sessions.length) keys.delete(key)
    else if (expired > 0) sessions.splice(0, expired)
  }
  const apply = (
    key: Uint8Array,
    start: number,
    end: number,
    value: Uint8Array | null,
    headers?: Headers
  ): boolean => {
    observe(end)
    if (end < firstEnd) return false
    let sessions = keys.get(key)
    if (sessions === undefined) {
      if (value === null) return true
      sessions = []
      keys.set(key, sessions)
    }
    let at = sessions.length
    while (at > 0 && !isBefore(sessions[at - 1]!, start, end)) at--
    const isThere = sessions[at]?.start === start && sessions[at]?.end === end
    if (value === null) {
      if (isThere) sessions.splice(at, 1)
      byEnd?.delete({ key, session: { start, end } })
    } else {
      const session = { start, end, value: ownBytes(value), headers: keepsHeaders ? headers : undefined }
      sessions.splice(at, isThere ? 1 : 0, session)
      if (byEnd !== undefined) byEnd.put({ key: new Uint8Array(key), session })
    }
    expire(key, sessions)
    if (observedEnd - sweptEnd > retentionMs + (segmentMs ?? 0)) sweep()
    return true
  }
  /** The order of a key's sessions that end together: as Kafka the later start first where sessions expire one by one. */
  const compareStarts = (a: number, b: number): number => isSegmented ? a - b : b - a
  const isBefore = (session: Session, start: number, end: number): boolean =>
    session.end < end || (session.end === end && compareStarts(session.start, start) < 0)
  const compare: SessionStore["compare"] = ({ key: a, session: one }, { key: b, session: other }) =>
    one.end - other.end || compareBytes(a, b) || compareStarts(one.start, other.start)
  // as Kafka: by end and key in memory, by end, start and key in segments
  const compareEnded = isSegmented ? compareEndedInSegments : compare
  const ofKeys = (
    keyFrom: Uint8Array | undefined,
    keyTo: Uint8Array | undefined,
    after: SessionPlace | undefined
  ): ReadonlyArray<SessionEntry> => {
    const found: Array<SessionEntry> = []
    for (const [key, sessions] of keys.range(keyFrom, keyTo)) {
      for (const session of sessions) {
        if (after === undefined || compare({ key, session }, after) > 0) found.push({ key, session })
      }
    }
    return found.sort(compare)
  }
  const sessionsByEnd = (): SessionsByEnd => {
    if (byEnd !== undefined) return byEnd
    byEnd = new SessionsByEnd(compare)
    for (const [key, sessions] of keys.range(undefined, undefined)) {
      for (const session of sessions) byEnd.put({ key, session })
    }
    return byEnd
  }
  const wipe = () => {
    keys.clear()
    byEnd = undefined
    observedEnd = -1
    sweptEnd = -1
    firstEnd = Number.NEGATIVE_INFINITY
  }
  return {
    kind: "session",
    name,
    find: (key, earliestEnd, latestStart) => {
      const from = Math.max(earliestEnd, observedEnd - retentionMs + 1)
      return (keys.get(key) ?? []).filter(({ end, start }) => end >= from && start <= latestStart)
    },
    *findRange(keyFrom, keyTo, earliestEnd, latestStart, after) {
      const from = Math.max(earliestEnd, observedEnd - retentionMs + 1)
      const isAll = keyFrom === undefined && keyTo === undefined
      for (const entry of isAll ? sessionsByEnd().from(from, after) : ofKeys(keyFrom, keyTo, after)) {
        if (entry.session.end >= from && entry.session.start <= latestStart) yield entry
      }
    },
    ...logged(log, apply, (key, start, end) => {
      // as Kafka: what is not there, or is later than all that was put, makes no time go on
      if (end <= observedEnd) apply(key, start, end, null)
    }),
    compare,
    endedBetween: (from, to) => {
      const ended: Array<SessionEntry> = []
      for (const [key, sessions] of keys.range(undefined, undefined)) {
        for (const session of sessions) {
          if (session.end >= Math.max(from, firstEnd) && session.end <= to) ended.push({ key, session })
        }
      }
      return ended.sort(compareEnded)
    },
    compareEnded,
    flush: () => {},
    wipe,
    close: wipe
  }
}
