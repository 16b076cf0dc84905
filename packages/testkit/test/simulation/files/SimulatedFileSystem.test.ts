/** Files of simulated machines: as real ones while all is well, and as bad as those after a loss of power. */
import { assert, describe, it } from "@effect/vitest"
import * as MemoryDisk from "@millrace/testkit/platform/MemoryDisk"
import { Seeded } from "@millrace/testkit/simulation/Seeded"
import * as SimulatedFileSystem from "@millrace/testkit/simulation/files/SimulatedFileSystem"
import type { Crash, Ports } from "@millrace/testkit/simulation/Process"
import { World } from "@millrace/testkit/simulation/World"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import type { PlatformError } from "effect/PlatformError"
import * as Stream from "effect/Stream"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"

const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** The same operation on a simulated file system and on that of Node. */
interface Operation {
  readonly text: string
  readonly simulated: (fs: FileSystem.FileSystem) => Effect.Effect<unknown, PlatformError>
  readonly real: (root: string) => unknown
}

const isDirectory = (path: string) => NodeFs.statSync(path, { throwIfNoEntry: false })?.isDirectory()

const draw = (random: Seeded, index: number): Operation => {
  const names = ["a", "b", "d", "d/a", "d/b", "d/e", "d/e/a", "./d/../a"]
  const path = random.pick(names)
  const other = random.pick(names)
  const data = `${index} `.repeat(random.below(4))
  const flag = random.pick(["w", "wx", "a", "ax", "r+", "w+"] as const)
  const recursive = random.chance(0.5)
  const on = (root: string) => NodePath.join(root, path)
  return random.pick<Operation>([
    {
      text: `write ${path} ${flag}`,
      simulated: (fs) => fs.writeFileString(path, data, { flag }),
      real: (root) => NodeFs.writeFileSync(on(root), data, { flag })
    },
    {
      text: `read ${path}`,
      simulated: (fs) => fs.readFileString(path),
      real: (root) => NodeFs.readFileSync(on(root), "utf8")
    },
    {
      text: `make ${path} ${recursive}`,
      simulated: (fs) => fs.makeDirectory(path, { recursive }),
      real: (root) => void NodeFs.mkdirSync(on(root), { recursive })
    },
    {
      // What else force overlooks, releases of Node see differently.
      text: `remove ${path} ${recursive}`,
      simulated: (fs) => fs.remove(path, { recursive, force: recursive }),
      real: (root) => NodeFs.rmSync(on(root), { recursive, force: recursive })
    },
    {
      text: `rename ${path} ${other}`,
      simulated: (fs) => fs.rename(path, other),
      real: (root) => {
        const target = NodePath.join(root, other)
        // Not all systems are as strict as POSIX.
        if (isDirectory(on(root)) === true && isDirectory(target) === false) throw new Error("ENOTDIR")
        NodeFs.renameSync(on(root), target)
      }
    },
    {
      text: `copy ${path} ${other}`,
      simulated: (fs) => fs.copyFile(path, other),
      real: (root) => {
        // What a copy of a directory does to its target before it fails is a mistake.
        if (isDirectory(on(root)) === true) throw new Error("EISDIR")
        if (on(root) !== NodePath.join(root, other)) NodeFs.copyFileSync(on(root), NodePath.join(root, other))
        else NodeFs.statSync(on(root))
      }
    },
    {
      text: `truncate ${path}`,
      simulated: (fs) => fs.truncate(path, 3),
      real: (root) => NodeFs.truncateSync(on(root), 3)
    },
    {
      text: `list ${path}`,
      simulated: (fs) => Effect.map(fs.readDirectory(path, { recursive }), (found) => found.sort()),
      real: (root) => NodeFs.readdirSync(on(root), { recursive }).map(String).sort()
    },
    {
      text: `stat ${path}`,
      simulated: (fs) => Effect.map(fs.stat(path), ({ size, type }) => type === "File" ? Number(size) : type),
      real: (root) => {
        const stat = NodeFs.statSync(on(root))
        return stat.isFile() ? stat.size : "Directory"
      }
    }
  ])
}

