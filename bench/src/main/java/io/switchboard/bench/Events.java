package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.bench.far.Stamp;
import io.switchboard.runtime.KafkaFlags;
import io.switchboard.schemas.Address;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/// An upstream system's own Kafka producer: envelopes for agents, picked at random, or for a role.
/// Each address's events are numbered 1, 2, 3 …, so that the far end sees what is missing.
///
/// Confined to the thread that sends.
final class Events implements Load.Sender, AutoCloseable {
    /// What a payload weighs besides our stamp: a short sentence.
    static final String INFOS = "A new worksheet waits for you: printer on floor 3 does not answer";

    private static final long SEED = 20_260_101;

    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final int partitions;
    private final Address[] addresses;
    private final byte[][] keys;
    private final byte[][] envelopes;
    private final int[] stamps;
    private final long[] numbers;
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final LongAdder failed = new LongAdder();

    private Events(String kafka, String topic, int partitions, Address[] addresses) {
        this.producer = new KafkaProducer<>(KafkaFlags.of(kafka, topic).producer("bench"));
        this.topic = topic;
        this.partitions = partitions;
        this.addresses = addresses;
        this.numbers = new long[addresses.length];
        this.keys = new byte[addresses.length][];
        this.envelopes = new byte[addresses.length][];
        this.stamps = new int[addresses.length];
        for (int i = 0; i < addresses.length; i++) {
            var envelope = envelope(addresses[i]);
            keys[i] = addresses[i].key();
            envelopes[i] = envelope.getBytes(UTF_8);
            stamps[i] = Stamp.offsetIn(envelope);
        }
        producer.partitionsFor(topic);
    }

    static Events toAgents(String kafka, String topic, int partitions, int agents) {
        var addresses = new Address[agents];
        for (int i = 0; i < agents; i++) {
            addresses[i] = new Address.Agent(Rig.APP, Integer.toString(i));
        }
        return new Events(kafka, topic, partitions, addresses);
    }

    static Events toAgent(String kafka, String topic, int partitions, String uuid) {
        return new Events(
                kafka, topic, partitions, new Address[] {new Address.Agent(Rig.APP, uuid)});
    }

    static Events toRole(String kafka, String topic, int partitions) {
        return new Events(
                kafka, topic, partitions, new Address[] {new Address.Role(Rig.APP, Rig.ROLE)});
    }

    static String envelope(Address to) {
        var target =
                switch (to) {
                    case Address.Agent(_, var uuid) -> "\"uuid\":\"" + uuid + "\"";
                    case Address.Role(_, var role) -> "\"role\":\"" + role + "\"";
                    case Address.App _ -> "\"all\":true";
                };
        return "{\"url\":\"%s\",\"chat_token\":\"%s\",\"data\":[{%s,\"data\":{\"type\":\"bench\",\"infos\":\"%s\",%s}}]}"
                .formatted(Rig.URL, Rig.CHAT_TOKEN, target, INFOS, Stamp.blank());
    }

    @Override
    public void send(long number, long dueNanos) {
        sendTo(addresses.length == 1 ? 0 : random.nextInt(addresses.length), dueNanos);
    }

    /// The producer copies the bytes before it returns, so that one envelope an address is enough.
    void sendTo(int index, long dueNanos) {
        Stamp.write(envelopes[index], stamps[index], dueNanos, ++numbers[index]);
        producer.send(
                new ProducerRecord<>(
                        topic,
                        addresses[index].partition(partitions),
                        keys[index],
                        envelopes[index]),
                (_, thrown) -> {
                    if (thrown != null) {
                        failed.increment();
                    }
                });
    }

    void flush() {
        producer.flush();
    }

    /// Events that Kafka did not take.
    long failed() {
        return failed.sum();
    }

    @Override
    public void close() {
        producer.close();
    }
}
