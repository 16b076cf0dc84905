/**
 * Sessions of all keys in the order of a store in memory, which is by end first: who reads all of them page by page goes on
 * from where the last page ended.
 *
 * @since 0.1.0
 */
import { BytesMap } from "./BytesMap.ts"
import { addressOf } from "./OrderedMap.ts"
import type { SessionEntry, SessionPlace, SessionStore } from "./StateStore.ts"

/**
 * The sessions. `compare` is the order of the store.
 *
 * @since 0.1.0
 */
export class SessionsByEnd {
  private readonly compare: SessionStore["compare"]
  /** Below each end what ends then, in order. */
  private readonly ends = new BytesMap<Array<SessionEntry>>()

  constructor(compare: SessionStore["compare"]) {
    this.compare = compare
  }

  /** Adds a session, or puts it in the place of the same one. */
  put(entry: SessionEntry): void {
    const end = addressOf(entry.session.end)
    const entries = this.ends.get(end)
    if (entries === undefined) return this.ends.addOwned(end, [entry])
    const at = this.firstFrom(entries, entry)
    entries.splice(at, this.isAt(entries, at, entry) ? 1 : 0, entry)
  }

  /** Forgets a session, if it is there. */
  delete(place: SessionPlace): void {
    const end = addressOf(place.session.end)
    const entries = this.ends.get(end)
    if (entries === undefined) return
    const at = this.firstFrom(entries, place)
    if (this.isAt(entries, at, place)) entries.splice(at, 1)
    if (entries.length === 0) this.ends.delete(end)
  }

  /** All that end at `earliestEnd` or later and follow a place, if there is one. */
  *from(earliestEnd: number, after: SessionPlace | undefined): Generator<SessionEntry> {
    const first = addressOf(Math.max(earliestEnd, after?.session.end ?? 0, 0))
    for (const [, entries] of this.ends.range(first, undefined)) {
      const at = after === undefined ? 0 : this.firstFrom(entries, after)
      const isSame = after !== undefined && this.isAt(entries, at, after)
      yield* entries.slice(isSame ? at + 1 : at)
    }
  }

  private firstFrom(entries: ReadonlyArray<SessionEntry>, place: SessionPlace): number {
    let low = 0
    let high = entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.compare(entries[middle]!, place) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  private isAt(entries: ReadonlyArray<SessionEntry>, at: number, place: SessionPlace): boolean {
    return at < entries.length && this.compare(entries[at]!, place) === 0
  }
}
