/** The lines of `expected.jsonl.gz`: what consumers and the admin client of Kafka saw. Keys, values in hex. */
export type Expected =
  | {
    readonly kind: "partition"
    readonly isolation: "read_uncommitted" | "read_committed"
    readonly topic: string
    readonly partition: number
    readonly logStartOffset: number
    readonly endOffset: number
  }
  | {
    readonly kind: "record"
    readonly topic: string
    readonly partition: number
    readonly offset: number
    readonly timestamp: number
    readonly timestampType: string
    readonly key: string | null
    readonly value: string | null
    readonly headers: ReadonlyArray<readonly [string, string | null]>
  }
  | { readonly kind: "committed"; readonly topic: string; readonly partition: number; readonly offset: number }
  | {
    readonly kind: "offset"
    readonly group: string
    readonly topic: string
    readonly partition: number
    readonly offset: number
    readonly metadata: string
  }
  | {
    readonly kind: "transaction"
    readonly transactionalId: string
    readonly producerId: number
    readonly state: string
  }
  | {
    readonly kind: "producer"
    readonly topic: string
    readonly partition: number
    readonly producerId: number
    readonly producerEpoch: number
    readonly lastSequence: number
    readonly currentTransactionStartOffset: number
  }
