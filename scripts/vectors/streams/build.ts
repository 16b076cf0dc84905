/**
 * From the operations of a spec to a topology, through the public DSL alone. What an operator asks for that is not there
 * yet is `Unsupported`, by name.
 *
 * Kafka has default serdes and the DSL has none, so the builder keeps in mind which serdes Kafka would take (`string`
 * where one was forgotten), and gives them wherever the DSL wants to know.
 */
import type { Erased } from "@millrace/core/serde/Erased"
import * as KGroupedStream from "@millrace/core/streams/KGroupedStream"
import * as KGroupedTable from "@millrace/core/streams/KGroupedTable"
import * as KStream from "@millrace/core/streams/KStream"
import * as KTable from "@millrace/core/streams/KTable"
import * as SessionWindowedKStream from "@millrace/core/streams/SessionWindowedKStream"
import * as SessionWindows from "@millrace/core/streams/SessionWindows"
import * as SlidingWindows from "@millrace/core/streams/SlidingWindows"
import * as Suppressed from "@millrace/core/streams/Suppressed"
import * as TimeWindowedKStream from "@millrace/core/streams/TimeWindowedKStream"
import * as TimeWindows from "@millrace/core/streams/TimeWindows"
import * as Topic from "@millrace/core/streams/Topic"
import * as Topology from "@millrace/core/streams/Topology"
import * as UnlimitedWindows from "@millrace/core/streams/UnlimitedWindows"
import * as Windows from "@millrace/core/streams/Windows"
import * as Serde from "@millrace/core/serde/Serde"
import * as Functions from "./functions.ts"

/** A line of a vectors file, as far as it is read here. */
export interface Spec {
  readonly name: string
  readonly area: string
  readonly config: { readonly [name: string]: string }
  readonly lowLevel?: boolean
  readonly describeOnly?: boolean
  readonly wallClockStartMs?: number
  readonly serdes: { readonly [topic: string]: { readonly key: string; readonly value: string } }
  readonly topology: ReadonlyArray<Op>
  readonly steps: ReadonlyArray<Erased>
  readonly describe?: string
  readonly results?: ReadonlyArray<ReadonlyArray<Erased>>
  readonly effects?: ReadonlyArray<ReadonlyArray<Erased>>
  readonly stores?: { readonly [name: string]: Erased }
  readonly metrics?: { readonly "dropped-records-total": number }
  readonly error?: {
    readonly at: "build" | number
    readonly class: string
    readonly message: string
    readonly cause?: Erased
  }
}

/** One operation of a spec. */
export interface Op {
  readonly id?: string
  readonly op: string
  readonly [field: string]: Erased
}

/** Something that the DSL does not have yet. */
export class Unsupported extends Error {
  readonly what: string
  constructor(what: string) {
    super(`unsupported: ${what}`)
    this.what = what
  }
}

/** What peek and foreach report to. */
export type Effects = (effect: { readonly label: string; readonly key: Erased; readonly value: Erased }) => void

/** A stream, table or group, and the serdes that Kafka would take for it. */
interface Value {
  readonly is: Erased
  readonly key: Serde.Any
  readonly value: Serde.Any
  /** The serde of its keys in windows, if it is in windows. */
  readonly windowed?: (key: Serde.Any) => Serde.Any
}

interface Scope {
  readonly values: Map<string, Value>
  readonly parts: Array<Topology.Part<Erased, Erased>>
  readonly effects: Effects
}

/** A 64-bit integer of any size: specs write it as a number, or as decimal text beyond 2^53. */
const wideLong = Serde.make<number | bigint>({
  name: "long",
  serialize: (value) => Serde.int64.serializeUnsafe(BigInt(value)),
  deserialize: (bytes) => {
    const wide = Serde.int64.deserializeUnsafe(bytes)
    return Number.isSafeInteger(Number(wide)) ? Number(wide) : wide
  }
})

