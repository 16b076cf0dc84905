/**
 * What a processor can do with a session store.
 *
 * @since 0.1.0
 */
import type { RecordHeader } from "../../records/RecordCursor.ts"
import type { Windowed } from "../../serde/Windowed.ts"

/**
 * Keys and sessions (start and end in milliseconds, both included) to aggregates. What ends at or before (greatest end put) -
 * retention is gone. A key's sessions come by end and then start. Over several keys a store in memory iterates by end and
 * then key, one on disk by key and then end (within a segment of time). A null key is a `ProcessorError`.
 *
 * @since 0.1.0
 */
export interface SessionStore<in out K, in out A> extends ReadOnlySessionStore<K, A> {
  /** Sets the aggregate of a session; null removes it. What has expired is dropped. */
  readonly put: (session: Windowed<K>, aggregate: A | null) => void
  readonly remove: (session: Windowed<K>) => void
}

/**
 * Reads keys and sessions to aggregates. Bounds are included; null keys are no bound.
 *
 * @since 0.1.0
 */
export interface ReadOnlySessionStore<in out K, out A> {
  /** The aggregate of one session, or null. */
  readonly fetchSession: (key: K, start: number, end: number) => A | null
  /** The sessions of a key that end at `earliestEnd` or later and start at `latestStart` or earlier. */
  readonly findSessions: (
    key: K,
    earliestEnd: number,
    latestStart: number
  ) => IterableIterator<readonly [Windowed<K>, A]>
  readonly backwardFindSessions: (
    key: K,
    earliestEnd: number,
    latestStart: number
  ) => IterableIterator<readonly [Windowed<K>, A]>
  readonly findSessionsRange: (
    keyFrom: K | null,
    keyTo: K | null,
    earliestEnd: number,
    latestStart: number
  ) => IterableIterator<readonly [Windowed<K>, A]>
  readonly backwardFindSessionsRange: (
    keyFrom: K | null,
    keyTo: K | null,
    earliestEnd: number,
    latestStart: number
  ) => IterableIterator<readonly [Windowed<K>, A]>
  /** All sessions of a key. */
  readonly fetch: (key: K) => IterableIterator<readonly [Windowed<K>, A]>
  readonly backwardFetch: (key: K) => IterableIterator<readonly [Windowed<K>, A]>
  readonly fetchRange: (keyFrom: K | null, keyTo: K | null) => IterableIterator<readonly [Windowed<K>, A]>
  readonly backwardFetchRange: (keyFrom: K | null, keyTo: K | null) => IterableIterator<readonly [Windowed<K>, A]>
}

/**
 * An aggregate and the headers of the record that made it.
 *
 * @since 0.1.0
 */
export interface AggregationWithHeaders<out A> {
  readonly aggregation: A
  readonly headers: ReadonlyArray<RecordHeader>
}

/**
 * Keys and sessions to aggregates with headers.
 *
 * @since 0.1.0
 */
export interface SessionStoreWithHeaders<in out K, in out A> extends SessionStore<K, AggregationWithHeaders<A>> {}
