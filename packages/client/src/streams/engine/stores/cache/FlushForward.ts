/**
 * From what a cache flushes to what the nodes below take: values instead of bytes, windowed keys, and the time of the value.
 *
 * @since 0.1.0
 */
import * as Serde from "@millrace/core/serde/Serde"
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import { noHeaders, nowhere, type Step } from "../../Flow.ts"
import type { AnyStore } from "../StateStore.ts"
import type { CachingKeyValueStore } from "./CachingKeyValueStore.ts"
import type { CachingSessionStore } from "./CachingSessionStore.ts"
import type { CachingWindowStore } from "./CachingWindowStore.ts"

/**
 * How the processor that owns a store gives on its changes: by `forward` where the store has no cache; else the cache does
 * when it is flushed, and the processor by itself does nothing.
 *
 * @since 0.1.0
 */
export const emitting = (
  { definition, store }: { readonly definition: Resolved.StateStore; readonly store: AnyStore },
  sendOldValues: boolean,
  forward: Step
): Step => {
  if (isCachingKeyValue(store)) {
    const { key: keySerde, value: valueSerde } = definition
    store.setFlushListener((key, newValue, oldValue, timestamp, headers) => {
      const value = Serde.fromBytesUnsafe(valueSerde, newValue)
      const old = Serde.fromBytesUnsafe(valueSerde, oldValue)
      forward(keySerde.deserializeUnsafe(key), value, old, timestamp, headers)
    }, sendOldValues)
    return nowhere
  }
  if (isCachingWindow(store) && definition._tag === "Window") {
    const { key: keySerde, value: valueSerde, windowSizeMs } = definition
    store.setFlushListener((key, start, newValue, oldValue, timestamp, headers) => {
      const value = Serde.fromBytesUnsafe(valueSerde, newValue)
      const old = Serde.fromBytesUnsafe(valueSerde, oldValue)
      const windowed = { key: keySerde.deserializeUnsafe(key), start, end: start + windowSizeMs }
      forward(windowed, value, old, timestamp, headers)
    }, sendOldValues)
    return nowhere
  }
  if (isCachingSession(store)) {
    const { key: keySerde, value: valueSerde } = definition
    // as Kafka: sessions of a store that keeps headers come out of its cache without any
    const isBare = "keepsHeaders" in definition && definition.keepsHeaders === true
    store.setFlushListener((key, start, end, newValue, oldValue, headers) => {
      const value = Serde.fromBytesUnsafe(valueSerde, newValue)
      const old = Serde.fromBytesUnsafe(valueSerde, oldValue)
      forward({ key: keySerde.deserializeUnsafe(key), start, end }, value, old, end, isBare ? noHeaders : headers)
    }, sendOldValues)
    return nowhere
  }
  return forward
}

const isCachingKeyValue = (store: AnyStore): store is CachingKeyValueStore =>
  store.kind === "keyValue" && "isCaching" in store

const isCachingWindow = (store: AnyStore): store is CachingWindowStore =>
  store.kind === "window" && "isCaching" in store

const isCachingSession = (store: AnyStore): store is CachingSessionStore =>
  store.kind === "session" && "isCaching" in store
