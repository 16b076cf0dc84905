import { assert, describe, it, vi } from "@effect/vitest"
import type { Name } from "@millrace/testkit/simulation/checker/Anomaly"
import * as Checker from "@millrace/testkit/simulation/checker/Checker"
import {
  describe as show,
  type History,
  type Polled,
  type Seen,
  type Transacted
} from "@millrace/testkit/simulation/History"
import { Seeded } from "@millrace/testkit/simulation/Seeded"
import * as Generate from "./generate.ts"

// Machines may be busy.
vi.setConfig({ testTimeout: 30_000 })

const { topics } = Generate

/** Spoils a history; gives a value, or the name of a client, that the anomaly's operations have to tell of. */
type Corruption = (history: History, random: Seeded) => string

const finalOf = (history: History, topic: string): Array<Seen> => history.final.get(topic)!.get(0)!

/** Takes a record out of the end, wherever it is. */
const remove = (history: History, topic: string, value: string): void => {
  for (const records of history.final.get(topic)!.values()) {
    const at = records.findIndex((record) => record.value === value)
    if (at >= 0) records.splice(at, 1)
  }
}

const rewrite = (polled: Polled, records: ReadonlyArray<Seen>): void => {
  Object.assign(polled, { records })
}

const transactionOf = (
  history: History,
  random: Seeded,
  matches: (transacted: Transacted) => boolean
): Transacted => random.pick(history.transactions.filter(matches))

const isThere = (history: History, { topic, value }: { readonly topic: string; readonly value: string }): boolean =>
  [...history.final.get(topic)!.values()].some((records) => records.some((record) => record.value === value))

const pollsOf = (history: History, matches: (polled: Polled) => boolean): Array<Polled> => {
  const polls = history.polled.filter((polled) => matches(polled) && polled.partition === 0)
  assert.isAbove(polls.length, 0, "no poll to spoil")
  return polls
}

