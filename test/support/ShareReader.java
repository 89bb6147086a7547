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
 * A reader of a share group that rejects records, so that the broker writes dead letters (KIP-1191).
 * Arguments: brokers, group, topic, records to reject, dead letter topic, whether records are copied.
 */
class ShareReader {
  public static void main(String[] args) throws Exception {
    var config = new ConfigResource(ConfigResource.Type.GROUP, args[1]);
    try (var admin = Admin.create(Map.of("bootstrap.servers", args[0]))) {
      admin.incrementalAlterConfigs(Map.of(config, List.of(
          set("share.auto.offset.reset", "earliest"),
          set("errors.deadletterqueue.topic.name", args[4]),
          set("errors.deadletterqueue.copy.record.enable", args[5])))).all().get();
    }
    Map<String, Object> settings = Map.of("bootstrap.servers", args[0], "group.id", args[1], "share.acknowledgement.mode", "explicit");
    try (var reader = new KafkaShareConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      reader.subscribe(List.of(args[2]));
      for (int left = Integer.parseInt(args[3]); left > 0; ) {
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
