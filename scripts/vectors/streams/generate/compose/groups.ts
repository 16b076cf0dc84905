/** Groups of streams, with and without windows, that are gathered to tables. */
import type { Erased } from "@millrace/core/serde/Erased"
import type { Draft, Node, ValueType } from "./draft.ts"
import { isOfKnownKeys, isVersioned, materialized } from "./materialized.ts"
import { windowing } from "./windows.ts"

const grouped = (draft: Draft, of: Node): string => {
  const { functions, random } = draft
  const isTold = of.value === "long" || random.chance(0.4)
  const told = isTold ? { grouped: { ...draft.name(0.5, "grp"), key: "string", value: of.value } } : {}
  if (random.chance(0.5)) return draft.add("groupByKey", { of: of.id, ...told })
  const fn = of.value === "long" ? { fn: "charMod", n: 2 } : random.pick(functions.keys)
  return draft.add("groupBy", { of: of.id, fn, ...told })
}

/** What gathers a group to a table: a count, a sum or a text. */
const gathering = (
  { functions, random }: Draft,
  value: ValueType
): readonly [op: string, fields: Erased, value: ValueType] => {
  if (random.chance(0.35)) return ["count", {}, "long"]
  if (value === "long") {
    return ["reduce", { reducer: random.pick(["sum", "max", "min", "last", "minus", "sumNullAtZero"]) }, "long"]
  }
  if (random.chance(0.4)) {
    const reducer = random.pick<Erased>(["concat", "first", "last", { fn: "concatOrNull", on: "x" }])
    return ["reduce", { reducer }, "string"]
  }
  if (random.chance(0.3)) {
    return ["aggregate", { initializer: "zero", aggregator: "addLength", merger: "sum" }, "long"]
  }
  return ["aggregate", {
    initializer: random.pick(["empty", "null"]),
    aggregator: random.pick(functions.aggregators),
    merger: random.pick(["concat", "concat", "last"])
  }, "string"]
}

/** How often the store of what is gathered is told: always where Kafka does not know its serde. */
const storeRate = (op: string, value: ValueType): number => op !== "count" && value === "long" ? 1 : 0.4

export const group = (draft: Draft): void => {
  const of = draft.stream()
  if (of === undefined) return
  const group = grouped(draft, of)
  if (draft.random.chance(0.15)) return cogroup(draft, group)
  const [op, { merger: _, ...fields }, value] = gathering(draft, of.value)
  const store = materialized(draft, value, storeRate(op, value))
  draft.add(
    op,
    { of: group, ...fields, ...store, ...draft.name(0.1) },
    { is: "table", value, versioned: isVersioned(store) }
  )
}

const cogroup = (draft: Draft, group: string): void => {
  const { random } = draft
  let id = draft.add("cogroup", { of: group, aggregator: { fn: "tag", with: "1" } })
  const other = random.chance(0.7) ? draft.stream() : undefined
  if (other !== undefined) {
    id = draft.add("cogroup", { of: id, with: grouped(draft, other), aggregator: { fn: "tag", with: "2" } })
  }
  const windowed = random.chance(0.5) ? windowing(random) : undefined
  if (windowed !== undefined) id = draft.add("windowedBy", { of: id, windows: windowed.windows })
  const merger = windowed?.kind === "session" ? { merger: "concat" } : {}
  const store = materialized(draft, "string", 0.4, windowed)
  draft.add(
    "aggregate",
    { of: id, initializer: "empty", ...merger, ...store, ...draft.name(0.1) },
    windowed === undefined
      ? { is: "table", value: "string" }
      : { is: "table", value: "string", windowed: windowed.serde, isOfUnknownKeys: !isOfKnownKeys(store) }
  )
}

/** Whether the serdes of a group were told. */
const isTold = ({ ops }: Draft, group: string): boolean => ops.find(({ id }) => id === group)?.["grouped"] !== undefined

/** A group in windows. */
export const window = (draft: Draft): void => {
  const of = draft.stream()
  if (of === undefined) return
  const { random } = draft
  const group = grouped(draft, of)
  const windowed = windowing(random)
  const { kind, serde, windows } = windowed
  const emit: { readonly emit?: string } = random.chance(0.3)
    ? { emit: random.pick(["onWindowClose", "onWindowUpdate"]) }
    : {}
  const id = draft.add("windowedBy", { of: group, windows, ...emit })
  const [op, { merger, ...fields }, value] = gathering(draft, of.value)
  const merging = kind === "session" && op === "aggregate" ? { merger } : {}
  const store = materialized(draft, value, storeRate(op, value), {
    ...windowed,
    isFinal: emit.emit === "onWindowClose"
  })
  draft.add(
    op,
    { of: id, ...fields, ...merging, ...store, ...draft.name(0.1) },
    { is: "table", value, windowed: serde, isOfUnknownKeys: !isTold(draft, group) && !isOfKnownKeys(store) }
  )
}
