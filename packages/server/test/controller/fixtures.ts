/**
 * A cluster of one broker, and decisions made in it.
 */
import { BrokerConfig } from "@millrace/server/coordination/controller/BrokerConfig"
import type { Decision, DecisionContext } from "@millrace/server/coordination/controller/Decision"
import * as MetadataDelta from "@millrace/server/coordination/controller/MetadataDelta"
import { MetadataImage } from "@millrace/server/coordination/controller/MetadataImage"
import * as MetadataRecord from "@millrace/server/coordination/controller/MetadataRecord"

/** A broker's registration. */
export const registration = (brokerId: number, fenced = false): MetadataRecord.MetadataRecord => ({
  type: "RegisterBrokerRecord",
  value: {
    brokerId,
    isMigratingZkBroker: false,
    incarnationId: "AAAAAAAAAAAAAAAAAAAABA",
    brokerEpoch: 1,
    endPoints: [{ name: "PLAINTEXT", host: "localhost", port: 9092, securityProtocol: 0 }],
    features: [],
    rack: null,
    fenced,
    inControlledShutdown: false,
    logDirs: ["AAAAAAAAAAAAAAAAAAAACA"],
    cordonedLogDirs: []
  }
})

/** A controller's state, whose records go through bytes before they are replayed, as they do in the log. */
export class Cluster {
  readonly image = new MetadataImage()
  readonly context: DecisionContext
  offset = 0
  #ids = 0

  constructor(settings: Record<string, string> = {}, brokers: ReadonlyArray<number> = [1]) {
    this.context = {
      config: BrokerConfig.makeUnsafe(new Map(Object.entries(settings))),
      uuid: () => `AAAAAAAAAAAAAAAAAAA${String.fromCharCode(66 + this.#ids++)}AA`,
      random: () => 0
    }
    this.replay(brokers.map((id) => registration(id)))
  }

  replay(records: ReadonlyArray<MetadataRecord.MetadataRecord>): MetadataDelta.MetadataDelta {
    const read = records.map((record) => MetadataRecord.decodeUnsafe(MetadataRecord.encode(record)))
    const delta = MetadataDelta.replay(this.image, read, this.offset)
    this.offset += records.length
    return delta
  }

  /** Commits a decision and gives its answer. */
  commit<Response>({ records, response }: Decision<Response>): Response {
    this.replay(records)
    return response
  }
}
