/** Random settings of applications. */
import type { Erased } from "@millrace/core/serde/Erased"
import type { Spec } from "../spec.ts"
import type { Random } from "./random.ts"

const common: ReadonlyArray<readonly [string, ReadonlyArray<Erased>]> = [
  ["dsl.store.suppliers.class", ["inMemory", "rocksDB"]],
  ["topology.optimization", [
    "all",
    "none",
    "reuse.ktable.source.topics",
    "merge.repartition.topics",
    "single.store.self.join",
    "reuse.ktable.source.topics,merge.repartition.topics"
  ]],
  ["statestore.cache.max.bytes", [10_485_760, 10_485_760, 1]]
]

const rare: ReadonlyArray<readonly [string, ReadonlyArray<Erased>]> = [
  ["dsl.store.format", ["HEADERS"]],
  ["processing.exception.handler", ["continue"]],
  ["deserialization.exception.handler", ["continue"]],
  ["errors.dead.letter.queue.topic.name", ["dlq"]],
  ["upgrade.from", ["3.4"]],
  ["ensure.explicit.internal.resource.naming", ["true"]],
  ["default.timestamp.extractor", ["usePartitionTime", "logAndSkip", "valueAt"]]
]

const intervals = [
  "__emit.interval.ms.kstreams.windowed.aggregation__",
  "__emit.interval.ms.kstreams.outer.join.spurious.results.fix__"
]

/** The settings with some of them changed: common ones at this rate, others seldom. */
export const settingsLike = (given: Spec["config"], random: Random, rate: number): Spec["config"] => {
  const changed: Record<string, Erased> = { ...given }
  const change = ([name, values]: readonly [string, ReadonlyArray<Erased>], chance: number) => {
    if (!random.chance(chance)) return
    if (random.chance(0.15)) delete changed[name]
    else changed[name] = random.pick(values)
  }
  for (const setting of common) change(setting, rate)
  for (const setting of rare) change(setting, rate / 8)
  for (const name of intervals) change([name, [0, 5, 1000]], rate / 8)
  return changed
}
