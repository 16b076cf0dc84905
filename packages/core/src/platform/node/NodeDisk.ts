/**
 * The `Disk` port on Node's file system.
 *
 * Keeps true: small writes go to the page cache without leaving the event loop (a hop through the thread pool
 * costs ten times the write); large writes, cold reads and every sync leave it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as NodeFs from "node:fs"
import { Disk, DiskError, type Entry, type File, type OpenMode } from "../Disk.ts"

/** Writes up to this many bytes are made synchronously: about a tenth of a millisecond of the event loop. */
const synchronousWriteMaxBytes = 256 * 1024

/** The most buffers that one vectored write may take (IOV_MAX on Linux). */
const vectorMaxBuffers = 1024

const reasonOf = (cause: unknown): DiskError["reason"] => {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined
  switch (code) {
    case "ENOENT":
      return "NotFound"
    case "EEXIST":
      return "AlreadyExists"
    case "ENOSPC":
    case "EDQUOT":
      return "NoSpace"
    case "EBADF":
      return "Closed"
    default:
      return "Io"
  }
}

const diskError = (operation: string, path: string) => (cause: unknown): DiskError =>
  new DiskError({ reason: reasonOf(cause), operation, path, cause })

const attempt = <A>(operation: string, path: string, run: () => A): Effect.Effect<A, DiskError> =>
  Effect.try({ try: run, catch: diskError(operation, path) })

type Callback<A> = (error: NodeJS.ErrnoException | null, value: A) => void

const callback = <A>(operation: string, path: string, run: (done: Callback<A>) => void): Effect.Effect<A, DiskError> =>
  Effect.callback<A, DiskError>((resume) => {
    run((error, value) =>
      resume(error === null ? Effect.succeed(value) : Effect.fail(diskError(operation, path)(error)))
    )
  })

const sizeOf = (chunks: ReadonlyArray<Uint8Array>): number => {
  let size = 0
  for (const chunk of chunks) size += chunk.length
  return size
}

/** What is left of `chunks` after its first `written` bytes, at most as many buffers as one call may take. */
const rest = (chunks: ReadonlyArray<Uint8Array>, written: number): Array<Uint8Array> => {
  const left: Array<Uint8Array> = []
  let skip = written
  for (const chunk of chunks) {
    if (left.length === vectorMaxBuffers) break
    if (skip >= chunk.length) {
      skip -= chunk.length
      continue
    }
    left.push(skip === 0 ? chunk : chunk.subarray(skip))
    skip = 0
  }
  return left
}

class NodeFile implements File {
  readonly path: string
  readonly #descriptor: number
  #closed = false
  #pending = 0

  constructor(path: string, descriptor: number) {
    this.path = path
    this.#descriptor = descriptor
  }

  #open(operation: string): number {
    if (this.#closed) throw new DiskError({ reason: "Closed", operation, path: this.path })
    return this.#descriptor
  }

  #failure = (operation: string) => (cause: unknown): DiskError =>
    cause instanceof DiskError ? cause : diskError(operation, this.path)(cause)

  #attempt<A>(operation: string, run: (descriptor: number) => A): Effect.Effect<A, DiskError> {
    return Effect.try({ try: () => run(this.#open(operation)), catch: this.#failure(operation) })
  }

  #callback<A>(operation: string, run: (descriptor: number, done: Callback<A>) => void): Effect.Effect<A, DiskError> {
    return Effect.suspend(() => {
      if (this.#closed) return Effect.fail(new DiskError({ reason: "Closed", operation, path: this.path }))
      this.#pending++
      return callback<A>(operation, this.path, (done) =>
        run(this.#descriptor, (error, value) => {
          this.#pending--
          this.#release()
          done(error, value)
        }))
    })
  }

  /** The descriptor is given back only when no operation uses it: its number may be reused at once. */
  #release(): void {
    if (this.#closed && this.#pending === 0) NodeFs.closeSync(this.#descriptor)
  }

  readUnsafe = (target: Uint8Array, position: number): number => {
    try {
      const descriptor = this.#open("read")
      let read = 0
      while (read < target.length) {
        const count = NodeFs.readSync(descriptor, target, read, target.length - read, position + read)
        if (count === 0) break
        read += count
      }
      return read
    } catch (cause) {
      throw this.#failure("read")(cause)
    }
  }

  read = (target: Uint8Array, position: number): Effect.Effect<number, DiskError> =>
    this.#callback<number>("read", (descriptor, done) => {
      const step = (read: number): void =>
        NodeFs.read(descriptor, target, read, target.length - read, position + read, (error, count) => {
          if (error !== null) return done(error, read)
          const total = read + count
          return count === 0 || total === target.length ? done(null, total) : step(total)
        })
      step(0)
    })

  write = (chunks: ReadonlyArray<Uint8Array>, position: number): Effect.Effect<void, DiskError> => {
    const size = sizeOf(chunks)
    return size <= synchronousWriteMaxBytes
      ? this.#writeNow(chunks, size, position)
      : this.#writeLater(chunks, size, position)
  }

  #writeNow(chunks: ReadonlyArray<Uint8Array>, size: number, position: number): Effect.Effect<void, DiskError> {
    return this.#attempt("write", (descriptor) => {
      let written = 0
      while (written < size) written += NodeFs.writevSync(descriptor, rest(chunks, written), position + written)
    })
  }

  #writeLater(chunks: ReadonlyArray<Uint8Array>, size: number, position: number): Effect.Effect<void, DiskError> {
    return this.#callback<void>("write", (descriptor, done) => {
      const step = (written: number): void =>
        NodeFs.writev(descriptor, rest(chunks, written), position + written, (error, count) => {
          if (error !== null) return done(error, undefined)
          return written + count === size ? done(null, undefined) : step(written + count)
        })
      step(0)
    })
  }

  sync: Effect.Effect<void, DiskError> = this.#callback<void>(
    "sync",
    (descriptor, done) => NodeFs.fdatasync(descriptor, (error) => done(error, undefined))
  )

  truncate = (size: number): Effect.Effect<void, DiskError> =>
    this.#attempt("truncate", (descriptor) => NodeFs.ftruncateSync(descriptor, size))

  size: Effect.Effect<number, DiskError> = this.#attempt("stat", (descriptor) => NodeFs.fstatSync(descriptor).size)

  close: Effect.Effect<void> = Effect.sync(() => {
    if (this.#closed) return
    this.#closed = true
    this.#release()
  })
}

