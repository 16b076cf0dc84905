/**
 * Query 1, currency conversion: the bids, their prices in euros.
 *
 *     SELECT auction, bidder, price * 89 / 100, dateTime FROM bid
 *
 * Prices are cents and stay so: they are rounded down, as Beam's are; Flink's are decimals.
 */
import { StreamsApp } from "@millrace/client"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { Bid, bids } from "./model.ts"

export const results = Topic.make("nexmark-q1", { key: Serde.long, value: Serde.json(Bid) })

export const topology = Topology.make(
  KStream.from(bids).pipe(
    KStream.mapValues((bid) => ({ ...bid, price: Math.floor(bid.price * 89 / 100) })),
    KStream.to(results)
  )
)

export const App = StreamsApp.layer(topology, { applicationId: "nexmark-q1", processingGuarantee: "exactly_once" })
