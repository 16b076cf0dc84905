/**
 * Changes of the graph between naming and assembly: those that Kafka always makes, and those that one asks for.
 *
 * @since 0.1.0
 */
import * as Equal from "effect/Equal"
import { addRepartition, type Expansion } from "./Expansion.ts"
import { findAbove, type Graph, type GraphNode, link, type RepartitionRole, unlink } from "./Graph.ts"

/**
 * What may be optimised; the names are Kafka's.
 *
 * @since 0.1.0
 */
export type Optimization =
  | "reuse.ktable.source.topics"
  | "merge.repartition.topics"
  | "single.store.self.join"

/**
 * Makes the changes in place.
 *
 * @since 0.1.0
 */
export const optimize = (expansion: Expansion, wanted: ReadonlySet<Optimization>): void => {
  const { graph } = expansion
  mergeSources(expansion)
  if (wanted.has("reuse.ktable.source.topics")) { for (const source of graph.tableSources) source.reuse = true }
  if (wanted.has("merge.repartition.topics")) mergeRepartitions(expansion)
  if (wanted.has("single.store.self.join")) joinWithSelf(graph)
  relaxNullKeyFilters(graph)
}

/**
 * A join whose two sides come from the same node keeps one store, and fills it once.
 */
const joinWithSelf = (graph: Graph): void => {
  const seen = new Set<GraphNode>()
  const open = [graph.root]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    const [parent, ...others] = node.parents
    if (node.role._tag === "StreamStreamJoin" && parent !== undefined && others.length === 0) {
      unlink(parent, node.role.rightWindow)
      node.role.isSelfJoin = true
    }
    open.push(...node.children)
  }
}

/**
 * Streams that read the same topics read them through one source.
 */
const mergeSources = (expansion: Expansion): void => {
  const byTopic = new Map<string, GraphNode>()
  const byPattern = new Map<string, GraphNode>()
  const { root } = expansion.graph
  for (const node of Array.from(root.children)) {
    if (node.role._tag !== "StreamSource") continue
    if (node.role.pattern !== undefined) {
      const pattern = String(node.role.pattern)
      const first = byPattern.get(pattern)
      if (first === undefined) byPattern.set(pattern, node)
      else joinSource(expansion, first, node, pattern)
    }
    for (const topic of node.role.topics) {
      const first = byTopic.get(topic)
      if (first === undefined) byTopic.set(topic, node)
      else if (first !== node && first.role._tag === "StreamSource") mergeSource(expansion, first, node, topic)
    }
  }
}

const mergeSource = (expansion: Expansion, first: GraphNode, second: GraphNode, topic: string): void => {
  if (first.role._tag !== "StreamSource" || second.role._tag !== "StreamSource") return
  const topics = new Set(first.role.topics)
  if (topics.size !== second.role.topics.length || !second.role.topics.every((other) => topics.has(other))) {
    expansion.problems.push({
      reason: "OverlappingSources",
      where: topic,
      detail: "two streams share this topic, but not all of their topics",
      hint: "read each set of topics as a stream of its own, and merge them"
    })
    return
  }
  joinSource(expansion, first, second, topic)
}

const joinSource = (expansion: Expansion, first: GraphNode, second: GraphNode, topic: string): void => {
  if (first.role._tag !== "StreamSource" || second.role._tag !== "StreamSource") return
  if (!Equal.equals(first.role.offsetReset, second.role.offsetReset)) {
    expansion.problems.push({
      reason: "ConflictingOffsetReset",
      where: topic,
      detail: "two streams of this topic begin at different places",
      hint: "give both the same offsetReset"
    })
  }
  for (const child of Array.from(second.children)) {
    unlink(second, child)
    link(first, child)
  }
  unlink(expansion.graph.root, second)
  replaceSource(expansion, second.name, first.name)
}

/**
 * Joins that read the one source read the other now.
 */
const replaceSource = (expansion: Expansion, from: string, to: string): void => {
  for (const group of expansion.copartitionGroups) if (group.delete(from)) group.add(to)
}

/**
 * Repartitions below one change of key become one, right below it, named after the first.
 */
const mergeRepartitions = (expansion: Expansion): void => {
  const { repartitionsByKeyChange } = expansion.graph
  moveToMerges(expansion.graph)
  for (const [keyChange, repartitions] of repartitionsByKeyChange) {
    const roles = [...repartitions].flatMap((node) => node.role._tag === "Repartition" ? [node.role] : [])
    if (roles.length === 0) continue
    mergeBelow(expansion, keyChange, [...repartitions], roles)
  }
  repartitionsByKeyChange.clear()
}

const mergeBelow = (
  expansion: Expansion,
  keyChange: GraphNode,
  repartitions: ReadonlyArray<GraphNode>,
  roles: ReadonlyArray<RepartitionRole>
): void => {
  const merged = addRepartition(expansion, {
    prefix: roles[0]!.topic,
    key: roles.find((role) => role.key !== undefined)?.key,
    value: roles.find((role) => role.value !== undefined)?.value,
    optimizable: true
  })
  merged.priority = keyChange.priority
  for (const repartition of repartitions) {
    const below = findAbove(repartition, (node) => node.parents.has(keyChange))
    if (below === undefined) {
      expansion.problems.push({
        reason: "NotMergeable",
        where: keyChange.name,
        detail: "its repartition topics cannot be merged, since one way to them goes round it",
        hint: "repartition explicitly, or resolve without merge.repartition.topics"
      })
      return
    }
    link(merged, below)
    unlink(keyChange, below)
    bypass(repartition)
    replaceSource(expansion, repartition.name, merged.name)
  }
  link(keyChange, merged)
}

const bypass = (node: GraphNode): void => {
  const children = [...node.children]
  for (const parent of Array.from(node.parents)) {
    for (const child of children) link(parent, child)
    unlink(parent, node)
  }
  for (const child of children) unlink(node, child)
}

/**
 * Where several changed keys are merged above one repartition, the merge stands for all of them.
 */
const moveToMerges = (graph: Graph): void => {
  const changesByMerge = new Map<GraphNode, Array<GraphNode>>()
  for (const merge of graph.merges) {
    const changes: Array<GraphNode> = []
    for (const [keyChange, repartitions] of graph.repartitionsByKeyChange) {
      const all = [...repartitions].every((node) => findAbove(node, (above) => above.parents.has(merge)) !== undefined)
      if (all && findAbove(merge, (above) => above.parents.has(keyChange)) !== undefined) changes.push(keyChange)
    }
    changesByMerge.set(merge, changes)
  }
  for (const [merge, changes] of changesByMerge) {
    const moved = new Set(changes.flatMap((change) => [...graph.repartitionsByKeyChange.get(change) ?? []]))
    graph.repartitionsByKeyChange.set(merge, moved)
  }
  for (const change of [...changesByMerge.values()].flat()) graph.repartitionsByKeyChange.delete(change)
}

/**
 * A left or outer join wants null keys: repartitions above it let them pass.
 */
const relaxNullKeyFilters = (graph: Graph): void => {
  const leads = new Map<GraphNode, boolean>()
  const leadsToRelaxed = (node: GraphNode): boolean => {
    const known = leads.get(node)
    if (known !== undefined) return known
    let relaxed = false
    for (const child of node.children) relaxed = leadsToRelaxed(child) || child.relaxesNullKeys || relaxed
    leads.set(node, relaxed)
    if (relaxed && node.role._tag === "Repartition") node.role.relaxed = true
    return relaxed
  }
  leadsToRelaxed(graph.root)
}
