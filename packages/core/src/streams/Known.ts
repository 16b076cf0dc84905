/**
 * What is known of a stream beside the types of its keys and values. Whatever needs bytes asks for it, so that a missing
 * serde is a compile error where it is missing.
 *
 * @since 0.1.0
 */

/**
 * The serde of the keys is known.
 *
 * @since 0.1.0
 */
export interface KeySerde {
  readonly keySerde: true
}

/**
 * The serde of the values is known.
 *
 * @since 0.1.0
 */
export interface ValueSerde {
  readonly valueSerde: true
}

/**
 * Each record is in the partition of its key: the key is still the one that it was read with.
 *
 * @since 0.1.0
 */
export interface Partitioned {
  readonly partitioned: true
}

/**
 * Both serdes are known.
 *
 * @since 0.1.0
 */
export type Both = KeySerde & ValueSerde

/**
 * All is known, as of a source.
 *
 * @since 0.1.0
 */
export type All = KeySerde & ValueSerde & Partitioned

/**
 * What is needed to group by the present key: its serde, and that of the values if records must move to other partitions.
 *
 * @since 0.1.0
 */
export type Groupable = KeySerde & (ValueSerde | Partitioned)

/**
 * What is needed to join with a table: both serdes if records must move to other partitions, nothing otherwise.
 *
 * @since 0.1.0
 */
export type Joinable = Both | Partitioned

/**
 * What stays known when values change.
 *
 * @since 0.1.0
 */
export type DropValue<S> =
  & (S extends KeySerde ? KeySerde : unknown)
  & (S extends Partitioned ? Partitioned : unknown)

/**
 * What stays known when keys change.
 *
 * @since 0.1.0
 */
export type DropKey<S> = S extends ValueSerde ? ValueSerde : unknown

/**
 * What stays known when both are put where their keys say.
 *
 * @since 0.1.0
 */
export type AddPartitioned<S> = S & Partitioned
