/**
 * A disk in memory that forgets, at a crash, whatever was not synced.
 *
 * Keeps true: what `File.sync` and `syncDirectory` have acknowledged survives `crash`; of the rest only what a
 * `Survival` lets through, by default nothing. Every operation can be made to fail by its number, so that a test can
 * sweep over all of them.
 * Leaves to others: when operations happen, and which of them go wrong (the simulated disk, by a `Perform`).
 *
 * @since 0.1.0
 */
import { Disk, DiskError, type Entry, type File, type OpenMode, parentOf } from "@millrace/core/platform/Disk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"

/**
 * A change of a file that was not synced: bytes at a position, or (without bytes) a new size.
 *
 * @since 0.1.0
 */
export interface Change {
  readonly position: number
  readonly bytes: Uint8Array | undefined
}

/**
 * What survives a crash without having been synced.
 *
 * @since 0.1.0
 */
export interface Survival {
  /** Whether the names in a directory, as they were last seen, survive. */
  readonly names: (directory: string) => boolean
  /** The changes of a file, oldest first, that survive; they may be cut. `sizeBytes` is what the platter has of it. */
  readonly changes: (path: string, changes: ReadonlyArray<Change>, sizeBytes: number) => ReadonlyArray<Change>
}

/**
 * How operations are carried out: `run` does the operation and throws `DiskError` if that fails.
 *
 * @since 0.1.0
 */
export type Perform = <A>(
  operation: { readonly name: string; readonly path: string; readonly sizeBytes: number },
  run: () => A
) => Effect.Effect<A, DiskError>

/** Bytes that grow. */
interface Buffer {
  bytes: Uint8Array
  size: number
}

/** The contents of a file: what the process sees, what the platter holds, and the changes between both. */
interface Contents extends Buffer {
  readonly durable: Buffer
  changes: Array<Change>
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
  /** The machine goes down: forgets what was not synced, and does as `kill` does. */
  readonly crash: (survival?: Survival) => void
  /** The process ends: releases locks, fails every file that is open, and calls off `failAt`; forgets nothing. */
  readonly kill: () => void
  /** What a failed sync does: the changes since the last sync will never reach the platter. */
  readonly dropChanges: (path: string) => void
  /** Flips a bit of a file, on the platter and in what the process sees. */
  readonly flip: (path: string, position: number, bit: number) => void
  /** Files and their sizes as the process sees them, by path. */
  readonly files: () => ReadonlyArray<readonly [path: string, sizeBytes: number]>
  /** The bytes of a file as the process sees them; none if it is not there. */
  readonly contents: (path: string) => Uint8Array
  /** Operations so far; each read, write, sync, open, rename and so on counts once. */
  readonly operations: () => number
  /** From now on, the operation with this number (counted as by `operations`, starting at 0) fails. */
  readonly failAt: (operation: number, reason: DiskError["reason"]) => void
}

const contentsOf = (bytes: Uint8Array): Contents => ({
  bytes,
  size: bytes.length,
  durable: { bytes: bytes.slice(), size: bytes.length },
  changes: []
})

const grow = (buffer: Buffer, size: number): void => {
  if (size > buffer.bytes.length) {
    const larger = new Uint8Array(Math.max(size, buffer.bytes.length * 2, 1024))
    larger.set(buffer.bytes.subarray(0, buffer.size))
    buffer.bytes = larger
  }
  buffer.size = Math.max(buffer.size, size)
}

const resize = (buffer: Buffer, size: number): void => {
  if (size < buffer.size) buffer.bytes.fill(0, size, buffer.size)
  else grow(buffer, size)
  buffer.size = size
}

const apply = (buffer: Buffer, { bytes, position }: Change): void => {
  if (bytes === undefined) return resize(buffer, position)
  grow(buffer, position + bytes.length)
  buffer.bytes.set(bytes, position)
}

const change = (contents: Contents, change: Change): void => {
  apply(contents, change)
  contents.changes.push(change)
}

const syncContents = (contents: Contents): void => {
  for (const change of contents.changes) apply(contents.durable, change)
  contents.changes = []
}

/** What the paths of all that is in a directory begin with. */
const prefixOf = (directory: string): string => directory === "." ? "" : directory === "/" ? "/" : `${directory}/`

/** Whether a path leads into the directory of a prefix, or further down. */
const isInside = (prefix: string, path: string): boolean =>
  prefix === "" ? path !== "." && !path.startsWith("/") : path.length > prefix.length && path.startsWith(prefix)

/** Whether it leads to an entry of that directory itself. */
const isEntry = (prefix: string, path: string): boolean =>
  isInside(prefix, path) && path.indexOf("/", prefix.length) < 0

