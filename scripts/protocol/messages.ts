/**
 * Every table of the protocol, found by its file: what tools and tests go through that need all of them.
 */
import { readdirSync } from "node:fs"
import { join } from "node:path"
import type * as Message from "@millrace/core/protocol/Message"

const directory = join(import.meta.dirname, "../../packages/core/src/protocol/messages")

/** A file of tables, and what it exports. */
export interface TableFile {
  readonly path: string
  readonly messages: ReadonlyArray<Message.Any>
}

/** The files of tables, by path. */
export const loadFiles = async (): Promise<ReadonlyArray<TableFile>> => {
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"))
  const paths = files.map((file) => join(directory, file)).sort()
  return Promise.all(paths.map(async (path) => {
    const module = await import(path) as Record<string, Message.Any>
    return { path, messages: Object.values(module) }
  }))
}

/** Every message, by name. */
export const loadMessages = async (): Promise<ReadonlyArray<Message.Any>> => {
  const files = await loadFiles()
  return files.flatMap(({ messages }) => messages).toSorted((left, right) => left.name < right.name ? -1 : 1)
}
