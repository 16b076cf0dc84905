/**
 * Joins.
 *
 * @since 0.1.0
 */
import type * as LogicalNode from "../../LogicalNode.ts"
import type { StreamTableJoin, TableJoin, TableView } from "../../ResolvedTopology.ts"
import * as Assembly from "../Assembly.ts"
import { type BuiltTable, checkName, type Expand, input, stream } from "../Expansion.ts"
import * as Graph from "../Graph.ts"
import * as Names from "../Names.ts"
import * as Stores from "../stores.ts"
import { rightlyKeyed } from "./rekeyed.ts"

/**
 * A processor below the stream that looks values up in the table, whose stores it shares.
 *
 * @since 0.1.0
 */
export const streamTableJoin: Expand<LogicalNode.StreamTableJoin> = (expansion, operation, node) => {
  const { join, left } = operation
  checkName(expansion.problems, operation.name)
  const from = rightlyKeyed(expansion, input(expansion, node, "Stream", 0), operation)
  const table = input(expansion, node, "Table", 1)
  const sources = new Set([...from.sources, ...table.sources])
  expansion.copartitionGroups.push(new Set(sources))
  const name = Names.processor(expansion.names, left ? "KSTREAM-LEFTJOIN-" : "KSTREAM-JOIN-", operation.name)
  const view = table.view()
  const buffer = operation.graceMs === undefined ? undefined : `${name}-Buffer`
  if (buffer !== undefined && operation.name === undefined) expansion.generated.add(buffer)
  const [key, value] = [operation.key ?? from.key, operation.value ?? from.value]
  const processor: StreamTableJoin = { _tag: "StreamTableJoin", table: view, join, left, buffer }
  const graph = Graph.makeNode(name, {
    _tag: "Processor",
    write: (assembly, parents) => {
      Assembly.addProcessor(assembly, name, processor, parents)
      if (buffer !== undefined && operation.graceMs !== undefined) {
        Assembly.addStore(assembly, Stores.joinBuffer(expansion, buffer, key, value, operation.graceMs), name)
        checkHistory(assembly, name, storesOf(view), operation.graceMs)
      }
      Assembly.connect(assembly, name, storesOf(view))
    }
  }, { relaxesNullKeys: left })
  Graph.add(expansion.graph, graph, from.graph)
  return stream(from, graph, { sources, key: operation.key ?? from.key, value: undefined, rekeyed: false })
}

/** A join that waits looks values up as they were: the table must still have them when it does. */
const checkHistory = (
  assembly: Assembly.Assembly,
  where: string,
  stores: ReadonlyArray<string>,
  graceMs: number
): void => {
  for (const name of stores) {
    const store = assembly.stores.get(name)?.store
    if (store?._tag !== "Versioned") {
      assembly.problems.push({
        reason: "NotVersioned",
        where,
        detail: "it joins with a grace, and its table knows the present only",
        hint: "make the table's store versioned, or join without grace"
      })
    } else if (store.historyRetentionMs < graceMs) {
      assembly.problems.push({
        reason: "InvalidRetention",
        where,
        detail: `its grace of ${graceMs} ms is longer than the history of its table, ${store.historyRetentionMs} ms`,
        hint: "retain the table's history for at least the grace"
      })
    }
  }
}

/**
 * The stores that a view reads.
 *
 * @since 0.1.0
 */
export const storesOf = (view: TableView): ReadonlyArray<string> => {
  switch (view._tag) {
    case "Store":
      return [view.store]
    case "Suppress":
      return [view.store, ...storesOf(view.of)]
    case "Filter":
    case "MapValues":
    case "TransformValues":
      return storesOf(view.of)
    case "Join":
      return [...storesOf(view.left), ...storesOf(view.right)]
  }
}

/**
 * A processor for each table, which looks values up in the other, and one that both lead to. A side that is kept without the
 * other must know what it takes back, so it needs the old values.
 *
 * @since 0.1.0
 */
export const tableTableJoin: Expand<LogicalNode.TableTableJoin> = (expansion, operation, node): BuiltTable => {
  const [left, right] = [input(expansion, node, "Table", 0), input(expansion, node, "Table", 1)]
  const { join, kind, materialized } = operation
  checkName(expansion.problems, operation.name)
  const store = materialized === undefined || materialized.isSerdeOnly
    ? undefined
    : Stores.storeName(expansion, materialized, "KTABLE-MERGE-")
  const name = Names.processor(expansion.names, "KTABLE-MERGE-", operation.name)
  const sources = new Set([...left.sources, ...right.sources])
  expansion.copartitionGroups.push(new Set(sources))
  if (kind !== "Inner") left.sendOldValues(true)
  if (kind === "Outer") right.sendOldValues(true)
  const views = { left: left.view(), right: right.view() }
  const thisName = Names.suffixed(expansion.names, "KTABLE-JOINTHIS-", operation.name, "-join-this")
  const otherName = Names.suffixed(expansion.names, "KTABLE-JOINOTHER-", operation.name, "-join-other")
  const key = materialized?.key ?? left.key
  const value = materialized?.value
  let sendOldValues = false
  const side = (flipped: boolean): TableJoin => ({
    _tag: "TableJoin",
    other: flipped ? views.left : views.right,
    join,
    flipped,
    keepsOwn: flipped ? kind === "Outer" : kind !== "Inner",
    keepsOther: flipped ? kind !== "Inner" : kind === "Outer",
    sendOldValues,
    isVersioned: (flipped ? right : left).isVersioned
  })
  const graph = Graph.makeNode(name, {
    _tag: "Processor",
    write: (assembly) => {
      Assembly.addProcessor(assembly, thisName, side(false), [left.name])
      Assembly.addProcessor(assembly, otherName, side(true), [right.name])
      const merge = { _tag: "TableJoinMerge", store, sendOldValues } as const
      Assembly.addProcessor(assembly, name, merge, [thisName, otherName])
      Assembly.connect(assembly, thisName, storesOf(views.right))
      Assembly.connect(assembly, otherName, storesOf(views.left))
      if (store === undefined) return
      Assembly.addStore(assembly, Stores.keyValue(expansion, store, key, value, materialized), name)
    }
  })
  Graph.add(expansion.graph, graph, left.graph, right.graph)
  return {
    _tag: "Table",
    name,
    graph,
    sources,
    key,
    value,
    isVersioned: materialized?.versioned !== undefined,
    sendOldValues: () => {
      left.sendOldValues(true)
      right.sendOldValues(true)
      return sendOldValues = true
    },
    view: () => store === undefined ? { _tag: "Join", ...views, kind, join } : { _tag: "Store", store }
  }
}
