/**
 * Histories of a platform in which nothing is wrong, of any size, for tests to spoil.
 */
import { History, type Seen } from "@millrace/testkit/simulation/History"
import { Seeded } from "@millrace/testkit/simulation/Seeded"

/** The topics of a generated history: plain sends, transactions, and what transactions made of the latter. */
export const topics = { events: "events", ledger: "ledger", moved: "moved" } as const

/** A group that takes `ledger` into transactions. */
export const group = { topic: topics.ledger, members: ["mover-0", "mover-1"] }

/** What a history is held against. */
export const options = { grouped: [topics.events], taking: [group] }

const partitions = 2

/** The logs of a platform while it is being written to: markers take offsets as well. */
class Logs {
  readonly #records = new Map<string, Array<Seen>>()
  readonly #next = new Map<string, number>()

  append(topic: string, partition: number, value: string): Seen {
    const name = `${topic}/${partition}`
    const offset = this.skip(topic, partition)
    const record = { offset, key: null, value }
    this.#records.set(name, this.records(topic, partition))
    this.records(topic, partition).push(record)
    return record
  }

  /** An offset that holds no record. */
  skip(topic: string, partition: number): number {
    const name = `${topic}/${partition}`
    const offset = this.#next.get(name) ?? 0
    this.#next.set(name, offset + 1)
    if (!this.#records.has(name)) this.#records.set(name, [])
    return offset
  }

  records(topic: string, partition: number): Array<Seen> {
    return this.#records.get(`${topic}/${partition}`) ?? []
  }
}

/** About `size` operations, in which nothing is wrong. */
export const history = (seed: number, size: number): History => {
  const random = new Seeded(`history/${seed}`)
  const logs = new Logs()
  const made = new History()
  const positions = new Map<string, number>()
  /** The next batch of a partition, for who reads as `name`. */
  const next = (name: string, topic: string, partition: number): ReadonlyArray<Seen> => {
    const key = `${name}/${topic}/${partition}`
    const from = positions.get(key) ?? 0
    const batch = logs.records(topic, partition).slice(from, from + random.between(1, 5))
    positions.set(key, from + batch.length)
    return batch
  }
  const send = (index: number) => {
    const values = Array.from({ length: random.between(1, 3) }, (_, at) => `e${index}.${at}`)
    const partition = random.below(partitions)
    for (const sent of made.sendAll(`producer-${index % 3}`, topics.events, values)) {
      const fate = random.below(10)
      if (fate === 0) continue
      const { offset } = logs.append(topics.events, partition, sent.value)
      if (fate > 1) made.acknowledge(sent, { partition, offset })
    }
  }
  const write = (index: number) => {
    const fate = random.below(10)
    const writes = Array.from({ length: random.between(1, 4) }, (_, at) => ({
      topic: topics.ledger,
      value: `t${index}.${at}`
    }))
    const transacted = made.transact(`writer-${index % 2}`, writes)
    if (fate < 8) made.commit(transacted)
    if (fate < 7) { for (const { value } of writes) logs.append(topics.ledger, random.below(partitions), value) }
    for (let partition = 0; partition < partitions; partition++) logs.skip(topics.ledger, partition)
    made.end(transacted, fate < 6 ? "committed" : fate < 8 ? "unknown" : "aborted")
  }
  const move = (index: number) => {
    const transacted = made.transact(group.members[index % 2]!)
    const partition = random.below(partitions)
    const batch = next("movers", topics.ledger, partition)
    made.take(transacted, topics.ledger, partition, batch)
    for (const { value } of batch) {
      transacted.writes.push({ topic: topics.moved, value: `${value}~${index}` })
      logs.append(topics.moved, partition, `${value}~${index}`)
    }
    made.commit(transacted)
    made.end(transacted, "committed")
  }
  const poll = (index: number, count = 1) => {
    for (let at = 0; at < count; at++) {
      const partition = (index + at) % partitions
      const batch = next("reader", topics.events, partition)
      if (batch.length > 0) made.poll("reader", topics.events, partition, batch)
    }
  }
  for (let index = 0; index < size; index++) {
    const kind = random.below(4)
    if (kind === 0) send(index)
    else if (kind === 1) write(index)
    else if (kind === 2) move(index)
    else poll(index)
  }
  const isBehind = (name: string, topic: string) =>
    Array.from({ length: partitions }, (_, partition) => partition).some((partition) =>
      (positions.get(`${name}/${topic}/${partition}`) ?? 0) < logs.records(topic, partition).length
    )
  for (let index = size; isBehind("movers", topics.ledger); index++) move(index)
  for (let index = 0; isBehind("reader", topics.events); index++) poll(index, partitions)
  for (const topic of Object.values(topics)) {
    for (let partition = 0; partition < partitions; partition++) {
      made.read(topic, partition, logs.records(topic, partition))
    }
  }
  return made
}
