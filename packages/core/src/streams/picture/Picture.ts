/**
 * What a picture of a topology shows, whoever draws it: boxes, arrows between them, and sub-topologies that hold boxes.
 *
 * Keeps true: boxes and arrows stand in the order of the topology's nodes, so the same topology gives the same picture; topics
 * belong to no sub-topology, because they are where one hands over to another.
 *
 * @since 0.1.0
 */
import type { Node, ResolvedTopology } from "../ResolvedTopology.ts"

/**
 * A box. `group`: the id of its sub-topology; topics have none.
 *
 * @since 0.1.0
 */
export interface Box {
  readonly id: string
  readonly kind: "topic" | "source" | "processor" | "sink" | "store"
  readonly label: string
  readonly group: number | undefined
}

/**
 * An arrow between boxes, by id. One to a store only says that a processor uses it.
 *
 * @since 0.1.0
 */
export interface Arrow {
  readonly from: string
  readonly to: string
  readonly isUse: boolean
}

/**
 * A picture. Groups have an id and a title, in the order of ids.
 *
 * @since 0.1.0
 */
export interface Picture {
  readonly groups: ReadonlyArray<{ readonly id: number; readonly title: string }>
  readonly boxes: ReadonlyArray<Box>
  readonly arrows: ReadonlyArray<Arrow>
}

const kinds = { Source: "source", Processor: "processor", Sink: "sink" } as const

const topicsOf = (node: Node): ReadonlyArray<string> => {
  if (node._tag === "Source") return node.pattern === undefined ? node.topics : [String(node.pattern)]
  if (node._tag === "Sink") return [typeof node.topic === "string" ? node.topic : "(chosen per record)"]
  return []
}

/**
 * The picture of a topology.
 *
 * @since 0.1.0
 */
export const of = ({ globalStores, nodes, subTopologies }: ResolvedTopology): Picture => {
  const boxes = new Map<string, Box>()
  const arrows: Array<Arrow> = []
  const add = (kind: Box["kind"], label: string, group: number | undefined): string => {
    const id = `${kind} ${label}`
    if (!boxes.has(id)) boxes.set(id, { id, kind, label, group })
    return id
  }
  const show = (node: Node, group: number) => {
    const id = add(kinds[node._tag], node.name, group)
    for (const topic of topicsOf(node)) {
      const other = add("topic", topic, undefined)
      arrows.push(
        node._tag === "Source" ? { from: other, to: id, isUse: false } : { from: id, to: other, isUse: false }
      )
    }
    for (const parent of node._tag === "Source" ? [] : node.parents) {
      const above = ["source", "processor"].map((kind) => `${kind} ${parent}`).find((each) => boxes.has(each))
      if (above !== undefined) arrows.push({ from: above, to: id, isUse: false })
    }
    for (const store of node._tag === "Processor" ? node.stores : []) {
      arrows.push({ from: id, to: add("store", store, group), isUse: true })
    }
  }
  for (const { id, processor, source, store } of globalStores) {
    add("store", store.name, id)
    show(source, id)
    show(processor, id)
  }
  const groupOf = new Map(subTopologies.flatMap(({ id, nodes: names }) => names.map((name) => [name, id] as const)))
  for (const node of nodes) show(node, groupOf.get(node.name) ?? 0)
  const groups = [
    ...subTopologies.map(({ id }) => ({ id, title: `Sub-topology ${id}` })),
    ...globalStores.map(({ id }) => ({ id, title: `Global store ${id}` }))
  ].sort((a, b) => a.id - b.id)
  return { groups, boxes: [...boxes.values()], arrows }
}
