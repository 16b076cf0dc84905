/** Operators of KTable, but for joins. */
import type { Erased } from "@millrace/core/serde/Erased"
import * as KStream from "@millrace/core/streams/KStream"
import * as KTable from "@millrace/core/streams/KTable"
import * as Suppressed from "@millrace/core/streams/Suppressed"
import * as Functions from "../functions.ts"
import type { Op } from "../spec.ts"
import { groupedSerdes, type Handlers, named, rekeyed, serdeOr, storeOptions, text, type Value } from "./scope.ts"

/** Operations on tables. */
export const onTable: Handlers = {
  filter: (_, op, of) => filterTable(op, of, KTable.filter),
  filterNot: (_, op, of) => filterTable(op, of, KTable.filterNot),
  mapValues: (_, op, of) => {
    const value = serdeOr(op["materialized"]?.value, text)
    const store = { ...storeOptions(op["materialized"]), value }
    const is: Erased = (KTable.mapValues as Erased)(of.is, Functions.valueFunction(op["fn"]), {
      ...store,
      ...named(op)
    })
    return { ...of, is, key: serdeOr(op["materialized"]?.key, of.key), value }
  },
  groupBy: (_, op, of) => {
    const serdes = groupedSerdes(op, text, text)
    const options = { ...serdes, name: op["grouped"]?.name }
    return { ...of, is: KTable.groupBy(of.is, Functions.pairFunction(op["fn"]), options), ...serdes }
  },
  toStream: (_, op, of) => {
    if (op["key"] === undefined) {
      return { ...of, is: op["name"] === undefined ? KTable.toStream(of.is) : KTable.toStreamAs(of.is, op["name"]) }
    }
    const stream = op["name"] === undefined ? KTable.toStream(of.is) : KTable.toStreamAs(of.is, op["name"])
    return rekeyed(of, KStream.selectKey(stream, Functions.keyFunction(op["key"]), text), of.value)
  },
  suppress: (_, op, of) => {
    const { key, value } = of
    return { ...of, is: KTable.suppress(of.is, suppression(op), { key, value }) }
  }
}

const filterTable = (op: Op, of: Value, filter: Erased): Value => {
  const serdes = { key: serdeOr(op["materialized"]?.key, of.key), value: serdeOr(op["materialized"]?.value, of.value) }
  const store = op["materialized"] === undefined ? {} : { ...storeOptions(op["materialized"]), ...serdes }
  return { is: filter(of.is, Functions.predicate(op["predicate"]), { ...store, ...named(op) }), ...serdes }
}

const suppression = (op: Op): Erased => {
  const { buffer, name, until } = op as Erased
  const limits = { name, logging: buffer?.logging, recordsMax: buffer?.maxRecords, sizeMaxBytes: buffer?.maxBytes }
  if (until === "windowCloses") return Suppressed.untilWindowCloses(limits)
  const whenFull = buffer?.full === "shutDown" ? "ShutDown" : "EmitEarly"
  return Suppressed.untilTimeLimit(op["ms"], { ...limits, whenFull })
}