const simpleSerdes: { readonly [name: string]: Serde.Any } = {
  string: Serde.string,
  long: wideLong,
  int: Serde.int,
  short: Serde.short,
  double: Serde.double,
  float: Serde.float,
  bool: Serde.boolean,
  uuid: Serde.uuid,
  bytes: Serde.bytes,
  bytearray: Serde.bytes
}

/** The serde of that name; every one takes null, as Kafka's do. */
export const serde = (name: string): Serde.Any => {
  const simple = simpleSerdes[name]
  if (simple !== undefined) return Serde.nullable(simple)
  const [kind, ...rest] = name.split(":")
  if (kind === "list") return Serde.nullable(Serde.list(serde(rest.join(":"))))
  if (kind === "windowed") return Serde.windowed(serde(rest[0]!), Number(rest[1]))
  if (kind === "session") return Serde.sessionWindowed(serde(rest.join(":")))
  throw new Unsupported(`serde ${name}`)
}

const text = serde("string")
const serdeOr = (name: string | undefined, otherwise: Serde.Any): Serde.Any =>
  name === undefined ? otherwise : serde(name)

/** Options of a store, present whenever a `Materialized` was. */
const storeOptions = (materialized: Erased): Erased => {
  if (materialized === undefined) return {}
  const { caching, key, logging, name, retentionMs, storeType, supplier, value } = materialized
  return {
    as: name,
    storeType: storeTypeOf(storeType, supplier),
    caching: caching ?? true,
    logging,
    retention: retentionMs,
    key: key === undefined ? undefined : serde(key),
    value: value === undefined ? undefined : serde(value)
  }
}

const suppliers = [
  "persistentKeyValue",
  "persistentTimestampedKeyValue",
  "inMemoryKeyValue",
  "persistentWindow",
  "persistentTimestampedWindow",
  "inMemoryWindow",
  "persistentSession",
  "inMemorySession"
]

const storeTypeOf = (storeType: string | undefined, supplier: string | undefined): string | undefined => {
  if (supplier !== undefined && !suppliers.includes(supplier)) throw new Unsupported(`store supplier ${supplier}`)
  if (storeType === undefined && supplier === undefined) return undefined
  return storeType === "inMemory" || supplier?.startsWith("inMemory") === true ? "memory" : "persistent"
}

const sourceOptions = (op: Op): Erased => ({
  name: op["name"],
  offsetReset: offsetReset(op["offsetReset"]),
  timestamp: timestamp(op["timestampExtractor"])
})

const offsetReset = (reset: string | undefined): string | undefined => {
  if (reset !== undefined && !["earliest", "latest", "none"].includes(reset)) {
    throw new Unsupported(`offsetReset ${reset}`)
  }
  return reset
}

/** The extractor of that name. */
export const timestamp = (name: string | undefined): Erased => {
  switch (name) {
    case undefined:
      return undefined
    case "failOnInvalid":
      return name
    case "logAndSkip":
    case "usePartitionTime":
      return `${name}OnInvalid`
    case "valueAt":
      return (record: { readonly value: Erased; readonly timestamp: number }, partitionTime: number): number => {
        if (typeof record.value !== "string" || !record.value.includes("@")) return record.timestamp
        const at = record.value.slice(record.value.lastIndexOf("@") + 1)
        return at === "p" ? partitionTime : Number(at)
      }
  }
  throw new Unsupported(`timestampExtractor ${name}`)
}

const windowsOf = (windows: Erased): Windows.Any => {
  const { advanceMs, diffMs, gapMs, graceMs, sizeMs, startMs, type } = windows
  switch (type) {
    case "time":
      return TimeWindows.hopping(sizeMs, { advance: advanceMs ?? sizeMs, grace: graceMs })
    case "sliding":
      return SlidingWindows.ofTimeDifference(diffMs, { grace: graceMs })
    case "session":
      return SessionWindows.withGap(gapMs, { grace: graceMs })
    case "unlimited":
      return UnlimitedWindows.from(startMs)
  }
  throw new Unsupported(`${type} windows`)
}

const windowedSerde = (windows: Windows.Any) => (key: Serde.Any): Serde.Any =>
  windows._tag === "SessionWindows" ? Serde.sessionWindowed(key) : Serde.windowed(key, Windows.sizeMs(windows))

