/** Operations of tables. */
import type { Erased } from "@millrace/core/serde/Erased"
import type { Random } from "../random.ts"
import { type Draft, keySerde, type Node, type ValueType } from "./draft.ts"
import { isVersioned, materialized } from "./materialized.ts"

export const suppress = (draft: Draft): void => {
  const { random } = draft
  const of = draft.anyTable(({ isOfUnknownKeys, versioned }) => versioned !== true && isOfUnknownKeys !== true)
  if (of === undefined) return
  const until = of.windowed !== undefined && random.chance(0.7)
    ? { until: "windowCloses" }
    : { until: "timeLimit", ms: random.pick([0, 5, 20]) }
  const full = until.until === "timeLimit" ? { full: random.pick(["emitEarly", "emitEarly", "shutDown"]) } : {}
  const buffer = random.pick<Erased>([
    {},
    {},
    { buffer: { maxRecords: random.pick([1, 2, 5]), ...full } },
    { buffer: { maxBytes: random.pick([100, 300]), ...full } },
    { buffer: { maxRecords: random.pick([2, 5]), maxBytes: random.pick([150, 400]), ...full } },
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
    draft.add("toStream", { of: id, ...draft.name(0.1) }, { is: "stream", value, windowed })
    return
  }
  const key = windowed === undefined ? {} : { key: random.pick(["windowToString", "windowKey"]) }
  draft.add("toStream", { of: id, ...key, ...draft.name(0.1) }, { is: "stream", value })
}

type Change = readonly [op: string, fields: Erased, value: ValueType]

const changeLongs = (random: Random): Change => {
  if (random.chance(0.5)) return ["mapValues", { fn: "toStr" }, "string"]
  if (random.chance(0.5)) {
    return ["mapValues", { fn: random.pick<Erased>([{ fn: "mulLong", n: 2 }, "nullIfOdd"]) }, "long"]
  }
  return [
    random.pick(["filter", "filterNot"]),
    { predicate: random.pick(["valueEven", { fn: "valueGt", n: 1 }]) },
    "long"
  ]
}

/** What makes a table of another one. */
const change = (draft: Draft, { value, windowed }: Node): Change => {
  const { functions, random } = draft
  if (value === "long") return changeLongs(random)
  if (random.chance(0.5)) return ["mapValues", { fn: random.pick(functions.texts) }, "string"]
  if (random.chance(0.6)) {
    const predicate = random.pick(functions.predicates)
    return [random.pick(["filter", "filterNot"]), { predicate }, "string"]
  }
  if (random.chance(0.2)) return ["mapValues", { fn: "length" }, "long"]
  if (windowed === undefined && random.chance(0.5)) return ["transformValues", counting(draft), "string"]
  return ["transformValues", { processor: { proc: "mapValue", value: random.pick(functions.texts) } }, "string"]
}

/**
 * A transformer that counts, in a store that is shared. Its table has to be kept: in Kafka, joins that would call it again do
 * not get at its store.
 */
const counting = (draft: Draft): Erased => {
  const name = draft.fresh("ts-")
  const supplier = draft.random.pick(["persistentKeyValue", "inMemoryKeyValue"])
  draft.ops.push({ op: "addStateStore", store: { name, kind: "kv", supplier, key: "string", value: "long" } })
  return { processor: { proc: "countPerKey", store: name }, stores: [name] }
}

export const changeTable = (draft: Draft): void => {
  const of = draft.anyTable()
  if (of === undefined) return
  const [op, fields, value] = change(draft, of)
  const isKept = of.windowed === undefined || draft.random.chance(0.2)
  const isNeeded = value === "long" && op === "mapValues"
  const store = "stores" in fields
    ? { materialized: { name: draft.fresh("st-"), key: "string", value } }
    : isKept || isNeeded
    ? materialized(draft, value, isNeeded ? 1 : 0.3, undefined, keySerde(of))
    : {}
  const { isOfUnknownKeys, windowed } = of
  draft.add(
    op,
    { of: of.id, ...fields, ...store, ...draft.name(0.1) },
    { is: "table", value, windowed, isOfUnknownKeys, versioned: isVersioned(store) }
  )
}

export const groupTable = (draft: Draft): void => {
  const { functions, random } = draft
  const of = draft.anyTable()
  if (of === undefined) return
  const isText = of.value === "string"
  const key = of.windowed !== undefined
    ? random.pick(["windowKey", "windowToString"])
    : random.pick(isText ? functions.keys : [{ fn: "charMod", n: 2 }, { fn: "valueMod", n: 3 }, "valueStr"])
  const value = isText && random.chance(0.3) ? { value: random.pick(functions.texts) } : {}
  const grouped = draft.add("groupBy", {
    of: of.id,
    fn: { fn: "kv", key, ...value },
    grouped: { ...draft.name(0.4, "tg"), key: "string", value: of.value }
  })
  const [op, fields, made] = random.pick(isText ? gatheringTexts : gatheringLongs)
  const store = materialized(draft, made, made === "long" && op !== "count" ? 1 : 0.4)
  draft.add(
    op,
    { of: grouped, ...fields, ...store, ...draft.name(0.1) },
    { is: "table", value: made, versioned: isVersioned(store) }
  )
}

type Gathering = readonly [op: string, fields: Erased, value: ValueType]

const gatheringTexts: ReadonlyArray<Gathering> = [
  ["count", {}, "long"],
  ["reduce", { adder: "concat", subtractor: "removeFirst" }, "string"],
  ["aggregate", { initializer: "empty", adder: "concat", subtractor: "removeFirst" }, "string"],
  ["aggregate", { initializer: "null", adder: { fn: "concatOrNull", on: "x" }, subtractor: "last" }, "string"],
  ["aggregate", { initializer: "zero", adder: "inc", subtractor: "dec" }, "long"]
]

const gatheringLongs: ReadonlyArray<Gathering> = [
  ["count", {}, "long"],
  ["reduce", { adder: "sum", subtractor: "minus" }, "long"],
  ["aggregate", { initializer: "one", adder: "sum", subtractor: "minus" }, "long"]
]
