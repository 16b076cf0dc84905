/**
 * Topologies of operations that come one after the other as types allow it: any operation of streams, tables and groups, with
 * names, stores, windows and serdes that are sometimes there.
 */
import type { Spec } from "../spec.ts"
import { Draft } from "./compose/draft.ts"
import { group, window } from "./compose/groups.ts"
import { joinGlobalTable, joinStreams, joinTable, joinTables } from "./compose/joins.ts"
import { globalStore, stateful } from "./compose/processors.ts"
import { sinks, through } from "./compose/sinks.ts"
import { source } from "./compose/sources.ts"
import { merge, repartition, stateless, toTable } from "./compose/streams.ts"
import { changeTable, groupTable, suppress, toStream } from "./compose/tables.ts"
import { ofWindows } from "./compose/windowed.ts"
import { fed } from "./inputs.ts"
import type { Random } from "./random.ts"
import { settingsLike } from "./settings.ts"

/** What can come next: those that are there several times come more often, and what finds nothing to go on from adds nothing. */
const moves: ReadonlyArray<(draft: Draft) => void> = [
  source,
  stateless,
  stateless,
  stateless,
  merge,
  repartition,
  toTable,
  group,
  group,
  window,
  window,
  suppress,
  suppress,
  ofWindows,
  ofWindows,
  toStream,
  toStream,
  changeTable,
  groupTable,
  joinStreams,
  joinTable,
  joinTables,
  joinGlobalTable,
  joinTables,
  stateful,
  globalStore,
  through
]

/** What becomes of records that fail. */
const handling = (random: Random): Spec["config"] => ({
  ...(random.chance(0.8) ? { "processing.exception.handler": "continue" } : {}),
  ...(random.chance(0.5) ? { "errors.dead.letter.queue.topic.name": "dlq" } : {})
})

/**
 * Random settings. A cache that some entries have to leave is not for global tables, which take their share in Kafka, nor for
 * sliding windows, whose reads of ranges count as uses there, nor for stores that keep headers, which count there.
 */
const settingsOf = ({ inputs, ops, random }: Draft): Spec["config"] => {
  const settings = settingsLike({}, random, random.pick([0, 0.4, 0.6]))
  const isLarge = inputs.has("glob") || "dsl.store.format" in settings
    || ops.some((op) => op["windows"]?.type === "sliding")
  if (isLarge || !random.chance(0.05)) return settings
  return { ...settings, "statestore.cache.max.bytes": random.pick(["300", "1000"]) }
}

/** A spec of a random topology with random settings and inputs, without answers. */
export const compose = (random: Random, name: string): Spec => {
  const throws = random.chance(0.15)
  const draft = new Draft(random, throws)
  source(draft)
  source(draft)
  for (let count = random.between(3, 12); count > 0; count--) random.pick(moves)(draft)
  sinks(draft)
  const serdes = { ...draft.serdes }
  for (const [topic, value] of draft.inputs) serdes[topic] = { key: "string", value }
  return {
    name,
    area: "composed",
    config: { ...settingsOf(draft), ...(throws ? handling(random) : {}) },
    serdes,
    topology: draft.ops,
    steps: fed(random, draft.inputs, random.pick([0, 0, 0.1]))
  }
}