const suppression = (op: Op): Erased => {
  const { buffer, name, until } = op as Erased
  const limits = { name, logging: buffer?.logging, recordsMax: buffer?.maxRecords, sizeMaxBytes: buffer?.maxBytes }
  if (until === "windowCloses") return Suppressed.untilWindowCloses(limits)
  const whenFull = buffer?.full === "shutDown" ? "ShutDown" : "EmitEarly"
  return Suppressed.untilTimeLimit(op["ms"], { ...limits, whenFull })
}

type Kind =
  | "KStream"
  | "KTable"
  | "KGroupedStream"
  | "KGroupedTable"
  | "TimeWindowedKStream"
  | "SessionWindowedKStream"
type Handler = (scope: Scope, op: Op, of: Value) => Value | undefined

const onTable = (of: Value): boolean => of.is._tag === "KTable"
const named = (op: Op): Erased => ({ name: op["name"] })

/** What an operation makes of the value it reads: of a stream, or of a table. */
const handlers: { readonly [op: string]: { readonly [K in Kind]?: Handler } } = {
  filter: {
    KStream: (_, op, of) => ({ ...of, is: KStream.filter(of.is, Functions.predicate(op["predicate"]), named(op)) }),
    KTable: (_, op, of) => filterTable(op, of, KTable.filter)
  },
  filterNot: {
    KStream: (_, op, of) => ({ ...of, is: KStream.filterNot(of.is, Functions.predicate(op["predicate"]), named(op)) }),
    KTable: (_, op, of) => filterTable(op, of, KTable.filterNot)
  },
  mapValues: {
    KStream: (_, op, of) => ({
      ...of,
      is: KStream.mapValues(of.is, Functions.valueFunction(op["fn"]), { value: text, ...named(op) }),
      value: text
    }),
    KTable: (_, op, of) => {
      const value = serdeOr(op["materialized"]?.value, text)
      const store = op["materialized"] === undefined ? {} : { ...storeOptions(op["materialized"]), value }
      const is: Erased = (KTable.mapValues as Erased)(of.is, Functions.valueFunction(op["fn"]), {
        ...store,
        ...named(op)
      })
      return { ...of, is, key: serdeOr(op["materialized"]?.key, of.key), value }
    }
  },
  map: {
    KStream: (_, op, of) => rekeyed(of, KStream.map(of.is, Functions.pairFunction(op["fn"]), both(op)), text)
  },
  flatMap: {
    KStream: (_, op, of) => rekeyed(of, KStream.flatMap(of.is, Functions.pairsFunction(op["fn"]), both(op)), text)
  },
  flatMapValues: {
    KStream: (_, op, of) => ({
      ...of,
      is: KStream.flatMapValues(of.is, Functions.valuesFunction(op["fn"]), { value: text, ...named(op) }),
      value: text
    })
  },
  selectKey: {
    KStream: (_, op, of) =>
      rekeyed(of, KStream.selectKey(of.is, Functions.keyFunction(op["fn"]), { key: text, ...named(op) }), of.value)
  },
  peek: { KStream: (scope, op, of) => ({ ...of, is: KStream.peek(of.is, reporting(scope, op), named(op)) }) },
  foreach: { KStream: (scope, op, of) => ({ ...of, is: KStream.foreach(of.is, reporting(scope, op), named(op)) }) },
  merge: {
    KStream: (scope, op, of) => ({ ...of, is: KStream.merge(of.is, valueOf(scope, op["with"]).is, named(op)) })
  },
  split: { KStream: (scope, op, of) => split(scope, op, of) },
  repartition: {
    KStream: (_, op, of) => {
      const { key, name, partitions, value } = op["repartitioned"] ?? {}
      const serdes = { key: serdeOr(key, of.key), value: serdeOr(value, of.value) }
      return { ...of, is: KStream.repartition(of.is, { ...serdes, name, partitions }), ...serdes }
    }
  },
  toTable: {
    KStream: (_, op, of) => {
      const serdes = {
        key: serdeOr(op["materialized"]?.key, of.key),
        value: serdeOr(op["materialized"]?.value, of.value)
      }
      const options = { ...storeOptions(op["materialized"]), ...serdes, ...named(op) }
      return { ...of, is: KStream.toTable(of.is, options), ...serdes }
    }
  },
  groupByKey: {
    KStream: (_, op, of) => {
      const serdes = groupedSerdes(op, of.key, of.value)
      return { ...of, is: KStream.groupByKeyAs(of.is, { ...serdes, name: op["grouped"]?.name }), ...serdes }
    }
  },
  groupBy: {
    KStream: (_, op, of) => {
      const serdes = groupedSerdes(op, text, of.value)
      const options = { ...serdes, name: op["grouped"]?.name }
      return { ...of, is: KStream.groupBy(of.is, Functions.keyFunction(op["fn"]), options), ...serdes }
    },
    KTable: (_, op, of) => {
      const serdes = groupedSerdes(op, text, text)
      const options = { ...serdes, name: op["grouped"]?.name }
      return { ...of, is: KTable.groupBy(of.is, Functions.pairFunction(op["fn"]), options), ...serdes }
    }
  },
  windowedBy: {
    KGroupedStream: (_, op, of) => {
      const windows = windowsOf(op["windows"])
      const is = (KGroupedStream.windowedBy as Erased)(of.is, windows, { emit: op["emit"] })
      return { ...of, is, windowed: windowedSerde(windows) }
    }
  },
  count: {
    KGroupedStream: (_, op, of) => gathered(op, of, serde("long"), (o) => KGroupedStream.count(of.is, o)),
    TimeWindowedKStream: (_, op, of) => gathered(op, of, serde("long"), (o) => TimeWindowedKStream.count(of.is, o)),
    SessionWindowedKStream: (_, op, of) =>
      gathered(op, of, serde("long"), (o) => SessionWindowedKStream.count(of.is, o)),
    KGroupedTable: (_, op, of) => gathered(op, of, serde("long"), (o) => KGroupedTable.count(of.is, o))
  },
  reduce: {
    KGroupedStream: (_, op, of) => gathered(op, of, of.value, (o) => KGroupedStream.reduce(of.is, reducer(op), o)),
    TimeWindowedKStream: (_, op, of) =>
      gathered(op, of, of.value, (o) => TimeWindowedKStream.reduce(of.is, reducer(op), o)),
    SessionWindowedKStream: (_, op, of) =>
      gathered(op, of, of.value, (o) => SessionWindowedKStream.reduce(of.is, reducer(op), o)),
    KGroupedTable: (_, op, of) =>
      gathered(op, of, of.value, (o) => KGroupedTable.reduce(of.is, { ...adding(op), ...o }))
  },
  aggregate: {
    KGroupedStream: (_, op, of) =>
      gathered(op, of, text, (o) => KGroupedStream.aggregate(of.is, { ...folding(op), value: text, ...o })),
    TimeWindowedKStream: (_, op, of) =>
      gathered(op, of, text, (o) => TimeWindowedKStream.aggregate(of.is, { ...folding(op), value: text, ...o })),
    SessionWindowedKStream: (_, op, of) =>
      gathered(
        op,
        of,
        text,
        (o) => SessionWindowedKStream.aggregate(of.is, { ...folding(op), merge: merger(op), value: text, ...o })
      ),
    KGroupedTable: (_, op, of) =>
      gathered(
        op,
        of,
        text,
        (o) => KGroupedTable.aggregate(of.is, { initial: initial(op), ...adding(op), value: text, ...o })
      )
  },
  toStream: {
    KTable: (_, op, of) => {
      if (op["key"] === undefined) {
        return { ...of, is: op["name"] === undefined ? KTable.toStream(of.is) : KTable.toStreamAs(of.is, op["name"]) }
      }
      const stream = op["name"] === undefined ? KTable.toStream(of.is) : KTable.toStreamAs(of.is, op["name"])
      return rekeyed(of, KStream.selectKey(stream, Functions.keyFunction(op["key"]), text), of.value)
    }
  },
  suppress: { KTable: (_, op, of) => ({ ...of, is: KTable.suppress(of.is, suppression(op)) }) },
  join: {
    KStream: (scope, op, of) => joinTable(scope, op, of, KStream.join),
    KTable: (scope, op, of) => joinTables(scope, op, of, KTable.join)
  },
  leftJoin: {
    KStream: (scope, op, of) => joinTable(scope, op, of, KStream.leftJoin),
    KTable: (scope, op, of) => joinTables(scope, op, of, KTable.leftJoin)
  },
  outerJoin: { KTable: (scope, op, of) => joinTables(scope, op, of, KTable.outerJoin) },
  to: {
    KStream: (_, op, of) => {
      if (op["topic"] === undefined) throw new Unsupported("to topicFn")
      const topic = Topic.make(op["topic"], { key: serdeOr(op["key"], of.key), value: serdeOr(op["value"], of.value) })
      return { ...of, is: KStream.to(of.is, topic, named(op)) }
    }
  }
}

