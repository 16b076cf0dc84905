/** Topologies of keys and values of every serde, down each kind of store. */
import type { Erased } from "@millrace/core/serde/Erased"
import type { Op, Spec } from "../spec.ts"
import { windowing } from "./compose/windows.ts"
import { steps } from "./inputs.ts"
import type { Random } from "./random.ts"
import { settingsLike } from "./settings.ts"

/** What each serde is fed with. */
const samples: Readonly<Record<string, ReadonlyArray<Erased>>> = {
  string: ["a", "", "ü", "z z", "𝄞"],
  long: [0, -1, 1, 256, "9223372036854775807", "-9223372036854775808", "9007199254740993"],
  int: [0, -1, 300, 2_147_483_647, -2_147_483_648],
  short: [0, -3, 32_767, -32_768],
  double: [0, 1.5, -2.5, "NaN", "Infinity", "-Infinity", 0.1],
  float: [0, 1.5, -0.25, "NaN", "-Infinity"],
  bool: [true, false],
  uuid: ["123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000000"],
  bytes: [{ hex: "" }, { hex: "00" }, { hex: "00ff" }, { hex: "ff" }],
  bytearray: [{ hex: "01" }, { hex: "0100" }, { hex: "80" }],
  "list:string": [[], ["a"], ["a", "", "b"]],
  "list:long": [[], [1, -1], [256]],
  "list:short": [[], [1, -1]],
  "list:uuid": [[], ["123e4567-e89b-12d3-a456-426614174000"]]
}

/** Arrays are no keys in Java, where they are only equal to themselves. */
const keys = Object.keys(samples).filter((name) => name !== "bytearray" && !name.startsWith("list:"))

interface Draft {
  readonly random: Random
  readonly key: string
  readonly value: string
  readonly ops: Array<Op>
  readonly serdes: Record<string, { key: string; value: string }>
}

const write = ({ ops, serdes }: Draft, of: string, key: string, value: string): void => {
  const topic = `out-${of}`
  serdes[topic] = { key, value }
  ops.push({ op: "to", of, topic, key, value })
}

const writeTable = (draft: Draft, of: string, key: string, value: string): void => {
  draft.ops.push({ op: "toStream", id: `${of}s`, of })
  write(draft, `${of}s`, key, value)
}

const storeOf = ({ key, random }: Draft, name: string, value: string): Erased => ({
  name,
  key,
  value,
  ...(random.chance(0.3) ? { storeType: random.pick(["inMemory", "rocksDB"]) } : {}),
  ...(random.chance(0.2) ? { caching: random.chance(0.5) } : {})
})

type Part = (draft: Draft, id: string) => void

const gather: Part = (draft, id) => {
  const { key, ops, random, value } = draft
  ops.push({ op: "groupByKey", id: `${id}g`, of: "s", grouped: { key, value } })
  const { kind, serde, windows } = windowing(random)
  const isWindowed = random.chance(0.7)
  const isFinal = isWindowed && random.chance(0.3) && windows.type !== "unlimited"
  if (isWindowed) {
    const emit = isFinal ? { emit: "onWindowClose" } : {}
    ops.push({ op: "windowedBy", id: `${id}w`, of: `${id}g`, windows, ...emit })
  }
  const of = isWindowed ? `${id}w` : `${id}g`
  const made = random.chance(0.5) ? "long" : value
  const materialized = storeOf(draft, `st-${id}`, made)
  if (made === "long" && random.chance(0.5)) ops.push({ op: "count", id, of, materialized })
  else if (made === value) ops.push({ op: "reduce", id, of, reducer: random.pick(["first", "last"]), materialized })
  else ops.push({ op: "count", id, of, materialized })
  const shown = !isWindowed ? key : kind === "session" ? `session:${key}` : serde.replace("string", key)
  if (!isFinal && random.chance(0.4)) {
    ops.push({ op: "suppress", id: `${id}u`, of: id, until: "timeLimit", ms: random.pick([0, 5]) })
    writeTable(draft, `${id}u`, shown, made)
  } else writeTable(draft, id, shown, made)
}

const toTable: Part = (draft, id) => {
  const { key, ops, random, value } = draft
  // the oracle reads versions of keys that are text
  const store = key === "string" && random.chance(0.4)
    ? { supplier: "persistentVersionedKeyValue", historyRetentionMs: 100, name: `st-${id}`, key, value }
    : storeOf(draft, `st-${id}`, value)
  ops.push({ op: "toTable", id, of: "s", materialized: store })
  ops.push({
    op: random.pick(["join", "leftJoin"]),
    id: `${id}j`,
    of: "r",
    with: id,
    joiner: "left",
    joined: { key, value, otherValue: value }
  })
  write(draft, `${id}j`, key, value)
  writeTable(draft, id, key, value)
}

const joinStreams: Part = (draft, id) => {
  const { key, ops, random, value } = draft
  ops.push({
    op: random.pick(["join", "leftJoin", "outerJoin"]),
    id,
    of: "s",
    with: "r",
    joiner: random.pick(["left", "right"]),
    windows: { diffMs: random.pick([0, 5, 20]), graceMs: random.pick([0, 10]) },
    streamJoined: { key, value, otherValue: value }
  })
  write(draft, id, key, value)
}

const regroup: Part = (draft, id) => {
  const { key, ops, random, value } = draft
  ops.push({ op: "toTable", id: `${id}t`, of: "r", materialized: storeOf(draft, `st-${id}t`, value) })
  ops.push({
    op: "groupBy",
    id: `${id}g`,
    of: `${id}t`,
    fn: { fn: "kv", key: "keyIdentity" },
    grouped: { key, value }
  })
  const reducing = random.chance(0.5)
  const made = reducing ? value : "long"
  const materialized = storeOf(draft, `st-${id}`, made)
  ops.push(
    reducing
      ? { op: "reduce", id, of: `${id}g`, adder: "last", subtractor: "first", materialized }
      : { op: "count", id, of: `${id}g`, materialized }
  )
  writeTable(draft, id, key, made)
}

const through: Part = (draft, id) => {
  const { key, ops, random, value } = draft
  ops.push({ op: "filter", id: `${id}f`, of: "s", predicate: random.pick(["keyNotNull", "valueNotNull"]) })
  ops.push({ op: "repartition", id, of: `${id}f`, repartitioned: { key, value } })
  write(draft, id, key, value)
}

const parts = [gather, gather, toTable, joinStreams, regroup, through]

/** A spec of two streams of one key and one value, without answers. */
export const serdes = (random: Random, name: string): Spec => {
  const key = random.pick(keys)
  const value = random.pick(Object.keys(samples))
  const of = { key, value }
  const ops: Array<Op> = ["s", "r"].map((id) => ({ op: "stream", id, topic: `in-${id}`, ...of }))
  const draft: Draft = { random, key, value, ops, serdes: { "in-s": of, "in-r": of } }
  for (let count = random.between(1, 4); count > 0; count--) random.pick(parts)(draft, `n${count}`)
  const nulls = random.pick([0, 0.1])
  const feed = () => ({
    topic: random.pick(["in-s", "in-s", "in-r"]),
    key: random.chance(nulls) ? null : random.pick(samples[key]!),
    value: random.chance(nulls) ? null : random.pick(samples[value]!)
  })
  return {
    name,
    area: "serdes",
    config: settingsLike({}, random, random.pick([0, 0.4])),
    serdes: draft.serdes,
    topology: ops,
    steps: steps(random, feed, 0)
  }
}
