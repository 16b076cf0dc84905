/**
 * The last step: what is connected becomes a sub-topology, topics get their full names, stores learn where they belong.
 *
 * @since 0.1.0
 */
import type {
  Changelog,
  ChangelogTopic,
  GlobalStore,
  Node,
  ResolvedTopology,
  SinkTopic,
  StateStore,
  SubTopology,
  TimestampExtractor
} from "../ResolvedTopology.ts"
import type { Assembly, StoreEntry } from "./Assembly.ts"
import type { Expansion } from "./Expansion.ts"
import * as TopicConfigs from "./topicConfigs.ts"

/**
 * The resolved topology. An empty application id leaves internal topics without prefix.
 *
 * @since 0.1.0
 */
export const finish = (assembly: Assembly, expansion: Expansion, applicationId: string): ResolvedTopology => {
  const decorate = (name: string): string => applicationId === "" ? name : `${applicationId}-${name}`
  const decoratedNodes = decorated(assembly, expansion.timestampExtractor, decorate)
  const groups = connected(assembly, decoratedNodes).map((group, id) => ({
    id,
    nodes: decoratedNodes.filter((node) => group.has(node.name))
  }))
  const allStores = [...assembly.stores].map(([name, entry]) =>
    storeOf(entry, groups.findIndex(({ nodes }) => nodes.some((node) => uses(node, name))), decorate)
  )
  const globalStores = allStores.flatMap((store) => globalStoreOf(assembly, store, groups[store.subTopology]?.nodes))
  const isGlobal = new Set(globalStores.map(({ id }) => id))
  const ofTasks = groups.filter(({ id }) => !isGlobal.has(id))
  const inTasks = new Set(ofTasks.flatMap(({ nodes }) => nodes))
  const topicsBySource = topicsOfSources(decoratedNodes)
  // a store that no processor uses belongs nowhere, and is not made
  const stores = allStores.filter(({ subTopology }) => subTopology >= 0 && !isGlobal.has(subTopology))
  return {
    applicationId,
    nodes: decoratedNodes.filter((node) => inTasks.has(node)),
    subTopologies: ofTasks.map(({ id, nodes }) => subTopology(id, nodes, expansion, topicsBySource)),
    stores,
    globalStores,
    repartitionTopics: [...assembly.repartitionTopics].map(([topic, partitions]) => ({
      topic: decorate(topic),
      partitions,
      config: TopicConfigs.repartition(expansion.topicConfigs)
    })),
    changelogTopics: stores.flatMap((store) => changelogTopicOf(store, assembly.stores.get(store.name), expansion))
  }
}

const globalStoreOf = (
  assembly: Assembly,
  store: StateStore,
  nodes: ReadonlyArray<Node> = []
): ReadonlyArray<GlobalStore> => {
  const source = nodes.find((node) => node.name === assembly.globalSources.get(store.name))
  const processor = nodes.find((node) => node._tag === "Processor")
  if (source?._tag !== "Source" || processor?._tag !== "Processor") return []
  return [{ id: store.subTopology, topic: source.topics.join(), source, processor, store }]
}

const uses = (node: Node, store: string): boolean => node._tag === "Processor" && node.stores.includes(store)

const decorated = (
  assembly: Assembly,
  extractor: TimestampExtractor,
  decorate: (name: string) => string
): ReadonlyArray<Node> => {
  const decorateSink = (topic: SinkTopic): SinkTopic => typeof topic === "string" ? decorate(topic) : topic
  const children = new Map<string, Array<string>>()
  for (const node of assembly.nodes.values()) {
    if (node._tag === "Source") continue
    for (const parent of node.parents) {
      const siblings = children.get(parent)
      if (siblings === undefined) children.set(parent, [node.name])
      else siblings.push(node.name)
    }
  }
  return [...assembly.nodes.values()].map((node): Node => {
    const below = children.get(node.name) ?? []
    switch (node._tag) {
      case "Source":
        return {
          ...node,
          topics: node.internal ? node.topics.map(decorate) : node.topics,
          timestampExtractor: node.timestampExtractor._tag === "Default" ? extractor : node.timestampExtractor,
          children: below
        }
      case "Processor":
        return { ...node, stores: [...assembly.storesByProcessor.get(node.name) ?? []], children: below }
      case "Sink":
        return { ...node, topic: node.internal ? decorateSink(node.topic) : node.topic, children: [] }
    }
  })
}

