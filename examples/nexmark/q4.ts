/**
 * Query 4, average price for a category: of the winning bids of its auctions.
 *
 *     SELECT category, AVG(price) FROM winning_bid GROUP BY category
 *
 * See `winningBids.ts` for those, and for what differs.
 */
import { StreamsApp } from "@millrace/client"
import { KGroupedTable, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { Schema } from "effect"
import { winningBids } from "./winningBids.ts"

const Sales = Schema.Struct({ count: Schema.Int, cents: Schema.Int })

/** The average price of each category. */
export const results = Topic.make("nexmark-q4", { key: Serde.long, value: Serde.double })

export const topology = Topology.make(
  winningBids.pipe(
    KTable.groupBy((_auction, { category, price }) => [category, price], { key: Serde.long, value: Serde.long }),
    KGroupedTable.aggregate({
      initial: () => ({ count: 0, cents: 0 }),
      add: ({ cents, count }, price) => ({ count: count + 1, cents: cents + price }),
      remove: ({ cents, count }, price) => ({ count: count - 1, cents: cents - price }),
      value: Serde.json(Sales),
      as: "sales-by-category"
    }),
    KTable.mapValues(({ cents, count }) => cents / count),
    KTable.toStream,
    KStream.to(results)
  )
)

export const App = StreamsApp.layer(topology, { applicationId: "nexmark-q4", processingGuarantee: "exactly_once" })
