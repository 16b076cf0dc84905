/**
 * The stores of a task: made as the topology says, and reached by the steps in the shape that they need.
 *
 * Keeps true: each change of a logged store goes to its changelog's partition, that of the task.
 * Leaves to others: what a store does (`stores/`), restoring, flushing.
 *
 * @since 0.1.0
 */
import type * as Serde from "@millrace/core/serde/Serde"
import type * as Resolved from "@millrace/core/streams/ResolvedTopology"
import * as Flow from "./Flow.ts"
import { measuredStore } from "./metrics/measuredStore.ts"
import type { TaskMeasures } from "./metrics/TaskMeasures.ts"
import type * as ForeignKeySteps from "./steps/ForeignKeySteps.ts"
import type * as JoinSteps from "./steps/JoinSteps.ts"
import * as StreamJoinSteps from "./steps/StreamJoinSteps.ts"
import * as SuppressSteps from "./steps/SuppressSteps.ts"
import * as CachingKeyValueStore from "./stores/cache/CachingKeyValueStore.ts"
import * as CachingSessionStore from "./stores/cache/CachingSessionStore.ts"
import * as CachingWindowStore from "./stores/cache/CachingWindowStore.ts"
import * as FlushForward from "./stores/cache/FlushForward.ts"
import type { RecordCache } from "./stores/cache/RecordCache.ts"
import * as InMemoryJoinWindowStore from "./stores/InMemoryJoinWindowStore.ts"
import * as InMemorySessionStore from "./stores/InMemorySessionStore.ts"
import * as InMemoryWindowStore from "./stores/InMemoryWindowStore.ts"
import * as LruKeyValueStore from "./stores/LruKeyValueStore.ts"
import * as MappedKeyValueStore from "./stores/MappedKeyValueStore.ts"
import * as SegmentedSessionStore from "./stores/SegmentedSessionStore.ts"
import * as SegmentedWindowStore from "./stores/SegmentedWindowStore.ts"
import {
  type AnyStore,
  type ChangeLog,
  type JoinBuffer as AnyJoinBuffer,
  type KeyValueStore,
  noLog,
  notPut,
  type SessionStore,
  type SuppressBuffer as AnySuppressBuffer,
  validToUndefined,
  type VersionedStore as AnyVersionedStore,
  type WindowStore
} from "./stores/StateStore.ts"
import * as JoinBuffer from "./stores/JoinBuffer.ts"
import type { OrderedMap } from "./stores/OrderedMap.ts"
import { PackedMap } from "./stores/PackedMap.ts"
import { segmentMinMs } from "./stores/Segments.ts"
import * as StoreAccess from "./stores/StoreAccess.ts"
import * as SuppressBuffer from "./stores/SuppressBuffer.ts"
import * as TimeOrderedSessionStore from "./stores/TimeOrderedSessionStore.ts"
import * as TimeOrderedWindowStore from "./stores/TimeOrderedWindowStore.ts"
import * as VersionedStore from "./stores/VersionedStore.ts"
import { UnsupportedTopology } from "./TaskError.ts"

/**
 * A store of a task, with what the topology says of it.
 *
 * @since 0.1.0
 */
export interface TaskStore {
  readonly definition: Resolved.StateStore
  readonly store: AnyStore
}

/**
 * Whose stores: those of a sub-topology (undefined: of all) for one partition number.
 *
 * @since 0.1.0
 */
export interface Options {
  readonly topology: Resolved.ResolvedTopology
  readonly subTopology: number | undefined
  readonly partition: number
  readonly output: Flow.Output
  readonly context: Flow.Context
  /** Where stores on disk are; without it they are in memory, too. Throws `StoreEngineError`. */
  readonly openUnsafe?: ((definition: Resolved.StateStore) => OrderedMap) | undefined
}

/**
 * All stores of a task, empty.
 *
 * @since 0.1.0
 */
export const make = (options: Options): Map<string, TaskStore> => {
  const { context, output, partition, subTopology, topology } = options
  const stores = new Map<string, TaskStore>()
  for (const definition of topology.stores) {
    if (subTopology !== undefined && definition.subTopology !== subTopology) continue
    const { name } = definition
    stores.set(name, makeStore(definition, changeLog(definition, partition, output), context, options.openUnsafe))
  }
  return stores
}

