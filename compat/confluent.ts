/**
 * confluent-kafka-javascript (librdkafka) against our broker: every codec, groups, transactions.
 */
import { check, finish, fresh, same, waitFor, withBroker } from "./lib/harness.ts"
import { loadPeer } from "./lib/peers.ts"

interface Record {
  readonly key: string
  readonly value: string
}
interface Received {
  readonly partition: number
  readonly message: { readonly key: Buffer | null; readonly value: Buffer | null; readonly offset: string }
}
interface Sender {
  send(request: { topic: string; messages: Array<Record> }): Promise<unknown>
}
interface Transaction extends Sender {
  commit(): Promise<void>
  abort(): Promise<void>
}
interface Producer extends Sender {
  connect(): Promise<void>
  disconnect(): Promise<void>
  transaction(): Promise<Transaction>
}
interface Consumer {
  connect(): Promise<void>
  disconnect(): Promise<void>
  subscribe(request: { topics: Array<string> }): Promise<void>
  run(options: { eachMessage(received: Received): Promise<void> }): Promise<void>
  assignment(): Array<unknown>
}
interface Admin {
  connect(): Promise<void>
  disconnect(): Promise<void>
  createTopics(request: { topics: Array<{ topic: string; numPartitions: number }> }): Promise<boolean>
  deleteTopics(request: { topics: Array<string> }): Promise<void>
  listTopics(): Promise<Array<string>>
}
interface Client {
  producer(options: object): Producer
  consumer(options: object): Consumer
  admin(): Admin
}
interface Confluent {
  readonly KafkaJS: { readonly Kafka: new(options: object) => Client }
}

const { KafkaJS } = (await loadPeer<{ default: Confluent }>("@confluentinc/kafka-javascript")).default
const silent = 0

await withBroker(async (bootstrap) => {
  const client = new KafkaJS.Kafka({ kafkaJS: { clientId: "compat", brokers: [bootstrap], logLevel: silent } })
  const admin = client.admin()
  await admin.connect()
  const newTopic = async (partitions: number): Promise<string> => {
    const topic = fresh("topic")
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions }] })
    return topic
  }
  const newConsumer = (groupId: string) =>
    client.consumer({ kafkaJS: { groupId, fromBeginning: true, sessionTimeout: 10_000 } })
  const consumeAll = async (topic: string, count: number): Promise<Array<string>> => {
    const consumer = newConsumer(fresh("group"))
    const values: Array<string> = []
    await consumer.connect()
    await consumer.subscribe({ topics: [topic] })
    await consumer.run({
      eachMessage: async ({ message }) => {
        values.push(String(message.value))
      }
    })
    await waitFor(`${count} records of ${topic}`, () => values.length >= count ? true : undefined)
    await consumer.disconnect()
    return values
  }

  await check("topics are created, listed and deleted", async () => {
    const topic = await newTopic(2)
    await waitFor("the topic", async () => (await admin.listTopics()).includes(topic) ? true : undefined)
    await admin.deleteTopics({ topics: [topic] })
    await waitFor("the deletion", async () => (await admin.listTopics()).includes(topic) ? undefined : true)
  })

  for (const compression of ["none", "gzip", "snappy", "lz4", "zstd"]) {
    await check(`records arrive once with ${compression}, idempotently`, async () => {
      const topic = await newTopic(2)
      const producer = client.producer({
        "compression.codec": compression,
        "enable.idempotence": true,
        "linger.ms": 20
      })
      await producer.connect()
      const values = Array.from({ length: 500 }, (_, index) => `value number ${index}`)
      await producer.send({ topic, messages: values.map((value, index) => ({ key: `k${index % 11}`, value })) })
      await producer.disconnect()
      same((await consumeAll(topic, values.length)).sort(), [...values].sort(), "values")
    })
  }

  await check("a group shares the partitions", async () => {
    const topic = await newTopic(4)
    const group = fresh("group")
    const members = [newConsumer(group), newConsumer(group)]
    for (const member of members) {
      await member.connect()
      await member.subscribe({ topics: [topic] })
      await member.run({ eachMessage: async () => {} })
    }
    await waitFor(
      "two partitions each",
      () => members.every((member) => member.assignment().length === 2) ? true : undefined
    )
    await Promise.all(members.map((member) => member.disconnect()))
  })

  await check("committed transactions are seen, aborted ones are not", async () => {
    const topic = await newTopic(1)
    const producer = client.producer({ kafkaJS: { transactionalId: fresh("tx") } })
    await producer.connect()
    for (const [value, commit] of [["one", true], ["two", false], ["three", true]] as const) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ key: "k", value }] })
      await (commit ? transaction.commit() : transaction.abort())
    }
    await producer.disconnect()
    same(await consumeAll(topic, 2), ["one", "three"], "read committed")
  })

  await admin.disconnect()
})

finish()
