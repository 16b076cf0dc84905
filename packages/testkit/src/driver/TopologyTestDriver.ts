/**
 * Runs a topology without a broker: synchronous, in virtual time, one partition per topic.
 *
 * Keeps true: it does what Kafka's own test driver does. One task holds all sub-topologies; a piped record is worked off
 * completely before `pipe` returns; what a topology writes to a topic that it also reads comes back to it, the oldest head
 * first; a record for a global store is applied at once; record caches are off, unless asked for. What the app would refuse is refused here, with the same error.
 * Leaves to others: partitions, rebalances, restarts and failures of brokers (an embedded broker, the simulation).
 *
 * @since 0.1.0
 */
import type { Output } from "@millrace/client/streams/engine/Flow"
import type { ExceptionHandlers } from "@millrace/client/streams/engine/errors/ExceptionHandlers"
import { RecordCache } from "@millrace/client/streams/engine/stores/cache/RecordCache"
import * as StoreReader from "@millrace/client/streams/engine/stores/StoreReader"
import * as GlobalState from "@millrace/client/streams/engine/GlobalState"
import { type Metric, Telling } from "@millrace/client/streams/engine/metrics/Metric"
import type { RecordingLevel } from "@millrace/client/streams/engine/metrics/RecordingLevel"
import { tellGlobal, tellTask } from "@millrace/client/streams/engine/metrics/TaskMetrics"
import * as Task from "@millrace/client/streams/engine/Task"
import type { TaskStore } from "@millrace/client/streams/engine/TaskStores"
import type { RecordHeader } from "@millrace/core/records/RecordCursor"
import type { Erased } from "@millrace/core/serde/Erased"
import * as Serde from "@millrace/core/serde/Serde"
import type * as Resolve from "@millrace/core/streams/resolve/resolve"
import type * as ResolvedTopology from "@millrace/core/streams/ResolvedTopology"
import * as TopicPattern from "@millrace/core/streams/TopicPattern"
import type * as Topic from "@millrace/core/streams/Topic"
import * as Topology from "@millrace/core/streams/Topology"
import * as Duration from "effect/Duration"
import type * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as DriverEffects from "./DriverEffects.ts"
import { causeOf, DriverError, failedBefore, unknownStore } from "./DriverError.ts"
import * as DriverInput from "./DriverInput.ts"

export { DriverError } from "./DriverError.ts"

/**
 * A record to pipe in. Without a timestamp it is stamped with the driver's wall clock.
 *
 * @since 0.1.0
 */
export interface Input<out K, out V> {
  readonly key: K | null
  readonly value: V | null
  readonly timestamp?: number | undefined
  readonly headers?: ReadonlyArray<RecordHeader> | undefined
}

/**
 * A record that the topology wrote.
 *
 * @since 0.1.0
 */
export interface OutputRecord<out K, out V> {
  readonly key: K | null
  readonly value: V | null
  readonly timestamp: number
  readonly headers: ReadonlyArray<RecordHeader>
}

/**
 * A record as bytes. `partition` is there if the topology chose it itself (changelogs, windowed keys).
 *
 * @since 0.1.0
 */
export interface ProducedRecord {
  readonly topic: string
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly timestamp: number
  readonly headers: ReadonlyArray<RecordHeader>
  readonly partition: number | undefined
}

/**
 * How a driver is set up. `wallClockMs` is where its wall clock starts (0).
 *
 * @since 0.1.0
 */
export interface Options extends Omit<Resolve.Options, "applicationId">, ExceptionHandlers {
  readonly applicationId?: string | undefined
  readonly wallClockMs?: number | undefined
  /** How often at most, in wall-clock time, aggregations look for windows that have closed (0: at each record). */
  readonly emitIntervalMs?: number | undefined
  /** How often at most joins of streams look for what has found no partner; as `emitIntervalMs` when left out. */
  readonly joinEmitIntervalMs?: number | undefined
  /**
   * How much caches may hold back until a commit, in bytes (0: nothing, every change is passed on). A driver that commits
   * after each record passes on what one record does to a key as one change.
   */
  readonly stateStoreCacheMaxBytes?: number | undefined
  /** How much is measured (`info`). */
  readonly metricsRecordingLevel?: RecordingLevel | undefined
}

