/**
 * What has expired in an ordered map whose keys are below numbers of time, and leaves it a little with each put, so that no
 * put takes long.
 *
 * Keeps true: nothing leaves that is not below the bound; with more that leaves than comes, all of it leaves in the end.
 * Leaves to others: not showing what has expired, and not putting it.
 *
 * @since 0.1.0
 */
import { addressOf, type OrderedMap, prefixOf } from "./OrderedMap.ts"

/** How many entries leave with one put: more than the one that came. */
const expiredPerPut = 32

/**
 * The expired entries of a map.
 *
 * @since 0.1.0
 */
export class ExpiredEntries {
  private readonly map: OrderedMap
  private readonly onLetGo: (address: Uint8Array) => void
  /** Below this number nothing is left. */
  private firstHeld = -1
  /** Where to go on. */
  private next = addressOf(0)

  /** `onLetGo` hears of each entry that leaves. */
  constructor(map: OrderedMap, onLetGo: (address: Uint8Array) => void = () => {}) {
    this.map = map
    this.onLetGo = onLetGo
  }

  /** Lets go of a few of the entries below `bound`, which never becomes smaller. */
  letGo(bound: number): void {
    if (bound <= this.firstHeld) return
    const end = addressOf(bound)
    let left = expiredPerPut
    for (const [address] of this.map.range(this.next, end)) {
      if (prefixOf(address) >= bound) break
      if (left-- === 0) {
        this.next = address.slice()
        return
      }
      this.map.delete(address)
      this.onLetGo(address)
    }
    this.firstHeld = bound
    this.next = end
  }

  /** Begins anew, with an empty map. */
  reset(): void {
    this.firstHeld = -1
    this.next = addressOf(0)
  }
}
