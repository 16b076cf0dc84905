/**
 * The settings of a broker, as Kafka 4.3 knows them: one line each. Those that Millrace does not act on (yet) are here too,
 * because clients and tools set and read them.
 *
 * @since 0.1.0
 */
import {
  type ConfigDef,
  type ConfigType,
  type Constraint,
  notEmpty,
  oneOf,
  oneOfIgnoringCase,
  range
} from "./ConfigDef.ts"

/** Name, type, default ("-": none), valid values ("-": all), how it is updated, and what it is for. */
const table = `
add.partitions.to.txn.retry.backoff.max.ms | int | 100 | >= 0 | read-only | How long, in milliseconds, a leader keeps asking for a partition to join a transaction whose predecessor is still ending.
add.partitions.to.txn.retry.backoff.ms | int | 20 | >= 1 | read-only | The pause between two such questions, in milliseconds.
advertised.listeners | list | - | - | read-only | The addresses that clients are told; those of listeners by default.
alter.config.policy.class.name | class | - | - | read-only | A class that may refuse changes of settings.
alter.log.dirs.replication.quota.window.num | int | 11 | >= 1 | read-only | How many windows are kept of the alter log dirs replication quota.
alter.log.dirs.replication.quota.window.size.seconds | int | 1 | >= 1 | read-only | How long a window of the alter log dirs replication quota lasts, in seconds.
authorizer.class.name | string | "" | - | read-only | The class that decides who may do what; empty lets everyone do everything.
auto.create.topics.enable | boolean | true | - | read-only | Whether asking for a topic that is not there creates it.
auto.leader.rebalance.enable | boolean | true | - | read-only | Whether leadership goes back to preferred replicas by itself.
background.threads | int | 10 | >= 1 | cluster-wide | Threads for background work.
broker.heartbeat.interval.ms | int | 2000 | - | read-only | How often a broker tells the controller that it lives, in milliseconds.
broker.id | int | -1 | - | read-only | The id of this node, by its old name.
broker.rack | string | - | - | read-only | Where this broker stands, for placing replicas apart.
broker.session.timeout.ms | int | 9000 | - | read-only | After how many milliseconds without a heartbeat a broker is fenced.
client.quota.callback.class | class | - | - | read-only | A class that decides on quotas.
compression.gzip.level | int | -1 | 1 to 9 or -1 | cluster-wide | The effort of gzip when the broker compresses; -1 is the codec's own choice; for topics that do not say.
compression.lz4.level | int | 9 | 1 to 17 | cluster-wide | The effort of lz4 when the broker compresses; for topics that do not say.
compression.type | string | producer | one of uncompressed zstd lz4 snappy gzip producer | cluster-wide | The codec in which batches are stored; producer keeps what the producer chose; for topics that do not say.
compression.zstd.level | int | 3 | -131072 to 22 | cluster-wide | The effort of zstd when the broker compresses; for topics that do not say.
config.providers | list | "" | - | cluster-wide | Names of sources from which values of settings may be taken.
connection.failed.authentication.delay.ms | int | 100 | >= 0 | read-only | How long a connection stays open after it failed to authenticate, in milliseconds.
connections.max.idle.ms | long | 600000 | - | read-only | After how many milliseconds without a request a connection is closed.
connections.max.reauth.ms | long | 0 | - | read-only | After how many milliseconds a SASL connection must authenticate anew; 0 is never.
controlled.shutdown.enable | boolean | true | - | read-only | Whether a stopping broker hands over its leaderships first.
controller.listener.names | list | - | - | read-only | The listeners on which controllers talk.
controller.performance.always.log.threshold.ms | long | 2000 | >= 0 | read-only hidden | Controller events that take longer, in milliseconds, are logged.
controller.performance.sample.period.ms | long | 60000 | >= 100 | read-only hidden | Over how many milliseconds slow controller events are sampled.
controller.quorum.append.linger.ms | int | 25 | >= 0 | read-only | Of the quorum of controllers: append linger, in milliseconds.
controller.quorum.auto.join.enable | boolean | false | - | read-only | Of the quorum of controllers: auto join enable.
controller.quorum.bootstrap.servers | list | "" | - | read-only | Of the quorum of controllers: bootstrap servers.
controller.quorum.election.backoff.max.ms | int | 1000 | >= 0 | read-only | Of the quorum of controllers: election backoff max, in milliseconds.
controller.quorum.election.timeout.ms | int | 1000 | >= 0 | read-only | Of the quorum of controllers: election timeout, in milliseconds.
controller.quorum.fetch.max.bytes | int | 1048576 | >= 1 | read-only | Of the quorum of controllers: fetch max bytes, in bytes.
controller.quorum.fetch.snapshot.max.bytes | int | 1048576 | >= 1 | read-only | Of the quorum of controllers: fetch snapshot max bytes, in bytes.
controller.quorum.fetch.timeout.ms | int | 2000 | >= 0 | read-only | Of the quorum of controllers: fetch timeout, in milliseconds.
controller.quorum.request.timeout.ms | int | 2000 | >= 0 | read-only | Of the quorum of controllers: request timeout, in milliseconds.
controller.quorum.retry.backoff.ms | int | 20 | >= 0 | read-only | Of the quorum of controllers: retry backoff, in milliseconds.
controller.quorum.voters | list | "" | - | read-only | Of the quorum of controllers: voters.
controller.quota.window.num | int | 11 | >= 1 | read-only | How many windows are kept of the controller quota.
controller.quota.window.size.seconds | int | 1 | >= 1 | read-only | How long a window of the controller quota lasts, in seconds.
controller.socket.timeout.ms | int | 30000 | - | read-only | How long a request to the controller may take, in milliseconds.
cordoned.log.dirs | list | "" | - | per-broker | Log directories that get no new partitions.
create.topic.policy.class.name | class | - | - | read-only | A class that may refuse new topics.
default.replication.factor | int | 1 | - | read-only | How many replicas a topic has that does not say.
delegation.token.expiry.check.interval.ms | long | 3600000 | >= 1 | read-only | How often expired tokens are removed, in milliseconds.
delegation.token.expiry.time.ms | long | 86400000 | >= 1 | read-only | How long a token lives unless renewed, in milliseconds.
delegation.token.max.lifetime.ms | long | 604800000 | >= 1 | read-only | How long a token may be renewed at most, in milliseconds.
delegation.token.secret.key | password | - | - | read-only | The key with which tokens are signed.
delete.records.purgatory.purge.interval.requests | int | 1 | - | read-only | After how many requests waiting delete records requests that are over are cleared away.
delete.topic.enable | boolean | true | - | read-only | Whether topics may be deleted.
early.start.listeners | list | - | - | read-only | Listeners that open before the broker is ready for clients.
fetch.max.bytes | int | 57671680 | >= 1024 | read-only | The largest answer to a fetch, in bytes.
fetch.purgatory.purge.interval.requests | int | 1000 | - | read-only | After how many requests waiting fetch requests that are over are cleared away.
follower.fetch.last.tiered.offset.enable | boolean | false | - | cluster-wide | Whether an empty follower begins behind what is tiered.
group.consumer.assignment.interval.ms | int | 1000 | >= 0 | cluster-wide | The shortest time between two assignments of a consumer group, in milliseconds.
group.consumer.assignors | list | uniform,range | - | read-only | The assignors of consumer groups, the default one first.
group.consumer.heartbeat.interval.ms | int | 5000 | >= 1 | read-only | How often members of a consumer group send heartbeats, in milliseconds.
group.consumer.max.assignment.interval.ms | int | 15000 | >= 0 | read-only | The longest assignment interval that a consumer group may set, in milliseconds.
group.consumer.max.heartbeat.interval.ms | int | 15000 | >= 1 | read-only | The longest heartbeat interval that a consumer group may set, in milliseconds.
group.consumer.max.session.timeout.ms | int | 60000 | >= 1 | read-only | The longest session timeout that a consumer group may set, in milliseconds.
group.consumer.max.size | int | 2147483647 | >= 1 | read-only | How many members a consumer group may have.
group.consumer.migration.policy | string | bidirectional | any case of DISABLED DOWNGRADE UPGRADE BIDIRECTIONAL | read-only | Whether groups may change between the classic and the consumer protocol while they live.
group.consumer.min.assignment.interval.ms | int | 0 | >= 0 | read-only | The shortest assignment interval that a consumer group may set, in milliseconds.
group.consumer.min.heartbeat.interval.ms | int | 5000 | >= 1 | read-only | The shortest heartbeat interval that a consumer group may set, in milliseconds.
group.consumer.min.session.timeout.ms | int | 45000 | >= 1 | read-only | The shortest session timeout that a consumer group may set, in milliseconds.
group.consumer.regex.refresh.interval.ms | int | 600000 | >= 10000 | read-only hidden | How often regular expressions of subscriptions are resolved anew, in milliseconds.
group.consumer.session.timeout.ms | int | 45000 | >= 1 | read-only | After how many milliseconds without a heartbeat a member leaves a consumer group.
group.coordinator.append.linger.ms | int | -1 | >= -1 | read-only | How long the group coordinator gathers records before it writes, in milliseconds; -1 adapts.
group.coordinator.background.threads | int | 2 | >= 1 | read-only | Threads of the group coordinator for work that may wait.
group.coordinator.cached.buffer.max.bytes | int | 1048588 | >= 524288 | cluster-wide | The largest buffer that the group coordinator keeps, in bytes.
group.coordinator.rebalance.protocols | list | classic,consumer,streams | one of consumer classic share streams | read-only | The kinds of groups that are served.
group.coordinator.threads | int | 4 | >= 1 | read-only | Threads of the group coordinator.
group.initial.rebalance.delay.ms | int | 3000 | - | read-only | How long a new classic group waits for more members, in milliseconds.
group.max.session.timeout.ms | int | 1800000 | - | read-only | The longest session that a classic member may ask for, in milliseconds.
group.max.size | int | 2147483647 | >= 1 | read-only | How many members a classic group may have.
group.min.session.timeout.ms | int | 6000 | - | read-only | The shortest session that a classic member may ask for, in milliseconds.
group.share.assignment.interval.ms | int | 1000 | >= 0 | cluster-wide | The shortest time between two assignments of a share group, in milliseconds.
group.share.assignors | list | simple | - | read-only | The assignors of share groups, the default one first.
group.share.delivery.count.limit | int | 5 | 2 to 10 | read-only | How often a record is delivered to a share group before it is given up.
group.share.heartbeat.interval.ms | int | 5000 | >= 1 | read-only | How often members of a share group send heartbeats, in milliseconds.
group.share.initialize.retry.interval.ms | int | 30000 | >= 1 | read-only hidden | How often the state of share partitions is initialised again after a failure, in milliseconds.
group.share.max.assignment.interval.ms | int | 15000 | >= 0 | read-only | The longest assignment interval that a share group may set, in milliseconds.
group.share.max.delivery.count.limit | int | 10 | 5 to 25 | read-only | The largest delivery count limit that a share group may set.
group.share.max.heartbeat.interval.ms | int | 15000 | >= 1 | read-only | The longest heartbeat interval that a share group may set, in milliseconds.
group.share.max.partition.max.record.locks | int | 4000 | 2000 to 10000 | read-only | The largest partition max record locks that a share group may set.
group.share.max.record.lock.duration.ms | int | 60000 | 30000 to 3600000 | read-only | The largest record lock duration that a share group may set, in milliseconds.
group.share.max.session.timeout.ms | int | 60000 | >= 1 | read-only | The longest session timeout that a share group may set, in milliseconds.
group.share.max.share.sessions | int | 2000 | >= 1 | read-only | How many share sessions a broker keeps.
group.share.max.size | int | 200 | 1 to 1000 | read-only | How many members a share group may have.
group.share.min.assignment.interval.ms | int | 0 | >= 0 | read-only | The shortest assignment interval that a share group may set, in milliseconds.
group.share.min.delivery.count.limit | int | 2 | 2 to 5 | read-only | The smallest delivery count limit that a share group may set.
group.share.min.heartbeat.interval.ms | int | 5000 | >= 1 | read-only | The shortest heartbeat interval that a share group may set, in milliseconds.
group.share.min.partition.max.record.locks | int | 100 | 100 to 2000 | read-only | The smallest partition max record locks that a share group may set.
group.share.min.record.lock.duration.ms | int | 15000 | 1000 to 30000 | read-only | The smallest record lock duration that a share group may set, in milliseconds.
group.share.min.session.timeout.ms | int | 45000 | >= 1 | read-only | The shortest session timeout that a share group may set, in milliseconds.
group.share.partition.max.record.locks | int | 2000 | 100 to 10000 | read-only | How many records of a share partition may be in flight.
group.share.persister.class.name | string | org.apache.kafka.server.share.persister.DefaultStatePersister | - | read-only hidden | The class that stores the state of share groups.
group.share.record.lock.duration.ms | int | 30000 | 1000 to 3600000 | read-only | How long a share consumer may hold a record, in milliseconds.
group.share.session.timeout.ms | int | 45000 | >= 1 | read-only | After how many milliseconds without a heartbeat a member leaves a share group.
group.streams.assignment.interval.ms | int | 1000 | >= 0 | cluster-wide | The shortest time between two assignments of a streams group, in milliseconds.
group.streams.heartbeat.interval.ms | int | 5000 | >= 1 | read-only | How often members of a streams group send heartbeats, in milliseconds.
group.streams.initial.rebalance.delay.ms | int | 3000 | >= 0 | read-only | The initial rebalance delay of streams groups, in milliseconds.
group.streams.max.assignment.interval.ms | int | 15000 | >= 0 | read-only | The longest assignment interval that a streams group may set, in milliseconds.
group.streams.max.heartbeat.interval.ms | int | 15000 | >= 1 | read-only | The longest heartbeat interval that a streams group may set, in milliseconds.
group.streams.max.session.timeout.ms | int | 60000 | >= 1 | read-only | The longest session timeout that a streams group may set, in milliseconds.
group.streams.max.size | int | 2147483647 | >= 1 | read-only | How many members a streams group may have.
group.streams.max.standby.replicas | int | 2 | >= 0 | read-only | The max standby replicas of streams groups.
group.streams.min.assignment.interval.ms | int | 0 | >= 0 | read-only | The shortest assignment interval that a streams group may set, in milliseconds.
group.streams.min.heartbeat.interval.ms | int | 5000 | >= 1 | read-only | The shortest heartbeat interval that a streams group may set, in milliseconds.
group.streams.min.session.timeout.ms | int | 45000 | >= 1 | read-only | The shortest session timeout that a streams group may set, in milliseconds.
group.streams.num.standby.replicas | int | 0 | >= 0 | read-only | The num standby replicas of streams groups.
group.streams.session.timeout.ms | int | 45000 | >= 1 | read-only | After how many milliseconds without a heartbeat a member leaves a streams group.
initial.broker.registration.timeout.ms | int | 60000 | - | read-only | How long a starting broker tries to register, in milliseconds.
inter.broker.listener.name | string | - | - | read-only | The listener on which brokers talk to each other.
internal.metadata.delete.delay.millis | long | 60000 | - | read-only hidden | How long deleted metadata segments stay on disk, in milliseconds.
internal.metadata.log.segment.bytes | int | - | - | read-only hidden | The size of a metadata segment below the usual bound; for tests.
internal.metadata.max.batch.size.in.bytes | int | 8388608 | - | read-only hidden | The largest batch of the metadata log, in bytes.
kafka.metrics.polling.interval.secs | int | 10 | >= 1 | read-only | How often metrics reporters are polled, in seconds.
kafka.metrics.reporters | list | "" | - | read-only | Classes that report metrics in the old way.
leader.imbalance.check.interval.seconds | long | 300 | >= 1 | read-only | How often leaderships are looked over for balance, in seconds.
listener.security.protocol.map | string | SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT | - | per-broker | Which security protocol each listener speaks.
listeners | list | PLAINTEXT://:9092 | - | per-broker | Where the broker listens.
log.cleaner.backoff.ms | long | 15000 | >= 0 | cluster-wide | Of the log cleaner: backoff, in milliseconds.
log.cleaner.dedupe.buffer.size | long | 134217728 | - | cluster-wide | Of the log cleaner: dedupe buffer size.
log.cleaner.delete.retention.ms | long | 86400000 | >= 0 | cluster-wide | How long the tombstones of a compacted topic stay readable, in milliseconds; for topics that do not say.
log.cleaner.enable | boolean | true | - | read-only | Of the log cleaner: enable.
log.cleaner.io.buffer.load.factor | double | 0.9 | - | cluster-wide | Of the log cleaner: io buffer load factor.
log.cleaner.io.buffer.size | int | 524288 | >= 0 | cluster-wide | Of the log cleaner: io buffer size.
log.cleaner.io.max.bytes.per.second | double | 1.7976931348623157E308 | - | cluster-wide | Of the log cleaner: io max bytes per second.
log.cleaner.max.compaction.lag.ms | long | 9223372036854775807 | >= 1 | cluster-wide | The longest time that a record of a compacted topic stays uncompacted, in milliseconds; for topics that do not say.
log.cleaner.min.cleanable.ratio | double | 0.5 | 0 to 1 | cluster-wide | Which part of a compacted log must be uncompacted before it is cleaned; for topics that do not say.
log.cleaner.min.compaction.lag.ms | long | 0 | >= 0 | cluster-wide | The shortest time that a record stays uncompacted, in milliseconds; for topics that do not say.
log.cleaner.threads | int | 1 | >= 0 | cluster-wide | Of the log cleaner: threads.
log.cleanup.policy | list | delete | one of compact delete | cluster-wide | What becomes of old segments: delete drops them by age and size, compact keeps the last record of each key; both may be given, none keeps all; for topics that do not say.
log.dir | list | /tmp/kafka-logs | - | read-only | Where the data is, if log.dirs says nothing.
log.dir.failure.timeout.ms | long | 30000 | >= 1 | read-only | How long a broker with a failed directory may go without telling the controller, in milliseconds.
log.dirs | list | - | - | read-only | The directories that hold the data, with commas between them.
log.flush.interval.messages | long | 9223372036854775807 | >= 1 | cluster-wide | After how many records a log is synced to disk; the largest number leaves it to the durability policy; for topics that do not say.
log.flush.interval.ms | long | - | - | cluster-wide | After how many milliseconds a log is synced to disk; the largest number leaves it to the durability policy; for topics that do not say.
log.flush.offset.checkpoint.interval.ms | int | 60000 | >= 0 | read-only | How often recovery points are written, in milliseconds.
log.flush.scheduler.interval.ms | long | 9223372036854775807 | - | read-only | How often logs are looked over for syncing, in milliseconds.
log.flush.start.offset.checkpoint.interval.ms | int | 60000 | >= 0 | read-only | How often the starts of logs are written, in milliseconds.
log.index.interval.bytes | int | 4096 | >= 0 | cluster-wide | How many bytes of log lie between two entries of the offset index; for topics that do not say.
log.index.size.max.bytes | int | 10485760 | >= 4 | cluster-wide | The size to which the indexes of a segment are limited, in bytes; for topics that do not say.
log.initial.task.delay.ms | long | 30000 | >= 0 | read-only hidden | How long background tasks of logs wait after the start, in milliseconds.
log.local.retention.bytes | long | -2 | >= -2 | cluster-wide | How many bytes of a tiered partition stay on local disks; -2 takes retention.bytes; for topics that do not say.
log.local.retention.ms | long | -2 | >= -2 | cluster-wide | How long records of a tiered partition stay on local disks; -2 takes retention.ms; for topics that do not say.
log.message.timestamp.after.max.ms | long | 3600000 | >= 0 | cluster-wide | How far a record's timestamp may lie ahead of the broker's clock, in milliseconds; for topics that do not say.
log.message.timestamp.before.max.ms | long | 9223372036854775807 | >= 0 | cluster-wide | How far a record's timestamp may lie behind the broker's clock, in milliseconds; for topics that do not say.
log.message.timestamp.type | string | CreateTime | one of CreateTime LogAppendTime | cluster-wide | Whose timestamp a record bears: that of its producer (CreateTime) or of the broker (LogAppendTime); for topics that do not say.
log.preallocate | boolean | false | - | cluster-wide | Whether a new segment is given its full size at once; for topics that do not say.
log.retention.bytes | long | -1 | - | cluster-wide | How large a partition may grow before its oldest segments are dropped; -1 is without bound; for topics that do not say.
log.retention.check.interval.ms | long | 300000 | >= 1 | read-only | How often logs are looked over for old segments, in milliseconds.
log.retention.hours | int | 168 | - | read-only | How long records are kept, in hours, if nothing finer is set.
log.retention.minutes | int | - | - | read-only | How long records are kept, in minutes, if log.retention.ms is not set.
log.retention.ms | long | - | - | cluster-wide | How long records are kept before their segment is dropped; -1 is forever; for topics that do not say.
log.roll.hours | int | 168 | >= 1 | read-only | After how many hours a new segment is begun, if log.roll.ms is not set.
log.roll.jitter.hours | int | 0 | >= 0 | read-only | The largest random part taken off log.roll.hours, in hours.
log.roll.jitter.ms | long | - | - | cluster-wide | The largest random part that is taken off segment.ms, so that segments do not roll at once; for topics that do not say.
log.roll.ms | long | - | - | cluster-wide | After how many milliseconds a new segment is begun although the old one is not full; for topics that do not say.
log.segment.bytes | int | 1073741824 | >= 1048576 | cluster-wide | How large a segment may grow, in bytes; for topics that do not say.
log.segment.delete.delay.ms | long | 60000 | >= 0 | cluster-wide | How long a deleted file stays on disk, in milliseconds; for topics that do not say.
max.connection.creation.rate | int | 2147483647 | >= 0 | cluster-wide | How many connections per second are taken.
max.connections | int | 2147483647 | >= 0 | cluster-wide | How many connections may be open.
max.connections.per.ip | int | 2147483647 | >= 0 | cluster-wide | How many connections one address may have open.
max.connections.per.ip.overrides | string | "" | - | cluster-wide | Other limits of connections for some addresses.
max.incremental.fetch.session.cache.slots | int | 1000 | >= 0 | read-only | How many fetch sessions are kept.
max.request.partition.size.limit | int | 2000 | >= 1 | read-only | How many partitions one answer to a description of topics may hold.
message.max.bytes | int | 1048588 | >= 0 | cluster-wide | The largest batch that is accepted, in bytes; for topics that do not say.
metadata.log.dir | string | - | - | read-only | Where the metadata log is; the first of log.dirs by default.
metadata.log.max.record.bytes.between.snapshots | long | 20971520 | >= 1 | read-only | After how many bytes of metadata a snapshot is made.
metadata.log.max.snapshot.interval.ms | long | 3600000 | >= 0 | read-only | After how many milliseconds a snapshot of the metadata is made.
metadata.log.segment.bytes | int | 1073741824 | >= 8388608 | read-only | How large a segment of the metadata log may grow, in bytes.
metadata.log.segment.ms | long | 604800000 | - | read-only | After how many milliseconds a new segment of the metadata log is begun.
metadata.max.idle.interval.ms | int | 500 | >= 0 | read-only | How often an idle metadata log gets a record that does nothing, in milliseconds.
metadata.max.retention.bytes | long | 104857600 | - | read-only | How large the metadata log may be before old snapshots go, in bytes.
metadata.max.retention.ms | long | 604800000 | - | read-only | How long old metadata is kept, in milliseconds.
metric.reporters | list | org.apache.kafka.common.metrics.JmxReporter | - | cluster-wide | Classes that report metrics.
metrics.num.samples | int | 2 | >= 1 | read-only | How many samples a metric is computed from.
metrics.recording.level | string | INFO | - | read-only | How detailed metrics are.
metrics.sample.window.ms | long | 30000 | >= 1 | read-only | How long a sample of a metric lasts, in milliseconds.
min.insync.replicas | int | 1 | >= 1 | cluster-wide | How many replicas must be in sync for a write with acks=all; for topics that do not say.
node.id | int | - | >= 0 | read-only | The id of this node.
num.io.threads | int | 8 | >= 1 | cluster-wide | Threads that process requests.
num.network.threads | int | 3 | >= 1 | cluster-wide | Threads that read requests and write responses.
num.partitions | int | 1 | >= 1 | read-only | How many partitions a topic has that does not say.
num.recovery.threads.per.data.dir | int | 2 | >= 1 | cluster-wide | Threads that open the logs of one directory.
num.replica.alter.log.dirs.threads | int | - | - | read-only | Threads that move replicas between directories.
num.replica.fetchers | int | 1 | >= 1 | cluster-wide | Threads that fetch from each other broker.
offset.metadata.max.bytes | int | 4096 | - | read-only | The longest text that may be stored with a committed offset, in bytes.
offsets.commit.timeout.ms | int | 5000 | >= 1 | read-only | How long storing offsets may take, in milliseconds.
offsets.load.buffer.size | int | 5242880 | >= 1 | read-only | How much of an offsets partition is read at once when it is loaded, in bytes.
offsets.retention.check.interval.ms | long | 600000 | >= 1 | read-only | How often offsets are looked over for old ones, in milliseconds.
offsets.retention.minutes | int | 10080 | >= 1 | read-only | How long the offsets of an empty group are kept, in minutes.
offsets.topic.compression.codec | int | 0 | - | read-only | Of the topic of committed offsets: compression codec.
offsets.topic.num.partitions | int | 50 | >= 1 | read-only | Of the topic of committed offsets: num partitions.
offsets.topic.replication.factor | short | 3 | >= 1 | read-only | Of the topic of committed offsets: replication factor.
offsets.topic.segment.bytes | int | 104857600 | >= 1 | read-only | Of the topic of committed offsets: segment bytes.
principal.builder.class | class | org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder | - | per-broker | The class that says who is behind a connection.
process.roles | list | - | one of broker controller | read-only | What this process is: broker, controller, or both.
producer.id.expiration.check.interval.ms | int | 600000 | >= 1 | read-only hidden | How often idle producers are looked for, in milliseconds.
producer.id.expiration.ms | int | 86400000 | >= 1 | cluster-wide | How long a partition remembers an idle producer, in milliseconds.
producer.purgatory.purge.interval.requests | int | 1000 | - | read-only | After how many requests waiting producer requests that are over are cleared away.
queued.max.request.bytes | long | -1 | - | read-only | How many bytes of requests may be in memory; -1 leaves it to the broker.
queued.max.requests | int | 500 | >= 1 | read-only | How many requests may wait for a thread.
quota.window.num | int | 11 | >= 1 | read-only | How many windows are kept of the client quota.
quota.window.size.seconds | int | 1 | >= 1 | read-only | How long a window of the client quota lasts, in seconds.
remote.fetch.max.wait.ms | int | 500 | >= 1 | cluster-wide | How long a fetch waits for remote storage, in milliseconds.
remote.list.offsets.request.timeout.ms | long | 30000 | >= 1 | cluster-wide | How long a look-up of offsets in remote storage may take, in milliseconds.
remote.log.index.file.cache.total.size.bytes | long | 1073741824 | >= 1 | cluster-wide | Of tiered storage: index file cache total size bytes, in bytes.
remote.log.index.file.cache.ttl.ms | long | 900000 | >= -1 | read-only hidden | Of tiered storage: index file cache ttl, in milliseconds.
remote.log.manager.copier.thread.pool.size | int | 10 | >= 1 | cluster-wide | Of tiered storage: manager copier thread pool size.
remote.log.manager.copy.max.bytes.per.second | long | 9223372036854775807 | >= 1 | cluster-wide | Of tiered storage: manager copy max bytes per second.
remote.log.manager.copy.quota.window.num | int | 11 | >= 1 | read-only | How many windows are kept of the remote log manager copy quota.
remote.log.manager.copy.quota.window.size.seconds | int | 1 | >= 1 | read-only | How long a window of the remote log manager copy quota lasts, in seconds.
remote.log.manager.expiration.thread.pool.size | int | 10 | >= 1 | cluster-wide | Of tiered storage: manager expiration thread pool size.
remote.log.manager.fetch.max.bytes.per.second | long | 9223372036854775807 | >= 1 | cluster-wide | Of tiered storage: manager fetch max bytes per second.
remote.log.manager.fetch.quota.window.num | int | 11 | >= 1 | read-only | How many windows are kept of the remote log manager fetch quota.
remote.log.manager.fetch.quota.window.size.seconds | int | 1 | >= 1 | read-only | How long a window of the remote log manager fetch quota lasts, in seconds.
remote.log.manager.follower.thread.pool.size | int | 2 | >= 1 | cluster-wide | Of tiered storage: manager follower thread pool size.
remote.log.manager.task.interval.ms | long | 30000 | >= 1 | read-only | Of tiered storage: manager task interval, in milliseconds.
remote.log.manager.task.retry.backoff.max.ms | long | 30000 | >= 1 | read-only hidden | Of tiered storage: manager task retry backoff max, in milliseconds.
remote.log.manager.task.retry.backoff.ms | long | 500 | >= 1 | read-only hidden | Of tiered storage: manager task retry backoff, in milliseconds.
remote.log.manager.task.retry.jitter | double | 0.2 | 0 to 0.5 | read-only hidden | Of tiered storage: manager task retry jitter.
remote.log.manager.thread.pool.size | int | 2 | >= 1 | read-only | Of tiered storage: manager thread pool size.
remote.log.metadata.custom.metadata.max.bytes | int | 128 | >= 0 | read-only | Of tiered storage: metadata custom metadata max bytes, in bytes.
remote.log.metadata.manager.class.name | string | org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager | not empty | read-only | Of tiered storage: metadata manager class name.
remote.log.metadata.manager.class.path | string | - | - | read-only | Of tiered storage: metadata manager class path.
remote.log.metadata.manager.impl.prefix | string | rlmm.config. | not empty | read-only | Of tiered storage: metadata manager impl prefix.
remote.log.metadata.manager.listener.name | string | - | not empty | read-only | Of tiered storage: metadata manager listener name.
remote.log.reader.max.pending.tasks | int | 100 | >= 1 | read-only | Of tiered storage: reader max pending tasks.
remote.log.reader.threads | int | 10 | >= 1 | cluster-wide | Of tiered storage: reader threads.
remote.log.storage.manager.class.name | string | - | not empty | read-only | Of tiered storage: storage manager class name.
remote.log.storage.manager.class.path | string | - | - | read-only | Of tiered storage: storage manager class path.
remote.log.storage.manager.impl.prefix | string | rsm.config. | not empty | read-only | Of tiered storage: storage manager impl prefix.
remote.log.storage.system.enable | boolean | false | - | read-only | Whether tiered storage is there at all.
replica.fetch.backoff.ms | int | 1000 | >= 0 | read-only | How long a follower pauses after a failed fetch, in milliseconds.
replica.fetch.max.bytes | int | 1048576 | >= 0 | read-only | How many bytes of one partition a follower fetches at once.
replica.fetch.min.bytes | int | 1 | - | read-only | How many bytes a follower waits for.
replica.fetch.response.max.bytes | int | 10485760 | >= 0 | read-only | How many bytes a follower fetches at once.
replica.fetch.wait.max.ms | int | 500 | - | read-only | How long a follower's fetch waits for data, in milliseconds.
replica.high.watermark.checkpoint.interval.ms | long | 5000 | - | read-only | How often high watermarks are written to disk, in milliseconds.
replica.lag.time.max.ms | long | 30000 | - | read-only | After how many milliseconds behind its leader a replica is out of sync.
replica.selector.class | string | - | - | read-only | The class that chooses the replica a consumer reads from.
replica.socket.receive.buffer.bytes | int | 65536 | - | read-only | The receive buffer of a follower's socket, in bytes.
replica.socket.timeout.ms | int | 30000 | - | read-only | How long a follower's request may take, in milliseconds.
replication.quota.window.num | int | 11 | >= 1 | read-only | How many windows are kept of the replication quota.
replication.quota.window.size.seconds | int | 1 | >= 1 | read-only | How long a window of the replication quota lasts, in seconds.
request.timeout.ms | int | 30000 | - | read-only | How long a request of this broker may take, in milliseconds.
sasl.client.callback.handler.class | class | - | - | read-only | Of SASL: client callback handler class.
sasl.enabled.mechanisms | list | GSSAPI | - | per-broker | Of SASL: enabled mechanisms.
sasl.jaas.config | password | - | - | per-broker | Of SASL: jaas config.
sasl.kerberos.kinit.cmd | string | /usr/bin/kinit | - | per-broker | Of SASL with Kerberos: kinit cmd.
sasl.kerberos.min.time.before.relogin | long | 60000 | - | per-broker | Of SASL with Kerberos: min time before relogin.
sasl.kerberos.principal.to.local.rules | list | DEFAULT | - | per-broker | Of SASL with Kerberos: principal to local rules.
sasl.kerberos.service.name | string | - | - | per-broker | Of SASL with Kerberos: service name.
sasl.kerberos.ticket.renew.jitter | double | 0.05 | - | per-broker | Of SASL with Kerberos: ticket renew jitter.
sasl.kerberos.ticket.renew.window.factor | double | 0.8 | - | per-broker | Of SASL with Kerberos: ticket renew window factor.
sasl.login.callback.handler.class | class | - | - | read-only | Of SASL: login callback handler class.
sasl.login.class | class | - | - | read-only | Of SASL: login class.
sasl.login.connect.timeout.ms | int | - | - | read-only | Of SASL: login connect timeout, in milliseconds.
sasl.login.read.timeout.ms | int | - | - | read-only | Of SASL: login read timeout, in milliseconds.
sasl.login.refresh.buffer.seconds | short | 300 | - | per-broker | Of SASL: login refresh buffer seconds, in seconds.
sasl.login.refresh.min.period.seconds | short | 60 | - | per-broker | Of SASL: login refresh min period seconds, in seconds.
sasl.login.refresh.window.factor | double | 0.8 | - | per-broker | Of SASL: login refresh window factor.
sasl.login.refresh.window.jitter | double | 0.05 | - | per-broker | Of SASL: login refresh window jitter.
sasl.login.retry.backoff.max.ms | long | 10000 | - | read-only | Of SASL: login retry backoff max, in milliseconds.
sasl.login.retry.backoff.ms | long | 100 | - | read-only | Of SASL: login retry backoff, in milliseconds.
sasl.mechanism.controller.protocol | string | GSSAPI | - | read-only | Of SASL: mechanism controller protocol.
sasl.mechanism.inter.broker.protocol | string | GSSAPI | - | per-broker | Of SASL: mechanism inter broker protocol.
sasl.oauthbearer.assertion.algorithm | string | RS256 | any case of ES256 RS256 | read-only | Of SASL with OAuth: assertion algorithm.
sasl.oauthbearer.assertion.claim.aud | string | - | - | read-only | Of SASL with OAuth: assertion claim aud.
sasl.oauthbearer.assertion.claim.exp.seconds | int | 300 | 0 to 86400 | read-only | Of SASL with OAuth: assertion claim exp seconds, in seconds.
sasl.oauthbearer.assertion.claim.iss | string | - | - | read-only | Of SASL with OAuth: assertion claim iss.
sasl.oauthbearer.assertion.claim.jti.include | boolean | false | - | read-only | Of SASL with OAuth: assertion claim jti include.
sasl.oauthbearer.assertion.claim.nbf.seconds | int | 60 | 0 to 3600 | read-only | Of SASL with OAuth: assertion claim nbf seconds, in seconds.
sasl.oauthbearer.assertion.claim.sub | string | - | - | read-only | Of SASL with OAuth: assertion claim sub.
sasl.oauthbearer.assertion.file | string | - | - | read-only | Of SASL with OAuth: assertion file.
sasl.oauthbearer.assertion.private.key.file | string | - | - | read-only | Of SASL with OAuth: assertion private key file.
sasl.oauthbearer.assertion.private.key.passphrase | password | - | - | read-only | Of SASL with OAuth: assertion private key passphrase.
sasl.oauthbearer.assertion.template.file | string | - | - | read-only | Of SASL with OAuth: assertion template file.
sasl.oauthbearer.client.credentials.client.id | string | - | - | read-only | Of SASL with OAuth: client credentials client id.
sasl.oauthbearer.client.credentials.client.secret | password | - | - | read-only | Of SASL with OAuth: client credentials client secret.
sasl.oauthbearer.clock.skew.seconds | int | 30 | - | read-only | Of SASL with OAuth: clock skew seconds, in seconds.
sasl.oauthbearer.expected.audience | list | "" | - | read-only | Of SASL with OAuth: expected audience.
sasl.oauthbearer.expected.issuer | string | - | - | read-only | Of SASL with OAuth: expected issuer.
sasl.oauthbearer.jwks.endpoint.refresh.ms | long | 3600000 | - | read-only | Of SASL with OAuth: jwks endpoint refresh, in milliseconds.
sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms | long | 10000 | - | read-only | Of SASL with OAuth: jwks endpoint retry backoff max, in milliseconds.
sasl.oauthbearer.jwks.endpoint.retry.backoff.ms | long | 100 | - | read-only | Of SASL with OAuth: jwks endpoint retry backoff, in milliseconds.
sasl.oauthbearer.jwks.endpoint.url | string | - | - | read-only | Of SASL with OAuth: jwks endpoint url.
sasl.oauthbearer.jwt.retriever.class | class | org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever | - | read-only | Of SASL with OAuth: jwt retriever class.
sasl.oauthbearer.jwt.validator.class | class | org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator | - | read-only | Of SASL with OAuth: jwt validator class.
sasl.oauthbearer.scope | string | - | - | read-only | Of SASL with OAuth: scope.
sasl.oauthbearer.scope.claim.name | string | scope | - | read-only | Of SASL with OAuth: scope claim name.
sasl.oauthbearer.sub.claim.name | string | sub | - | read-only | Of SASL with OAuth: sub claim name.
sasl.oauthbearer.token.endpoint.url | string | - | - | read-only | Of SASL with OAuth: token endpoint url.
sasl.server.callback.handler.class | class | - | - | read-only | Of SASL: server callback handler class.
sasl.server.max.receive.size | int | 524288 | - | read-only | Of SASL: server max receive size.
security.inter.broker.protocol | string | PLAINTEXT | one of PLAINTEXT SSL SASL_PLAINTEXT SASL_SSL | read-only | The security protocol between brokers, if no listener is named for them.
security.providers | string | - | - | read-only | Classes that bring security algorithms.
server.max.startup.time.ms | long | 9223372036854775807 | >= 0 | read-only hidden | How long the start may take, in milliseconds.
share.coordinator.append.linger.ms | int | -1 | >= -1 | read-only | Of the share coordinator: append linger, in milliseconds.
share.coordinator.cached.buffer.max.bytes | int | 1048588 | >= 524288 | cluster-wide | Of the share coordinator: cached buffer max bytes, in bytes.
share.coordinator.cold.partition.snapshot.interval.ms | int | 300000 | >= 1 | read-only hidden | Of the share coordinator: cold partition snapshot interval, in milliseconds.
share.coordinator.load.buffer.size | int | 5242880 | >= 1 | read-only | Of the share coordinator: load buffer size.
share.coordinator.snapshot.update.records.per.snapshot | int | 500 | 0 to 500 | read-only | Of the share coordinator: snapshot update records per snapshot.
share.coordinator.state.topic.compression.codec | int | 0 | - | read-only | Of the topic of share groups' state: compression codec.
share.coordinator.state.topic.min.isr | short | 2 | >= 1 | read-only | Of the topic of share groups' state: min isr.
share.coordinator.state.topic.num.partitions | int | 50 | >= 1 | read-only | Of the topic of share groups' state: num partitions.
share.coordinator.state.topic.prune.interval.ms | int | 300000 | >= 1 | read-only hidden | Of the topic of share groups' state: prune interval.
share.coordinator.state.topic.replication.factor | short | 3 | >= 1 | read-only | Of the topic of share groups' state: replication factor.
share.coordinator.state.topic.segment.bytes | int | 104857600 | >= 1 | read-only | Of the topic of share groups' state: segment bytes.
share.coordinator.threads | int | 1 | >= 1 | read-only | Of the share coordinator: threads.
share.coordinator.write.timeout.ms | int | 5000 | >= 1 | read-only | Of the share coordinator: write timeout, in milliseconds.
share.fetch.purgatory.purge.interval.requests | int | 1000 | - | read-only | After how many requests waiting share fetch requests that are over are cleared away.
socket.connection.setup.timeout.max.ms | long | 30000 | - | read-only | The longest that connecting may take after retries, in milliseconds.
socket.connection.setup.timeout.ms | long | 10000 | - | read-only | How long connecting may take at first, in milliseconds.
socket.listen.backlog.size | int | 50 | >= 1 | read-only | How many connections may wait to be accepted.
socket.receive.buffer.bytes | int | 102400 | - | read-only | The receive buffer of a socket, in bytes; -1 leaves it to the system.
socket.request.max.bytes | int | 104857600 | >= 1 | read-only | The largest request, in bytes.
socket.send.buffer.bytes | int | 102400 | - | read-only | The send buffer of a socket, in bytes; -1 leaves it to the system.
ssl.allow.dn.changes | boolean | false | - | read-only | Of TLS: allow dn changes.
ssl.allow.san.changes | boolean | false | - | read-only | Of TLS: allow san changes.
ssl.cipher.suites | list | "" | - | per-broker | Of TLS: cipher suites.
ssl.client.auth | string | none | one of required requested none | per-broker | Of TLS: client auth.
ssl.enabled.protocols | list | TLSv1.2,TLSv1.3 | - | per-broker | Of TLS: enabled protocols.
ssl.endpoint.identification.algorithm | string | https | - | per-broker | Of TLS: endpoint identification algorithm.
ssl.engine.factory.class | class | - | - | per-broker | Of TLS: engine factory class.
ssl.key.password | password | - | - | per-broker | Of TLS: key password.
ssl.keymanager.algorithm | string | SunX509 | - | per-broker | Of TLS: keymanager algorithm.
ssl.keystore.certificate.chain | password | - | - | per-broker | Of TLS: keystore certificate chain.
ssl.keystore.key | password | - | - | per-broker | Of TLS: keystore key.
ssl.keystore.location | string | - | - | per-broker | Of TLS: keystore location.
ssl.keystore.password | password | - | - | per-broker | Of TLS: keystore password.
ssl.keystore.type | string | JKS | - | per-broker | Of TLS: keystore type.
ssl.principal.mapping.rules | string | DEFAULT | - | read-only | Of TLS: principal mapping rules.
ssl.protocol | string | TLSv1.3 | - | per-broker | Of TLS: protocol.
ssl.provider | string | - | - | per-broker | Of TLS: provider.
ssl.secure.random.implementation | string | - | - | per-broker | Of TLS: secure random implementation.
ssl.trustmanager.algorithm | string | PKIX | - | per-broker | Of TLS: trustmanager algorithm.
ssl.truststore.certificates | password | - | - | per-broker | Of TLS: truststore certificates.
ssl.truststore.location | string | - | - | per-broker | Of TLS: truststore location.
ssl.truststore.password | password | - | - | per-broker | Of TLS: truststore password.
ssl.truststore.type | string | JKS | - | per-broker | Of TLS: truststore type.
telemetry.max.bytes | int | 1048576 | >= 1 | read-only | The largest set of metrics that a client may push, in bytes.
transaction.abort.timed.out.transaction.cleanup.interval.ms | int | 10000 | >= 1 | read-only | How often transactions are looked over for those that took too long, in milliseconds.
transaction.max.timeout.ms | int | 900000 | >= 1 | read-only | The longest time-out that a transaction may ask for, in milliseconds.
transaction.partition.verification.enable | boolean | true | - | cluster-wide | Whether a leader asks the coordinator before a transaction writes to it.
transaction.remove.expired.transaction.cleanup.interval.ms | int | 3600000 | >= 1 | read-only | How often transactional ids are looked over for unused ones, in milliseconds.
transaction.state.log.load.buffer.size | int | 5242880 | >= 1 | read-only | Of the topic of transactions: load buffer size.
transaction.state.log.min.isr | int | 2 | >= 1 | read-only | Of the topic of transactions: min isr.
transaction.state.log.num.partitions | int | 50 | >= 1 | read-only | Of the topic of transactions: num partitions.
transaction.state.log.replication.factor | short | 3 | >= 1 | read-only | Of the topic of transactions: replication factor.
transaction.state.log.segment.bytes | int | 104857600 | >= 1 | read-only | Of the topic of transactions: segment bytes.
transaction.two.phase.commit.enable | boolean | false | - | read-only | Whether transactions may be left to an outside coordinator.
transactional.id.expiration.ms | int | 604800000 | >= 1 | read-only | How long an unused transactional id is remembered, in milliseconds.
unclean.leader.election.enable | boolean | false | - | cluster-wide | Whether a replica that is behind may lead when no other is alive, at the price of lost records; for topics that do not say.
unclean.leader.election.interval.ms | long | 300000 | >= 1 | read-only hidden | How often partitions without a leader get an unclean one where that is allowed, in milliseconds.
unstable.api.versions.enable | boolean | false | - | read-only hidden | Whether versions of APIs are served that may still change.
unstable.feature.versions.enable | boolean | false | - | read-only hidden | Whether levels of features may be used that may still change.
`

