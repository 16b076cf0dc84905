import { assert, describe, it } from "@effect/vitest"
import { Disk, parentOf, readFile, writeFileAtomic } from "@millrace/core/platform/Disk"
import * as NodeDisk from "@millrace/core/platform/node/NodeDisk"
import { MemoryDisk } from "@millrace/testkit"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"

const bytes = (...values: ReadonlyArray<number>) => Uint8Array.from(values)

const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => NodeFs.mkdtempSync(`${NodeOs.tmpdir()}/millrace-disk-`)),
  (path) => Effect.sync(() => NodeFs.rmSync(path, { recursive: true, force: true }))
)

const contract = (
  name: string,
  layer: Layer.Layer<Disk>,
  root: Effect.Effect<string, never, import("effect/Scope").Scope>
) =>
  describe(name, () => {
    it.effect("reads what was written, where it was written", () =>
      Effect.gen(function*() {
        const disk = yield* Disk
        const file = yield* disk.open(`${yield* root}/a`, "create")
        yield* file.write([bytes(1, 2, 3), bytes(), bytes(4)], 2)
        assert.strictEqual(yield* file.size, 6)
        const target = new Uint8Array(8)
        assert.strictEqual(yield* file.read(target, 0), 6)
        assert.deepStrictEqual([...target], [0, 0, 1, 2, 3, 4, 0, 0])
        assert.strictEqual(file.readUnsafe(target.subarray(0, 2), 4), 2)
        assert.deepStrictEqual([...target.subarray(0, 2)], [3, 4])
        yield* file.truncate(3)
        assert.strictEqual(yield* file.read(target, 0), 3)
        yield* file.truncate(5)
        assert.strictEqual(yield* file.read(target.fill(9), 0), 5)
        assert.deepStrictEqual([...target.subarray(0, 5)], [0, 0, 1, 0, 0])
        yield* file.close
        yield* file.close
        assert.strictEqual((yield* Effect.flip(file.size)).reason, "Closed")
      }).pipe(Effect.provide(layer)))

    it.effect("writes large blocks whole", () =>
      Effect.gen(function*() {
        const disk = yield* Disk
        const file = yield* disk.open(`${yield* root}/large`, "write")
        const chunks = Array.from({ length: 1500 }, (_, index) => new Uint8Array(700).fill(index))
        yield* file.write(chunks, 10)
        const target = new Uint8Array(700)
        for (const index of [0, 1023, 1024, 1499]) {
          yield* file.read(target, 10 + index * 700)
          assert.deepStrictEqual(target, chunks[index])
        }
        yield* file.close
      }).pipe(Effect.provide(layer)))

    it.effect("tells what is where", () =>
      Effect.gen(function*() {
        const disk = yield* Disk
        const base = yield* root
        yield* disk.makeDirectory(`${base}/x/y`)
        yield* writeFileAtomic(`${base}/x/b`, bytes(1))
        yield* writeFileAtomic(`${base}/x/b`, bytes(2, 3))
        assert.deepStrictEqual(yield* readFile(`${base}/x/b`), bytes(2, 3))
        assert.deepStrictEqual(yield* disk.list(`${base}/x`), ["b", "y"])
        assert.strictEqual(Option.getOrThrow(yield* disk.stat(`${base}/x/b`)).size, 2)
        assert.strictEqual(Option.getOrThrow(yield* disk.stat(`${base}/x`)).kind, "directory")
        assert.isTrue(Option.isNone(yield* disk.stat(`${base}/none`)))
        yield* disk.rename(`${base}/x`, `${base}/z`)
        assert.deepStrictEqual(yield* disk.list(`${base}/z`), ["b", "y"])
        yield* disk.remove(`${base}/z`)
        yield* disk.remove(`${base}/z`)
        assert.deepStrictEqual(yield* disk.list(base), [])
        assert.strictEqual((yield* Effect.flip(disk.open(`${base}/none`, "read"))).reason, "NotFound")
        assert.strictEqual((yield* Effect.flip(disk.list(`${base}/none`))).reason, "NotFound")
        const made = yield* disk.open(`${base}/once`, "create")
        yield* made.close
        assert.strictEqual((yield* Effect.flip(disk.open(`${base}/once`, "create"))).reason, "AlreadyExists")
      }).pipe(Effect.provide(layer)))

    it.effect("gives a lock to one holder at a time", () =>
      Effect.gen(function*() {
        const disk = yield* Disk
        const path = `${yield* root}/.lock`
        yield* Effect.scoped(Effect.gen(function*() {
          yield* disk.lock(path)
          assert.strictEqual((yield* Effect.flip(Effect.scoped(disk.lock(path)))).reason, "Locked")
        }))
        yield* Effect.scoped(disk.lock(path))
      }).pipe(Effect.provide(layer)))
  })