/** How much time the segments of a store on disk hold; undefined in memory. */
const segmentOf = ({ retentionMs, type }: Resolved.WindowStore | Resolved.SessionStore): number | undefined =>
  type === "memory" ? undefined : Math.max(Math.floor(retentionMs / 2), segmentMinMs)

/** What tables log has no headers; in the format with headers a deletion has those of its record. Others have their own. */
const changeLog = (definition: Resolved.StateStore, partition: number, output: Flow.Output): ChangeLog => {
  const { changelog, keepsHeaders } = definition
  if (changelog._tag !== "Topic") return noLog
  const { topic } = changelog
  if (!isOfTable(definition) || hasHeaders(definition)) {
    return {
      append: (key, value, at, headers = Flow.noHeaders) => output.send(topic, partition, key, value, at, headers)
    }
  }
  if (keepsHeaders !== true) {
    return { append: (key, value, at) => output.send(topic, partition, key, value, at, Flow.noHeaders) }
  }
  return {
    append: (key, value, at, headers = Flow.noHeaders) =>
      output.send(topic, partition, key, value, at, value === null ? headers : Flow.noHeaders)
  }
}

/** Whether processors put values with headers of their own. */
const hasHeaders = (definition: Resolved.StateStore): boolean =>
  "format" in definition && definition.format === "WithHeaders"

const isOfTable = (definition: Resolved.StateStore): boolean => {
  switch (definition._tag) {
    case "KeyValue":
      return definition.logsHeaders !== true
    case "Session":
      return true
    case "Window":
      return !definition.retainDuplicates
    default:
      return false
  }
}

/**
 * The same stores, those that want it behind a cache of the instance. `context`: that of the task which uses them.
 *
 * @since 0.1.0
 */
export const cached = (
  stores: ReadonlyMap<string, TaskStore>,
  cache: RecordCache,
  context: Flow.Context
): Map<string, TaskStore> =>
  new Map([...stores].map(([name, each]) => [name, each.definition.caching ? cachedStore(each, cache, context) : each]))

const cachedStore = (made: TaskStore, cache: RecordCache, context: Flow.Context): TaskStore => {
  const { definition, store } = made
  switch (store.kind) {
    case "keyValue":
      return { definition, store: CachingKeyValueStore.make(store, cache, context) }
    case "window":
      return { definition, store: CachingWindowStore.make(store, cache, context) }
    case "session":
      return { definition, store: CachingSessionStore.make(store, definition.type === "memory", cache, context) }
    default:
      return made
  }
}

/**
 * Whether a store is on disk where there is one; what is held back for a while is not.
 *
 * @since 0.1.0
 */
export const isOnDisk = ({ _tag, type }: Resolved.StateStore): boolean =>
  type === "persistent" && _tag !== "SuppressBuffer" && _tag !== "JoinBuffer"

/**
 * The same stores, measured if the level says so.
 *
 * @since 0.1.0
 */
export const measured = (
  stores: ReadonlyMap<string, TaskStore>,
  measures: TaskMeasures
): ReadonlyMap<string, TaskStore> => {
  if (!measures.measures("debug")) return stores
  return new Map([...stores].map(([name, { definition, store }]) => {
    if (store.cache !== undefined) store.cache.onHit = measures.hitRatioOf(name)
    return [name, { definition, store: measuredStore(store, measures.storeOf(name)) }]
  }))
}

/**
 * One store, empty.
 *
 * @since 0.1.0
 */
