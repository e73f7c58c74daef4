package io.switchboard.runtime;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.Layout;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/// The log: to standard error, since standard output carries a process's answer. Logback finds
/// this class by itself (META-INF/services), so that tests and tools are as quiet as processes.
public final class Logs extends ContextAwareBase implements Configurator {
    /// What others say is heard from WARN on.
    private static final List<String> OTHERS =
            List.of(
                    "org.apache.kafka",
                    "kafka",
                    "org.redisson",
                    "io.netty",
                    "io.helidon",
                    "reactor",
                    "com.networknt",
                    "state.change.logger");

    public enum Form {
        TEXT,
        JSON
    }

    public Logs() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.INFO);
        OTHERS.forEach(each -> context.getLogger(each).setLevel(Level.WARN));
        // Four lines a second and client while a broker is away; who needs it says so once.
        context.getLogger("org.apache.kafka.clients.NetworkClient").setLevel(Level.ERROR);
        // What it has to say (a port that is taken) is said by AdminServer, in one sentence.
        context.getLogger("io.helidon.webserver.LoomServer").setLevel(Level.OFF);
        write(context, new TextLayout());
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /// Makes sure that java.util.logging speaks through us before somebody uses it.
    static void configured() {
        LoggerFactory.getILoggerFactory();
    }

    public static void write(Form form) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        write(
                context,
                switch (form) {
                    case TEXT -> new TextLayout();
                    case JSON -> new JsonLayout();
                });
    }

    private static void write(LoggerContext context, Layout<ILoggingEvent> layout) {
        layout.setContext(context);
        layout.start();
        var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setLayout(layout);
        encoder.start();
        var appender = new ConsoleAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        root.addAppender(appender);
    }
}
