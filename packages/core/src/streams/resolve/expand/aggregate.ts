/**
 * Grouping a stream and gathering its values, in windows or not.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../../serde/Erased.ts"
import * as Serde from "../../../serde/Serde.ts"
import type * as LogicalNode from "../../LogicalNode.ts"
import type {
  SessionAggregate,
  SlidingAggregate,
  StreamAggregate,
  StreamReduce,
  WindowedAggregate
} from "../../ResolvedTopology.ts"
import * as Windows from "../../Windows.ts"
import * as Assembly from "../Assembly.ts"
import { addRepartition, type BuiltGroup, checkName, type Expand, type Expansion, input } from "../Expansion.ts"
import * as Graph from "../Graph.ts"
import * as Names from "../Names.ts"
import * as Stores from "../stores.ts"
import { processorRole } from "./stateless.ts"

/**
 * Grouping by the key that is there makes no processor.
 *
 * @since 0.1.0
 */
export const groupByKey: Expand<LogicalNode.GroupByKey> = (expansion, operation, node): BuiltGroup => {
  const from = input(expansion, node, "Stream")
  checkName(expansion.problems, operation.name)
  return {
    ...from,
    _tag: "Group",
    key: operation.key ?? from.key,
    value: operation.value ?? from.value,
    repartitionName: operation.name,
    windows: undefined,
    emit: "OnWindowUpdate",
    repartition: { node: undefined }
  }
}

/**
 * Grouping by a new key selects it first.
 *
 * @since 0.1.0
 */
export const groupBy: Expand<LogicalNode.GroupBy> = (expansion, operation, node): BuiltGroup => {
  const from = input(expansion, node, "Stream")
  checkName(expansion.problems, operation.name)
  const name = Names.processor(expansion.names, "KSTREAM-KEY-SELECT-", operation.name)
  const role = processorRole(name, { _tag: "SelectKey", f: operation.f })
  const graph = Graph.add(expansion.graph, Graph.makeNode(name, role, { keyChanging: true }), from.graph)
  return {
    _tag: "Group",
    name,
    graph,
    sources: from.sources,
    key: operation.key,
    value: operation.value ?? from.value,
    rekeyed: true,
    repartitionName: operation.name,
    windows: undefined,
    emit: "OnWindowUpdate",
    repartition: { node: undefined }
  }
}

/**
 * The same group, in windows.
 *
 * @since 0.1.0
 */
export const windowedBy: Expand<LogicalNode.WindowedBy> = (expansion, operation, node): BuiltGroup => {
  const group = input(expansion, node, "Group")
  checkWindows(expansion, operation.windows, group.name)
  if (operation.emit === "OnWindowClose" && operation.windows._tag === "UnlimitedWindows") {
    expansion.problems.push({
      reason: "InvalidWindows",
      where: group.name,
      detail: "results are to leave when windows close, and unlimited windows never do",
      hint: "emit on update, or use windows that end"
    })
  }
  return { ...group, windows: operation.windows, emit: operation.emit }
}

/**
 * Reports windows that cannot be.
 *
 * @since 0.1.0
 */
export const checkWindows = (expansion: Expansion, windows: Windows.Any, where: string): void => {
  const mistake = Windows.mistake(windows)
  if (mistake !== undefined) expansion.problems.push({ reason: "InvalidWindows", where, ...mistake })
}

/**
 * A store, and the processor that gathers into it, below a repartition if the key was changed.
 *
 * @since 0.1.0
 */