const both = (op: Op): Erased => ({ key: text, value: text, ...named(op) })

const rekeyed = (of: Value, is: Erased, value: Serde.Any): Value => ({ ...of, is, key: text, value })

const groupedSerdes = (op: Op, key: Serde.Any, value: Serde.Any): { key: Serde.Any; value: Serde.Any } =>
  op["grouped"] === undefined
    ? { key, value }
    : { key: serdeOr(op["grouped"].key, text), value: serdeOr(op["grouped"].value, text) }

const reporting = (scope: Scope, op: Op) => (value: Erased, key: Erased): void =>
  scope.effects({ label: op["label"] ?? op.id ?? "", key, value })

const reducer = (op: Op) => {
  const reduce = Functions.binaryFunction(op["reducer"])
  return (aggregate: Erased, value: Erased): Erased => reduce(aggregate, value, null)
}
const initial = (op: Op) => Functions.initializer(op["initializer"])
const folding = (op: Op): Erased => ({ initial: initial(op), add: Functions.binaryFunction(op["aggregator"]) })
const merger = (op: Op): Erased => Functions.binaryFunction(op["merger"])
const adding = (op: Op): Erased => ({
  add: Functions.binaryFunction(op["adder"]),
  remove: Functions.binaryFunction(op["subtractor"])
})

