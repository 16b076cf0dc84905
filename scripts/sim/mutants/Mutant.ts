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
 * many seeds it is found, wherever they start. `edits` are the bug. `hardships`, if any, change the simulated world for
 * the time of the hunt: they make often what any run may meet, but rarely does.
 */
export interface Mutant {
  readonly name: string
  readonly does: string
  readonly causes: ReadonlyArray<Name>
  readonly seedsMax: number
  readonly edits: ReadonlyArray<Edit>
  readonly hardships?: ReadonlyArray<Edit>
}

export const server = "packages/server/src"
export const testkit = "packages/testkit/src"
export const client = "packages/client/src"