describe("a simulated file system", () => {
  it.effect("does what a real one does", () =>
    Effect.gen(function*() {
      for (let seed = 1; seed <= 60; seed++) {
        const random = new Seeded(String(seed))
        const fs = SimulatedFileSystem.make(MemoryDisk.make().disk)
        const root = NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "millrace-files-"))
        const history: Array<string> = []
        for (let index = 0; index < 60; index++) {
          const { real, simulated, text } = draw(random, index)
          history.push(text)
          let expected: unknown = "failed"
          try {
            expected = real(root)
          } catch {
            // Both fail, or none.
          }
          const exit = yield* Effect.exit(simulated(fs))
          assert.deepStrictEqual(Exit.isSuccess(exit) ? exit.value : "failed", expected, history.join("\n"))
        }
        NodeFs.rmSync(root, { recursive: true })
      }
    }))

  it.effect("has files with cursors, streams, sinks and patterns", () =>
    Effect.scoped(Effect.gen(function*() {
      const fs = SimulatedFileSystem.make(MemoryDisk.make().disk)
      const file = yield* fs.open("/x", { flag: "w+" })
      yield* file.writeAll(bytesOf("0123456789"))
      assert.strictEqual(yield* file.seek(-4n, "current"), 6n)
      assert.strictEqual(textOf(Option.getOrThrow(yield* file.readAlloc(2))), "67")
      yield* file.write(bytesOf("xy"))
      const middle = new Uint8Array(4)
      assert.strictEqual(yield* file.read(middle, { position: 1n }), 4)
      assert.strictEqual(textOf(middle), "1234")
      assert.strictEqual(yield* fs.readFileString("x"), "01234567xy")
      const log = yield* fs.open("/x", { flag: "a" })
      yield* file.truncate(2)
      yield* log.writeAll(bytesOf("!"))
      yield* file.writeAll(bytesOf("?"))
      assert.strictEqual(yield* fs.readFileString("x"), "01?")
      assert.strictEqual((yield* Effect.flip(log.read(middle))).reason._tag, "BadResource")
      assert.strictEqual((yield* Effect.flip(file.seek(-9n, "start"))).reason._tag, "BadArgument")
      yield* Stream.run(Stream.make(bytesOf("ab"), bytesOf("cd")), fs.sink("/y"))
      assert.deepStrictEqual(
        (yield* Stream.runCollect(fs.stream("/y", { chunkSize: 3 }))).map(textOf),
        ["abc", "d"]
      )
      assert.deepStrictEqual(yield* fs.glob("*", { root: "/" }), ["x", "y"])
      const temporary = yield* fs.makeTempDirectory()
      assert.isTrue(yield* fs.exists(temporary))
      assert.strictEqual((yield* Effect.flip(fs.symlink("x", "z"))).reason._tag, "BadArgument")
    })))
})

/** Runs one life of a process, ends it so, and runs another; gives what that has found. */
const afterwards = <A>(
  seed: number,
  crash: Crash,
  before: Effect.Effect<void, unknown, Ports>,
  after: Effect.Effect<A, unknown, Ports>
): A => {
  const world = new World({ seed, stepsMax: 200_000, timeMaxMs: 60_000 })
  let isDone = false
  let found: A | undefined
  const process = world.add("machine", [
    Effect.andThen(before, Effect.sync(() => void (isDone = true))),
    Effect.map(after, (value) => void (found = value))
  ], false)
  process.onExit = (exit) => assert.strictEqual(exit._tag, "Success")
  process.start()
  assert.strictEqual(world.universe.run(() => isDone), "done")
  if (process.isRunning) process.crash(crash)
  else if (crash === "power") process.disk.crash()
  process.version = 1
  process.start()
  assert.strictEqual(world.universe.run(() => found !== undefined), "done")
  return found!
}

const seeds = Array.from({ length: 40 }, (_, index) => index + 1)

const synced = (path: string) =>
  Effect.scoped(Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.flatMap(fs.open(path), (file) => file.sync)))

