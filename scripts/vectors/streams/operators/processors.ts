/** Operators of streams and tables that take processors. */
import type { Erased } from "@millrace/core/serde/Erased"
import * as KStream from "@millrace/core/streams/KStream"
import * as KTable from "@millrace/core/streams/KTable"
import type * as StateStore from "@millrace/core/streams/StateStore"
import { supplier, transformer, type Uses } from "../processors.ts"
import type { Op } from "../spec.ts"
import { type Handlers, named, type Scope, serdeOr, storeOptions, text } from "./scope.ts"
import { sharedStore, storeOf } from "./stores.ts"

/** The stores that an operation's processor uses: its own, those that it is connected to, and global ones. */
const uses = (scope: Scope, op: Op, isFixedKey: boolean): Uses => {
  const processor: Erased = op["processor"]
  const own: ReadonlyArray<StateStore.Any> = (processor.ownStores ?? []).map(storeOf)
  const connected: ReadonlyArray<string> = op["stores"] ?? []
  const isGlobal = scope.globalStores.has(processor.store) && !connected.includes(processor.store)
  const names = isGlobal ? [...connected, processor.store] : connected
  const stores = [...own, ...names.map((name) => sharedStore(scope, name))]
  return { stores, storeOf: (name) => stores.find((store) => store.name === name)!, isFixedKey }
}

/** Operations on streams. */
export const ofStream: Handlers = {
  process: (scope, op, of) => {
    const options = { key: text, value: text, ...named(op) }
    const is = KStream.process(of.is, supplier(op["processor"], uses(scope, op, false)), options)
    return { is, key: text, value: text }
  },
  processValues: (scope, op, of) => {
    const processor: Erased = supplier(op["processor"], uses(scope, op, true))
    return { ...of, is: KStream.processValues(of.is, processor, { value: text, ...named(op) }), value: text }
  }
}

/** Operations on tables. */
export const ofTable: Handlers = {
  transformValues: (scope, op, of) => {
    const value = serdeOr(op["materialized"]?.value, text)
    const store = { ...storeOptions(op["materialized"]), value }
    const is: Erased = (KTable.transformValues as Erased)(
      of.is,
      transformer(op["processor"], uses(scope, op, false)),
      { ...store, ...named(op) }
    )
    return { ...of, is, key: serdeOr(op["materialized"]?.key, of.key), value }
  }
}
