/** Joins. */
import type { Erased } from "@millrace/core/serde/Erased"
import * as JoinWindows from "@millrace/core/streams/JoinWindows"
import * as KStream from "@millrace/core/streams/KStream"
import * as KTable from "@millrace/core/streams/KTable"
import * as Functions from "../functions.ts"
import type { Op } from "../spec.ts"
import {
  type Handlers,
  named,
  type Scope,
  serdeOr,
  storeOptions,
  storeTypeOf,
  text,
  type Value,
  valueOf
} from "./scope.ts"

/** Joins of a stream. */
export const ofStream: Handlers = {
  join: (scope, op, of) => joinTable(scope, op, of, KStream.join),
  leftJoin: (scope, op, of) => joinTable(scope, op, of, KStream.leftJoin),
  outerJoin: (scope, op, of) => joinStreams(scope, op, of, KStream.outerJoin)
}

/** Joins of a table. */
export const ofTable: Handlers = {
  join: (scope, op, of) => joinTables(scope, op, of, KTable.join),
  leftJoin: (scope, op, of) => joinTables(scope, op, of, KTable.leftJoin),
  outerJoin: (scope, op, of) => joinTables(scope, op, of, KTable.outerJoin)
}

const joinStreams = (scope: Scope, op: Op, of: Value, join: Erased): Value => {
  const other = valueOf(scope, op["with"])
  const { key, logging, name, otherStore, otherValue, storeName, storeType, thisStore, value } = op["streamJoined"] ??
    {}
  const windows = joinWindows(op["windows"])
  const options = {
    key: serdeOr(key, of.key),
    value: serdeOr(value, of.value),
    otherValue: serdeOr(otherValue, other.value),
    name,
    storeName,
    storeType: storeTypeOf(storeType, undefined),
    thisStore: joinStore(thisStore, windows),
    otherStore: joinStore(otherStore, windows),
    logging
  }
  const is = join(of.is, other.is, Functions.joiner(op["joiner"]), windows, options)
  return { is, key: serdeOr(key, text), value: text }
}

const joinWindows = ({ afterMs, beforeMs, diffMs, graceMs, legacy }: Erased): JoinWindows.JoinWindows => {
  const options = { grace: graceMs, before: beforeMs, after: afterMs }
  return legacy === true ? JoinWindows.of(diffMs, options) : JoinWindows.ofTimeDifference(diffMs, options)
}

/** The DSL takes the shape of these stores from the windows, so another one cannot even be asked for. */
const joinStore = (store: Erased, windows: JoinWindows.JoinWindows): Erased => {
  if (store === undefined) return undefined
  const { name, retainDuplicates, retentionMs, supplier, windowSizeMs } = store
  const isOfWindows = retentionMs === JoinWindows.retentionMs(windows) && windowSizeMs === JoinWindows.sizeMs(windows)
  if (!retainDuplicates || !isOfWindows) throw new Error(`${name} is no store for these windows`)
  return { as: name, storeType: storeTypeOf(undefined, supplier) }
}

const joinTable = (scope: Scope, op: Op, of: Value, join: Erased): Value => {
  const table = valueOf(scope, op["with"])
  if (table.is._tag === "GlobalKTable") {
    const mapKey = Functions.keyFunction(op["keyMapper"])
    return { ...of, is: join(of.is, table.is, mapKey, Functions.joiner(op["joiner"]), named(op)), value: text }
  }
  if (table.is._tag === "KStream") return joinStreams(scope, op, of, join)
  const { graceMs, key, name, value } = op["joined"] ?? {}
  const options = { key: serdeOr(key, of.key), value: serdeOr(value, of.value), name, grace: graceMs }
  return { ...of, is: join(of.is, table.is, Functions.joiner(op["joiner"]), options), key: options.key, value: text }
}

const joinTables = (scope: Scope, op: Op, of: Value, join: Erased): Value => {
  const other = valueOf(scope, op["with"]).is
  const value = serdeOr(op["materialized"]?.value, text)
  const store = { ...storeOptions(op["materialized"]), value }
  const key = serdeOr(op["materialized"]?.key, of.key)
  const joiner = Functions.joiner(op["joiner"])
  if (op["foreignKey"] === undefined) return { is: join(of.is, other, joiner, { ...store, ...named(op) }), key, value }
  const foreignKey = Functions.foreignKey(op["foreignKey"])
  return { is: join(of.is, other, foreignKey, joiner, { ...store, name: op["tableJoined"]?.name }), key, value }
}
