/**
 * The text of a topology, byte for byte as Kafka prints it.
 *
 * Kafka keeps nodes in hash tables and sorts neighbours by how much hangs below them at the moment they are added, so the
 * order of its text depends on Java's hashes and on the order of its hash tables; both are imitated here.
 *
 * @since 0.1.0
 */
import { javaHash } from "../hash/JavaHash.ts"
import * as TreeSet from "./internal/TreeSet.ts"
import type { Node, ResolvedTopology } from "./ResolvedTopology.ts"

/**
 * The text of a topology that was resolved without application id.
 *
 * @since 0.1.0
 */
export const describe = (resolved: ResolvedTopology): string => {
  const byName = new Map(resolved.nodes.map((node) => [node.name, node]))
  const parts = [
    ...resolved.subTopologies.map(({ id, nodes }) => {
      const printed = arrange(nodes.flatMap((name) => byName.get(name) ?? []))
      return { id, text: `\n${printed.map(nodeText).join("")}\n` }
    }),
    ...resolved.globalStores.map(({ id, processor, source }) => {
      const printed = arrange([source, processor])
      return { id, text: ` for global store (will not generate tasks)\n${printed.map(nodeText).join("")}` }
    })
  ].sort((a, b) => a.id - b.id)
  return `Topologies:\n ${parts.map(({ id, text }) => `  Sub-topology: ${id}${text}`).join("")}`
}

interface Printed {
  readonly node: Node
  /** 1, and that of each child for each way to it. */
  size: number
  readonly above: TreeSet.TreeSet<Printed>
  readonly below: TreeSet.TreeSet<Printed>
}

const arrange = (nodes: ReadonlyArray<Node>): ReadonlyArray<Printed> => {
  const printed = new Map(nodes.map((node) => [node.name, unconnected(node)]))
  for (const name of hashOrder(nodes.map((node) => node.name))) {
    const child = printed.get(name)
    if (child === undefined || child.node._tag === "Source") continue
    for (const parentName of child.node.parents) {
      const parent = printed.get(parentName)
      if (parent === undefined) continue
      TreeSet.add(child.above, parent)
      TreeSet.add(parent.below, child)
      grow(parent, child.size)
    }
  }
  return [...printed.values()].sort(compare)
}

const compare = (a: Printed, b: Printed): number =>
  b.size - a.size || (a.node.name < b.node.name ? -1 : a.node.name > b.node.name ? 1 : 0)

const unconnected = (node: Node): Printed => ({
  node,
  size: 1,
  above: TreeSet.make(compare),
  below: TreeSet.make(compare)
})

const grow = (node: Printed, by: number): void => {
  node.size += by
  for (const above of TreeSet.items(node.above)) grow(above, by)
}

/**
 * The order in which a Java `HashMap` gives back keys that were put in this order, `capacity` being what it began with.
 */
const hashOrder = (keys: ReadonlyArray<string>, capacity = 16): ReadonlyArray<string> => {
  let size = capacity
  while (keys.length > size * 0.75) size *= 2
  const bucket = (key: string): number => {
    const hash = javaHash(key)
    return (hash ^ (hash >>> 16)) & (size - 1)
  }
  return keys.map((key) => ({ key, bucket: bucket(key) })).sort((a, b) => a.bucket - b.bucket).map(({ key }) => key)
}

const nodeText = ({ above, below, node }: Printed): string => {
  const down = `      --> ${namesText(below)}\n`
  const up = `      <-- ${namesText(above)}\n`
  switch (node._tag) {
    case "Source":
      return `    Source: ${node.name} (topics: ${node.pattern?.source ?? setText(node.topics)})\n${down}`
    case "Processor":
      return `    Processor: ${node.name} (stores: ${setText(node.stores)})\n${down}${up}`
    case "Sink":
      return `    Sink: ${node.name} (${
        typeof node.topic === "string" ? `topic: ${node.topic}` : `extractor class: <extractor>`
      })\n${up}`
  }
}

const namesText = (nodes: TreeSet.TreeSet<Printed>): string =>
  TreeSet.items(nodes).map(({ node }) => node.name).join(", ") || "none"

const setText = (names: ReadonlyArray<string>): string => `[${hashOrder(names).join(", ")}]`
