/**
 * confluent-kafka-javascript (librdkafka) as a contender: with promises, the way its documentation recommends, and with
 * callbacks, the way it has from node-rdkafka.
 */
import { loadPeer } from "../../compat/lib/peers.ts"
import {
  batchBytes,
  chunksInFlight,
  chunksOf,
  type Contender,
  counter,
  fetchBytesPerPartition,
  lingerMs,
  type Load,
  type Message,
  partitions,
  sendChunks
} from "./contender.ts"

interface Received {
  readonly value: Buffer | null
}
interface Raw {
  connect(options: object, done: (cause: Error | null) => void): void
  disconnect(done: () => void): void
  on(event: string, listener: (cause: Error | null) => void): void
}
interface RawProducer extends Raw {
  produce(topic: string, partition: number, value: Buffer, key: null): void
  setPollInterval(ms: number): void
}
interface Confluent {
  readonly KafkaJS: {
    readonly Kafka: new(options: object) => {
      producer(options: object): {
        connect(): Promise<void>
        disconnect(): Promise<void>
        send(request: { topic: string; messages: Array<Message> }): Promise<unknown>
      }
      consumer(options: object): {
        connect(): Promise<void>
        subscribe(request: { topics: Array<string> }): Promise<void>
        run(options: { eachBatch(received: { batch: { messages: Array<Received> } }): Promise<void> }): Promise<void>
      }
    }
  }
  readonly Producer: new(global: object, topic: object) => RawProducer
}

const { KafkaJS, Producer } = (await loadPeer<{ default: Confluent }>("@confluentinc/kafka-javascript")).default

const producerSettings = (load: Load) => ({
  "bootstrap.servers": load.bootstrap,
  "acks": -1,
  "linger.ms": lingerMs,
  "batch.size": batchBytes,
  "log_level": 0
})
const consumerSettings = (load: Load) => ({
  "bootstrap.servers": load.bootstrap,
  "group.id": `${load.topic}-${process.pid}`,
  "auto.offset.reset": "earliest",
  "enable.auto.commit": false,
  "fetch.min.bytes": batchBytes,
  "fetch.message.max.bytes": fetchBytesPerPartition,
  "fetch.max.bytes": partitions * fetchBytesPerPartition,
  "log_level": 0
})

const bytesOf = (messages: ReadonlyArray<Received>): number => {
  let bytes = 0
  for (const { value } of messages) bytes += value?.length ?? 0
  return bytes
}

const connect = (raw: Raw): Promise<void> =>
  new Promise((resolve, reject) => raw.connect({}, (cause) => cause === null ? resolve() : reject(cause)))

/** The interface with promises. */
export const contender: Contender = {
  produce: async (load, started) => {
    const producer = new KafkaJS.Kafka({}).producer(producerSettings(load))
    await producer.connect()
    started()
    await sendChunks(load, (messages) => producer.send({ topic: load.topic, messages }))
    await producer.disconnect()
  },
  consume: async (load, started) => {
    const consumer = new KafkaJS.Kafka({}).consumer(consumerSettings(load))
    const count = counter(load, started)
    await consumer.connect()
    await consumer.subscribe({ topics: [load.topic] })
    await consumer.run({
      eachBatch: async ({ batch: { messages } }) => count.add(messages.length, bytesOf(messages))
    })
    await count.done
  }
}

const reported = 1000

/** The interface with callbacks: it writes only, its consumer with callbacks gets no records from a group. */
export const withCallbacks: Pick<Contender, "produce"> = {
  produce: async (load, started) => {
    const producer = new Producer({ ...producerSettings(load), dr_cb: true }, {})
    await connect(producer)
    producer.setPollInterval(1)
    let acknowledged = 0
    let wake = () => {}
    producer.on("delivery-report", (cause) => {
      if (cause) throw cause
      acknowledged++
      if (acknowledged % reported === 0 || acknowledged === load.records) wake()
    })
    started()
    let sent = 0
    for (const chunk of chunksOf(load)) {
      for (const { partition, value } of chunk) producer.produce(load.topic, partition, value, null)
      sent += chunk.length
      while (sent - acknowledged > chunksInFlight * chunk.length) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
    while (acknowledged < load.records) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    await new Promise<void>((resolve) => producer.disconnect(resolve))
  }
}
