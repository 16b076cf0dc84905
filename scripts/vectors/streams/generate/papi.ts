/** Topologies of named nodes: the Processor API. */
import type { Erased } from "@millrace/core/serde/Erased"
import type { Op, Spec } from "../spec.ts"
import { texts } from "./inputs.ts"
import type { Random } from "./random.ts"
import { settingsLike } from "./settings.ts"

const keyed = { fn: "charMod", n: 2 }

const plain: ReadonlyArray<Erased> = [
  "forward",
  "twice",
  "meta",
  "tagHeaders",
  "dropHeaders",
  "commit",
  "drop",
  { proc: "shiftTime", by: 7 },
  { proc: "shiftTime", by: -7 },
  { proc: "rekey", key: keyed },
  { proc: "rekey", key: { fn: "valuePrefix", n: 1 } },
  { proc: "mapValue", value: "upper" },
  { proc: "mapValue", value: { fn: "concat", with: "." } },
  { proc: "ticker", everyMs: 10 },
  { proc: "ticker", everyMs: 5, on: "wall", cancelAfter: 3 },
  { proc: "passTicker", everyMs: 7, on: "wall" },
  { proc: "passTicker", everyMs: 20, startMs: 15 },
  { proc: "throwIf", value: "foo" }
]

const stores: ReadonlyArray<Erased> = [
  { kind: "kv", supplier: "inMemoryKeyValue" },
  { kind: "kv", supplier: "persistentKeyValue" },
  { kind: "kv", supplier: "lru", maxEntries: 2 },
  { kind: "kv", supplier: "persistentKeyValue", logging: false }
]

/** Sources, some of several topics or of a pattern; the topics that are read. */
const sources = (random: Random): readonly [ReadonlyArray<Op>, ReadonlyArray<string>] => {
  const extractor = () =>
    random.chance(0.15) ? { timestampExtractor: random.pick(["valueAt", "usePartitionTime"]) } : {}
  const serdes = () => random.chance(0.5) ? { key: "string", value: "string" } : {}
  const ops: Array<Op> = [{ op: "addSource", name: "s1", topics: ["in"], ...serdes(), ...extractor() }]
  if (random.chance(0.2)) {
    ops.push({ op: "addSource", name: "s2", pattern: "more-.*", ...serdes(), ...extractor() })
    return [ops, ["in", "more-a", "more-b"]]
  }
  if (random.chance(0.4)) {
    ops.push({ op: "addSource", name: "s2", topics: random.pick([["in2"], ["in2", "in3"]]), ...extractor() })
  }
  return [ops, ops.flatMap((op) => op["topics"])]
}

/** A store that a topic fills, of all instances or of a task, and a processor that reads it. */
const filled = (random: Random, name: string, parents: ReadonlyArray<string>): ReadonlyArray<Op> => {
  const isGlobal = random.chance(0.5)
  const store = `${isGlobal ? "global" : "filled"}-${name}`
  const [kind, supplier] = random.pick([
    ["kv", "inMemoryKeyValue"],
    ["kv", "persistentKeyValue"],
    ["timestampedKv", "inMemoryKeyValue"],
    ["timestampedKv", "persistentTimestampedKeyValue"]
  ])
  return [
    {
      op: isGlobal ? "addGlobalStore" : "addReadOnlyStateStore",
      store: { name: store, kind, supplier, key: "string", value: "string", logging: false },
      sourceName: `from-${name}`,
      processorName: `fill-${name}`,
      topic: `fills-${name}`,
      key: "string",
      value: "string",
      processor: { proc: isGlobal ? random.pick(["storeUpdate", "storeUpdateUpper"]) : "storeUpdate", store }
    },
    {
      op: "addProcessor",
      name: `k-${name}`,
      parents,
      processor: { proc: "rekey", key: random.pick([{ fn: "constKey", v: "a" }, { fn: "constKey", v: "b" }]) }
    },
    { op: "addProcessor", name, parents: [`k-${name}`], processor: { proc: "joinStore", store } },
    ...(isGlobal ? [] : [{ op: "connect", processor: name, stores: [store] }])
  ]
}

