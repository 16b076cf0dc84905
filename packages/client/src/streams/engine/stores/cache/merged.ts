/**
 * What a caching store shows of many keys: the entries of the store below, with those of the cache in their place.
 *
 * @since 0.1.0
 */

/**
 * Two ordered sequences as one. Where both have a place, that of the cache counts. `show` says what there is to see at a place
 * when it is its turn; undefined: nothing.
 *
 * @since 0.1.0
 */
export function* merged<C, S, A>(
  cached: Iterable<C>,
  stored: Iterable<S>,
  compare: (cached: C, stored: S) => number,
  show: { readonly cached: (cached: C) => A | undefined; readonly stored: (stored: S) => A | undefined }
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
    let shown: A | undefined
    if (order <= 0 && nextAbove.done !== true) shown = show.cached(nextAbove.value)
    else if (nextBelow.done !== true) shown = show.stored(nextBelow.value)
    if (shown !== undefined) yield shown
    if (order >= 0) nextBelow = below.next()
    if (order <= 0) nextAbove = above.next()
  }
}