const flags = (mode: OpenMode): number => {
  const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR } = NodeFs.constants
  return mode === "read" ? O_RDONLY : mode === "write" ? O_RDWR | O_CREAT : O_RDWR | O_CREAT | O_EXCL
}

const open = (path: string, mode: OpenMode): Effect.Effect<File, DiskError> =>
  attempt("open", path, () => new NodeFile(path, NodeFs.openSync(path, flags(mode), 0o644)))

const stat = (path: string): Effect.Effect<Option.Option<Entry>, DiskError> =>
  attempt("stat", path, () => {
    const found = NodeFs.statSync(path, { throwIfNoEntry: false })
    return found === undefined ? Option.none() : Option.some<Entry>({
      kind: found.isDirectory() ? "directory" : "file",
      size: found.size,
      modifiedMs: found.mtimeMs
    })
  })

/** Directories are synced with fsync: their entries are metadata, which fdatasync may leave out. */
const syncDirectory = (path: string): Effect.Effect<void, DiskError> =>
  Effect.acquireUseRelease(
    attempt("open", path, () => NodeFs.openSync(path, NodeFs.constants.O_RDONLY)),
    (descriptor) => callback<void>("sync", path, (done) => NodeFs.fsync(descriptor, (error) => done(error, undefined))),
    (descriptor) => Effect.sync(() => NodeFs.closeSync(descriptor))
  )

/** Identifies this process beyond the reuse of process ids: `pid start-time`, the second part where Linux tells it. */
const identityOf = (pid: number): string => {
  const stat = `/proc/${pid}/stat`
  if (!NodeFs.existsSync(stat)) return String(pid)
  const text = NodeFs.readFileSync(stat, "utf8")
  const startTime = text.slice(text.lastIndexOf(")") + 2).split(" ")[19]
  return `${pid} ${startTime}`
}

const isAlive = (identity: string): boolean => {
  const pid = Number(identity.split(" ")[0])
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (cause) {
    return reasonOf(cause) === "Io" && typeof cause === "object" && cause !== null && "code" in cause &&
      cause.code === "EPERM"
  }
  return identityOf(pid) === identity
}

/** Locks of this process: another opener in the same process is refused as well. */
const held = new Set<string>()

const takeLock = (path: string): void => {
  const mine = identityOf(process.pid)
  const holder = NodeFs.existsSync(path) ? NodeFs.readFileSync(path, "utf8").trim() : ""
  if (held.has(path) || (holder !== "" && holder !== mine && isAlive(holder))) {
    throw new DiskError({ reason: "Locked", operation: "lock", path })
  }
  NodeFs.writeFileSync(path, `${mine}\n`)
  held.add(path)
}

const lock = (path: string) =>
  Effect.acquireRelease(
    Effect.try({
      try: () => takeLock(path),
      catch: (cause) => cause instanceof DiskError ? cause : diskError("lock", path)(cause)
    }),
    () =>
      Effect.sync(() => {
        held.delete(path)
        NodeFs.rmSync(path, { force: true })
      })
  )

/**
 * The file system of this machine.
 *
 * @since 0.1.0
 */
export const layer: Layer.Layer<Disk> = Layer.succeed(Disk)({
  open,
  stat,
  syncDirectory,
  lock,
  list: (directory) => attempt("list", directory, () => NodeFs.readdirSync(directory).sort()),
  makeDirectory: (path) => attempt("makeDirectory", path, () => void NodeFs.mkdirSync(path, { recursive: true })),
  remove: (path) => attempt("remove", path, () => NodeFs.rmSync(path, { recursive: true, force: true })),
  rename: (from, to) => attempt("rename", from, () => NodeFs.renameSync(from, to))
})