const constraintOf = (text: string): Constraint | null => {
  if (text === "-") return null
  if (text === "not empty") return notEmpty
  const atLeast = /^>= (\S+)$/.exec(text)
  if (atLeast !== null) return range(Number(atLeast[1]))
  const between = /^(\S+) to (\S+?)(?: or (\S+))?$/.exec(text)
  if (between !== null) {
    return range(Number(between[1]), Number(between[2]), between[3] === undefined ? null : Number(between[3]))
  }
  const words = text.replace(/^(one|any case) of /, "").split(" ")
  return text.startsWith("any case of ") ? oneOfIgnoringCase(...words) : oneOf(...words)
}

const defOf = (line: string): readonly [string, ConfigDef] => {
  const [name, type, defaultValue, valid, update, documentation] = line.split(" | ")
  const [updateMode, hidden] = update!.split(" ")
  return [name!, {
    name: name!,
    type: type as ConfigType,
    defaultValue: defaultValue === "-" ? null : defaultValue === `""` ? "" : defaultValue!,
    constraint: constraintOf(valid!),
    updateMode: updateMode as ConfigDef["updateMode"],
    hidden: hidden === "hidden",
    documentation: documentation!
  }]
}

/**
 * Every setting of a broker, by name.
 *
 * @since 0.1.0
 */
export const brokerConfigs: ReadonlyMap<string, ConfigDef> = new Map(table.trim().split("\n").map(defOf))
