/**
 * Query 7, highest bid: of each ten seconds, when they are over.
 *
 *     SELECT B.auction, B.price, B.bidder, B.dateTime
 *     FROM bid B JOIN (SELECT TUMBLE(10 s) AS window, MAX(price) AS price FROM bid GROUP BY window) M
 *     ON B.price = M.price AND B.dateTime IN M.window
 *
 * In two steps, so that not all bids go through one partition: the highest of each auction, which is final when the window
 * closes, and of these the highest of all. Where the original gives all bids with the highest price, this gives the earliest.
 */
import { StreamsApp } from "@millrace/client"
import { KGroupedStream, KStream, KTable, Serde, Suppressed, TimeWindowedKStream } from "@millrace/core"
import { TimeWindows, Topic, Topology } from "@millrace/core"
import { Bid, bids } from "./model.ts"

/** The highest bid of each window, by its start. */
export const results = Topic.make("nexmark-q7", { key: Serde.long, value: Serde.json(Bid) })

const higher = (one: Bid, other: Bid): Bid => {
  const order = other.price - one.price || one.dateTime - other.dateTime || one.auction - other.auction
  return order <= 0 ? one : other
}

export const topology = Topology.make(
  KStream.from(bids).pipe(
    KStream.groupByKey,
    KGroupedStream.windowedBy(TimeWindows.tumbling("10 seconds")),
    TimeWindowedKStream.reduce(higher, { as: "highest-bid-by-auction" }),
    KTable.suppress(Suppressed.untilWindowCloses()),
    KTable.toStream,
    KStream.groupBy(({ start }) => start, Serde.long),
    KGroupedStream.reduce(higher, { as: "highest-bid" }),
    KTable.toStream,
    KStream.to(results)
  )
)

export const App = StreamsApp.layer(topology, { applicationId: "nexmark-q7", processingGuarantee: "exactly_once" })
