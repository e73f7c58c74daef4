/// Parts of the system by themselves, without Kafka, Redis and sockets: what is measured is one
/// piece of code. Parts that are not public have their benchmark in their own package.
@NullMarked
package io.switchboard.bench.alone;

import org.jspecify.annotations.NullMarked;
