/**
 * How many partitions internal topics get, and how many tasks a sub-topology has, as Kafka finds it.
 *
 * What it keeps true: topics that a join reads together end up with equal counts, or it is an error; nothing depends on
 * the order in which topics are asked for.
 * What it leaves to others: knowing the counts of the topics that are there, and creating the others.
 *
 * @since 0.1.0
 */
import type * as Result from "effect/Result"
import type { ResolvedTopology } from "./ResolvedTopology.ts"
import * as TopicPattern from "./TopicPattern.ts"
import { type Problem, type TopologyError, unlessAny } from "./TopologyError.ts"

/**
 * The counts of a topology.
 *
 * @since 0.1.0
 */
export interface PartitionCounts {
  /** Partitions by name, of repartition topics and changelogs. */
  readonly internalTopics: ReadonlyMap<string, number>
  /** Tasks by id of the sub-topology: as many as its largest source topic has partitions. Global stores have 0. */
  readonly tasks: ReadonlyArray<number>
}

interface Counting {
  readonly resolved: ResolvedTopology
  /** Of all topics whose count is known by now. */
  readonly counts: Map<string, number>
  /** Of repartition topics: the author's number, if there is one. */
  readonly given: ReadonlyMap<string, number | undefined>
  readonly problems: Array<Problem>
}

/**
 * The counts, from those of the topics that the application reads and does not own; `undefined` means that a topic is not
 * there.
 *
 * @since 0.1.0
 */
export const resolve = (
  resolved: ResolvedTopology,
  countOf: (topic: string) => number | undefined
): Result.Result<PartitionCounts, TopologyError> => {
  const given = new Map(resolved.repartitionTopics.map(({ partitions, topic }) => [topic, partitions]))
  const counting: Counting = { resolved, counts: new Map(), given, problems: [] }
  readTwice(counting)
  countExternal(counting, countOf)
  countRepartitions(counting)
  for (const { copartitionGroups } of resolved.subTopologies) {
    for (const group of copartitionGroups) copartition(counting, group)
  }
  const { counts, problems } = counting
  const tasks: Array<number> = []
  for (const { id, sourceTopics } of resolved.subTopologies) {
    while (tasks.length < id) tasks.push(0)
    tasks.push(largest(counts, sourceTopics))
  }
  const changelogs = resolved.changelogTopics.map(({ subTopology, topic }) => [topic, tasks[subTopology] ?? 0] as const)
  const repartitions = [...given.keys()].map((topic) => [topic, counts.get(topic) ?? 0] as const)
  return unlessAny({ internalTopics: new Map([...repartitions, ...changelogs]), tasks }, problems)
}

/**
 * Joins of repartitions that were given unequal counts, which are wrong whatever the counts of other topics.
 *
 * @since 0.1.0
 */
export const unequal = (resolved: ResolvedTopology): ReadonlyArray<Problem> => {
  const given = new Map(
    resolved.repartitionTopics.flatMap(({ partitions, topic }) => partitions === undefined ? [] : [[topic, partitions]])
  )
  return resolved.subTopologies.flatMap(({ copartitionGroups }) => copartitionGroups).flatMap((group) =>
    new Set(group.flatMap((topic) => given.get(topic) ?? [])).size > 1 ? [notCopartitioned(group, given)] : []
  )
}

const notCopartitioned = (group: ReadonlyArray<string>, counts: ReadonlyMap<string, number>): Problem => ({
  reason: "NotCopartitioned",
  where: group.join(", "),
  detail: `they are joined, and have ${
    group.flatMap((topic) => counts.has(topic) ? [`${topic}: ${counts.get(topic)}`] : []).join(", ")
  } partitions`,
  hint: "give them equal numbers of partitions, or repartition one of them"
})

/** Whether two patterns meet shows only once there is a topic that both match. */
const readTwice = ({ problems, resolved }: Counting): void => {
  const patterns = resolved.nodes.flatMap((node) => node._tag === "Source" ? node.pattern ?? [] : [])
  if (patterns.length < 2) return
  for (const topic of new Set(resolved.subTopologies.flatMap(({ sourceTopics }) => sourceTopics))) {
    const matching = patterns.filter((pattern) => TopicPattern.matches(pattern, topic))
    if (matching.length < 2) continue
    problems.push({
      reason: "OverlappingSources",
      where: topic,
      detail: `the patterns ${matching.map(({ source }) => source).join(" and ")} match this topic`,
      hint: "let each topic be read by one source: narrow the patterns, or use one stream for both"
    })
  }
}

const largest = (counts: ReadonlyMap<string, number>, topics: ReadonlyArray<string>): number =>
  topics.reduce((most, topic) => Math.max(most, counts.get(topic) ?? 0), 0)

const countExternal = (counting: Counting, countOf: (topic: string) => number | undefined): void => {
  const topics = new Set(counting.resolved.subTopologies.flatMap(({ sourceTopics }) => sourceTopics))
  for (const topic of topics) {
    if (counting.given.has(topic)) continue
    const count = countOf(topic)
    if (count !== undefined && count > 0) {
      counting.counts.set(topic, count)
      continue
    }
    counting.problems.push({
      reason: "UnknownTopic",
      where: topic,
      detail: "the topic is not there",
      hint: "create the source topics before the app starts"
    })
  }
}

/**
 * A repartition topic has the count it was given, or that of the largest topic that is read where it is written. In a ring,
 * where that waits for the topic itself, those decide that are known.
 */
const countRepartitions = (counting: Counting): void => {
  const { counts, given, resolved } = counting
  for (const [topic, partitions] of given) if (partitions !== undefined) counts.set(topic, partitions)
  const upstream = new Map([...given.keys()].map((topic) => {
    const writers = resolved.subTopologies.filter(({ sinkTopics }) => sinkTopics.includes(topic))
    return [topic, writers.flatMap(({ sourceTopics }) => sourceTopics)] as const
  }))
  const isKnown = (topic: string): boolean => counts.has(topic)
  const open = (): ReadonlyArray<string> => [...given.keys()].filter((topic) => !isKnown(topic))
  for (let waiting = open(); waiting.length > 0; waiting = open()) {
    const settled = waiting.filter((topic) => upstream.get(topic)!.every(isKnown))
    const next = settled.length > 0 ? settled : waiting.filter((topic) => upstream.get(topic)!.some(isKnown))
    if (next.length === 0) return
    const found = next.map((topic) => [topic, largest(counts, upstream.get(topic)!)] as const)
    for (const [topic, count] of found) counts.set(topic, count)
  }
}

/**
 * What is read together has the count of those topics that are not ours, or the one that was given, or the largest.
 */
const copartition = (counting: Counting, group: ReadonlyArray<string>): void => {
  const { counts, given } = counting
  const fixed = group.filter((topic) => !given.has(topic) || given.get(topic) !== undefined)
  const wanted = new Set(fixed.flatMap((topic) => counts.get(topic) ?? []))
  if (wanted.size > 1) {
    counting.problems.push(notCopartitioned(fixed, counts))
    return
  }
  const [count = largest(counts, group)] = wanted
  for (const topic of group) if (given.has(topic)) counts.set(topic, count)
}