const filterTable = (op: Op, of: Value, filter: Erased): Value => {
  const serdes = { key: serdeOr(op["materialized"]?.key, of.key), value: serdeOr(op["materialized"]?.value, of.value) }
  const store = op["materialized"] === undefined ? {} : { ...storeOptions(op["materialized"]), ...serdes }
  return { is: filter(of.is, Functions.predicate(op["predicate"]), { ...store, ...named(op) }), ...serdes }
}

const gathered = (op: Op, of: Value, value: Serde.Any, gather: (options: Erased) => Erased): Value => {
  const options = { ...storeOptions(op["materialized"]), ...named(op) }
  for (const name of Object.keys(options)) if (options[name] === undefined) delete options[name]
  const inner = serdeOr(op["materialized"]?.key, of.key)
  return {
    is: gather(options),
    key: of.windowed === undefined ? inner : of.windowed(inner),
    value: serdeOr(op["materialized"]?.value, value)
  }
}

const joinTable = (scope: Scope, op: Op, of: Value, join: Erased): Value => {
  const table = valueOf(scope, op["with"])
  if (!onTable(table)) throw new Unsupported(`${op.op} of streams`)
  const { graceMs, key, name, value } = op["joined"] ?? {}
  if (graceMs !== undefined) throw new Unsupported(`${op.op} with grace`)
  const options = { key: serdeOr(key, of.key), value: serdeOr(value, of.value), name }
  return { ...of, is: join(of.is, table.is, Functions.joiner(op["joiner"]), options), key: options.key, value: text }
}

