/**
 * The model of Nexmark: people who sell and bid in auctions, as three topics.
 *
 * The suites of Beam and Flink have one stream of all events; here each kind has its own topic, keyed by what most queries
 * join by: people by themselves, auctions by themselves, bids by their auction. A record's timestamp is the event's time.
 * Times are milliseconds since the epoch, money is whole cents.
 */
import { Serde, Topic } from "@millrace/core"
import { Schema } from "effect"

export const Person = Schema.Struct({
  id: Schema.Int,
  name: Schema.String,
  emailAddress: Schema.String,
  creditCard: Schema.String,
  city: Schema.String,
  state: Schema.String,
  dateTime: Schema.Int,
  extra: Schema.String
})
export type Person = typeof Person.Type

export const Auction = Schema.Struct({
  id: Schema.Int,
  itemName: Schema.String,
  description: Schema.String,
  initialBid: Schema.Int,
  reserve: Schema.Int,
  dateTime: Schema.Int,
  expires: Schema.Int,
  seller: Schema.Int,
  category: Schema.Int,
  extra: Schema.String
})
export type Auction = typeof Auction.Type

export const Bid = Schema.Struct({
  auction: Schema.Int,
  bidder: Schema.Int,
  price: Schema.Int,
  channel: Schema.String,
  url: Schema.String,
  dateTime: Schema.Int,
  extra: Schema.String
})
export type Bid = typeof Bid.Type

export const people = Topic.make("nexmark-people", { key: Serde.long, value: Serde.json(Person) })
export const auctions = Topic.make("nexmark-auctions", { key: Serde.long, value: Serde.json(Auction) })
export const bids = Topic.make("nexmark-bids", { key: Serde.long, value: Serde.json(Bid) })

/** Something that happened. */
export type Event =
  | { readonly _tag: "Person"; readonly person: Person }
  | { readonly _tag: "Auction"; readonly auction: Auction }
  | { readonly _tag: "Bid"; readonly bid: Bid }

/** The record that tells an event, and its topic. */
export const recordOf = (event: Event): {
  readonly topic: Topic.Any
  readonly key: number
  readonly value: Person | Auction | Bid
  readonly timestamp: number
} => {
  switch (event._tag) {
    case "Person":
      return { topic: people, key: event.person.id, value: event.person, timestamp: event.person.dateTime }
    case "Auction":
      return { topic: auctions, key: event.auction.id, value: event.auction, timestamp: event.auction.dateTime }
    case "Bid":
      return { topic: bids, key: event.bid.auction, value: event.bid, timestamp: event.bid.dateTime }
  }
}
