package io.switchboard.operator;

import io.switchboard.runtime.EventsTopic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Tries a Redis.
///
/// *Used by one thread.*
final class RedisDoctor {
    private final RedisLink redis;

    RedisDoctor(RedisLink redis) {
        this.redis = redis;
    }

    List<Finding> look(@Nullable EventsTopic topic) {
        var findings = new ArrayList<Finding>();
        var facts = redis.facts();
        facts.problems().forEach(each -> findings.add(Finding.fail("Redis", each)));
        facts.warnings().forEach(each -> findings.add(Finding.warn("Redis", each)));
        if (facts.fit()) {
            findings.add(Finding.ok("Redis", "version " + facts.version()));
            // Any lane will do, of a topic that need not exist.
            var lane =
                    topic == null ? new io.switchboard.schemas.LaneId("doctor", 0) : topic.lane(0);
            var before = Instant.now();
            var said = redis.get(redis.inspection().lane(lane)).now();
            findings.add(Clocks.compare("Redis's clock", before, said, Instant.now()));
        }
        return findings;
    }
}
