package kmend;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.tools.TransactionsCommand;
import org.apache.kafka.tools.consumer.group.ConsumerGroupCommand;

/**
 * Groups and transactions of every kind on a new broker, and what Kafka's own tools say of them. Argument: the
 * bootstrap server. Prints each answer below a line "=== what was asked". Ends without closing anything: members
 * stay in their groups and transactions open, as they are when a broker dies.
 */
public final class CoordinatorScene {
    private static final Map<String, Integer> TOPICS = Map.of("stock", 3, "orders", 2, "late", 2);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long PATIENCE_MS = 60_000;
    /** No coordinator has ever given it away. */
    private static final long UNKNOWN_PRODUCER_ID = 900_000;

    private final String bootstrap;
    private final Admin admin;
    /** What stays open until the end. */
    private final List<AutoCloseable> open = new ArrayList<>();

    private CoordinatorScene(String bootstrap) {
        this.bootstrap = bootstrap;
        this.admin = Admin.create(properties());
    }

    public static void main(String[] args) throws Exception {
        var scene = new CoordinatorScene(args[0]);
        scene.createTopics();
        scene.makeGroups();
        scene.makeTransactions();
        scene.ask();
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    private Properties properties() {
        var properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        return properties;
    }

    private void createTopics() throws Exception {
        var topics = TOPICS.entrySet().stream()
            .map(topic -> new NewTopic(topic.getKey(), topic.getValue(), (short) 1)).toList();
        admin.createTopics(topics).all().get();
        try (var producer = producer(null)) {
            for (int index = 0; index < 60; index++) {
                producer.send(new ProducerRecord<>("stock", index % 3, "key" + index, "value" + index));
            }
        }
    }

    private void makeGroups() throws Exception {
        // A simple group: only offsets, no member ever. The second commit of a partition counts, also when lower.
        commit("g-offsets-only", Map.of(at("stock", 0), offset(9), at("stock", 1), offset(7)));
        commit("g-offsets-only", Map.of(at("stock", 0), offset(3)));
        // One partition's offset deleted, the other's not.
        commit("g-one-deleted", Map.of(at("stock", 0), offset(4), at("stock", 2), offset(5)));
        admin.deleteConsumerGroupOffsets("g-one-deleted", Set.of(at("stock", 2))).all().get();
        commit("g-deleted", Map.of(at("stock", 0), offset(1)));
        admin.deleteConsumerGroups(List.of("g-deleted")).all().get();
        for (var protocol : List.of("classic", "consumer")) {
            leave(join("g-left-" + protocol, protocol, 1));
            commit("g-left-" + protocol, Map.of(at("orders", 1), offset(0)));
            open.addAll(join("g-live-" + protocol, protocol, 2));
        }
        // From one protocol to the other and, with another group, back.
        leave(join("g-upgraded", "classic", 1));
        open.addAll(join("g-upgraded", "consumer", 1));
        leave(join("g-downgraded", "consumer", 1));
        open.addAll(join("g-downgraded", "classic", 1));
        // The one member is not asked again, so that it never gives up what the other is to get.
        open.addAll(join("g-reconciling", "consumer", 1));
        var second = consumer("g-reconciling", "consumer", 1);
        open.add(second);
        until("g-reconciling is joined by a second member", () -> {
            second.poll(POLL);
            var groups = admin.describeConsumerGroups(List.of("g-reconciling")).all().get();
            return groups.get("g-reconciling").members().size() == 2;
        });
        leave(join("g-left-then-deleted", "consumer", 1));
        admin.deleteConsumerGroups(List.of("g-left-then-deleted")).all().get();
    }

    private void commit(String group, Map<TopicPartition, OffsetAndMetadata> offsets) throws Exception {
        admin.alterConsumerGroupOffsets(group, offsets).all().get();
    }

    /** New members that have all partitions between them and have committed what they read. */
    private List<KafkaConsumer<byte[], byte[]>> join(String group, String protocol, int members) throws Exception {
        var consumers = new ArrayList<KafkaConsumer<byte[], byte[]>>();
        for (int member = 0; member < members; member++) consumers.add(consumer(group, protocol, member));
        until(group + " settles", () -> {
            for (var consumer : consumers) consumer.poll(POLL);
            return shareAll(consumers);
        });
        for (var consumer : consumers) consumer.commitSync();
        return consumers;
    }

    private KafkaConsumer<byte[], byte[]> consumer(String group, String protocol, int member) {
        var properties = properties();
        properties.put("group.id", group);
        properties.put("group.protocol", protocol);
        properties.put("client.id", group + "-" + member);
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "earliest");
        var consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.subscribe(List.of("stock"));
        return consumer;
    }

    private static void until(String what, Callable<Boolean> isSo) throws Exception {
        var end = System.currentTimeMillis() + PATIENCE_MS;
        while (!isSo.call()) {
            if (System.currentTimeMillis() > end) throw new IllegalStateException("In vain: " + what);
        }
    }

