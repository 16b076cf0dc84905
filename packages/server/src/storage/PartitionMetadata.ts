/**
 * `partition.metadata`: the topic id of the partition in this directory.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { readText, writeText } from "./CheckpointFile.ts"
import { corruptFile } from "./StorageError.ts"

/**
 * The name of the file.
 *
 * @since 0.1.0
 */
export const fileName = "partition.metadata"

/**
 * Reads the topic id (22 characters); undefined if there is no file.
 *
 * @since 0.1.0
 */
export const read = Effect.fnUntraced(function*(directory: string) {
  const path = `${directory}/${fileName}`
  const text = yield* readText(path)
  if (text === undefined) return undefined
  const topicId = /^topic_id:\s*(\S{22})\s*$/m.exec(text)?.[1]
  if (!/^version:\s*0\s*$/m.test(text) || topicId === undefined) return yield* corruptFile(path, "no topic id found")
  return topicId
})

/**
 * Writes the file, durably.
 *
 * @since 0.1.0
 */
export const write = (directory: string, topicId: string) =>
  writeText(`${directory}/${fileName}`, `version: 0\ntopic_id: ${topicId}`)
