package kmend;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The broker's view of a log and the Java consumer's, as lines for run.ts to compare:
 *
 * <pre>
 * create BOOTSTRAP TOPIC...   prints "created"
 * read BOOTSTRAP TOPIC...     per topic, tab-separated:
 *   log     TOPIC  earliest  latest  lastStable  leaderEpoch
 *   record  TOPIC  offset  digest      (digest over timestamp, key, value and headers)
 *   stuck   TOPIC  position  error     (the position did not move over three polls)
 *   end     TOPIC  position            (the last stable offset was reached)
 *   astray  TOPIC  message             (a seek to an offset or a time led elsewhere)
 * </pre>
 *
 * Every topic has the one partition 0. The consumer checks CRCs and reads only what is committed.
 */
public final class BrokerClient {
    private static final int POLLS_UNTIL_STUCK = 3;
    private static final Duration POLL_TIMEOUT = Duration.ofSeconds(3);
    /** Seeks per topic; each goes through the segment's indexes. */
    private static final int SEEKS = 8;

    private final String bootstrap;
    private final PrintWriter out;

    private BrokerClient(String bootstrap, PrintWriter out) {
        this.bootstrap = bootstrap;
        this.out = out;
    }

    public static void main(String[] args) throws Exception {
        var topics = Arrays.asList(args).subList(2, args.length);
        var writer = new OutputStreamWriter(System.out, StandardCharsets.UTF_8);
        try (var out = new PrintWriter(new BufferedWriter(writer))) {
            var client = new BrokerClient(args[1], out);
            switch (args[0]) {
                case "create" -> client.create(topics);
                case "read" -> client.read(topics);
                default -> throw new IllegalArgumentException("Unknown command " + args[0]);
            }
        }
    }

    private Properties properties() {
        var properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        return properties;
    }

    /** Retention is off: the records are as old as they are, and nothing may be deleted meanwhile. */
    private void create(List<String> names) throws ExecutionException, InterruptedException {
        try (var admin = Admin.create(properties())) {
            var topics = names.stream()
                .map(name -> new NewTopic(name, 1, (short) 1).configs(Map.of("retention.ms", "-1")))
                .toList();
            admin.createTopics(topics).all().get();
            out.println("created");
        }
    }

    private void read(List<String> names)
        throws ExecutionException, InterruptedException, IOException, NoSuchAlgorithmException {
        try (var admin = Admin.create(properties())) {
            for (var name : names) {
                var stable = printOffsets(admin, name);
                consume(name, stable);
            }
        }
    }

    private long printOffsets(Admin admin, String name)
        throws ExecutionException, InterruptedException {
        var partition = new TopicPartition(name, 0);
        var earliest = admin.listOffsets(Map.of(partition, OffsetSpec.earliest())).all().get();
        var latest = admin.listOffsets(Map.of(partition, OffsetSpec.latest())).all().get();
        long stable;
        try (var consumer = consumer()) {
            stable = consumer.endOffsets(List.of(partition)).get(partition);
        }
        var end = latest.get(partition);
        line("log", name, earliest.get(partition).offset(), end.offset(), stable,
            end.leaderEpoch().orElse(-1));
        return stable;
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        var properties = properties();
        properties.put("check.crcs", "true");
        properties.put("isolation.level", "read_committed");
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "none");
        properties.put("max.poll.records", "5000");
        properties.put("max.partition.fetch.bytes", "262144");
        properties.put("fetch.max.wait.ms", "100");
        return new KafkaConsumer<>(
            properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private void consume(String name, long stable) throws IOException, NoSuchAlgorithmException {
        var partition = new TopicPartition(name, 0);
        try (var consumer = consumer()) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            var position = consumer.position(partition);
            var error = "no error, nothing returned";
            var idlePolls = 0;
            var timestamps = new TreeMap<Long, Long>();
            while (position < stable && idlePolls < POLLS_UNTIL_STUCK) {
                try {
                    for (var found : consumer.poll(POLL_TIMEOUT)) {
                        line("record", name, found.offset(), digest(found));
                        timestamps.put(found.offset(), found.timestamp());
                    }
                } catch (KafkaException exception) {
                    error = describe(exception);
                }
                var next = consumer.position(partition);
                idlePolls = next == position ? idlePolls + 1 : 0;
                position = next;
            }
            if (position < stable) {
                line("stuck", name, position, error);
            } else {
                line("end", name, position);
                seek(consumer, partition, timestamps);
            }
        }
    }

    /** Reading on from the start hardly touches an index; seeking does. */
    private void seek(
        KafkaConsumer<byte[], byte[]> consumer,
        TopicPartition partition,
        NavigableMap<Long, Long> timestamps) {
        var offsets = timestamps.keySet().toArray(new Long[0]);
        for (int sample = 0; sample < Math.min(SEEKS, offsets.length); sample++) {
            var offset = offsets[(int) ((long) sample * offsets.length / SEEKS)];
            consumer.seek(partition, offset);
            var found = consumer.poll(POLL_TIMEOUT).iterator();
            var first = found.hasNext() ? found.next().offset() : -1;
            if (first != offset) {
                line("astray", partition.topic(), "sought offset " + offset + ", got " + first);
            }
            seekTime(consumer, partition, timestamps, timestamps.get(offset));
        }
    }

    /** The answer may lie before the first record seen with such a time: it may be an aborted one. */
    private void seekTime(
        KafkaConsumer<byte[], byte[]> consumer,
        TopicPartition partition,
        NavigableMap<Long, Long> timestamps,
        long time) {
        if (time < 0) {
            return;
        }
        var expected = timestamps.entrySet().stream()
            .filter(entry -> entry.getValue() >= time)
            .findFirst().orElseThrow().getKey();
        var answer = consumer.offsetsForTimes(Map.of(partition, time)).get(partition);
        if (answer == null || answer.offset() > expected || answer.timestamp() < time) {
            line("astray", partition.topic(),
                "sought time " + time + " at offset " + expected + ", got " + answer);
        }
    }

    private static String describe(Throwable error) {
        var text = new StringBuilder(error.toString());
        for (var cause = error.getCause(); cause != null; cause = cause.getCause()) {
            text.append(" < ").append(cause);
        }
        return text.toString().replaceAll("\\s+", " ");
    }

    /** The first 8 bytes are enough to tell records apart, and keep the output small. */
    private static String digest(ConsumerRecord<byte[], byte[]> found)
        throws NoSuchAlgorithmException {
        var sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update(ByteBuffer.allocate(8).putLong(0, found.timestamp()));
        update(sha256, found.key());
        update(sha256, found.value());
        for (Header header : found.headers()) {
            update(sha256, header.key().getBytes(StandardCharsets.UTF_8));
            update(sha256, header.value());
        }
        return HexFormat.of().formatHex(sha256.digest(), 0, 8);
    }

    private static void update(MessageDigest sha256, byte[] bytes) {
        sha256.update(ByteBuffer.allocate(4).putInt(0, bytes == null ? -1 : bytes.length));
        if (bytes != null) {
            sha256.update(bytes);
        }
    }

    private void line(String kind, Object... fields) {
        out.print(kind);
        for (var field : fields) {
            out.print('\t');
            out.print(field);
        }
        out.println();
    }
}
