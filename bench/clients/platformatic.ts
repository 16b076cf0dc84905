/**
 * @platformatic/kafka as a contender.
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

interface Platformatic {
  readonly Producer: new(options: object) => {
    connectToBrokers(): Promise<unknown>
    send(options: { acks: number; messages: Array<Message & { topic: string }> }): Promise<unknown>
    close(): Promise<void>
  }
  readonly Consumer: new(options: object) => {
    consume(options: object): Promise<{
      on(event: "data", listener: (message: { value: Buffer }) => void): void
      on(event: "error", listener: (cause: Error) => void): void
    }>
  }
}

const peer = await loadPeer<Platformatic>("@platformatic/kafka")
const all = -1

export const contender: Contender = {
  produce: async (load, started) => {
    const producer = new peer.Producer({ clientId: "bench", bootstrapBrokers: [load.bootstrap] })
    await producer.connectToBrokers()
    started()
    await sendChunks(
      load,
      (messages) =>
        producer.send({ acks: all, messages: messages.map((message) => ({ topic: load.topic, ...message })) })
    )
    await producer.close()
  },
  consume: async (load, started) => {
    const consumer = new peer.Consumer({
      clientId: "bench",
      bootstrapBrokers: [load.bootstrap],
      groupId: `${load.topic}-${process.pid}`,
      minBytes: batchBytes,
      maxBytes: partitions * fetchBytesPerPartition,
      maxBytesPerPartition: fetchBytesPerPartition
    })
    const count = counter(load, started)
    const stream = await consumer.consume({ topics: [load.topic], mode: "earliest", autocommit: false })
    stream.on("error", (cause) => {
      throw cause
    })
    stream.on("data", ({ value }) => count.add(1, value.length))
    await count.done
  }
}
