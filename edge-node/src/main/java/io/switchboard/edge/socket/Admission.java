package io.switchboard.edge.socket;

import io.switchboard.edge.delivery.EdgeCounter;
import io.switchboard.runtime.AgentTokens.Verdict;
import io.switchboard.schemas.Address;
import io.switchboard.schemas.CloseCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who may come in: by the token, the page's origin, and what operators have blocked.
final class Admission {
    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

    private Admission() {}

    static Verdict verify(Front front, String connection, String token) {
        var verdict = front.tokens().apply(token);
        if (verdict instanceof Verdict.Refused(var code, var reason)) {
            front.meters().increment(EdgeCounter.TOKENS_REFUSED);
            LOG.atInfo()
                    .addKeyValue("connection", connection)
                    .addKeyValue("closeCode", code.code())
                    .log("Token refused: {}", reason);
        }
        return verdict;
    }

    /// @param origin of the page; null when it is not a browser that connects
    /// @return why one whose token is good is refused all the same; null when it is not
    static @Nullable CloseCode refusal(Front front, Address.Agent agent, @Nullable String origin) {
        var app = front.apps().get().app(agent.app());
        if (app != null
                && origin != null
                && !app.origins().isEmpty()
                && !app.origins().contains(origin)) {
            front.meters().increment(EdgeCounter.ORIGINS_REFUSED);
            return CloseCode.ORIGIN_REFUSED;
        }
        return front.refusals().isBlocked(agent.app()) ? CloseCode.APP_BLOCKED : null;
    }
}
