/**
 * kafkajs against our broker: topics, produce, groups, offsets, transactions.
 */
import { check, finish, fresh, same, waitFor, withBroker } from "./lib/harness.ts"
import { loadPeer } from "./lib/peers.ts"

interface Message {
  readonly key?: string | Buffer | null
  readonly value: string | Buffer | null
  readonly headers?: Record<string, string>
}
interface Received {
  readonly topic: string
  readonly partition: number
  readonly message: { readonly key: Buffer | null; readonly value: Buffer | null; readonly offset: string }
}
interface Sender {
  send(request: { topic: string; messages: Array<Message>; compression?: number; acks?: number }): Promise<unknown>
}
interface Transaction extends Sender {
  commit(): Promise<void>
  abort(): Promise<void>
  sendOffsets(request: {
    consumerGroupId: string
    topics: Array<{ topic: string; partitions: Array<{ partition: number; offset: string }> }>
  }): Promise<void>
}
interface Producer extends Sender {
  connect(): Promise<void>
  disconnect(): Promise<void>
  transaction(): Promise<Transaction>
}
interface Consumer {
  connect(): Promise<void>
  disconnect(): Promise<void>
  subscribe(request: { topics: Array<string>; fromBeginning: boolean }): Promise<void>
  run(options: { eachMessage(received: Received): Promise<void> }): Promise<void>
  on(event: string, listener: (event: { payload: { memberAssignment: Record<string, Array<number>> } }) => void): void
}
interface Admin {
  connect(): Promise<void>
  disconnect(): Promise<void>
  createTopics(request: { topics: Array<{ topic: string; numPartitions: number }> }): Promise<boolean>
  deleteTopics(request: { topics: Array<string> }): Promise<void>
  listTopics(): Promise<Array<string>>
  fetchTopicMetadata(request: { topics: Array<string> }): Promise<{ topics: Array<{ partitions: Array<unknown> }> }>
  fetchTopicOffsets(topic: string): Promise<Array<{ partition: number; high: string }>>
  fetchOffsets(request: { groupId: string; topics: Array<string> }): Promise<
    Array<{ topic: string; partitions: Array<{ partition: number; offset: string }> }>
  >
  createPartitions(request: { topicPartitions: Array<{ topic: string; count: number }> }): Promise<boolean>
  describeConfigs(request: { resources: Array<{ type: number; name: string }>; includeSynonyms: boolean }): Promise<
    { resources: Array<{ configEntries: Array<{ configName: string; configValue: string }> }> }
  >
  listGroups(): Promise<{ groups: Array<{ groupId: string }> }>
  describeGroups(groups: Array<string>): Promise<{ groups: Array<{ state: string; members: Array<unknown> }> }>
  deleteGroups(groups: Array<string>): Promise<unknown>
}
interface Client {
  producer(options?: object): Producer
  consumer(options: { groupId: string; readUncommitted?: boolean; sessionTimeout?: number }): Consumer
  admin(): Admin
}
interface Kafkajs {
  readonly Kafka: new(options: { clientId: string; brokers: Array<string>; logLevel: number }) => Client
}

const { Kafka } = (await loadPeer<{ default: Kafkajs }>("kafkajs")).default
const gzip = 1

const messagesOf = (count: number): Array<Message> =>
  Array.from(
    { length: count },
    (_, index) => ({ key: `k${index % 17}`, value: `v${index}`, headers: { n: `${index}` } })
  )

const valuesOf = (received: ReadonlyArray<Received>): Array<string> =>
  received.map(({ message }) => String(message.value)).sort()

const consumeAll = async (
  client: Client,
  topic: string,
  count: number,
  group = fresh("group")
): Promise<Array<Received>> => {
  const consumer = client.consumer({ groupId: group })
  const received: Array<Received> = []
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    eachMessage: async (message) => {
      received.push(message)
    }
  })
  await waitFor(`${count} records of ${topic}`, () => received.length >= count ? true : undefined)
  await consumer.disconnect()
  return received
}

