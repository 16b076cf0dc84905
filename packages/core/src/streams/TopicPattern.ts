/**
 * Topics by pattern, as sources subscribe to them.
 *
 * @since 0.1.0
 */

/**
 * Whether the pattern matches the whole name of the topic, as Kafka matches patterns.
 *
 * @since 0.1.0
 */
export const matches = (pattern: RegExp, topic: string): boolean =>
  new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, "")).test(topic)
