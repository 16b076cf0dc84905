/**
 * How many effectful operators lie before each node of a task: what has the same number runs in the order of the records,
 * whatever effects take how long.
 *
 * Keeps true: a node's level is at least that of its parents, and above that of an effectful parent; nodes that share a store,
 * or a topic that they write, have one level, so each sees the other as if effects took no time.
 * Leaves to others: moving records from level to level (`EffectStages`).
 *
 * @since 0.1.0
 */
import type { Node } from "@millrace/core/streams/ResolvedTopology"

/**
 * The levels by node. `isOrdered` false: a store lies on both sides of an effect, so that only one record may be under way
 * at a time.
 *
 * @since 0.1.0
 */
export interface EffectLevels {
  readonly of: ReadonlyMap<string, number>
  /** How many effectful operators lie one after the other at most. */
  readonly depth: number
  readonly isOrdered: boolean
}

/**
 * Whether records wait for an effect in this node.
 *
 * @since 0.1.0
 */
export const isEffectful = (node: Node): boolean => node._tag === "Processor" && node.processor._tag === "Effectful"

/**
 * The levels of a task's nodes (parents before children); undefined if none of them is effectful.
 *
 * @since 0.1.0
 */
export const make = (nodes: ReadonlyArray<Node>): EffectLevels | undefined => {
  const effects = nodes.filter(isEffectful).length
  if (effects === 0) return undefined
  const shared = sharing(nodes)
  const levels = new Map(nodes.map((node) => [node.name, 0]))
  let isStable = false
  while (!isStable) {
    isStable = true
    const raise = (name: string, level: number) => {
      if (levels.get(name)! >= level) return
      levels.set(name, level)
      isStable = false
    }
    for (const node of nodes) {
      const below = levels.get(node.name)! + (isEffectful(node) ? 1 : 0)
      for (const child of node.children) raise(child, below)
    }
    for (const names of shared) {
      const level = Math.max(...names.map((name) => levels.get(name)!))
      for (const name of names) raise(name, level)
    }
    // no chain of effects is that long: a store is both above and below one of them
    if (Math.max(...levels.values()) > effects) return { ...ofEdges(nodes), isOrdered: false }
  }
  return { of: levels, depth: depthOf(nodes, levels), isOrdered: true }
}

/** Names of nodes that see each other by a store or an output topic. */
const sharing = (nodes: ReadonlyArray<Node>): ReadonlyArray<ReadonlyArray<string>> => {
  const groups = new Map<string, Array<string>>()
  const join = (what: string, name: string) => {
    const group = groups.get(what)
    if (group === undefined) groups.set(what, [name])
    else group.push(name)
  }
  for (const node of nodes) {
    if (node._tag === "Sink") join(`topic ${node.topic}`, node.name)
    if (node._tag === "Processor") { for (const store of node.stores) join(`store ${store}`, node.name) }
  }
  return [...groups.values()].filter((group) => group.length > 1)
}

const ofEdges = (nodes: ReadonlyArray<Node>): Omit<EffectLevels, "isOrdered"> => {
  const levels = new Map(nodes.map((node) => [node.name, 0]))
  for (const node of nodes) {
    const below = levels.get(node.name)! + (isEffectful(node) ? 1 : 0)
    for (const child of node.children) levels.set(child, Math.max(levels.get(child)!, below))
  }
  return { of: levels, depth: depthOf(nodes, levels) }
}

const depthOf = (nodes: ReadonlyArray<Node>, levels: ReadonlyMap<string, number>): number =>
  Math.max(...nodes.map((node) => levels.get(node.name)! + (isEffectful(node) ? 1 : 0)))
