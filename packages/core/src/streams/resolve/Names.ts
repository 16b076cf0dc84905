/**
 * Names as Kafka makes them: a prefix and one number that all names of a topology share.
 *
 * @since 0.1.0
 */

/**
 * Where the numbers come from.
 *
 * @since 0.1.0
 */
export interface Names {
  next: number
}

/**
 * No name made yet.
 *
 * @since 0.1.0
 */
export const make = (): Names => ({ next: 0 })

const numbered = (names: Names, prefix: string): string => prefix + String(names.next++).padStart(10, "0")

/**
 * The given name, or one made from the prefix. A number is used up either way, so that naming one node leaves the names of
 * the others as they were.
 *
 * @since 0.1.0
 */
export const processor = (names: Names, prefix: string, given?: string | undefined): string => {
  const generated = numbered(names, prefix)
  return given ?? generated
}

/**
 * The given name with a suffix, or one made from the prefix; a number is used up either way.
 *
 * @since 0.1.0
 */
export const suffixed = (names: Names, prefix: string, given: string | undefined, suffix: string): string =>
  processor(names, prefix, given === undefined ? undefined : given + suffix)

/**
 * A name for a store.
 *
 * @since 0.1.0
 */
export const store = (names: Names, prefix: string): string => numbered(names, `${prefix}STATE-STORE-`)

/**
 * Whether Kafka takes a prefix of a repartition topic for a generated one, and then numbers its sink and source.
 *
 * @since 0.1.0
 */
export const isGenerated = (prefix: string): boolean => /^KSTREAM.*-[0-9]{10}$/.test(prefix)

/**
 * Whether a name may be part of a topic's name.
 *
 * @since 0.1.0
 */
export const isLegal = (name: string): boolean =>
  /^[a-zA-Z0-9._-]+$/.test(name) && name !== "." && name !== ".." && name.length <= topicNameMaxLength

/**
 * How long a topic's name may be.
 *
 * @since 0.1.0
 */
export const topicNameMaxLength = 249