    /** Each has a part, and has a position in each partition of it. */
    private boolean shareAll(List<KafkaConsumer<byte[], byte[]>> consumers) {
        var partitions = new HashSet<TopicPartition>();
        var count = 0;
        for (var consumer : consumers) {
            if (consumer.assignment().isEmpty()) return false;
            for (var partition : consumer.assignment()) {
                if (consumer.position(partition) == 0) return false;
            }
            partitions.addAll(consumer.assignment());
            count += consumer.assignment().size();
        }
        return partitions.size() == TOPICS.get("stock") && count == partitions.size();
    }

    private static void leave(List<KafkaConsumer<byte[], byte[]>> consumers) {
        consumers.forEach(KafkaConsumer::close);
    }

    private void makeTransactions() throws Exception {
        try (var producer = transactional("t-committed")) {
            for (int offset = 11; offset < 13; offset++) {
                begin(producer, at("stock", 0), at("orders", 1));
                producer.sendOffsetsToTransaction(Map.of(at("stock", 0), offset(offset)), group("g-by-transaction"));
                producer.commitTransaction();
            }
        }
        try (var producer = transactional("t-aborted")) {
            begin(producer, at("stock", 1));
            producer.sendOffsetsToTransaction(Map.of(at("stock", 0), offset(20)), group("g-by-transaction"));
            producer.sendOffsetsToTransaction(Map.of(at("stock", 0), offset(20)), group("g-aborted-only"));
            producer.abortTransaction();
        }
        transactional("t-empty");
        var ongoing = transactional("t-ongoing");
        begin(ongoing, at("stock", 0), at("stock", 2), at("orders", 0));
        ongoing.sendOffsetsToTransaction(Map.of(at("stock", 0), offset(30)), group("g-by-transaction"));
        ongoing.sendOffsetsToTransaction(Map.of(at("stock", 0), offset(30)), group("g-open-only"));
        begin(transactional("t-fenced"), at("stock", 1));
        transactional("t-fenced");
        // What reaches a partition after its transaction has ended, and nobody will end any more (KIP-664).
        try (var producer = transactional("t-late")) {
            begin(producer, at("orders", 0));
            producer.commitTransaction();
        }
        var late = admin.describeTransactions(List.of("t-late")).description("t-late").get();
        var broker = new LateProducer(bootstrap);
        broker.produce(at("late", 0), "t-late", late.producerId(), (short) late.producerEpoch());
        broker.produce(at("late", 1), "t-unknown", UNKNOWN_PRODUCER_ID, (short) 0);
    }

    private KafkaProducer<String, String> producer(String transactionalId) {
        var properties = properties();
        if (transactionalId != null) {
            properties.put("transactional.id", transactionalId);
            properties.put("transaction.timeout.ms", "600000");
        }
        return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
    }

    private KafkaProducer<String, String> transactional(String id) {
        var producer = producer(id);
        producer.initTransactions();
        open.add(producer);
        return producer;
    }

    private static void begin(KafkaProducer<String, String> producer, TopicPartition... partitions) throws Exception {
        producer.beginTransaction();
        for (var partition : partitions) {
            producer.send(new ProducerRecord<>(partition.topic(), partition.partition(), "key", "value")).get();
        }
    }

    private static ConsumerGroupMetadata group(String name) {
        return new ConsumerGroupMetadata(name);
    }

    private static TopicPartition at(String topic, int partition) {
        return new TopicPartition(topic, partition);
    }

    private static OffsetAndMetadata offset(long offset) {
        return new OffsetAndMetadata(offset, "by the scene");
    }

    private void ask() throws Exception {
        askGroups("--list", "--type", "--state");
        askGroups("--describe", "--all-groups", "--offsets", "--verbose");
        askGroups("--describe", "--all-groups", "--members", "--verbose");
        askGroups("--describe", "--all-groups", "--state", "--verbose");
        askTransactions("list");
        for (var listing : admin.listTransactions().all().get()) {
            askTransactions("describe", "--transactional-id", listing.transactionalId());
        }
        var topics = admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get();
        for (var topic : admin.describeTopics(topics).allTopicNames().get().values()) {
            for (var partition : topic.partitions()) {
                askTransactions("describe-producers", "--topic", topic.name(), "--partition", "" + partition.partition());
            }
        }
        askTransactions("find-hanging", "--broker-id", "1");
    }

    private interface Tool {
        void main(String[] args) throws Exception;
    }

    private void askGroups(String... args) throws Exception {
        print("kafka-consumer-groups", ConsumerGroupCommand::main, args);
    }

    private void askTransactions(String... args) throws Exception {
        print("kafka-transactions", TransactionsCommand::main, args);
    }

    /** The tools print to standard output; none may end this process, whose members are to stay. */
    private void print(String name, Tool tool, String... args) throws Exception {
        Exit.setExitProcedure((code, message) -> {
            if (code != 0) throw new IllegalStateException(name + " ended with " + code + ": " + message);
        });
        var stdout = System.out;
        var answer = new ByteArrayOutputStream();
        System.setOut(new PrintStream(answer, true, StandardCharsets.UTF_8));
        try {
            tool.main(Stream.concat(Stream.of("--bootstrap-server", bootstrap), Stream.of(args)).toArray(String[]::new));
        } finally {
            System.setOut(stdout);
        }
        System.out.println("=== " + name + " " + String.join(" ", args));
        System.out.println(answer.toString(StandardCharsets.UTF_8));
    }
}
