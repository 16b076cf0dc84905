/**
 * Effect's `FileSystem` in a simulated process: files on the disk of its machine.
 *
 * Keeps true: files are as safe as on any disk. When the process is killed, all is there that was written. When the machine
 * loses its power, that is there for sure which was synced (`File.sync`), under a name that was: open the directory, and
 * sync it. Of the rest anything may be there, in part, too.
 * Leaves to others: what goes wrong, and when (`SimulatedDisk`). There are no users and permissions, links, times, watchers:
 * who asks for them is refused; permissions of what is made are not looked at.
 *
 * @since 0.1.0
 */
import type { Disk, OpenMode } from "@millrace/core/platform/Disk"
import { parentOf } from "@millrace/core/platform/Disk"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import * as Random from "effect/Random"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import { failed, mapped, refused } from "./FileErrors.ts"
import * as SimulatedFile from "./SimulatedFile.ts"
import * as Paths from "./SimulatedPath.ts"

interface Opening extends SimulatedFile.Access {
  readonly mode: OpenMode
  readonly truncates: boolean
}

/** What a flag says: `r`, `w` or `a`, with `x` if the file must be new, and `+` for reading and writing. */
const openingOf = (flag: FileSystem.OpenFlag): Opening => {
  const isUpdate = flag.endsWith("+")
  const isNew = flag.includes("x")
  return {
    reads: flag.startsWith("r") || isUpdate,
    writes: !flag.startsWith("r") || isUpdate,
    appends: flag.startsWith("a"),
    mode: flag.startsWith("r") ? "read" : isNew ? "create" : "write",
    truncates: flag.startsWith("w") && !isNew
  }
}

/** The methods that simulated disks have nothing for. */
const missing = (method: string, what: string) => (): Effect.Effect<never, PlatformError> =>
  Effect.fail(refused(method, `simulated disks have no ${what}`))

class SimulatedFileSystem {
  readonly #disk: Disk["Service"]
  readonly #appending = Semaphore.makeUnsafe(1)

  constructor(disk: Disk["Service"]) {
    this.#disk = disk
  }