export const makeStore = (
  definition: Resolved.StateStore,
  log: ChangeLog,
  context: Flow.Context,
  openUnsafe?: Options["openUnsafe"]
): TaskStore => {
  const { name } = definition
  const onDisk = isOnDisk(definition) ? openUnsafe : undefined
  switch (definition._tag) {
    case "KeyValue":
      return { definition, store: keyValueStore(definition, log, context, onDisk) }
    case "Versioned": {
      const { historyRetentionMs, segmentIntervalMs } = definition
      const map = onDisk?.(definition) ?? new PackedMap()
      return { definition, store: VersionedStore.make(name, historyRetentionMs, segmentIntervalMs, log, map) }
    }
    case "Window": {
      const { retainDuplicates, retentionMs, timeOrdered, type } = definition
      const keepsHeaders = hasHeaders(definition)
      if (retainDuplicates && onDisk !== undefined) {
        const map = onDisk(definition)
        return { definition, store: SegmentedWindowStore.make(name, retentionMs, log, { map, retainDuplicates }) }
      }
      if (retainDuplicates) {
        return { definition, store: InMemoryJoinWindowStore.make(name, retentionMs, segmentOf(definition), log) }
      }
      if (type === "persistent" && !timeOrdered) {
        const map = onDisk?.(definition) ?? new PackedMap()
        return { definition, store: SegmentedWindowStore.make(name, retentionMs, log, { map, keepsHeaders }) }
      }
      // Kafka's time-ordered stores on disk still give back what starts exactly at the end of the retention
      const keptMs = type === "persistent" ? retentionMs + 1 : retentionMs
      const segmentMs = segmentOf(definition)
      if (onDisk !== undefined && segmentMs !== undefined) {
        const map = onDisk(definition)
        return { definition, store: TimeOrderedWindowStore.make(name, keptMs, log, map, segmentMs, keepsHeaders) }
      }
      return {
        definition,
        store: InMemoryWindowStore.make(name, keptMs, log, segmentMs, keepsHeaders)
      }
    }
    case "Session": {
      const { retentionMs, timeOrdered, type } = definition
      const keepsHeaders = hasHeaders(definition)
      if (type === "persistent" && !timeOrdered) {
        const map = onDisk?.(definition) ?? new PackedMap()
        return { definition, store: SegmentedSessionStore.make(name, retentionMs, log, map, keepsHeaders) }
      }
      const segmentMs = segmentOf(definition)
      if (onDisk !== undefined && segmentMs !== undefined) {
        const map = onDisk(definition)
        return { definition, store: TimeOrderedSessionStore.make(name, retentionMs, segmentMs, log, map, keepsHeaders) }
      }
      return { definition, store: InMemorySessionStore.make(name, retentionMs, segmentMs, log, keepsHeaders) }
    }
    case "SuppressBuffer":
      return { definition, store: SuppressBuffer.make(name, log) }
    case "JoinBuffer":
      return { definition, store: JoinBuffer.make(name, definition.graceMs, log) }
  }
}

const keyValueStore = (
  definition: Resolved.KeyValueStore,
  log: ChangeLog,
  context: Flow.Context,
  onDisk: Options["openUnsafe"]
): KeyValueStore => {
  const { entriesMax, format, name } = definition
  if (entriesMax !== undefined) {
    const now = format === "Plain" ? () => context.timestamp : undefined
    return LruKeyValueStore.make(name, entriesMax, log, now)
  }
  return MappedKeyValueStore.make(name, onDisk?.(definition) ?? new PackedMap(), log, hasHeaders(definition))
}

const unsupported = (node: string, kind: string) =>
  new UnsupportedTopology({ node, kind, hint: "this is a defect of millrace: please report it" })

/**
 * How steps reach stores, by name and in the shape that they need.
 *
 * @since 0.1.0
 */
export interface Access extends Omit<JoinSteps.Stores, "transformed"> {
  readonly buffer: (name: string) => {
    readonly store: AnySuppressBuffer
    readonly serdes: { readonly key: Serde.Any; readonly value: Serde.Any }
  }
  readonly joinBuffer: (name: string) => {
    readonly store: AnyJoinBuffer
    readonly serdes: { readonly key: Serde.Any; readonly value: Serde.Any }
  }
  readonly keyValue: (name: string) => StoreAccess.KeyValueAccess
  readonly optional: (name: string | undefined) => StoreAccess.KeyValueAccess | undefined
  readonly window: (name: string) => StoreAccess.WindowAccess
  readonly session: (name: string) => StoreAccess.SessionAccess
  readonly isInMemory: (name: string) => boolean
  /** The subscriptions of a foreign-key join. */
  readonly subscriptions: (name: string) => ForeignKeySteps.Subscriptions
  /** Records of a join of streams that have met none. */
  readonly unmatched: (name: string) => StreamJoinSteps.Unmatched
  /** What both sides of that join of streams know of time. */
  readonly joinTime: (name: string) => StreamJoinSteps.JoinTime
  /**
   * How a processor gives its changes to those below: by `forward`; not by itself if its store is cached, for the cache
   * does; and if its store is versioned only what the store took, told whether that is the latest of its key.
   */
  readonly emitting: (processor: Resolved.Processor, context: Flow.Context, forward: Flow.Step) => Flow.Step
}