/**
 * The services that the effects of a topology need. What they do has to finish synchronously.
 *
 * @since 0.1.0
 */
export interface Services<in R> {
  readonly layer: Layer.Layer<R, Erased>
}

/**
 * How a topology that has been resolved is run.
 *
 * @since 0.1.0
 */
export interface RunOptions extends
  ExceptionHandlers,
  Pick<
    Options,
    "wallClockMs" | "emitIntervalMs" | "joinEmitIntervalMs" | "stateStoreCacheMaxBytes" | "metricsRecordingLevel"
  >
{
  readonly layer?: Layer.Layer<Erased, Erased> | undefined
}

/**
 * A topology under test. What can fail throws: `TaskError` from the topology, `DriverError` for a wrong question. After a
 * `TaskError` the driver is done, as the app would be.
 *
 * @since 0.1.0
 */
export interface TopologyTestDriver {
  /** Takes a record through the topology. */
  readonly pipe: <K, V>(topic: Topic.Topic<K, V>, record: Input<NoInfer<K>, NoInfer<V>>) => void
  /** The same with bytes, for a topic by name. */
  readonly pipeBytes: (topic: string, record: Input<Uint8Array, Uint8Array>) => void
  /** What was written to the topic since the last `read` of it. */
  readonly read: <K, V>(topic: Topic.Topic<K, V>) => ReadonlyArray<OutputRecord<K, V>>
  /** The topic as a table: the last value of each key in all that was ever written, tombstones left out. */
  readonly readTable: <K, V>(topic: Topic.Topic<K, V>) => Map<K, V>
  /** All that was written to any topic, changelogs too, since the last call; in order. */
  readonly takeProduced: () => ReadonlyArray<ProducedRecord>
  readonly keyValueStore: <K = unknown, V = unknown>(name: string) => StoreReader.KeyValueReader<K, V>
  readonly versionedStore: <K = unknown, V = unknown>(name: string) => StoreReader.VersionedReader<K, V>
  readonly windowStore: <K = unknown, V = unknown>(name: string) => StoreReader.WindowReader<K, V>
  readonly sessionStore: <K = unknown, V = unknown>(name: string) => StoreReader.SessionReader<K, V>
  /** The stores as they are, by name. */
  readonly stores: ReadonlyMap<string, TaskStore>
  /** Moves the wall clock, and runs the punctuations that are due then. */
  readonly advanceWallClock: (by: Duration.Input) => void
  /** Kafka's `dropped-records-total`. */
  readonly droppedRecords: () => number
  /** The metrics of the task, its nodes, topics, stores and caches, under Kafka Streams' groups and names. */
  readonly metrics: () => ReadonlyArray<Metric>
  /** Releases what the layer of the topology's services holds. */
  readonly close: () => void
}

/**
 * A driver for a topology, with a layer of the services that it needs; throws what the app would refuse, and what the layer
 * fails with.
 *
 * @since 0.1.0
 */
export const make: {
  <E>(topology: Topology.Topology<E, never>, options?: Options): TopologyTestDriver
  <E, R>(topology: Topology.Topology<E, R>, options: Options & Services<R>): TopologyTestDriver
} = <E, R>(topology: Topology.Topology<E, R>, options: Options & Partial<Services<R>> = {}): TopologyTestDriver => {
  const resolved = Topology.resolve(topology, { ...options, applicationId: options.applicationId ?? "app" })
  return fromResolved(Result.getOrThrow(resolved), options)
}

/**
 * A driver for a topology that has been resolved.
 *
 * @since 0.1.0
 */
export const fromResolved = (
  topology: ResolvedTopology.ResolvedTopology,
  options: RunOptions = {}
): TopologyTestDriver => {
  return new Driver(topology, options)
}

/** What stands for a thread in the metrics. */
const threadId = "TopologyTestDriver"

