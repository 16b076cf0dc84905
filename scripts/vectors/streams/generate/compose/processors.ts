/** Processors, without stores and with stores of their own or shared. */
import type { Erased } from "@millrace/core/serde/Erased"
import type { Random } from "../random.ts"
import { type Draft, type Node, text, type ValueType } from "./draft.ts"

/** A processor without stores. */
export const process = (draft: Draft, of: Node): void => {
  const { functions, random } = draft
  const processor = random.pick<Erased>([
    "forward",
    "twice",
    "meta",
    "tagHeaders",
    { proc: "shiftTime", by: random.pick([-5, 3, 20]) },
    { proc: "mapValue", value: "upper" },
    "drop"
  ])
  const full = random.pick<Erased>([
    "dropHeaders",
    { proc: "ticker", everyMs: random.pick([5, 20]), on: random.pick(["stream", "wall"]) },
    { proc: "passTicker", everyMs: 10, on: "wall", startMs: random.pick([0, 7, 30]) },
    ...(functions.isThrowing
      ? [{ proc: "throwIf", value: "foo" }, {
        proc: "throwOnPunctuate",
        everyMs: 20,
        on: random.pick(["stream", "wall"])
      }]
      : []),
    { proc: "rekey", key: random.pick(functions.keys) },
    { proc: "passTicker", everyMs: random.pick([5, 10]), on: random.pick(["stream", "wall"]) },
    "commit"
  ])
  if (random.chance(0.4)) draft.add("processValues", { of: of.id, processor, ...draft.name(0.1) }, text)
  else draft.add("process", { of: of.id, processor: random.chance(0.5) ? processor : full, ...draft.name(0.1) }, text)
}

/** A processor with a store, the values of the store, and whether it has to be one that may change keys. */
const withStore: ReadonlyArray<readonly [proc: string, value: ValueType, isFull: boolean]> = [
  ["countPerKey", "long", false],
  ["dedup", "string", false],
  ["buffer", "string", true],
  ["joinStore", "string", false]
]

const storeOf = (random: Random, name: string, proc: string, value: ValueType): Erased => {
  const [kind, supplier] = random.pick<readonly [string, string]>(
    proc === "joinStore"
      ? [["timestampedKv", "persistentTimestampedKeyValue"], ["timestampedKv", "inMemoryKeyValue"]]
      : [["kv", "persistentKeyValue"], ["kv", "inMemoryKeyValue"]]
  )
  return { name, kind, supplier, key: "string", value, ...(random.chance(0.1) ? { logging: false } : {}) }
}

/** A store that all instances have, and a processor that reads it. */
export const globalStore = (draft: Draft): void => {
  const { globalStores, inputs, random } = draft
  const of = draft.stream()
  if (of === undefined || of.value !== "string") return
  if (globalStores.length === 0) {
    const name = draft.fresh("gs-")
    const [kind, supplier] = random.pick(globalKinds)
    inputs.set("gtopic", "string")
    globalStores.push(name)
    draft.ops.push({
      op: "addGlobalStore",
      topic: "gtopic",
      key: "string",
      value: "string",
      store: { name, kind, supplier, key: "string", value: "string", logging: false },
      processor: { proc: random.pick(["storeUpdate", "storeUpdateUpper"]), store: name }
    })
  }
  const there = draft.add("filter", { of: of.id, predicate: "keyNotNull" })
  const processor = { proc: "joinStore", store: globalStores[0]! }
  draft.add(random.pick(["process", "processValues"]), { of: there, processor, ...draft.name(0.1) }, text)
}

const globalKinds = [
  ["kv", "inMemoryKeyValue"],
  ["kv", "persistentKeyValue"],
  ["timestampedKv", "persistentTimestampedKeyValue"]
] as const

/** A processor with a store of its own or shared; keys are there. */
export const stateful = (draft: Draft): void => {
  const { random } = draft
  const of = draft.stream()
  if (of === undefined || of.value !== "string") return
  const name = draft.fresh("ps-")
  const there = draft.add("filter", { of: of.id, predicate: "keyNotNull" })
  const [proc, value, isFull] = random.pick(withStore)
  const store = storeOf(random, name, proc, value)
  const schedule = proc === "buffer" ? { everyMs: random.pick([5, 20]), on: random.pick(["stream", "wall"]) } : {}
  const isOwn = random.chance(0.3)
  const processor = { proc, store: name, ...schedule, ...(isOwn ? { ownStores: [store] } : {}) }
  if (!isOwn) draft.ops.push({ op: "addStateStore", store })
  if (proc === "joinStore" && !isOwn) {
    draft.add("process", { of: there, processor: { proc: "storeUpdate", store: name }, stores: [name] })
  }
  const use = isFull || random.chance(0.5) ? "process" : "processValues"
  const fields = { of: there, processor, ...(isOwn ? {} : { stores: [name] }), ...draft.name(0.1) }
  draft.add(use, fields, { is: "stream", value: proc === "countPerKey" ? "long" : "string" })
}
