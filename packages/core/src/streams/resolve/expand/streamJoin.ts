/**
 * Joins of two streams: a store for each side, a processor before each that fills it, one for each that looks into the
 * other's, and one that both lead to. What a left or outer join keeps alone waits in a store that both sides share.
 *
 * @since 0.1.0
 */
import * as JoinSide from "../../../serde/JoinSide.ts"
import * as Serde from "../../../serde/Serde.ts"
import * as JoinWindows from "../../JoinWindows.ts"
import type * as LogicalNode from "../../LogicalNode.ts"
import type { StoreType, StreamJoin } from "../../ResolvedTopology.ts"
import * as Assembly from "../Assembly.ts"
import { type BuiltStream, checkName, demand, type Expand, type Expansion, input, stream } from "../Expansion.ts"
import * as Graph from "../Graph.ts"
import * as Names from "../Names.ts"
import * as Stores from "../stores.ts"
import { rightlyKeyed } from "./rekeyed.ts"
import { processorRole } from "./stateless.ts"

/**
 * A join of two streams.
 *
 * @since 0.1.0
 */
export const streamStreamJoin: Expand<LogicalNode.StreamStreamJoin> = (expansion, operation, node) => {
  const { kind, name: given, windows } = operation
  const [left, right] = sides(expansion, operation, node)
  expansion.copartitionGroups.push(new Set([...left.sources, ...right.sources]))
  const { names } = expansion
  const leftWindowName = Names.suffixed(names, "KSTREAM-WINDOWED-", given, "-this-windowed")
  const rightWindowName = Names.suffixed(names, "KSTREAM-WINDOWED-", given, "-other-windowed")
  const [leftSuffix, rightSuffix] = suffixes(kind)
  const generated = {
    left: Names.processor(names, kind === "Outer" ? "KSTREAM-OUTERTHIS-" : "KSTREAM-JOINTHIS-"),
    right: Names.processor(names, kind === "Inner" ? "KSTREAM-JOINOTHER-" : "KSTREAM-OUTEROTHER-")
  }
  const leftName = given === undefined ? generated.left : given + leftSuffix
  const rightName = given === undefined ? generated.right : given + rightSuffix
  const name = Names.suffixed(names, "KSTREAM-MERGE-", given, "-merge")
  checkWindows(expansion, windows, name)
  const stores = storesOf(expansion, operation, generated)

  const windowNode = (name: string, store: string, from: BuiltStream) =>
    Graph.add(
      expansion.graph,
      Graph.makeNode(name, processorRole(name, { _tag: "JoinWindow", store })),
      from.graph
    )
  const leftWindow = windowNode(leftWindowName, stores.left.name, left)
  const rightWindow = windowNode(rightWindowName, stores.right.name, right)

  const side = (side: StreamJoin["side"]): StreamJoin => ({
    _tag: "StreamJoin",
    name,
    side,
    other: side === "Left" ? stores.right.name : stores.left.name,
    unmatched: stores.unmatched?.name,
    windows,
    join: operation.join,
    keepsOwn: side === "Left" ? kind !== "Inner" : kind === "Outer"
  })
  const key = demand(expansion.problems, operation.key ?? left.key, name, "key")
  const leftValue = demand(expansion.problems, operation.value ?? left.value, name, "value")
  const rightValue = demand(expansion.problems, operation.otherValue ?? right.value, name, "value")
  const write = (assembly: Assembly.Assembly, isSelfJoin: boolean) => {
    const { logConfig } = operation
    const leftEntry = Stores.joinWindow(stores.left, key, leftValue, windows, logConfig)
    if (isSelfJoin) {
      const processor = { _tag: "StreamSelfJoin", store: stores.left.name, windows, join: operation.join } as const
      Assembly.addProcessor(assembly, name, processor, [leftWindowName])
      return Assembly.addStore(assembly, leftEntry, leftWindowName, name)
    }
    Assembly.addProcessor(assembly, leftName, side("Left"), [leftWindowName])
    Assembly.addProcessor(assembly, rightName, side("Right"), [rightWindowName])
    Assembly.addProcessor(assembly, name, { _tag: "PassThrough" }, [leftName, rightName])
    Assembly.addStore(assembly, leftEntry, leftWindowName, rightName)
    const rightEntry = Stores.joinWindow(stores.right, key, rightValue, windows, logConfig)
    Assembly.addStore(assembly, rightEntry, rightWindowName, leftName)
    if (stores.unmatched === undefined) return
    const value = Serde.list(JoinSide.sidedValue(leftValue, rightValue))
    const unmatched = Stores.unmatched(stores.unmatched, JoinSide.sidedKey(key), value, logConfig)
    Assembly.addStore(assembly, unmatched, leftName, rightName)
  }
  const graph = Graph.makeNode(
    name,
    { _tag: "StreamStreamJoin", leftWindow, rightWindow, isSelfJoin: false, write },
    { relaxesNullKeys: kind !== "Inner" }
  )
  Graph.add(expansion.graph, graph, left.graph, right.graph)
  const sources = new Set([...left.sources, ...right.sources])
  return stream(left, graph, { sources, key, value: undefined, rekeyed: false })
}

