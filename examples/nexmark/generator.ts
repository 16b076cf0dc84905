/**
 * The events of Nexmark: of fifty, one person, three auctions and 46 bids, as in the suites of Beam and Flink.
 *
 * What it keeps true: the event with a number is a function of that number and the options alone, so that any part of the
 * stream can be made anywhere. As in those suites half of all bids go to one hot auction, three of four come from a hot
 * bidder, three of four auctions are of a hot seller, all others are spread over the newest hundred auctions and thousand
 * people; a few refer to an auction or a person that is yet to come.
 * What differs: events are in order of time, and padding (`extra`) has one length for each kind.
 */
import type { Auction, Bid, Event, Person } from "./model.ts"

/** What tells one stream of events from another. */
export interface Options {
  readonly seed: number
  /** Event time between events is the inverse (100 when left out): at more than 1000, some happen in the same millisecond. */
  readonly eventsPerSecond?: number | undefined
}

const peoplePerRound = 1
const auctionsPerRound = 3
const eventsPerRound = 50
const firstPerson = 1000
const firstAuction = 1000
const firstCategory = 10
const categories = 5
const activePeople = 1000
const auctionsInFlight = 100
const lead = 10
const hotIds = 100
/** 2015-07-15T00:00:00Z, where the suites begin. */
const startMs = 1_436_918_400_000

const firstNames = ["Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"]
const lastNames = ["Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"]
const cities = ["Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent"]
const states = ["AZ", "CA", "ID", "OR", "WA", "WY"]
const channels = ["Google", "Facebook", "Baidu", "Apple"]

/** Numbers at least 0 and below 1 that look like chance, from an integer. */
type Chance = () => number

const chanceOf = (seed: number): Chance => {
  let state = seed
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

const below = (chance: Chance, bound: number): number => Math.floor(chance() * bound)

const oneOf = <A>(chance: Chance, all: ReadonlyArray<A>): A => all[below(chance, all.length)]!

const text = (chance: Chance, length: number): string => {
  let letters = ""
  while (letters.length < length) letters += String.fromCharCode(97 + below(chance, 26))
  return letters
}

const priceOf = (chance: Chance): number => Math.round(10 ** (chance() * 6) * 100)

/** The number of people who were there before the event, and of auctions. */
const peopleBefore = (number: number): number =>
  Math.floor(number / eventsPerRound) * peoplePerRound + Math.min(number % eventsPerRound, peoplePerRound)

const auctionsBefore = (number: number): number => {
  const ofRound = Math.min(Math.max(number % eventsPerRound - peoplePerRound, 0), auctionsPerRound)
  return Math.floor(number / eventsPerRound) * auctionsPerRound + ofRound
}

/** One of the newest `active` of `count`, or one that is yet to come. */
const recent = (chance: Chance, count: number, active: number): number =>
  Math.max(0, count - active) + below(chance, Math.min(count, active) + lead)

/** The hot one of `count`: it stays for a while. */
const hot = (count: number): number => Math.floor(Math.max(0, count - 1) / hotIds) * hotIds

const timeOf = (number: number, { eventsPerSecond = 100 }: Options): number =>
  startMs + Math.floor(number * 1000 / eventsPerSecond)

const personOf = (number: number, chance: Chance, options: Options): Person => {
  const [first, last] = [oneOf(chance, firstNames), oneOf(chance, lastNames)]
  return {
    id: firstPerson + peopleBefore(number),
    name: `${first} ${last}`,
    emailAddress: `${text(chance, 7)}@${text(chance, 5)}.com`,
    creditCard: Array.from({ length: 4 }, () => String(below(chance, 10_000)).padStart(4, "0")).join(" "),
    city: oneOf(chance, cities),
    state: oneOf(chance, states),
    dateTime: timeOf(number, options),
    extra: text(chance, 40)
  }
}

const auctionOf = (number: number, chance: Chance, options: Options): Auction => {
  const known = peopleBefore(number)
  const initialBid = priceOf(chance)
  const dateTime = timeOf(number, options)
  // about as many auctions begin while one is open as may be open at a time
  const openForMs = timeOf(number + Math.ceil(auctionsInFlight * eventsPerRound / auctionsPerRound), options) - dateTime
  return {
    id: firstAuction + auctionsBefore(number),
    itemName: text(chance, 20),
    description: text(chance, 100),
    initialBid,
    reserve: initialBid + priceOf(chance),
    dateTime,
    expires: dateTime + 1 + below(chance, 2 * openForMs),
    seller: firstPerson + (chance() < 3 / 4 ? hot(known) : recent(chance, known, activePeople)),
    category: firstCategory + below(chance, categories),
    extra: text(chance, 200)
  }
}

const bidOf = (number: number, chance: Chance, options: Options): Bid => {
  const channel = oneOf(chance, channels)
  const known = peopleBefore(number)
  const begun = auctionsBefore(number)
  return {
    auction: firstAuction + (chance() < 1 / 2 ? hot(begun) : recent(chance, begun, auctionsInFlight)),
    bidder: firstPerson + (chance() < 3 / 4 ? hot(known) + 1 : recent(chance, known, activePeople)),
    price: priceOf(chance),
    channel,
    url: `https://www.nexmark.example/${text(chance, 5)}/item.htm?query=1&channel=${channel}`,
    dateTime: timeOf(number, options),
    extra: text(chance, 20)
  }
}

/** The event with a number; the first has number 0. */
export const eventAt = (number: number, options: Options): Event => {
  const chance = chanceOf(Math.imul(options.seed, 0x85ebca6b) ^ Math.imul(number + 1, 0xc2b2ae35))
  const place = number % eventsPerRound
  if (place < peoplePerRound) return { _tag: "Person", person: personOf(number, chance, options) }
  if (place < peoplePerRound + auctionsPerRound) return { _tag: "Auction", auction: auctionOf(number, chance, options) }
  return { _tag: "Bid", bid: bidOf(number, chance, options) }
}

/** The first events, in order of time. */
export const events = (count: number, options: Options): Array<Event> =>
  Array.from({ length: count }, (_, number) => eventAt(number, options))
