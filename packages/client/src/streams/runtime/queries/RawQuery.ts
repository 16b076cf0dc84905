/**
 * What stores are asked and answer, in bytes: the same whether the asker is here or elsewhere.
 *
 * Keeps true: an answer is a page of bounded size, in the order of the store, and the next page begins after the last entry
 * of the one before, whichever instance gives it. Each page is what was so at one moment; between two of them the store goes on.
 * Leaves to others: serdes (`Query`), finding the store (`LocalAnswers`, `QueryRouter`).
 *
 * @since 0.1.0
 */
import { compareBytes, startsWith } from "../../engine/stores/BytesMap.ts"
import type {
  KeyValueStore,
  SessionEntry,
  SessionPlace,
  SessionStore,
  Stored,
  VersionedRecord,
  VersionedStore,
  WindowEntry,
  WindowStore
} from "../../engine/stores/StateStore.ts"
import type { TaskStore } from "../../engine/TaskStores.ts"

/**
 * What can be asked. The order is that of the protocol: new ones go to the end.
 *
 * @since 0.1.0
 */
export const kinds = [
  "get",
  "range",
  "prefixScan",
  "windowGet",
  "windowFetch",
  "windowFetchRange",
  "sessionFind",
  "sessionAll",
  "versionedGet",
  "versions"
] as const

/**
 * What is asked.
 *
 * @since 0.1.0
 */
export type Kind = typeof kinds[number]

/**
 * A query. `key`: the key, the lower bound or the prefix; `keyTo`: the upper bound; null is no bound. `from` and `to` are
 * times in milliseconds: of window starts; for sessions the earliest end and the latest start; for a version the time as of
 * which (`timeMax`: the latest), for versions when they were valid.
 *
 * @since 0.1.0
 */
export interface RawQuery {
  readonly kind: Kind
  readonly key: Uint8Array | null
  readonly keyTo: Uint8Array | null
  readonly from: number
  readonly to: number
  readonly isReverse: boolean
}

/**
 * The largest time: no bound.
 *
 * @since 0.1.0
 */
export const timeMax = Number.MAX_SAFE_INTEGER

/**
 * An entry. `start`: that of a window or session, or of a version; `end`: of a session, or when a version ended (`timeMax`:
 * it is the latest). Bytes are the store's: read them before it goes on.
 *
 * @since 0.1.0
 */
export interface RawEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly timestamp: number
  readonly start: number
  readonly end: number
}

/**
 * Where an entry is in its store.
 *
 * @since 0.1.0
 */
export type Place = Pick<RawEntry, "key" | "start" | "end">

/**
 * How much an answer may have; at least one entry is given.
 *
 * @since 0.1.0
 */
export interface PageLimits {
  readonly entriesMax: number
  readonly bytesMax: number
}

/**
 * A page of an answer.
 *
 * @since 0.1.0
 */
export interface Page {
  readonly entries: ReadonlyArray<RawEntry>
  /** Whether nothing follows. */
  readonly isLast: boolean
}

/**
 * Asks a store, `after` an entry; undefined if a store of its kind is not asked so. Throws what the store throws.
 *
 * @since 0.1.0
 */
export const executeUnsafe = (
  store: TaskStore,
  query: RawQuery,
  after: Place | undefined,
  limits: PageLimits
): Page | undefined => {
  const found = entriesOf(store, query, after)
  if (found === undefined) return undefined
  const entries: Array<RawEntry> = []
  let bytes = 0
  for (const entry of found) {
    bytes += entry.key.length + entry.value.length
    const isFull = entries.length >= limits.entriesMax || (entries.length > 0 && bytes > limits.bytesMax)
    if (isFull) return { entries, isLast: false }
    entries.push(entry)
  }
  return { entries, isLast: true }
}

const entriesOf = (
  { definition, store }: TaskStore,
  query: RawQuery,
  after: Place | undefined
): Iterable<RawEntry> | undefined => {
  switch (store.kind) {
    case "keyValue":
      return keyValueEntries(store, query, after)
    case "window":
      // entries of one window and key have no order of their own
      return definition._tag === "Window" && definition.retainDuplicates
        ? undefined
        : windowEntries(store, query, after)
    case "session":
      return sessionEntries(store, query, after)
    case "versioned":
      return versionedEntries(store, query, after)
    default:
      return undefined
  }
}

const noBytes = new Uint8Array(0)

const ofKey = (key: Uint8Array, { timestamp, value }: Stored): RawEntry => ({ key, value, timestamp, start: 0, end: 0 })

const only = (entry: RawEntry | undefined, after: Place | undefined): ReadonlyArray<RawEntry> =>
  entry === undefined || after !== undefined ? [] : [entry]

function* keyValueRange(
  store: KeyValueStore,
  { isReverse, key, keyTo }: RawQuery,
  after: Place | undefined
): Generator<RawEntry> {
  const from = (isReverse ? undefined : after?.key) ?? key ?? undefined
  const to = (isReverse ? after?.key : undefined) ?? keyTo ?? undefined
  for (const [found, stored] of store.range(from, to, isReverse)) {
    if (after === undefined || compareBytes(found, after.key) !== 0) yield ofKey(found, stored)
  }
}

