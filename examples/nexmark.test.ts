import { PartitionedTestDriver, TopologyTestDriver } from "@millrace/testkit"
import { assert, describe, it } from "@effect/vitest"
import { eventAt, events as eventsOf } from "./nexmark/generator.ts"
import { recordOf } from "./nexmark/model.ts"
import { type Answer, finalOf, queries, type Query } from "./nexmark/queries.ts"

// a hundred and ten seconds of event time
const options = { seed: 16, eventsPerSecond: 20 }
const events = eventsOf(2200, options)
const lastMs = recordOf(events.at(-1)!).timestamp

/** By key; those of one key stay in order. */
const sorted = (answers: Iterable<Answer>): Array<Answer> => [...answers].sort(([one], [other]) => one - other)

/** The query's answers to the events. */
const answersOn = (
  driver: TopologyTestDriver.TopologyTestDriver | PartitionedTestDriver.PartitionedTestDriver,
  { answers, reads, results }: Query
): Array<Answer> => {
  for (const event of events) {
    const { topic, ...record } = recordOf(event)
    if (reads.includes(event._tag)) driver.pipe(topic, record)
  }
  if (answers === "table") return sorted(driver.readTable(results))
  const records = "readAll" in driver ? driver.readAll(results) : driver.read(results)
  return sorted(records.map(({ key, value }) => [key, value]))
}

const expectedOf = (query: Query): Array<Answer> => sorted(finalOf(query, query.expected(events), lastMs))

describe("the events of Nexmark", () => {
  it("are one person, three auctions and 46 bids of every fifty", () => {
    for (let first = 0; first < events.length; first += 50) {
      const counts = Map.groupBy(events.slice(first, first + 50), ({ _tag }) => _tag)
      assert.deepStrictEqual([...counts].map(([tag, all]) => [tag, all.length]), [
        ["Person", 1],
        ["Auction", 3],
        ["Bid", 46]
      ])
    }
  })

  it("are numbered without gaps, and the same wherever they are made", () => {
    const auctions = events.flatMap((event) => event._tag === "Auction" ? [event.auction.id] : [])
    assert.deepStrictEqual(auctions, auctions.map((_, at) => 1000 + at))
    const people = events.flatMap((event) => event._tag === "Person" ? [event.person.id] : [])
    assert.deepStrictEqual(people, people.map((_, at) => 1000 + at))
    assert.deepStrictEqual(eventAt(1234, options), events[1234])
    assert.notDeepEqual(eventAt(1234, { ...options, seed: 17 }), events[1234])
  })
})

describe("the queries of Nexmark", () => {
  for (const query of queries) {
    it(`${query.name} answers what loops over all events find`, () => {
      const expected = expectedOf(query)
      assert.isAtLeast(expected.length, 4)
      assert.deepStrictEqual(answersOn(TopologyTestDriver.make(query.topology), query), expected)
    })
  }

  for (const query of queries.filter(({ name }) => ["q3", "q4", "q8"].includes(name))) {
    it(`${query.name} answers the same with four partitions on two instances`, () => {
      const partitions = { "nexmark-people": 4, "nexmark-auctions": 4, "nexmark-bids": 4, [query.results.name]: 4 }
      const driver = PartitionedTestDriver.make(query.topology, { partitions, instances: 2 })
      assert.deepStrictEqual(answersOn(driver, query), expectedOf(query))
    })
  }
})
