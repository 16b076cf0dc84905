/**
 * Which test it is that runs, how long it may take, and how to run it again: from what vitest and node:test give to a test's function.
 *
 * @since 0.1.0
 */
import * as NodePath from "node:path"

/**
 * A test as its runner knows it.
 *
 * @since 0.1.0
 */
export interface Test {
  /** With the names of what is around it, as the runner's filter takes it. */
  readonly name: string
  /** The command that runs this test alone. */
  readonly command: string
}

/** The part of vitest's tasks that is looked at. */
interface Task {
  readonly name?: unknown
  readonly timeout?: unknown
  readonly suite?: Task | undefined
  readonly file?: { readonly filepath?: unknown } | undefined
}

/** The parts of the contexts of vitest and node:test that are looked at. */
interface Context {
  readonly task?: Task | undefined
  readonly name?: unknown
  readonly filePath?: unknown
  readonly signal?: unknown
}

/** Vitest's is a function with properties. */
const contextOf = (context: unknown): Context =>
  (typeof context === "object" && context !== null) || typeof context === "function" ? context : {}

const quote = (text: string): string => `"${text.replace(/["\\$`]/g, "\\$&")}"`

/** A pattern that matches this text only. */
const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

const relative = (file: string): string => NodePath.relative(process.cwd(), file)

const namesOf = (task: Task | undefined): ReadonlyArray<string> =>
  task === undefined || typeof task.name !== "string" || task.name === "" ? [] : [...namesOf(task.suite), task.name]

/**
 * The test whose function was given this; undefined if no runner that is known gave it.
 *
 * @since 0.1.0
 */
export const of = (given: unknown): Test | undefined => {
  const { filePath, name, task } = contextOf(given)
  if (task !== undefined && typeof task.file?.filepath === "string") {
    const full = namesOf(task).join(" ")
    return { name: full, command: `npx vitest run ${relative(task.file.filepath)} -t ${quote(escape(full))}` }
  }
  if (typeof name === "string" && typeof filePath === "string") {
    return { name, command: `node --test --test-name-pattern=${quote(escape(name))} ${relative(filePath)}` }
  }
  return undefined
}

/**
 * How long the runner lets the test take, in milliseconds; infinity if it does not say.
 *
 * @since 0.1.0
 */
export const timeoutMs = (given: unknown): number => {
  const timeout = contextOf(given).task?.timeout
  return typeof timeout === "number" && timeout > 0 ? timeout : Number.POSITIVE_INFINITY
}

/**
 * Whether the runner has given up on the test.
 *
 * @since 0.1.0
 */
export const isAborted = (given: unknown): boolean => {
  const { signal } = contextOf(given)
  return signal instanceof AbortSignal && signal.aborted
}
