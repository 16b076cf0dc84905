/**
 * The stores of tables: their names, their settings and those of their changelogs, as Kafka has them.
 *
 * @since 0.1.0
 */
import type * as Serde from "../../serde/Serde.ts"
import * as JoinWindows from "../JoinWindows.ts"
import type { Materialized, StoreDefinition, Versioned } from "../LogicalNode.ts"
import type { StoreType } from "../ResolvedTopology.ts"
import * as Windows from "../Windows.ts"
import type { Problem } from "../TopologyError.ts"
import type { StoreEntry } from "./Assembly.ts"
import { checkName, demand, type Expansion } from "./Expansion.ts"
import * as Names from "./Names.ts"

/**
 * What Kafka adds to the retention of windowed changelogs, so that clocks may differ (24 h).
 *
 * @since 0.1.0
 */
export const changelogAdditionalRetentionMs = 24 * 60 * 60 * 1000

/**
 * The settings of a repartition topic.
 *
 * @since 0.1.0
 */
export const repartitionConfig: Readonly<Record<string, string>> = {
  "cleanup.policy": "delete",
  "message.timestamp.type": "CreateTime",
  "retention.ms": "-1",
  "segment.bytes": "52428800"
}

const compacted: Readonly<Record<string, string>> = {
  "cleanup.policy": "compact",
  "message.timestamp.type": "CreateTime"
}

const longMax = "9223372036854775807"

const windowed = (retentionMs: number): Readonly<Record<string, string>> => ({
  "cleanup.policy": "compact,delete",
  "message.timestamp.type": "CreateTime",
  "retention.ms": retentionMs === Number.POSITIVE_INFINITY
    ? longMax
    : String(retentionMs + changelogAdditionalRetentionMs)
})

/** Of records that never take the place of others. */
const expiring = (retentionMs: number): Readonly<Record<string, string>> => ({
  ...windowed(retentionMs),
  "cleanup.policy": "delete"
})

/**
 * The store's given name, or one made from the prefix (which uses up a number only then).
 *
 * @since 0.1.0
 */
export const storeName = (expansion: Expansion, materialized: Materialized | undefined, prefix: string): string => {
  if (materialized?.as !== undefined) {
    checkName(expansion, materialized.as)
    return materialized.as
  }
  const name = Names.store(expansion.names, prefix)
  expansion.generated.add(name)
  return name
}

/**
 * The same for a table that may do without a store; undefined (and no number used up) if nothing was said of one.
 *
 * @since 0.1.0
 */
export const wantedName = (
  expansion: Expansion,
  materialized: Materialized | undefined,
  prefix: string
): string | undefined =>
  materialized === undefined || materialized.isSerdeOnly ? undefined : storeName(expansion, materialized, prefix)

/**
 * Whether a table has a store of its own because of what was said of it.
 *
 * @since 0.1.0
 */
export const isKept = (materialized: Materialized | undefined): boolean =>
  materialized?.as !== undefined || materialized?.versioned !== undefined

/**
 * A store of key → value, versioned or not.
 *
 * @since 0.1.0
 */
export const keyValue = (
  expansion: Expansion,
  name: string,
  key: Serde.Any | undefined,
  value: Serde.Any | undefined,
  materialized: Materialized | undefined
): StoreEntry => {
  const isLogged = materialized?.logging !== false
  const shared = {
    name,
    keepsHeaders: expansion.keepsHeaders,
    key: demand(expansion.problems, key, name, "key"),
    value: demand(expansion.problems, value, name, "value")
  }
  const { entriesMax, versioned } = materialized ?? {}
  if (versioned !== undefined) return versionedEntry(expansion.problems, shared, versioned, isLogged)
  const type = entriesMax === undefined ? materialized?.storeType ?? expansion.storeType : "memory"
  return {
    store: {
      ...shared,
      _tag: "KeyValue",
      format: "Timestamped",
      entriesMax,
      type,
      caching: materialized?.caching ?? true
    },
    changelogConfig: isLogged ? compacted : undefined,
    sourceTopic: undefined
  }
}

const versionedEntry = (
  problems: Array<Problem>,
  shared: { readonly name: string; readonly key: Serde.Any; readonly value: Serde.Any },
  versioned: Versioned,
  isLogged: boolean
): StoreEntry => {
  const { historyRetentionMs, segmentIntervalMs = defaultSegmentIntervalMs(historyRetentionMs) } = versioned
  if (!(Number.isSafeInteger(historyRetentionMs) && historyRetentionMs >= 0 && segmentIntervalMs >= 1)) {
    problems.push({
      reason: "InvalidRetention",
      where: shared.name,
      detail: `a history of ${historyRetentionMs} ms in segments of ${segmentIntervalMs} ms cannot be`,
      hint: "give whole milliseconds: a history that is not negative, segments of at least one"
    })
  }
  return {
    store: {
      ...shared,
      _tag: "Versioned",
      type: "persistent",
      caching: false,
      historyRetentionMs,
      segmentIntervalMs
    },
    changelogConfig: isLogged
      ? { ...compacted, "min.compaction.lag.ms": String(historyRetentionMs + changelogAdditionalRetentionMs) }
      : undefined,
    sourceTopic: undefined
  }
}

const [secondMs, minuteMs, hourMs] = [1_000, 60_000, 3_600_000]

/** As Kafka chooses it. */
const defaultSegmentIntervalMs = (historyRetentionMs: number): number => {
  if (historyRetentionMs <= minuteMs) return Math.max(Math.floor(historyRetentionMs / 3), 2 * secondMs)
  if (historyRetentionMs <= 5 * minuteMs) return Math.max(Math.floor(historyRetentionMs / 5), 20 * secondMs)
  if (historyRetentionMs <= hourMs) return Math.max(Math.floor(historyRetentionMs / 12), minuteMs)
  return Math.max(Math.floor(historyRetentionMs / 24), 5 * minuteMs)
}

