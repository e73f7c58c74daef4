/// The far ends of a measurement, each a process of its own, so that what they cost is not
/// counted as the system's: [BrowsersMain] holds thousands of lean browsers, [FloorMain] is the
/// baseline. Each obeys one line of JSON at a time ([Control]).
@NullMarked
package io.switchboard.bench.far;

import org.jspecify.annotations.NullMarked;
