/**
 * Topologies of operations that come one after the other as types allow it: any operation of streams, tables and groups, with
 * names, stores, windows and serdes that are sometimes there.
 */
import type { Erased } from "@millrace/core/serde/Erased"
import type { Op, Spec } from "../spec.ts"
import { texts } from "./inputs.ts"
import type { Random } from "./random.ts"
import { settingsLike } from "./settings.ts"

type ValueType = "string" | "long"

/** What an operation made: a stream or a table, of keys that are text unless a serde of windows is told. */
interface Node {
  readonly id: string
  readonly is: "stream" | "table"
  readonly value: ValueType
  readonly windowed?: string
  /** Windows that are of a time at which they close, so that a table can be suppressed until then. */
  readonly closes?: boolean
  readonly versioned?: boolean
}

/** Windows, the serde of their keys, and whether they close. */
interface Windowing {
  readonly windows: Erased
  readonly serde: string
  readonly isSession: boolean
  readonly closes: boolean
}

const textFunctions: ReadonlyArray<Erased> = [
  "identity",
  "upper",
  "lower",
  { fn: "concat", with: "!" },
  { fn: "prefix", with: "<" },
  { fn: "truncate", n: 2 },
  { fn: "nullIfContains", s: "x" },
  { fn: "nullIfLengthGt", n: 3 },
  { fn: "nullTo", v: "none" },
  { fn: "constStr", v: "k" },
  { fn: "keyValue", sep: "~", withKey: true },
  { fn: "keyValue", sep: "~" },
  { fn: "chain", fns: ["upper", { fn: "concat", with: "?" }] }
]

const predicates: ReadonlyArray<Erased> = [
  "always",
  "never",
  "keyNotNull",
  "valueNotNull",
  { fn: "keyIn", keys: ["a", "b"] },
  { fn: "valueLengthGt", n: 1 },
  { fn: "valueContains", s: "x" },
  { fn: "not", of: { fn: "valueContains", s: "y" } }
]

const keyFunctions: ReadonlyArray<Erased> = [
  "keyIdentity",
  "valueStr",
  { fn: "constKey", v: "a" },
  { fn: "valuePrefix", n: 1 },
  { fn: "keyPrefix", n: 1 },
  { fn: "keyConcat", with: "1" },
  { fn: "charMod", n: 2 },
  { fn: "valueCharMod", n: 3 },
  { fn: "nullIfValueContains", s: "z" },
  "nullKey"
]

const joiners: ReadonlyArray<Erased> = [
  "concatBoth",
  { fn: "keyConcatBoth", withKey: true },
  "left",
  "right",
  { fn: "nullIfContains", s: "null" },
  "nullJoin"
]

const aggregators: ReadonlyArray<Erased> = [
  "concat",
  "concatKV",
  { fn: "tag", with: "+" },
  "last",
  { fn: "concatOrNull", on: "x" }
]

/** Functions that throw at a value; what becomes of its record is for the handler to say. */
const throwing = {
  text: { fn: "throwIf", value: "foo" },
  predicate: { fn: "throwIfValue", value: "abc" },
  key: { fn: "throwIfValue", value: "yyy" },
  joiner: { fn: "throwIfRight", value: "xx" },
  aggregator: { fn: "throwOn", value: "hello" }
} as const

/** Makes one topology. `throws`: some of its functions do. */
class Composer {
  readonly #random: Random
  readonly #textFunctions: ReadonlyArray<Erased>
  readonly #predicates: ReadonlyArray<Erased>
  readonly #keyFunctions: ReadonlyArray<Erased>
  readonly #joiners: ReadonlyArray<Erased>
  readonly #aggregators: ReadonlyArray<Erased>
  readonly ops: Array<Op> = []
  readonly #nodes: Array<Node> = []
  readonly #sunk = new Set<string>()
  readonly serdes: Record<string, { key: string; value: string }> = {}
  readonly inputs = new Set<string>()
  #ids = 0
  #names = 0

  constructor(random: Random, throws: boolean) {
    this.#random = random
    const also = (functions: ReadonlyArray<Erased>, one: Erased) =>
      throws ? [...functions, one, one, one, one] : functions
    this.#textFunctions = also(textFunctions, throwing.text)
    this.#predicates = also(predicates, throwing.predicate)
    this.#keyFunctions = also(keyFunctions, throwing.key)
    this.#joiners = also(joiners, throwing.joiner)
    this.#aggregators = also(aggregators, throwing.aggregator)
  }