/** A processor that says for each record which of its children gets it. */
const choosing = (name: string, parents: ReadonlyArray<string>, random: Random): ReadonlyArray<Op> => [
  {
    op: "addProcessor",
    name,
    parents,
    processor: {
      proc: "toChild",
      children: [{ prefix: "x", child: `${name}-x` }, { prefix: "a", child: `${name}-a` }],
      elseDrop: random.chance(0.3)
    }
  },
  ...["x", "a", "z"].map((each) => ({
    op: "addProcessor",
    name: `${name}-${each}`,
    parents: [name],
    processor: each === "z" ? "twice" : { proc: "mapValue", value: { fn: "concat", with: each } }
  }))
]

/** A processor that uses a store, and the store's declaration. */
const stateful = (random: Random, name: string, parents: ReadonlyArray<string>): ReadonlyArray<Op> => {
  const store = `st-${name}`
  const keys = `k-${name}`
  const [proc, value] = random.pick([["countPerKey", "long"], ["dedup", "string"], ["buffer", "string"]] as const)
  const schedule = proc === "buffer" ? { everyMs: random.pick([5, 12]), on: random.pick(["stream", "wall"]) } : {}
  const declared = { name: store, key: "string", value, ...random.pick(stores) }
  const processor = { op: "addProcessor", name, parents: [keys], processor: { proc, store, ...schedule } }
  const first = {
    op: "addProcessor",
    name: keys,
    parents,
    processor: { proc: "rekey", key: { fn: "keyConcat", with: "" } }
  }
  const there = { ...first, processor: { proc: "rekey", key: { fn: "constKey", v: "k" } } }
  return random.chance(0.7)
    ? [there, processor, { op: "addStateStore", store: declared, processors: [name] }]
    : [there, processor, { op: "addStateStore", store: declared }, { op: "connect", processor: name, stores: [store] }]
}

/** A spec of named nodes, each below some of those before it, without answers. */
export const papi = (random: Random, name: string): Spec => {
  const [ops, topics] = sources(random)
  const all = [...ops]
  /** Topics that fill stores: their records have keys. */
  const fills: Array<string> = []
  const names = ops.map((op) => op["name"] as string)
  const serdes: Record<string, { key: string; value: string }> = {}
  for (let index = 0; index < random.between(1, 7); index++) {
    const node = `p${index}`
    const parents = random.some(names, random.chance(0.25) ? 2 : 1)
    const kind = random.below(100)
    if (kind < 25) all.push(...stateful(random, node, parents))
    else if (kind < 37) {
      all.push(...filled(random, node, parents))
      fills.push(`fills-${node}`)
    } else if (kind < 45) {
      all.push(...choosing(node, parents, random))
      names.push(`${node}-x`, `${node}-z`)
    } else all.push({ op: "addProcessor", name: node, parents, processor: random.pick(plain) })
    // what counts forwards longs: only sinks below
    const counts = all.some((op) => op["name"] === node && op["processor"]?.proc === "countPerKey")
    if (!counts) names.push(node)
    else {
      all.push({
        op: "addSink",
        name: `sink-${node}`,
        topic: `long-${node}`,
        parents: [node],
        key: "string",
        value: "long"
      })
      serdes[`long-${node}`] = { key: "string", value: "long" }
    }
  }
  const ends = random.some(names, random.between(1, 3))
  ends.forEach((parent, index) =>
    all.push({
      op: "addSink",
      name: `k${index}`,
      parents: [parent],
      ...(random.chance(0.2)
        ? { topicFn: random.pick(["byKey", "byValuePrefix", "bySource"]) }
        : { topic: `out${index}` })
    })
  )
  for (const topic of [...topics, ...fills]) serdes[topic] = { key: "string", value: "string" }
  return {
    name,
    area: "papi",
    config: settingsLike({}, random, random.pick([0, 0.3])),
    lowLevel: true,
    serdes,
    topology: all,
    steps: texts(random, [...topics, ...fills], random.pick([0, 0.2]))
  }
}
