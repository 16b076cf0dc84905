/**
 * A store whose operations are measured, before its cache if it has one.
 *
 * Keeps true: it is the store itself in all that is not measured: what it does not say is looked up there.
 *
 * @since 0.1.0
 */
import type {
  AnyStore,
  KeyValueStore,
  SessionStore,
  SuppressBuffer,
  VersionedStore,
  WindowStore
} from "../stores/StateStore.ts"
import type { StoreMeasures } from "./StoreMeasures.ts"

/**
 * The same store, measured.
 *
 * @since 0.1.0
 */
export const measuredStore = (store: AnyStore, measures: StoreMeasures): AnyStore => {
  switch (store.kind) {
    case "keyValue":
      return over(store, keyValue(store, measures))
    case "versioned":
      return over(store, versioned(store, measures))
    case "window":
      return over(store, window(store, measures))
    case "session":
      return over(store, session(store, measures))
    case "suppressBuffer":
      return over(store, suppressBuffer(store, measures))
    case "joinBuffer":
      return store
  }
}

/** `store` with some of its methods replaced. */
const over = <S extends AnyStore>(store: S, methods: Partial<S>): S => Object.assign(Object.create(store), methods)

const committed = (store: AnyStore, measures: StoreMeasures) => () => measures.timed("commit", () => store.flush())

const keyValue = (store: KeyValueStore, measures: StoreMeasures): Partial<KeyValueStore> => {
  const { peek, putAll } = store
  return {
    ...(peek !== undefined && { peek: (key: Uint8Array) => measures.timed("get", () => peek(key)) }),
    get: (key) => measures.timed("get", () => store.get(key)),
    put: (key, value, timestamp, headers) => measures.putting("put", () => store.put(key, value, timestamp, headers)),
    putAll: putAll && ((entries) => measures.putting("put-all", () => putAll(entries))),
    range: (from, to, reverse) =>
      measures.iterated(
        from === undefined && to === undefined ? "all" : "range",
        () => store.range(from, to, reverse)
      ),
    flush: committed(store, measures)
  }
}

const versioned = (store: VersionedStore, measures: StoreMeasures): Partial<VersionedStore> => ({
  get: (key, asOf) => measures.timed("get", () => store.get(key, asOf)),
  put: (key, value, timestamp) => measures.putting("put", () => store.put(key, value, timestamp)),
  versions: (key) => measures.iterated("get", () => store.versions(key)),
  flush: committed(store, measures)
})

const window = (store: WindowStore, measures: StoreMeasures): Partial<WindowStore> => ({
  get: (key, windowStart) => measures.timed("fetch", () => store.get(key, windowStart)),
  put: (key, value, windowStart, timestamp, headers) =>
    measures.putting("put", () => store.put(key, value, windowStart, timestamp, headers)),
  fetch: (key, from, to, reverse) => measures.iterated("fetch", () => store.fetch(key, from, to, reverse)),
  fetchRange: (keyFrom, keyTo, from, to, reverse, after) =>
    measures.iterated("fetch", () => store.fetchRange(keyFrom, keyTo, from, to, reverse, after)),
  flush: committed(store, measures)
})

const session = (store: SessionStore, measures: StoreMeasures): Partial<SessionStore> => ({
  find: (key, earliestEnd, latestStart) => measures.timed("fetch", () => store.find(key, earliestEnd, latestStart)),
  findRange: (keyFrom, keyTo, earliestEnd, latestStart, after) =>
    measures.iterated("fetch", () => store.findRange(keyFrom, keyTo, earliestEnd, latestStart, after)),
  endedBetween: (from, to) => measures.timed("fetch", () => store.endedBetween(from, to)),
  put: (key, start, end, value, timestamp, headers) =>
    measures.putting(
      value === null ? "remove" : "put",
      () => store.put(key, start, end, value, timestamp, headers)
    ),
  flush: committed(store, measures)
})

const suppressBuffer = (store: SuppressBuffer, measures: StoreMeasures): Partial<SuppressBuffer> => ({
  put: (time, key, held) => {
    store.put(time, key, held)
    measures.buffered(store.count, store.sizeBytes)
  },
  removeFirst: () => {
    store.removeFirst()
    measures.buffered(store.count, store.sizeBytes)
  }
})