class Driver implements TopologyTestDriver {
  private readonly task: Task.Task
  private readonly globals: GlobalState.GlobalState
  private readonly effects: DriverEffects.DriverEffects
  private readonly offsets = new Map<string, number>()
  private readonly sourceTopics: ReadonlySet<string>
  private readonly patterns: ReadonlyArray<RegExp>
  private readonly written = new Map<string, { readonly records: Array<ProducedRecord>; unread: number }>()
  /** Written, and not yet looked at for records that come back. */
  private pending: Array<ProducedRecord> = []
  private produced: Array<ProducedRecord> = []
  private wallClockMs: number
  private readonly level: RecordingLevel
  private failure: unknown = undefined

  constructor(
    topology: ResolvedTopology.ResolvedTopology,
    options: RunOptions
  ) {
    this.wallClockMs = options.wallClockMs ?? 0
    this.level = options.metricsRecordingLevel ?? "info"
    this.sourceTopics = new Set(topology.subTopologies.flatMap((each) => each.sourceTopics))
    this.patterns = topology.subTopologies.flatMap((each) => each.sourcePatterns)
    const output: Output = {
      partitionCount: () => 1,
      send: (topic, partition, key, value, timestamp, headers) => {
        // processors may change headers in place: what was written stays as it was
        const written = { topic, key, value, timestamp, headers: [...headers] }
        const record = { ...written, partition: partition < 0 ? undefined : partition }
        this.pending.push(record)
      }
    }
    this.effects = DriverEffects.makeUnsafe(options.layer, () => this.wallClockMs)
    const shared = {
      topology,
      handlers: options,
      currentTimeMillis: () => this.wallClockMs,
      measuring: { level: this.level }
    }
    this.globals = GlobalState.makeUnsafe(shared)
    this.task = Task.makeUnsafe({
      ...shared,
      effects: this.effects,
      subTopology: undefined,
      partition: 0,
      output,
      globalStores: this.globals.stores,
      emitIntervalMs: options.emitIntervalMs ?? 0,
      joinEmitIntervalMs: options.joinEmitIntervalMs,
      cache: RecordCache.ofSize(options.stateStoreCacheMaxBytes ?? 0)
    })
    this.task.initializeUnsafe()
  }

  get stores(): ReadonlyMap<string, TaskStore> {
    return new Map([...this.globals.stores, ...this.task.stores])
  }

  readonly pipe: TopologyTestDriver["pipe"] = (topic, record) => {
    const key = Serde.toBytesUnsafe(topic.key, record.key)
    const value = Serde.toBytesUnsafe(topic.value, record.value)
    this.pipeBytes(topic.name, { key, value, timestamp: record.timestamp, headers: record.headers })
  }

  readonly pipeBytes = (topic: string, record: Input<Uint8Array, Uint8Array>): void => {
    this.assertUsable()
    if (!this.reads(topic)) {
      throw new DriverError({
        reason: "UnknownTopic",
        detail: `the topology does not read ${topic}`,
        hint: "pipe a source topic"
      })
    }
    const { headers = [], key, timestamp = this.wallClockMs, value } = record
    this.attempt(() => {
      this.enqueue({ topic, key, value, timestamp, headers, partition: undefined })
      this.workOff()
    })
  }

  readonly read: TopologyTestDriver["read"] = (topic) => {
    const written = this.written.get(topic.name)
    if (written === undefined) return []
    const records = written.records.slice(written.unread).map((record) => ({
      key: Serde.fromBytesUnsafe(topic.key, record.key),
      value: Serde.fromBytesUnsafe(topic.value, record.value),
      timestamp: record.timestamp,
      headers: record.headers
    }))
    written.unread = written.records.length
    return records
  }

  readonly readTable = <K, V>(topic: Topic.Topic<K, V>): Map<K, V> => {
    const latest = new Map<string, ProducedRecord>()
    for (const record of this.written.get(topic.name)?.records ?? []) {
      if (record.key === null) continue
      const name = record.key.join()
      if (record.value === null) latest.delete(name)
      else latest.set(name, record)
    }
    const table = new Map<K, V>()
    for (const { key, value } of latest.values()) {
      table.set(topic.key.deserializeUnsafe(key!), topic.value.deserializeUnsafe(value!))
    }
    return table
  }

