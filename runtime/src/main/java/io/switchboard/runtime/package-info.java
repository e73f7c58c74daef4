/// What every process of ours has: the flags and files it is configured by, the apps file, how it
/// starts and stops, its admin port (health, metrics), its logs and its Kafka clients.
@NullMarked
package io.switchboard.runtime;

import org.jspecify.annotations.NullMarked;
