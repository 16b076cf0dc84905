/**
 * What of a resolved topology this release does not execute: refused when an app or a driver is built, never at a record.
 *
 * @since 0.1.0
 */
import type { Node, ResolvedTopology, StateStore, TableView } from "@millrace/core/streams/ResolvedTopology"
import { UnsupportedTopology } from "./TaskError.ts"

const effectHint = "do the effect in an app of its own, with Consumer and Producer"

/**
 * The first thing that cannot be executed, or undefined.
 *
 * @since 0.1.0
 */
export const find = (topology: ResolvedTopology): UnsupportedTopology | undefined => {
  for (const node of topology.nodes) {
    const refusal = ofNode(node)
    if (refusal !== undefined) return refusal
  }
  for (const store of topology.stores) {
    const refusal = ofStore(store)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

const refuse = (node: string, kind: string, hint: string) => new UnsupportedTopology({ node, kind, hint })

const readsSuppress = (view: TableView): boolean =>
  view._tag === "Suppress" ||
  (view._tag === "Join" && (readsSuppress(view.left) || readsSuppress(view.right))) ||
  ("of" in view && readsSuppress(view.of))

const ofNode = (node: Node): UnsupportedTopology | undefined => {
  if (node._tag !== "Processor") return undefined
  const processor = node.processor
  switch (processor._tag) {
    case "FilterEffect":
    case "MapValuesEffect":
      return refuse(node.name, "an effectful operator", effectHint)
    case "TableSuppress":
      return refuse(node.name, "suppress", "leave it out, and let later updates replace earlier ones")
    case "StreamTableJoin":
      return readsSuppress(processor.table)
        ? refuse(node.name, "a join with a suppressed table", "join before the suppress")
        : undefined
    case "TableJoin":
      return readsSuppress(processor.other)
        ? refuse(node.name, "a join with a suppressed table", "join before the suppress")
        : undefined
    default:
      return undefined
  }
}

const ofStore = (store: StateStore): UnsupportedTopology | undefined =>
  store._tag === "SuppressBuffer" ? refuse(store.name, "a suppress buffer", "leave the suppress out") : undefined
