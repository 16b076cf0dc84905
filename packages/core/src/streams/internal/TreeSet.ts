/**
 * A sorted set that places a new item as Java's `TreeSet` does: by comparing it on the way down a red-black tree. If the
 * order of items changes after they were placed, as it does while a topology is printed, the tree's shape decides.
 *
 * @since 0.1.0
 */

/**
 * A sorted set.
 *
 * @since 0.1.0
 */
export interface TreeSet<A> {
  readonly compare: (a: A, b: A) => number
  root: Cell<A> | undefined
}

interface Cell<A> {
  readonly value: A
  red: boolean
  parent: Cell<A> | undefined
  left: Cell<A> | undefined
  right: Cell<A> | undefined
}

type Side = "left" | "right"

/**
 * An empty set.
 *
 * @since 0.1.0
 */
export const make = <A>(compare: (a: A, b: A) => number): TreeSet<A> => ({ compare, root: undefined })

/**
 * Adds an item, unless an equal one is found on its way.
 *
 * @since 0.1.0
 */
export const add = <A>(set: TreeSet<A>, value: A): void => {
  const cell: Cell<A> = { value, red: true, parent: undefined, left: undefined, right: undefined }
  let at = set.root
  let side: Side = "left"
  while (at !== undefined) {
    const order = set.compare(value, at.value)
    if (order === 0) return
    cell.parent = at
    side = order < 0 ? "left" : "right"
    at = at[side]
  }
  if (cell.parent === undefined) set.root = cell
  else cell.parent[side] = cell
  rebalance(set, cell)
}

/**
 * The items, in order.
 *
 * @since 0.1.0
 */
export const items = <A>(set: TreeSet<A>): ReadonlyArray<A> => below(set.root)

const below = <A>(cell: Cell<A> | undefined): ReadonlyArray<A> =>
  cell === undefined ? [] : [...below(cell.left), cell.value, ...below(cell.right)]

const rebalance = <A>(set: TreeSet<A>, added: Cell<A>): void => {
  let cell = added
  while (cell.parent?.red === true && cell.parent.parent !== undefined) {
    const grandparent: Cell<A> = cell.parent.parent
    const side: Side = grandparent.left === cell.parent ? "left" : "right"
    const uncle: Cell<A> | undefined = grandparent[opposite(side)]
    if (uncle?.red === true) {
      cell.parent.red = false
      uncle.red = false
      grandparent.red = true
      cell = grandparent
      continue
    }
    if (cell.parent[opposite(side)] === cell) {
      cell = cell.parent
      rotate(set, cell, side)
    }
    if (cell.parent !== undefined) cell.parent.red = false
    grandparent.red = true
    rotate(set, grandparent, opposite(side))
  }
  if (set.root !== undefined) set.root.red = false
}

const opposite = (side: Side): Side => side === "left" ? "right" : "left"

/**
 * Moves a cell down to the side; its child of the other side takes its place.
 */
const rotate = <A>(set: TreeSet<A>, cell: Cell<A>, side: Side): void => {
  const up = cell[opposite(side)]
  if (up === undefined) return
  cell[opposite(side)] = up[side]
  const moved = up[side]
  if (moved !== undefined) moved.parent = cell
  up.parent = cell.parent
  if (cell.parent === undefined) set.root = up
  else if (cell.parent.left === cell) cell.parent.left = up
  else cell.parent.right = up
  up[side] = cell
  cell.parent = up
}
