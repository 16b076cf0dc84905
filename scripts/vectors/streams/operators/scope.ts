/**
 * What building a topology from a spec has in common: values by id, serdes by name, options of stores.
 *
 * Kafka has default serdes and the DSL has none, so the builder keeps in mind which serdes Kafka would take (`string`
 * where one was forgotten), and gives them wherever the DSL wants to know.
 */
import type { Erased } from "@millrace/core/serde/Erased"
import type * as StateStore from "@millrace/core/streams/StateStore"
import type * as Topology from "@millrace/core/streams/Topology"
import * as Serde from "@millrace/core/serde/Serde"
import { type Op, Unsupported } from "../spec.ts"

/** What peek and foreach report to. */
export type Effects = (effect: { readonly label: string; readonly key: Erased; readonly value: Erased }) => void

/** A stream, table or group, and the serdes that Kafka would take for it. */
export interface Value {
  readonly is: Erased
  readonly key: Serde.Any
  readonly value: Serde.Any
  /** The serde of its keys in windows, if it is in windows. */
  readonly windowed?: (key: Serde.Any) => Serde.Any
}

export interface Scope {
  readonly values: Map<string, Value>
  readonly parts: Array<Topology.Part<Erased, Erased>>
  /** Stores that processors share, by name. */
  readonly stores: Map<string, StateStore.Any>
  /** Names of those that are global. */
  readonly globalStores: Set<string>
  readonly effects: Effects
}

/** What an operation is of. */
export type Kind =
  | "KStream"
  | "KTable"
  | "KGroupedStream"
  | "KGroupedTable"
  | "TimeWindowedKStream"
  | "SessionWindowedKStream"
  | "CogroupedKStream"
  | "TimeWindowedCogroupedKStream"
  | "SessionWindowedCogroupedKStream"
/** What an operation makes of the value it reads. */
export type Handler = (scope: Scope, op: Op, of: Value) => Value | undefined

/** Handlers of operations on one kind of value, by the operation's name. */
export type Handlers = { readonly [op: string]: Handler }

/** A 64-bit integer of any size: specs write it as a number, or as decimal text beyond 2^53. */
const wideLong = Object.assign(
  Serde.make<number | bigint>({
    name: "long",
    serialize: (value) => Serde.int64.serializeUnsafe(BigInt(value)),
    deserialize: (bytes) => {
      const wide = Serde.int64.deserializeUnsafe(bytes)
      return Number.isSafeInteger(Number(wide)) ? Number(wide) : wide
    }
  }),
  { sizeBytes: Serde.int64.sizeBytes }
)

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

/** The serde that Kafka takes where none is known; one that was given is another object, even if it is the same. */
export const text = serde("string")

export const serdeOr = (name: string | undefined, otherwise: Serde.Any): Serde.Any =>
  name === undefined ? otherwise : serde(name)

/** Options of a store, present whenever a `Materialized` was. */
export const storeOptions = (materialized: Erased): Erased => {
  if (materialized === undefined) return {}
  const {
    caching,
    historyRetentionMs,
    key,
    logging,
    name,
    retentionMs,
    segmentIntervalMs,
    storeType,
    supplier,
    maxEntries,
    value
  } = materialized
  return {
    as: name,
    storeType: storeTypeOf(storeType, supplier),
    caching: caching ?? true,
    logging,
    retention: retentionMs,
    entriesMax: supplier === "lru" ? maxEntries : undefined,
    versioned: supplier === "persistentVersionedKeyValue"
      ? { historyRetention: historyRetentionMs, segmentInterval: segmentIntervalMs }
      : undefined,
    key: key === undefined ? undefined : serde(key),
    value: value === undefined ? undefined : serde(value)
  }
}

const suppliers = [
  "persistentKeyValue",
  "lru",
  "persistentTimestampedKeyValue",
  "inMemoryKeyValue",
  "persistentVersionedKeyValue",
  "persistentWindow",
  "persistentTimestampedWindow",
  "inMemoryWindow",
  "persistentSession",
  "inMemorySession"
]

/** Where a store is, by its type or its supplier. */
export const storeTypeOf = (storeType: string | undefined, supplier: string | undefined): string | undefined => {
  if (supplier !== undefined && !suppliers.includes(supplier)) throw new Unsupported(`store supplier ${supplier}`)
  if (supplier !== undefined && storeType !== undefined) {
    throw new Error("a supplier says itself what type its store is")
  }
  if (storeType === undefined && supplier === undefined) return undefined
  return storeType === "inMemory" || supplier?.startsWith("inMemory") === true ? "memory" : "persistent"
}

export const named = (op: Op): Erased => ({ name: op["name"] })

export const rekeyed = (of: Value, is: Erased, value: Serde.Any): Value => ({ ...of, is, key: text, value })

export const groupedSerdes = (op: Op, key: Serde.Any, value: Serde.Any): { key: Serde.Any; value: Serde.Any } =>
  op["grouped"] === undefined
    ? { key, value }
    : { key: serdeOr(op["grouped"].key, text), value: serdeOr(op["grouped"].value, text) }

export const valueOf = (scope: Scope, id: string): Value => {
  const value = scope.values.get(id)
  if (value === undefined) throw new Error(`no value called ${id}`)
  return value
}
