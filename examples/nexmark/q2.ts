/**
 * Query 2, selection: the bids on a few auctions.
 *
 *     SELECT auction, price FROM bid WHERE auction % 123 = 0
 *
 * The paper names five auctions; Beam and Flink take every 123rd, so that there are some in any stretch of the stream.
 */
import { StreamsApp } from "@millrace/client"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { bids } from "./model.ts"

/** The price that was bid for each auction. */
export const results = Topic.make("nexmark-q2", { key: Serde.long, value: Serde.long })

export const topology = Topology.make(
  KStream.from(bids).pipe(
    KStream.filter((bid) => bid.auction % 123 === 0),
    KStream.mapValues((bid) => bid.price),
    KStream.to(results)
  )
)

export const App = StreamsApp.layer(topology, { applicationId: "nexmark-q2", processingGuarantee: "exactly_once" })
