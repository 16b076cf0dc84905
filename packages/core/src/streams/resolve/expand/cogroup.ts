/**
 * Several grouped streams that gather into one store, and one processor that all of them lead to.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../../serde/Erased.ts"
import type * as LogicalNode from "../../LogicalNode.ts"
import * as Windows from "../../Windows.ts"
import * as Assembly from "../Assembly.ts"
import { addRepartition, type BuiltCogroup, type BuiltGroup, checkName, type Expand, input } from "../Expansion.ts"
import type { BuiltTable, Expansion } from "../Expansion.ts"
import * as Graph from "../Graph.ts"
import * as Names from "../Names.ts"
import * as Stores from "../stores.ts"
import { checkWindows, gathering, windowedSerde } from "./aggregate.ts"

/**
 * One grouped stream more. The same one again gets another function, as in Kafka.
 *
 * @since 0.1.0
 */
export const cogroup: Expand<LogicalNode.Cogroup> = (expansion, operation, node): BuiltCogroup => {
  const isFirst = node.inputs.length === 1
  const before = isFirst ? undefined : input(expansion, node, "Cogroup", 0)
  const group = input(expansion, node, "Group", isFirst ? 0 : 1)
  return {
    _tag: "Cogroup",
    adding: new Map([...before?.adding ?? [], [group, operation.add]]),
    windows: undefined,
    above: before?.above ?? new Map()
  }
}

/**
 * The same streams, in windows.
 *
 * @since 0.1.0
 */
export const windowedBy: Expand<LogicalNode.CogroupWindowedBy> = (expansion, operation, node): BuiltCogroup => {
  const cogrouped = input(expansion, node, "Cogroup")
  for (const group of cogrouped.adding.keys()) checkWindows(expansion, operation.windows, group.name)
  return { ...cogrouped, windows: operation.windows }
}

/**
 * A processor for each stream, below a repartition if its key was changed; they share a store, and lead to one that passes
 * on. Tables of the same cogrouped streams share the repartitions.
 *
 * @since 0.1.0
 */
export const aggregate: Expand<LogicalNode.CogroupAggregate> = (expansion, operation, node): BuiltTable => {
  const { above, adding, windows } = input(expansion, node, "Cogroup")
  const { initial, materialized, merge = (_first: Erased, second: Erased) => second } = operation
  checkName(expansion.problems, operation.name)
  const store = Stores.storeName(expansion, materialized, prefix)
  const groups = [...adding.keys()]
  for (const group of groups) placeAbove(expansion, above, group, store)
  const parents = groups.map((group) => above.get(group)!)
  const sources = new Set(groups.flatMap((group, at) => group.rekeyed ? [parents[at]!.name] : [...group.sources]))
  expansion.copartitionGroups.push(new Set(sources))
  // Kafka wants equal counts of the topics before a repartition, too
  if (groups.some((group) => group.rekeyed)) {
    expansion.copartitionGroups.push(new Set(groups.flatMap((group) => [...group.sources])))
  }
  const key = materialized?.key ?? groups[0]?.key
  const value = materialized?.value
  const entry = () =>
    windows === undefined
      ? Stores.keyValue(expansion, store, key, value, materialized)
      : Stores.window(expansion, store, key, value, windows, "OnWindowUpdate", materialized)
  let sendOldValues = false
  const gatherers = [...adding.values()].map((add, at) => {
    const name = Names.suffixed(expansion.names, prefix, operation.name, `-cogroup-agg-${at}`)
    const graph = Graph.makeNode(name, {
      _tag: "Processor",
      write: (assembly, parents) => {
        const gather = { _tag: "Aggregate", initial, add, merge } as const
        const shape = { windows, emit: "OnWindowUpdate" } as const
        Assembly.addProcessor(assembly, name, gathering(store, gather, shape, sendOldValues), parents)
        if (at === 0) Assembly.addStore(assembly, entry(), name)
        else Assembly.connect(assembly, name, [store])
      }
    }, { graceMs: windows === undefined ? undefined : Windows.graceMs(windows) })
    return Graph.add(expansion.graph, graph, parents[at]!)
  })
  const name = Names.suffixed(expansion.names, "COGROUPKSTREAM-MERGE-", operation.name, "-cogroup-merge")
  const graph = Graph.makeNode(name, {
    _tag: "Processor",
    write: (assembly, parents) => Assembly.addProcessor(assembly, name, { _tag: "PassThrough" }, parents)
  })
  return {
    _tag: "Table",
    name,
    graph: Graph.add(expansion.graph, graph, ...gatherers),
    sources,
    key: windows === undefined || key === undefined ? key : windowedSerde(key, windows),
    value,
    isVersioned: windows === undefined && materialized?.versioned !== undefined,
    sendOldValues: () => sendOldValues = true,
    view: () => ({ _tag: "Store", store })
  }
}

const prefix = "COGROUPKSTREAM-AGGREGATE-"

/** Finds what stands above a group's processor; the names of a repartition are used up even if there is one already. */
const placeAbove = (
  expansion: Expansion,
  above: Map<BuiltGroup, Graph.GraphNode>,
  group: BuiltGroup,
  store: string
): void => {
  const { graph, key, rekeyed, repartitionName, value } = group
  if (!rekeyed) {
    above.set(group, graph)
    return
  }
  const prefix = repartitionName ?? store
  const made = addRepartition(expansion, { prefix, key, value, optimizable: true })
  if (!above.has(group)) above.set(group, Graph.add(expansion.graph, made, graph))
}
