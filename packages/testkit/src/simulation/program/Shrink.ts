/**
 * Makes a failure small: leaves out faults and records, then simplifies what is left, as long as it fails the same way.
 *
 * Keeps true: bounded, by runs and by time; what it gives has failed, as it stands.
 * Leaves to others: running candidates (`Simulation`).
 *
 * @since 0.1.0
 */
import type { AnyFault } from "./FaultKind.ts"
import type { PlannedRecord } from "./Records.ts"

/**
 * What can be left out of.
 *
 * @since 0.1.0
 */
export interface Candidate {
  readonly faults: ReadonlyArray<AnyFault>
  readonly records: ReadonlyArray<PlannedRecord>
}

/**
 * Leaves out parts of a list, large ones first (Zeller's ddmin), as long as `isFailing` says that the rest still fails.
 *
 * @since 0.1.0
 */
export const minimize = <A>(
  all: ReadonlyArray<A>,
  isFailing: (fewer: ReadonlyArray<A>) => boolean
): ReadonlyArray<A> => {
  let smallest = all
  let size = Math.ceil(all.length / 2)
  while (size >= 1) {
    let hasShrunk = false
    for (let at = 0; at < smallest.length;) {
      const fewer = [...smallest.slice(0, at), ...smallest.slice(at + size)]
      if (isFailing(fewer)) {
        smallest = fewer
        hasShrunk = true
      } else at += size
    }
    if (size > 1) size = Math.ceil(size / 2)
    else if (!hasShrunk) break
  }
  return smallest
}

/**
 * How candidates are found and tried.
 *
 * @since 0.1.0
 */
export interface Search {
  /** Runs a candidate, and says whether it fails in the same way; once it is out of runs or time it says no. */
  readonly isFailing: (smaller: Candidate) => boolean
  /** Records that may be all that it takes, the likeliest first. */
  readonly guesses: ReadonlyArray<ReadonlyArray<PlannedRecord>>
  /** Looks for a simpler value of one record. */
  readonly simplify: (
    record: PlannedRecord,
    isFailing: (simpler: PlannedRecord) => boolean
  ) => PlannedRecord | undefined
}

/**
 * The smallest candidate found.
 *
 * @since 0.1.0
 */
export const shrink = (candidate: Candidate, { guesses, isFailing, simplify }: Search): Candidate => {
  let { faults, records } = candidate
  records = guesses.find((guess) => isFailing({ faults, records: guess })) ?? records
  const fewerFaults = () => minimize(faults, (fewer) => isFailing({ faults: fewer, records }))
  faults = fewerFaults()
  records = minimize(records, (fewer) => isFailing({ faults, records: fewer }))
  // With fewer records some faults may have become needless.
  faults = fewerFaults()
  records.forEach((record, at) => {
    const replaced = (simpler: PlannedRecord) => records.map((one, index) => index === at ? simpler : one)
    const simpler = simplify(record, (tried) => isFailing({ faults, records: replaced(tried) }))
    if (simpler !== undefined) records = replaced(simpler)
  })
  return { faults, records }
}
