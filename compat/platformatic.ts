/**
 * @platformatic/kafka against our broker: topics, every codec, groups, transactions, in the newest flexible versions.
 */
import { check, finish, fresh, same, waitFor, withBroker } from "./lib/harness.ts"
import { loadPeer } from "./lib/peers.ts"

interface Record {
  readonly topic: string
  readonly key?: string
  readonly value: string
  readonly partition?: number
}
interface Received extends Record {
  readonly offset: bigint
  readonly partition: number
}
interface Transaction {
  send(options: { messages: Array<Record> }): Promise<unknown>
  commit(): Promise<void>
  abort(): Promise<void>
}
interface Producer {
  send(options: { messages: Array<Record>; compression?: string; acks?: number }): Promise<unknown>
  beginTransaction(): Promise<Transaction>
  close(): Promise<void>
}
interface Stream {
  on(event: "data", listener: (message: Received) => void): void
  on(event: "error", listener: (cause: Error) => void): void
}
interface Consumer {
  readonly assignments: Array<{ topic: string; partitions: Array<number> }> | null
  consume(
    options: { topics: Array<string>; mode: string; isolationLevel?: number; autocommit?: boolean }
  ): Promise<Stream>
  close(force?: boolean): Promise<void>
}
interface Admin {
  createTopics(options: { topics: Array<string>; partitions: number; replicas: number }): Promise<unknown>
  deleteTopics(options: { topics: Array<string> }): Promise<void>
  listTopics(): Promise<Array<string>>
  close(): Promise<void>
}
interface Platformatic {
  readonly Producer: new(options: object) => Producer
  readonly Consumer: new(options: object) => Consumer
  readonly Admin: new(options: object) => Admin
  readonly stringSerializers: object
  readonly stringDeserializers: object
}

const peer = await loadPeer<Platformatic>("@platformatic/kafka")
const readCommitted = 1

await withBroker(async (bootstrap) => {
  const base = { clientId: "compat", bootstrapBrokers: [bootstrap] }
  const admin = new peer.Admin(base)
  const producer = new peer.Producer({ ...base, serializers: peer.stringSerializers })
  const newConsumer = (groupId: string) =>
    new peer.Consumer({
      ...base,
      groupId,
      deserializers: peer.stringDeserializers,
      sessionTimeout: 10_000,
      heartbeatInterval: 500
    })
  const newTopic = async (partitions: number): Promise<string> => {
    const topic = fresh("topic")
    await admin.createTopics({ topics: [topic], partitions, replicas: 1 })
    return topic
  }
  const consumeAll = async (topic: string, count: number): Promise<Array<Received>> => {
    const consumer = newConsumer(fresh("group"))
    const received: Array<Received> = []
    const stream = await consumer.consume({ topics: [topic], mode: "earliest", isolationLevel: readCommitted })
    let failure: Error | undefined
    stream.on("data", (message) => received.push(message))
    stream.on("error", (cause) => {
      failure = cause
    })
    await waitFor(`${count} records of ${topic}`, () => {
      if (failure !== undefined) throw failure
      return received.length >= count ? true : undefined
    })
    await consumer.close(true)
    return received
  }

  await check("topics are created, listed and deleted", async () => {
    const topic = await newTopic(2)
    same((await admin.listTopics()).includes(topic), true, "listed")
    await admin.deleteTopics({ topics: [topic] })
    await waitFor("the deletion", async () => (await admin.listTopics()).includes(topic) ? undefined : true)
  })

  for (const compression of ["none", "gzip", "snappy", "lz4", "zstd"]) {
    await check(`records arrive once with ${compression}`, async () => {
      const topic = await newTopic(2)
      const values = Array.from({ length: 500 }, (_, index) => `value number ${index}`)
      const messages = values.map((value, index) => ({ topic, key: `k${index % 11}`, value }))
      await producer.send({ messages, ...(compression === "none" ? {} : { compression }) })
      const received = await consumeAll(topic, values.length)
      same(received.map(({ value }) => value).sort(), [...values].sort(), "values")
    })
  }

  await check("a group shares the partitions", async () => {
    const topic = await newTopic(4)
    const group = fresh("group")
    const members = [newConsumer(group), newConsumer(group)]
    for (const member of members) (await member.consume({ topics: [topic], mode: "earliest" })).on("data", () => {})
    await waitFor(
      "two partitions each",
      () =>
        members.every((member) => member.assignments?.find((found) => found.topic === topic)?.partitions.length === 2)
          ? true
          : undefined
    )
    for (const member of members) await member.close(true)
  })

  await check("committed transactions are seen, aborted ones are not", async () => {
    const topic = await newTopic(1)
    const transactional = new peer.Producer({
      ...base,
      serializers: peer.stringSerializers,
      idempotent: true,
      transactionalId: fresh("tx")
    })
    for (const [value, commit] of [["one", true], ["two", false], ["three", true]] as const) {
      const transaction = await transactional.beginTransaction()
      await transaction.send({ messages: [{ topic, key: "k", value }] })
      await (commit ? transaction.commit() : transaction.abort())
    }
    await transactional.close()
    same((await consumeAll(topic, 2)).map(({ value }) => value), ["one", "three"], "read committed")
  })

  await producer.close()
  await admin.close()
})

finish()
