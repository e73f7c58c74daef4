/// The root command and the operator's tools, one class each.
///
/// [AgentClient] is a browser's part in Java: it keeps the rules of docs/protocol.md that make
/// "once, in order" true end to end. [TopicsPlan] says which topics there are and how each is
/// configured; [DevTokens] signs what the apps file's own secret verifies.
@NullMarked
package io.switchboard.operator;

import org.jspecify.annotations.NullMarked;