  /** What is at a path, which must be there. */
  found = (method: string, path: string) =>
    Effect.flatMap(
      mapped(method, path, this.#disk.stat(Paths.onDisk(path))),
      Option.match({
        onNone: () => Effect.fail(failed(method, path, "NotFound", "no such file or directory")),
        onSome: Effect.succeed
      })
    )

  open = Effect.fnUntraced(
    function*(this: SimulatedFileSystem, method: string, path: string, flag: FileSystem.OpenFlag) {
      const name = Paths.onDisk(path)
      const opening = openingOf(flag)
      const entry = yield* mapped(method, path, this.#disk.stat(name))
      if (Option.isSome(entry) && entry.value.kind === "directory") {
        if (!opening.writes) return SimulatedFile.ofDirectory(this.#disk, name)
        return yield* failed(method, path, "BadResource", "it is a directory")
      }
      const file = yield* Effect.acquireRelease(
        mapped(method, path, this.#disk.open(name, opening.mode)),
        (file) => file.close
      )
      if (opening.truncates) yield* mapped(method, path, file.truncate(0))
      return SimulatedFile.make(file, opening, this.#appending)
    }
  )

  readFile = (path: string) =>
    Effect.scoped(Effect.gen({ self: this }, function*() {
      const file = yield* this.open("readFile", path, "r")
      const size = Number((yield* file.stat).size)
      return Option.getOrElse(yield* file.readAlloc(size), () => new Uint8Array(0))
    }))

  writeFile = (path: string, data: Uint8Array, flag: FileSystem.OpenFlag = "w") =>
    Effect.scoped(Effect.flatMap(this.open("writeFile", path, flag), (file) => file.writeAll(data)))

  /** Fails unless there is a directory, or can be one. */
  #mayHold = (method: string, name: string, recursive: boolean): Effect.Effect<void, PlatformError> =>
    Effect.flatMap(mapped(method, name, this.#disk.stat(name)), (entry) => {
      if (Option.isSome(entry)) {
        return entry.value.kind === "directory"
          ? Effect.void
          : Effect.fail(failed(method, name, "BadResource", "it is not a directory"))
      }
      return recursive
        ? this.#mayHold(method, parentOf(name), recursive)
        : Effect.fail(failed(method, name, "NotFound", "no such file or directory"))
    })

  makeDirectory = Effect.fnUntraced(function*(this: SimulatedFileSystem, path: string, recursive: boolean) {
    const name = Paths.onDisk(path)
    const entry = yield* mapped("makeDirectory", path, this.#disk.stat(name))
    if (Option.isSome(entry)) {
      if (recursive && entry.value.kind === "directory") return
      return yield* failed("makeDirectory", path, "AlreadyExists", "there is something of this name")
    }
    yield* this.#mayHold("makeDirectory", parentOf(name), recursive)
    yield* mapped("makeDirectory", path, this.#disk.makeDirectory(name))
  })

  entries = Effect.fnUntraced(function*(this: SimulatedFileSystem, path: string) {
    const names = yield* mapped("readDirectory", path, this.#disk.list(Paths.onDisk(path)))
    return yield* Effect.forEach(
      names,
      (name) =>
        Effect.map(this.found("readDirectory", `${path}/${name}`), ({ kind }): FileSystem.DirectoryEntry => ({
          name,
          type: kind === "file" ? "File" : "Directory"
        }))
    )
  })

  /** Names in a directory and in all below it. */
  allNames = (path: string): Effect.Effect<Array<string>, PlatformError> =>
    Effect.flatMap(this.entries(path), (entries) =>
      Effect.map(
        Effect.forEach(entries, ({ name, type }) =>
          type === "File"
            ? Effect.succeed([name])
            : Effect.map(
              this.allNames(`${path}/${name}`),
              (below) => [name, ...below.map((each) => `${name}/${each}`)]
            )),
        (names) => names.flat()
      ))

  remove = Effect.fnUntraced(function*(
    this: SimulatedFileSystem,
    path: string,
    { force = false, recursive = false }: {
      readonly force?: boolean | undefined
      readonly recursive?: boolean | undefined
    }
  ) {
    const name = Paths.onDisk(path)
    const entry = yield* mapped("remove", path, this.#disk.stat(name))
    if (Option.isNone(entry)) {
      if (force) return
      return yield* failed("remove", path, "NotFound", "no such file or directory")
    }
    if (entry.value.kind === "directory" && !recursive) {
      return yield* failed("remove", path, "BadResource", "it is a directory")
    }
    yield* mapped("remove", path, this.#disk.remove(name))
  })

  rename = Effect.fnUntraced(function*(this: SimulatedFileSystem, from: string, to: string) {
    const source = yield* this.found("rename", from)
    const target = yield* mapped("rename", to, this.#disk.stat(Paths.onDisk(to)))
    const isFree = Option.isNone(target) || (target.value.kind === source.kind &&
      (source.kind === "file" || (yield* this.entries(to)).length === 0))
    if (!isFree && Paths.onDisk(from) !== Paths.onDisk(to)) {
      return yield* failed("rename", to, "AlreadyExists", "a directory is in the way")
    }
    if (Paths.onDisk(to).startsWith(`${Paths.onDisk(from)}/`)) {
      return yield* failed("rename", to, "Unknown", "a directory cannot be moved into itself")
    }
    yield* mapped("rename", from, this.#disk.rename(Paths.onDisk(from), Paths.onDisk(to)))
  })

  copy = (from: string, to: string, overwrite: boolean): Effect.Effect<void, PlatformError> =>
    Effect.gen({ self: this }, function*() {
      if ((yield* this.found("copy", from)).kind === "directory") {
        yield* this.makeDirectory(to, true)
        for (const { name } of yield* this.entries(from)) {
          yield* this.copy(`${from}/${name}`, `${to}/${name}`, overwrite)
        }
      } else if (overwrite || Option.isNone(yield* mapped("copy", to, this.#disk.stat(Paths.onDisk(to))))) {
        yield* this.writeFile(to, yield* this.readFile(from))
      }
    })

  makeTemporary = Effect.fnUntraced(function*(
    this: SimulatedFileSystem,
    { directory = "/tmp", prefix = "" }: {
      readonly directory?: string | undefined
      readonly prefix?: string | undefined
    }
  ) {
    const path = `${directory}/${prefix}${(yield* Random.nextIntBetween(0, 2 ** 32)).toString(36)}`
    yield* this.makeDirectory(path, true)
    return path
  })

  makeTemporaryFile = Effect.fnUntraced(function*(
    this: SimulatedFileSystem,
    options: Parameters<FileSystem.FileSystem["makeTempFile"]>[0] = {}
  ) {
    const path = `${yield* this.makeTemporary(options)}/file${options.suffix ?? ""}`
    yield* this.writeFile(path, new Uint8Array(0))
    return path
  })
}

/**
 * The file system of the processes on a machine with this disk.
 *
 * @since 0.1.0
 */
export const make = (disk: Disk["Service"]): FileSystem.FileSystem => {
  const files = new SimulatedFileSystem(disk)
  const stat = (path: string) =>
    Effect.map(files.found("stat", path), ({ kind, size }) => SimulatedFile.infoOf(kind, size))
  const removeAll = (path: string) => Effect.ignore(files.remove(path, { recursive: true, force: true }))
  return FileSystem.make({
    access: (path) => Effect.asVoid(files.found("access", path)),
    copy: (from, to, options) => files.copy(from, to, options?.overwrite ?? false),
    copyFile: (from, to) => Effect.flatMap(files.readFile(from), (bytes) => files.writeFile(to, bytes)),
    chmod: missing("chmod", "permissions"),
    chown: missing("chown", "owners"),
    link: missing("link", "links"),
    lstat: stat,
    makeDirectory: (path, options) => files.makeDirectory(path, options?.recursive ?? false),
    makeTempDirectory: (options = {}) => files.makeTemporary(options),
    makeTempDirectoryScoped: (options = {}) => Effect.acquireRelease(files.makeTemporary(options), removeAll),
    makeTempFile: (options) => files.makeTemporaryFile(options),
    makeTempFileScoped: (options) =>
      Effect.acquireRelease(files.makeTemporaryFile(options), (path) => removeAll(parentOf(path))),
    open: (path, options) => files.open("open", path, options?.flag ?? "r"),
    readDirectory: (path, options) =>
      options?.recursive === true
        ? files.allNames(path)
        : Effect.map(files.entries(path), (entries) => entries.map(({ name }) => name)),
    readDirectoryEntries: (path) => files.entries(path),
    readFile: files.readFile,
    readLink: missing("readLink", "links"),
    realPath: (path) => Effect.as(files.found("realPath", path), Paths.path.resolve(path)),
    remove: (path, options = {}) => files.remove(path, options),
    rename: (from, to) => files.rename(from, to),
    stat,
    symlink: missing("symlink", "links"),
    truncate: (path, length) =>
      Effect.scoped(Effect.flatMap(files.open("truncate", path, "r+"), (file) => file.truncate(length))),
    utimes: missing("utimes", "times"),
    watch: () => Stream.unwrap(missing("watch", "watchers")()),
    writeFile: (path, data, options) => files.writeFile(path, data, options?.flag)
  })
}
