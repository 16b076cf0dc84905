/**
 * A disk in memory that forgets, at a crash, whatever was not synced.
 *
 * Keeps true: what `File.sync` and `syncDirectory` have acknowledged survives `crash`; nothing else does.
 * Every operation can be made to fail by its number, so that a test can sweep over all of them.
 * Leaves to others: delay, torn and reordered writes, bit rot (the simulated disk).
 *
 * @since 0.1.0
 */
import { Disk, DiskError, type Entry, type File, type OpenMode, parentOf } from "@millrace/core/platform/Disk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"

/** The contents of a file: what the process sees, and what the platter holds. */
interface Contents {
  bytes: Uint8Array
  size: number
  durable: Uint8Array
}

/** A file or directory by its path: what the process sees, and what the platter holds. */
interface Names {
  readonly files: Map<string, Contents>
  readonly directories: Set<string>
}

/**
 * A disk, and the hand that breaks it.
 *
 * @since 0.1.0
 */
export interface MemoryDisk {
  readonly disk: Disk["Service"]
  /** Forgets all that was not synced, releases locks, fails every file that is open, and calls off `failAt`. */
  readonly crash: () => void
  /** Operations so far; each read, write, sync, open, rename and so on counts once. */
  readonly operations: () => number
  /** From now on, the operation with this number (counted as by `operations`, starting at 0) fails. */
  readonly failAt: (operation: number, reason: DiskError["reason"]) => void
}

const contentsOf = (bytes: Uint8Array): Contents => ({ bytes, size: bytes.length, durable: bytes.slice() })

const grow = (contents: Contents, size: number): void => {
  if (size > contents.bytes.length) {
    const larger = new Uint8Array(Math.max(size, contents.bytes.length * 2, 1024))
    larger.set(contents.bytes.subarray(0, contents.size))
    contents.bytes = larger
  }
  contents.size = Math.max(contents.size, size)
}

const resize = (contents: Contents, size: number): void => {
  if (size < contents.size) contents.bytes.fill(0, size, contents.size)
  else grow(contents, size)
  contents.size = size
}

const isInside = (directory: string, path: string): boolean => path.startsWith(`${directory}/`)

/** Normalises `a//b/./c/` to `a/b/c`. */
const normalise = (path: string): string => {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".").join("/")
  return path.startsWith("/") ? `/${parts}` : parts === "" ? "." : parts
}

class Universe {
  seen: Names = { files: new Map(), directories: new Set([".", "/"]) }
  durable: Names = { files: new Map(), directories: new Set([".", "/"]) }
  readonly locks = new Set<string>()
  generation = 0
  operations = 0
  failure: { readonly operation: number; readonly reason: DiskError["reason"] } | undefined

  crash(): void {
    this.generation++
    this.failure = undefined
    this.locks.clear()
    this.seen = {
      files: new Map(
        [...this.durable.files]
          .filter(([path]) => this.durable.directories.has(parentOf(path)))
          .map(([path, contents]) => [path, contentsOf(contents.durable)])
      ),
      directories: new Set(this.durable.directories)
    }
    this.durable = { files: new Map(this.seen.files), directories: new Set(this.seen.directories) }
  }

  /** Counts an operation and runs it, or fails it if its number has come. */
  operation<A>(name: string, path: string, run: () => A): A {
    const number = this.operations++
    if (this.failure?.operation === number) {
      throw new DiskError({ reason: this.failure.reason, operation: name, path })
    }
    return run()
  }

  attempt<A>(name: string, path: string, run: () => A): Effect.Effect<A, DiskError> {
    return Effect.suspend(() => {
      try {
        return Effect.succeed(this.operation(name, path, run))
      } catch (cause) {
        return cause instanceof DiskError ? Effect.fail(cause) : Effect.die(cause)
      }
    })
  }

  requireDirectory(operation: string, path: string): void {
    if (!this.seen.directories.has(path)) throw new DiskError({ reason: "NotFound", operation, path })
  }
}

