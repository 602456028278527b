package kmend;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.KRaftVersionRecord;
import org.apache.kafka.common.message.LeaderChangeMessage;
import org.apache.kafka.common.message.SnapshotFooterRecord;
import org.apache.kafka.common.message.SnapshotHeaderRecord;
import org.apache.kafka.common.message.VotersRecord;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.SimpleRecord;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.metadata.MetadataRecordSerde;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.apache.kafka.server.log.remote.metadata.storage.serialization.RemoteLogMetadataSerde;
import org.apache.kafka.server.log.remote.storage.RemoteLogMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentId;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadata.CustomMetadata;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentMetadataUpdate;
import org.apache.kafka.server.log.remote.storage.RemoteLogSegmentState;
import org.apache.kafka.server.log.remote.storage.RemotePartitionDeleteMetadata;
import org.apache.kafka.server.log.remote.storage.RemotePartitionDeleteState;

/**
 * Writes logs of internal topics that hold every record type in every version, three times each with random
 * content, encoded by Kafka's own classes. Argument: the folder to write into.
 */
public final class RecordsOfAllTypes {
  private static final Random RANDOM = new Random(20260921);
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int COPIES = 3;
  private static final String[] WORDS = {
    "orders", "", "a\"quote", "S\u00e3o Paulo", "\u6771\u4eac", "tab\tnew\nline", "bell\u0007\u001f", "back\\slash", "/path", "\ud83d\ude80"
  };
  private static final double[] DOUBLES = {0.5, 1048576.0, 1.0e7, 1.5e-5, 0.0, 123456789.25, -3.0};

  private RecordsOfAllTypes() {}

  public static void main(String[] args) throws Exception {
    Path root = Path.of(args[0]);
    writeCoordinator(root, "__consumer_offsets-0", "/coordinator/group/generated/");
    writeCoordinator(root, "__transaction_state-0", "/coordinator/transaction/generated/");
    writeCoordinator(root, "__share_group_state-0", "/coordinator/share/generated/");
    writeMetadata(root);
    writeRemoteLog(root);
    writeControl(root);
  }

  private static List<Class<?>> classesIn(String folder) throws Exception {
    List<Class<?>> classes = new ArrayList<>();
    for (String jar : System.getProperty("java.class.path").split(java.io.File.pathSeparator)) {
      if (!jar.endsWith(".jar") || !jar.contains("kafka")) continue;
      try (JarFile file = new JarFile(jar)) {
        for (Enumeration<JarEntry> entries = file.entries(); entries.hasMoreElements(); ) {
          String name = entries.nextElement().getName();
          if (name.contains(folder) && name.endsWith(".class") && !name.contains("$") && !name.contains("JsonConverter"))
            classes.add(Class.forName(name.substring(0, name.length() - 6).replace('/', '.')));
        }
      }
    }
    classes.sort(java.util.Comparator.comparing(Class::getName));
    return classes;
  }

  private static Schema[] schemas(Class<?> type) throws Exception {
    try {
      return (Schema[]) type.getDeclaredField("SCHEMAS").get(null);
    } catch (NoSuchFieldException none) {
      return new Schema[0];
    }
  }

  private static ApiMessage random(Class<?> type, Schema schema, short version) throws Exception {
    JsonNode node = struct(schema);
    Class<?> converter = Class.forName(type.getName() + "JsonConverter");
    return (ApiMessage) converter.getMethod("read", JsonNode.class, short.class).invoke(null, node, version);
  }

  private static String camelCase(String name) {
    if (name.startsWith("kraft_")) return "kRaft" + camelCase("x_" + name.substring(6)).substring(1);
    StringBuilder text = new StringBuilder();
    for (String part : name.split("_"))
      text.append(text.isEmpty() ? part : Character.toUpperCase(part.charAt(0)) + part.substring(1));
    return text.toString();
  }

  private static ObjectNode struct(Schema schema) {
    ObjectNode node = new ObjectNode(JSON);
    for (BoundField bound : schema.fields()) {
      if (bound.def.type instanceof TaggedFields tagged) {
        for (Map.Entry<Integer, Field> entry : tagged.fields().entrySet()) {
          Field field = entry.getValue();
          if (RANDOM.nextInt(3) > 0) node.set(camelCase(field.name), value(field.type, true));
        }
      } else node.set(camelCase(bound.def.name), value(bound.def.type, false));
    }
    return node;
  }

