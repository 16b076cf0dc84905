/**
 * Runs a topology without a broker, as several instances with several partitions: synchronous, in virtual time.
 *
 * Keeps true: internal topics and tasks are as many as the app would have; records go where the default partitioner sends
 * them; tasks stay where they are as far as balance allows, and where they move their stores come from their changelogs.
 * What is piped is worked off and committed before `pipe` returns, unless commits are asked for (`commits: "manual"`): then
 * instances can crash with work that was not committed.
 * Leaves to others: time-outs, zombies, brokers that fail (the simulation).
 *
 * @since 0.1.0
 */
import * as StoreReader from "@millrace/client/streams/engine/stores/StoreReader"
import type { TaskStore } from "@millrace/client/streams/engine/TaskStores"
import * as TaskAssignment from "@millrace/client/streams/runtime/TaskAssignment"
import type { Erased } from "@millrace/core/serde/Erased"
import * as Serde from "@millrace/core/serde/Serde"
import type * as Topic from "@millrace/core/streams/Topic"
import * as Topology from "@millrace/core/streams/Topology"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as DriverEffects from "./DriverEffects.ts"
import { causeOf, DriverError, failedBefore, unknownStore } from "./DriverError.ts"
import { type Committed, DriverInstance } from "./DriverInstance.ts"
import { DriverTopics } from "./DriverTopics.ts"
import type { LogRecord } from "./TopicLog.ts"
import type { Input, Options as DriverOptions, OutputRecord, Services } from "./TopologyTestDriver.ts"

/**
 * How a driver is set up.
 *
 * @since 0.1.0
 */
export interface Options extends Omit<DriverOptions, "emitIntervalMs"> {
  /**
   * Partitions of the topics that are not the app's own, by name; 1 for those that are left out. A topic that only a pattern
   * of the topology tells of is there from the start if it stands here, and else once it is written to.
   */
  readonly partitions?: Readonly<Record<string, number>> | undefined
  /** How many instances there are at first (1). */
  readonly instances?: number | undefined
  /** `at_least_once` (default), or `exactly_once`. */
  readonly processingGuarantee?: "at_least_once" | "exactly_once" | undefined
  /** `always` (default): all that is piped is worked off and committed at once. `manual`: when `process` and `commit` are called. */
  readonly commits?: "always" | "manual" | undefined
}

/**
 * A record that the topology wrote, with its place.
 *
 * @since 0.1.0
 */
export interface PlacedRecord<out K, out V> extends OutputRecord<K, V> {
  readonly partition: number
  readonly offset: number
}

/**
 * A topology under test. What can fail throws: `TaskError` from the topology, `DriverError` for a wrong question. After a
 * `TaskError` the driver is done.
 *
 * @since 0.1.0
 */
export interface PartitionedTestDriver {
  /** Takes a record through the topology; `partition`: where it goes, if not where the default partitioner sends it. */
  readonly pipe: <K, V>(
    topic: Topic.Topic<K, V>,
    record: Input<NoInfer<K>, NoInfer<V>> & { readonly partition?: number | undefined }
  ) => void
  /** All that a reader of committed records finds in the topic, partition by partition. */
  readonly readAll: <K, V>(topic: Topic.Topic<K, V>) => ReadonlyArray<PlacedRecord<K, V>>
  /** The topic as a table: the last committed value of each key, tombstones left out. */
  readonly readTable: <K, V>(topic: Topic.Topic<K, V>) => Map<K, V>
  /** A store, of all tasks together: one task's after the other's. A global store is that of one instance. */
  readonly keyValueStore: <K = unknown, V = unknown>(name: string) => StoreReader.KeyValueReader<K, V>
  readonly versionedStore: <K = unknown, V = unknown>(name: string) => StoreReader.VersionedReader<K, V>
  readonly windowStore: <K = unknown, V = unknown>(name: string) => StoreReader.WindowReader<K, V>
  readonly sessionStore: <K = unknown, V = unknown>(name: string) => StoreReader.SessionReader<K, V>
  /** Processes at most so many records (all that can be) on each instance, or on one; how many it were. */
  readonly process: (most?: number, instance?: string) => number
  /** Commits on all instances, or on one. */
  readonly commit: (instance?: string) => void
  /** The names of instances, and the ids of their tasks. */
  readonly assignment: () => ReadonlyMap<string, ReadonlyArray<string>>
  /** A new instance, which takes its share of the tasks; its name. */
  readonly addInstance: () => string
  /** An instance ends in order: it commits, and others take its tasks over. */
  readonly stopInstance: (name: string) => void
  /** An instance ends without a word, and others take its tasks over. */
  readonly crashInstance: (name: string) => void
  /** Moves the wall clock, and runs the punctuations that are due then. */
  readonly advanceWallClock: (by: Duration.Input) => void
  /** Kafka's `dropped-records-total`, of all instances. */
  readonly droppedRecords: () => number
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
  <E>(topology: Topology.Topology<E, never>, options?: Options): PartitionedTestDriver
  <E, R>(topology: Topology.Topology<E, R>, options: Options & Services<R>): PartitionedTestDriver
} = <E, R>(topology: Topology.Topology<E, R>, options: Options & Partial<Services<R>> = {}): PartitionedTestDriver =>
  new Driver(topology, options)

