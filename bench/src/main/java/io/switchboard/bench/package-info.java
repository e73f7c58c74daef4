/// Load runs: [BenchMain] picks a [Case], a case starts a [Rig] (Kafka, Redis, the system and the
/// baselines, each a process), opens browsers in processes of their own ([Crowd]), and lets [Load]
/// send by a schedule that was fixed beforehand. What comes out is a [Result].
@NullMarked
package io.switchboard.bench;

import org.jspecify.annotations.NullMarked;
