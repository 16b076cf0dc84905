/**
 * Where the boxes of a picture stand: in layers, each box below all that it is reached from, and as near as can be to what it
 * is reached from; each sub-topology in a column of its own, with the topics that it reads above it and those that nothing reads
 * below it. A topic that would stand inside stands to the left of it.
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

/** Puts topics in the middle between the sub-topologies above and below. */
const topicLift = 13

const widthOf = ({ label }: Box): number => 28 + label.length * 7.3

/**
 * How many boxes are above each, on the longest way, a topic at least above those that are none; what comes back to a box that is
 * under way is left out.
 */
const layersOf = ({ arrows, boxes }: Picture): ReadonlyMap<string, number> => {
  const layers = new Map<string, number>()
  const underWay = new Set<string>()
  const above = Map.groupBy(arrows, ({ to }) => to)
  const topics = new Set(boxes.filter(({ group }) => group === undefined).map(({ id }) => id))
  const layerOf = (id: string): number => {
    const known = layers.get(id)
    if (known !== undefined) return known
    underWay.add(id)
    let layer = topics.has(id) ? 0 : 1
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

/** The first and the last layer of the boxes of each group. */
const spansOf = ({ boxes, groups }: Picture, layers: ReadonlyMap<string, number>) =>
  new Map(groups.map(({ id }) => {
    const own = boxes.filter(({ group }) => group === id).map((box) => layers.get(box.id)!)
    return [id, { top: Math.min(...own), bottom: Math.max(...own) }]
  }))

/** The same layers, but topics that nothing writes right above what reads them first, and those that nothing reads below all. */
const settled = (
  { arrows, boxes }: Picture,
  layers: ReadonlyMap<string, number>,
  lanes: ReadonlyMap<string, number>,
  spans: ReturnType<typeof spansOf>
): ReadonlyMap<string, number> =>
  new Map(boxes.map(({ group, id }) => {
    const layer = layers.get(id)!
    if (group !== undefined) return [id, layer]
    const readers = arrows.filter(({ from }) => from === id).map(({ to }) => layers.get(to)!)
    if (readers.length === 0) return [id, spans.get(lanes.get(id)!)!.bottom + 1]
    return [id, arrows.some(({ to }) => to === id) ? layer : Math.min(...readers) - 1]
  }))

/**
 * Places all boxes.
 *
 * @since 0.1.0
 */
export const of = (picture: Picture): Layout => {
  const lanes = lanesOf(picture)
  const ranks = layersOf(picture)
  const spans = spansOf(picture, ranks)
  const layers = settled(picture, ranks, lanes, spans)
  const above = Map.groupBy(picture.arrows, ({ to }) => to)
  const boxes = new Map<string, Place>()
  const groups = new Map<number, Place>()
  const yOf = (layer: number) => margin + topicLift + layer * layerHeight
  /** The middle of what a box is reached from, as far as that is placed; else where the box would be anyway. */
  const wishOf = ({ id }: Box, otherwise: number): number => {
    const places = (above.get(id) ?? []).flatMap(({ from }) => boxes.get(from) ?? [])
    if (places.length === 0) return otherwise
    return places.reduce((sum, place) => sum + place.x + place.width / 2, 0) / places.length
  }
  /** Places boxes in a column from `x`; gives its width. */
  const column = (members: ReadonlyArray<Box>, x: number, widthMin: number): number => {
    const rows = [...Map.groupBy(members, ({ id }) => layers.get(id)!)].sort(([a], [b]) => a - b)
    const widths = rows.map(([, row]) => row.reduce((sum, box) => sum + widthOf(box) + gap, -gap))
    const width = Math.max(widthMin, ...widths)
    for (const [index, [layer, row]] of rows.entries()) {
      const middle = x + width / 2
      const wishes = new Map(row.map((box) => [box, wishOf(box, middle)]))
      let at = x + (width - widths[index]!) / 2
      for (const box of row.toSorted((a, b) => wishes.get(a)! - wishes.get(b)!)) {
        const y = yOf(layer) - (box.group === undefined ? topicLift : 0)
        boxes.set(box.id, { x: at, y, width: widthOf(box), height: boxHeight })
        at += widthOf(box) + gap
      }
    }
    return width
  }
  let x = margin
  for (const { id } of picture.groups) {
    const { bottom, top } = spans.get(id)!
    const isInside = (box: Box) => layers.get(box.id)! >= top && layers.get(box.id)! <= bottom
    const members = picture.boxes.filter((box) => lanes.get(box.id) === id)
    const beside = members.filter((box) => box.group === undefined && isInside(box))
    const lane = column(beside, x, 0)
    if (lane > 0) x += lane + gap
    const width = column(members.filter((box) => !beside.includes(box)), x + padding, 110)
    const y = yOf(top) - padding - titleHeight
    groups.set(id, { x, y, width: width + 2 * padding, height: yOf(bottom) + boxHeight + padding - y })
    x += width + 2 * padding + gap * 2
  }
  const bottoms = [...boxes.values(), ...groups.values()].map((place) => place.y + place.height)
  return { boxes, groups, width: x - gap * 2 + margin, height: Math.max(margin, ...bottoms) + margin }
}