const joinTables = (scope: Scope, op: Op, of: Value, join: Erased): Value => {
  if (op["foreignKey"] !== undefined) throw new Unsupported(`${op.op} by foreign key`)
  const value = serdeOr(op["materialized"]?.value, text)
  const store = op["materialized"] === undefined ? {} : { ...storeOptions(op["materialized"]), value }
  const is = join(of.is, valueOf(scope, op["with"]).is, Functions.joiner(op["joiner"]), { ...store, ...named(op) })
  return { is, key: serdeOr(op["materialized"]?.key, of.key), value }
}

const split = (scope: Scope, op: Op, of: Value): undefined => {
  const branches = (op["branches"] as ReadonlyArray<Erased>).map((branch) =>
    branch.name === undefined
      ? Functions.predicate(branch.predicate)
      : { predicate: Functions.predicate(branch.predicate), name: branch.name }
  )
  const rest = op["default"] === undefined ? false : op["default"].name ?? true
  const parts: ReadonlyArray<Erased> = KStream.split(of.is, branches, { name: op["name"], rest })
  const specs = [...op["branches"], ...(op["default"] === undefined ? [] : [op["default"]])]
  specs.forEach((spec, index) => {
    if (spec.apply !== undefined || spec.consumeTo !== undefined) throw new Unsupported("functions in a split")
    const last = index === op["branches"].length
    scope.parts.push(parts[index])
    const name = `${op["name"] ?? ""}${spec.name ?? (last ? 0 : index + 1)}`
    scope.values.set(`${op.id}.${name}`, { ...of, is: parts[index] })
  })
  return undefined
}

const valueOf = (scope: Scope, id: string): Value => {
  const value = scope.values.get(id)
  if (value === undefined) throw new Error(`no value called ${id}`)
  return value
}

const sources: { readonly [op: string]: (op: Op) => Value } = {
  stream: (op) => {
    if (op["pattern"] !== undefined) throw new Unsupported("stream pattern")
    const serdes = { key: serdeOr(op["key"], text), value: serdeOr(op["value"], text) }
    const [first, ...others]: ReadonlyArray<string> = op["topics"] ?? [op["topic"]]
    const topics = [Topic.make(first!, serdes), ...others.map((topic) => Topic.make(topic, serdes))] as const
    return { is: KStream.from(topics, sourceOptions(op)), ...serdes }
  },
  table: (op) => {
    const serdes = { key: serdeOr(op["key"], text), value: serdeOr(op["value"], text) }
    const options = { ...storeOptions(op["materialized"]), ...sourceOptions(op) }
    return { is: KTable.from(Topic.make(op["topic"], serdes), options), ...serdes }
  }
}

const step = (scope: Scope, op: Op): Value | undefined => {
  const source = sources[op.op]
  if (source !== undefined) return source(op)
  if (op["of"] === undefined) throw new Unsupported(op.op)
  const of = valueOf(scope, op["of"])
  const kind = of.is._tag as Kind
  const handler = handlers[op.op]?.[kind]
  if (handler === undefined) throw new Unsupported(`${op.op} of ${kind}`)
  return handler(scope, op, of)
}

/** The topology of a spec; throws `Unsupported` at what the DSL does not have. */
export const build = (spec: Spec, effects: Effects = () => {}): Topology.Topology<Erased, Erased> => {
  if (spec.lowLevel === true) throw new Unsupported("the processor API")
  const scope: Scope = { values: new Map(), parts: [], effects }
  for (const op of spec.topology) {
    const value = step(scope, op)
    if (value === undefined) continue
    scope.parts.push(value.is)
    if (op.id !== undefined) scope.values.set(op.id, value)
  }
  return Topology.make(...scope.parts)
}

/** The options with which a spec's topology is resolved. */
export const resolveOptions = (spec: Spec): Erased => {
  const { config } = spec
  const optimization = config["topology.optimization"]
  return {
    optimization: optimization === undefined || optimization === "all" || optimization === "none"
      ? optimization
      : optimization.split(","),
    storeType: config["dsl.store.suppliers.class"] === "inMemory" ? "memory" : "persistent",
    ensureExplicitNames: config["ensure.explicit.internal.resource.naming"] === "true"
  }
}
