/**
 * What each setting of a topic is for, in a sentence: the documentation that DescribeConfigs gives.
 *
 * @since 0.1.0
 */

/**
 * A sentence on each setting of a topic, by name.
 *
 * @since 0.1.0
 */
export const topicConfigDocumentation: ReadonlyMap<string, string> = new Map([
  [
    "cleanup.policy",
    "What becomes of old segments: delete drops them by age and size, compact keeps the last record of each key; both may be given, none keeps all."
  ],
  ["compression.gzip.level", "The effort of gzip when the broker compresses; -1 is the codec's own choice."],
  ["compression.lz4.level", "The effort of lz4 when the broker compresses; one here, whatever the level."],
  ["compression.type", "The codec in which batches are stored; producer keeps what the producer chose."],
  ["compression.zstd.level", "The effort of zstd when the broker compresses."],
  ["delete.retention.ms", "How long the tombstones of a compacted topic stay readable, in milliseconds."],
  ["file.delete.delay.ms", "How long a deleted file stays on disk, in milliseconds."],
  [
    "flush.messages",
    "After how many records a log is synced to disk; the largest number leaves it to the durability policy."
  ],
  [
    "flush.ms",
    "After how many milliseconds a log is synced to disk; the largest number leaves it to the durability policy."
  ],
  [
    "follower.replication.throttled.replicas",
    "The replicas whose fetching is throttled, as partition:broker pairs, or * for all."
  ],
  ["index.interval.bytes", "How many bytes of log lie between two entries of the offset index."],
  ["internal.segment.bytes", "The size of a segment below the lower bound of segment.bytes; for tests."],
  [
    "leader.replication.throttled.replicas",
    "The replicas whose serving is throttled, as partition:broker pairs, or * for all."
  ],
  ["local.retention.bytes", "How many bytes of a tiered partition stay on local disks; -2 takes retention.bytes."],
  ["local.retention.ms", "How long records of a tiered partition stay on local disks; -2 takes retention.ms."],
  ["max.compaction.lag.ms", "The longest time that a record of a compacted topic stays uncompacted, in milliseconds."],
  ["max.message.bytes", "The largest batch that is accepted, in bytes."],
  [
    "message.timestamp.after.max.ms",
    "How far a record's timestamp may lie ahead of the broker's clock, in milliseconds."
  ],
  [
    "message.timestamp.before.max.ms",
    "How far a record's timestamp may lie behind the broker's clock, in milliseconds."
  ],
  [
    "message.timestamp.type",
    "Whose timestamp a record bears: that of its producer (CreateTime) or of the broker (LogAppendTime)."
  ],
  ["min.cleanable.dirty.ratio", "Which part of a compacted log must be uncompacted before it is cleaned."],
  ["min.compaction.lag.ms", "The shortest time that a record stays uncompacted, in milliseconds."],
  ["min.insync.replicas", "How many replicas must be in sync for a write with acks=all."],
  ["preallocate", "Whether a new segment is given its full size at once."],
  ["remote.log.copy.disable", "Stops copying of a tiered topic to remote storage and keeps what is there."],
  ["remote.log.delete.on.disable", "Deletes what is in remote storage when tiering is switched off."],
  ["remote.storage.enable", "Whether old segments move to remote storage."],
  ["retention.bytes", "How large a partition may grow before its oldest segments are dropped; -1 is without bound."],
  ["retention.ms", "How long records are kept before their segment is dropped; -1 is forever."],
  ["segment.bytes", "How large a segment may grow, in bytes."],
  ["segment.index.bytes", "The size to which the indexes of a segment are limited, in bytes."],
  ["segment.jitter.ms", "The largest random part that is taken off segment.ms, so that segments do not roll at once."],
  ["segment.ms", "After how many milliseconds a new segment is begun although the old one is not full."],
  [
    "unclean.leader.election.enable",
    "Whether a replica that is behind may lead when no other is alive, at the price of lost records."
  ]
])
