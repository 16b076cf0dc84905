/**
 * The keys of a hashed map in their order, for scans: made when first asked for, and then kept up with what has come and left
 * since, so that a scan after a few changes costs little more than what it gives.
 *
 * Keeps true: what was given to a scan never changes.
 * Leaves to others: where keys are (a byte array each, or places in an `Arena`), and their values.
 *
 * @since 0.1.0
 */

/**
 * The map whose keys are sorted. `K` is how it holds a key.
 *
 * @since 0.1.0
 */
export interface KeysOwner<K> {
  /** How many keys there are. */
  readonly size: () => number
  /** All keys, in any order, in an array of the caller's own. */
  readonly allKeys: () => Array<K>
  readonly hasKey: (key: K) => boolean
  readonly compareKeys: (a: K, b: K) => number
  readonly compareTo: (key: K, bytes: Uint8Array) => number
}

/** So many changes are always few enough to be kept. */
const changedMin = 16

/** Keys that came or left are few if there are so many times more in order. */
const fewShare = 32

/** A run of more keys is cut in two. */
const runMax = 256

/** Sorted keys in runs. */
type Runs<K> = Array<Array<K>>

const nothing: ReadonlyArray<never> = []

/**
 * The keys of one map.
 *
 * @since 0.1.0
 */
export class SortedKeys<K> {
  private readonly owner: KeysOwner<K>
  /** The sorted keys, as they were before `changed`; undefined if nobody has asked for them. There is always a run. */
  private runs: Runs<K> | undefined
  /** Runs that were given to scans. */
  private given = new Set<ReadonlyArray<K>>()
  /** Keys that came or left since. */
  private changed: Array<K> = []

  constructor(owner: KeysOwner<K>) {
    this.owner = owner
  }

  /** Tells that a key has come or left; one that has come again may be held otherwise than before. */
  note(key: K): void {
    if (this.runs === undefined) return
    this.changed.push(key)
    if (this.changed.length > this.owner.size() + changedMin) this.forget()
  }

  /** Forgets the order until it is asked for again. */
  private forget(): void {
    this.runs = undefined
    this.given = new Set()
    this.changed = []
  }

  /** Takes over the order of keys that are sorted. */
  renew(sorted: ReadonlyArray<K>): void {
    this.forget()
    this.runs = runsOf(sorted)
  }

  /** The keys from `from` to `to`, both included, in pieces; undefined means no bound. */
  between(from: Uint8Array | undefined, to: Uint8Array | undefined): ReadonlyArray<ReadonlyArray<K>> {
    const { compareTo } = this.owner
    const runs = this.upToDate()
    const first = from === undefined ? 0 : runOf(runs, from, compareTo)
    const last = to === undefined ? runs.length - 1 : runOf(runs, to, compareTo)
    if (first > last) return nothing
    const start = from === undefined ? 0 : placeOf(runs[first]!, from, compareTo)
    const end = to === undefined ? runs[last]!.length : placeAfter(runs[last]!, to, compareTo)
    if (first === last) return start < end ? [runs[first]!.slice(start, end)] : nothing
    const pieces: Array<ReadonlyArray<K>> = [runs[first]!.slice(start)]
    for (let at = first + 1; at < last; at++) {
      this.given.add(runs[at]!)
      pieces.push(runs[at]!)
    }
    pieces.push(runs[last]!.slice(0, end))
    return pieces
  }

  private upToDate(): Runs<K> {
    const { changed, owner, runs } = this
    if (runs !== undefined && changed.length === 0) return runs
    if (runs === undefined) this.renew(owner.allKeys().sort(owner.compareKeys))
    else if (changed.length * fewShare < owner.size()) this.changeFew(runs)
    else this.changeMany(runs)
    return this.runs!
  }

  /** Looks for the place of each key that has changed. */
  private changeFew(runs: Runs<K>): void {
    const { changed, owner: { compareKeys, hasKey } } = this
    for (let i = 0; i < changed.length; i++) {
      const key = changed[i]!
      const at = runOf(runs, key, compareKeys)
      let run = runs[at]!
      const place = placeOf(run, key, compareKeys)
      const isThere = place < run.length && compareKeys(run[place]!, key) === 0
      const isHeld = hasKey(key)
      if (!isThere && !isHeld) continue
      if (this.given.delete(run)) {
        run = run.slice()
        runs[at] = run
      }
      if (!isHeld) run.splice(place, 1)
      else run.splice(place, isThere ? 1 : 0, key)
      if (run.length > runMax) runs.splice(at, 1, run.slice(0, runMax / 2), run.slice(runMax / 2))
      else if (run.length === 0 && runs.length > 1) runs.splice(at, 1)
    }
    this.changed = []
  }

  /** Merges the keys that have changed with all others. */
  private changeMany(runs: Runs<K>): void {
    const { compareKeys, hasKey } = this.owner
    const changed = this.changed.sort(compareKeys)
    const merged: Array<K> = []
    let at = 0
    const takeChanged = () => {
      let key = changed[at++]!
      while (at < changed.length && compareKeys(changed[at]!, key) === 0) key = changed[at++]!
      if (hasKey(key)) merged.push(key)
    }
    for (const run of runs) {
      for (const key of run) {
        let order = 1
        while (at < changed.length && (order = compareKeys(changed[at]!, key)) < 0) takeChanged()
        if (at < changed.length && order === 0) takeChanged()
        else merged.push(key)
      }
    }
    while (at < changed.length) takeChanged()
    this.renew(merged)
  }
}

/** The run that a key is in, or would be: the last one that begins at it or before, or the first. */
const runOf = <K, T>(runs: Runs<K>, sought: T, compare: (key: K, sought: T) => number): number => {
  let low = 0
  let high = runs.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (compare(runs[middle]![0]!, sought) <= 0) low = middle
    else high = middle - 1
  }
  return low
}

/** The first index whose key is not smaller. */
const placeOf = <K, T>(run: ReadonlyArray<K>, sought: T, compare: (key: K, sought: T) => number): number => {
  let low = 0
  let high = run.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(run[middle]!, sought) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** The first index whose key is larger. */
const placeAfter = <K, T>(run: ReadonlyArray<K>, sought: T, compare: (key: K, sought: T) => number): number => {
  const at = placeOf(run, sought, compare)
  return at < run.length && compare(run[at]!, sought) === 0 ? at + 1 : at
}

/** Runs of half the length that they may have; there is always one. */
const runsOf = <K>(keys: ReadonlyArray<K>): Runs<K> => {
  const runs: Runs<K> = []
  for (let at = 0; at < keys.length; at += runMax / 2) runs.push(keys.slice(at, at + runMax / 2))
  return runs.length === 0 ? [[]] : runs
}