const openFile = (universe: Universe, path: string, mode: OpenMode): File => {
  universe.requireDirectory("open", parentOf(path))
  const found = universe.seen.files.get(path)
  if (found === undefined && mode === "read") throw new DiskError({ reason: "NotFound", operation: "open", path })
  if (found !== undefined && mode === "create") {
    throw new DiskError({ reason: "AlreadyExists", operation: "open", path })
  }
  const contents = found ?? contentsOf(new Uint8Array(0))
  universe.seen.files.set(path, contents)
  return fileOf(universe, path, contents)
}

const readAt = (contents: Contents, target: Uint8Array, position: number): number => {
  const end = Math.min(contents.size, position + target.length)
  if (end <= position) return 0
  target.set(contents.bytes.subarray(position, end))
  return end - position
}

const writeAt = (contents: Contents, chunks: ReadonlyArray<Uint8Array>, position: number): void => {
  let at = position
  for (const chunk of chunks) {
    grow(contents, at + chunk.length)
    contents.bytes.set(chunk, at)
    at += chunk.length
  }
}

const fileOf = (universe: Universe, path: string, contents: Contents): File => {
  const generation = universe.generation
  let closed = false
  const guarded = <A>(operation: string, run: () => A) => () => {
    if (closed || generation !== universe.generation) throw new DiskError({ reason: "Closed", operation, path })
    return run()
  }
  const attempt = <A>(operation: string, run: () => A) => universe.attempt(operation, path, guarded(operation, run))
  return {
    path,
    readUnsafe: (target, position) =>
      universe.operation("read", path, guarded("read", () => readAt(contents, target, position))),
    read: (target, position) => attempt("read", () => readAt(contents, target, position)),
    write: (chunks, position) => attempt("write", () => writeAt(contents, chunks, position)),
    sync: attempt("sync", () => {
      contents.durable = contents.bytes.slice(0, contents.size)
    }),
    truncate: (size) => attempt("truncate", () => resize(contents, size)),
    size: attempt("stat", () => contents.size),
    close: Effect.sync(() => {
      closed = true
    })
  }
}

const entryOf = (universe: Universe, path: string): Option.Option<Entry> => {
  const file = universe.seen.files.get(path)
  if (file !== undefined) return Option.some({ kind: "file", size: file.size, modifiedMs: 0 })
  if (universe.seen.directories.has(path)) return Option.some({ kind: "directory", size: 0, modifiedMs: 0 })
  return Option.none()
}

const namesIn = (universe: Universe, directory: string): ReadonlyArray<string> => {
  universe.requireDirectory("list", directory)
  const names = new Set<string>()
  for (const path of [...universe.seen.files.keys(), ...universe.seen.directories]) {
    if (path !== directory && parentOf(path) === directory) names.add(path.slice(path.lastIndexOf("/") + 1))
  }
  return [...names].sort()
}

const makeDirectories = (universe: Universe, path: string): void => {
  if (universe.seen.directories.has(path)) return
  makeDirectories(universe, parentOf(path))
  universe.seen.directories.add(path)
}

const remove = (universe: Universe, path: string): void => {
  for (const file of [...universe.seen.files.keys()]) {
    if (file === path || isInside(path, file)) universe.seen.files.delete(file)
  }
  for (const directory of [...universe.seen.directories]) {
    if (directory === path || isInside(path, directory)) universe.seen.directories.delete(directory)
  }
}

const rename = (universe: Universe, from: string, to: string): void => {
  if (Option.isNone(entryOf(universe, from))) {
    throw new DiskError({ reason: "NotFound", operation: "rename", path: from })
  }
  universe.requireDirectory("rename", parentOf(to))
  remove(universe, to)
  const moved = (path: string) => path === from || isInside(from, path) ? to + path.slice(from.length) : undefined
  for (const [path, contents] of [...universe.seen.files]) {
    const target = moved(path)
    if (target === undefined) continue
    universe.seen.files.delete(path)
    universe.seen.files.set(target, contents)
  }
  for (const path of [...universe.seen.directories]) {
    const target = moved(path)
    if (target === undefined) continue
    universe.seen.directories.delete(path)
    universe.seen.directories.add(target)
  }
}

