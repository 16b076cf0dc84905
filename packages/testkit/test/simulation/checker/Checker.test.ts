import { assert, describe, it } from "@effect/vitest"
import * as Checker from "@millrace/testkit/simulation/checker/Checker"
import * as Polls from "@millrace/testkit/simulation/checker/Polls"
import { History, type Seen, type Transacted } from "@millrace/testkit/simulation/History"

const seen = (offset: number, value: string): Seen => ({ offset, key: null, value })

const namesOf = (history: History) => Checker.check(history).map(({ name }) => name)

const historyOf = (final: ReadonlyArray<Seen>): History => {
  const history = new History()
  history.read("t", 0, final)
  return history
}

const send = (history: History, value: string, offset?: number): void => {
  const sent = history.send("p", "t", value)
  if (offset !== undefined) sent.acknowledged = { partition: 0, offset }
}

const transact = (
  history: History,
  values: ReadonlyArray<string>,
  outcome: Transacted["outcome"] = "unknown"
): void => {
  const transacted = history.transact("t", values.map((value) => ({ topic: "t", value })))
  history.commit(transacted)
  history.end(transacted, outcome)
}

describe("the checker", () => {
  it("finds nothing where nothing is wrong", () => {
    const history = historyOf([seen(0, "a"), seen(1, "b"), seen(3, "c")])
    send(history, "a", 0)
    send(history, "b")
    send(history, "c", 3)
    send(history, "d")
    transact(history, ["e", "f"], "aborted")
    history.poll("one", "t", 0, [seen(0, "a"), seen(1, "b")])
    history.poll("one", "t", 0, [seen(3, "c")])
    history.poll("two", "t", 0, [seen(1, "b")])
    assert.deepStrictEqual(namesOf(history), [])
  })

  it("finds what was acknowledged and is not there, or is elsewhere", () => {
    const history = historyOf([seen(0, "a")])
    send(history, "a", 1)
    send(history, "b", 2)
    assert.deepStrictEqual(namesOf(history), ["lost-write", "inconsistent-offsets"])
  })

  it("finds what is there twice, and what nobody wrote", () => {
    const history = historyOf([seen(0, "a"), seen(1, "a"), seen(2, "x")])
    send(history, "a", 0)
    assert.deepStrictEqual(namesOf(history), ["duplicate", "garbage-read"])
  })

  it("finds sends out of order", () => {
    const history = historyOf([seen(0, "b"), seen(1, "a")])
    send(history, "a", 1)
    send(history, "b", 0)
    assert.deepStrictEqual(namesOf(history), ["nonmonotonic-send"])
  })

  it("finds aborted records that were read, if only by a poll, and transactions that are there in part", () => {
    const history = historyOf([seen(0, "a"), seen(1, "c")])
    transact(history, ["a"], "aborted")
    transact(history, ["b"], "aborted")
    transact(history, ["c", "d"])
    transact(history, ["e"], "committed")
    history.poll("one", "t", 0, [seen(7, "b")])
    assert.deepStrictEqual(namesOf(history), ["aborted-read", "aborted-read", "torn-transaction", "lost-write"])
  })

  it("finds what was read before it was committed, and then was not", () => {
    const history = historyOf([])
    transact(history, ["a"])
    history.poll("one", "t", 0, [seen(0, "a")])
    assert.deepStrictEqual(namesOf(history), ["precommitted-read"])
  })

  it("finds two values for one offset", () => {
    const history = historyOf([seen(0, "a")])
    for (const value of ["a", "b"]) send(history, value)
    history.poll("one", "t", 0, [seen(0, "b")])
    assert.deepStrictEqual(namesOf(history), ["precommitted-read", "inconsistent-offsets"])
  })

  it("finds a value that was seen elsewhere than where it is, though nothing else is there", () => {
    const history = historyOf([seen(0, "a"), seen(5, "b")])
    for (const value of ["a", "b"]) send(history, value)
    history.poll("one", "t", 0, [seen(0, "a"), seen(3, "b")])
    assert.deepStrictEqual(namesOf(history), ["inconsistent-offsets"])
  })

  it("finds polls that go back or leave something out", () => {
    const history = historyOf([seen(0, "a"), seen(1, "b"), seen(2, "c")])
    for (const value of ["a", "b", "c"]) send(history, value)
    history.poll("one", "t", 0, [seen(0, "a"), seen(2, "c")])
    history.poll("one", "t", 0, [seen(1, "b")])
    assert.deepStrictEqual(namesOf(history), ["nonmonotonic-poll", "int-poll-skip"])
  })

  it("finds what a group was never given", () => {
    const history = historyOf([seen(0, "a"), seen(1, "b")])
    for (const value of ["a", "b"]) send(history, value)
    history.poll("one", "t", 0, [seen(0, "a")])
    assert.deepStrictEqual(Checker.check(history, { grouped: ["t"] }).map(({ name }) => name), ["unseen"])
  })

  it("counts what a group was not given yet, as polls and records are added and read once more", () => {
    const history = historyOf([seen(0, "a"), seen(1, "b")])
    const unseen = new Polls.Unseen(history, "t")
    assert.strictEqual(unseen.count, 2)
    history.poll("one", "t", 0, [seen(0, "a"), seen(2, "c")])
    history.poll("one", "other", 0, [seen(1, "b")])
    assert.strictEqual(unseen.count, 1)
    history.read("t", 0, [seen(2, "c"), seen(3, "d")])
    history.read("t", 1, [seen(0, "d")])
    assert.strictEqual(unseen.count, 2)
    history.final.clear()
    assert.strictEqual(unseen.count, 0)
    history.read("t", 0, [seen(0, "a"), seen(1, "b")])
    assert.strictEqual(unseen.count, 1)
    history.poll("two", "t", 0, [seen(1, "b")])
    assert.strictEqual(unseen.count, 0)
  })

  it("counts cycles of writes only where the workload keeps transactions apart", () => {
    const history = new History()
    const begin = (producer: string) =>
      history.transact(producer, ["a", "b"].map((topic) => ({ topic, value: producer })))
    const [one, other] = [begin("one"), begin("other")]
    for (const transacted of [one, other]) {
      history.commit(transacted)
      history.end(transacted, "committed")
    }
    history.read("a", 0, [seen(0, "one"), seen(1, "other")])
    history.read("b", 0, [seen(0, "other"), seen(1, "one")])
    assert.deepStrictEqual(namesOf(history), [])
    const cycles = Checker.check(history, { areWritesIsolated: true })
    assert.deepStrictEqual(cycles.map(({ name, operations }) => [name, operations]), [["G0", [one, other]]])
  })

  it("finds what lies between the writes of a transaction only where the workload keeps transactions apart", () => {
    const history = historyOf([seen(0, "a"), seen(1, "b"), seen(3, "c")])
    transact(history, ["a", "c"], "committed")
    send(history, "b", 1)
    assert.deepStrictEqual(namesOf(history), [])
    const [anomaly, ...more] = Checker.check(history, { areWritesIsolated: true })
    assert.deepStrictEqual([anomaly?.name, anomaly?.operations[0], more], [
      "int-send-skip",
      history.transactions[0],
      []
    ])
  })

  it("finds what a committed transaction took out of order or left out, and forgives others", () => {
    const namesAfter = (outcome: Transacted["outcome"], ...offsets: ReadonlyArray<number>) => {
      const history = historyOf([seen(0, "a"), seen(1, "b"), seen(2, "c")])
      for (const value of ["a", "b", "c"]) send(history, value)
      const transacted = history.transact("mover")
      for (const offset of offsets) history.take(transacted, "t", 0, [seen(offset, "abc"[offset]!)])
      history.commit(transacted)
      history.end(transacted, outcome)
      return namesOf(history)
    }
    assert.deepStrictEqual(namesAfter("committed", 0, 1, 2), [])
    assert.deepStrictEqual(namesAfter("committed", 0, 2), ["int-poll-skip"])
    assert.deepStrictEqual(namesAfter("committed", 1, 0), ["int-nonmonotonic-poll"])
    assert.deepStrictEqual(namesAfter("aborted", 1, 0), [])
  })

  it("does not count yet what only the end shows", () => {
    const history = new History()
    send(history, "a", 0)
    transact(history, ["b", "c"], "committed")
    history.poll("one", "t", 0, [seen(1, "b")])
    assert.deepStrictEqual(Checker.check(history, { isOver: false, grouped: ["t"] }), [])
  })
})
