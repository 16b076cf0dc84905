/**
 * `compat client-restarts`: a broker of ours is killed (`kill -9`) and started again, several times, under a producer, a
 * transactional producer and a group of our client, which go on by themselves.
 *
 * Every acknowledged record is there once and in order; a transaction that was committed is there as a whole, one that
 * failed is not there at all (unless it says that it does not know); the group reads all of it.
 */
import * as Admin from "@millrace/client/admin/Admin"
import * as Consumer from "@millrace/client/consumer/Consumer"
import * as Producer from "@millrace/client/producer/Producer"
import * as Transaction from "@millrace/client/transaction/Transaction"
import * as Kafka from "@millrace/core/Kafka"
import { NodePlatform } from "@millrace/core/node"
import * as Serde from "@millrace/core/serde/Serde"
import * as Topic from "@millrace/core/streams/Topic"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"
import { check, finish, fresh, same, singleBroker, startBroker } from "./lib/harness.ts"

const restarts = 3
const text = (name: string) => Topic.make(name, { key: Serde.string, value: Serde.string })
const plain = text(fresh("plain"))
const exact = text(fresh("exact"))

/** What the clients did. */
const written: Array<string> = []
const committed = new Set<string>()
const failed = new Map<string, string>()

const directory = NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "millrace-compat-"))
let broker = await startBroker(directory, 0, singleBroker)
const port = Number(broker.bootstrap.split(":")[1])

const restart = Effect.promise(async () => {
  await broker.kill("SIGKILL")
  broker = await startBroker(directory, port, singleBroker)
})

const produce = (isOver: () => boolean) =>
  Effect.scoped(Effect.gen(function*() {
    const producer = yield* Producer.make()
    for (let i = 0; !isOver(); i++) {
      yield* producer.send(plain, { key: "k", value: `v${i}` })
      written.push(`v${i}`)
      yield* Effect.sleep(1)
    }
  }))

const transact = (isOver: () => boolean) =>
  Effect.gen(function*() {
    for (let i = 0; !isOver(); i++) {
      const records = ["a", "b", "c"].map((part) => ({ key: "k", value: `t${i}${part}` }))
      const outcome = yield* Effect.result(Transaction.run(Transaction.sendAll(exact, records)))
      if (outcome._tag === "Success") committed.add(`t${i}`)
      else if ("remedy" in outcome.failure && outcome.failure.remedy === "stop") {
        return yield* Effect.fail(outcome.failure)
      } else failed.set(`t${i}`, `${outcome.failure._tag}: ${outcome.failure.message}`)
    }
  }).pipe(Effect.provide(Transaction.layer({ transactionalId: fresh("transactional"), maxBlock: "20 seconds" })))

const read = (topic: Topic.Topic<string, string>, count: number) =>
  Consumer.stream(topic, { groupId: fresh("group"), autoOffsetReset: "earliest", isolationLevel: "read_committed" })
    .pipe(
      Stream.take(count),
      Stream.map((record) => record.value),
      Stream.runCollect,
      Effect.timeout("60 seconds")
    )

const environment = Layer.mergeAll(Kafka.layer({ bootstrapServers: broker.bootstrap }), NodePlatform.layer)
const run = <A, E>(effect: Effect.Effect<A, E, Layer.Success<typeof environment>>): Promise<A> =>
  Effect.runPromise(Effect.provide(effect, environment))

let heard = 0
await check(
  `${restarts} kills under a producer, transactions and a group`,
  () =>
    run(Effect.scoped(Effect.gen(function*() {
      const admin = yield* Admin.make
      yield* admin.createTopics([{ name: plain.name, partitions: 1 }, { name: exact.name, partitions: 1 }])
      let isOver = false
      const clients = yield* Effect.forkChild(
        Effect.all([produce(() => isOver), transact(() => isOver)], { concurrency: "unbounded", discard: true })
      )
      yield* Effect.forkScoped(
        Consumer.stream(plain, { groupId: fresh("group"), autoOffsetReset: "earliest" }).pipe(
          Stream.runForEach(() => Effect.sync(() => heard++))
        )
      )
      for (let i = 0; i < restarts; i++) {
        yield* Effect.sleep("3 seconds")
        yield* restart
      }
      yield* Effect.sleep("3 seconds")
      isOver = true
      yield* Effect.timeout(Fiber.join(clients), "60 seconds")
      for (let i = 0; heard < written.length && i < 300; i++) yield* Effect.sleep("100 millis")
    })))
)

await check("every acknowledged record is there once, in order", async () => {
  same(await run(read(plain, written.length)), written, "records")
  same(heard >= written.length, true, `the group that lived on heard of all: ${heard} of ${written.length}`)
})

await check("every transaction is there as a whole or not at all", async () => {
  const unknown = [...failed].filter(([, tag]) => tag.startsWith("TransactionOutcomeUnknown")).length
  console.log(`      ${committed.size} committed, ${failed.size} failed (${unknown} unknown)`)
  for (const [name, why] of [...failed].slice(0, 3)) console.log(`      ${name} ${why}`)
  const found = await run(read(exact, committed.size * 3))
  const whole = new Map<string, string>()
  for (const value of found) whole.set(value.slice(0, -1), (whole.get(value.slice(0, -1)) ?? "") + value.at(-1))
  for (const name of committed) same(whole.get(name) ?? "abc", "abc", name)
  for (const name of whole.keys()) {
    same(
      committed.has(name) || failed.get(name)?.startsWith("TransactionOutcomeUnknown"),
      true,
      `${name} was not committed`
    )
  }
  same(new Set(found).size, found.length, "nothing twice")
})

await broker.kill("SIGTERM")
NodeFs.rmSync(directory, { recursive: true, force: true })
finish()
