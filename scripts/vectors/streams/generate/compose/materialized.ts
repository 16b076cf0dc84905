/** Stores of tables: named or not, with serdes, options and suppliers that are sometimes there. */
import type { Erased } from "@millrace/core/serde/Erased"
import type { Random } from "../random.ts"
import type { Draft, ValueType } from "./draft.ts"

export type StoreKind = "kv" | "window" | "session"

/** A field `materialized`, at this rate or where the store has to know its serdes. */
export const materialized = (draft: Draft, value: ValueType, chance: number, kind: StoreKind = "kv"): Erased => {
  const { random } = draft
  const isNeeded = value === "long" && kind !== "kv"
  if (!isNeeded && !random.chance(chance)) return {}
  const name = draft.fresh("st-")
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
  return { materialized: { name, ...supplier(random), ...serdes, ...rest } }
}

const supplier = (random: Random): Erased =>
  random.pick<Erased>([
    { supplier: "inMemoryKeyValue" },
    { supplier: "persistentTimestampedKeyValue" },
    { supplier: "lru", maxEntries: 2 },
    { supplier: "persistentVersionedKeyValue", historyRetentionMs: random.pick([20, 100, 1000]) }
  ])

/** Whether these fields ask for a store of versions. */
export const isVersioned = ({ materialized }: Erased): boolean =>
  materialized?.supplier === "persistentVersionedKeyValue"
