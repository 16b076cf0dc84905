/**
 * Operators on single records of a stream: each one processor, numbered once.
 *
 * @since 0.1.0
 */
import type * as LogicalNode from "../../LogicalNode.ts"
import type { Processor } from "../../ResolvedTopology.ts"
import * as Assembly from "../Assembly.ts"
import { type BuiltStream, checkName, type Expand, input, stream } from "../Expansion.ts"
import * as Graph from "../Graph.ts"
import * as Names from "../Names.ts"

interface Traits {
  readonly prefix: string
  readonly makesKey: boolean
  readonly makesValue: boolean
}

type Operator = Exclude<LogicalNode.StatelessStep["_tag"], "Effectful"> | LogicalNode.Effectful["operator"]

/** Of an effectful operator: those of its twin. */
const traits: { readonly [T in Operator]: Traits } = {
  Filter: { prefix: "KSTREAM-FILTER-", makesKey: false, makesValue: false },
  Map: { prefix: "KSTREAM-MAP-", makesKey: true, makesValue: true },
  MapValues: { prefix: "KSTREAM-MAPVALUES-", makesKey: false, makesValue: true },
  FlatMap: { prefix: "KSTREAM-FLATMAP-", makesKey: true, makesValue: true },
  FlatMapValues: { prefix: "KSTREAM-FLATMAPVALUES-", makesKey: false, makesValue: true },
  Process: { prefix: "KSTREAM-PROCESSOR-", makesKey: true, makesValue: true },
  SelectKey: { prefix: "KSTREAM-KEY-SELECT-", makesKey: true, makesValue: false },
  Peek: { prefix: "KSTREAM-PEEK-", makesKey: false, makesValue: false },
  ForEach: { prefix: "KSTREAM-FOREACH-", makesKey: false, makesValue: false },
  Print: { prefix: "KSTREAM-PRINTER-", makesKey: false, makesValue: false }
}

/**
 * A node that is one processor without stores.
 *
 * @since 0.1.0
 */
export const processorRole = (name: string, processor: Processor): Graph.Role => ({
  _tag: "Processor",
  write: (assembly, parents) => Assembly.addProcessor(assembly, name, processor, parents)
})

/**
 * One processor below the stream; the serdes of what it makes are those that were given, the others stay.
 *
 * @since 0.1.0
 */
export const stateless: Expand<LogicalNode.Stateless> = (expansion, operation, node) => {
  const from = input(expansion, node, "Stream")
  const { step } = operation
  const operator = step._tag === "Effectful" ? step.operator : step._tag
  const { makesKey, makesValue, prefix } = traits[operator]
  checkName(expansion.problems, operation.name)
  const name = Names.processor(expansion.names, prefix, operation.name)
  const graph = Graph.makeNode(name, processorRole(name, processorOf(step, from)), {
    keyChanging: makesKey,
    valueChanging: makesValue && !makesKey
  })
  Graph.add(expansion.graph, graph, from.graph)
  if (operator === "ForEach" || operator === "Print") return { _tag: "Nothing" }
  return stream(from, graph, {
    key: makesKey ? operation.serdes.key : from.key,
    value: makesValue ? operation.serdes.value : from.value,
    rekeyed: from.rekeyed || makesKey
  })
}

/** A print is a `ForEach` whose label may be the name of the stream; an effect goes by the bytes of its key. */
const processorOf = (step: LogicalNode.StatelessStep, from: BuiltStream): Processor => {
  if (step._tag === "Effectful") return { ...step, key: from.key }
  if (step._tag !== "Print") return step
  const { format, label = from.name, to } = step
  return { _tag: "ForEach", f: (value, key) => to(`[${label}]: ${format(key, value)}`) }
}

/**
 * One processor below both streams. Serdes are those of the second stream, whose types decide the result's.
 *
 * @since 0.1.0
 */
export const merge: Expand<LogicalNode.Merge> = (expansion, operation, node) => {
  const first = input(expansion, node, "Stream", 0)
  const second = input(expansion, node, "Stream", 1)
  checkName(expansion.problems, operation.name)
  const name = Names.processor(expansion.names, "KSTREAM-MERGE-", operation.name)
  const graph = Graph.makeNode(name, {
    _tag: "Merge",
    write: (assembly, parents) => Assembly.addProcessor(assembly, name, { _tag: "PassThrough" }, parents)
  })
  Graph.add(expansion.graph, graph, first.graph, second.graph)
  return stream(second, graph, {
    sources: new Set([...first.sources, ...second.sources]),
    key: first.key === undefined ? undefined : second.key,
    value: first.value === undefined ? undefined : second.value,
    rekeyed: first.rekeyed || second.rekeyed
  })
}

/**
 * A processor that chooses, and below it one that passes on for each branch.
 *
 * @since 0.1.0
 */
export const split: Expand<LogicalNode.Split> = (expansion, operation, node) => {
  const from = input(expansion, node, "Stream")
  checkName(expansion.problems, operation.name)
  const name = Names.processor(expansion.names, "KSTREAM-BRANCH-", operation.name)
  const childName = (given: string | undefined, index: number): string => name + (given ?? String(index))
  const branches = operation.branches.map(({ name: given, predicate }, index) => ({
    predicate,
    child: childName(given, index + 1)
  }))
  const otherwise = operation.otherwise === undefined ? undefined : childName(operation.otherwise.name, 0)
  const graph = Graph.makeNode(name, processorRole(name, { _tag: "Branch", branches, otherwise }))
  const children = [...branches.map((branch) => branch.child), ...(otherwise === undefined ? [] : [otherwise])]
  return { _tag: "Split", from: stream(from, Graph.add(expansion.graph, graph, from.graph)), children }
}

/**
 * One part of a split: it has the name of the split with its own behind, and uses up a number nevertheless.
 *
 * @since 0.1.0
 */
export const branchOf: Expand<LogicalNode.BranchOf> = (expansion, operation, node) => {
  const { children, from } = input(expansion, node, "Split")
  const name = Names.processor(expansion.names, "KSTREAM-BRANCH-", children[operation.index])
  const graph = Graph.makeNode(name, processorRole(name, { _tag: "PassThrough" }))
  return stream(from, Graph.add(expansion.graph, graph, from.graph))
}
