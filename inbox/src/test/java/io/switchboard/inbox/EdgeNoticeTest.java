package io.switchboard.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class EdgeNoticeTest {
    @Test
    void notice_isReadBackAsItWas() {
        var notice = new EdgeNotice("ws://h:9081/ws", "http://h:9181", 5_000, true, 64);

        assertThat(EdgeNotice.decode(notice.encode())).isEqualTo(notice);
    }

    @Test
    void leaseOfAnEarlierRelease_isTheUrlAlone() {
        assertThat(EdgeNotice.decode("ws://h:9081/ws")).isEqualTo(EdgeNotice.at("ws://h:9081/ws"));
        assertThat(EdgeNotice.decode("")).isEqualTo(EdgeNotice.NONE);
        assertThat(EdgeNotice.decode("{")).isEqualTo(EdgeNotice.at("{"));
    }

    @Test
    void whatALaterReleaseAdds_isPassedOver() {
        assertThat(EdgeNotice.decode("{\"url\":\"ws://h\",\"load\":{}}"))
                .isEqualTo(EdgeNotice.at("ws://h"));
    }
}
