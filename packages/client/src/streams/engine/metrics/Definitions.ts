/**
 * All metrics of stream apps: Kafka Streams' groups and names, from which level on each is measured, and in what.
 * `docs/metrics.md` is written from here.
 *
 * @since 0.1.0
 */
import type { RecordingLevel } from "./RecordingLevel.ts"

/**
 * What is told of a row of measurements. `rate` and `total` count them, `sumRate` and `sum` add them up and are named the
 * same; `value` is one number or text, under the name itself.
 *
 * @since 0.1.0
 */
export type Statistic = "value" | "rate" | "total" | "sumRate" | "sum" | "avg" | "min" | "max"

/**
 * A metric, or several of one thing.
 *
 * @since 0.1.0
 */
export interface Definition {
  readonly group: string
  readonly name: string
  readonly statistics: ReadonlyArray<Statistic>
  readonly level: RecordingLevel
  readonly unit: string
  readonly about: string
}

/**
 * The groups, and what tells their metrics apart.
 *
 * @since 0.1.0
 */
export const groups = {
  "stream-metrics": ["client-id"],
  "stream-thread-metrics": ["thread-id"],
  "stream-state-updater-metrics": ["thread-id"],
  "stream-task-metrics": ["thread-id", "task-id"],
  "stream-processor-node-metrics": ["thread-id", "task-id", "processor-node-id"],
  "stream-topic-metrics": ["thread-id", "task-id", "processor-node-id", "topic"],
  "stream-state-metrics": ["thread-id", "task-id", "<store type>-state-id"],
  "stream-record-cache-metrics": ["thread-id", "task-id", "record-cache-id"]
} as const

type Line = readonly [level: RecordingLevel, unit: string, about: string, ...statistics: ReadonlyArray<Statistic>]

/** The definitions of a group, by the names of their metrics. */
const define = <const Lines extends Readonly<Record<string, Line>>>(
  group: keyof typeof groups,
  lines: Lines
): { readonly [Name in keyof Lines]: Definition } => {
  const definitions = Object.entries<Line>(lines).map(([name, [level, unit, about, ...statistics]]) => [
    name,
    { group, name, level, unit, about, statistics } satisfies Definition
  ])
  return Object.fromEntries(definitions)
}

/**
 * Of the instance.
 *
 * @since 0.1.0
 */
export const client = define("stream-metrics", {
  "version": ["info", "", "the version of Millrace", "value"],
  "commit-id": ["info", "", "the commit that it was built of; unknown", "value"],
  "application-id": ["info", "", "the application id", "value"],
  "topology-description": ["info", "", "what `Topology.describe` prints", "value"],
  "state": ["info", "", "the state of the instance", "value"],
  "client-state": ["info", "", "the state as Kafka's number", "value"],
  "alive-stream-threads": ["info", "threads", "threads that run or take part in a rebalance", "value"],
  "failed-stream-threads": ["info", "threads", "threads that have failed since the start", "value"],
  "recording-level": ["info", "", "the level of metrics as Kafka's number", "value"]
})

/**
 * Of a thread of work. Latencies of processing and punctuating are those of one record and one punctuation.
 *
 * @since 0.1.0
 */
export const thread = define("stream-thread-metrics", {
  "commit-latency": ["info", "ms", "how long a commit takes", "avg", "max"],
  "commit": ["info", "commits", "commits", "rate", "total"],
  "commit-ratio": ["info", "share", "time spent committing", "value"],
  "poll-latency": ["info", "ms", "how long a poll takes", "avg", "max"],
  "poll": ["info", "polls", "polls", "rate", "total"],
  "poll-records": ["info", "records", "records that a poll brings", "avg", "max"],
  "poll-ratio": ["info", "share", "time spent polling", "value"],
  "process-latency": ["info", "ms", "how long a record takes", "avg", "max"],
  "process": ["info", "records", "records that were processed", "sumRate", "sum"],
  "process-records": ["info", "records", "records that are processed between two polls", "avg", "max"],
  "process-ratio": ["info", "share", "time spent processing", "value"],
  "punctuate-latency": ["info", "ms", "how long a punctuation by the wall clock takes", "avg", "max"],
  "punctuate": ["info", "punctuations", "punctuations by the wall clock", "rate", "total"],
  "punctuate-ratio": ["info", "share", "time spent punctuating", "value"],
  "task-created": ["info", "tasks", "tasks that were made", "sumRate", "sum"],
  "task-closed": ["info", "tasks", "tasks that were closed", "sumRate", "sum"],
  "blocked-time-ns-total": ["info", "ns", "time spent waiting for the cluster", "value"],
  "thread-start-time": ["info", "ms since 1970", "when the thread was started", "value"],
  "state": ["info", "", "the state of the thread", "value"],
  "thread-state": ["info", "", "the state as Kafka's number", "value"]
})

/**
 * Of the part of a thread that restores stores and keeps standbys up to date.
 *
 * @since 0.1.0
 */
export const stateUpdater = define("stream-state-updater-metrics", {
  "active-restoring-tasks": ["info", "tasks", "tasks that are being restored", "value"],
  "standby-updating-tasks": ["info", "tasks", "standbys that are kept up to date", "value"],
  "active-paused-tasks": ["info", "tasks", "tasks whose restoring is paused", "value"],
  "standby-paused-tasks": ["info", "tasks", "standbys that are paused", "value"],
  "active-restore-ratio": ["info", "share", "time spent restoring tasks", "value"],
  "standby-update-ratio": ["info", "share", "time spent updating standbys", "value"],
  "idle-ratio": ["info", "share", "time spent otherwise", "value"],
  "restore-records": ["info", "records", "records read from changelogs", "sumRate"],
  "restore-call": ["info", "calls", "reads of changelogs", "rate"]
})

