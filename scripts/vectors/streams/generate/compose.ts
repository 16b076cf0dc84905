/**
 * Topologies of operations that come one after the other as types allow it: any operation of streams, tables and groups, with
 * names, stores, windows and serdes that are sometimes there.
 */
import type { Spec } from "../spec.ts"
import { Draft } from "./compose/draft.ts"
import { group, window } from "./compose/groups.ts"
import { joinGlobalTable, joinStreams, joinTable, joinTables } from "./compose/joins.ts"
import { stateful } from "./compose/processors.ts"
import { sinks, through } from "./compose/sinks.ts"
import { source } from "./compose/sources.ts"
import { merge, repartition, stateless, toTable } from "./compose/streams.ts"
import { changeTable, groupTable, suppress, toStream } from "./compose/tables.ts"
import { texts } from "./inputs.ts"
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
  toStream,
  toStream,
  changeTable,
  groupTable,
  joinStreams,
  joinTable,
  joinTables,
  joinGlobalTable,
  stateful,
  through
]

/** What becomes of records that fail. */
const handling = (random: Random): Spec["config"] => ({
  ...(random.chance(0.8) ? { "processing.exception.handler": "continue" } : {}),
  ...(random.chance(0.5) ? { "errors.dead.letter.queue.topic.name": "dlq" } : {})
})

/** A spec of a random topology with random settings and inputs, without answers. */
export const compose = (random: Random, name: string): Spec => {
  const throws = random.chance(0.15)
  const draft = new Draft(random, throws)
  source(draft)
  source(draft)
  for (let count = random.between(3, 12); count > 0; count--) random.pick(moves)(draft)
  sinks(draft)
  const inputs = [...draft.inputs]
  const serdes = { ...draft.serdes }
  for (const topic of inputs) serdes[topic] = { key: "string", value: "string" }
  return {
    name,
    area: "composed",
    config: { ...settingsLike({}, random, random.pick([0, 0.4, 0.6])), ...(throws ? handling(random) : {}) },
    serdes,
    topology: draft.ops,
    steps: texts(random, inputs, random.pick([0, 0, 0.1]))
  }
}
