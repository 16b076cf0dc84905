/** Stores of tables: named or not, with serdes, options and suppliers that are sometimes there. */
import type { Erased } from "@millrace/core/serde/Erased"
import type { Random } from "../random.ts"
import type { Draft, ValueType } from "./draft.ts"
import type { Windowing } from "./windows.ts"

/** A field `materialized`, at this rate or where the store has to know its serdes. */
export const materialized = (
  draft: Draft,
  value: ValueType,
  chance: number,
  windowing?: Windowing,
  key = "string"
): Erased => {
  const { random } = draft
  const isNeeded = (value !== "string" && windowing !== undefined) || key !== "string"
  if (!isNeeded && !random.chance(chance)) return {}
  const name = draft.fresh("st-")
  const serdes = random.chance(0.5) || value !== "string" || key !== "string" ? { key, value } : { value }
  const options = {
    ...(random.chance(0.15) ? { caching: random.chance(0.5) } : {}),
    ...(random.chance(0.1) ? { logging: false } : {})
  }
  // the oracle reads versions of plain keys only
  const supplied = key === "string" && random.chance(0.3) ? supplier(random, windowing) : undefined
  if (supplied !== undefined) return { materialized: { name, ...supplied, ...serdes, ...options } }
  const more = {
    ...(random.chance(0.1) ? { storeType: random.pick(["inMemory", "rocksDB"]) } : {}),
    ...(windowing !== undefined && random.chance(0.3) ? { retentionMs: random.pick([50, 100, 500]) } : {})
  }
  return { materialized: { ...(random.chance(0.7) ? { name } : {}), ...serdes, ...options, ...more } }
}

const supplier = (random: Random, windowing: Windowing | undefined): Erased => {
  const retentionMs = random.pick([60, 100, 500])
  switch (windowing?.kind) {
    case undefined:
      return random.pick<Erased>([
        { supplier: "inMemoryKeyValue" },
        { supplier: "persistentTimestampedKeyValue" },
        { supplier: "lru", maxEntries: 2 },
        { supplier: "persistentVersionedKeyValue", historyRetentionMs: random.pick([20, 100, 1000]) }
      ])
    case "session":
      return { supplier: onDisk(random, windowing) ? "persistentSession" : "inMemorySession", retentionMs }
    case "window": {
      const { sizeMs } = windowing
      if (sizeMs === undefined) return undefined
      const factory = onDisk(random, windowing) ? "persistentTimestampedWindow" : "inMemoryWindow"
      return { supplier: factory, retentionMs, windowSizeMs: sizeMs }
    }
  }
}

/** Whether these fields tell the serde of keys. */
export const isOfKnownKeys = ({ materialized }: Erased): boolean => materialized?.key !== undefined

/** Kafka's factories on disk make no stores in the order of time, which windows that emit once need. */
const onDisk = (random: Random, { isFinal }: Windowing): boolean => isFinal !== true && random.chance(0.5)

/** Whether these fields ask for a store of versions. */
export const isVersioned = ({ materialized }: Erased): boolean =>
  materialized?.supplier === "persistentVersionedKeyValue"
