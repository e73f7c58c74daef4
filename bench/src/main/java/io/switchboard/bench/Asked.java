package io.switchboard.bench;

import io.switchboard.quickstart.EmbeddedRedis;
import io.switchboard.quickstart.FreePorts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.jspecify.annotations.Nullable;

/// How often Kafka and Redis were asked for something, as they count it themselves: whoever asked.
///
/// Owned by its case.
final class Asked implements AutoCloseable {
    private static final String REQUESTS =
            "kafka.network:type=RequestMetrics,name=RequestsPerSec,*";

    /// Once for each partition of a request.
    private static final String PRODUCED =
            "kafka.server:type=BrokerTopicMetrics,name=TotalProduceRequestsPerSec,*";

    private static final String EDGES = "switchboard.edge.";
    private static final Pattern CALLS = Pattern.compile("cmdstat_fcall:calls=(\\d+)");
    private static final Pattern READS = Pattern.compile("total_reads_processed:(\\d+)");

    /// @param kafka requests by their kind
    /// @param hintBatches that were written to edges' topics
    /// @param calls of our functions, on each node of Redis
    /// @param reads of Redis from its sockets: what was sent together counts once
    record Counts(Map<String, Long> kafka, long hintBatches, List<Long> calls, long reads) {
        Counts since(Counts before) {
            var more = new HashMap<>(kafka);
            before.kafka.forEach((kind, count) -> more.merge(kind, -count, Long::sum));
            var moreCalls = new ArrayList<Long>();
            for (int i = 0; i < calls.size(); i++) {
                moreCalls.add(calls.get(i) - before.calls.get(i));
            }
            return new Counts(
                    more, hintBatches - before.hintBatches, moreCalls, reads - before.reads);
        }

        long ofKafka(String kind) {
            return kafka.getOrDefault(kind, 0L);
        }

        long allOfKafka() {
            return kafka.values().stream().mapToLong(Long::longValue).sum();
        }

        long allCalls() {
            return calls.stream().mapToLong(Long::longValue).sum();
        }
    }

    private final JMXConnector connector;
    private final MBeanServerConnection kafka;
    private final List<RedisWire> redis = new ArrayList<>();

    @SuppressWarnings("BanJNDI") // who answers is a process of ours
    Asked(Rig rig) throws IOException {
        int port = FreePorts.next();
        var answer =
                Usage.jcmd(
                        rig.process("kafka").pid(),
                        "ManagementAgent.start",
                        "jmxremote.host=127.0.0.1",
                        "jmxremote.port=" + port,
                        "jmxremote.rmi.port=" + port,
                        "jmxremote.authenticate=false",
                        "jmxremote.ssl=false");
        try {
            connector =
                    JMXConnectorFactory.connect(
                            new JMXServiceURL(
                                    "service:jmx:rmi:///jndi/rmi://127.0.0.1:%d/jmxrmi"
                                            .formatted(port)));
        } catch (IOException e) {
            throw new IOException("Kafka does not tell its counts: " + answer.strip(), e);
        }
        kafka = connector.getMBeanServerConnection();
        for (EmbeddedRedis node : rig.redisNodes()) {
            redis.add(new RedisWire(node.port()));
        }
    }

    Counts now() throws IOException {
        var calls = new ArrayList<Long>();
        long reads = 0;
        for (var node : redis) {
            calls.add(number(CALLS, node.call("INFO", "commandstats")));
            reads += number(READS, node.call("INFO", "stats"));
        }
        var produced = counts(PRODUCED, "topic");
        long batches =
                produced.entrySet().stream()
                        .filter(each -> each.getKey().startsWith(EDGES))
                        .mapToLong(Map.Entry::getValue)
                        .sum();
        return new Counts(counts(REQUESTS, "request"), batches, calls, reads);
    }

    private Map<String, Long> counts(String pattern, String by) throws IOException {
        try {
            var counts = new HashMap<String, Long>();
            for (var each : kafka.queryNames(new ObjectName(pattern), null)) {
                var of = each.getKeyProperty(by);
                if (of != null) {
                    counts.merge(of, (Long) kafka.getAttribute(each, "Count"), Long::sum);
                }
            }
            return counts;
        } catch (JMException e) {
            throw new IOException(pattern, e);
        }
    }

    private static long number(Pattern in, @Nullable String page) {
        var found = in.matcher(String.valueOf(page));
        return found.find() ? Long.parseLong(found.group(1)) : 0;
    }

    @Override
    public void close() throws IOException {
        connector.close();
        for (var each : redis) {
            each.close();
        }
    }
}
