/** Operators of KStream, but for joins. */
import type { Erased } from "@millrace/core/serde/Erased"
import * as KStream from "@millrace/core/streams/KStream"
import * as Topic from "@millrace/core/streams/Topic"
import * as Functions from "../functions.ts"
import type { Op } from "../spec.ts"
import {
  groupedSerdes,
  type Handlers,
  named,
  rekeyed,
  type Scope,
  serdeOr,
  storeOptions,
  text,
  type Value,
  valueOf
} from "./scope.ts"

/** Operations on streams. */
export const onStream: Handlers = {
  filter: (_, op, of) => ({ ...of, is: KStream.filter(of.is, Functions.predicate(op["predicate"]), named(op)) }),
  filterNot: (_, op, of) => ({ ...of, is: KStream.filterNot(of.is, Functions.predicate(op["predicate"]), named(op)) }),
  mapValues: (_, op, of) => ({
    ...of,
    is: KStream.mapValues(of.is, Functions.valueFunction(op["fn"]), { value: text, ...named(op) }),
    value: text
  }),
  map: (_, op, of) => rekeyed(of, KStream.map(of.is, Functions.pairFunction(op["fn"]), both(op)), text),
  flatMap: (_, op, of) => rekeyed(of, KStream.flatMap(of.is, Functions.pairsFunction(op["fn"]), both(op)), text),
  flatMapValues: (_, op, of) => ({
    ...of,
    is: KStream.flatMapValues(of.is, Functions.valuesFunction(op["fn"]), { value: text, ...named(op) }),
    value: text
  }),
  selectKey: (_, op, of) =>
    rekeyed(of, KStream.selectKey(of.is, Functions.keyFunction(op["fn"]), { key: text, ...named(op) }), of.value),
  peek: (scope, op, of) => ({ ...of, is: KStream.peek(of.is, reporting(scope, op), named(op)) }),
  foreach: (scope, op, of) => ({ ...of, is: KStream.foreach(of.is, reporting(scope, op), named(op)) }),
  print: (_, op, of) => ({ ...of, is: KStream.print(of.is, { to: () => {}, ...named(op) }) }),
  merge: (scope, op, of) => {
    const is = KStream.merge(of.is, valueOf(scope, op["with"]).is, named(op))
    return { is, key: text, value: text }
  },
  split: (scope, op, of) => split(scope, op, of),
  repartition: (_, op, of) => {
    const { key, name, partitions, value } = op["repartitioned"] ?? {}
    const serdes = { key: serdeOr(key, of.key), value: serdeOr(value, of.value) }
    return { ...of, is: KStream.repartition(of.is, { ...serdes, name, partitions }), ...serdes }
  },
  toTable: (_, op, of) => {
    const serdes = {
      key: serdeOr(op["materialized"]?.key, of.key),
      value: serdeOr(op["materialized"]?.value, of.value)
    }
    const options = { ...storeOptions(op["materialized"]), ...serdes, ...named(op) }
    return { ...of, is: KStream.toTable(of.is, options), ...serdes }
  },
  groupByKey: (_, op, of) => {
    const serdes = groupedSerdes(op, of.key, of.value)
    return { ...of, is: KStream.groupByKeyAs(of.is, { ...serdes, name: op["grouped"]?.name }), ...serdes }
  },
  groupBy: (_, op, of) => {
    const serdes = groupedSerdes(op, text, of.value)
    const options = { ...serdes, name: op["grouped"]?.name }
    return { ...of, is: KStream.groupBy(of.is, Functions.keyFunction(op["fn"]), options), ...serdes }
  },
  to: (_, op, of) => {
    const serdes = { key: serdeOr(op["key"], of.key), value: serdeOr(op["value"], of.value) }
    const is: Erased = op["topic"] === undefined
      ? KStream.toDynamic(of.is, Functions.topicFunction(op["topicFn"]), { ...serdes, ...named(op) })
      : KStream.to(of.is, Topic.make(op["topic"], serdes), named(op))
    return { ...of, is }
  }
}

const both = (op: Op): Erased => ({ key: text, value: text, ...named(op) })

const reporting = (scope: Scope, op: Op) => (value: Erased, key: Erased): void =>
  scope.effects({ label: op["label"] ?? op.id ?? "", key, value })

const split = (scope: Scope, op: Op, of: Value): undefined => {
  const specs: ReadonlyArray<Erased> = op["branches"]
  const branches = specs.map((spec) => ({ ...branched(of, spec), predicate: Functions.predicate(spec.predicate) }))
  const rest = op["default"] === undefined ? false : branched(of, op["default"])
  const parts: ReadonlyArray<Erased> = (KStream.split as Erased)(of.is, branches, { name: op["name"], rest })
  const all = op["default"] === undefined ? specs : [...specs, op["default"]]
  all.forEach((spec, index) => {
    const is = parts[index]
    scope.parts.push(is)
    const name = `${op["name"] ?? ""}${spec.name ?? (index === specs.length ? 0 : index + 1)}`
    scope.values.set(`${op.id}.${name}`, { ...of, is, value: spec.apply === undefined ? of.value : text })
  })
  return undefined
}

/** `Branched`, with its function or its consumer. */
const branched = (of: Value, { apply, consumeTo, name }: Erased): Erased => ({
  name,
  transform: apply === undefined
    ? undefined
    : (part: Erased) => KStream.mapValues(part, Functions.valueFunction(apply), { value: text }),
  consume: consumeTo === undefined
    ? undefined
    : (part: Erased) => KStream.to(part, Topic.make(consumeTo, { key: of.key, value: of.value }))
})
