/**
 * What a caching store shows of many keys: the entries of the store below, with those of the cache in their place.
 *
 * @since 0.1.0
 */

/**
 * Two ordered sequences as one. Where both have a place, that of the cache counts; `isThere` says whether it shows anything.
 *
 * @since 0.1.0
 */
export function* merged<C, S, A>(
  cached: Iterable<C>,
  stored: Iterable<S>,
  compare: (cached: C, stored: S) => number,
  isThere: (cached: C) => boolean,
  show: { readonly cached: (cached: C) => A; readonly stored: (stored: S) => A }
): Generator<A> {
  const above = cached[Symbol.iterator]()
  const below = stored[Symbol.iterator]()
  let nextAbove = above.next()
  let nextBelow = below.next()
  while (nextAbove.done !== true || nextBelow.done !== true) {
    const order = nextAbove.done === true
      ? 1
      : nextBelow.done === true
      ? -1
      : compare(nextAbove.value, nextBelow.value)
    if (order > 0) {
      if (nextBelow.done !== true) yield show.stored(nextBelow.value)
    } else if (nextAbove.done !== true && isThere(nextAbove.value)) {
      yield show.cached(nextAbove.value)
    }
    if (order >= 0) nextBelow = below.next()
    if (order <= 0) nextAbove = above.next()
  }
}