/**
 * Access to a task's stores, and to those that all tasks may read; throws `UnsupportedTopology` for a store that is neither.
 *
 * @since 0.1.0
 */
export const access = (
  stores: ReadonlyMap<string, TaskStore>,
  globalStores: ReadonlyMap<string, TaskStore> = new Map()
): Access => {
  const find = (name: string) => {
    const found = stores.get(name) ?? globalStores.get(name)
    if (found === undefined) throw unsupported(name, "a store of another sub-topology")
    return found
  }
  const listed = <K, V>(name: string) => {
    const { definition, store } = find(name)
    return StoreAccess.keyValue<K, V>(store as KeyValueStore, definition.key, definition.value)
  }
  const keyValue = (name: string): StoreAccess.KeyValueAccess => {
    const { definition, store } = find(name)
    return definition._tag === "Versioned"
      ? StoreAccess.versioned(store as AnyVersionedStore, definition.key, definition.value)
      : listed(name)
  }
  const window = (name: string) => {
    const { definition, store } = find(name)
    return StoreAccess.window(store as WindowStore, definition.key, definition.value)
  }
  const session = (name: string) => {
    const { definition, store } = find(name)
    return StoreAccess.session(store as SessionStore, definition.key, definition.value)
  }
  const buffer = (name: string) => {
    const { definition: { key, value }, store } = find(name)
    return { store: store as AnySuppressBuffer, serdes: { key, value } }
  }
  const joinTimes = new Map<string, StreamJoinSteps.JoinTime>()
  return {
    buffer,
    joinBuffer: (name) => {
      const { definition: { key, value }, store } = find(name)
      return { store: store as AnyJoinBuffer, serdes: { key, value } }
    },
    heldBack: (name, inner) => {
      const { serdes, store } = buffer(name)
      return SuppressSteps.lookup(inner, store, serdes)
    },
    keyValue,
    optional: (name) => name === undefined ? undefined : keyValue(name),
    window,
    session,
    subscriptions: listed,
    unmatched: listed,
    joinTime: (name) => {
      const time = joinTimes.get(name) ?? StreamJoinSteps.makeTime()
      joinTimes.set(name, time)
      return time
    },
    emitting: (processor, context, forward) => {
      if (!("store" in processor) || processor.store === undefined) return forward
      // what is emitted on the close of windows is read from the store: what is flushed is not passed on
      if ("emit" in processor && processor.emit === "OnWindowClose") return forward
      const found = find(processor.store)
      if (found.store.kind === "versioned") return emittingVersions(found.store, context, forward)
      return "sendOldValues" in processor ? FlushForward.emitting(found, processor.sendOldValues, forward) : forward
    },
    isInMemory: (name) => find(name).definition.type === "memory",
    table: (name) => {
      switch (find(name).definition._tag) {
        case "KeyValue":
        case "Versioned":
          return keyValue(name)
        case "Window":
          return StoreAccess.windowed(window(name))
        case "Session":
          return StoreAccess.inSessions(session(name))
        case "SuppressBuffer":
        case "JoinBuffer":
          throw unsupported(name, "a buffer as a table")
      }
    }
  }
}

const emittingVersions =
  (store: AnyVersionedStore, context: Flow.Context, forward: Flow.Step): Flow.Step =>
  (key, value, old, timestamp, headers) => {
    const { lastPut } = store
    if (lastPut === notPut) {
      context.dropped++
      return
    }
    const before = context.isLatest
    context.isLatest = lastPut === validToUndefined
    forward(key, value, old, timestamp, headers)
    context.isLatest = before
  }
