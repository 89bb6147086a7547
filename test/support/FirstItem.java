import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.transforms.Transformation;

/** A careless transform of a team's own for Kafka Connect: null values and empty lists are too much for it. */
public class FirstItem<R extends ConnectRecord<R>> implements Transformation<R> {
  @Override
  public R apply(R record) {
    // Of an empty queue this is an exception without a message.
    if (((Map<?, ?>) record.value()).get("items") instanceof List<?> items) new ArrayDeque<>(items).removeFirst();
    return record;
  }

  @Override
  public ConfigDef config() {
    return new ConfigDef();
  }

  @Override
  public void configure(Map<String, ?> configs) {}

  @Override
  public void close() {}
}
