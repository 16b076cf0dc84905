/**
 * What each query should answer, in the plainest way: loops over the whole list of events, as slow as they are.
 *
 * Each gives the entries that the query's topic must hold: all records for queries 0 to 2, else the last value of each key.
 */
import type { Auction, Bid, Event, Person } from "./model.ts"
import type { Suggestion } from "./q3.ts"
import type { HotItems } from "./q5.ts"
import type { NewSeller } from "./q8.ts"

type Entries<V> = Array<readonly [key: number, value: V]>

const peopleIn = (events: ReadonlyArray<Event>): Array<Person> =>
  events.flatMap((event) => event._tag === "Person" ? [event.person] : [])

const auctionsIn = (events: ReadonlyArray<Event>): Array<Auction> =>
  events.flatMap((event) => event._tag === "Auction" ? [event.auction] : [])

const bidsIn = (events: ReadonlyArray<Event>): Array<Bid> =>
  events.flatMap((event) => event._tag === "Bid" ? [event.bid] : [])

export const q0 = (events: ReadonlyArray<Event>): Entries<Bid> => bidsIn(events).map((bid) => [bid.auction, bid])

export const q1 = (events: ReadonlyArray<Event>): Entries<Bid> =>
  bidsIn(events).map((bid) => [bid.auction, { ...bid, price: Math.floor(bid.price * 89 / 100) }])

export const q2 = (events: ReadonlyArray<Event>): Entries<number> =>
  bidsIn(events).filter(({ auction }) => auction % 123 === 0).map(({ auction, price }) => [auction, price])

export const q3 = (events: ReadonlyArray<Event>): Entries<Suggestion> => {
  const found: Entries<Suggestion> = []
  for (const { category, id, seller } of auctionsIn(events)) {
    if (category !== 10) continue
    for (const person of peopleIn(events)) {
      const { city, name, state } = person
      if (person.id === seller && /^(OR|ID|CA)$/.test(state)) found.push([id, { name, city, state }])
    }
  }
  return found
}

/** Auctions that were bid on while they were open, with their highest prices. */
const salesIn = (events: ReadonlyArray<Event>): Array<{ readonly auction: Auction; readonly price: number }> => {
  const bidsOf = Map.groupBy(bidsIn(events), ({ auction }) => auction)
  return auctionsIn(events).flatMap((auction) => {
    const prices = (bidsOf.get(auction.id) ?? [])
      .filter(({ dateTime }) => auction.dateTime <= dateTime && dateTime <= auction.expires)
      .map(({ price }) => price)
    return prices.length === 0 ? [] : [{ auction, price: Math.max(...prices) }]
  })
}

const average = (numbers: ReadonlyArray<number>): number => {
  let sum = 0
  for (const number of numbers) sum += number
  return sum / numbers.length
}

export const q4 = (events: ReadonlyArray<Event>): Entries<number> =>
  [...Map.groupBy(salesIn(events), ({ auction }) => auction.category)]
    .map(([category, sales]) => [category, average(sales.map(({ price }) => price))])

export const q5 = (events: ReadonlyArray<Event>): Entries<HotItems> => {
  const all = bidsIn(events)
  const windows: Entries<HotItems> = []
  const [first, last] = [all[0]?.dateTime ?? 0, all.at(-1)?.dateTime ?? -1]
  for (let start = first - first % 2000 - 8000; start <= last; start += 2000) {
    const counts = new Map<number, number>()
    for (const { auction, dateTime } of all) {
      if (start <= dateTime && dateTime < start + 10_000) counts.set(auction, (counts.get(auction) ?? 0) + 1)
    }
    const bids = Math.max(...counts.values())
    const auctions = [...counts.keys()].filter((auction) => counts.get(auction) === bids).sort((a, b) => a - b)
    if (counts.size > 0) windows.push([start, { bids, auctions }])
  }
  return windows
}

export const q6 = (events: ReadonlyArray<Event>): Entries<number> =>
  [...Map.groupBy(salesIn(events), ({ auction }) => auction.seller)].map(([seller, sales]) => {
    const latestFirst = sales.sort((a, b) => b.auction.expires - a.auction.expires || b.auction.id - a.auction.id)
    return [seller, average(latestFirst.slice(0, 10).map(({ price }) => price))]
  })

/** Of all windows; those that have not closed yet are told as they are so far. */
export const q7 = (events: ReadonlyArray<Event>): Entries<Bid> =>
  [...Map.groupBy(bidsIn(events), ({ dateTime }) => dateTime - dateTime % 10_000)].map(([start, bids]) => {
    const highest = Math.max(...bids.map(({ price }) => price))
    return [start, bids.find(({ price }) => price === highest)!]
  })

export const q8 = (events: ReadonlyArray<Event>): Entries<NewSeller> => {
  const found: Entries<NewSeller> = []
  const windowOf = (time: number) => Math.floor(time / 10_000)
  for (const { dateTime, id, name } of peopleIn(events)) {
    const sells = auctionsIn(events).some((auction) =>
      auction.seller === id && windowOf(auction.dateTime) === windowOf(dateTime)
    )
    if (sells) found.push([id, { name, windowStart: windowOf(dateTime) * 10_000 }])
  }
  return found
}
