/**
 * From the operations of a spec to a topology, through the public DSL alone. What an operator asks for that is not there
 * yet is `Unsupported`, by name.
 */
import type { Erased } from "@millrace/core/serde/Erased"
import * as Topology from "@millrace/core/streams/Topology"
import { type Op, type Spec, Unsupported } from "./spec.ts"
import { type Effects, type Handlers, type Kind, type Scope, type Value, valueOf } from "./operators/scope.ts"
import * as Groups from "./operators/groups.ts"
import * as Joins from "./operators/joins.ts"
import * as Processors from "./operators/processors.ts"
import { buildNamed } from "./operators/named.ts"
import { declarations } from "./operators/stores.ts"
import { sources, timestamp } from "./operators/sources.ts"
import * as Streams from "./operators/streams.ts"
import * as Tables from "./operators/tables.ts"

const handlers: { readonly [K in Kind]?: Handlers } = {
  KStream: { ...Streams.onStream, ...Joins.ofStream, ...Processors.ofStream },
  KTable: { ...Tables.onTable, ...Joins.ofTable, ...Processors.ofTable },
  KGroupedStream: Groups.onGroupedStream,
  KGroupedTable: Groups.onGroupedTable,
  TimeWindowedKStream: Groups.onTimeWindowed,
  SessionWindowedKStream: Groups.onSessionWindowed,
  CogroupedKStream: Groups.onCogrouped,
  TimeWindowedCogroupedKStream: Groups.onTimeWindowedCogrouped,
  SessionWindowedCogroupedKStream: Groups.onSessionWindowedCogrouped
}

const step = (scope: Scope, op: Op): Value | undefined => {
  const declaration = declarations[op.op]
  if (declaration !== undefined) return declaration(scope, op)
  const source = sources[op.op]
  if (source !== undefined) return source(op)
  if (op["of"] === undefined) throw new Unsupported(op.op)
  const of = valueOf(scope, op["of"])
  const kind = of.is._tag as Kind
  const handler = handlers[kind]?.[op.op]
  if (handler === undefined) throw new Unsupported(`${op.op} of ${kind}`)
  return handler(scope, op, of)
}

/** The topology of a spec; throws `Unsupported` at what the DSL does not have. */
export const build = (spec: Spec, effects: Effects = () => {}): Topology.Topology<Erased, Erased> => {
  const scope: Scope = { values: new Map(), parts: [], stores: new Map(), globalStores: new Set(), effects }
  if (spec.lowLevel === true) return buildNamed(scope, spec.topology)
  for (const op of spec.topology) {
    const value = step(scope, op)
    if (value === undefined) continue
    scope.parts.push(value.is)
    if (op.id !== undefined) scope.values.set(op.id, value)
  }
  return Topology.make(...scope.parts)
}

/** The options with which a spec's topology is resolved. */
export const resolveOptions = (spec: Spec): Erased => {
  const { config } = spec
  const optimization = config["topology.optimization"]
  return {
    optimization: optimization === undefined || optimization === "all" || optimization === "none"
      ? optimization
      : optimization.split(","),
    storeType: config["dsl.store.suppliers.class"] === "inMemory" ? "memory" : "persistent",
    defaultTimestamp: timestamp(config["default.timestamp.extractor"]),
    storeFormat: config["dsl.store.format"]?.toLowerCase(),
    upgradeFrom: config["upgrade.from"],
    ensureExplicitNames: config["ensure.explicit.internal.resource.naming"] === "true"
  }
}
