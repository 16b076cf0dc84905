/**
 * `meta.properties`: which cluster and node a log directory belongs to, and its own id.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { readText, writeText } from "./CheckpointFile.ts"
import { corruptFile } from "./StorageError.ts"

/**
 * The identity of a log directory. Ids are Kafka's 22-character texts (a cluster id may be any text).
 *
 * @since 0.1.0
 */
export interface MetaProperties {
  readonly clusterId: string
  readonly nodeId: number
  readonly directoryId: string
}

/**
 * The name of the file.
 *
 * @since 0.1.0
 */
export const fileName = "meta.properties"

/** Java's properties, as far as Kafka writes them: `key=value` with `\` before `:`, `=` and `\`. */
const properties = (text: string): Map<string, string> => {
  const found = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const trimmed = line.trim()
    const equals = trimmed.indexOf("=")
    if (trimmed.startsWith("#") || trimmed.startsWith("!") || equals < 0) continue
    found.set(trimmed.slice(0, equals).trim(), trimmed.slice(equals + 1).trim().replaceAll(/\\(.)/g, "$1"))
  }
  return found
}

const escape = (value: string): string => value.replaceAll(/[\\:=#!]/g, "\\$&")

/**
 * Reads the file in `directory`; undefined if there is none.
 *
 * @since 0.1.0
 */
export const read = Effect.fnUntraced(function*(directory: string) {
  const path = `${directory}/${fileName}`
  const text = yield* readText(path)
  if (text === undefined) return undefined
  const found = properties(text)
  const version = found.get("version")
  const clusterId = found.get("cluster.id")
  const nodeId = Number(found.get("node.id") ?? found.get("broker.id"))
  const directoryId = found.get("directory.id")
  if (version !== "1" && version !== "0") return yield* corruptFile(path, `unknown version ${version}`)
  if (clusterId === undefined || !Number.isInteger(nodeId)) {
    return yield* corruptFile(path, "cluster.id or node.id is missing")
  }
  return { clusterId, nodeId, directoryId }
})

/**
 * Writes the file in `directory`, durably.
 *
 * @since 0.1.0
 */
export const write = (directory: string, meta: MetaProperties) =>
  writeText(
    `${directory}/${fileName}`,
    [
      "#",
      `node.id=${meta.nodeId}`,
      `directory.id=${escape(meta.directoryId)}`,
      "version=1",
      `cluster.id=${escape(meta.clusterId)}`,
      ""
    ].join("\n")
  )