class Driver implements PartitionedTestDriver {
  readonly #topics: DriverTopics
  readonly #instances = new Map<string, DriverInstance>()
  readonly #owners = new Map<string, string>()
  readonly #makeInstance: (name: string) => DriverInstance
  readonly #effects: DriverEffects.DriverEffects
  readonly #isManual: boolean
  #wallClockMs: number
  #started = 0
  #droppedBefore = 0
  #failure: unknown = undefined

  constructor(topology: Topology.Topology<unknown, unknown>, options: Options & Partial<Services<Erased>>) {
    const resolved = Result.getOrThrow(
      Topology.resolve(topology, { ...options, applicationId: options.applicationId ?? "app" })
    )
    const topics = new DriverTopics(resolved, options.partitions)
    this.#topics = topics
    this.#isManual = options.commits === "manual"
    this.#wallClockMs = options.wallClockMs ?? 0
    this.#effects = DriverEffects.makeUnsafe(options.layer, () => this.#wallClockMs)
    const cluster = {
      get topology() {
        return topics.topology
      },
      effects: this.#effects,
      stateStoreCacheMaxBytes: options.stateStoreCacheMaxBytes ?? 0,
      isExactlyOnce: options.processingGuarantee === "exactly_once",
      handlers: options,
      currentTimeMillis: () => this.#wallClockMs,
      log: (name: string) => topics.log(name),
      committed: new Map<string, Committed>()
    }
    this.#makeInstance = (name) => new DriverInstance(name, cluster)
    for (let index = 0; index < (options.instances ?? 1); index++) this.#start()
    this.#rebalance()
  }

