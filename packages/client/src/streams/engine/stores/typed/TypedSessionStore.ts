/**
 * A session store as a processor sees it.
 *
 * @since 0.1.0
 */
import * as Windowed from "@millrace/core/serde/Windowed"
import type * as StateStore from "@millrace/core/streams/StateStore"
import { noHeaders } from "../../Flow.ts"
import type { Session, SessionEntry, SessionStore } from "../StateStore.ts"
import { assertWritable, boundOf, keyBytesOf, type Opening } from "./Values.ts"

/**
 * Opens a store. A put that the store does not keep counts as dropped, also one of null; a removal does not.
 *
 * @since 0.1.0
 */
export const open = (store: SessionStore, opening: Opening): StateStore.SessionStore<unknown, unknown> => {
  const { context, format, key: keySerde, value: valueSerde } = opening
  const keyBytes = keyBytesOf(opening)
  const bound = boundOf(opening)
  const hasHeaders = format === "WithHeaders"
  const read = ({ headers = noHeaders, value }: Session): unknown => {
    const aggregation = valueSerde.deserializeUnsafe(value)
    return hasHeaders ? { aggregation, headers } : aggregation
  }
  const headersOfNull = () => hasHeaders ? context.headers : noHeaders
  function* shown(found: ReadonlyArray<SessionEntry>, reverse: boolean) {
    for (let i = 0; i < found.length; i++) {
      const { key, session } = found[reverse ? found.length - 1 - i : i]!
      yield [Windowed.make(keySerde.deserializeUnsafe(key), session.start, session.end), read(session)] as const
    }
  }
  const find = (key: unknown, earliestEnd: number, latestStart: number, reverse: boolean) => {
    const bytes = keyBytes(key)
    return shown(store.find(bytes, earliestEnd, latestStart).map((session) => ({ key: bytes, session })), reverse)
  }
  const findRange = (from: unknown, to: unknown, earliestEnd: number, latestStart: number, reverse: boolean) =>
    shown([...store.findRange(bound(from), bound(to), earliestEnd, latestStart)], reverse)
  const last = Number.MAX_SAFE_INTEGER
  return {
    put: ({ end, key, start }, stored) => {
      assertWritable(opening)
      const { aggregation, headers } = stored === null
        ? { aggregation: null, headers: headersOfNull() }
        : hasHeaders
        ? stored as StateStore.AggregationWithHeaders<unknown>
        : { aggregation: stored, headers: noHeaders }
      const value = aggregation === null ? null : valueSerde.serializeUnsafe(aggregation)
      if (!store.put(keyBytes(key), start, end, value, context.timestamp, headers)) context.dropped++
    },
    remove: ({ end, key, start }) => {
      assertWritable(opening)
      store.remove(keyBytes(key), start, end, context.timestamp, headersOfNull())
    },
    fetchSession: (key, start, end) => {
      const found = store.find(keyBytes(key), end, start)
        .find((session) => session.start === start && session.end === end)
      return found === undefined ? null : read(found)
    },
    findSessions: (key, earliestEnd, latestStart) => find(key, earliestEnd, latestStart, false),
    backwardFindSessions: (key, earliestEnd, latestStart) => find(key, earliestEnd, latestStart, true),
    findSessionsRange: (from, to, earliestEnd, latestStart) => findRange(from, to, earliestEnd, latestStart, false),
    backwardFindSessionsRange: (from, to, earliestEnd, latestStart) =>
      findRange(from, to, earliestEnd, latestStart, true),
    fetch: (key) => find(key, 0, last, false),
    backwardFetch: (key) => find(key, 0, last, true),
    fetchRange: (from, to) => findRange(from, to, 0, last, false),
    backwardFetchRange: (from, to) => findRange(from, to, 0, last, true)
  }
}