  private static JsonNode value(Type type, boolean isTagged) {
    if (type.isNullable() && RANDOM.nextInt(4) == 0) return JSON.nullNode();
    Optional<Type> element = type.arrayElementType();
    if (element.isPresent()) {
      ArrayNode array = new ArrayNode(JSON);
      for (int left = RANDOM.nextInt(4); left > 0; left--) array.add(value(element.get(), false));
      return array;
    }
    if (type instanceof Schema schema) return struct(schema);
    String name = type.toString();
    switch (name) {
      case "BOOLEAN": return JSON.booleanNode(RANDOM.nextBoolean());
      case "INT8": return JSON.numberNode((short) (byte) RANDOM.nextInt());
      case "INT16": return JSON.numberNode((short) RANDOM.nextInt());
      case "UINT16": return JSON.numberNode(RANDOM.nextInt(65536));
      case "INT32": return JSON.numberNode(RANDOM.nextInt());
      case "INT64": return JSON.numberNode(RANDOM.nextLong());
      case "FLOAT64": return JSON.numberNode(DOUBLES[RANDOM.nextInt(DOUBLES.length)]);
      case "UUID": return JSON.textNode(new Uuid(RANDOM.nextLong(), RANDOM.nextLong()).toString());
      default:
    }
    if (name.endsWith("STRING")) return JSON.textNode(WORDS[RANDOM.nextInt(WORDS.length)]);
    byte[] bytes = new byte[RANDOM.nextInt(20)];
    RANDOM.nextBytes(bytes);
    return JSON.textNode(Base64.getEncoder().encodeToString(bytes));
  }

  private static byte[] prefixed(int prefix, ApiMessage message, short version) {
    ObjectSerializationCache cache = new ObjectSerializationCache();
    ByteBuffer buffer = ByteBuffer.allocate(2 + message.size(cache, version));
    buffer.putShort((short) prefix);
    message.write(new ByteBufferAccessor(buffer), cache, version);
    return buffer.array();
  }

  private static void writeCoordinator(Path root, String topic, String folder) throws Exception {
    List<SimpleRecord> records = new ArrayList<>();
    for (Class<?> type : classesIn(folder)) {
      if (!type.getSimpleName().endsWith("Value")) continue;
      Class<?> keyType = Class.forName(type.getName().replaceAll("Value$", "Key"));
      Schema[] keys = schemas(keyType);
      Schema[] values = schemas(type);
      for (short version = 0; version < values.length; version++) {
        for (int copy = 0; copy < COPIES; copy++) {
          ApiMessage key = random(keyType, keys[0], (short) 0);
          ApiMessage value = random(type, values[version], version);
          records.add(record(prefixed(key.apiKey(), key, (short) 0), prefixed(version, value, version)));
        }
      }
      ApiMessage key = random(keyType, keys[0], (short) 0);
      records.add(record(prefixed(key.apiKey(), key, (short) 0), null));
    }
    if (topic.startsWith("__consumer")) records.addAll(classicGroups());
    records.add(record(new byte[] {0, 99, 1}, new byte[] {0, 0}));
    write(root, topic, records);
  }

  private static List<SimpleRecord> classicGroups() throws Exception {
    List<SimpleRecord> records = new ArrayList<>();
    for (short version = 0; version <= 3; version++) {
      List<TopicPartition> owned = List.of(new TopicPartition("orders", 3), new TopicPartition("orders", 1));
      Subscription subscription =
          new Subscription(List.of("orders", "payments"), version > 1 ? ByteBuffer.wrap(new byte[] {1, 2}) : null, owned, 7, Optional.of("rack"));
      byte[] subscribed = Utils.toArray(ConsumerProtocol.serializeSubscription(subscription, version));
      byte[] assigned = Utils.toArray(ConsumerProtocol.serializeAssignment(new Assignment(owned), version));
      var group = new org.apache.kafka.coordinator.group.generated.GroupMetadataValue()
          .setProtocolType("consumer").setGeneration(version).setProtocol("range").setLeader("m-1")
          .setMembers(List.of(
              new org.apache.kafka.coordinator.group.generated.GroupMetadataValue.MemberMetadata()
                  .setMemberId("m-1").setClientId("c").setClientHost("/h").setSubscription(subscribed).setAssignment(assigned),
              new org.apache.kafka.coordinator.group.generated.GroupMetadataValue.MemberMetadata()
                  .setMemberId("m-2").setClientId("c").setClientHost("/h").setSubscription(new byte[] {9}).setAssignment(new byte[0])));
      var key = new org.apache.kafka.coordinator.group.generated.GroupMetadataKey().setGroup("classic-" + version);
      records.add(record(prefixed(2, key, (short) 0), prefixed(3, group, (short) 3)));
    }
    return records;
  }

