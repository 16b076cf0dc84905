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
import * as PartitionCounts from "@millrace/core/streams/PartitionCounts"
import type * as Topic from "@millrace/core/streams/Topic"
import * as Topology from "@millrace/core/streams/Topology"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as DriverEffects from "./DriverEffects.ts"
import { DriverError } from "./DriverError.ts"
import { type Cluster, DriverInstance, type TaskId } from "./DriverInstance.ts"
import { type LogRecord, TopicLog } from "./TopicLog.ts"
import type { Input, Options as DriverOptions, OutputRecord, Services } from "./TopologyTestDriver.ts"

/**
 * How a driver is set up.
 *
 * @since 0.1.0
 */
export interface Options extends Omit<DriverOptions, "emitIntervalMs"> {
  /** Partitions of the topics that are not the app's own, by name; 1 for those that are left out. */
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
 * A topology under test. What can fail throws: `TaskError` from the topology, `DriverError` for a wrong question.
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
  /** A key-value store, of all tasks together. */
  readonly keyValueStore: <K = unknown, V = unknown>(name: string) => ReadonlyArray<StoreReader.Entry<K, V>>
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
  /** Moves the wall clock. */
  readonly advanceWallClock: (by: Duration.Input) => void
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
  readonly #topics = new Map<string, TopicLog>()
  readonly #tasks: ReadonlyArray<TaskId & { readonly isStateful: boolean }>
  readonly #instances = new Map<string, DriverInstance>()
  readonly #owners = new Map<string, string>()
  readonly #cluster: Cluster
  readonly #effects: DriverEffects.DriverEffects
  readonly #isManual: boolean
  #wallClockMs: number
  #started = 0

  constructor(topology: Topology.Topology<unknown, unknown>, options: Options & Partial<Services<Erased>>) {
    const resolved = Result.getOrThrow(
      Topology.resolve(topology, { ...options, applicationId: options.applicationId ?? "app" })
    )
    const countOf = (topic: string) => options.partitions?.[topic] ?? 1
    const counts = Result.getOrThrow(PartitionCounts.resolve(resolved, countOf))
    this.#isManual = options.commits === "manual"
    this.#wallClockMs = options.wallClockMs ?? 0
    this.#effects = DriverEffects.makeUnsafe(options.layer, () => this.#wallClockMs)
    this.#cluster = {
      topology: resolved,
      effects: this.#effects,
      stateStoreCacheMaxBytes: options.stateStoreCacheMaxBytes ?? 0,
      isExactlyOnce: options.processingGuarantee === "exactly_once",
      handlers: options,
      currentTimeMillis: () => this.#wallClockMs,
      log: (name) => {
        const known = this.#topics.get(name)
        if (known !== undefined) return known
        const log = new TopicLog(name, counts.internalTopics.get(name) ?? countOf(name))
        this.#topics.set(name, log)
        return log
      },
      committed: new Map()
    }
    this.#tasks = resolved.subTopologies.flatMap(({ id: subTopology, stores }) =>
      Array.from({ length: counts.tasks[subTopology]! }, (_, partition) => ({
        id: `${subTopology}_${partition}`,
        subTopology,
        partition,
        isStateful: stores.length > 0
      }))
    )
    for (let index = 0; index < (options.instances ?? 1); index++) this.#start()
    this.#rebalance()
  }

  readonly pipe: PartitionedTestDriver["pipe"] = (topic, record) => {
    if (!this.#isRead(topic.name)) {
      throw new DriverError({
        reason: "UnknownTopic",
        detail: `the topology does not read ${topic.name}`,
        hint: "pipe a source topic"
      })
    }
    const log = this.#cluster.log(topic.name)
    const key = Serde.toBytesUnsafe(topic.key, record.key)
    const value = Serde.toBytesUnsafe(topic.value, record.value)
    const { headers = [], partition = log.partitionOf(key), timestamp = this.#wallClockMs } = record
    log.append(partition, { key, value, timestamp, headers, transaction: undefined })
    if (!this.#isManual) this.#workOff()
  }

  #isRead(name: string): boolean {
    const { globalStores, subTopologies } = this.#cluster.topology
    return subTopologies.some(({ sourceTopics }) => sourceTopics.includes(name))
      || globalStores.some(({ topic }) => topic === name)
  }

  /** Processes and commits until nothing is left: what is committed may be read by the next sub-topology. */
  #workOff(): void {
    while (this.process() > 0) this.commit()
  }

  readonly process = (most?: number, instance?: string): number => {
    let processed = 0
    for (const each of this.#chosen(instance)) processed += each.processUnsafe(most)
    return processed
  }

  readonly commit = (instance?: string): void => {
    for (const each of this.#chosen(instance)) each.commit()
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
    const log = this.#cluster.log(topic)
    return Array.from(
      { length: log.partitionCount },
      (_, partition) => log.read(partition, 0, true).records.map((record) => ({ ...record, partition }))
    ).flat()
  }

  readonly keyValueStore = <K, V>(name: string): ReadonlyArray<StoreReader.Entry<K, V>> => {
    const stores: Array<TaskStore> = []
    for (const instance of this.#instances.values()) {
      for (const task of instance.tasks.values()) stores.push(...[task.stores.get(name) ?? []].flat())
    }
    const readers = stores.flatMap((store) => StoreReader.keyValue<K, V>(store) ?? [])
    if (readers.length > 0) return readers.flatMap((reader) => [...reader.range()])
    const names = this.#cluster.topology.stores.map((store) => store.name).join(", ")
    throw new DriverError({
      reason: "UnknownStore",
      detail: `there is no key-value store ${name}`,
      hint: names === "" ? "the topology has none" : `it has ${names}`
    })
  }

  readonly assignment = (): ReadonlyMap<string, ReadonlyArray<string>> =>
    new Map([...this.#instances].map(([name, { tasks }]) => [name, [...tasks.keys()].sort()]))

  readonly addInstance = (): string => {
    const name = this.#start()
    this.commit()
    this.#rebalance()
    return name
  }

  readonly stopInstance = (name: string): void => {
    const instance = this.#instance(name)
    instance.commit()
    for (const id of [...instance.tasks.keys()]) instance.remove(id)
    this.#leave(name)
  }

  readonly crashInstance = (name: string): void => {
    this.#instance(name).crash()
    this.#leave(name)
  }

  readonly advanceWallClock = (by: Duration.Input): void => {
    this.#wallClockMs += Duration.toMillis(by)
    for (const instance of this.#instances.values()) instance.punctuateUnsafe()
    if (!this.#isManual) this.#workOff()
  }

  readonly close = (): void => this.#effects.close()

  #start(): string {
    const name = `instance-${++this.#started}`
    this.#instances.set(name, new DriverInstance(name, this.#cluster))
    return name
  }

  #leave(name: string): void {
    this.#instances.delete(name)
    this.#rebalance()
    if (!this.#isManual) this.#workOff()
  }

  /** Moves tasks; who keeps one goes on with it, who gives one up commits first, who gets one starts where it was. */
  #rebalance(): void {
    if (this.#instances.size === 0) return
    const assigned = TaskAssignment.assign(this.#tasks, [...this.#instances.keys()], this.#owners)
    const byId = new Map(this.#tasks.map((task) => [task.id, task]))
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
