/**
 * Query 3, local item suggestion: who sells what in three states.
 *
 *     SELECT P.name, P.city, P.state, A.id
 *     FROM auction A JOIN person P ON A.seller = P.id
 *     WHERE A.category = 10 AND P.state IN ('OR', 'ID', 'CA')
 *
 * Two tables joined by a foreign key: auction and person may come in either order, and both are remembered for ever, as the
 * original says (Beam forgets a person after a while).
 */
import { StreamsApp } from "@millrace/client"
import { KStream, KTable, Serde, Topic, Topology } from "@millrace/core"
import { Schema } from "effect"
import { auctions, people } from "./model.ts"

const Suggestion = Schema.Struct({ name: Schema.String, city: Schema.String, state: Schema.String })
export type Suggestion = typeof Suggestion.Type

/** The seller of each auction. */
export const results = Topic.make("nexmark-q3", { key: Serde.long, value: Serde.json(Suggestion) })

const nearby = KTable.from(people).pipe(KTable.filter(({ state }) => ["OR", "ID", "CA"].includes(state)))

export const topology = Topology.make(
  KTable.from(auctions).pipe(
    KTable.filter(({ category }) => category === 10),
    KTable.join(nearby, ({ seller }) => seller, (_auction, { city, name, state }) => ({ name, city, state })),
    KTable.toStream,
    KStream.to(results)
  )
)

export const App = StreamsApp.layer(topology, { applicationId: "nexmark-q3", processingGuarantee: "exactly_once" })
