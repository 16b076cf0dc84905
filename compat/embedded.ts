/**
 * kafkajs against EmbeddedKafka: what it is told to fail, fails there, and is got over.
 */
import { EmbeddedKafka } from "@millrace/testkit"
import { check, finish, same } from "./lib/harness.ts"
import { loadPeer } from "./lib/peers.ts"

interface Producer {
  connect(): Promise<void>
  disconnect(): Promise<void>
  send(request: { topic: string; messages: Array<{ value: string }> }): Promise<Array<{ baseOffset?: string }>>
}

interface KafkaJs {
  readonly Kafka: new(options: object) => { producer(options?: object): Producer }
  readonly logLevel: { readonly NOTHING: number }
}

const { Kafka, logLevel } = await loadPeer<KafkaJs>("kafkajs")
const kafka = await EmbeddedKafka.start({ topics: { orders: 1 } })
const client = new Kafka({
  brokers: [kafka.bootstrapServers],
  logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 20 }
})
const producer = client.producer()
await producer.connect()
const send = (value: string) => producer.send({ topic: "orders", messages: [{ value }] })

await check("sends", async () => same((await send("a"))[0]?.baseOffset, "0", "the offset"))
await check("gets over what passes", async () => {
  await kafka.failNext("Produce", { error: "NOT_ENOUGH_REPLICAS", times: 2, topic: "orders" })
  same((await send("b"))[0]?.baseOffset, "1", "the offset")
  same(await kafka.requestCount("Produce"), 4, "requests")
})
await check("tells what does not pass, by Kafka's name", async () => {
  await kafka.failNext("Produce", { error: "TOPIC_AUTHORIZATION_FAILED" })
  const refused = await send("c").then(() => "", (error: { readonly type?: string }) => error.type)
  same(refused, "TOPIC_AUTHORIZATION_FAILED", "the error")
})
await check("gets over dropped connections", async () => {
  await kafka.dropConnections()
  same((await send("d"))[0]?.baseOffset, "2", "the offset")
})
await check("gets over a restart", async () => {
  await kafka.restart()
  same((await send("e"))[0]?.baseOffset, "3", "the offset")
})
await producer.disconnect()
await kafka.close()
finish()