/** Whether a path may be written in more than one way: with an empty part, or one that begins with a dot. */
const mayBeLonger = (path: string): boolean =>
  path === "" || path.startsWith(".") || path.endsWith("/") || path.includes("//") || path.includes("/.")

/** Normalises `a//b/./c/` to `a/b/c`. */
const normalise = (path: string): string => {
  if (!mayBeLonger(path)) return path
  const parts = path.split("/").filter((part) => part !== "" && part !== ".").join("/")
  return path.startsWith("/") ? `/${parts}` : parts === "" ? "." : parts
}

const byPath = ([left]: readonly [string, number], [right]: readonly [string, number]): number => left < right ? -1 : 1

/**
 * Runs an operation now.
 *
 * @since 0.1.0
 */
export const settle = <A>(run: () => A): Effect.Effect<A, DiskError> => {
  try {
    return Effect.succeed(run())
  } catch (cause) {
    return cause instanceof DiskError ? Effect.fail(cause) : Effect.die(cause)
  }
}

class Volume {
  readonly perform: Perform
  seen: Names = { files: new Map(), directories: new Set([".", "/"]) }
  durable: Names = { files: new Map(), directories: new Set([".", "/"]) }
  /** By directory, those of its entries that may differ between both: all that a sync of the directory has to look at. */
  readonly #changed = new Map<string, Set<string>>()
  /** What was, or may have been, a directory, and is none any more: the platter may still hold names inside of it. */
  readonly #left = new Set<string>()
  readonly locks = new Set<string>()
  generation = 0
  operations = 0
  failure: { readonly operation: number; readonly reason: DiskError["reason"] } | undefined

  constructor(perform: Perform | undefined) {
    this.perform = perform ?? ((_operation, run) => Effect.suspend(() => settle(run)))
  }

  kill(): void {
    this.generation++
    this.failure = undefined
    this.locks.clear()
  }

  crash(survival: Survival | undefined): void {
    this.kill()
    if (survival !== undefined) this.#rescue(survival)
    this.seen = {
      files: new Map(
        [...this.durable.files]
          .filter(([path]) => this.durable.directories.has(parentOf(path)))
          .map(([path, { durable }]) => [path, contentsOf(durable.bytes.slice(0, durable.size))])
      ),
      directories: new Set(this.durable.directories)
    }
    this.durable = { files: new Map(this.seen.files), directories: new Set(this.seen.directories) }
    this.#changed.clear()
    this.#left.clear()
    for (const path of [...this.seen.files.keys(), ...this.seen.directories]) this.noteMissing(parentOf(path))
  }

  /** Lets some of what was not synced reach the platter. */
  #rescue(survival: Survival): void {
    for (const directory of [...this.seen.directories].sort()) {
      if (survival.names(directory)) syncDirectory(this, directory)
    }
    const contents = new Map([...this.seen.files, ...this.durable.files])
    for (const path of [...contents.keys()].sort()) {
      const { changes, durable } = contents.get(path)!
      if (changes.length === 0) continue
      for (const change of survival.changes(path, changes, durable.size)) apply(durable, change)
    }
  }

  /** Counts an operation and runs it, or fails it if its number has come. */
  operation<A>(name: string, path: string, run: () => A): A {
    const number = this.operations++
    if (this.failure?.operation === number) {
      throw new DiskError({ reason: this.failure.reason, operation: name, path })
    }
    return run()
  }

  attempt<A>(name: string, path: string, run: () => A, sizeBytes = 0): Effect.Effect<A, DiskError> {
    return this.perform({ name, path, sizeBytes }, () => this.operation(name, path, run))
  }

  addFile(path: string, contents: Contents): void {
    this.seen.files.set(path, contents)
    this.noteChange(path)
  }

  addDirectory(path: string): void {
    this.seen.directories.add(path)
    this.noteChange(path)
  }

  /** False if there is none. */
  deleteFile(path: string): boolean {
    if (!this.seen.files.delete(path)) return false
    this.noteChange(path)
    return true
  }

  /** Leaves what is inside of it. False if there is none. */
  deleteDirectory(path: string): boolean {
    if (!this.seen.directories.delete(path)) return false
    this.#left.add(path)
    this.noteChange(path)
    return true
  }

  /** What the process sees of this name may not be what the platter holds. */
  noteChange(path: string): void {
    const directory = parentOf(path)
    const changed = this.#changed.get(directory)
    if (changed === undefined) this.#changed.set(directory, new Set([path]))
    else changed.add(path)
  }

  /** A crash may have kept what is inside of a directory and not the directory: it counts as one that was removed. */
  noteMissing(directory: string): void {
    for (let path = directory; path !== "." && path !== "/"; path = parentOf(path)) {
      if (this.seen.directories.has(path)) continue
      this.#left.add(path)
      this.noteChange(path)
    }
  }

  /** The entries of a directory that may differ from those on the platter, which they do not from now on. */
  takeChanged(directory: string): ReadonlySet<string> {
    const changed = this.#changed.get(directory) ?? new Set<string>()
    this.#changed.delete(directory)
    return changed
  }

  /** A name that the process does not see is gone from the platter, and so is all that was inside of it. */
  forget(path: string): void {
    const { directories, files } = this.durable
    files.delete(path)
    directories.delete(path)
    if (!this.#left.has(path)) return
    const prefix = prefixOf(path)
    for (const paths of [files, directories]) {
      for (const inside of [...paths.keys()]) {
        if (!isInside(prefix, inside)) continue
        paths.delete(inside)
        this.noteChange(inside)
      }
    }
  }

  has(path: string): boolean {
    return this.seen.files.has(path) || this.seen.directories.has(path)
  }

  requireDirectory(operation: string, path: string): void {
    if (!this.seen.directories.has(path)) throw new DiskError({ reason: "NotFound", operation, path })
  }
}

