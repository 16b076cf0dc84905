/**
 * Which names a topic may have, and which names are Kafka's own.
 *
 * @since 0.1.0
 */

/** The longest name of a topic, in characters. */
const nameMaxLength = 249

/**
 * Topics that the brokers keep for themselves.
 *
 * @since 0.1.0
 */
export const internalTopics: ReadonlySet<string> = new Set([
  "__consumer_offsets",
  "__transaction_state",
  "__share_group_state"
])

/**
 * Null if a topic may have this name, otherwise what is wrong with it.
 *
 * @since 0.1.0
 */
export const check = (name: string): string | null => {
  if (name === "") return "Topic name is invalid: the empty string is not allowed"
  if (name === "." || name === "..") return `Topic name is invalid: '${name}' is not allowed`
  if (name.length > nameMaxLength) {
    return `Topic name is invalid: the length of '${name}' is longer than the max allowed length ${nameMaxLength}`
  }
  return /^[a-zA-Z0-9._-]+$/.test(name)
    ? null
    : `Topic name is invalid: '${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`
}

/**
 * Two names with the same folded form may not exist together: metric names can't tell a dot from an underscore.
 *
 * @since 0.1.0
 */
export const fold = (name: string): string => name.replaceAll(".", "_")
