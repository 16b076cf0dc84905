/**
 * What stands at run time for a field that only types have.
 *
 * @since 0.1.0
 */
import type { Erased } from "../../serde/Erased.ts"

/**
 * The value of such fields.
 *
 * @since 0.1.0
 */
export const phantom: Erased = {}
