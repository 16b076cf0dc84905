/** A broker whose metadata log was damaged: whatever it makes of that, it deletes nobody's records. */
import { assert, describe, it, vi } from "@effect/vitest"
import * as MemoryNetwork from "@millrace/core/platform/MemoryNetwork"
import { Disk } from "@millrace/core/platform/Disk"
import { DeleteTopicsRequest, DeleteTopicsResponse } from "@millrace/core/protocol/messages/DeleteTopics"
import * as PureCompression from "@millrace/core/records/PureCompression"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import type { Durability } from "@millrace/server/storage/Durability"
import * as MetadataLog from "@millrace/server/coordination/controller/MetadataLog"
import { StorageError } from "@millrace/server/storage/StorageError"
import * as Broker from "@millrace/server/Broker"
import * as MemoryDisk from "@millrace/testkit/platform/MemoryDisk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { client, createTopic, produce } from "./broker.ts"
import type { RawClient } from "./RawClient.ts"

const data = "millrace-data"
const metadata = `${data}/__cluster_metadata-0/00000000000000000000.log`

/** Runs a program against a broker on this disk. Then it stops in order, or its machine crashes, and it is never heard of again. */
const run = Effect.fnUntraced(function*<A, E>(
  memory: MemoryDisk.MemoryDisk,
  end: "crash" | "stop",
  program: (raw: RawClient) => Effect.Effect<A, E>,
  durability: Durability = { kind: "group-commit" }
) {
  const scope = yield* Scope.make()
  const ports = Layer.mergeAll(Layer.succeed(Disk, memory.disk), MemoryNetwork.layer, PureCompression.layer)
  const started = Layer.buildWithScope(Layer.provideMerge(Broker.layerEmbedded({ durability }), ports), scope)
  const context = yield* Effect.onError(started, (cause) => Scope.close(scope, Exit.failCause(cause)))
  const raw = yield* Effect.provideContext(Scope.provide(client, scope), context)
  const result = yield* program(raw)
  if (end === "stop") yield* Scope.close(scope, Exit.void)
  else memory.crash()
  return result
})

const topics = ["first", "second", "third"]

/** A disk on which a broker has left topics with a record each. */
const prepare = Effect.fnUntraced(function*(end: "crash" | "stop", durability?: Durability) {
  const memory = MemoryDisk.make()
  yield* run(memory, end, (raw) =>
    Effect.forEach(topics, (topic) =>
      Effect.andThen(
        Effect.map(createTopic(raw, topic), (code) => assert.strictEqual(code, 0)),
        produce(raw, topic, `a record of ${topic}`)
      )), durability)
  return memory
})

/** The logs that hold a record of this topic. */
const logsOf = (memory: MemoryDisk.MemoryDisk, topic: string) =>
  memory.files().map(([path]) => path).filter((path) =>
    path.endsWith(".log") && path !== metadata &&
    new TextDecoder().decode(memory.contents(path)).includes(`a record of ${topic}`)
  )

const batchesIn = (bytes: Uint8Array): ReadonlyArray<number> => {
  const found: Array<number> = []
  for (let at = 0; at < bytes.length; at += RecordBatch.sizeInBytes(bytes, at)) found.push(at)
  return found
}

/** Starts twice, as what the first start has spared the second may not; says whether it was refused. */
const startTwice = Effect.fnUntraced(function*(memory: MemoryDisk.MemoryDisk) {
  for (let start = 0; start < 2; start++) {
    const exit = yield* Effect.exit(run(memory, "crash", () => Effect.void))
    if (Exit.isSuccess(exit)) continue
    const error = yield* Effect.flip(exit)
    assert.isTrue(error instanceof StorageError || error instanceof MetadataLog.MetadataLogError, String(error))
    assert.match(error.message, /damaged|no batch at offset/)
    memory.crash()
    return true
  }
  return false
})

// Machines may be busy.
vi.setConfig({ testTimeout: 120_000 })

describe("damaged metadata", () => {
  it.effect("deletes no records, whichever bit of it rots", () =>
    Effect.gen(function*() {
      const refusals = { crash: 0, stop: 0 }
      for (const end of ["crash", "stop"] as const) {
        const bytes = (yield* prepare(end)).contents(metadata)
        const last = batchesIn(bytes).at(-1)!
        for (let position = 0; position < bytes.length; position += 23) {
          const memory = yield* prepare(end)
          memory.flip(metadata, position, position % 8)
          const refused = yield* startTwice(memory)
          const what = `${end}, byte ${position}`
          for (const topic of topics) assert.lengthOf(logsOf(memory, topic), 1, `${what}: ${topic}`)
          if (!refused) continue
          refusals[end]++
          if (end === "crash") assert.isBelow(position, last, what)
          memory.flip(metadata, position, position % 8)
          assert.isFalse(yield* startTwice(memory), `${what}, repaired`)
          for (const topic of topics) assert.match(logsOf(memory, topic)[0]!, new RegExp(`${topic}-0/`))
        }
      }
      assert.isAbove(refusals.crash, 20)
      assert.isAbove(refusals.stop, refusals.crash)
    }))

  it.effect("sets logs aside whose topic was in a torn tail, and lets their topic be made anew", () =>
    Effect.gen(function*() {
      const bytes = (yield* prepare("crash")).contents(metadata)
      const last = batchesIn(bytes).at(-1)!
      for (let length = last; length < bytes.length; length += 17) {
        const memory = yield* prepare("crash")
        yield* Effect.scoped(
          Effect.flatMap(
            memory.disk.open(metadata, "write"),
            (file) => Effect.andThen(file.truncate(length), file.sync)
          )
        )
        yield* run(
          memory,
          "crash",
          Effect.fnUntraced(function*(raw) {
            assert.strictEqual((yield* produce(raw, "first", "x")).baseOffset, 1)
            assert.strictEqual(yield* createTopic(raw, "third"), 0)
            assert.strictEqual((yield* produce(raw, "third", "x")).baseOffset, 0)
          })
        )
        assert.isFalse(yield* startTwice(memory))
        const [aside, ...others] = logsOf(memory, "third")
        assert.match(aside!, /^millrace-data\/third-0\.[0-9a-f]{32}-stray\//)
        assert.lengthOf(others, 0)
      }
    }))

  it.effect("finishes a deletion that it reads, and no other", () =>
    Effect.gen(function*() {
      const memory = yield* prepare("stop")
      yield* run(memory, "crash", (raw) =>
        raw.call(DeleteTopicsRequest, DeleteTopicsResponse, 5, { topicNames: ["first"], timeoutMs: 1000 }))
      const names = yield* memory.disk.list(data)
      const deleted = names.find((name) =>
        name.endsWith("-delete")
      )!
      yield* memory.disk.rename(`${data}/${deleted}`, `${data}/first-0`)
      yield* memory.disk.syncDirectory(data)
      assert.isFalse(yield* startTwice(memory))
      const logs = (yield* memory.disk.list(data)).filter((name) => topics.some((topic) => name.startsWith(topic)))
      assert.deepStrictEqual(logs.filter((name) => !name.endsWith("-delete")), ["second-0", "third-0"])
    }))

  it.effect("does not refuse what a policy allows to be lost", () =>
    Effect.gen(function*() {
      const memory = yield* prepare("crash", { kind: "group-commit" })
      memory.flip(metadata, batchesIn(memory.contents(metadata))[1]! + 70, 1)
      yield* run(memory, "crash", () => Effect.void, { kind: "os" })
      for (const topic of topics) assert.lengthOf(logsOf(memory, topic), 1, topic)
    }))
})
