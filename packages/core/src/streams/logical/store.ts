/**
 * What a processor's author says of a state store.
 *
 * @since 0.1.0
 */
import type * as Serde from "../../serde/Serde.ts"
import type { LogConfig } from "./materialized.ts"
import type { StoreFormat, StoreType } from "../ResolvedTopology.ts"

/**
 * A store, before it belongs to a topology. Two definitions of one name are two stores, even if they are equal.
 *
 * @since 0.1.0
 */
export interface StoreDefinition {
  readonly name: string
  readonly key: Serde.Any
  readonly value: Serde.Any
  readonly type: StoreType
  readonly caching: boolean
  readonly logConfig: LogConfig
  readonly shape: StoreShape
}

/**
 * What a store maps to what, and how long it keeps it.
 *
 * @since 0.1.0
 */
export type StoreShape =
  | {
    readonly _tag: "KeyValue"
    readonly format: StoreFormat
    /** With more entries than this, those go that were not used for the longest time. */
    readonly entriesMax: number | undefined
  }
  | {
    readonly _tag: "Window"
    readonly format: StoreFormat
    readonly retentionMs: number
    readonly windowSizeMs: number
    readonly retainDuplicates: boolean
  }
  | {
    readonly _tag: "Versioned"
    readonly historyRetentionMs: number
    /** Undefined: as Kafka chooses it. */
    readonly segmentIntervalMs: number | undefined
  }
  | { readonly _tag: "Session"; readonly format: StoreFormat; readonly retentionMs: number }

/**
 * A store, or what is said of one, as far as its kind goes.
 *
 * @since 0.1.0
 */
export interface StoreKind {
  readonly _tag: string
  readonly format?: StoreFormat
  readonly keepsHeaders?: boolean | undefined
}

/**
 * What a store keeps beside values. The stores of tables keep headers only if the app says so.
 *
 * @since 0.1.0
 */
export const formatOf = (kind: StoreKind): StoreFormat =>
  kind.keepsHeaders === true ? "WithHeaders" : kind.format ?? "Plain"

/**
 * Whether a store can be opened as one of that shape.
 *
 * @since 0.1.0
 */
export const isOfShape = (store: StoreKind, shape: StoreShape): boolean =>
  store._tag === shape._tag && formatOf(store) === formatOf(shape)
