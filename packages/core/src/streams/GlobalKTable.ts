/**
 * A table that every instance holds all of: streams join it by whatever key they like, without moving.
 *
 * What it keeps true: an instance has read all that the topic held before its tasks begin, and follows it from then on;
 * what comes later is there as soon as it is read, whatever the time of the stream.
 *
 * @since 0.1.0
 */
import * as LogicalNode from "./LogicalNode.ts"
import * as Options from "./Options.ts"
import type * as Topic from "./Topic.ts"
import * as Values from "./Values.ts"

export type {
  /**
   * See `Values`.
   *
   * @since 0.1.0
   */
  GlobalKTable
} from "./Values.ts"

/**
 * How a global table's store is kept. It has no changelog: its topic is one.
 *
 * @since 0.1.0
 */
export type StoreOptions = Omit<Options.Store, "logging">

/**
 * A topic as a global table. Records without key are dropped, null values delete.
 *
 * @since 0.1.0
 */
export const from = <K, V>(
  topic: Topic.Topic<K, V>,
  options: Omit<Options.Source<K, V>, "offsetReset"> & StoreOptions = {}
): Values.GlobalKTable<NonNullable<K>, NonNullable<V>> =>
  Values.globalTable(LogicalNode.make({
    _tag: "GlobalTableSource",
    topics: [topic.name],
    key: topic.key,
    value: topic.value,
    timestampExtractor: Options.timestampExtractor(options.timestamp),
    offsetReset: undefined,
    name: options.name,
    materialized: Options.materialized(options)
  }))
