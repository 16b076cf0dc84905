import { assert, describe, it } from "@effect/vitest"
import * as Checker from "@millrace/testkit/simulation/Checker"
import { History, type Seen } from "@millrace/testkit/simulation/History"

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

describe("the checker", () => {
  it("finds nothing where nothing is wrong", () => {
    const history = historyOf([seen(0, "a"), seen(1, "b"), seen(3, "c")])
    send(history, "a", 0)
    send(history, "b")
    send(history, "c", 3)
    send(history, "d")
    history.transact("t", "t", ["e", "f"]).outcome = "aborted"
    history.poll("one", "t", 0, [seen(0, "a"), seen(1, "b")])
    history.poll("one", "t", 0, [seen(3, "c")])
    history.poll("two", "t", 0, [seen(1, "b")])
    assert.deepStrictEqual(namesOf(history), [])
  })

  it("finds what was acknowledged and is not there, or is elsewhere", () => {
    const history = historyOf([seen(0, "a")])
    send(history, "a", 1)
    send(history, "b", 2)
    assert.deepStrictEqual(namesOf(history), ["inconsistent-offsets", "lost-write"])
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
    history.transact("t", "t", ["a"]).outcome = "aborted"
    history.transact("t", "t", ["b"]).outcome = "aborted"
    history.transact("t", "t", ["c", "d"])
    history.transact("t", "t", ["e"]).outcome = "committed"
    history.poll("one", "t", 0, [seen(7, "b")])
    assert.deepStrictEqual(namesOf(history), ["torn-transaction", "lost-write", "aborted-read", "aborted-read"])
  })

  it("finds what was read before it was committed, and then was not", () => {
    const history = historyOf([])
    history.transact("t", "t", ["a"])
    history.poll("one", "t", 0, [seen(0, "a")])
    assert.deepStrictEqual(namesOf(history), ["precommitted-read"])
  })

  it("finds two values for one offset", () => {
    const history = historyOf([seen(0, "a")])
    for (const value of ["a", "b"]) send(history, value)
    history.poll("one", "t", 0, [seen(0, "b")])
    assert.deepStrictEqual(namesOf(history), ["precommitted-read", "inconsistent-offsets"])
  })

  it("finds polls that go back or leave something out", () => {
    const history = historyOf([seen(0, "a"), seen(1, "b"), seen(2, "c")])
    for (const value of ["a", "b", "c"]) send(history, value)
    history.poll("one", "t", 0, [seen(0, "a"), seen(2, "c")])
    history.poll("one", "t", 0, [seen(1, "b")])
    assert.deepStrictEqual(namesOf(history), ["poll-skip", "nonmonotonic-poll"])
    assert.deepStrictEqual(Checker.checkSeen(history, "t"), [])
  })

  it("finds what a group was never given", () => {
    const history = historyOf([seen(0, "a"), seen(1, "b")])
    history.poll("one", "t", 0, [seen(0, "a")])
    assert.deepStrictEqual(Checker.checkSeen(history, "t").map(({ name }) => name), ["unseen"])
  })

  it("holds counts against the reference: each number once, in order, up to the last", () => {
    const count = (offset: number, key: string, value: number): Seen => ({ offset, key, value: String(value) })
    const history = new History()
    history.read("counts", 0, [count(0, "a", 1), count(1, "b", 1), count(2, "a", 2)])
    const check = (expected: Record<string, number>) =>
      Checker.checkCounts(history, "counts", new Map(Object.entries(expected))).length
    assert.strictEqual(check({ a: 2, b: 1 }), 0)
    assert.strictEqual(check({ a: 3, b: 1 }), 1)
    assert.strictEqual(check({ a: 2, b: 1, c: 1 }), 1)
    history.read("counts", 0, [count(3, "a", 2)])
    assert.strictEqual(check({ a: 2, b: 1 }), 1)
  })
})
