/**
 * Query 8, monitor new users: who opened an auction in the ten seconds in which they registered.
 *
 *     SELECT P.id, P.name, P.window
 *     FROM (SELECT id, name, TUMBLE(10 s) AS window FROM person) P
 *     JOIN (SELECT DISTINCT seller, TUMBLE(10 s) AS window FROM auction) A
 *     ON P.id = A.seller AND P.window = A.window
 *
 * Streams are joined by how far apart their records are, so those whose windows are not the same are left out afterwards; a
 * person who opened several auctions is told once. Auctions come to their sellers from several partitions, hence out of
 * order: the grace says by how much.
 */
import { StreamsApp } from "@millrace/client"
import { JoinWindows, KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { Schema } from "effect"
import { auctions, people } from "./model.ts"

const NewSeller = Schema.Struct({ name: Schema.String, windowStart: Schema.Int })
export type NewSeller = typeof NewSeller.Type

/** The new users who sell. */
export const results = Topic.make("nexmark-q8", { key: Serde.long, value: Serde.json(NewSeller) })

const windowMs = 10_000

const startOf = (time: number): number => time - time % windowMs

const auctionsBySeller = KStream.from(auctions).pipe(
  KStream.selectKey((_id, { seller }) => seller, Serde.long)
)

export const topology = Topology.make(
  KStream.from(people).pipe(
    KStream.join(
      auctionsBySeller,
      (person, auction) => ({ person, auction }),
      JoinWindows.ofTimeDifference(windowMs, { grace: "1 hour" })
    ),
    KStream.filter(({ auction, person }) => startOf(person.dateTime) === startOf(auction.dateTime)),
    KStream.mapValues(
      ({ person: { dateTime, name } }) => ({ name, windowStart: startOf(dateTime) }),
      Serde.json(NewSeller)
    ),
    KStream.groupByKey,
    KGroupedStream.reduce((first) => first, { as: "new-sellers" }),
    KTable.toStream,
    KStream.to(results)
  )
)

export const App = StreamsApp.layer(topology, { applicationId: "nexmark-q8", processingGuarantee: "exactly_once" })
