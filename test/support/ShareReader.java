import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A reader of share groups that rejects records, so that the broker writes dead letters (KIP-1191).
 * Arguments: brokers, topic, records to reject; then for each group its name, dead letter topic, whether records are copied.
 */
class ShareReader {
  public static void main(String[] args) throws Exception {
    for (int at = 3; at < args.length; at += 3)
      reject(args[0], args[1], Integer.parseInt(args[2]), args[at], args[at + 1], args[at + 2]);
  }

  private static void reject(String brokers, String topic, int count, String group, String letters, String isCopied)
      throws Exception {
    var config = new ConfigResource(ConfigResource.Type.GROUP, group);
    try (var admin = Admin.create(Map.of("bootstrap.servers", brokers))) {
      admin.incrementalAlterConfigs(Map.of(config, List.of(
          set("share.auto.offset.reset", "earliest"),
          set("errors.deadletterqueue.topic.name", letters),
          set("errors.deadletterqueue.copy.record.enable", isCopied)))).all().get();
    }
    Map<String, Object> settings = Map.of("bootstrap.servers", brokers, "group.id", group, "share.acknowledgement.mode", "explicit");
    try (var reader = new KafkaShareConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      reader.subscribe(List.of(topic));
      for (int left = count; left > 0; ) {
        for (ConsumerRecord<byte[], byte[]> record : reader.poll(Duration.ofMillis(500))) {
          reader.acknowledge(record, AcknowledgeType.REJECT);
          left--;
        }
        reader.commitSync();
      }
    }
  }

  private static AlterConfigOp set(String name, String value) {
    return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
  }
}
