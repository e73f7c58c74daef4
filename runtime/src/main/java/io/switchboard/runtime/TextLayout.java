package io.switchboard.runtime;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/// For people: `12:00:00.123 WARN  Lane  message  lane=3 position=Ab12Cd.3.17`.
final class TextLayout extends LayoutBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    @Override
    public String doLayout(ILoggingEvent event) {
        var line = new StringBuilder(160);
        TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()), line);
        line.append(' ').append("%-5s".formatted(event.getLevel())).append(' ');
        line.append(simpleName(event.getLoggerName())).append("  ");
        line.append(event.getFormattedMessage());
        var pairs = event.getKeyValuePairs();
        if (pairs != null) {
            line.append(' ');
            pairs.forEach(pair -> line.append(' ').append(pair.key).append('=').append(pair.value));
        }
        flatten(line);
        line.append(System.lineSeparator());
        if (event.getThrowableProxy() != null) {
            line.append(ThrowableProxyUtil.asString(event.getThrowableProxy()))
                    .append(System.lineSeparator());
        }
        return line.toString();
    }

    /// What a stranger wrote, and we repeat, cannot pass for a line of ours.
    private static void flatten(StringBuilder line) {
        for (int i = 0; i < line.length(); i++) {
            if (Character.isISOControl(line.charAt(i))) {
                line.setCharAt(i, ' ');
            }
        }
    }

    private static String simpleName(String logger) {
        return logger.substring(logger.lastIndexOf('.') + 1);
    }
}
