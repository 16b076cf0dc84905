/** Operations of streams that keep nothing in mind, and what makes a table of a stream. */
import type { Erased } from "@millrace/core/serde/Erased"
import { type Draft, type Node, text, type ValueType } from "./draft.ts"
import { isVersioned, materialized } from "./materialized.ts"
import { process } from "./processors.ts"

type Operation = (draft: Draft, of: Node, named: Erased) => void

/** An operation that makes texts of texts, by what it is and the fields it has. */
const operation =
  (chosen: (draft: Draft) => readonly [op: string, fields: Erased]): Operation => (draft, of, named) => {
    const [op, fields] = chosen(draft)
    draft.add(op, { of: of.id, ...fields, ...named }, text)
  }

/** Up to three branches, some of which are changed or sent away at once, and sometimes one of all others. */
const split = (draft: Draft, of: Node): void => {
  const { functions, random } = draft
  const name = `${draft.fresh("sp")}-`
  const names = random.some(["a", "b", "c"], random.between(1, 3))
  const branches = names.map((branch) => ({
    predicate: random.pick(functions.predicates),
    name: branch,
    ...(random.chance(0.15) ? { apply: random.pick(functions.texts) } : {}),
    ...(random.chance(0.1) ? { consumeTo: draft.fresh("split") } : {})
  })).map(({ apply, ...branch }) => apply === undefined || "consumeTo" in branch ? branch : { ...branch, apply })
  const rest = random.chance(0.7) ? { default: { name: "z" } } : {}
  const id = draft.add("split", { of: of.id, name, branches, ...rest })
  const kept = branches.filter((branch) => !("consumeTo" in branch)).map((branch) => branch.name)
  for (const branch of "default" in rest ? [...kept, "z"] : kept) {
    draft.addNode({ id: `${id}.${name}${branch}`, ...text })
  }
}

/** Where a stream ends without a topic. */
const end = (draft: Draft, of: Node, named: Erased): void => {
  draft.add(draft.random.pick(["foreach", "foreach", "print"]), { of: of.id, ...named })
}

/** What makes other values of texts. */
const retype = (draft: Draft, of: Node, named: Erased): void => {
  const [fn, value] = draft.random.pick<readonly [string, ValueType]>([
    ["length", "long"],
    ["length", "long"],
    ["charSum", "long"],
    ["listOf", "list:string"]
  ])
  draft.add("mapValues", { of: of.id, fn, ...named }, { is: "stream", value })
}

const ofTexts: ReadonlyArray<Operation> = [
  operation(({ functions, random }) => [
    random.pick(["filter", "filterNot"]),
    { predicate: random.pick(functions.predicates) }
  ]),
  operation(({ functions, random }) => ["mapValues", { fn: random.pick(functions.texts) }]),
  operation(({ functions, random }) => ["map", {
    fn: random.chance(0.2)
      ? "swap"
      : { fn: "kv", key: random.pick(functions.keys), value: random.pick(functions.texts) }
  }]),
  operation(({ random }) => ["flatMapValues", {
    fn: random.pick<Erased>([
      "splitWords",
      { fn: "repeat", n: 2 },
      { fn: "repeat", n: 2, withKey: true },
      "same",
      "none"
    ])
  }]),
  operation(({ functions, random }) => ["selectKey", { fn: random.pick(functions.keys) }]),
  operation(({ random }) => ["flatMap", { fn: random.pick(["wordsAsKeys", "bothWays", "splitWords", "none"]) }]),
  process,
  process,
  split,
  operation(() => ["peek", {}]),
  end,
  retype
]

/** A function of longs, and what it makes. */
const longFunctions: ReadonlyArray<readonly [fn: Erased, value: ValueType]> = [
  ["toStr", "string"],
  ["toStr", "string"],
  ["toStr", "string"],
  [{ fn: "addLong", n: 1 }, "long"],
  [{ fn: "mulLong", n: -3 }, "long"],
  [{ fn: "modLong", n: 5 }, "long"],
  ["nullIfOdd", "long"],
  ["toInt", "int"],
  ["toDouble", "double"]
]

const ofLongs: Operation = (draft, of, named) => {
  const { random } = draft
  if (random.chance(0.25)) {
    const predicate = random.pick<Erased>(["valueEven", { fn: "valueGt", n: 2 }, "valueNotNull", "keyNotNull"])
    draft.add(random.pick(["filter", "filterNot"]), { of: of.id, predicate, ...named }, { is: "stream", value: "long" })
    return
  }
  const [fn, value] = random.pick(longFunctions)
  draft.add("mapValues", { of: of.id, fn, ...named }, { is: "stream", value })
}

export const stateless = (draft: Draft): void => {
  const of = draft.stream()
  if (of === undefined) return
  const named = draft.name(0.15)
  const chosen = of.value === "long" ? ofLongs : draft.random.pick(ofTexts)
  chosen(draft, of, named)
}

export const merge = (draft: Draft): void => {
  const [one, other] = [draft.stream(), draft.stream()]
  if (one === undefined || other === undefined || one.value !== other.value) return
  draft.add("merge", { of: one.id, with: other.id, ...draft.name(0.1) }, { is: "stream", value: one.value })
}

export const repartition = (draft: Draft): void => {
  const of = draft.stream()
  if (of === undefined) return
  const isTold = of.value === "long" || draft.random.chance(0.5)
  const repartitioned = {
    ...draft.name(0.5, "rp"),
    ...(draft.random.chance(0.1) ? { partitions: draft.random.between(1, 3) } : {}),
    ...(isTold ? { key: "string", value: of.value } : {})
  }
  draft.add("repartition", { of: of.id, repartitioned }, { is: "stream", value: of.value })
}

export const toTable = (draft: Draft): void => {
  const of = draft.stream()
  if (of === undefined) return
  const store = materialized(draft, of.value, of.value === "long" ? 1 : 0.5)
  draft.add(
    "toTable",
    { of: of.id, ...store, ...draft.name(0.1) },
    { is: "table", value: of.value, versioned: isVersioned(store) }
  )
}
