/**
 * Which leader epoch wrote which part of a log: for each epoch the offset of its first record.
 *
 * Keeps true: epochs ascend and start offsets do not descend.
 * Leaves to others: writing the file (`lines`, `path`); a change says that it is due.
 *
 * @since 0.1.0
 */

/**
 * An epoch and the offset where it began.
 *
 * @since 0.1.0
 */
export interface EpochEntry {
  readonly epoch: number
  readonly startOffset: number
}

/**
 * The largest epoch that is not above the asked one, and where it ends; both -1 if there is none.
 *
 * @since 0.1.0
 */
export interface EpochEndOffset {
  readonly epoch: number
  readonly endOffset: number
}

/**
 * The name of the file.
 *
 * @since 0.1.0
 */
export const fileName = "leader-epoch-checkpoint"

/**
 * The epochs of one log.
 *
 * @since 0.1.0
 */
export class LeaderEpochCache {
  #entries: Array<EpochEntry> = []

  constructor(entries: ReadonlyArray<EpochEntry>) {
    for (const { epoch, startOffset } of entries) this.assign(epoch, startOffset)
  }

  get entries(): ReadonlyArray<EpochEntry> {
    return this.#entries
  }

  /** The latest epoch, -1 if there is none. */
  get latestEpoch(): number {
    return this.#entries.at(-1)?.epoch ?? -1
  }

  /** Notes that `epoch` begins at `startOffset`; true if that was news. Entries that contradict it go. */
  assign(epoch: number, startOffset: number): boolean {
    const last = this.#entries.at(-1)
    if (last !== undefined && last.epoch === epoch && last.startOffset <= startOffset) return false
    if (epoch < 0 || startOffset < 0) return false
    while (this.#entries.length > 0) {
      const { epoch: lastEpoch, startOffset: lastStart } = this.#entries.at(-1)!
      if (lastEpoch < epoch && lastStart < startOffset) break
      this.#entries.pop()
    }
    this.#entries.push({ epoch, startOffset })
    return true
  }

  /** The epoch of the record at `offset`, -1 if unknown. */
  epochAt(offset: number): number {
    for (let index = this.#entries.length - 1; index >= 0; index--) {
      if (this.#entries[index]!.startOffset <= offset) return this.#entries[index]!.epoch
    }
    return -1
  }

  /** Where `epoch`, or the largest one below it, ends. */
  endOffsetFor(epoch: number, logEndOffset: number): EpochEndOffset {
    const latest = this.latestEpoch
    if (epoch === -1 || latest === -1 || epoch > latest) return { epoch: -1, endOffset: -1 }
    if (epoch === latest) return { epoch, endOffset: logEndOffset }
    const higher = this.#entries.findIndex((entry) => entry.epoch > epoch)
    return {
      epoch: higher === 0 ? epoch : this.#entries[higher - 1]!.epoch,
      endOffset: this.#entries[higher]!.startOffset
    }
  }

  /** Forgets epochs that begin at or after `endOffset`; true if there were any. */
  truncateFromEnd(endOffset: number): boolean {
    const before = this.#entries.length
    if (endOffset >= 0) this.#entries = this.#entries.filter((entry) => entry.startOffset < endOffset)
    return this.#entries.length !== before
  }

  /** Forgets epochs that end before `startOffset`; the one that holds it begins there. True if anything changed. */
  truncateFromStart(startOffset: number): boolean {
    let first = 0
    while (first + 1 < this.#entries.length && this.#entries[first + 1]!.startOffset <= startOffset) first++
    const head = this.#entries[first]
    if (head === undefined || head.startOffset >= startOffset) return false
    this.#entries = [{ epoch: head.epoch, startOffset }, ...this.#entries.slice(first + 1)]
    return true
  }

  /** The lines of the checkpoint. */
  lines(): ReadonlyArray<string> {
    return this.#entries.map(({ epoch, startOffset }) => `${epoch} ${startOffset}`)
  }
}

/**
 * Reads the lines of the checkpoint; undefined if one makes no sense.
 *
 * @since 0.1.0
 */
export const entriesOf = (lines: ReadonlyArray<string>): ReadonlyArray<EpochEntry> | undefined => {
  const entries = lines.map((line) => {
    const [epoch, startOffset] = line.split(/\s+/).map(Number)
    return { epoch: epoch ?? Number.NaN, startOffset: startOffset ?? Number.NaN }
  })
  return entries.every(({ epoch, startOffset }) => Number.isInteger(epoch) && Number.isInteger(startOffset))
    ? entries
    : undefined
}
