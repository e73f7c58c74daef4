/// What is remembered between Kafka and the browser: per address a durable inbox and who listens
/// to it, per lane the fence that makes every effect of a dispatcher happen once.
///
/// [Inbox] is the contract; `InMemoryInbox` is its plain-Java form (tests, simulation), and
/// `RedisInbox` the real one, whose rules run inside Redis as one function library. Both pass
/// `InboxContract`. [Leases] holds which edge nodes live.
@NullMarked
package io.switchboard.inbox;

import org.jspecify.annotations.NullMarked;
