/**
 * The pattern by which ListTransactions picks transactional ids.
 *
 * @since 0.1.0
 */
import * as limits from "../../limits.ts"

/**
 * Whether a whole id matches a pattern; null matches all. Undefined if the pattern is none.
 *
 * @since 0.1.0
 */
export const compile = (pattern: string | null): ((transactionalId: string) => boolean) | undefined => {
  if (pattern === null || pattern === "") return () => true
  if (pattern.length > limits.transactionalIdPatternMax) return undefined
  try {
    const whole = new RegExp(`^(?:${pattern})$`, "su")
    return (transactionalId) => whole.test(transactionalId)
  } catch {
    return undefined
  }
}