  readonly pipe: PartitionedTestDriver["pipe"] = (topic, record) => {
    this.#assertUsable()
    if (!this.#topics.isRead(topic.name)) {
      throw new DriverError({
        reason: "UnknownTopic",
        detail: `the topology does not read ${topic.name}`,
        hint: "pipe a source topic"
      })
    }
    const log = this.#topics.log(topic.name)
    const key = Serde.toBytesUnsafe(topic.key, record.key)
    const value = Serde.toBytesUnsafe(topic.value, record.value)
    const { headers = [], partition = log.partitionOf(key), timestamp = this.#wallClockMs } = record
    log.append(partition, { key, value, timestamp, headers, transaction: undefined })
    if (!this.#isManual) this.#workOff()
  }

  /** Processes and commits until nothing is left: what is committed may be read by the next sub-topology. */
  #workOff(): void {
    while (this.process() > 0) this.commit()
  }

  readonly process = (most?: number, instance?: string): number => {
    const chosen = this.#chosen(instance)
    return this.#attempt(() => {
      this.#meetTopics()
      let processed = 0
      for (const each of chosen) processed += each.processUnsafe(most)
      return processed
    })
  }

  /** Topics that a pattern matches are read from when they are there. */
  #meetTopics(): void {
    if (!this.#topics.refresh()) return
    this.#rebalance()
    for (const instance of this.#instances.values()) instance.openNew()
  }

  /** Runs what may fail; then the driver is done. */
  #attempt<A>(run: () => A): A {
    this.#assertUsable()
    try {
      return run()
    } catch (cause) {
      this.#failure = causeOf(cause)
      throw this.#failure
    }
  }

  #assertUsable(): void {
    if (this.#failure !== undefined) throw failedBefore(this.#failure)
  }

  readonly commit = (instance?: string): void => {
    const chosen = this.#chosen(instance)
    this.#attempt(() => {
      for (const each of chosen) each.commit()
    })
  }

  #chosen(name: string | undefined): ReadonlyArray<DriverInstance> {
    return name === undefined ? [...this.#instances.values()] : [this.#instance(name)]
  }

  readonly readAll = <K, V>(topic: Topic.Topic<K, V>): ReadonlyArray<PlacedRecord<K, V>> =>
    this.#committed(topic.name).map(({ headers, key, offset, partition, timestamp, value }) => ({
      key: Serde.fromBytesUnsafe(topic.key, key),
      value: Serde.fromBytesUnsafe(topic.value, value),
      timestamp,
      headers,
      partition,
      offset
    }))

  readonly readTable = <K, V>(topic: Topic.Topic<K, V>): Map<K, V> => {
    const latest = new Map<string, readonly [K, V]>()
    for (const { key, value } of this.#committed(topic.name)) {
      if (key === null) continue
      const name = key.join()
      if (value === null) latest.delete(name)
      else latest.set(name, [topic.key.deserializeUnsafe(key), topic.value.deserializeUnsafe(value)])
    }
    return new Map(latest.values())
  }

  #committed(topic: string): ReadonlyArray<LogRecord & { readonly partition: number }> {
    const log = this.#topics.find(topic)
    if (log === undefined) return []
    return Array.from(
      { length: log.partitionCount },
      (_, partition) => log.read(partition, 0, true).records.map((record) => ({ ...record, partition }))
    ).flat()
  }

  readonly keyValueStore = <K, V>(name: string): StoreReader.KeyValueReader<K, V> =>
    StoreReader.keyValueOfAll(this.#readers(name, "key-value", StoreReader.keyValue<K, V>))

  readonly versionedStore = <K, V>(name: string): StoreReader.VersionedReader<K, V> =>
    StoreReader.versionedOfAll(this.#readers(name, "versioned", StoreReader.versioned<K, V>))

  readonly windowStore = <K, V>(name: string): StoreReader.WindowReader<K, V> =>
    StoreReader.windowOfAll(this.#readers(name, "window", StoreReader.window<K, V>))

  readonly sessionStore = <K, V>(name: string): StoreReader.SessionReader<K, V> =>
    StoreReader.sessionOfAll(this.#readers(name, "session", StoreReader.session<K, V>))

  #readers<R>(name: string, kind: string, read: (store: TaskStore) => R | undefined): ReadonlyArray<R> {
    const { globalStores, stores } = this.#topics.topology
    const readers = this.#storesOf(name).flatMap((store) => read(store) ?? [])
    if (readers.length > 0) return readers
    const names = [...stores, ...globalStores.map(({ store }) => store)].map((store) => store.name).join(", ")
    throw unknownStore(name, kind, names)
  }

  #storesOf(name: string): ReadonlyArray<TaskStore> {
    const instances = [...this.#instances.values()]
    const global = instances[0]?.globalStores.get(name)
    if (global !== undefined) return [global]
    return instances.flatMap(({ tasks }) => [...tasks.values()].flatMap(({ stores }) => stores.get(name) ?? []))
  }

  readonly assignment = (): ReadonlyMap<string, ReadonlyArray<string>> =>
    new Map([...this.#instances].map(([name, { tasks }]) => [name, [...tasks.keys()].sort()]))

  readonly addInstance = (): string => {
    this.commit()
    const name = this.#start()
    this.#attempt(() => this.#rebalance())
    return name
  }

  readonly stopInstance = (name: string): void => {
    const instance = this.#instance(name)
    this.commit(name)
    for (const id of [...instance.tasks.keys()]) instance.remove(id)
    this.#leave(name)
  }

  readonly crashInstance = (name: string): void => {
    this.#instance(name).crash()
    this.#leave(name)
  }

  readonly advanceWallClock = (by: Duration.Input): void => {
    this.#assertUsable()
    this.#wallClockMs += Duration.toMillis(by)
    this.#attempt(() => {
      for (const instance of this.#instances.values()) instance.punctuateUnsafe()
    })
    if (this.#isManual) return
    this.commit()
    this.#workOff()
  }

  readonly droppedRecords = (): number =>
    [...this.#instances.values()].reduce((sum, { droppedRecords }) => sum + droppedRecords, this.#droppedBefore)

  readonly close = (): void => this.#effects.close()

  #start(): string {
    const name = `instance-${++this.#started}`
    this.#instances.set(name, this.#makeInstance(name))
    return name
  }

  #leave(name: string): void {
    this.#droppedBefore += this.#instance(name).droppedRecords
    this.#instances.delete(name)
    this.#attempt(() => this.#rebalance())
    if (!this.#isManual) this.#workOff()
  }

  /** Moves tasks; who keeps one goes on with it, who gives one up commits first, who gets one starts where it was. */
  #rebalance(): void {
    if (this.#instances.size === 0) return
    const { tasks } = this.#topics
    const assigned = TaskAssignment.assign(tasks, [...this.#instances.keys()], this.#owners)
    const byId = new Map(tasks.map((task) => [task.id, task]))
    for (const [name, ids] of assigned) {
      const instance = this.#instance(name)
      const leaving = [...instance.tasks.keys()].filter((id) => !ids.includes(id))
      if (leaving.length > 0) instance.commit()
      for (const id of leaving) instance.remove(id)
    }
    for (const [name, ids] of assigned) {
      const instance = this.#instance(name)
      for (const id of ids) {
        this.#owners.set(id, name)
        if (!instance.tasks.has(id)) instance.add(byId.get(id)!)
      }
    }
  }

  #instance(name: string): DriverInstance {
    const instance = this.#instances.get(name)
    if (instance !== undefined) return instance
    throw new DriverError({
      reason: "UnknownInstance",
      detail: `there is no instance ${name}`,
      hint: `there are ${[...this.#instances.keys()].join(", ") || "none"}`
    })
  }
}
