/**
 * The strongly connected components of a directed graph: Tarjan's algorithm without recursion, linear in nodes and edges.
 *
 * @since 0.1.0
 */

/** One node's way through the search. */
interface Search {
  readonly low: Int32Array
  readonly found: Int32Array
  readonly isOnStack: Uint8Array
  readonly stack: Array<number>
  readonly components: Array<ReadonlyArray<number>>
  count: number
}

/**
 * The components of more than one node; `edges[from]` lists where a node leads to.
 *
 * @since 0.1.0
 */
export const find = (edges: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<ReadonlyArray<number>> => {
  const search: Search = {
    low: new Int32Array(edges.length),
    found: new Int32Array(edges.length).fill(-1),
    isOnStack: new Uint8Array(edges.length),
    stack: [],
    components: [],
    count: 0
  }
  for (let node = 0; node < edges.length; node++) if (search.found[node] === -1) visit(search, edges, node)
  return search.components
}

const enter = (search: Search, node: number): void => {
  search.low[node] = search.found[node] = search.count++
  search.isOnStack[node] = 1
  search.stack.push(node)
}

const visit = (search: Search, edges: ReadonlyArray<ReadonlyArray<number>>, root: number): void => {
  const { found, isOnStack, low } = search
  const path = [root]
  const next = [0]
  enter(search, root)
  while (path.length > 0) {
    const node = path.at(-1)!
    const at = next[next.length - 1]!++
    const to = edges[node]![at]
    if (to === undefined) {
      path.pop()
      next.pop()
      const parent = path.at(-1)
      if (parent !== undefined) low[parent] = Math.min(low[parent]!, low[node]!)
      if (low[node] === found[node]) leave(search, node)
    } else if (found[to] === -1) {
      enter(search, to)
      path.push(to)
      next.push(0)
    } else if (isOnStack[to] === 1) {
      low[node] = Math.min(low[node]!, found[to]!)
    }
  }
}

/** Takes a whole component off the stack. */
const leave = ({ components, isOnStack, stack }: Search, root: number): void => {
  const component: Array<number> = []
  for (;;) {
    const node = stack.pop()!
    isOnStack[node] = 0
    component.push(node)
    if (node === root) break
  }
  if (component.length > 1) components.push(component.reverse())
}