/** The entry of `directory` that leads to `path`, or undefined if `path` is not below it. */
const entryLeadingTo = (directory: string, path: string): string | undefined => {
  if (directory !== "." && !isInside(directory, path)) return undefined
  const start = directory === "." ? 0 : directory.length + 1
  const slash = path.indexOf("/", start)
  return slash < 0 ? path : path.slice(0, slash)
}

const forgetLeft = (universe: Universe, directory: string, paths: Map<string, Contents> | Set<string>): void => {
  for (const path of [...paths.keys()]) {
    const entry = path === directory ? undefined : entryLeadingTo(directory, path)
    if (entry !== undefined && Option.isNone(entryOf(universe, entry))) paths.delete(path)
  }
}

/** The entries of a directory become durable as they are now; what has left it is gone for good. */
const syncDirectory = (universe: Universe, directory: string): void => {
  universe.requireDirectory("syncDirectory", directory)
  const { durable, seen } = universe
  forgetLeft(universe, directory, durable.files)
  forgetLeft(universe, directory, durable.directories)
  for (const [path, contents] of seen.files) if (parentOf(path) === directory) durable.files.set(path, contents)
  for (const path of seen.directories) {
    if (path === directory || parentOf(path) !== directory || durable.directories.has(path)) continue
    durable.directories.add(path)
    keepMoved(universe, path)
  }
}

/** A directory that was renamed keeps those of its entries that were durable under its old name. */
const keepMoved = (universe: Universe, directory: string): void => {
  const durableContents = new Set(universe.durable.files.values())
  for (const [path, contents] of universe.seen.files) {
    if (!isInside(directory, path) || !durableContents.has(contents)) continue
    universe.durable.files.set(path, contents)
    for (let parent = parentOf(path); parent !== directory; parent = parentOf(parent)) {
      universe.durable.directories.add(parent)
    }
  }
}

const lock = (universe: Universe, path: string) =>
  Effect.acquireRelease(
    universe.attempt("lock", path, () => {
      if (universe.locks.has(path)) throw new DiskError({ reason: "Locked", operation: "lock", path })
      universe.locks.add(path)
      return universe.generation
    }),
    (generation) =>
      Effect.sync(() => {
        if (generation === universe.generation) universe.locks.delete(path)
      })
  ).pipe(Effect.asVoid)

/**
 * Makes an empty disk.
 *
 * @since 0.1.0
 */
export const make = (): MemoryDisk => {
  const universe = new Universe()
  const at = <A>(operation: string, path: string, run: (path: string) => A) => {
    const normal = normalise(path)
    return universe.attempt(operation, normal, () => run(normal))
  }
  return {
    disk: {
      open: (path, mode) => at("open", path, (normal) => openFile(universe, normal, mode)),
      list: (path) => at("list", path, (normal) => namesIn(universe, normal)),
      stat: (path) => at("stat", path, (normal) => entryOf(universe, normal)),
      makeDirectory: (path) => at("makeDirectory", path, (normal) => makeDirectories(universe, normal)),
      remove: (path) => at("remove", path, (normal) => remove(universe, normal)),
      rename: (from, to) => at("rename", from, (normal) => rename(universe, normal, normalise(to))),
      syncDirectory: (path) => at("syncDirectory", path, (normal) => syncDirectory(universe, normal)),
      lock: (path) => lock(universe, normalise(path))
    },
    crash: () => universe.crash(),
    operations: () => universe.operations,
    failAt: (operation, reason) => {
      universe.failure = { operation, reason }
    }
  }
}

/**
 * A fresh disk in memory.
 *
 * @since 0.1.0
 */
export const layer: Layer.Layer<Disk> = Layer.sync(Disk)(() => make().disk)
