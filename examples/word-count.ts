/**
 * Counts the words of topic `lines` into topic `counts`, exactly once: `app word-count`.
 */
import { KGroupedStream, KStream, KTable, Serde, Topic, Topology } from "@millrace/core"

export const lines = Topic.make("lines", { key: Serde.string, value: Serde.string })
export const counts = Topic.make("counts", { key: Serde.string, value: Serde.long })

export const wordCount = Topology.make(
  KStream.from(lines).pipe(
    KStream.flatMapValues((line) => line.toLowerCase().match(/\p{L}+/gu) ?? [], Serde.string),
    KStream.groupBy((_key, word) => word, Serde.string),
    KGroupedStream.count({ as: "counts" }),
    KTable.toStream,
    KStream.to(counts)
  )
)
