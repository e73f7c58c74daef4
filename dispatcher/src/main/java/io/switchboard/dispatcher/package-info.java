/// The dispatcher: Kafka in, inboxes and edge topics out.
///
/// [DispatcherMain] wires. [PollLoop] is the one thread that owns the consumer and all its lanes
/// (package `lane`, the rules); [LogWriter] writes what must arrive, [EdgeHints] what may be lost,
/// [KafkaReader] reads back; [EdgesAlive] knows whom a hint can still reach,
/// [TopicGuard] whether the topic is still the one that this process began with.
@NullMarked
package io.switchboard.dispatcher;

import org.jspecify.annotations.NullMarked;