const corruptions: Record<string, readonly [Name, Corruption]> = {
  "an acknowledged value is gone": ["lost-write", (history, random) => {
    const { topic, value } = random.pick(history.sent.filter(({ acknowledged }) => acknowledged !== undefined))
    remove(history, topic, value)
    return value
  }],
  "a value of a committed transaction is gone": ["lost-write", (history, random) => {
    const transacted = transactionOf(
      history,
      random,
      ({ outcome, producer }) => outcome === "committed" && producer.startsWith("writer")
    )
    remove(history, topics.ledger, transacted.writes[0]!.value)
    return transacted.producer
  }],
  "a transaction of unknown end is there in part": ["torn-transaction", (history, random) => {
    const transacted = transactionOf(
      history,
      random,
      (one) => one.outcome === "unknown" && one.writes.length > 1 && isThere(history, one.writes[0]!)
    )
    remove(history, topics.ledger, transacted.writes[0]!.value)
    return transacted.producer
  }],
  "a value is there twice": ["duplicate", (history, random) => {
    const records = finalOf(history, topics.events)
    const { value } = random.pick(records)
    records.push({ offset: records.at(-1)!.offset + 1, key: null, value })
    return value
  }],
  "two committed transactions took the same record": ["duplicate", (history, random) => {
    const takers = history.transactions.filter(({ reads }) => (reads[0]?.records.length ?? 0) > 0)
    const one = random.pick(takers)
    const other = random.pick(takers.filter((each) => each !== one))
    one.reads.push(other.reads[0]!)
    return one.producer
  }],
  "an aborted value is there": ["aborted-read", (history, random) => {
    const transacted = transactionOf(history, random, ({ outcome }) => outcome === "aborted")
    const records = finalOf(history, topics.ledger)
    const { value } = transacted.writes[0]!
    records.push({ offset: records.at(-1)!.offset + 1, key: null, value })
    return value
  }],
  "a poll was given a value before its commit": ["precommitted-read", (history, random) => {
    const transacted = transactionOf(
      history,
      random,
      ({ outcome, producer }) => outcome === "committed" && producer.startsWith("writer")
    )
    transacted.committing = Number.MAX_SAFE_INTEGER
    const polled = pollsOf(history, () => true)[0]!
    const { topic, value } = transacted.writes[0]!
    history.polled.push({ ...polled, consumer: "early", topic, records: [{ offset: 900_000, key: null, value }] })
    return transacted.producer
  }],
  "a poll was given a value that is not there": ["precommitted-read", (history, random) => {
    const { topic, value } = random.pick(history.sent.filter(({ acknowledged }) => acknowledged === undefined))
    remove(history, topic, value)
    const polled = pollsOf(history, () => true)[0]!
    history.polled.push({ ...polled, consumer: "early", records: [{ offset: 900_000, key: null, value }] })
    return value
  }],
  "a poll saw another value": ["inconsistent-offsets", (history, random) => {
    const polled = random.pick(pollsOf(history, () => true))
    const [first, ...rest] = polled.records
    const { value } = random.pick(history.sent.filter((sent) => sent.value !== first!.value))
    rewrite(polled, [{ ...first!, value }, ...rest])
    return value
  }],
  "a value was acknowledged elsewhere": ["inconsistent-offsets", (history, random) => {
    const sent = random.pick(history.sent.filter(({ acknowledged }) => acknowledged !== undefined))
    sent.acknowledged = { partition: sent.acknowledged!.partition, offset: sent.acknowledged!.offset + 1000 }
    return sent.value
  }],
  "a value is there that nobody wrote": ["garbage-read", (history) => {
    const records = finalOf(history, topics.events)
    records.push({ offset: records.at(-1)!.offset + 1, key: null, value: "junk" })
    return "junk"
  }],
  "values that were sent at once are in disorder": ["int-nonmonotonic-send", (history) => {
    const records = finalOf(history, topics.events)
    const at = records.findIndex(({ value }, index) => records[index + 1]?.value.split(".")[0] === value.split(".")[0])
    const [one, other] = [records[at]!, records[at + 1]!]
    records.splice(at, 2, { ...one, value: other.value }, { ...other, value: one.value })
    return one.value
  }],
  "what a producer sent later is before": ["nonmonotonic-send", (history) => {
    const records = finalOf(history, topics.events)
    const burst = ({ value }: Seen) => Number(value.slice(1).split(".")[0])
    const isAlone = (record: Seen) => records.filter((other) => burst(other) === burst(record)).length === 1
    const start = records.findIndex(isAlone)
    const first = records[start]!
    const end = records.findLastIndex((record) => isAlone(record) && burst(record) % 3 === burst(first) % 3)
    const last = records[end]!
    records[start] = { ...first, value: last.value }
    records[end] = { ...last, value: first.value }
    return last.value
  }],
  "a poll goes back within": ["int-nonmonotonic-poll", (history) => {
    const polled = pollsOf(history, ({ records }) => records.length > 1)[0]!
    rewrite(polled, [...polled.records].reverse())
    return polled.records[0]!.value
  }],
  "a poll goes back behind the one before": ["nonmonotonic-poll", (history) => {
    const polls = pollsOf(history, ({ records }) => records.length === 1)
    const [one, other] = [polls[0]!, polls.at(-1)!]
    const records = one.records
    rewrite(one, other.records)
    rewrite(other, records)
    return other.records[0]!.value
  }],
  "a poll leaves something out within": ["int-poll-skip", (history) => {
    const polled = pollsOf(history, ({ records }) => records.length > 2)[0]!
    rewrite(polled, polled.records.toSpliced(1, 1))
    return polled.records[0]!.value
  }],
  "a poll leaves something out after the one before": ["poll-skip", (history) => {
    const polled = pollsOf(history, ({ records }) => records.length > 1).at(-1)!
    const left = polled.records[0]!.value
    rewrite(polled, polled.records.slice(1))
    return left
  }],
  "a value was never given to the group": ["unseen", (history, random) => {
    const { value } = random.pick(finalOf(history, topics.events))
    for (const polled of history.polled) rewrite(polled, polled.records.filter((record) => record.value !== value))
    return value
  }],
  "a record was taken into no committed transaction": ["unseen", (history) => {
    const transacted = history.transactions.find(({ reads }) => (reads[0]?.records.length ?? 0) > 0)!
    const { value } = transacted.reads[0]!.records[0]!
    transacted.reads.length = 0
    return value
  }],
  "two transactions read of each other": ["G1c", (history, random) => {
    const [one, other] = ["writer-0", "writer-1"].map((producer) =>
      transactionOf(history, random, (each) => each.producer === producer && each.outcome === "committed")
    )
    const read = ({ writes: [written] }: Transacted) => ({
      topic: topics.ledger,
      partition: 0,
      records: [{ offset: 800_000 + random.below(100_000), key: null, value: written!.value }],
      moment: Number.MAX_SAFE_INTEGER
    })
    one!.reads.push(read(other!))
    other!.reads.push(read(one!))
    return other!.producer
  }],
  "a transaction wrote before one that had ended": ["G0", (history) => {
    const records = finalOf(history, topics.ledger)
    const isOf = (producer: string) => ({ value }: Seen) =>
      history.transactions.some((one) =>
        one.producer === producer && one.outcome === "committed" &&
        one.writes.some((written) => written.value === value)
      )
    const [first, last] = [records.findIndex(isOf("writer-0")), records.findLastIndex(isOf("writer-1"))]
    const [one, other] = [records[first]!, records[last]!]
    records[first] = { ...one, value: other.value }
    records[last] = { ...other, value: one.value }
    return "writer-1"
  }]
}

describe("the checker, on histories that are generated", () => {
  it("finds nothing where nothing is wrong", () => {
    for (let seed = 0; seed < 20; seed++) {
      assert.deepStrictEqual(Checker.check(Generate.history(seed, 250), Generate.options), [], `seed ${seed}`)
    }
  })

  for (const [what, [name, corrupt]] of Object.entries(corruptions)) {
    it(`finds ${name} when ${what}, with the operations concerned`, () => {
      for (let seed = 0; seed < 5; seed++) {
        const history = Generate.history(seed, 250)
        const told = corrupt(history, new Seeded(`corruption/${seed}`))
        const found = Checker.check(history, Generate.options).filter((anomaly) => anomaly.name === name)
        assert.isAbove(found.length, 0, `seed ${seed}`)
        const operations = found.flatMap((anomaly) => anomaly.operations.map(show))
        assert.isTrue(
          operations.some((line) => line.includes(told)),
          `seed ${seed}: ${told} in ${operations.join("\n")}`
        )
      }
    })
  }

  it("checks a hundred thousand operations in a second or so of a core", () => {
    const history = Generate.history(1, 100_000)
    const before = process.cpuUsage()
    assert.deepStrictEqual(Checker.check(history, Generate.options), [])
    const { user } = process.cpuUsage(before)
    // half of it on its own; a check that is not linear takes minutes
    assert.isBelow(user / 1_000_000, 3)
  })
})