await withBroker(async (bootstrap) => {
  const client = new Kafka({ clientId: "compat", brokers: [bootstrap], logLevel: 0 })
  const admin = client.admin()
  const producer = client.producer({ allowAutoTopicCreation: false })
  await Promise.all([admin.connect(), producer.connect()])
  const newTopic = async (partitions: number): Promise<string> => {
    const topic = fresh("topic")
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions }] })
    return topic
  }

  await check("topics are created, grown, described and deleted", async () => {
    const topic = await newTopic(3)
    same((await admin.listTopics()).includes(topic), true, "listed")
    await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] })
    same((await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.length, 5, "partitions")
    const described = await admin.describeConfigs({ resources: [{ type: 2, name: topic }], includeSynonyms: true })
    const names = described.resources[0]?.configEntries.map((entry) => entry.configName) ?? []
    same(names.includes("cleanup.policy"), true, "configs")
    await admin.deleteTopics({ topics: [topic] })
    await waitFor("the deletion", async () => (await admin.listTopics()).includes(topic) ? undefined : true)
  })

  for (const [name, compression] of [["no codec", 0], ["gzip", gzip]] as const) {
    await check(`records arrive once, in order by partition, with ${name}`, async () => {
      const topic = await newTopic(3)
      const messages = messagesOf(1000)
      for (let at = 0; at < messages.length; at += 100) {
        await producer.send({ topic, messages: messages.slice(at, at + 100), compression })
      }
      const received = await consumeAll(client, topic, 1000)
      same(valuesOf(received), messages.map((message) => String(message.value)).sort(), "values")
      const last = new Map<number, number>()
      for (const { message, partition } of received) {
        const offset = Number(message.offset)
        if (offset <= (last.get(partition) ?? -1)) throw new Error(`offset ${offset} after ${last.get(partition)}`)
        last.set(partition, offset)
      }
    })
  }

  await check("acks 0 and acks 1 arrive too", async () => {
    const topic = await newTopic(1)
    await producer.send({ topic, messages: messagesOf(10), acks: 1 })
    await producer.send({ topic, messages: messagesOf(10), acks: 0 })
    same((await consumeAll(client, topic, 20)).length, 20, "records")
  })

  await check("a group shares the partitions, and the survivor takes over", async () => {
    const topic = await newTopic(4)
    const group = fresh("group")
    const assigned = new Map<string, number>()
    const members = await Promise.all(["a", "b"].map(async (name) => {
      const consumer = client.consumer({ groupId: group, sessionTimeout: 10_000 })
      consumer.on("consumer.group_join", ({ payload }) => {
        assigned.set(name, payload.memberAssignment[topic]?.length ?? 0)
      })
      await consumer.connect()
      await consumer.subscribe({ topics: [topic], fromBeginning: true })
      await consumer.run({ eachMessage: async () => {} })
      return consumer
    }))
    await waitFor("two partitions each", () => assigned.get("a") === 2 && assigned.get("b") === 2 ? true : undefined)
    const described = await admin.describeGroups([group])
    same(described.groups[0]?.members.length, 2, "members")
    await members[0]!.disconnect()
    await waitFor("all four at the survivor", () => assigned.get("b") === 4 ? true : undefined)
    await members[1]!.disconnect()
    same((await admin.listGroups()).groups.some((found) => found.groupId === group), true, "listed")
    await admin.deleteGroups([group])
  })

  await check("committed offsets are where the next consumer begins", async () => {
    const topic = await newTopic(1)
    const group = fresh("group")
    await producer.send({ topic, messages: messagesOf(5) })
    await consumeAll(client, topic, 5, group)
    const offsets = await admin.fetchOffsets({ groupId: group, topics: [topic] })
    same(offsets[0]?.partitions[0]?.offset, "5", "committed")
    await producer.send({ topic, messages: [{ key: "k", value: "later" }] })
    same(valuesOf(await consumeAll(client, topic, 1, group)), ["later"], "after the commit")
  })

  await check("committed transactions are seen, aborted ones are not, offsets go with them", async () => {
    const topic = await newTopic(2)
    const group = fresh("group")
    const transactional = client.producer({ transactionalId: fresh("tx"), idempotent: true, maxInFlightRequests: 1 })
    await transactional.connect()
    for (const [value, commit] of [["one", true], ["two", false], ["three", true]] as const) {
      const transaction = await transactional.transaction()
      await transaction.send({ topic, messages: [{ key: "k", value }] })
      if (!commit) {
        await transaction.abort()
        continue
      }
      await transaction.sendOffsets({
        consumerGroupId: group,
        topics: [{ topic, partitions: [{ partition: 1, offset: value === "one" ? "1" : "3" }] }]
      })
      await transaction.commit()
    }
    await transactional.disconnect()
    same(valuesOf(await consumeAll(client, topic, 2)), ["one", "three"], "read committed")
    const offsets = await waitFor("the offsets", async () => {
      const found = (await admin.fetchOffsets({ groupId: group, topics: [topic] }))[0]?.partitions
        .find(({ partition }) => partition === 1)?.offset
      return found === "3" ? found : undefined
    })
    same(offsets, "3", "offsets in the transaction")
  })

  await Promise.all([admin.disconnect(), producer.disconnect()])
})

finish()
