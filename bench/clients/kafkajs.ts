/**
 * kafkajs as a contender.
 */
import { loadPeer } from "../../compat/lib/peers.ts"
import {
  batchBytes,
  type Contender,
  counter,
  fetchBytesPerPartition,
  type Message,
  partitions,
  sendChunks
} from "./contender.ts"

interface Kafkajs {
  readonly Kafka: new(options: object) => {
    producer(options: object): {
      connect(): Promise<void>
      disconnect(): Promise<void>
      send(request: { topic: string; acks: number; messages: Array<Message> }): Promise<unknown>
    }
    consumer(options: object): {
      connect(): Promise<void>
      disconnect(): Promise<void>
      subscribe(request: { topics: Array<string>; fromBeginning: boolean }): Promise<void>
      run(options: {
        eachBatch(received: { batch: { messages: Array<{ value: Buffer | null }> } }): Promise<void>
      }): Promise<void>
    }
  }
}

const { Kafka } = (await loadPeer<{ default: Kafkajs }>("kafkajs")).default
const all = -1

export const contender: Contender = {
  produce: async (load, started) => {
    const producer = new Kafka({ clientId: "bench", brokers: [load.bootstrap], logLevel: 0 }).producer({})
    await producer.connect()
    started()
    await sendChunks(load, (messages) => producer.send({ topic: load.topic, acks: all, messages }))
    await producer.disconnect()
  },
  consume: async (load, started) => {
    const consumer = new Kafka({ clientId: "bench", brokers: [load.bootstrap], logLevel: 0 }).consumer({
      groupId: `${load.topic}-${process.pid}`,
      maxBytesPerPartition: fetchBytesPerPartition,
      maxBytes: partitions * fetchBytesPerPartition,
      minBytes: batchBytes
    })
    const count = counter(load, started)
    await consumer.connect()
    await consumer.subscribe({ topics: [load.topic], fromBeginning: true })
    await consumer.run({
      eachBatch: async ({ batch: { messages } }) => {
        let bytes = 0
        for (const { value } of messages) bytes += value?.length ?? 0
        count.add(messages.length, bytes)
      }
    })
    await count.done
  }
}
