/**
 * What a planted bug is, and where it is planted.
 */
import type { Name } from "../../../packages/testkit/src/simulation/checker/Anomaly.ts"

/** A change of one file: `find` is there exactly once. */
export interface Edit {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/**
 * A planted bug: `does` says what it does wrong, `causes` which anomalies it may be found by first, `seedsMax` within how
 * many seeds it is found, wherever they start.
 */
export interface Mutant {
  readonly name: string
  readonly does: string
  readonly causes: ReadonlyArray<Name>
  readonly seedsMax: number
  readonly edits: ReadonlyArray<Edit>
}

export const server = "packages/server/src"
export const client = "packages/client/src"