function* keyValuePrefix(store: KeyValueStore, prefix: Uint8Array, after: Place | undefined): Generator<RawEntry> {
  for (const [found, stored] of store.range(after?.key ?? prefix, undefined)) {
    if (!startsWith(found, prefix)) return
    if (after === undefined || compareBytes(found, after.key) !== 0) yield ofKey(found, stored)
  }
}

const keyValueEntries = (
  store: KeyValueStore,
  query: RawQuery,
  after: Place | undefined
): Iterable<RawEntry> | undefined => {
  const key = query.key ?? noBytes
  switch (query.kind) {
    case "get": {
      const stored = (store.peek ?? store.get)(key)
      return only(stored === undefined ? undefined : ofKey(key, stored), after)
    }
    case "range":
      return keyValueRange(store, query, after)
    case "prefixScan":
      return keyValuePrefix(store, key, after)
    default:
      return undefined
  }
}

const ofWindow = ({ key, stored: { timestamp, value }, windowStart }: WindowEntry): RawEntry => ({
  key,
  value,
  timestamp,
  start: windowStart,
  end: 0
})

function* windowFetch(
  store: WindowStore,
  { from, isReverse, key, to }: RawQuery,
  after: Place | undefined
): Generator<RawEntry> {
  const first = after === undefined || isReverse ? from : after.start + 1
  const last = after === undefined || !isReverse ? to : after.start - 1
  for (const entry of store.fetch(key ?? noBytes, first, last, isReverse)) yield ofWindow(entry)
}

function* windowFetchRange(
  store: WindowStore,
  { from, isReverse, key, keyTo, to }: RawQuery,
  after: Place | undefined
): Generator<RawEntry> {
  const place = after && { key: after.key, windowStart: after.start }
  const found = store.fetchRange(key ?? undefined, keyTo ?? undefined, from, to, isReverse, place)
  for (const entry of found) yield ofWindow(entry)
}

const windowEntries = (
  store: WindowStore,
  query: RawQuery,
  after: Place | undefined
): Iterable<RawEntry> | undefined => {
  switch (query.kind) {
    case "windowGet": {
      const key = query.key ?? noBytes
      const stored = store.get(key, query.from)
      return only(stored === undefined ? undefined : ofWindow({ key, windowStart: query.from, stored }), after)
    }
    case "windowFetch":
      return windowFetch(store, query, after)
    case "windowFetchRange":
      return windowFetchRange(store, query, after)
    default:
      return undefined
  }
}

const ofSession = ({ key, session: { end, start, value } }: SessionEntry): RawEntry => ({
  key,
  value,
  timestamp: end,
  start,
  end
})

const sessionsOf = (
  store: SessionStore,
  { from, key, to }: RawQuery,
  after: Place | undefined
): ReadonlyArray<SessionEntry> => {
  const bytes = key ?? noBytes
  // the sessions of a key are in order of their end
  return store.find(bytes, Math.max(from, after?.end ?? from), to).map((session) => ({ key: bytes, session }))
}

const placeOf = (after: Place | undefined): SessionPlace | undefined => after && { key: after.key, session: after }

function* sessionFind(store: SessionStore, query: RawQuery, after: Place | undefined): Generator<RawEntry> {
  const last = placeOf(after)
  for (const entry of sessionsOf(store, query, after)) {
    if (last === undefined || store.compare(entry, last) > 0) yield ofSession(entry)
  }
}

function* sessionAll(store: SessionStore, after: Place | undefined): Generator<RawEntry> {
  const found = store.findRange(undefined, undefined, -timeMax, timeMax, placeOf(after))
  for (const entry of found) yield ofSession(entry)
}

const sessionEntries = (
  store: SessionStore,
  query: RawQuery,
  after: Place | undefined
): Iterable<RawEntry> | undefined => {
  switch (query.kind) {
    case "sessionFind":
      return sessionFind(store, query, after)
    case "sessionAll":
      return sessionAll(store, after)
    default:
      return undefined
  }
}

const ofVersion = (key: Uint8Array, { timestamp, validTo, value }: VersionedRecord): RawEntry => ({
  key,
  value,
  timestamp,
  start: timestamp,
  end: validTo ?? timeMax
})

/** Those that were valid at some time from `from` to `to`. */
function* versionsOf(
  store: VersionedStore,
  key: Uint8Array,
  { from, isReverse, to }: RawQuery,
  after: Place | undefined
): Generator<RawEntry> {
  const versions = store.versions(key)
  for (const version of isReverse ? [...versions].reverse() : versions) {
    const isAsked = version.timestamp <= to && (version.validTo ?? Number.POSITIVE_INFINITY) > from
    const isLeft = after === undefined ||
      (isReverse ? version.timestamp < after.start : version.timestamp > after.start)
    if (isAsked && isLeft) yield ofVersion(key, version)
  }
}

const versionedEntries = (
  store: VersionedStore,
  query: RawQuery,
  after: Place | undefined
): Iterable<RawEntry> | undefined => {
  const key = query.key ?? noBytes
  switch (query.kind) {
    case "versionedGet": {
      const found = store.get(key, query.to === timeMax ? undefined : query.to)
      return only(found === undefined ? undefined : ofVersion(key, found), after)
    }
    case "versions":
      return versionsOf(store, key, query, after)
    default:
      return undefined
  }
}
