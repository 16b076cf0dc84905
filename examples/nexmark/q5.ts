/**
 * Query 5, hot items: which auctions had the most bids in the last ten seconds, every two seconds.
 *
 *     SELECT window, auction, num
 *     FROM (SELECT auction, HOP(2 s, 10 s) AS window, COUNT(*) AS num FROM bid GROUP BY auction, window)
 *     WHERE num >= MAX(num) OVER (PARTITION BY window)
 *
 * One result for each window, with all its hottest auctions, which changes while the window gets bids. Counts only rise, so
 * it is enough to keep those that have the highest count so far.
 */
import { StreamsApp } from "@millrace/client"
import { KGroupedStream, KStream, KTable, Serde, TimeWindowedKStream, TimeWindows } from "@millrace/core"
import { Topic, Topology } from "@millrace/core"
import { Schema } from "effect"
import { bids } from "./model.ts"

const Count = Schema.Struct({ auction: Schema.Int, bids: Schema.Int })

const HotItems = Schema.Struct({ bids: Schema.Int, auctions: Schema.Array(Schema.Int) })
export type HotItems = typeof HotItems.Type

/** The hot items of each window, by its start. */
export const results = Topic.make("nexmark-q5", { key: Serde.long, value: Serde.json(HotItems) })

const none: HotItems = { bids: 0, auctions: [] }

const hotter = (hot: HotItems, count: typeof Count.Type): HotItems => {
  if (count.bids < hot.bids) return hot
  if (count.bids > hot.bids) return { bids: count.bids, auctions: [count.auction] }
  return { ...hot, auctions: [...hot.auctions, count.auction].sort((one, other) => one - other) }
}

export const topology = Topology.make(
  KStream.from(bids).pipe(
    KStream.groupByKey,
    KGroupedStream.windowedBy(TimeWindows.hopping("10 seconds", { advance: "2 seconds" })),
    TimeWindowedKStream.count({ as: "bids-by-auction" }),
    KTable.toStream,
    KStream.map((window, count) => [window.start, { auction: window.key, bids: count }] as const, {
      key: Serde.long,
      value: Serde.json(Count)
    }),
    KStream.groupByKey,
    KGroupedStream.aggregate({ initial: () => none, add: hotter, value: Serde.json(HotItems), as: "hot-items" }),
    KTable.toStream,
    KStream.to(results)
  )
)

export const App = StreamsApp.layer(topology, { applicationId: "nexmark-q5", processingGuarantee: "exactly_once" })
