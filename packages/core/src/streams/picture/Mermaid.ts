/**
 * A picture of a topology as a Mermaid flowchart.
 *
 * @since 0.1.0
 */
import type { Box, Picture } from "./Picture.ts"

const shapes: { readonly [K in Box["kind"]]: readonly [open: string, close: string] } = {
  topic: ["([", "])"],
  source: ["[/", "\\]"],
  processor: ["[", "]"],
  sink: ["[\\", "/]"],
  store: ["[(", ")]"]
}

/** Mermaid has entities of its own for what would end a text. */
const quoted = (text: string): string => `"${text.replace(/[#"<>&]/g, (character) => `#${character.codePointAt(0)};`)}"`

/**
 * The text of the flowchart: boxes are numbered in their order, sub-topologies are its subgraphs.
 *
 * @since 0.1.0
 */
export const draw = ({ arrows, boxes, groups }: Picture): string => {
  const ids = new Map(boxes.map(({ id }, index) => [id, `n${index}`]))
  const boxesOf = (group: number | undefined, indent: string) =>
    boxes.filter((box) => box.group === group).map(({ id, kind, label }) => {
      const [open, close] = shapes[kind]
      return `${indent}${ids.get(id)}${open}${quoted(label)}${close}`
    })
  return [
    "flowchart TD",
    ...boxesOf(undefined, "  "),
    ...groups.flatMap(({ id, title }) => [`  subgraph g${id}[${quoted(title)}]`, ...boxesOf(id, "    "), "  end"]),
    ...arrows.map(({ from, isUse, to }) => `  ${ids.get(from)} ${isUse ? "-.-" : "-->"} ${ids.get(to)}`),
    ""
  ].join("\n")
}
