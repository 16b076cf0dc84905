/** State stores, and the operations that declare them. */
import type { Erased } from "@millrace/core/serde/Erased"
import * as GlobalStore from "@millrace/core/streams/GlobalStore"
import * as StateStore from "@millrace/core/streams/StateStore"
import * as Topic from "@millrace/core/streams/Topic"
import { supplier } from "../processors.ts"
import { type Op, Unsupported } from "../spec.ts"
import { type Scope, serdeOr, text, type Value } from "./scope.ts"

/** The handle of a store as a spec writes it. */
export const storeOf = (store: Erased): StateStore.Any => {
  const { caching, kind, logging, maxEntries, name, retainDuplicates, retentionMs, supplier, windowSizeMs } = store
  const type = supplier.startsWith("inMemory") ? "memory" : "persistent"
  const serdes = { key: serdeOr(store.key, text), value: serdeOr(store.value, text) }
  const options = { name, type, caching, logging, ...serdes } as const
  const windowed = { ...options, retention: retentionMs, windowSize: windowSizeMs }
  switch (kind) {
    case "kv":
      return supplier === "lru"
        ? StateStore.lruMap({ ...options, entriesMax: maxEntries })
        : StateStore.keyValue(options)
    case "timestampedKv":
      return StateStore.timestampedKeyValue(options)
    case "timestampedKvWithHeaders":
      return StateStore.timestampedKeyValueWithHeaders(options)
    case "window":
      return StateStore.window({ ...windowed, retainDuplicates })
    case "timestampedWindow":
      return StateStore.timestampedWindow(windowed)
    case "timestampedWindowWithHeaders":
      return StateStore.timestampedWindowWithHeaders(windowed)
    case "versioned": {
      const { historyRetentionMs: historyRetention, segmentIntervalMs: segmentInterval } = store
      return StateStore.versionedKeyValue({ ...options, historyRetention, segmentInterval })
    }
    case "session":
      return StateStore.session({ ...options, retention: retentionMs })
    case "sessionWithHeaders":
      return StateStore.sessionWithHeaders({ ...options, retention: retentionMs })
  }
  throw new Unsupported(`store ${kind}`)
}

/** The store of that name; one that no operation declares is that of a table. */
export const sharedStore = (scope: Scope, name: string): StateStore.Any =>
  scope.stores.get(name) ??
    StateStore.existing(StateStore.timestampedKeyValue({ name, key: text, value: text }))

/** Declares a store that processors share. */
export const addStore = (scope: Scope, op: Op): StateStore.Any => {
  const store = storeOf(op["store"])
  scope.stores.set(store.name, store)
  return store
}

/** A store that every instance fills. */
export const addGlobalStore = (scope: Scope, op: Op): void => {
  const store = addStore(scope, op)
  scope.globalStores.add(store.name)
  const { processorName, sourceName } = op
  const processor: Erased = supplier(op["processor"], { stores: [store], storeOf: () => store, isFixedKey: false })
  scope.parts.push(GlobalStore.from(topicOf(op), { store, processor, processorName, sourceName }))
}

/** The topic that an operation reads. */
export const topicOf = (op: Op, topic = op["topic"]): Topic.Any =>
  Topic.make(topic, { key: serdeOr(op["key"], text), value: serdeOr(op["value"], text) })

/** Operations that declare stores. */
export const declarations: { readonly [op: string]: (scope: Scope, op: Op) => Value | undefined } = {
  addStateStore: (scope, op) => {
    addStore(scope, op)
    return undefined
  },
  addGlobalStore: (scope, op) => {
    addGlobalStore(scope, op)
    return undefined
  }
}