/**
 * Of a task.
 *
 * @since 0.1.0
 */
export const task = define("stream-task-metrics", {
  "process-latency": ["debug", "ns", "how long a record takes", "avg", "max"],
  "process": ["debug", "records", "records that were processed", "rate", "total"],
  "active-process-ratio": ["info", "share", "of the time in which the thread processes, that for this task", "value"],
  "active-buffer-count": ["debug", "records", "records that were fetched and not yet processed", "value"],
  "punctuate-latency": ["debug", "ns", "how long a punctuation takes", "avg", "max"],
  "punctuate": ["debug", "punctuations", "punctuations, by stream time too", "rate", "total"],
  "record-lateness": ["debug", "ms", "how far a record is behind the time of the task", "avg", "max"],
  "enforced-processing": ["debug", "times", "processing went on although a partition had nothing", "rate", "total"],
  "dropped-records": ["info", "records", "records that were dropped", "sumRate", "sum"],
  "cache-size-bytes-total": ["debug", "bytes", "what the caches of the task hold", "value"],
  "restore": ["debug", "records", "records read from changelogs before the task ran", "sumRate", "sum"],
  "restore-remaining-records-total": ["info", "records", "records still to be read before the task runs", "value"],
  "update": ["debug", "records", "records read from changelogs as a standby", "sumRate", "sum"]
})

/**
 * Of a node of a task.
 *
 * @since 0.1.0
 */
export const node = define("stream-processor-node-metrics", {
  "process": ["debug", "records", "records that a source has processed", "rate", "total"],
  "record-e2e-latency": [
    "info",
    "ms",
    "how old records are when a source has read, and a node with nothing below has processed them",
    "avg",
    "min",
    "max"
  ],
  "suppression-emit": ["debug", "records", "records that a suppression has let go", "rate", "total"],
  "window-aggregate-final-emit-latency": ["debug", "ms", "how long emitting closed windows takes", "avg", "max"],
  "window-aggregate-final-emit": ["debug", "records", "results of closed windows", "sumRate", "sum"]
})

/**
 * Of a topic of a source or a sink.
 *
 * @since 0.1.0
 */
export const topic = define("stream-topic-metrics", {
  "records-consumed-total": ["info", "records", "records that were processed", "value"],
  "bytes-consumed-total": ["info", "bytes", "their size", "value"],
  "records-produced-total": ["info", "records", "records that were given to the producer", "value"],
  "bytes-produced-total": ["info", "bytes", "their size", "value"]
})

/**
 * Of a store.
 *
 * @since 0.1.0
 */
export const store = define("stream-state-metrics", {
  "put-latency": ["debug", "ns", "how long a put takes", "avg", "max"],
  "put": ["debug", "puts", "puts; of null, too, but in session stores", "rate"],
  "put-all-latency": ["debug", "ns", "how long putting several takes", "avg", "max"],
  "put-all": ["debug", "calls", "puts of several", "rate"],
  "get-latency": ["debug", "ns", "how long a get takes", "avg", "max"],
  "get": ["debug", "gets", "gets of a key", "rate"],
  "fetch-latency": ["debug", "ns", "how long a fetch takes, to the end of its iterator", "avg", "max"],
  "fetch": ["debug", "fetches", "reads of a window or session store", "rate"],
  "remove-latency": ["debug", "ns", "how long removing a session takes", "avg", "max"],
  "remove": ["debug", "calls", "sessions that were removed", "rate"],
  "all-latency": ["debug", "ns", "how long reading all takes, to the end of the iterator", "avg", "max"],
  "all": ["debug", "calls", "reads of all entries", "rate"],
  "range-latency": ["debug", "ns", "how long reading a range takes, to the end of the iterator", "avg", "max"],
  "range": ["debug", "calls", "reads of ranges and prefixes", "rate"],
  "commit-latency": ["debug", "ns", "how long a store takes for a commit", "avg", "max"],
  "commit": ["debug", "calls", "commits of the store", "rate"],
  "restore-latency": ["debug", "ns", "how long restoring took", "avg", "max"],
  "restore": ["debug", "times", "how often the store was restored", "rate"],
  "num-open-iterators": ["debug", "iterators", "iterators that were begun and have not ended", "value"],
  "iterator-duration": ["debug", "ns", "from the beginning of an iterator to its end", "avg", "max"],
  "oldest-iterator-open-since-ms": ["debug", "ms since 1970", "when the oldest open one was begun; 0: none", "value"],
  "num-keys": ["info", "keys", "keys of a key-value store in memory", "value"],
  "estimate-num-keys": ["info", "keys", "keys of a key-value store on disk", "value"],
  "record-e2e-latency": ["trace", "ms", "how old records are when what they made is put", "avg", "min", "max"],
  "suppression-buffer-count": ["debug", "records", "records that are held back", "avg", "max"],
  "suppression-buffer-size": ["debug", "bytes", "their size", "avg", "max"]
})

/**
 * Of the record cache of a store.
 *
 * @since 0.1.0
 */
export const cache = define("stream-record-cache-metrics", {
  "hit-ratio": ["debug", "share", "reads that the cache has answered", "avg", "min", "max"]
})

/**
 * All of them, group by group.
 *
 * @since 0.1.0
 */
export const all: ReadonlyArray<Definition> = [client, thread, stateUpdater, task, node, topic, store, cache]
  .flatMap((group): ReadonlyArray<Definition> => Object.values(group))
