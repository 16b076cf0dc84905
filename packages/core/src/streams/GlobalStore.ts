/**
 * A store that every instance fills from a topic, by a processor of the author's. Every processor may read it, if it names it
 * among its stores as `StateStore.existing`; no other may write it.
 *
 * @since 0.1.0
 */
import * as LogicalNode from "./LogicalNode.ts"
import * as Options from "./Options.ts"
import type { ProcessorSupplier } from "./ProcessorSupplier.ts"
import type * as StateStore from "./StateStore.ts"
import type * as Topic from "./Topic.ts"
import * as Values from "./Values.ts"

/**
 * How a global store is filled. The processor names the store, puts into it, and forwards nothing.
 *
 * @since 0.1.0
 */
export interface GlobalStoreOptions<K, V> extends Pick<Options.Source<K, V>, "timestamp"> {
  readonly store: StateStore.Any
  readonly processor: ProcessorSupplier<K | null, V | null, never, never>
  readonly sourceName?: string | undefined
  readonly processorName?: string | undefined
}

/**
 * A topic in a global store, as a part of a topology. Keys and values of the topic may be null.
 *
 * @since 0.1.0
 */
export const from = <K, V>(
  topic: Topic.Topic<K, V>,
  options: GlobalStoreOptions<NoInfer<K>, NoInfer<V>>
): Values.Sink =>
  Values.sink(LogicalNode.make({
    _tag: "GlobalStore",
    topics: [topic.name],
    key: topic.key,
    value: topic.value,
    timestampExtractor: Options.timestampExtractor(options.timestamp),
    offsetReset: undefined,
    store: options.store,
    supplier: options.processor,
    sourceName: options.sourceName,
    processorName: options.processorName
  }))