  #id(): string {
    return `n${this.#ids++}`
  }

  #name(chance: number, prefix = "nm"): { readonly name?: string } {
    return this.#random.chance(chance) ? { name: `${prefix}-${this.#names++}` } : {}
  }

  #add(op: string, fields: Erased, node?: Omit<Node, "id">): string {
    const id = this.#id()
    this.ops.push({ op, ...fields, id })
    if (node !== undefined) this.#nodes.push({ id, ...node })
    return id
  }

  #any(is: Node["is"], accepts: (node: Node) => boolean = () => true): Node | undefined {
    const choices = this.#nodes.filter((node) => node.is === is && accepts(node))
    if (choices.length === 0) return undefined
    const node = this.#random.chance(0.6) ? choices.at(-1)! : this.#random.pick(choices)
    this.#sunk.add(node.id)
    return node
  }

  /** A stream of plain keys. */
  #stream(): Node | undefined {
    return this.#any("stream", ({ windowed }) => windowed === undefined)
  }

  /** A table of plain keys. */
  #table(accepts: (node: Node) => boolean = () => true): Node | undefined {
    return this.#any("table", (node) => node.windowed === undefined && accepts(node))
  }

  #materialized(value: ValueType, chance: number, kind: "kv" | "window" | "session" = "kv"): Erased {
    const random = this.#random
    const isNeeded = value === "long" && kind !== "kv"
    if (!isNeeded && !random.chance(chance)) return {}
    const name = `st-${this.#names++}`
    const serdes = random.chance(0.5) || value === "long" ? { key: "string", value } : { value }
    const options = {
      ...(random.chance(0.15) ? { caching: random.chance(0.5) } : {}),
      ...(random.chance(0.1) ? { logging: false } : {}),
      ...(random.chance(0.1) ? { storeType: random.pick(["inMemory", "rocksDB"]) } : {}),
      ...(kind !== "kv" && random.chance(0.3) ? { retentionMs: random.pick([50, 100, 500]) } : {})
    }
    if (kind !== "kv" || random.chance(0.7)) {
      return { materialized: { ...(random.chance(0.7) ? { name } : {}), ...serdes, ...options } }
    }
    const { storeType: _, ...rest } = options as Erased
    return { materialized: { name, ...this.#supplier(), ...serdes, ...rest } }
  }

  #supplier(): Erased {
    return this.#random.pick<Erased>([
      { supplier: "inMemoryKeyValue" },
      { supplier: "persistentTimestampedKeyValue" },
      { supplier: "lru", maxEntries: 2 },
      { supplier: "persistentVersionedKeyValue", historyRetentionMs: this.#random.pick([20, 100, 1000]) }
    ])
  }

  source(): void {
    const random = this.#random
    const topic = ["in", "in2", "in3"].find((each) => !this.inputs.has(each))
    if (topic === undefined || random.chance(0.45)) return this.table()
    this.inputs.add(topic)
    const serdes = random.chance(0.8) ? { key: "string", value: "string" } : {}
    const time = random.chance(0.1)
      ? { timestampExtractor: random.pick(["valueAt", "usePartitionTime", "logAndSkip"]) }
      : {}
    const reset = random.chance(0.05) ? { offsetReset: random.pick(["earliest", "latest"]) } : {}
    this.#add(
      "stream",
      { ...this.#topics(topic), ...serdes, ...time, ...reset, ...this.#name(0.15) },
      { is: "stream", value: "string" }
    )
  }

  /** One topic, sometimes several or those of a pattern. */
  #topics(topic: string): Erased {
    const random = this.#random
    if (random.chance(0.07)) {
      this.inputs.delete(topic)
      for (const each of [`${topic}-a`, `${topic}-b`]) this.inputs.add(each)
      return { pattern: `${topic}-.*` }
    }
    if (random.chance(0.07)) {
      this.inputs.add(`${topic}x`)
      return { topics: [topic, `${topic}x`] }
    }
    return { topic }
  }

  /** A global table, joined with a stream. */
  global(): void {
    const random = this.#random
    const of = this.#stream()
    if (of === undefined || this.inputs.has("glob")) return
    this.inputs.add("glob")
    const store = random.chance(0.5) ? { materialized: { name: `gl-${this.#names++}` } } : {}
    const table = this.#add("globalTable", { topic: "glob", key: "string", value: "string", ...store })
    const keyMapper = random.pick<Erased>(["keyIdentity", "valueStr", { fn: "keyPrefix", n: 1 }, "nullKey"])
    const joiner = of.value === "string" ? random.pick(this.#joiners) : "concatBoth"
    this.#add(
      random.pick(["join", "leftJoin"]),
      { of: of.id, with: table, keyMapper, joiner, ...this.#name(0.2) },
      { is: "stream", value: "string" }
    )
  }

  /** A processor with a store of its own or shared; keys are there. */
  stateful(): void {
    const random = this.#random
    const of = this.#stream()
    if (of === undefined || of.value === "long") return
    const name = `ps-${this.#names++}`
    const there = this.#add("filter", { of: of.id, predicate: "keyNotNull" })
    const [proc, value, isFull] = random.pick<readonly [string, ValueType, boolean]>([
      ["countPerKey", "long", false],
      ["dedup", "string", false],
      ["buffer", "string", true],
      ["joinStore", "string", false]
    ])
    const [kind, supplier] = random.pick<readonly [string, string]>(
      proc === "joinStore"
        ? [["timestampedKv", "persistentTimestampedKeyValue"], ["timestampedKv", "inMemoryKeyValue"]]
        : [["kv", "persistentKeyValue"], ["kv", "inMemoryKeyValue"]]
    )
    const store = { name, kind, supplier, key: "string", value, ...(random.chance(0.1) ? { logging: false } : {}) }
    const schedule = proc === "buffer" ? { everyMs: random.pick([5, 20]), on: random.pick(["stream", "wall"]) } : {}
    const isOwn = random.chance(0.3)
    const processor = { proc, store: name, ...schedule, ...(isOwn ? { ownStores: [store] } : {}) }
    if (!isOwn) this.ops.push({ op: "addStateStore", store })
    if (proc === "joinStore" && !isOwn) {
      const updates = { of: there, processor: { proc: "storeUpdate", store: name }, stores: [name] }
      this.#add("process", updates)
    }
    const use = isFull || random.chance(0.5) ? "process" : "processValues"
    const result = proc === "countPerKey" ? "long" : "string"
    const fields = { of: there, processor, ...(isOwn ? {} : { stores: [name] }), ...this.#name(0.1) }
    this.#add(use, fields, { is: "stream", value: result })
  }

  /** Through a topic that is both written and read, or to topics that each record says. */
  through(): void {
    const random = this.#random
    const of = this.#stream()
    if (of === undefined || of.value === "long") return
    if (random.chance(0.4)) {
      this.#add("to", { of: of.id, topicFn: random.pick(["byKey", "byValuePrefix", "bySource", "byHeader"]) })
      return
    }
    const topic = `mid${this.#names++}`
    this.#add("to", { of: of.id, topic })
    this.#add("stream", { topic, key: "string", value: "string" }, { is: "stream", value: "string" })
  }

  table(): void {
    const topic = ["tab", "tab2"].find((each) => !this.inputs.has(each))
    if (topic === undefined) return
    this.inputs.add(topic)
    const materialized = this.#materialized("string", 0.5)
    this.#add(
      "table",
      { topic, key: "string", value: "string", ...materialized, ...this.#name(0.1) },
      { is: "table", value: "string", versioned: isVersioned(materialized) }
    )
  }

  stateless(): void {
    const of = this.#stream()
    if (of === undefined) return
    const random = this.#random
    const named = this.#name(0.15)
    const text = { is: "stream", value: "string" } as const
    if (of.value === "long") {
      this.#add(
        "mapValues",
        { of: of.id, fn: random.pick(["toStr", { fn: "addLong", n: 1 }]) as Erased, ...named },
        text
      )
      return
    }
    switch (random.below(9)) {
      case 0:
        this.#add(
          random.pick(["filter", "filterNot"]),
          { of: of.id, predicate: random.pick(this.#predicates), ...named },
          text
        )
        break
      case 1:
        this.#add("mapValues", { of: of.id, fn: random.pick(this.#textFunctions), ...named }, text)
        break
      case 2: {
        const fn = random.chance(0.2)
          ? "swap"
          : { fn: "kv", key: random.pick(this.#keyFunctions), value: random.pick(this.#textFunctions) }
        this.#add("map", { of: of.id, fn, ...named }, text)
        break
      }
      case 3:
        this.#add("flatMapValues", {
          of: of.id,
          fn: random.pick<Erased>(["splitWords", { fn: "repeat", n: 2 }, "same"]),
          ...named
        }, text)
        break
      case 4:
        this.#add("selectKey", { of: of.id, fn: random.pick(this.#keyFunctions), ...named }, text)
        break
      case 5:
        this.#add("flatMap", {
          of: of.id,
          fn: random.pick<Erased>(["wordsAsKeys", "bothWays", "splitWords"]),
          ...named
        }, text)
        break
      case 6:
        this.#process(of)
        break
      case 7:
        this.#split(of)
        break
      case 8:
        this.#add("peek", { of: of.id, ...named }, text)
        break
    }
  }

  #process(of: Node): void {
    const random = this.#random
    const processor = random.pick<Erased>([
      "forward",
      "twice",
      "meta",
      "tagHeaders",
      { proc: "shiftTime", by: random.pick([-5, 3, 20]) },
      { proc: "mapValue", value: "upper" }
    ])
    const full = random.pick<Erased>([
      "dropHeaders",
      { proc: "rekey", key: random.pick(this.#keyFunctions) },
      { proc: "passTicker", everyMs: random.pick([5, 10]), on: random.pick(["stream", "wall"]) },
      "commit"
    ])
    const text = { is: "stream", value: "string" } as const
    if (random.chance(0.4)) this.#add("processValues", { of: of.id, processor, ...this.#name(0.1) }, text)
    else this.#add("process", { of: of.id, processor: random.chance(0.5) ? processor : full, ...this.#name(0.1) }, text)
  }

  #split(of: Node): void {
    const name = `sp${this.#names++}-`
    const id = this.#add("split", {
      of: of.id,
      name,
      branches: [{ predicate: this.#random.pick(this.#predicates), name: "a" }],
      default: { name: "b" }
    })
    for (const branch of ["a", "b"]) this.#nodes.push({ id: `${id}.${name}${branch}`, is: "stream", value: "string" })
  }

  merge(): void {
    const [one, other] = [this.#stream(), this.#stream()]
    if (one === undefined || other === undefined || one.value !== other.value) return
    this.#add("merge", { of: one.id, with: other.id, ...this.#name(0.1) }, { is: "stream", value: one.value })
  }

  repartition(): void {
    const of = this.#stream()
    if (of === undefined) return
    const isTold = of.value === "long" || this.#random.chance(0.5)
    const repartitioned = { ...this.#name(0.5, "rp"), ...(isTold ? { key: "string", value: of.value } : {}) }
    this.#add("repartition", { of: of.id, repartitioned }, { is: "stream", value: of.value })
  }

  toTable(): void {
    const of = this.#stream()
    if (of === undefined) return
    const materialized = this.#materialized(of.value, of.value === "long" ? 1 : 0.5)
    this.#add(
      "toTable",
      { of: of.id, ...materialized, ...this.#name(0.1) },
      { is: "table", value: of.value, versioned: isVersioned(materialized) }
    )
  }

  #grouped(of: Node): string {
    const isTold = of.value === "long" || this.#random.chance(0.4)
    const grouped = isTold ? { grouped: { ...this.#name(0.5, "grp"), key: "string", value: of.value } } : {}
    return this.#random.chance(0.5)
      ? this.#add("groupByKey", { of: of.id, ...grouped })
      : this.#add("groupBy", {
        of: of.id,
        fn: of.value === "long" ? { fn: "charMod", n: 2 } : this.#random.pick(this.#keyFunctions),
        ...grouped
      })
  }

  #windowing(): Windowing {
    const random = this.#random
    const grace = random.pick([{}, { graceMs: 0 }, { graceMs: 5 }, { graceMs: 20 }])
    const size = random.pick([5, 10, 20])
    switch (random.below(4)) {
      case 0:
        return {
          windows: { type: "sliding", diffMs: size, ...grace },
          serde: `windowed:string:${size}`,
          isSession: false,
          closes: true
        }
      case 1:
        return {
          windows: { type: "session", gapMs: size, ...grace },
          serde: "session:string",
          isSession: true,
          closes: true
        }
      case 2:
        return {
          windows: { type: "time", sizeMs: size, advanceMs: random.pick([1, 3, 5]), ...grace },
          serde: `windowed:string:${size}`,
          isSession: false,
          closes: true
        }
      default:
        return {
          windows: { type: "time", sizeMs: size, ...grace },
          serde: `windowed:string:${size}`,
          isSession: false,
          closes: true
        }
    }
  }

  /** What gathers a group to a table: a count, a sum or a text. */
  #gathering(value: ValueType): readonly [string, Erased, ValueType] {
    const random = this.#random
    if (random.chance(0.35)) return ["count", {}, "long"]
    if (value === "long") return ["reduce", { reducer: random.pick(["sum", "max", "min", "last"]) }, "long"]
    if (random.chance(0.4)) return ["reduce", { reducer: random.pick(["concat", "first", "last"]) }, "string"]
    if (random.chance(0.3)) {
      return ["aggregate", { initializer: "zero", aggregator: "addLength", merger: "sum" }, "long"]
    }
    return ["aggregate", {
      initializer: random.pick(["empty", "null"]),
      aggregator: random.pick(this.#aggregators),
      merger: "concat"
    }, "string"]
  }

  group(): void {
    const of = this.#stream()
    if (of === undefined) return
    const grouped = this.#grouped(of)
    if (this.#random.chance(0.15)) return this.#cogroup(grouped)
    const [op, fields, value] = this.#gathering(of.value)
    const isLongAggregate = op !== "count" && value === "long"
    const { merger: _, ...plain } = fields
    const materialized = this.#materialized(value, isLongAggregate ? 1 : 0.4)
    this.#add(
      op,
      { of: grouped, ...plain, ...materialized, ...this.#name(0.1) },
      { is: "table", value, versioned: isVersioned(materialized) }
    )
  }

  #cogroup(grouped: string): void {
    const random = this.#random
    let id = this.#add("cogroup", { of: grouped, aggregator: { fn: "tag", with: "1" } })
    const other = random.chance(0.7) ? this.#stream() : undefined
    if (other !== undefined) {
      id = this.#add("cogroup", { of: id, with: this.#grouped(other), aggregator: { fn: "tag", with: "2" } })
    }
    const windowing = random.chance(0.5) ? this.#windowing() : undefined
    if (windowing !== undefined) id = this.#add("windowedBy", { of: id, windows: windowing.windows })
    const merger = windowing?.isSession === true ? { merger: "concat" } : {}
    const kind = windowing === undefined ? "kv" : windowing.isSession ? "session" : "window"
    this.#add(
      "aggregate",
      { of: id, initializer: "empty", ...merger, ...this.#materialized("string", 0.4, kind), ...this.#name(0.1) },
      {
        is: "table",
        value: "string",
        ...(windowing === undefined ? {} : { windowed: windowing.serde, closes: windowing.closes })
      }
    )
  }

  window(): void {
    const of = this.#stream()
    if (of === undefined) return
    const random = this.#random
    const grouped = this.#grouped(of)
    const { closes, isSession, serde, windows } = this.#windowing()
    const emit = random.chance(0.3) ? { emit: random.pick(["onWindowClose", "onWindowUpdate"]) } : {}
    const windowed = this.#add("windowedBy", { of: grouped, windows, ...emit })
    const [op, { merger, ...fields }, value] = this.#gathering(of.value)
    const merging = isSession && op === "aggregate" ? { merger } : {}
    const chance = value === "long" && op !== "count" ? 1 : 0.4
    this.#add(
      op,
      {
        of: windowed,
        ...fields,
        ...merging,
        ...this.#materialized(value, chance, isSession ? "session" : "window"),
        ...this.#name(0.1)
      },
      { is: "table", value, windowed: serde, closes }
    )
  }

  suppress(): void {
    const random = this.#random
    const of = this.#any("table")
    if (of === undefined || of.versioned === true) return
    const until = of.closes === true && random.chance(0.7)
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
    this.#add("suppress", { of: of.id, ...until, ...buffer, ...this.#name(0.3, "sup") }, { ...of })
  }

  toStream(): void {
    const of = this.#any("table")
    if (of === undefined) return
    const plain = { is: "stream", value: of.value } as const
    if (of.windowed === undefined) this.#add("toStream", { of: of.id, ...this.#name(0.1) }, plain)
    else if (this.#random.chance(0.3)) this.#add("toStream", { of: of.id }, { ...plain, windowed: of.windowed })
    else {this.#add("toStream", {
        of: of.id,
        key: this.#random.pick(["windowToString", "windowKey"]),
        ...this.#name(0.1)
      }, plain)}
  }

  changeTable(): void {
    const random = this.#random
    const of = this.#any("table")
    if (of === undefined) return
    const kept = {
      is: "table",
      ...(of.windowed === undefined ? {} : { windowed: of.windowed, closes: of.closes === true })
    } as const
    const materialized = of.windowed === undefined ? this.#materialized("string", 0.3) : {}
    const named = this.#name(0.1)
    if (of.value === "long") {
      this.#add("mapValues", { of: of.id, fn: "toStr", ...materialized, ...named }, { ...kept, value: "string" })
    } else if (random.chance(0.5)) {
      this.#add("mapValues", { of: of.id, fn: random.pick(this.#textFunctions), ...materialized, ...named }, {
        ...kept,
        value: "string"
      })
    } else if (random.chance(0.8)) {
      const predicate = random.pick(this.#predicates)
      this.#add(random.pick(["filter", "filterNot"]), { of: of.id, predicate, ...materialized, ...named }, {
        ...kept,
        value: "string"
      })
    } else {
      const processor = { proc: "mapValue", value: random.pick(this.#textFunctions) }
      this.#add("transformValues", { of: of.id, processor, ...materialized, ...named }, { ...kept, value: "string" })
    }
  }

  groupTable(): void {
    const random = this.#random
    const of = this.#table(({ value }) => value === "string")
    if (of === undefined) return
    const fn = {
      fn: "kv",
      key: random.pick(this.#keyFunctions),
      ...(random.chance(0.3) ? { value: random.pick(this.#textFunctions) } : {})
    }
    const grouped = this.#add("groupBy", {
      of: of.id,
      fn,
      grouped: { ...this.#name(0.4, "tg"), key: "string", value: "string" }
    })
    const [op, fields, value] = random.pick<readonly [string, Erased, ValueType]>([
      ["count", {}, "long"],
      ["reduce", { adder: "concat", subtractor: "removeFirst" }, "string"],
      ["aggregate", { initializer: "empty", adder: "concat", subtractor: "removeFirst" }, "string"]
    ])
    this.#add(op, { of: grouped, ...fields, ...this.#materialized(value, 0.4), ...this.#name(0.1) }, {
      is: "table",
      value
    })
  }

  joinStreams(): void {
    const random = this.#random
    const [of, other] = [this.#stream(), this.#stream()]
    if (of === undefined || other === undefined) return
    const windows = {
      diffMs: random.pick([0, 5, 10, 20]),
      ...(random.chance(0.6) ? { graceMs: random.pick([0, 5, 30]) } : {}),
      ...(random.chance(0.15) ? { beforeMs: random.pick([0, 3, 15]) } : {}),
      ...(random.chance(0.15) ? { afterMs: random.pick([0, 3, 15]) } : {})
    }
    const isTold = of.value === "long" || other.value === "long" || random.chance(0.4)
    const streamJoined = isTold
      ? {
        streamJoined: {
          ...this.#name(0.4, "jn"),
          ...(random.chance(0.3) ? { storeName: `js-${this.#names++}` } : {}),
          ...(random.chance(0.1) ? { storeType: "inMemory" } : {}),
          ...(random.chance(0.1) ? { logging: false } : {}),
          key: "string",
          value: of.value,
          otherValue: other.value
        }
      }
      : {}
    const op = random.pick(["join", "leftJoin", "outerJoin"])
    const joiner = this.#joiner(of, other)
    this.#add(op, { of: of.id, with: other.id, joiner, windows, ...streamJoined }, { is: "stream", value: "string" })
  }

  #joiner(of: Node, other: Node): Erased {
    return of.value === "string" && other.value === "string" ? this.#random.pick(this.#joiners) : "concatBoth"
  }

  joinTable(): void {
    const random = this.#random
    const [of, table] = [this.#stream(), this.#table()]
    if (of === undefined || table === undefined) return
    const isTold = of.value === "long" || table.value === "long" || random.chance(0.4)
    const joined = isTold
      ? {
        joined: {
          ...this.#name(0.4, "jt"),
          key: "string",
          value: of.value,
          otherValue: table.value,
          ...(table.versioned === true && random.chance(0.5) ? { graceMs: random.pick([0, 5, 15]) } : {})
        }
      }
      : {}
    const joiner = this.#joiner(of, table)
    this.#add(
      random.pick(["join", "leftJoin"]),
      { of: of.id, with: table.id, joiner, ...joined },
      { is: "stream", value: "string" }
    )
  }

  joinTables(): void {
    const random = this.#random
    const [of, other] = [this.#table(), this.#table()]
    if (of === undefined || other === undefined) return
    const joiner = of.value === "string" && other.value === "string"
      ? random.pick<Erased>(["concatBoth", "left", "right", { fn: "nullIfContains", s: "null" }])
      : "concatBoth"
    const materialized = this.#materialized("string", 0.3)
    const table = { is: "table", value: "string", versioned: isVersioned(materialized) } as const
    const both = { of: of.id, with: other.id, joiner, ...materialized }
    if (of.value === "string" && random.chance(0.3)) {
      const foreignKey = random.pick<Erased>(["valueFk", "beforePipe", { fn: "keyAndBeforePipe", withKey: true }])
      const tableJoined = random.chance(0.2) ? { tableJoined: this.#name(1, "fk") } : {}
      this.#add(random.pick(["join", "leftJoin"]), { ...both, foreignKey, ...tableJoined }, table)
    } else {
      this.#add(random.pick(["join", "leftJoin", "outerJoin"]), { ...both, ...this.#name(0.1) }, table)
    }
  }

  /** Sends what nothing has read to topics. */
  sinks(): void {
    const left = this.#nodes.filter(({ id }) => !this.#sunk.has(id))
    for (const [index, node] of left.entries()) {
      const topic = `out${index}`
      const key = node.windowed ?? "string"
      const of = node.is === "stream" ? node.id : this.#add("toStream", { of: node.id })
      this.serdes[topic] = { key, value: node.value }
      this.#add("to", { of, topic, key, value: node.value, ...this.#name(0.1) })
    }
  }
}

const isVersioned = ({ materialized }: Erased): boolean => materialized?.supplier === "persistentVersionedKeyValue"

const moves = [
  "source",
  "stateless",
  "stateless",
  "stateless",
  "merge",
  "repartition",
  "toTable",
  "group",
  "group",
  "window",
  "window",
  "suppress",
  "toStream",
  "toStream",
  "changeTable",
  "groupTable",
  "joinStreams",
  "joinTable",
  "joinTables",
  "global",
  "stateful",
  "through"
] as const

/** What becomes of records that fail. */
const handling = (random: Random): Spec["config"] => ({
  ...(random.chance(0.8) ? { "processing.exception.handler": "continue" } : {}),
  ...(random.chance(0.5) ? { "errors.dead.letter.queue.topic.name": "dlq" } : {})
})

/** A spec of a random topology with random settings and inputs, without answers. */
export const compose = (random: Random, name: string): Spec => {
  const throws = random.chance(0.15)
  const composer = new Composer(random, throws)
  composer.source()
  composer.source()
  for (let count = random.between(3, 12); count > 0; count--) composer[random.pick(moves)]()
  composer.sinks()
  const inputs = [...composer.inputs]
  const serdes = { ...composer.serdes }
  for (const topic of inputs) serdes[topic] = { key: "string", value: "string" }
  return {
    name,
    area: "composed",
    config: { ...settingsLike({}, random, random.pick([0, 0.4, 0.6])), ...(throws ? handling(random) : {}) },
    serdes,
    topology: composer.ops,
    steps: texts(random, inputs, random.pick([0, 0, 0.1]))
  }
}
