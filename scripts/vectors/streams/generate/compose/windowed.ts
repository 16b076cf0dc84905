/** Streams of keys in windows: what reads them has to be told the serde of the windows, for none is known by default. */
import type { Erased } from "@millrace/core/serde/Erased"
import { type Draft, keySerde, type Node } from "./draft.ts"
import { isVersioned, materialized } from "./materialized.ts"

type Operation = (draft: Draft, of: Node) => void

const change: Operation = (draft, of) => {
  const { functions, random } = draft
  const { value, windowed } = of
  const [op, fields] = random.pick<readonly [string, Erased]>([
    ["filter", { predicate: "valueNotNull" }],
    ["mapValues", { fn: value === "string" ? random.pick(functions.texts) : { fn: "addLong", n: 1 } }],
    ["peek", {}],
    ["filterNot", { predicate: value === "string" ? { fn: "valueContains", s: "y" } : "valueEven" }]
  ])
  draft.add(op, { of: of.id, ...fields, ...draft.name(0.1) }, { is: "stream", value, windowed })
}

/** Back to plain keys. */
const rekey: Operation = (draft, of) => {
  const key = draft.random.pick(["windowKey", "windowToString"])
  const [op, fn] = draft.random.chance(0.5) ? ["selectKey", key] : ["map", { fn: "kv", key }]
  draft.add(op, { of: of.id, fn, ...draft.name(0.1) }, { is: "stream", value: of.value })
}

const repartition: Operation = (draft, of) => {
  const { value, windowed } = of
  const repartitioned = { ...draft.name(0.5, "rp"), key: keySerde(of), value }
  draft.add("repartition", { of: of.id, repartitioned }, { is: "stream", value, windowed })
}

const count: Operation = (draft, of) => {
  const { value, windowed } = of
  const id = draft.add("groupByKey", { of: of.id, grouped: { ...draft.name(0.5, "grp"), key: keySerde(of), value } })
  draft.add("count", { of: id, ...draft.name(0.1) }, { is: "table", value: "long", windowed })
}

const toTable: Operation = (draft, of) => {
  const { value, windowed } = of
  const store = materialized(draft, value, 1, undefined, keySerde(of))
  draft.add(
    "toTable",
    { of: of.id, ...store, ...draft.name(0.1) },
    { is: "table", value, windowed, versioned: isVersioned(store) }
  )
}

const join: Operation = (draft, of) => {
  const { random } = draft
  const table = draft.anyTable(({ windowed }) => windowed === of.windowed)
  if (table === undefined) return
  const joined = { ...draft.name(0.4, "jt"), key: keySerde(of), value: of.value, otherValue: table.value }
  draft.add(
    random.pick(["join", "leftJoin"]),
    { of: of.id, with: table.id, joiner: "concatBoth", joined },
    { is: "stream", value: "string", windowed: of.windowed }
  )
}

const operations: ReadonlyArray<Operation> = [change, change, rekey, rekey, repartition, count, toTable, join]

export const ofWindows = (draft: Draft): void => {
  const of = draft.windowedStream()
  if (of !== undefined) draft.random.pick(operations)(draft, of)
}
