/**
 * Query 6, average selling price by seller: of the last ten auctions of each.
 *
 *     SELECT seller, AVG(price) OVER (PARTITION BY seller ORDER BY expires ROWS 9 PRECEDING)
 *     FROM winning_bid
 *
 * See `winningBids.ts` for those, and for what differs. The last auctions are those that expire last; of a table that changes,
 * the result is the newest row of each seller. (Flink has no answer to this query: its windows over rows take no updates.)
 */
import { StreamsApp } from "@millrace/client"
import { KGroupedTable, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { Schema } from "effect"
import { WinningBid, winningBids } from "./winningBids.ts"

const LastSales = Schema.Array(WinningBid)

/** The average price of each seller. */
export const results = Topic.make("nexmark-q6", { key: Serde.long, value: Serde.double })

const salesMax = 10

const byExpiry = (one: WinningBid, other: WinningBid): number =>
  one.expires - other.expires || one.auction - other.auction

const without = (sales: ReadonlyArray<WinningBid>, { auction }: WinningBid): ReadonlyArray<WinningBid> =>
  sales.filter((sale) => sale.auction !== auction)

export const topology = Topology.make(
  winningBids.pipe(
    KTable.groupBy((_auction, sale) => [sale.seller, sale], { key: Serde.long, value: Serde.json(WinningBid) }),
    KGroupedTable.aggregate({
      initial: () => [],
      // a sale that is removed comes back with another price: no sale that was left out can be among the last ten again
      add: (sales, sale) => [...sales, sale].sort(byExpiry).slice(-salesMax),
      remove: without,
      value: Serde.json(LastSales),
      as: "last-sales"
    }),
    KTable.mapValues((sales) => sales.reduce((cents, { price }) => cents + price, 0) / sales.length),
    KTable.toStream,
    KStream.to(results)
  )
)

export const App = StreamsApp.layer(topology, { applicationId: "nexmark-q6", processingGuarantee: "exactly_once" })
