/**
 * A topic and what its bytes mean.
 *
 * @since 0.1.0
 */
import { type Pipeable, Prototype } from "effect/Pipeable"
import type { Erased } from "../serde/Erased.ts"
import type * as Serde from "../serde/Serde.ts"

/**
 * A topic with records of key `K` and value `V`. A record's key may always be null; its value is null only if the value
 * serde is nullable, or else as a tombstone.
 *
 * @since 0.1.0
 */
export interface Topic<in out K, in out V> extends Pipeable {
  readonly _tag: "Topic"
  readonly name: string
  readonly key: Serde.Serde<K>
  readonly value: Serde.Serde<V>
}

/**
 * A topic of whatever types.
 *
 * @since 0.1.0
 */
export type Any = Topic<Erased, Erased>

/**
 * The topic called `name`.
 *
 * @since 0.1.0
 */
export const make = <K, V>(
  name: string,
  serdes: { readonly key: Serde.Serde<K>; readonly value: Serde.Serde<V> }
): Topic<K, V> => ({ ...Prototype, _tag: "Topic", name, key: serdes.key, value: serdes.value })
