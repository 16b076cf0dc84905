/**
 * Where records come in and go out.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../serde/Erased.ts"
import type * as Serde from "../../serde/Serde.ts"
import type { OffsetReset, SinkTopic, StreamPartitioner, TimestampExtractor } from "../ResolvedTopology.ts"
import type { Materialized } from "./materialized.ts"

/**
 * What a source reads and how.
 *
 * @since 0.1.0
 */
export interface SourceOptions {
  readonly topics: ReadonlyArray<string>
  readonly key: Serde.Any
  readonly value: Serde.Any
  readonly timestampExtractor: TimestampExtractor
  readonly offsetReset: OffsetReset | undefined
  readonly name: string | undefined
}

/**
 * Reads topics as a stream.
 *
 * @since 0.1.0
 */
export interface StreamSource extends SourceOptions {
  readonly _tag: "StreamSource"
  /** Instead of `topics`. */
  readonly pattern?: RegExp | undefined
}

/**
 * Reads one topic as a table.
 *
 * @since 0.1.0
 */
export interface TableSource extends SourceOptions {
  readonly _tag: "TableSource"
  readonly materialized: Materialized | undefined
}

/**
 * Reads one topic as a table that every instance holds all of.
 *
 * @since 0.1.0
 */
export interface GlobalTableSource extends SourceOptions {
  readonly _tag: "GlobalTableSource"
  readonly materialized: Materialized | undefined
}

/**
 * A stream into a topic, or into one that is chosen for each record.
 *
 * @since 0.1.0
 */
export interface Sink {
  readonly _tag: "Sink"
  readonly topic: SinkTopic
  readonly key: Serde.Any
  readonly value: Serde.Any
  readonly streamPartitioner: StreamPartitioner<Erased, Erased> | undefined
  readonly name: string | undefined
}
