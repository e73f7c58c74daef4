package io.switchboard.operator;

import static io.switchboard.operator.Fixture.ADA;
import static io.switchboard.operator.Fixture.NOW;
import static io.switchboard.operator.Fixture.inAdasLane;
import static io.switchboard.operator.Fixture.laneOfAda;
import static io.switchboard.operator.Fixture.origin;
import static io.switchboard.operator.Fixture.toAda;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.schemas.Address;
import io.switchboard.schemas.Origin;
import io.switchboard.schemas.Position;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RedeliveryTest {
    private static final String ADA_TARGET = "{\"uuid\":\"ada\",\"data\":{}}";
    private static final Position ELSEWHERE = new Position("aB3_-x", (laneOfAda() + 1) % 8, 5);

    private final Redelivery redelivery =
            new Redelivery("r7", Fixture.TOPIC, Fixture.APPS, _ -> true);

    private Redelivery.Choice choose(Sighting record) {
        return redelivery.choose(record, NOW);
    }

    @Test
    void eventIsSentAgain_underItsOwnName_withANewExpiry() {
        var choice = choose(Fixture.raw(laneOfAda(), 42, ADA_TARGET));

        assertThat(choice).isInstanceOf(Redelivery.Send.class);
        var origin = ((Redelivery.Send) choice).origin();
        assertThat(origin)
                .isEqualTo(
                        new Origin(
                                Origin.Kind.REDELIVERED,
                                "helpdesk",
                                inAdasLane(42),
                                0,
                                "aB3_-x.%d.42".formatted(laneOfAda()),
                                NOW.plus(Fixture.TTL),
                                "r7"));
    }

    @Test
    void targetsOwnTtlCountsAnew() {
        var choice =
                choose(Fixture.raw(laneOfAda(), 42, "{\"uuid\":\"ada\",\"ttl\":60,\"data\":{}}"));

        assertThat(((Redelivery.Send) choice).origin().expiry())
                .isEqualTo(NOW.plus(Duration.ofSeconds(60)));
    }

    @Test
    void recordsWithCopiesOfTheirOwn_areLeftToTheirCopies() {
        assertThat(choose(Fixture.raw(laneOfAda(), 1, ADA_TARGET + "," + ADA_TARGET)))
                .as("several targets")
                .isEqualTo(Redelivery.Skip.COPIES_FOLLOW);
        assertThat(choose(Fixture.raw(ELSEWHERE.partition(), 2, ADA_TARGET)))
                .as("another lane")
                .isEqualTo(Redelivery.Skip.COPIES_FOLLOW);
        assertThat(
                        choose(
                                Fixture.raw(
                                        laneOfAda(),
                                        3,
                                        "{\"uuid\":\"ada\",\"deliver_at\":\"2026-11-24T19:00:00Z\",\"data\":{}}")))
                .as("delayed")
                .isEqualTo(Redelivery.Skip.COPIES_FOLLOW);
    }

    @Test
    void copiesAreSentAgain_asTheEventTheyAreOf() {
        var split =
                Fixture.forwarded(
                        50,
                        origin(Origin.Kind.SPLIT, ELSEWHERE, ELSEWHERE + ".1", null),
                        toAda(null));

        var choice = choose(split);

        assertThat(((Redelivery.Send) choice).origin().first()).isEqualTo(ELSEWHERE);
        assertThat(((Redelivery.Send) choice).origin().eventId()).isEqualTo(ELSEWHERE + ".1");
    }

    @Test
    void eventIsSentOnce_howeverOftenTheRangeHoldsIt() {
        assertThat(choose(Fixture.raw(laneOfAda(), 42, ADA_TARGET)))
                .isInstanceOf(Redelivery.Send.class);
        var earlier =
                Fixture.forwarded(
                        60,
                        origin(
                                Origin.Kind.REDELIVERED,
                                inAdasLane(42),
                                inAdasLane(42).toString(),
                                "r1"),
                        toAda(null));

        assertThat(choose(earlier)).isEqualTo(Redelivery.Skip.SEEN);
    }

    @Test
    void whatAnEarlierRunHasSent_isNotSentAgain_whenItIsResumed() {
        var copy = origin(Origin.Kind.REDELIVERED, inAdasLane(42), inAdasLane(42).toString(), "r7");
        redelivery.done(Fixture.forwarded(60, copy, toAda(null)));

        assertThat(choose(Fixture.raw(laneOfAda(), 42, ADA_TARGET)))
                .isEqualTo(Redelivery.Skip.SEEN);
        assertThat(choose(Fixture.raw(laneOfAda(), 43, ADA_TARGET)))
                .isInstanceOf(Redelivery.Send.class);
    }

    @Test
    void whatWasNeverDelivered_isNotDeliveredNow() {
        assertThat(choose(Fixture.raw(laneOfAda(), 1, "wrong", ADA_TARGET)))
                .as("token refused")
                .isEqualTo(Redelivery.Skip.DEAD);
        assertThat(choose(Fixture.raw(laneOfAda(), 2, "{\"uuid\":\"ada\"}")))
                .as("malformed")
                .isEqualTo(Redelivery.Skip.DEAD);
        assertThat(choose(Fixture.raw(0, 3, "other", "{\"all\":true,\"data\":{}}")))
                .as("blocked app, or its lane")
                .isIn(Redelivery.Skip.DEAD, Redelivery.Skip.COPIES_FOLLOW);
        var role = new Address.Role("helpdesk", "nobody");
        assertThat(choose(Fixture.raw(role.partition(8), 4, "{\"role\":\"nobody\",\"data\":{}}")))
                .as("unknown role")
                .isEqualTo(Redelivery.Skip.DEAD);
    }

    @Test
    void onlyWhatIsMeant_isSent() {
        var onlyAda =
                new Redelivery(
                        "r7", Fixture.TOPIC, Fixture.APPS, Redelivery.meaning(null, ADA, null));
        var bob = new Address.Agent("helpdesk", "bob");

        assertThat(
                        onlyAda.choose(
                                Fixture.raw(bob.partition(8), 1, "{\"uuid\":\"bob\",\"data\":{}}"),
                                NOW))
                .isEqualTo(Redelivery.Skip.NOT_MEANT);
        assertThat(onlyAda.choose(Fixture.raw(laneOfAda(), 2, ADA_TARGET), NOW))
                .isInstanceOf(Redelivery.Send.class);
        var byApp = Redelivery.meaning("other", null, null);
        var byId = Redelivery.meaning(null, null, "w-1");
        var event = Fixture.raw(laneOfAda(), 2, ADA_TARGET).events().getFirst();
        assertThat(byApp.test(event)).isFalse();
        assertThat(byId.test(event)).isFalse();
    }
}