  private static void writeMetadata(Path root) throws Exception {
    List<SimpleRecord> records = new ArrayList<>();
    MetadataRecordSerde serde = new MetadataRecordSerde();
    for (Class<?> type : classesIn("/common/metadata/")) {
      Schema[] versions = schemas(type);
      for (short version = 0; version < versions.length; version++) {
        for (int copy = 0; copy < COPIES; copy++) {
          ApiMessageAndVersion message = new ApiMessageAndVersion(random(type, versions[version], version), version);
          ObjectSerializationCache cache = new ObjectSerializationCache();
          ByteBuffer buffer = ByteBuffer.allocate(serde.recordSize(message, cache));
          serde.write(message, cache, new ByteBufferAccessor(buffer));
          records.add(record(null, buffer.array()));
        }
      }
    }
    write(root, "__cluster_metadata-0", records);
  }

  private static void writeRemoteLog(Path root) throws Exception {
    List<SimpleRecord> records = new ArrayList<>();
    RemoteLogMetadataSerde serde = new RemoteLogMetadataSerde();
    TopicIdPartition partition = new TopicIdPartition(new Uuid(1, 2), new TopicPartition("orders", 3));
    for (int copy = 0; copy < 4; copy++) {
      RemoteLogSegmentId id = new RemoteLogSegmentId(partition, new Uuid(copy, 9));
      TreeMap<Integer, Long> epochs = new TreeMap<>(Map.of(0, 0L, 4, 70L + copy));
      Optional<CustomMetadata> custom = copy % 2 == 0 ? Optional.empty() : Optional.of(new CustomMetadata(new byte[copy]));
      List<RemoteLogMetadata> all = List.of(
          new RemoteLogSegmentMetadata(id, 10, 100 + copy, 5, 6, 7, 8, custom, RemoteLogSegmentState.values()[copy], epochs, copy % 2 == 0),
          new RemoteLogSegmentMetadataUpdate(id, 12, custom, RemoteLogSegmentState.values()[copy], 3),
          new RemotePartitionDeleteMetadata(partition, RemotePartitionDeleteState.values()[copy % 3], 11, 2));
      for (RemoteLogMetadata metadata : all) records.add(record(null, serde.serialize(metadata)));
    }
    write(root, "__remote_log_metadata-0", records);
  }

  private static SimpleRecord record(byte[] key, byte[] value) {
    return new SimpleRecord(1790000000000L, key, value);
  }

  /** Fifty records a batch. */
  private static void write(Path root, String topic, List<SimpleRecord> records) throws Exception {
    Path file = root.resolve(topic).resolve("00000000000000000000.log");
    Files.createDirectories(file.getParent());
    try (FileChannel channel = new FileOutputStream(file.toFile()).getChannel()) {
      for (int start = 0; start < records.size(); start += 50) {
        SimpleRecord[] batch = records.subList(start, Math.min(start + 50, records.size())).toArray(new SimpleRecord[0]);
        MemoryRecords.withRecords(start, Compression.gzip().build(), batch).writeFullyTo(channel);
      }
    }
  }

  private static void writeControl(Path root) throws Exception {
    Path file = root.resolve("00000000000000000007-0000000003.checkpoint");
    Uuid directory = new Uuid(5, 6);
    List<VotersRecord.Voter> voters = List.of(
        new VotersRecord.Voter().setVoterId(1).setVoterDirectoryId(directory)
            .setEndpoints(new VotersRecord.EndpointCollection(List.of(new VotersRecord.Endpoint().setName("CONTROLLER").setHost("h").setPort(9093)).iterator()))
            .setKRaftVersionFeature(new VotersRecord.KRaftVersionFeature().setMinSupportedVersion((short) 0).setMaxSupportedVersion((short) 1)));
    LeaderChangeMessage plain = new LeaderChangeMessage().setVersion((short) 0).setLeaderId(1)
        .setVoters(List.of(new LeaderChangeMessage.Voter().setVoterId(1))).setGrantingVoters(Collections.emptyList());
    try (FileChannel channel = new FileOutputStream(file.toFile()).getChannel()) {
      List<MemoryRecords> all = List.of(
          MemoryRecords.withSnapshotHeaderRecord(0, 1790000000000L, 3, ByteBuffer.allocate(512), new SnapshotHeaderRecord().setLastContainedLogTimestamp(12345)),
          MemoryRecords.withKRaftVersionRecord(1, 1790000000000L, 3, ByteBuffer.allocate(512), new KRaftVersionRecord().setKRaftVersion((short) 1)),
          MemoryRecords.withVotersRecord(2, 1790000000000L, 3, ByteBuffer.allocate(512), new VotersRecord().setVoters(voters)),
          MemoryRecords.withLeaderChangeMessage(3, 1790000000000L, 3, ByteBuffer.allocate(512), plain),
          MemoryRecords.withSnapshotFooterRecord(4, 1790000000000L, 3, ByteBuffer.allocate(512), new SnapshotFooterRecord()));
      for (MemoryRecords records : all) records.writeFullyTo(channel);
    }
  }
}
