/**
 * A picture of a topology as an SVG that stands alone, with colours for light and dark surroundings.
 *
 * @since 0.1.0
 */
import * as Layout from "./Layout.ts"
import type { Box, Picture } from "./Picture.ts"

const style = `
  text { font: 12px ui-monospace, Menlo, Consolas, monospace; fill: #1c2733; text-anchor: middle }
  .title { font-weight: 600; text-anchor: end; fill: #5b6b7c }
  .group { fill: #f4f6f9; stroke: #c5ced8 }
  .box { stroke-width: 1.4 }
  .topic { fill: #fff4d6; stroke: #b98500 }
  .source, .sink { fill: #dff3e4; stroke: #2f8f4e }
  .processor { fill: #ffffff; stroke: #6b7c8f }
  .store { fill: #e3ecfd; stroke: #3a6bc9 }
  .arrow, .use { fill: none; stroke: #6b7c8f; stroke-width: 1.3 }
  .use { stroke-dasharray: 4 3 }
  .head { fill: #6b7c8f }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .title { fill: #9aa9b8 }
    .group { fill: #1b222b; stroke: #3b4754 } .processor { fill: #26303b; stroke: #8494a5 }
    .topic { fill: #3d3108; stroke: #d8a520 } .source, .sink { fill: #163522; stroke: #4fb572 }
    .store { fill: #17294d; stroke: #6f9bf0 } .arrow, .use { stroke: #8494a5 } .head { fill: #8494a5 }
  }`

const entities: { readonly [character: string]: string } = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;" }

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character]!)

const n = (value: number): string => String(Math.round(value * 10) / 10)

const rectangle = (name: string, { height, width, x, y }: Layout.Place, radius: number): string =>
  `<rect class="${name}" x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="${radius}"/>`

const box = ({ kind, label }: Box, place: Layout.Place): string => {
  const radius = kind === "topic" ? place.height / 2 : kind === "store" ? 12 : 4
  const [x, y] = [place.x + place.width / 2, place.y + place.height / 2 + 4]
  return `${rectangle(`box ${kind}`, place, radius)}<text x="${n(x)}" y="${n(y)}">${escaped(label)}</text>`
}

/** From the bottom of one box to the top of another. */
const arrow = (isUse: boolean, from: Layout.Place, to: Layout.Place): string => {
  const [x1, y1, x2, y2] = [from.x + from.width / 2, from.y + from.height, to.x + to.width / 2, to.y]
  const bend = Math.max(20, Math.abs(y2 - y1) / 2)
  const path = `M${n(x1)} ${n(y1)}C${n(x1)} ${n(y1 + bend)} ${n(x2)} ${n(y2 - bend)} ${n(x2)} ${n(y2)}`
  return `<path class="${isUse ? "use" : "arrow"}" d="${path}"${isUse ? "" : " marker-end=\"url(#head)\""}/>`
}

/**
 * The text of the SVG.
 *
 * @since 0.1.0
 */
export const draw = (picture: Picture): string => {
  const { boxes, groups, height, width } = Layout.of(picture)
  const [w, h] = [Math.ceil(width), Math.ceil(height)]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img">`,
    `<style>${style}\n</style>`,
    `<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">`,
    `<path class="head" d="M0 0L8 4L0 8z"/></marker></defs>`,
    ...picture.groups.map(({ id, title }) => {
      const place = groups.get(id)!
      const [x, y] = [n(place.x + place.width - 12), n(place.y + 20)]
      const label = `<text class="title" x="${x}" y="${y}">${escaped(title)}</text>`
      return rectangle("group", place, 10) + label
    }),
    ...picture.arrows.map(({ from, isUse, to }) => arrow(isUse, boxes.get(from)!, boxes.get(to)!)),
    ...picture.boxes.map((each) => box(each, boxes.get(each.id)!)),
    "</svg>",
    ""
  ].join("\n")
}
