/**
 * What operators say of serdes and stores.
 *
 * @since 0.1.0
 */
import type * as Serde from "../../serde/Serde.ts"
import type { StoreType } from "../ResolvedTopology.ts"

/**
 * Serdes as far as they were given.
 *
 * @since 0.1.0
 */
export interface Serdes {
  readonly key: Serde.Any | undefined
  readonly value: Serde.Any | undefined
}

/**
 * How a result is kept in a store. `as`: the store's name, by which it can be queried.
 *
 * @since 0.1.0
 */
export interface Materialized extends Serdes {
  /** Nothing but the serde of its values was given, which is no wish for a store. */
  readonly isSerdeOnly: boolean
  readonly as: string | undefined
  readonly storeType: StoreType | undefined
  readonly retentionMs: number | undefined
  readonly versioned: Versioned | undefined
  readonly entriesMax: number | undefined
  readonly caching: boolean
  readonly logConfig: LogConfig
}

/**
 * Settings of a changelog topic, besides those that Kafka Streams gives it; undefined: there is no changelog.
 *
 * @since 0.1.0
 */
export type LogConfig = Readonly<Record<string, string>> | undefined

/**
 * For how long a versioned store retains what was, and how much time it forgets at once.
 *
 * @since 0.1.0
 */
export interface Versioned {
  readonly historyRetentionMs: number
  readonly segmentIntervalMs: number | undefined
}
