/**
 * What only the whole topology shows, once its topics have their full names.
 *
 * @since 0.1.0
 */
import * as PartitionCounts from "../PartitionCounts.ts"
import type { ResolvedTopology } from "../ResolvedTopology.ts"
import * as TopicPattern from "../TopicPattern.ts"
import type { Problem } from "../TopologyError.ts"
import * as Names from "./Names.ts"

/**
 * What is wrong with the topics of a topology. Without an application id it is not known how internal topics are called, and
 * so not whether others are in their way.
 *
 * @since 0.1.0
 */
export const check = (resolved: ResolvedTopology): ReadonlyArray<Problem> => [
  ...topicNames(resolved),
  ...offsetResets(resolved),
  ...PartitionCounts.unequal(resolved),
  ...resolved.applicationId === "" ? [] : [...nothingRead(resolved), ...internalTopics(resolved)]
]

/** Topics that are written by name, and those that are read, with the node that does it. */
const topicsOf = (resolved: ResolvedTopology): ReadonlyArray<{ readonly node: string; readonly topic: string }> => [
  ...resolved.nodes.flatMap((node) => {
    switch (node._tag) {
      case "Source":
        return node.internal ? [] : node.topics.map((topic) => ({ node: node.name, topic }))
      case "Sink":
        return node.internal || typeof node.topic !== "string" ? [] : [{ node: node.name, topic: node.topic }]
      case "Processor":
        return []
    }
  }),
  ...resolved.globalStores.map(({ source, topic }) => ({ node: source.name, topic }))
]

const topicNames = (resolved: ResolvedTopology): ReadonlyArray<Problem> => {
  const illegal = topicsOf(resolved).flatMap(({ node, topic }): ReadonlyArray<Problem> =>
    Names.isLegal(topic) ? [] : [{
      reason: "InvalidName",
      where: topic,
      detail: `no topic can have the name that ${node} gives`,
      hint: "use letters, digits, '.', '_' and '-', at most 249"
    }]
  )
  const long = ownTopics(resolved).flatMap((topic): ReadonlyArray<Problem> =>
    topic.length <= Names.topicNameMaxLength ? [] : [{
      reason: "InvalidName",
      where: topic,
      detail: `this internal topic has a name of ${topic.length} characters, and topics have at most 249`,
      hint: "give the store, the grouping or the repartition, or the application, a shorter name"
    }]
  )
  return [...illegal, ...long]
}

const offsetResets = (resolved: ResolvedTopology): ReadonlyArray<Problem> =>
  resolved.nodes.flatMap((node): ReadonlyArray<Problem> => {
    const reset = node._tag === "Source" ? node.offsetReset : undefined
    if (typeof reset !== "object" || (Number.isFinite(reset.byDurationMs) && reset.byDurationMs >= 0)) return []
    return [{
      reason: "InvalidOffsetReset",
      where: node.name,
      detail: `no record is ${reset.byDurationMs} ms old`,
      hint: "give a duration that is finite and not negative"
    }]
  })

const ownTopics = ({ changelogTopics, repartitionTopics }: ResolvedTopology): ReadonlyArray<string> =>
  [...repartitionTopics, ...changelogTopics].map(({ topic }) => topic)

const nothingRead = ({ globalStores, subTopologies }: ResolvedTopology): ReadonlyArray<Problem> =>
  subTopologies.length + globalStores.length > 0 ? [] : [{
    reason: "NoSource",
    where: "topology",
    detail: "it reads no topic",
    hint: "make it of the sinks, streams and tables that are to run"
  }]

/** The app's own topics are for it alone: whatever else is written there or read from there breaks a store or a task. */
const internalTopics = (resolved: ResolvedTopology): ReadonlyArray<Problem> => {
  const own = ownTopics(resolved)
  const used = topicsOf(resolved).filter(({ topic }) => own.includes(topic))
  const matched = resolved.nodes.flatMap(({ name, ...node }) =>
    "pattern" in node && node.pattern !== undefined
      ? TopicPattern.matching([node.pattern], own).map((topic) => ({ node: name, topic }))
      : []
  )
  return [...used, ...matched].map(({ node, topic }) => ({
    reason: "InternalTopic",
    where: topic,
    detail: `${node} uses this topic, which the app makes for a repartition or a changelog of its own`,
    hint: "use another topic, narrow the pattern, or name the store or repartition differently"
  }))
}
