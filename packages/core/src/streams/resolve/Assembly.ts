/**
 * The processors while they are put together: names must be unique, parents must be there, and what shares a store or a
 * parent belongs to one sub-topology.
 *
 * Mutable, and only alive while a topology is resolved.
 *
 * @since 0.1.0
 */
import type { ProcessorNode, SinkNode, SourceNode, StateStore } from "../ResolvedTopology.ts"
import { isOfShape, type StoreDefinition } from "../logical/store.ts"
import * as TopicPattern from "../TopicPattern.ts"
import type { Problem } from "../TopologyError.ts"
import type { Changelog } from "./topicConfigs.ts"

/**
 * A store before it is known where it belongs.
 *
 * @since 0.1.0
 */
export type StoreDraft = StateStore extends infer S ?
  S extends StateStore ? Omit<S, "subTopology" | "changelog"> : never
  : never

/**
 * A store and where its content is kept.
 *
 * @since 0.1.0
 */
export interface StoreEntry {
  readonly store: StoreDraft
  /** Undefined: it has none of its own. */
  readonly changelog: Changelog | undefined
  /** The topic of its own that a table's store is restored from, instead of a changelog. */
  readonly sourceTopic: string | undefined
}

/**
 * A store that each instance holds all of, with the source and the processor that fill it.
 *
 * @since 0.1.0
 */
export interface GlobalEntry {
  readonly source: KeepingSource
  readonly processorName: string
  readonly processor: ProcessorNode["processor"]
  readonly store: StoreDraft
}

type Draft<N> = Omit<N, "children">

/** A source of a user's topic, before it is said what becomes of null values. */
type KeepingSource = Omit<Draft<SourceNode>, "internal" | "nullValue">

/**
 * What has been put together so far, in the order in which it was.
 *
 * @since 0.1.0
 */
export interface Assembly {
  readonly nodes: Map<string, Draft<SourceNode> | Draft<ProcessorNode> | Draft<SinkNode>>
  readonly stores: Map<string, StoreEntry>
  /** Names of the sources that fill global stores, by those of the stores. */
  readonly globalSources: Map<string, string>
  /** How processors define stores, by the names of those. */
  readonly definitions: Map<string, StoreDefinition>
  readonly storesByProcessor: Map<string, Set<string>>
  /** As what processors use stores that another part makes. */
  readonly borrowed: Array<{ readonly user: string; readonly definition: StoreDefinition }>
  readonly repartitionTopics: Map<string, number | undefined>
  readonly sourceTopics: Set<string>
  readonly sourcePatterns: Array<RegExp>
  readonly problems: Array<Problem>
}

/**
 * Nothing yet. Problems are reported to `problems`.
 *
 * @since 0.1.0
 */
export const make = (problems: Array<Problem>): Assembly => ({
  nodes: new Map(),
  stores: new Map(),
  globalSources: new Map(),
  definitions: new Map(),
  storesByProcessor: new Map(),
  borrowed: [],
  repartitionTopics: new Map(),
  sourceTopics: new Set(),
  sourcePatterns: [],
  problems
})

/**
 * Adds the source of a topic that the app has for itself: what comes is as it was written.
 *
 * @since 0.1.0
 */
export const addInternalSource = (
  assembly: Assembly,
  name: string,
  topic: string,
  key: SourceNode["key"],
  value: SourceNode["value"]
): void =>
  addNode(assembly, {
    _tag: "Source",
    name,
    topics: [topic],
    internal: true,
    key,
    value,
    nullValue: "Keep",
    timestampExtractor: { _tag: "FailOnInvalid" },
    offsetReset: undefined
  })

/**
 * Adds the source of a user's topic whose null values mean something: to a table, or to the author's own processor.
 *
 * @since 0.1.0
 */
export const addKeepingSource = (assembly: Assembly, source: KeepingSource): void =>
  addNode(assembly, { ...source, internal: false, nullValue: "Keep" })

/**
 * Adds a source, a processor or a sink.
 *
 * @since 0.1.0
 */
export const addNode = (
  assembly: Assembly,
  node: Draft<SourceNode> | Draft<ProcessorNode> | Draft<SinkNode>
): void => {
  if (assembly.nodes.has(node.name)) {
    assembly.problems.push({
      reason: "DuplicateName",
      where: node.name,
      detail: "two processors have this name",
      hint: "name one of them differently"
    })
    return
  }
  if (node._tag === "Source") claimTopics(assembly, node)
  assembly.nodes.set(node.name, node)
}

const claimTopics = (assembly: Assembly, { pattern, topics }: Pick<SourceNode, "topics" | "pattern">): void => {
  if (pattern !== undefined) claimPattern(assembly, pattern)
  for (const topic of topics) {
    for (const other of assembly.sourcePatterns) {
      if (TopicPattern.matches(other, topic)) overlaps(assembly, other, topic)
    }
    if (assembly.sourceTopics.has(topic)) {
      assembly.problems.push({
        reason: "OverlappingSources",
        where: topic,
        detail: "two sources read it, or a table and something else does",
        hint: "read it once, and use that stream or table (or its toStream) twice"
      })
    }
    assembly.sourceTopics.add(topic)
  }
}

