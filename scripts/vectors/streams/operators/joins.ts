/** Joins. */
import type { Erased } from "@millrace/core/serde/Erased"
import * as KStream from "@millrace/core/streams/KStream"
import * as KTable from "@millrace/core/streams/KTable"
import * as Functions from "../functions.ts"
import { type Op, Unsupported } from "../spec.ts"
import { type Handlers, named, type Scope, serdeOr, storeOptions, text, type Value, valueOf } from "./scope.ts"

/** Joins of a stream. */
export const ofStream: Handlers = {
  join: (scope, op, of) => joinTable(scope, op, of, KStream.join),
  leftJoin: (scope, op, of) => joinTable(scope, op, of, KStream.leftJoin)
}

/** Joins of a table. */
export const ofTable: Handlers = {
  join: (scope, op, of) => joinTables(scope, op, of, KTable.join),
  leftJoin: (scope, op, of) => joinTables(scope, op, of, KTable.leftJoin),
  outerJoin: (scope, op, of) => joinTables(scope, op, of, KTable.outerJoin)
}

const joinTable = (scope: Scope, op: Op, of: Value, join: Erased): Value => {
  const table = valueOf(scope, op["with"])
  if (table.is._tag === "GlobalKTable") {
    const mapKey = Functions.keyFunction(op["keyMapper"])
    return { ...of, is: join(of.is, table.is, mapKey, Functions.joiner(op["joiner"]), named(op)), value: text }
  }
  if (table.is._tag !== "KTable") throw new Unsupported(`${op.op} of streams`)
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
