/** Operations of streams that keep nothing in mind, and what makes a table of a stream. */
import type { Erased } from "@millrace/core/serde/Erased"
import { type Draft, type Node, text } from "./draft.ts"
import { isVersioned, materialized } from "./materialized.ts"
import { process } from "./processors.ts"

type Operation = (draft: Draft, of: Node, named: Erased) => void

/** An operation that makes texts of texts, by what it is and the fields it has. */
const operation =
  (chosen: (draft: Draft) => readonly [op: string, fields: Erased]): Operation => (draft, of, named) => {
    const [op, fields] = chosen(draft)
    draft.add(op, { of: of.id, ...fields, ...named }, text)
  }

const split = (draft: Draft, of: Node): void => {
  const name = `${draft.fresh("sp")}-`
  const id = draft.add("split", {
    of: of.id,
    name,
    branches: [{ predicate: draft.random.pick(draft.functions.predicates), name: "a" }],
    default: { name: "b" }
  })
  for (const branch of ["a", "b"]) draft.addNode({ id: `${id}.${name}${branch}`, ...text })
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
    fn: random.pick<Erased>(["splitWords", { fn: "repeat", n: 2 }, "same"])
  }]),
  operation(({ functions, random }) => ["selectKey", { fn: random.pick(functions.keys) }]),
  operation(({ random }) => ["flatMap", { fn: random.pick(["wordsAsKeys", "bothWays", "splitWords"]) }]),
  process,
  split,
  operation(() => ["peek", {}])
]

const ofLongs = operation((
  { random }
) => ["mapValues", { fn: random.pick<Erased>(["toStr", { fn: "addLong", n: 1 }]) }])

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
  const repartitioned = { ...draft.name(0.5, "rp"), ...(isTold ? { key: "string", value: of.value } : {}) }
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