const suffixes = (kind: LogicalNode.StreamStreamJoin["kind"]): readonly [string, string] => [
  kind === "Outer" ? "-outer-this-join" : "-this-join",
  kind === "Inner" ? "-other-join" : "-outer-other-join"
]

const sides = (
  expansion: Expansion,
  operation: LogicalNode.StreamStreamJoin,
  node: LogicalNode.LogicalNode
): readonly [BuiltStream, BuiltStream] => {
  const { key, name, otherValue, value } = operation
  checkName(expansion.problems, name)
  const side = (index: number, suffix: string, value: Serde.Any | undefined) =>
    rightlyKeyed(expansion, input(expansion, node, "Stream", index), {
      name: name === undefined ? undefined : name + suffix,
      key,
      value
    })
  return [side(0, "-left", value), side(1, "-right", otherValue)]
}

const checkWindows = (expansion: Expansion, windows: JoinWindows.JoinWindows, where: string): void => {
  const mistake = JoinWindows.mistake(windows)
  if (mistake !== undefined) expansion.problems.push({ reason: "InvalidWindows", where, ...mistake })
}

/**
 * A store's name and place.
 */
interface Place {
  readonly name: string
  readonly type: StoreType
}

/**
 * Where the sides are kept, and what waits alone: like the left side if the author named its store.
 */
const storesOf = (
  expansion: Expansion,
  operation: LogicalNode.StreamStreamJoin,
  generated: { readonly left: string; readonly right: string }
): { readonly left: Place; readonly right: Place; readonly unmatched: Place | undefined } => {
  const { kind, otherStore, storeName, storeType = expansion.storeType, thisStore, windows } = operation
  const [leftSuffix, rightSuffix] = suffixes(kind)
  const place = (given: LogicalNode.JoinStore | undefined, suffix: string, generated: string): Place => {
    checkName(expansion.problems, given?.as ?? storeName)
    if (given !== undefined) return { name: given.as, type: given.storeType ?? storeType }
    const name = `${storeName === undefined ? generated : storeName + suffix}-store`
    if (storeName === undefined) expansion.generated.add(name)
    return { name, type: storeType }
  }
  const left = place(thisStore, leftSuffix, generated.left)
  const right = place(otherStore, rightSuffix, generated.right)
  const isKept = kind !== "Inner" && windows.unmatched === "WhenClosed"
  const suffix = kind === "Outer" ? "-outer-shared-join" : "-left-shared-join"
  const number = generated.left.slice(generated.left.lastIndexOf("-") + 1)
  const base = thisStore?.as ?? storeName
  const name = `${base === undefined ? `KSTREAM-OUTERSHARED-${number}` : base + suffix}-store`
  if (isKept && base === undefined) expansion.generated.add(name)
  return { left, right, unmatched: isKept ? { name, type: left.type } : undefined }
}