/**
 * What holds a stream back that is joined with a versioned table.
 *
 * @since 0.1.0
 */
export const joinBuffer = (
  expansion: Expansion,
  name: string,
  key: Serde.Any | undefined,
  value: Serde.Any | undefined,
  graceMs: number
): StoreEntry => ({
  store: {
    _tag: "JoinBuffer",
    name,
    type: "persistent",
    caching: false,
    key: demand(expansion.problems, key, name, "key"),
    value: demand(expansion.problems, value, name, "value"),
    graceMs
  },
  changelogConfig: compacted,
  sourceTopic: undefined
})

/**
 * A store of (key, window) → value. It keeps windows for as long as they change, or longer.
 *
 * @since 0.1.0
 */
export const window = (
  expansion: Expansion,
  name: string,
  key: Serde.Any | undefined,
  value: Serde.Any | undefined,
  windows: Windows.Any,
  emit: "OnWindowUpdate" | "OnWindowClose",
  materialized: Materialized | undefined
): StoreEntry => {
  const needed = Windows.retentionMs(windows)
  const retentionMs = materialized?.retentionMs ?? needed
  if (retentionMs < needed) {
    expansion.problems.push({
      reason: "InvalidRetention",
      where: name,
      detail: `the retention of ${retentionMs} ms is less than its windows need, ${needed} ms`,
      hint: "keep windows for at least as long as they change"
    })
  }
  const shared = {
    name,
    type: materialized?.storeType ?? expansion.storeType,
    keepsHeaders: expansion.keepsHeaders,
    // what is emitted once has nothing to gain from a cache
    caching: emit === "OnWindowUpdate" && (materialized?.caching ?? true),
    key: demand(expansion.problems, key, name, "key"),
    value: demand(expansion.problems, value, name, "value"),
    retentionMs,
    timeOrdered: emit === "OnWindowClose"
  }
  return {
    store: windows._tag === "SessionWindows"
      ? { ...shared, _tag: "Session", format: "Plain" }
      : {
        ...shared,
        _tag: "Window",
        format: "Timestamped",
        retainDuplicates: false,
        windowSizeMs: Windows.sizeMs(windows)
      },
    changelogConfig: materialized?.logging === false ? undefined : windowed(retentionMs),
    sourceTopic: undefined
  }
}

/**
 * What a side of a join of streams keeps: each record, for as long as it can meet others.
 *
 * @since 0.1.0
 */
export const joinWindow = (
  place: { readonly name: string; readonly type: StoreType },
  key: Serde.Any,
  value: Serde.Any,
  windows: JoinWindows.JoinWindows,
  logging: boolean
): StoreEntry => {
  const retentionMs = JoinWindows.retentionMs(windows)
  return {
    store: {
      ...place,
      _tag: "Window",
      format: "Plain",
      caching: false,
      key,
      value,
      retentionMs,
      windowSizeMs: JoinWindows.sizeMs(windows),
      timeOrdered: false,
      retainDuplicates: true
    },
    changelogConfig: logging ? expiring(retentionMs) : undefined,
    sourceTopic: undefined
  }
}

/**
 * What a left or outer join of streams keeps of records that have met none: lists of values.
 *
 * @since 0.1.0
 */
export const unmatched = (
  place: { readonly name: string; readonly type: StoreType },
  key: Serde.Any,
  value: Serde.Any,
  logging: boolean
): StoreEntry => ({
  store: { ...place, _tag: "KeyValue", format: "Plain", entriesMax: undefined, caching: false, key, value },
  changelogConfig: logging ? compacted : undefined,
  sourceTopic: undefined
})

/**
 * Who is subscribed to what in a foreign-key join.
 *
 * @since 0.1.0
 */
export const subscriptions = (expansion: Expansion, name: string, key: Serde.Any, value: Serde.Any): StoreEntry => ({
  store: {
    _tag: "KeyValue",
    name,
    format: "Timestamped",
    entriesMax: undefined,
    type: expansion.storeType,
    caching: false,
    key,
    value,
    logsHeaders: true
  },
  changelogConfig: compacted,
  sourceTopic: undefined
})

/**
 * The buffer of a suppress.
 *
 * @since 0.1.0
 */
export const suppressBuffer = (
  expansion: Expansion,
  name: string,
  key: Serde.Any | undefined,
  value: Serde.Any | undefined,
  logging: boolean
): StoreEntry => ({
  store: {
    _tag: "SuppressBuffer",
    name,
    type: "memory",
    caching: false,
    key: demand(expansion.problems, key, name, "key"),
    value: demand(expansion.problems, value, name, "value")
  },
  changelogConfig: logging ? compacted : undefined,
  sourceTopic: undefined
})

/**
 * A store that a processor names.
 *
 * @since 0.1.0
 */
export const declared = (problems: Array<Problem>, definition: StoreDefinition): StoreEntry => {
  const { logging, shape, ...shared } = definition
  if (shape._tag === "Versioned") return versionedEntry(problems, shared, shape, logging)
  if (shape._tag === "KeyValue") {
    return { store: { ...shared, ...shape }, changelogConfig: logging ? compacted : undefined, sourceTopic: undefined }
  }
  const isUnique = shape._tag === "Window" && shape.retainDuplicates
  const config = isUnique ? expiring(shape.retentionMs) : windowed(shape.retentionMs)
  return {
    store: { ...shared, ...shape, timeOrdered: false },
    changelogConfig: logging ? config : undefined,
    sourceTopic: undefined
  }
}
