/**
 * Where the boxes of a picture stand: in layers, each box below all that it is reached from, each sub-topology in a column of
 * its own, the topics that it reads in a lane to the left of it.
 *
 * Keeps true: no two boxes and no two sub-topologies overlap; the same picture gives the same places.
 *
 * @since 0.1.0
 */
import type { Box, Picture } from "./Picture.ts"

/**
 * A rectangle, in pixels.
 *
 * @since 0.1.0
 */
export interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/**
 * The places of boxes by id, of groups by id, and the size of all.
 *
 * @since 0.1.0
 */
export interface Layout {
  readonly boxes: ReadonlyMap<string, Place>
  readonly groups: ReadonlyMap<number, Place>
  readonly width: number
  readonly height: number
}

const [boxHeight, layerHeight, gap, margin, padding, titleHeight] = [34, 78, 24, 24, 18, 26]

const widthOf = ({ label }: Box): number => 28 + label.length * 7.3

/** How many boxes are above each, on the longest way; what comes back to a box that is under way is left out. */
const layersOf = ({ arrows, boxes }: Picture): ReadonlyMap<string, number> => {
  const layers = new Map<string, number>()
  const underWay = new Set<string>()
  const above = Map.groupBy(arrows, ({ to }) => to)
  const layerOf = (id: string): number => {
    const known = layers.get(id)
    if (known !== undefined) return known
    underWay.add(id)
    let layer = 0
    for (const { from } of above.get(id) ?? []) if (!underWay.has(from)) layer = Math.max(layer, layerOf(from) + 1)
    underWay.delete(id)
    layers.set(id, layer)
    return layer
  }
  for (const { id } of boxes) layerOf(id)
  return layers
}

/** The group beside which a topic stands: the first that reads it, else that writes it. */
const lanesOf = ({ arrows, boxes, groups }: Picture): ReadonlyMap<string, number> => {
  const groupOf = new Map(boxes.map(({ group, id }) => [id, group]))
  const first = groups[0]?.id ?? 0
  return new Map(boxes.map(({ group, id }) => {
    if (group !== undefined) return [id, group]
    const reader = arrows.find(({ from }) => from === id)?.to
    const writer = arrows.find(({ to }) => to === id)?.from
    return [id, groupOf.get(reader ?? writer ?? "") ?? first]
  }))
}

/**
 * Places all boxes.
 *
 * @since 0.1.0
 */
export const of = (picture: Picture): Layout => {
  const layers = layersOf(picture)
  const lanes = lanesOf(picture)
  const boxes = new Map<string, Place>()
  const groups = new Map<number, Place>()
  const yOf = (id: string) => margin + titleHeight + padding + layers.get(id)! * layerHeight
  /** Places boxes in a column from `x`; gives its width. */
  const column = (members: ReadonlyArray<Box>, x: number): number => {
    const rows = [...Map.groupBy(members, ({ id }) => layers.get(id)!).values()]
    const widths = rows.map((row) => row.reduce((sum, box) => sum + widthOf(box) + gap, -gap))
    const width = Math.max(0, ...widths)
    for (const [index, row] of rows.entries()) {
      let at = x + (width - widths[index]!) / 2
      for (const box of row) {
        boxes.set(box.id, { x: at, y: yOf(box.id), width: widthOf(box), height: boxHeight })
        at += widthOf(box) + gap
      }
    }
    return width
  }
  let x = margin
  for (const { id } of picture.groups) {
    const topics = picture.boxes.filter((box) => box.group === undefined && lanes.get(box.id) === id)
    const lane = column(topics, x)
    if (lane > 0) x += lane + gap
    const own = picture.boxes.filter((box) => box.group === id)
    const width = Math.max(column(own, x + padding), 110)
    const tops = own.map((box) => yOf(box.id))
    const y = Math.min(...tops) - padding - titleHeight
    groups.set(id, { x, y, width: width + 2 * padding, height: Math.max(...tops) + boxHeight + padding - y })
    x += width + 2 * padding + gap * 2
  }
  const bottoms = [...boxes.values(), ...groups.values()].map((place) => place.y + place.height)
  return { boxes, groups, width: x - gap * 2 + margin, height: Math.max(margin, ...bottoms) + margin }
}
