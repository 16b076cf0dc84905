/**
 * The stores of tables: their names, their settings and those of their changelogs, as Kafka has them.
 *
 * @since 0.1.0
 */
import type * as Serde from "../../serde/Serde.ts"
import * as JoinWindows from "../JoinWindows.ts"
import type { LogConfig, Materialized, StoreDefinition, Versioned } from "../LogicalNode.ts"
import type { StoreType } from "../ResolvedTopology.ts"
import * as Windows from "../Windows.ts"
import type { Problem } from "../TopologyError.ts"
import type { StoreEntry } from "./Assembly.ts"
import { checkName, demand, type Expansion } from "./Expansion.ts"
import * as Names from "./Names.ts"
import { logged } from "./topicConfigs.ts"

/**
 * The store's given name, or one made from the prefix (which uses up a number only then).
 *
 * @since 0.1.0
 */
export const storeName = (expansion: Expansion, materialized: Materialized | undefined, prefix: string): string => {
  const name = givenOrMade(expansion, materialized, prefix)
  if (materialized?.as === undefined) expansion.generatedStores.add(name)
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
  materialized === undefined || materialized.isSerdeOnly ? undefined : givenOrMade(expansion, materialized, prefix)

const givenOrMade = (expansion: Expansion, materialized: Materialized | undefined, prefix: string): string => {
  if (materialized?.as !== undefined) {
    checkName(expansion.problems, materialized.as)
    return materialized.as
  }
  const name = Names.store(expansion.names, prefix)
  expansion.generated.add(name)
  return name
}

/**
 * Whether a table has a store of its own because of what was said of it.
 *
 * @since 0.1.0
 */
export const isKept = (materialized: Materialized | undefined): boolean =>
  materialized?.as !== undefined || materialized?.versioned !== undefined

/** Kafka has no stores in memory that keep headers, whatever the format is said to be. */
const keepsHeaders = (expansion: Expansion, type: StoreType): boolean => expansion.keepsHeaders && type === "persistent"

/** What was said of the changelog; a table of which nothing was said has one. */
const logConfigOf = (materialized: Materialized | undefined): LogConfig =>
  materialized === undefined ? {} : materialized.logConfig

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
  const config = logConfigOf(materialized)
  const shared = {
    name,
    key: demand(expansion.problems, key, name, "key"),
    value: demand(expansion.problems, value, name, "value")
  }
  const { entriesMax, versioned } = materialized ?? {}
  checkEntries(expansion.problems, name, entriesMax)
  if (versioned !== undefined) return versionedEntry(expansion.problems, shared, versioned, config)
  const type = entriesMax === undefined ? materialized?.storeType ?? expansion.storeType : "memory"
  return {
    store: {
      ...shared,
      keepsHeaders: keepsHeaders(expansion, type),
      _tag: "KeyValue",
      format: "Timestamped",
      entriesMax,
      type,
      caching: materialized?.caching ?? true
    },
    changelog: logged(config, { _tag: "Compacted" }),
    sourceTopic: undefined
  }
}

const versionedEntry = (
  problems: Array<Problem>,
  shared: { readonly name: string; readonly key: Serde.Any; readonly value: Serde.Any },
  versioned: Versioned,
  config: LogConfig
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
    changelog: logged(config, { _tag: "Versioned", historyRetentionMs }),
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
  changelog: logged({}, { _tag: "Compacted" }),
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
  const type = materialized?.storeType ?? expansion.storeType
  const shared = {
    name,
    type,
    keepsHeaders: keepsHeaders(expansion, type),
    caching: (materialized?.caching ?? true) && (emit === "OnWindowUpdate" || isCachedToTheClose(windows)),
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
    changelog: logged(logConfigOf(materialized), { _tag: "Windowed", retentionMs }),
    sourceTopic: undefined
  }
}

/** Kafka has no cache for what is emitted once, but for windows of fixed starts. */
const isCachedToTheClose = ({ _tag }: Windows.Any): boolean => _tag === "TimeWindows" || _tag === "UnlimitedWindows"

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
  logConfig: LogConfig
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
    // as Kafka: nothing that is said of it changes that records never take the place of others
    changelog: logged(logConfig && { ...logConfig, "cleanup.policy": "delete" }, { _tag: "Duplicates", retentionMs }),
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
  logConfig: LogConfig
): StoreEntry => ({
  store: { ...place, _tag: "KeyValue", format: "Plain", entriesMax: undefined, caching: false, key, value },
  changelog: logged(logConfig, { _tag: "Compacted" }),
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
  changelog: logged({}, { _tag: "Compacted" }),
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
  logConfig: LogConfig
): StoreEntry => ({
  store: {
    _tag: "SuppressBuffer",
    name,
    type: "memory",
    caching: false,
    key: demand(expansion.problems, key, name, "key"),
    value: demand(expansion.problems, value, name, "value")
  },
  changelog: logged(logConfig, { _tag: "Compacted" }),
  sourceTopic: undefined
})

/**
 * A store that a processor names.
 *
 * @since 0.1.0
 */
export const declared = (problems: Array<Problem>, definition: StoreDefinition): StoreEntry => {
  const { logConfig, shape, ...shared } = definition
  checkName(problems, shared.name)
  checkShape(problems, shared.name, shape)
  if (shape._tag === "Versioned") return versionedEntry(problems, shared, shape, logConfig)
  if (shape._tag === "KeyValue") {
    const changelog = logged(logConfig, { _tag: "Compacted" })
    return { store: { ...shared, ...shape }, changelog, sourceTopic: undefined }
  }
  const purpose = shape._tag === "Window" && shape.retainDuplicates ? "Duplicates" : "Windowed"
  // as Kafka: a cache would keep one of the duplicates
  const caching = shared.caching && purpose !== "Duplicates"
  return {
    store: { ...shared, ...shape, caching, timeOrdered: false },
    changelog: logged(logConfig, { _tag: purpose, retentionMs: shape.retentionMs }),
    sourceTopic: undefined
  }
}

const checkEntries = (problems: Array<Problem>, where: string, entriesMax: number | undefined): void => {
  if (entriesMax === undefined || entriesMax >= 0) return
  problems.push({
    reason: "InvalidRetention",
    where,
    detail: `a store cannot have ${entriesMax} entries at most`,
    hint: "give a number that is not negative"
  })
}

/** As Kafka's `Stores` does; what a versioned store keeps is checked for tables, too. */
const checkShape = (problems: Array<Problem>, where: string, shape: StoreDefinition["shape"]): void => {
  if (shape._tag === "KeyValue") checkEntries(problems, where, shape.entriesMax)
  if (shape._tag !== "Window" && shape._tag !== "Session") return
  const { retentionMs } = shape
  const windowSizeMs = shape._tag === "Window" ? shape.windowSizeMs : 0
  if (windowSizeMs >= 0 && retentionMs >= windowSizeMs) return
  problems.push({
    reason: "InvalidRetention",
    where,
    detail: `a retention of ${retentionMs} ms for windows of ${windowSizeMs} ms cannot be`,
    hint: "keep windows for at least their size, neither of which is negative"
  })
}
