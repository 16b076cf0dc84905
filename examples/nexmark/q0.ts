/**
 * Query 0, pass-through: what it costs to do nothing.
 *
 *     SELECT * FROM bid
 */
import { StreamsApp } from "@millrace/client"
import { KStream, Serde, Topic, Topology } from "@millrace/core"
import { Bid, bids } from "./model.ts"

export const results = Topic.make("nexmark-q0", { key: Serde.long, value: Serde.json(Bid) })

export const topology = Topology.make(KStream.from(bids).pipe(KStream.to(results)))

export const App = StreamsApp.layer(topology, { applicationId: "nexmark-q0", processingGuarantee: "exactly_once" })