export const aggregate: Expand<LogicalNode.Aggregate> = (expansion, operation, node) => {
  const group = input(expansion, node, "Group")
  const { gather, materialized } = operation
  const prefix = gather._tag === "Reduce" ? "KSTREAM-REDUCE-" : "KSTREAM-AGGREGATE-"
  checkName(expansion.problems, operation.name)
  if (burnsName(operation, group)) Names.store(expansion.names, prefix)
  const store = Stores.storeName(expansion, materialized, prefix)
  const name = Names.processor(expansion.names, prefix, operation.name)
  const key = materialized?.key ?? group.key
  const value = materialized?.value ?? gatheredSerde(gather, group)
  const above = repartitioned(expansion, group, store)
  const { windows } = group
  let sendOldValues = false
  const graph = Graph.makeNode(name, {
    _tag: "Processor",
    write: (assembly, parents) => {
      const processor = gathering(store, gather, group, sendOldValues)
      Assembly.addProcessor(assembly, name, processor, parents)
      const entry = windows === undefined
        ? Stores.keyValue(expansion, store, key, value, materialized)
        : Stores.window(expansion, store, key, value, windows, group.emit, materialized)
      Assembly.addStore(assembly, entry, name)
    }
  }, { graceMs: windows === undefined ? undefined : Windows.graceMs(windows) })
  Graph.add(expansion.graph, graph, above)
  return {
    _tag: "Table",
    name,
    graph,
    sources: above === group.graph ? group.sources : new Set([above.name]),
    key: windows === undefined || key === undefined ? key : windowedSerde(key, windows),
    value,
    isVersioned: windows === undefined && materialized?.versioned !== undefined,
    sendOldValues: () => sendOldValues = true,
    view: () => ({ _tag: "Store", store })
  }
}

/** Kafka uses up one more number where a count is told of its store, but not of the store's name; not in sliding windows. */
const burnsName = ({ gather, materialized }: LogicalNode.Aggregate, { windows }: BuiltGroup): boolean =>
  gather._tag === "Count" && materialized !== undefined && materialized.as === undefined
  && windows?._tag !== "SlidingWindows"

/**
 * The serde of keys in windows.
 *
 * @since 0.1.0
 */
export const windowedSerde = (key: Serde.Any, windows: Windows.Any): Serde.Any =>
  windows._tag === "SessionWindows" ? Serde.sessionWindowed(key) : Serde.windowed(key, Windows.sizeMs(windows))

const repartitioned = (expansion: Expansion, group: BuiltGroup, store: string): Graph.GraphNode => {
  if (!group.rekeyed) return group.graph
  const { key, repartitionName, value } = group
  const prefix = repartitionName ?? store
  const made = addRepartition(expansion, { prefix, key, value, optimizable: true })
  if (group.repartition.node === undefined || repartitionName === undefined) group.repartition.node = made
  return Graph.add(expansion.graph, group.repartition.node, group.graph)
}

const gatheredSerde = (gather: LogicalNode.Gather, group: BuiltGroup): Serde.Any | undefined => {
  if (gather._tag === "Count") return Serde.long
  return gather._tag === "Reduce" ? group.value : undefined
}

/**
 * The processor that gathers, by its windows.
 *
 * @since 0.1.0
 */
export const gathering = (
  store: string,
  gather: LogicalNode.Gather,
  group: Pick<BuiltGroup, "emit" | "windows">,
  sendOldValues: boolean
): StreamAggregate | StreamReduce | WindowedAggregate | SlidingAggregate | SessionAggregate => {
  const { emit, windows } = group
  if (gather._tag === "Reduce" && windows === undefined) {
    return { _tag: "StreamReduce", store, reduce: gather.reduce, sendOldValues }
  }
  const { add, initial, merge } = folding(gather)
  switch (windows?._tag) {
    case undefined:
      return { _tag: "StreamAggregate", store, initial, add, sendOldValues }
    case "TimeWindows":
    case "UnlimitedWindows":
      return { _tag: "WindowedAggregate", store, windows, emit, initial, add, sendOldValues }
    case "SlidingWindows":
      return { _tag: "SlidingAggregate", store, windows, emit, initial, add, sendOldValues }
    case "SessionWindows":
      return { _tag: "SessionAggregate", store, windows, emit, initial, add, merge, sendOldValues }
  }
}

const folding = (gather: LogicalNode.Gather): Pick<SessionAggregate, "initial" | "add" | "merge"> => {
  switch (gather._tag) {
    case "Aggregate": {
      const { add, initial, merge = (_first, second) => second } = gather
      return { initial, add, merge }
    }
    case "Count":
      return { initial: () => 0, add: (count) => count + 1, merge: (first, second) => first + second }
    case "Reduce": {
      const { reduce } = gather
      const add = (aggregate: Erased, value: Erased): Erased => aggregate === null ? value : reduce(aggregate, value)
      return { initial: () => null, add, merge: add }
    }
  }
}