const writing = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  yield* fs.writeFileString("/careless", "all of it")
  yield* fs.writeFileString("/careful", "all of it")
  yield* synced("/careful")
  yield* synced("/")
  yield* fs.writeFileString("/nameless", "all of it")
  yield* synced("/nameless")
})

const reading = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const read = (path: string) => Effect.catch(fs.readFileString(path), () => Effect.succeed("gone"))
  return yield* Effect.all([read("/careful"), read("/careless"), read("/nameless")])
})

describe("files of a simulated machine", () => {
  it("are all there when the process is killed", () => {
    for (const seed of seeds) {
      assert.deepStrictEqual(afterwards(seed, "kill", writing, reading), ["all of it", "all of it", "all of it"])
    }
  })

  it("are there for sure after a loss of power only where they, and their names, were synced", () => {
    const found = seeds.map((seed) => afterwards(seed, "power", writing, reading))
    assert.deepStrictEqual(new Set(found.map(([careful]) => careful)), new Set(["all of it"]))
    for (const wrong of ["", "all of it"]) assert.include(found.map(([, careless]) => careless), wrong)
    assert.deepStrictEqual(new Set(found.map(([, , nameless]) => nameless)), new Set(["all of it", "gone"]))
  })

  it("are slow, and do not fit, where the disk is slow or full", () => {
    const world = new World({ seed: 1, stepsMax: 200_000, timeMaxMs: 60_000 })
    const seen: Array<unknown> = []
    const write = (path: string) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const startedUs = world.universe.nowUs
        const exit = yield* Effect.exit(fs.writeFileString(path, "something"))
        seen.push(exit._tag === "Success" ? world.universe.nowUs - startedUs : String(exit.cause))
      })
    const process = world.add("machine", [
      Effect.gen(function*() {
        yield* write("/a")
        process.disk.stalledUntilUs = world.universe.nowUs + 5_000_000
        yield* write("/b")
        process.disk.fill(0)
        yield* write("/c")
      })
    ], false)
    process.start()
    assert.strictEqual(world.universe.run(() => seen.length === 3), "done")
    assert.isBelow(seen[0] as number, 1_000_000)
    assert.isAbove(seen[1] as number, 5_000_000)
    assert.match(seen[2] as string, /NoSpace/)
  })
})

describe("a key-value store of a simulated machine", () => {
  const set = Effect.gen(function*() {
    const store = yield* KeyValueStore.KeyValueStore
    for (const key of ["a", "a.tmp", "", "..", "\ud800", "gone"]) yield* store.set(key, `value of ${key}`)
    yield* store.set("a", "value of a, again")
    yield* store.remove("gone")
  })
  const get = Effect.gen(function*() {
    const store = yield* KeyValueStore.KeyValueStore
    const keys = [...yield* store.keys].sort()
    return yield* Effect.forEach(keys, (key) => Effect.map(store.get(key), (value) => `${key}: ${value}`))
  })

  it("has what was set, whatever happens", () => {
    for (const seed of seeds) {
      for (const crash of ["kill", "power"] as const) {
        assert.deepStrictEqual(afterwards(seed, crash, set, get), [
          ": value of ",
          "..: value of ..",
          "a: value of a, again",
          "a.tmp: value of a.tmp",
          "\ud800: value of \ufffd"
        ])
      }
    }
  })

  it("made of files by Effect loses at times what was set, as on a real disk", () => {
    const layer = Layer.provideMerge(KeyValueStore.layerFileSystem("/store"), Path.layer)
    const found = seeds.map((seed) =>
      afterwards(
        seed,
        "power",
        Effect.provide(Effect.flatMap(KeyValueStore.KeyValueStore, (store) => store.set("a", "value")), layer),
        Effect.provide(Effect.flatMap(KeyValueStore.KeyValueStore, (store) => store.get("a")), layer).pipe(
          Effect.map((value) => value ?? "gone")
        )
      )
    )
    assert.include(found, "gone")
    assert.include(found, "value")
  })
})