contract("NodeDisk", NodeDisk.layer, temporaryDirectory)
contract("MemoryDisk", MemoryDisk.layer, Effect.succeed("."))

describe("MemoryDisk", () => {
  it.effect("forgets at a crash what was not synced", () =>
    Effect.gen(function*() {
      const memory = MemoryDisk.make()
      const { disk } = memory
      yield* disk.makeDirectory("d")
      yield* disk.syncDirectory(".")
      const kept = yield* disk.open("d/kept", "create")
      yield* kept.write([bytes(1)], 0)
      yield* kept.sync
      yield* disk.syncDirectory("d")
      yield* kept.write([bytes(2)], 1)
      const nameless = yield* disk.open("d/nameless", "create")
      yield* nameless.write([bytes(1)], 0)
      yield* nameless.sync
      yield* disk.makeDirectory("e")
      memory.crash()
      assert.strictEqual((yield* Effect.flip(kept.size)).reason, "Closed")
      assert.deepStrictEqual(yield* disk.list("d"), ["kept"])
      assert.deepStrictEqual(yield* disk.list("."), ["d"])
      assert.deepStrictEqual(yield* Effect.provideService(readFile("d/kept"), Disk, disk), bytes(1))
    }))

  it.effect("keeps through a crash what was durable in a directory that was renamed", () =>
    Effect.gen(function*() {
      const memory = MemoryDisk.make()
      const { disk } = memory
      yield* disk.makeDirectory("d/e")
      for (const path of ["d/kept", "d/e/kept"]) {
        const file = yield* disk.open(path, "create")
        yield* file.write([bytes(1)], 0)
        yield* file.sync
        yield* disk.syncDirectory(parentOf(path))
      }
      for (const directory of [".", "d"]) yield* disk.syncDirectory(directory)
      yield* Effect.flatMap(disk.open("d/late", "create"), (file) => file.sync)
      yield* disk.rename("d", "renamed")
      yield* disk.syncDirectory(".")
      memory.crash()
      assert.deepStrictEqual(memory.files().map(([path]) => path), [
        "renamed/e/kept",
        "renamed/kept"
      ])
    }))

  it.effect("fails the operation whose number was named", () =>
    Effect.gen(function*() {
      const memory = MemoryDisk.make()
      yield* memory.disk.makeDirectory("a")
      memory.failAt(memory.operations(), "NoSpace")
      assert.strictEqual((yield* Effect.flip(memory.disk.makeDirectory("b"))).reason, "NoSpace")
      yield* memory.disk.makeDirectory("b")
    }))

  it.effect("replaces a file as a whole, wherever it crashes", () =>
    Effect.gen(function*() {
      for (let operation = 0;; operation++) {
        const memory = MemoryDisk.make()
        const run = <A, E>(effect: Effect.Effect<A, E, Disk>) => Effect.provideService(effect, Disk, memory.disk)
        yield* run(writeFileAtomic("f", bytes(1)))
        memory.failAt(memory.operations() + operation, "Io")
        const outcome = yield* Effect.exit(run(writeFileAtomic("f", bytes(2, 2))))
        memory.crash()
        const found = yield* run(readFile("f"))
        assert.include(["1", "2,2"], String([...found]))
        if (outcome._tag === "Success") return assert.deepStrictEqual(found, bytes(2, 2))
      }
    }))
})