const openFile = (volume: Volume, path: string, mode: OpenMode): File => {
  volume.requireDirectory("open", parentOf(path))
  const found = volume.seen.files.get(path)
  if (found === undefined && mode === "read") throw new DiskError({ reason: "NotFound", operation: "open", path })
  if (found !== undefined && mode === "create") {
    throw new DiskError({ reason: "AlreadyExists", operation: "open", path })
  }
  const contents = found ?? contentsOf(new Uint8Array(0))
  if (found === undefined) volume.addFile(path, contents)
  return fileOf(volume, path, contents)
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
    if (chunk.length > 0) change(contents, { position: at, bytes: chunk.slice() })
    at += chunk.length
  }
}

const lengthOf = (chunks: ReadonlyArray<Uint8Array>): number =>
  chunks.reduce((length, chunk) => length + chunk.length, 0)

const fileOf = (volume: Volume, path: string, contents: Contents): File => {
  const generation = volume.generation
  let closed = false
  const guarded = <A>(operation: string, run: () => A) => () => {
    if (closed || generation !== volume.generation) throw new DiskError({ reason: "Closed", operation, path })
    return run()
  }
  const attempt = <A>(operation: string, run: () => A, sizeBytes = 0) =>
    volume.attempt(operation, path, guarded(operation, run), sizeBytes)
  return {
    path,
    readUnsafe: (target, position) =>
      volume.operation("read", path, guarded("read", () => readAt(contents, target, position))),
    read: (target, position) => attempt("read", () => readAt(contents, target, position), target.length),
    write: (chunks, position) => attempt("write", () => writeAt(contents, chunks, position), lengthOf(chunks)),
    sync: attempt("sync", () => syncContents(contents)),
    truncate: (size) => attempt("truncate", () => change(contents, { position: size, bytes: undefined })),
    size: attempt("stat", () => contents.size),
    close: Effect.sync(() => {
      closed = true
    })
  }
}

const entryOf = (volume: Volume, path: string): Option.Option<Entry> => {
  const file = volume.seen.files.get(path)
  if (file !== undefined) return Option.some({ kind: "file", size: file.size, modifiedMs: 0 })
  if (volume.seen.directories.has(path)) return Option.some({ kind: "directory", size: 0, modifiedMs: 0 })
  return Option.none()
}

const namesIn = (volume: Volume, directory: string): ReadonlyArray<string> => {
  volume.requireDirectory("list", directory)
  const prefix = prefixOf(directory)
  const paths = [...volume.seen.files.keys(), ...volume.seen.directories]
  return paths.filter((path) => isEntry(prefix, path)).map((path) => path.slice(prefix.length)).sort()
}

const makeDirectories = (volume: Volume, path: string): void => {
  if (volume.seen.directories.has(path)) return
  makeDirectories(volume, parentOf(path))
  volume.addDirectory(path)
}

const remove = (volume: Volume, path: string): void => {
  if (volume.deleteFile(path) || !volume.deleteDirectory(path)) return
  const prefix = prefixOf(path)
  const { directories, files } = volume.seen
  for (const inside of [...files.keys()]) if (isInside(prefix, inside)) volume.deleteFile(inside)
  for (const inside of [...directories]) if (isInside(prefix, inside)) volume.deleteDirectory(inside)
}