  readonly takeProduced = (): ReadonlyArray<ProducedRecord> => {
    const produced = this.produced
    this.produced = []
    return produced
  }

  readonly keyValueStore = <K, V>(name: string): StoreReader.KeyValueReader<K, V> =>
    this.reader(name, "key-value", StoreReader.keyValue<K, V>)

  readonly versionedStore = <K, V>(name: string): StoreReader.VersionedReader<K, V> =>
    this.reader(name, "versioned", StoreReader.versioned<K, V>)

  readonly windowStore = <K, V>(name: string): StoreReader.WindowReader<K, V> =>
    this.reader(name, "window", StoreReader.window<K, V>)

  readonly sessionStore = <K, V>(name: string): StoreReader.SessionReader<K, V> =>
    this.reader(name, "session", StoreReader.session<K, V>)

  readonly advanceWallClock = (by: Duration.Input): void => {
    this.assertUsable()
    this.wallClockMs += Duration.toMillis(by)
    this.attempt(() => {
      this.task.punctuateUnsafe()
      this.task.flushUnsafe()
      this.workOff()
    })
  }

  readonly droppedRecords = (): number => this.task.context.dropped + this.globals.context.dropped

  readonly metrics = (): ReadonlyArray<Metric> => {
    const telling = new Telling(this.level, this.wallClockMs)
    tellTask(telling, threadId, this.task)
    if (this.globals.topics.length > 0) tellGlobal(telling, threadId, this.globals)
    return telling.metrics
  }

  /** Runs what may fail; then the driver is done. */
  private attempt(run: () => void): void {
    try {
      run()
    } catch (cause) {
      this.failure = cause
      this.settle()
      throw causeOf(cause)
    }
  }

  private reads(topic: string): boolean {
    return this.task.openQueue(topic) !== undefined || this.globals.topics.includes(topic)
  }

  readonly close = (): void => {
    this.task.close()
    this.effects.close()
  }

  /** One record at a time, as Kafka's driver: process, then let what was written come back. */
  private workOff(): void {
    this.settle()
    while (this.task.processUnsafe(1) > 0) {
      this.task.flushUnsafe()
      this.settle()
    }
  }

  private settle(): void {
    const pending = this.pending
    this.pending = []
    for (const record of pending) {
      this.produced.push(record)
      const written = this.written.get(record.topic)
      if (written === undefined) this.written.set(record.topic, { records: [record], unread: 0 })
      else written.records.push(record)
      if (this.failure === undefined && this.reads(record.topic)) this.enqueue(record)
    }
  }

  private enqueue(record: ProducedRecord): void {
    const { sourceTopics, patterns } = this
    // as in Kafka's driver, the topics of one pattern share their offsets
    const pattern = sourceTopics.has(record.topic)
      ? undefined
      : patterns.find((each) => TopicPattern.matches(each, record.topic))
    const counted = pattern === undefined ? record.topic : String(pattern)
    const offset = this.offsets.get(counted) ?? 0
    this.offsets.set(counted, offset + 1)
    const chunk = DriverInput.chunk([{ ...record, headers: [...record.headers], offset }], offset + 1)
    const queue = this.task.queueOf(record.topic)
    if (queue === undefined) this.globals.applyUnsafe(record.topic, 0, chunk)
    else this.task.addUnsafe(queue, chunk)
  }

  private assertUsable(): void {
    if (this.failure !== undefined) throw failedBefore(this.failure)
  }

  private reader<R>(name: string, kind: string, read: (store: TaskStore) => R | undefined): R {
    const store = this.stores.get(name)
    const reader = store === undefined ? undefined : read(store)
    if (reader === undefined) throw unknownStore(name, kind, [...this.stores.keys()].join(", "))
    return reader
  }
}
