/** Operations of tables. */
import type { Erased } from "@millrace/core/serde/Erased"
import type { Draft, ValueType } from "./draft.ts"
import { materialized } from "./materialized.ts"

export const suppress = (draft: Draft): void => {
  const { random } = draft
  const of = draft.anyTable()
  if (of === undefined || of.versioned === true) return
  const until = of.windowed !== undefined && random.chance(0.7)
    ? { until: "windowCloses" }
    : { until: "timeLimit", ms: random.pick([0, 5, 20]) }
  const full = until.until === "timeLimit" ? { full: random.pick(["emitEarly", "emitEarly", "shutDown"]) } : {}
  const buffer = random.pick<Erased>([
    {},
    {},
    { buffer: { maxRecords: random.pick([1, 2, 5]), ...full } },
    { buffer: { maxBytes: random.pick([100, 300]), ...full } },
    { buffer: { logging: false } }
  ])
  draft.add("suppress", { of: of.id, ...until, ...buffer, ...draft.name(0.3, "sup") }, of)
}

export const toStream = (draft: Draft): void => {
  const { random } = draft
  const of = draft.anyTable()
  if (of === undefined) return
  const { id, value, windowed } = of
  if (windowed !== undefined && random.chance(0.3)) {
    draft.add("toStream", { of: id }, { is: "stream", value, windowed })
    return
  }
  const key = windowed === undefined ? {} : { key: random.pick(["windowToString", "windowKey"]) }
  draft.add("toStream", { of: id, ...key, ...draft.name(0.1) }, { is: "stream", value })
}

/** What makes a table of texts of another table. */
const change = ({ functions, random }: Draft, value: ValueType): readonly [op: string, fields: Erased] => {
  if (value === "long") return ["mapValues", { fn: "toStr" }]
  if (random.chance(0.5)) return ["mapValues", { fn: random.pick(functions.texts) }]
  if (random.chance(0.8)) {
    const predicate = random.pick(functions.predicates)
    return [random.pick(["filter", "filterNot"]), { predicate }]
  }
  return ["transformValues", { processor: { proc: "mapValue", value: random.pick(functions.texts) } }]
}

export const changeTable = (draft: Draft): void => {
  const of = draft.anyTable()
  if (of === undefined) return
  const store = of.windowed === undefined ? materialized(draft, "string", 0.3) : {}
  const named = draft.name(0.1)
  const [op, fields] = change(draft, of.value)
  draft.add(
    op,
    { of: of.id, ...fields, ...store, ...named },
    { is: "table", value: "string", ...(of.windowed === undefined ? {} : { windowed: of.windowed }) }
  )
}

export const groupTable = (draft: Draft): void => {
  const { functions, random } = draft
  const of = draft.table(({ value }) => value === "string")
  if (of === undefined) return
  const fn = {
    fn: "kv",
    key: random.pick(functions.keys),
    ...(random.chance(0.3) ? { value: random.pick(functions.texts) } : {})
  }
  const grouped = draft.add("groupBy", {
    of: of.id,
    fn,
    grouped: { ...draft.name(0.4, "tg"), key: "string", value: "string" }
  })
  const [op, fields, value] = random.pick<readonly [string, Erased, ValueType]>([
    ["count", {}, "long"],
    ["reduce", { adder: "concat", subtractor: "removeFirst" }, "string"],
    ["aggregate", { initializer: "empty", adder: "concat", subtractor: "removeFirst" }, "string"]
  ])
  const store = materialized(draft, value, 0.4)
  draft.add(op, { of: grouped, ...fields, ...store, ...draft.name(0.1) }, { is: "table", value })
}
