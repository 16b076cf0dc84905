/**
 * What a producer was told, held against what the broker has: nothing acknowledged is lost, nothing is reordered within
 * its partition, nothing is there twice, and what was acknowledged is at the offset that was told.
 *
 * A writer numbers its records; within a partition the numbers rise.
 */
import { fresh, waitFor } from "./harness.ts"
import { loadPeer } from "./peers.ts"

/** A record that was acknowledged; offset -1 if the broker did not tell. */
export interface Acknowledged {
  readonly partition: number
  readonly offset: number
  readonly value: number
}

/** A record as it was read. */
export interface Read {
  readonly partition: number
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}

interface Received {
  readonly partition: number
  readonly message: { readonly key: Buffer | null; readonly value: Buffer | null; readonly offset: string }
}
interface Kafkajs {
  readonly Kafka: new(options: object) => {
    consumer(options: object): {
      connect(): Promise<void>
      disconnect(): Promise<void>
      subscribe(request: { topics: Array<string>; fromBeginning: boolean }): Promise<void>
      run(options: { eachMessage(received: Received): Promise<void> }): Promise<void>
    }
    admin(): Admin
  }
}

/** What the programs here ask of kafkajs's admin. */
export interface Admin {
  connect(): Promise<void>
  disconnect(): Promise<void>
  createTopics(request: { topics: Array<{ topic: string; numPartitions: number }> }): Promise<boolean>
  deleteTopics(request: { topics: Array<string> }): Promise<void>
  listTopics(): Promise<Array<string>>
  fetchTopicOffsets(topic: string): Promise<Array<{ partition: number; high: string }>>
  fetchOffsets(request: { groupId: string; topics: Array<string> }): Promise<
    Array<{ topic: string; partitions: Array<{ partition: number; offset: string }> }>
  >
}

const client = async (bootstrap: string) => {
  const { Kafka } = (await loadPeer<{ default: Kafkajs }>("kafkajs")).default
  return new Kafka({ clientId: "ledger", brokers: [bootstrap], logLevel: 0 })
}

/** Runs `use` with a connected admin. */
export const withAdmin = async <A>(bootstrap: string, use: (admin: Admin) => Promise<A>): Promise<A> => {
  const admin = (await client(bootstrap)).admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

const quietMs = 2000
const stuckMs = 15_000

/**
 * Reads a topic, committed transactions only, with a foreign client: until nothing more comes and `isComplete` says that
 * nothing more is expected; without that, after a longer silence.
 */
export const readAll = async (
  bootstrap: string,
  topic: string,
  isComplete: (records: ReadonlyArray<Read>) => boolean,
  timeoutMs = 120_000
): Promise<Array<Read>> => {
  const consumer = (await client(bootstrap)).consumer({ groupId: fresh("ledger"), readUncommitted: false })
  const records: Array<Read> = []
  let lastAt = Date.now()
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message: { key, offset, value }, partition }) => {
      lastAt = Date.now()
      records.push({ partition, offset: Number(offset), key, value })
    }
  })
  const isRead = (): boolean => {
    const silentMs = Date.now() - lastAt
    return silentMs > stuckMs || (silentMs > quietMs && isComplete(records))
  }
  try {
    await waitFor(`silence on ${topic}`, () => isRead() ? true : undefined, timeoutMs)
  } finally {
    await consumer.disconnect()
  }
  return records
}

/** The first few of what is wrong: an empty list if nothing is. */
export const faultsOf = (acknowledged: ReadonlyArray<Acknowledged>, read: ReadonlyArray<Read>): Array<string> => {
  const faults: Array<string> = []
  const byPartition = new Map<number, Array<Read>>()
  const places = new Map<string, number>()
  for (const record of read) {
    const records = byPartition.get(record.partition)
    if (records === undefined) byPartition.set(record.partition, [record])
    else records.push(record)
  }
  for (const [partition, records] of byPartition) {
    records.sort((left, right) => left.offset - right.offset)
    let last = -1
    for (const [index, { offset, value }] of records.entries()) {
      const number = Number(value)
      const place = `${partition}/${number}`
      if (places.has(place)) faults.push(`${place} is there twice, at ${places.get(place)} and ${offset}`)
      else if (number < last) faults.push(`${place} at ${offset} comes after ${last}`)
      if (offset !== index) faults.push(`partition ${partition} has offset ${offset} where ${index} was expected`)
      places.set(place, offset)
      last = Math.max(last, number)
    }
  }
  for (const { offset, partition, value } of acknowledged) {
    const found = places.get(`${partition}/${value}`)
    if (found === undefined) faults.push(`${partition}/${value} was acknowledged and is lost`)
    else if (offset >= 0 && found !== offset) {
      faults.push(`${partition}/${value} was acknowledged at ${offset} and is at ${found}`)
    }
  }
  return faults
}
