/**
 * The records of the metadata log, and their bytes in Kafka's framing.
 *
 * Keeps true: whatever Kafka 4.3 writes is read; what this broker writes is in the versions of metadata.version 4.3-IV0.
 * Leaves to others: what they mean (`MetadataImage`), batches and files (`MetadataLog`).
 *
 * @since 0.1.0
 */
import { ByteReader } from "@millrace/core/protocol/ByteReader"
import * as Message from "@millrace/core/protocol/Message"
import { AbortTransactionRecord } from "@millrace/core/protocol/messages/records/AbortTransactionRecord"
import { AccessControlEntryRecord } from "@millrace/core/protocol/messages/records/AccessControlEntryRecord"
import { BeginTransactionRecord } from "@millrace/core/protocol/messages/records/BeginTransactionRecord"
import { BrokerRegistrationChangeRecord } from "@millrace/core/protocol/messages/records/BrokerRegistrationChangeRecord"
import { ClearElrRecord } from "@millrace/core/protocol/messages/records/ClearElrRecord"
import { ClientQuotaRecord } from "@millrace/core/protocol/messages/records/ClientQuotaRecord"
import { ConfigRecord } from "@millrace/core/protocol/messages/records/ConfigRecord"
import { DelegationTokenRecord } from "@millrace/core/protocol/messages/records/DelegationTokenRecord"
import { EndTransactionRecord } from "@millrace/core/protocol/messages/records/EndTransactionRecord"
import { FeatureLevelRecord } from "@millrace/core/protocol/messages/records/FeatureLevelRecord"
import { FenceBrokerRecord } from "@millrace/core/protocol/messages/records/FenceBrokerRecord"
import { NoOpRecord } from "@millrace/core/protocol/messages/records/NoOpRecord"
import { PartitionChangeRecord } from "@millrace/core/protocol/messages/records/PartitionChangeRecord"
import { PartitionRecord } from "@millrace/core/protocol/messages/records/PartitionRecord"
import { ProducerIdsRecord } from "@millrace/core/protocol/messages/records/ProducerIdsRecord"
import { RegisterBrokerRecord } from "@millrace/core/protocol/messages/records/RegisterBrokerRecord"
import { RegisterControllerRecord } from "@millrace/core/protocol/messages/records/RegisterControllerRecord"
import { RemoveAccessControlEntryRecord } from "@millrace/core/protocol/messages/records/RemoveAccessControlEntryRecord"
import { RemoveDelegationTokenRecord } from "@millrace/core/protocol/messages/records/RemoveDelegationTokenRecord"
import { RemoveTopicRecord } from "@millrace/core/protocol/messages/records/RemoveTopicRecord"
import { RemoveUserScramCredentialRecord } from "@millrace/core/protocol/messages/records/RemoveUserScramCredentialRecord"
import { TopicRecord } from "@millrace/core/protocol/messages/records/TopicRecord"
import { UnfenceBrokerRecord } from "@millrace/core/protocol/messages/records/UnfenceBrokerRecord"
import { UnregisterBrokerRecord } from "@millrace/core/protocol/messages/records/UnregisterBrokerRecord"
import { UserScramCredentialRecord } from "@millrace/core/protocol/messages/records/UserScramCredentialRecord"
import { ZkMigrationStateRecord } from "@millrace/core/protocol/messages/records/ZkMigrationStateRecord"
import { ProtocolError } from "@millrace/core/protocol/ProtocolError"

const tables = {
  AbortTransactionRecord,
  AccessControlEntryRecord,
  BeginTransactionRecord,
  BrokerRegistrationChangeRecord,
  ClearElrRecord,
  ClientQuotaRecord,
  ConfigRecord,
  DelegationTokenRecord,
  EndTransactionRecord,
  FeatureLevelRecord,
  FenceBrokerRecord,
  NoOpRecord,
  PartitionChangeRecord,
  PartitionRecord,
  ProducerIdsRecord,
  RegisterBrokerRecord,
  RegisterControllerRecord,
  RemoveAccessControlEntryRecord,
  RemoveDelegationTokenRecord,
  RemoveTopicRecord,
  RemoveUserScramCredentialRecord,
  TopicRecord,
  UnfenceBrokerRecord,
  UnregisterBrokerRecord,
  UserScramCredentialRecord,
  ZkMigrationStateRecord
}

type Tables = typeof tables

/**
 * A record of the metadata log.
 *
 * @since 0.1.0
 */
export type MetadataRecord = {
  [Type in keyof Tables]: { readonly type: Type; readonly value: Message.Type<Tables[Type]> }
}[keyof Tables]

/**
 * What belongs to metadata records.
 *
 * @since 0.1.0
 */
export declare namespace MetadataRecord {
  /** The value of a record of one type. */
  export type Value<Type extends keyof Tables> = Message.Type<Tables[Type]>
}

const byKey = new Map(Object.entries(tables).map(([type, table]) => [table.apiKey, { type, table }]))

/**
 * The record as the value of a record of the log.
 *
 * @since 0.1.0
 */
export const encode = (record: MetadataRecord): Uint8Array => {
  const table: Message.Any = tables[record.type]
  return Message.encodePrefixed(table, table.versionMax, record.value)
}

/**
 * Reads the value of a record of the log. Throws `ProtocolError` where it is none that Kafka 4.3 writes.
 *
 * @since 0.1.0
 */
export const decodeUnsafe = (bytes: Uint8Array): MetadataRecord => {
  const reader = new ByteReader(bytes)
  const { type, version } = Message.readMetadataFrameUnsafe(reader)
  const known = byKey.get(type)
  if (known === undefined) {
    throw new ProtocolError({ reason: "Malformed", detail: `unknown type ${type} of a metadata record` })
  }
  // The pair of a table's name and its type is what `MetadataRecord` lists.
  return { type: known.type, value: Message.readUnsafe(known.table, version, reader) } as MetadataRecord
}
