/**
 * What of a resolved topology this release does not execute: refused when an app or a driver is built, never at a record.
 *
 * @since 0.1.0
 */
import type { Node, ResolvedTopology } from "@millrace/core/streams/ResolvedTopology"
import { UnsupportedTopology } from "./TaskError.ts"

const effectHint = "do the effect in an app of its own, with Consumer and Producer"

/**
 * The first thing that cannot be executed, or undefined.
 *
 * @since 0.1.0
 */
export const find = (topology: ResolvedTopology): UnsupportedTopology | undefined => {
  const nodes = [...topology.globalStores.map((each) => each.processor), ...topology.nodes]
  for (const node of nodes) {
    const refusal = ofNode(node)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

const refuse = (node: string, kind: string, hint: string) => new UnsupportedTopology({ node, kind, hint })

const ofNode = (node: Node): UnsupportedTopology | undefined => {
  if (node._tag !== "Processor") return undefined
  const processor = node.processor
  switch (processor._tag) {
    case "FilterEffect":
    case "MapValuesEffect":
      return refuse(node.name, "an effectful operator", effectHint)
    default:
      return undefined
  }
}