/** As Kafka, which cannot tell whether two patterns meet: one that is part of the other is taken for overlapping. */
const claimPattern = (assembly: Assembly, pattern: RegExp): void => {
  for (const topic of assembly.sourceTopics) {
    if (TopicPattern.matches(pattern, topic)) overlaps(assembly, pattern, topic)
  }
  for (const { source } of assembly.sourcePatterns) {
    if (source.includes(pattern.source) || pattern.source.includes(source)) overlaps(assembly, pattern, source)
  }
  assembly.sourcePatterns.push(pattern)
}

const overlaps = (assembly: Assembly, pattern: RegExp, other: string): void => {
  assembly.problems.push({
    reason: "OverlappingSources",
    where: pattern.source,
    detail: `the pattern overlaps with ${other}, which is read by another source`,
    hint: "let each topic be read by one source: narrow the pattern, or use its stream for both"
  })
}

/**
 * Adds a repartition topic; false if there is one of that name.
 *
 * @since 0.1.0
 */
export const addRepartitionTopic = (assembly: Assembly, topic: string, partitions: number | undefined): boolean => {
  if (assembly.repartitionTopics.has(topic)) {
    assembly.problems.push({
      reason: "DuplicateName",
      where: topic,
      detail: "two repartition topics have this name",
      hint: "name one of the groupings, joins or repartitions differently"
    })
    return false
  }
  assembly.repartitionTopics.set(topic, partitions)
  return true
}

/**
 * Adds a processor.
 *
 * @since 0.1.0
 */
export const addProcessor = (
  assembly: Assembly,
  name: string,
  processor: ProcessorNode["processor"],
  parents: ReadonlyArray<string>
): void => addNode(assembly, { _tag: "Processor", name, processor, stores: [], parents })

/**
 * Adds a store used by `users`.
 *
 * @since 0.1.0
 */
export const addStore = (assembly: Assembly, entry: StoreEntry, ...users: ReadonlyArray<string>): void => {
  const { name } = entry.store
  if (assembly.stores.has(name)) {
    assembly.problems.push(sameName(name))
    return
  }
  assembly.stores.set(name, entry)
  for (const user of users) connect(assembly, user, [name])
}

/**
 * Adds a store that each instance fills by itself.
 *
 * @since 0.1.0
 */
export const addGlobalStore = (assembly: Assembly, entry: GlobalEntry): void => {
  const { processor, processorName, source, store } = entry
  addKeepingSource(assembly, source)
  addProcessor(assembly, processorName, processor, [source.name])
  addStore(assembly, { store, changelog: undefined, sourceTopic: source.topics.join() }, processorName)
  assembly.globalSources.set(store.name, source.name)
}

/**
 * Adds a store that a processor names; another one of the same definition is the same store.
 *
 * @since 0.1.0
 */
export const declareStore = (assembly: Assembly, definition: StoreDefinition, entry: StoreEntry): void => {
  const { name } = definition
  if (!assembly.stores.has(name)) {
    assembly.stores.set(name, entry)
    assembly.definitions.set(name, definition)
  } else if (assembly.definitions.get(name) !== definition) {
    assembly.problems.push(sameName(name))
  }
}

/**
 * Makes room for a store that is filled from a topic, if processors have named it before.
 *
 * @since 0.1.0
 */
export const claimStore = (assembly: Assembly, definition: StoreDefinition): void => {
  const { name } = definition
  const isFilled = assembly.stores.get(name)?.sourceTopic !== undefined
  if (assembly.definitions.get(name) === definition && !isFilled) assembly.stores.delete(name)
  assembly.definitions.set(name, definition)
}

const sameName = (name: string): Problem => ({
  reason: "DuplicateName",
  where: name,
  detail: "two stores have this name",
  hint: "name one of them differently, or use one handle in both places"
})

/**
 * Once all is there: processors are not connected to global stores, which all may read, and each other store that they
 * name must be one.
 *
 * @since 0.1.0
 */
export const settleStores = (assembly: Assembly): void => {
  for (const { definition, user } of assembly.borrowed) {
    const store = assembly.stores.get(definition.name)?.store
    if (store === undefined || isOfShape(store, definition.shape)) continue
    assembly.problems.push({
      reason: "WrongStore",
      where: definition.name,
      detail: `${user} takes this store for one of another kind`,
      hint: "use a handle of the store's kind; the stores of tables are timestamped"
    })
  }
  for (const [user, stores] of assembly.storesByProcessor) {
    for (const name of stores) {
      const globalSource = assembly.globalSources.get(name)
      if (globalSource !== undefined) {
        const node = assembly.nodes.get(user)
        if (node?._tag !== "Processor" || !node.parents.includes(globalSource)) stores.delete(name)
      } else if (!assembly.stores.has(name)) {
        assembly.problems.push({
          reason: "UnknownStore",
          where: name,
          detail: `nothing in the topology makes this store, which ${user} uses`,
          hint: "name a table's store with `as`, or give the processor the store itself instead of `existing`"
        })
      }
    }
  }
}

/**
 * Lets a processor use stores, which may be added later.
 *
 * @since 0.1.0
 */
export const connect = (assembly: Assembly, user: string, stores: ReadonlyArray<string>): void => {
  const used = assembly.storesByProcessor.get(user)
  if (used === undefined) assembly.storesByProcessor.set(user, new Set(stores))
  else for (const store of stores) used.add(store)
}
