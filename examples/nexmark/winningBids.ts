/**
 * The highest bid of each auction while it was open: what queries 4 and 6 begin with.
 *
 *     SELECT A.id, A.seller, A.category, A.expires, MAX(B.price) AS price
 *     FROM auction A JOIN bid B ON A.id = B.auction
 *     WHERE B.dateTime BETWEEN A.dateTime AND A.expires
 *     GROUP BY A.id
 *
 * As with Flink it is known from the first bid on, and rises with each higher one; the paper and Beam tell it once, when the
 * auction is over. The reserve is not looked at, as it is not by Flink. A bid meets the auctions as they were at its time, so
 * one that came before its auction began meets none.
 */
import { KGroupedStream, KStream, KTable, Serde } from "@millrace/core"
import { Schema } from "effect"
import { auctions, bids } from "./model.ts"

export const WinningBid = Schema.Struct({
  auction: Schema.Int,
  seller: Schema.Int,
  category: Schema.Int,
  expires: Schema.Int,
  price: Schema.Int
})
export type WinningBid = typeof WinningBid.Type

const bidsWhileOpen = KStream.from(bids).pipe(
  KStream.join(KTable.from(auctions), (bid, auction) => ({ bid, auction })),
  KStream.filter(({ auction, bid }) => bid.dateTime >= auction.dateTime && bid.dateTime <= auction.expires),
  KStream.mapValues(
    ({ auction: { category, expires, id, seller }, bid: { price } }) => ({
      auction: id,
      seller,
      category,
      expires,
      price
    }),
    Serde.json(WinningBid)
  )
)

/** The winning bid of each auction. */
export const winningBids = bidsWhileOpen.pipe(
  KStream.groupByKey,
  KGroupedStream.reduce((highest, bid) => bid.price > highest.price ? bid : highest, { as: "winning-bids" })
)