const rename = (volume: Volume, from: string, to: string): void => {
  if (!volume.has(from)) throw new DiskError({ reason: "NotFound", operation: "rename", path: from })
  if (from === to) return
  volume.requireDirectory("rename", parentOf(to))
  remove(volume, to)
  const { directories, files } = volume.seen
  const move = (path: string, contents: Contents): void => {
    volume.deleteFile(path)
    volume.addFile(to + path.slice(from.length), contents)
  }
  const file = files.get(from)
  if (file !== undefined) return move(from, file)
  const prefix = prefixOf(from)
  for (const [path, contents] of [...files]) if (isInside(prefix, path)) move(path, contents)
  for (const path of [...directories]) {
    if (path !== from && !isInside(prefix, path)) continue
    volume.deleteDirectory(path)
    volume.addDirectory(to + path.slice(from.length))
  }
}

/** The entries of a directory become durable as they are now; what has left it is gone for good. */
const syncDirectory = (volume: Volume, directory: string): void => {
  volume.requireDirectory("syncDirectory", directory)
  const { durable, seen } = volume
  const changed = volume.takeChanged(directory)
  const added = [...changed].filter((path) => seen.directories.has(path) && !durable.directories.has(path))
  const durableContents = new Set(added.length === 0 ? [] : durable.files.values())
  for (const path of changed) {
    const contents = seen.files.get(path)
    if (contents !== undefined) durable.files.set(path, contents)
    else if (!seen.directories.has(path)) volume.forget(path)
  }
  volume.noteMissing(parentOf(directory))
  for (const path of added) {
    durable.directories.add(path)
    keepMoved(volume, path, durableContents)
  }
}

/** A directory that was renamed keeps those of its entries that were durable under its old name. */
const keepMoved = (volume: Volume, directory: string, durableContents: ReadonlySet<Contents>): void => {
  const prefix = prefixOf(directory)
  for (const [path, contents] of volume.seen.files) {
    if (!isInside(prefix, path) || !durableContents.has(contents)) continue
    volume.durable.files.set(path, contents)
    for (let parent = parentOf(path); parent !== directory; parent = parentOf(parent)) {
      volume.durable.directories.add(parent)
    }
  }
}

const lock = (volume: Volume, path: string) =>
  Effect.acquireRelease(
    volume.attempt("lock", path, () => {
      if (volume.locks.has(path)) throw new DiskError({ reason: "Locked", operation: "lock", path })
      volume.locks.add(path)
      return volume.generation
    }),
    (generation) =>
      Effect.sync(() => {
        if (generation === volume.generation) volume.locks.delete(path)
      })
  ).pipe(Effect.asVoid)

const flip = (volume: Volume, path: string, position: number, bit: number): void => {
  const contents = volume.seen.files.get(path)
  if (contents === undefined) return
  for (const buffer of [contents, contents.durable]) {
    if (position < buffer.size) buffer.bytes[position]! ^= 1 << bit
  }
}

/**
 * Makes an empty disk, whose operations happen at once unless `perform` says how.
 *
 * @since 0.1.0
 */
export const make = (perform?: Perform): MemoryDisk => {
  const volume = new Volume(perform)
  const at = <A>(operation: string, path: string, run: (path: string) => A) => {
    const normal = normalise(path)
    return volume.attempt(operation, normal, () => run(normal))
  }
  return {
    disk: {
      open: (path, mode) => at("open", path, (normal) => openFile(volume, normal, mode)),
      list: (path) => at("list", path, (normal) => namesIn(volume, normal)),
      stat: (path) => at("stat", path, (normal) => entryOf(volume, normal)),
      makeDirectory: (path) => at("makeDirectory", path, (normal) => makeDirectories(volume, normal)),
      remove: (path) => at("remove", path, (normal) => remove(volume, normal)),
      rename: (from, to) => at("rename", from, (normal) => rename(volume, normal, normalise(to))),
      syncDirectory: (path) => at("syncDirectory", path, (normal) => syncDirectory(volume, normal)),
      lock: (path) => lock(volume, normalise(path))
    },
    crash: (survival) => volume.crash(survival),
    kill: () => volume.kill(),
    dropChanges: (path) => {
      const contents = volume.seen.files.get(normalise(path))
      if (contents !== undefined) contents.changes = []
    },
    flip: (path, position, bit) => flip(volume, normalise(path), position, bit),
    files: () => [...volume.seen.files].map(([path, { size }]) => [path, size] as const).sort(byPath),
    contents: (path) => {
      const contents = volume.seen.files.get(normalise(path))
      return contents === undefined ? new Uint8Array(0) : contents.bytes.slice(0, contents.size)
    },
    operations: () => volume.operations,
    failAt: (operation, reason) => {
      volume.failure = { operation, reason }
    }
  }
}

/**
 * A fresh disk in memory.
 *
 * @since 0.1.0
 */
export const layer: Layer.Layer<Disk> = Layer.sync(Disk)(() => make().disk)
