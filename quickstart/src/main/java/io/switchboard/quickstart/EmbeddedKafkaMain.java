package io.switchboard.quickstart;

import io.switchboard.schemas.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/// The broker's own JVM: `<port> <controller port> <data folder> [<port>:<advertised port>…]`.
public final class EmbeddedKafkaMain {
    private static final int NODE = 1;
    /// Names a file of broker settings that win over ours.
    public static final String MORE_SETTINGS = "broker.settings";

    private static final String CONTROLLER = "CONTROLLER";

    private EmbeddedKafkaMain() {}

    public static void main(String[] args) throws Exception {
        var port = Integer.parseInt(args[0]);
        var data = Path.of(args[2]);
        Files.createDirectories(data);
        if (!Files.exists(data.resolve("meta.properties"))) {
            format(data);
        }
        var settings = settings(port, Integer.parseInt(args[1]), data);
        for (int i = 3; i < args.length; i++) {
            addListener("L" + i, args[i].split(":"), port, settings);
        }
        var more = System.getProperty(MORE_SETTINGS);
        if (more != null) {
            addSettings(Path.of(more), settings);
        }
        var server = new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "shutdown"));
        server.startup();
        System.out.println(Json.object().put("ready", "kafka").put("port", port));
        server.awaitShutdown();
    }

    private static void addSettings(Path file, Map<String, String> settings) throws IOException {
        var more = new Properties();
        try (var in = Files.newBufferedReader(file)) {
            more.load(in);
        }
        more.stringPropertyNames().forEach(name -> settings.put(name, more.getProperty(name)));
    }

    private static void addListener(
            String name, String[] ports, int mainPort, Map<String, String> settings) {
        var at = "," + name + "://127.0.0.1:";
        settings.putIfAbsent("advertised.listeners", "PLAINTEXT://127.0.0.1:" + mainPort);
        settings.compute("listeners", (_, before) -> before + at + ports[0]);
        settings.compute("advertised.listeners", (_, before) -> before + at + ports[1]);
        settings.compute(
                "listener.security.protocol.map",
                (_, before) -> before + "," + name + ":PLAINTEXT");
    }

    private static void format(Path data) throws Exception {
        new Formatter()
                .setPrintStream(
                        new PrintStream(
                                OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setNodeId(NODE)
                .setClusterId(Uuid.randomUuid().toString())
                .addDirectory(data.toString())
                .setMetadataLogDirectory(data.toString())
                .setControllerListenerName(CONTROLLER)
                .setIgnoreFormatted(true)
                .run();
    }

    /// What the broker is told; the form on containers is told the same.
    public static Map<String, String> settings(int port, int controllerPort, Path data) {
        var settings = new LinkedHashMap<String, String>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(NODE));
        settings.put("controller.quorum.voters", NODE + "@127.0.0.1:" + controllerPort);
        settings.put("controller.listener.names", CONTROLLER);
        settings.put(
                "listeners",
                "PLAINTEXT://127.0.0.1:%d,%s://127.0.0.1:%d"
                        .formatted(port, CONTROLLER, controllerPort));
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("log.dirs", data.toString());

        // A dispatcher that was killed is replaced within 5 s only with these (KIP-848: the
        // broker decides, not the client).
        settings.put("group.consumer.min.session.timeout.ms", "1000");
        settings.put("group.consumer.session.timeout.ms", "3000");
        settings.put("group.consumer.min.heartbeat.interval.ms", "100");
        settings.put("group.consumer.heartbeat.interval.ms", "500");
        settings.put("group.min.session.timeout.ms", "1000");
        settings.put("group.initial.rebalance.delay.ms", "0");
        // A hung transaction holds back everything behind it.
        settings.put("transaction.max.timeout.ms", "10000");
        settings.put("message.max.bytes", Integer.toString(3 * 1024 * 1024));
        settings.put("auto.create.topics.enable", "false");

        // One node, one machine.
        settings.put("default.replication.factor", "1");
        for (var topic :
                new String[] {
                    "offsets.topic", "transaction.state.log", "share.coordinator.state.topic"
                }) {
            settings.put(topic + ".replication.factor", "1");
            settings.put(topic + ".num.partitions", "1");
        }
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        // After kill -9 the controller waits for the session of the broker's former life.
        settings.put("broker.session.timeout.ms", "3000");
        settings.put("broker.heartbeat.interval.ms", "500");
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "4");
        settings.put("background.threads", "2");
        settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(8 * 1024 * 1024));
        return settings;
    }
}