/**
 * Which nodes hang together, by parents or by stores, numbered as Kafka does: in the order of their first nodes.
 */
const connected = (assembly: Assembly, nodes: ReadonlyArray<Node>): ReadonlyArray<ReadonlySet<string>> => {
  const groupOf = new Map(nodes.map((node) => [node.name, new Set([node.name])]))
  const unite = (a: string, b: string) => {
    const [into, from] = [groupOf.get(a), groupOf.get(b)]
    if (into === undefined || from === undefined || into === from) return
    for (const name of from) {
      into.add(name)
      groupOf.set(name, into)
    }
  }
  const firstUser = new Map<string, string>()
  for (const node of nodes) {
    if (node._tag === "Source") continue
    for (const parent of node.parents) unite(parent, node.name)
    for (const store of assembly.storesByProcessor.get(node.name) ?? []) {
      const user = firstUser.get(store)
      if (user === undefined) firstUser.set(store, node.name)
      else unite(user, node.name)
    }
  }
  return [...new Set(nodes.flatMap((node) => groupOf.get(node.name) ?? []))]
}

const topicsOfSources = (nodes: ReadonlyArray<Node>): ReadonlyMap<string, ReadonlyArray<string>> =>
  new Map(nodes.flatMap((node) => node._tag === "Source" ? [[node.name, node.topics]] : []))

/** Topics that must be partitioned alike stand with the sub-topology of the first of them. */
const subTopology = (
  id: number,
  nodes: ReadonlyArray<Node>,
  expansion: Expansion,
  allTopicsBySource: ReadonlyMap<string, ReadonlyArray<string>>
): SubTopology => {
  const topicsBySource = topicsOfSources(nodes)
  const groups = expansion.copartitionGroups.flatMap((group) => {
    const sources = [...group].filter((source) => allTopicsBySource.has(source))
    if (sources[0] === undefined || !topicsBySource.has(sources[0])) return []
    return [[...new Set(sources.flatMap((source) => allTopicsBySource.get(source) ?? []))].sort()]
  })
  return {
    id,
    nodes: nodes.map((node) => node.name),
    sourceTopics: [...new Set([...topicsBySource.values()].flat())].sort(),
    sourcePatterns: nodes.flatMap((node) => node._tag === "Source" ? node.pattern ?? [] : []),
    sinkTopics: [
      ...new Set(nodes.flatMap((node) => node._tag === "Sink" && typeof node.topic === "string" ? [node.topic] : []))
    ].sort(),
    stores: [...new Set(nodes.flatMap((node) => node._tag === "Processor" ? node.stores : []))],
    copartitionGroups: groups.filter((topics) => topics.length > 1)
  }
}

const storeOf = (entry: StoreEntry, subTopology: number, decorate: (name: string) => string): StateStore => ({
  ...entry.store,
  subTopology,
  changelog: changelogOf(entry, decorate)
})

const changelogOf = (entry: StoreEntry, decorate: (name: string) => string): Changelog => {
  if (entry.sourceTopic !== undefined) return { _tag: "Source", topic: entry.sourceTopic }
  if (entry.changelog === undefined) return { _tag: "None" }
  return { _tag: "Topic", topic: decorate(`${entry.store.name}-changelog`) }
}

const changelogTopicOf = (
  store: StateStore,
  entry: StoreEntry | undefined,
  { topicConfigs }: Expansion
): ReadonlyArray<ChangelogTopic> => {
  if (store.changelog._tag !== "Topic" || entry?.changelog === undefined) return []
  const config = TopicConfigs.changelog(topicConfigs, entry.changelog)
  return [{ topic: store.changelog.topic, store: store.name, subTopology: store.subTopology, config }]
}
