import { assert } from "@effect/vitest"

/** A scan, and the store that it is of. */
export interface Scanned<P> {
  /** Of places and values. */
  readonly scan: Iterator<readonly [P, string]>
  /** The places that had values when the scan began. */
  readonly before: ReadonlyArray<P>
  readonly compare: (a: P, b: P) => number
  /** The value that a place has now. */
  readonly valueOf: (place: P) => string | undefined
}

/** How many changes there are between two steps. */
const changesMax = 3

/**
 * Changes a store by `changes` between the steps of a scan, and holds it against its contract: all in order and as it is at
 * that moment, nothing twice, and nothing left out that has been there since the beginning.
 */
export const checkScan = <P>({ before, compare, scan, valueOf }: Scanned<P>, changes: Iterator<() => void>): void => {
  let last: P | undefined
  let lasting = before
  const isAhead = (place: P) => last === undefined || compare(last, place) < 0
  while (true) {
    const due = lasting.find(isAhead)
    const next = scan.next()
    if (next.done === true) {
      assert.isUndefined(due)
      return
    }
    const [place, value] = next.value
    assert.isTrue(isAhead(place))
    assert.strictEqual(value, valueOf(place))
    assert.isTrue(due === undefined || compare(place, due) <= 0)
    last = place
    for (let left = changesMax; left > 0; left--) {
      changes.next().value?.()
      lasting = lasting.filter((place) => valueOf(place) !== undefined)
    }
  }
}
