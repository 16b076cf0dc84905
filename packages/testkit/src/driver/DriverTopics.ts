/**
 * The topics of a driver with partitions, and what they make of the topology: which of them sources by pattern read, how many
 * partitions internal topics get, which tasks there are.
 *
 * Keeps true: a topic is there from the start if the topology names it or its partitions are given, and otherwise from when
 * something is written to it; it then has one partition, so that no other topic needs more than it had.
 * Leaves to others: who has which task.
 *
 * @since 0.1.0
 */
import * as PartitionCounts from "@millrace/core/streams/PartitionCounts"
import type { ResolvedTopology } from "@millrace/core/streams/ResolvedTopology"
import * as TopicPattern from "@millrace/core/streams/TopicPattern"
import * as Result from "effect/Result"
import type { TaskId } from "./DriverInstance.ts"
import { TopicLog } from "./TopicLog.ts"

/**
 * The topics, by name.
 *
 * @since 0.1.0
 */
export class DriverTopics {
  readonly #unresolved: ResolvedTopology
  readonly #patterns: ReadonlyArray<RegExp>
  readonly #partitions: Readonly<Record<string, number>>
  readonly #names: Set<string>
  readonly #logs = new Map<string, TopicLog>()
  #topology: ResolvedTopology
  #counts: PartitionCounts.PartitionCounts
  #isStale = false

  constructor(topology: ResolvedTopology, partitions: Readonly<Record<string, number>> = {}) {
    this.#unresolved = topology
    this.#patterns = topology.subTopologies.flatMap(({ sourcePatterns }) => sourcePatterns)
    this.#partitions = partitions
    const own = new Set([...topology.repartitionTopics, ...topology.changelogTopics].map(({ topic }) => topic))
    const named = topology.subTopologies.flatMap(({ sinkTopics }) => sinkTopics)
    this.#names = new Set([...Object.keys(partitions), ...named].filter((name) => !own.has(name)))
    this.#topology = topology
    this.#counts = this.#resolve()
  }

  /** As it is with the topics that are there. */
  get topology(): ResolvedTopology {
    return this.#topology
  }

  /** One for each partition number of each sub-topology. */
  get tasks(): ReadonlyArray<TaskId & { readonly isStateful: boolean }> {
    return this.#topology.subTopologies.flatMap(({ id: subTopology, stores }) =>
      Array.from({ length: this.#counts.tasks[subTopology]! }, (_, partition) => ({
        id: `${subTopology}_${partition}`,
        subTopology,
        partition,
        isStateful: stores.length > 0
      }))
    )
  }

  /** Whether the topology reads the topic, or would if it were there. */
  isRead(name: string): boolean {
    const { globalStores, subTopologies } = this.#topology
    return subTopologies.some(({ sourceTopics }) => sourceTopics.includes(name))
      || globalStores.some(({ topic }) => topic === name)
      || TopicPattern.matching(this.#patterns, [name]).length > 0
  }

  /** The topic if something was written to it, or is going to be. */
  find(name: string): TopicLog | undefined {
    return this.#logs.get(name)
  }

  /** The topic, which is there from now on. */
  log(name: string): TopicLog {
    const known = this.#logs.get(name)
    if (known !== undefined) return known
    const internal = this.#counts.internalTopics.get(name)
    const log = new TopicLog(name, internal ?? this.#partitionsOf(name))
    this.#logs.set(name, log)
    if (internal === undefined && !this.#names.has(name) && TopicPattern.matching(this.#patterns, [name]).length > 0) {
      this.#names.add(name)
      this.#isStale = true
    }
    return log
  }

  /** Whether topics came that a pattern matches; they are read from now on. */
  refresh(): boolean {
    if (!this.#isStale) return false
    this.#isStale = false
    this.#counts = this.#resolve()
    return true
  }

  #partitionsOf(name: string): number {
    return this.#partitions[name] ?? 1
  }

  #resolve(): PartitionCounts.PartitionCounts {
    this.#topology = TopicPattern.resolve(this.#unresolved, this.#names)
    return Result.getOrThrow(PartitionCounts.resolve(this.#topology, (name) => this.#partitionsOf(name)))
  }
}
