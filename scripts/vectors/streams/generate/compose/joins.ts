/** Joins of streams and tables. */
import type { Erased } from "@millrace/core/serde/Erased"
import { type Draft, keySerde, type Node, text } from "./draft.ts"
import { isVersioned, materialized } from "./materialized.ts"

const joiner = ({ functions, random }: Draft, of: Node, other: Node): Erased =>
  of.value === "string" && other.value === "string"
    ? random.pick(functions.joiners)
    : random.pick<Erased>(["concatBoth", { fn: "keyConcatBoth", withKey: true }])

export const joinStreams = (draft: Draft): void => {
  const { random } = draft
  const [of, other] = [draft.stream(), draft.stream()]
  if (of === undefined || other === undefined) return
  const windows = {
    diffMs: random.pick([0, 5, 10, 20]),
    ...(random.chance(0.6) ? { graceMs: random.pick([0, 5, 30]) } : {}),
    ...(random.chance(0.15) ? { beforeMs: random.pick([0, 3, 15]) } : {}),
    ...(random.chance(0.15) ? { afterMs: random.pick([0, 3, 15]) } : {}),
    ...(random.chance(0.05) ? { legacy: true, graceMs: random.pick([5, 30, 100]) } : {})
  }
  const isTold = of.value === "long" || other.value === "long" || random.chance(0.4)
  const told = isTold ? { streamJoined: streamJoined(draft, of, other, windows) } : {}
  const op = random.pick(["join", "leftJoin", "outerJoin"])
  draft.add(op, { of: of.id, with: other.id, joiner: joiner(draft, of, other), windows, ...told }, text)
}

/** A store of the author's for one side of a join, which has to be as its windows want it. */
const ownStore = (draft: Draft, field: string, { afterMs, beforeMs, diffMs, graceMs = 0, legacy }: Erased): Erased => {
  const windowSizeMs = (beforeMs ?? diffMs) + (afterMs ?? diffMs)
  if (legacy === true || windowSizeMs === 0 || !draft.random.chance(0.15)) return {}
  const supplier = draft.random.pick(["inMemoryWindow", "persistentWindow"])
  const sizes = { retentionMs: windowSizeMs + graceMs, windowSizeMs, retainDuplicates: true }
  return { [field]: { supplier, name: draft.fresh("jw-"), ...sizes } }
}

const streamJoined = (draft: Draft, of: Node, other: Node, windows: Erased): Erased => {
  const own = { ...ownStore(draft, "thisStore", windows), ...ownStore(draft, "otherStore", windows) }
  // Kafka logs stores of the author's whatever is said
  const isLogged = Object.keys(own).length > 0 || draft.random.chance(0.9)
  return {
    ...own,
    ...draft.name(0.4, "jn"),
    ...(draft.random.chance(0.3) ? { storeName: draft.fresh("js-") } : {}),
    ...(draft.random.chance(0.1) ? { storeType: "inMemory" } : {}),
    ...(isLogged ? {} : { logging: false }),
    key: "string",
    value: of.value,
    otherValue: other.value
  }
}

export const joinTable = (draft: Draft): void => {
  const { random } = draft
  const [of, table] = [draft.stream(), draft.table()]
  if (of === undefined || table === undefined) return
  const isTold = of.value === "long" || table.value === "long" || random.chance(0.4)
  const joined = isTold
    ? {
      joined: {
        ...draft.name(0.4, "jt"),
        key: "string",
        value: of.value,
        otherValue: table.value,
        ...(table.versioned === true && random.chance(0.5) ? { graceMs: random.pick([0, 5, 15, 30]) } : {})
      }
    }
    : {}
  const joining = joiner(draft, of, table)
  draft.add(random.pick(["join", "leftJoin"]), { of: of.id, with: table.id, joiner: joining, ...joined }, text)
}

export const joinTables = (draft: Draft): void => {
  const { random } = draft
  const of = draft.anyTable()
  const other = draft.anyTable(({ windowed }) => windowed === of?.windowed)
  if (of === undefined || other === undefined) return
  if (of.windowed !== undefined) return joinWindowed(draft, of, other)
  const joiner = of.value === "string" && other.value === "string"
    ? random.pick<Erased>(["concatBoth", "left", "right", { fn: "nullIfContains", s: "null" }])
    : "concatBoth"
  const store = materialized(draft, "string", 0.3)
  const table = { is: "table", value: "string", versioned: isVersioned(store) } as const
  const both = { of: of.id, with: other.id, joiner, ...store }
  if (of.value === "string" && random.chance(0.3)) {
    const foreignKey = random.pick<Erased>(["valueFk", "beforePipe", { fn: "keyAndBeforePipe", withKey: true }])
    const tableJoined = random.chance(0.2) ? { tableJoined: draft.name(1, "fk") } : {}
    draft.add(random.pick(["join", "leftJoin"]), { ...both, foreignKey, ...tableJoined }, table)
  } else {
    draft.add(random.pick(["join", "leftJoin", "outerJoin"]), { ...both, ...draft.name(0.1) }, table)
  }
}

/** Tables of the same windows. */
const joinWindowed = (draft: Draft, of: Node, other: Node): void => {
  const { isOfUnknownKeys, windowed } = of
  const store = draft.random.chance(0.3) ? materialized(draft, "string", 1, undefined, keySerde(of)) : {}
  draft.add(
    draft.random.pick(["join", "leftJoin", "outerJoin"]),
    { of: of.id, with: other.id, joiner: "concatBoth", ...store, ...draft.name(0.1) },
    { is: "table", value: "string", windowed, isOfUnknownKeys, versioned: isVersioned(store) }
  )
}

/** A global table, joined with a stream. */
export const joinGlobalTable = (draft: Draft): void => {
  const { functions, inputs, random } = draft
  const of = draft.stream()
  if (of === undefined || inputs.has("glob")) return
  inputs.set("glob", "string")
  const store = random.chance(0.5) ? { materialized: { name: draft.fresh("gl-") } } : {}
  const table = draft.add("globalTable", { topic: "glob", key: "string", value: "string", ...store })
  const keyMapper = random.pick<Erased>([
    "keyIdentity",
    "valueStr",
    { fn: "keyPrefix", n: 1 },
    ...(of.value === "string" ? [{ fn: "valuePrefix", n: 1 }, { fn: "nullIfValueContains", s: "x" }, "value"] : []),
    "nullKey"
  ])
  const joiner = of.value === "string" ? random.pick(functions.joiners) : "concatBoth"
  draft.add(
    random.pick(["join", "leftJoin"]),
    { of: of.id, with: table, keyMapper, joiner, ...draft.name(0.2) },
    text
  )
}
