/// Everything in one place, each part a real process.
///
/// [ManagedProcess] is a child that can be killed, frozen and started again; [ProcessGuard] sees
/// to it that none outlives us. [EmbeddedKafka] and [EmbeddedRedis] are the infrastructure,
/// usable by tests as well; [JavaModule] says how a process of ours is started.
@NullMarked
package io.switchboard.quickstart;

import org.jspecify.annotations.NullMarked;
