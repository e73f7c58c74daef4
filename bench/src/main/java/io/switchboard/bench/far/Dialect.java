package io.switchboard.bench.far;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;

/// What a browser says beside WebSocket, and how it tells frames apart.
enum Dialect {
    /// Ours: CONNECT with a token and positions, ACK 50 ms after an event as the SDK does.
    SWITCHBOARD("switchboard.v1") {
        @Override
        String path(int index) {
            return "/ws";
        }

        // By the first letter of the event's name.
        @Override
        void onText(Browser browser, ByteBuf frame, int at, int length) {
            if (length <= EVENT_NAME) {
                return;
            }
            switch (frame.getByte(at + EVENT_NAME)) {
                case 'C' -> browser.connect();
                case 'O' -> browser.onOnline();
                case 'H' -> browser.say(HEART_BEAT);
                case 'L' -> browser.onLost();
                case 'G' -> browser.onGoAway(frame, at, length);
                case 'B' -> {
                    browser.onEvent(frame, at, length);
                    browser.keepPosition(frame, at, length);
                }
                default -> {}
            }
        }
    },

    /// The baseline's: whoever asks for `/<index>` gets what is for that index.
    FLOOR("") {
        @Override
        String path(int index) {
            return "/" + index;
        }

        @Override
        void onText(Browser browser, ByteBuf frame, int at, int length) {
            browser.onEvent(frame, at, length);
        }

        @Override
        void onUpgraded(Browser browser) {
            browser.onOnline();
        }
    },

    /// Engine.IO 4 and Socket.IO 5, over WebSocket from the start.
    SOCKET_IO("") {
        @Override
        String path(int index) {
            return "/socket.io/?EIO=4&transport=websocket";
        }

        @Override
        void onText(Browser browser, ByteBuf frame, int at, int length) {
            int type = frame.getByte(at);
            int message = length > 1 ? frame.getByte(at + 1) : 0;
            if (type == '0') {
                browser.say("40{\"agent\":\"%d\"}".formatted(browser.index()));
            } else if (type == '2') {
                browser.say("3");
            } else if (type == '4' && message == '0') {
                browser.onOnline();
            } else if (type == '4' && message == '2') {
                browser.onEvent(frame, at, length);
            }
        }
    };

    private static final int EVENT_NAME = "{\"event\":\"".getBytes(US_ASCII).length;
    private static final String HEART_BEAT = "{\"event\":\"HEART_BEAT\",\"data\":[]}";

    private final String subprotocol;

    Dialect(String subprotocol) {
        this.subprotocol = subprotocol;
    }

    abstract String path(int index);

    abstract void onText(Browser browser, ByteBuf frame, int at, int length);

    void onUpgraded(Browser browser) {}

    final String subprotocol() {
        return subprotocol;
    }
}
