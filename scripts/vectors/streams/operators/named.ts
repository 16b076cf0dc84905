/** Topologies of named nodes: the Processor API. */
import type { Erased } from "@millrace/core/serde/Erased"
import * as ProcessorApi from "@millrace/core/streams/ProcessorApi"
import * as Topology from "@millrace/core/streams/Topology"
import { topicFunction } from "../functions.ts"
import { supplier } from "../processors.ts"
import { type Op, Unsupported } from "../spec.ts"
import { type Scope, serdeOr, text } from "./scope.ts"
import { timestamp } from "./sources.ts"
import { addGlobalStore, addStore, sharedStore, topicOf } from "./stores.ts"

type AnyNode = ProcessorApi.Node<Erased, Erased>

/** The topology of these operations. What the API has no way to say (an unknown parent, a sink as one) is an error. */
export const buildNamed = (scope: Scope, topology: ReadonlyArray<Op>): Topology.Topology<Erased, Erased> => {
  const nodes = new Map<string, AnyNode>()
  const nodesOf = (names: ReadonlyArray<string>): Erased =>
    names.map((name) => {
      const node = nodes.get(name)
      if (node === undefined) throw new Error(`no node called ${name}`)
      return node
    })
  const parentsOf = (op: Op): Erased => {
    const parents = nodesOf(op["parents"])
    if (parents.length === 0) throw new Error(`${op["name"]} has no parents`)
    return parents
  }
  const add = (op: Op, node: AnyNode) => {
    scope.parts.push(node)
    nodes.set(op["name"], node)
  }
  // stores may be connected to a processor after it was made
  const uses = { stores: [], storeOf: (name: string) => sharedStore(scope, name), isFixedKey: false }
  const steps: { readonly [op: string]: (op: Op) => void } = {
    addSource: (op) => {
      const options = { timestamp: timestamp(op["timestampExtractor"]) }
      if (op["pattern"] !== undefined) {
        const serdes = { key: serdeOr(op["key"], text), value: serdeOr(op["value"], text) }
        add(op, ProcessorApi.sourcePattern(op["name"], new RegExp(op["pattern"]), serdes, options))
        return
      }
      const topics: Erased = op["topics"].map((topic: string) => topicOf(op, topic))
      add(op, ProcessorApi.source(op["name"], topics, options))
    },
    addProcessor: (op) => add(op, ProcessorApi.processor(op["name"], parentsOf(op), supplier(op["processor"], uses))),
    addSink: (op) => {
      const topic = topicOf(op)
      scope.parts.push(
        op["topic"] === undefined
          ? ProcessorApi.dynamicSink(op["name"], parentsOf(op), topicFunction(op["topicFn"]), topic)
          : ProcessorApi.sink(op["name"], parentsOf(op), topic)
      )
    },
    addStateStore: (op) => {
      scope.parts.push(ProcessorApi.connect(addStore(scope, op), ...nodesOf(op["processors"] ?? [])))
    },
    connect: (op) => {
      for (const name of op["stores"]) {
        scope.parts.push(ProcessorApi.connect(sharedStore(scope, name), ...nodesOf([op["processor"]])))
      }
    },
    addGlobalStore: (op) => addGlobalStore(scope, op),
    addReadOnlyStateStore: (op) => {
      const store = addStore(scope, op)
      const { processorName, sourceName } = op as Erased
      const processor: Erased = supplier(op["processor"], uses)
      scope.parts.push(ProcessorApi.readOnlyStateStore(topicOf(op), { store, processor, processorName, sourceName }))
    }
  }
  for (const op of topology) {
    const step = steps[op.op]
    if (step === undefined) throw new Unsupported(`${op.op} of the processor API`)
    step(op)
  }
  return Topology.make(...scope.parts)
}
