package io.switchboard.operator;

import io.switchboard.schemas.LetterMark;
import io.switchboard.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/// The topic of dead letters.
///
/// *Used by one thread.*
final class LetterBox {
    private final KafkaLink kafka;

    LetterBox(KafkaLink kafka) {
        this.kafka = kafka;
    }

    /// All that the topic still holds, oldest first.
    List<Letter> letters() {
        var book = new Letter.Book();
        var reader = kafka.reader();
        reader.read(
                reader.all(reader.partitions(Topics.DEAD_LETTERS)),
                record -> {
                    book.add(record);
                    return true;
                });
        return book.letters();
    }

    /// Remembers what was done, behind the letter in its partition.
    void mark(Letter letter, LetterMark mark) {
        var record =
                new ProducerRecord<byte[], byte[]>(
                        Topics.DEAD_LETTERS, letter.key().getBytes(StandardCharsets.UTF_8), null);
        mark.headers().forEach(record.headers()::add);
        kafka.send(record);
    }
}
